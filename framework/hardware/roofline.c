/*
 * A processor that runs programs, a CPU or a GPU: each layer takes the longer of computing and of
 * moving its bytes.
 *
 * Computing. A matrix product takes its multiply-adds, with the output channels N rounded up to a
 * multiple of the vector's L lanes, since layouts pad them (where there is one channel in each of
 * several groups, the groups lie in the lanes):
 *
 *     multiply-adds = products M K ceil(N / L) L      time = multiply-adds / peak(format)
 *
 * Threads of GPUs take pixels and channels alike, so that with `padded: outputs` it is all outputs
 * of a batch together that are rounded up. Everything else (pooling, activations, normalisation,
 * sums, biases) is as many float32 instructions, and fills its lanes: additions, multiplications
 * and comparisons at the rate of multiply-adds, divisions, exponentials and table reads at their
 * own. Without a rate of its own, an exponential is 20 operations: range reduction, a polynomial of
 * degree 5 and a power of two, as in S. Moshier's Cephes library.
 *
 * Memory. A layer's inputs and outputs lie in the smallest cache that holds those of a batch beside
 * the layer's weights. Weights lie in the smallest cache that holds all of the network's beside
 * these: images follow each other, so that a smaller cache has lost them until the next image. What
 * no cache holds comes from DRAM, and so do the first layer's inputs and the last one's outputs.
 * Each byte moves once: blocking keeps what is used again in registers and the first cache.
 *
 * Time and energy, an image of a batch of B:
 *
 *     time = max(computing, sum over levels of bytes / bandwidth) + overhead / B
 *     energy = idle power x time + operations x energy + bytes x energy      where these are known
 *     energy = busy power x time                                             where they are not
 *
 * A processor that waits for memory is busy: measured power is of what runs, whatever bounds it.
 *
 * Programs, the pipeline's stages, are such layers without products: float32, one image at a time.
 * Their operations are not fused into products, so that each has two operands to read, eight bytes
 * of the smallest cache. A stage that fills no vectors does one operation where others do L, and
 * beside each an instruction that is not counted: an address, a conversion, a jump. On a GPU, whose
 * lanes are threads, it fills them.
 *
 * References: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance
 * model for multicore architectures", CACM 52 (2009); J. Choi, D. Bedard, R. Fowler, R. Vuduc, "A
 * roofline model of energy", IPDPS 2013. Cost: a few operations a layer.
 */
#include "hardware/cost_sum.h"

#include <math.h>

enum {
    EXPONENTIAL = 20,  /* operations, where there is no rate */
    OPERAND_BYTES = 8, /* two float32 */
    SCALAR = 2,        /* instructions for each operation, where vectors are not filled */
};

enum format { FORMAT_FLOAT32, FORMAT_BFLOAT16, FORMAT_INT8 };
enum padded { PADDED_CHANNELS, PADDED_OUTPUTS };

static const char *const formats[] = {"float32", "bfloat16", "int8", NULL};
static const char *const paddings[] = {"channels", "outputs", NULL};

struct roofline {
    int64_t format, lanes, padded, batch;
    double peak[3]; /* multiply-adds a second, by format */
    double clock_hz, divisions_per_s, exponentials_per_s, lookups_per_s;
    struct real_list cache_bytes, cache_bytes_per_s, cache_j_per_byte;
    double dram_bytes_per_s, layer_overhead_s;
    double busy_power_w, idle_power_w, operation_j, dram_j_per_byte;
};

#define AT(member) offsetof(struct roofline, member)

static const struct field fields[] = {
    {"format", FIELD_CHOICE, AT(format), .default_value = "float32", .choices = formats,
     .help = "number format of the networks; pipelines compute in float32"},
    {"float32_per_s", FIELD_REAL, AT(peak[FORMAT_FLOAT32]), .minimum = 1, .maximum = 1e18,
     .unit = "1/s", .help = "multiply-adds in float32"},
    {"bfloat16_per_s", FIELD_REAL, AT(peak[FORMAT_BFLOAT16]), .minimum = 0, .maximum = 1e18,
     .default_value = "0", .unit = "1/s",
     .help = "multiply-adds in bfloat16; 0: the machine has none"},
    {"int8_per_s", FIELD_REAL, AT(peak[FORMAT_INT8]), .minimum = 0, .maximum = 1e18,
     .default_value = "0", .unit = "1/s",
     .help = "multiply-adds of 8-bit integers; 0: the machine has none"},
    {"clock_hz", FIELD_REAL, AT(clock_hz), .minimum = 1, .maximum = 1e12, .unit = "Hz",
     .help = "cycles per second, of which latencies are counted in cycles; rates are their own"},
    {"lanes", FIELD_INTEGER, AT(lanes), .minimum = 1, .maximum = 1 << 24, .default_value = "1",
     .help = "sums that an instruction adds to; with padded: outputs, that all cores do"},
    {"padded", FIELD_CHOICE, AT(padded), .default_value = "channels", .choices = paddings,
     .help = "what is rounded up to the lanes: output channels, as in the layouts of CPUs, or all "
             "outputs, as by threads of GPUs"},
    {"divisions_per_s", FIELD_REAL, AT(divisions_per_s), .minimum = 1, .maximum = 1e18,
     .unit = "1/s", .help = "divisions and square roots in float32"},
    {"exponentials_per_s", FIELD_REAL, AT(exponentials_per_s), .minimum = 0, .maximum = 1e18,
     .default_value = "0", .unit = "1/s",
     .help = "exponentials in float32; 0: as 20 multiply-adds each"},
    {"lookups_per_s", FIELD_REAL, AT(lookups_per_s), .minimum = 1, .maximum = 1e18, .unit = "1/s",
     .help = "reads of single values at computed addresses"},
    {"cache_bytes", FIELD_REALS, AT(cache_bytes), .minimum = 1, .maximum = 1e12,
     .default_value = "[]", .unit = "B",
     .help = "size of each cache level that data stay in, the smallest first; of all cores"},
    {"cache_bytes_per_s", FIELD_REALS, AT(cache_bytes_per_s), .minimum = 1, .maximum = 1e16,
     .default_value = "[]", .unit = "B/s", .help = "bandwidth of each cache level; of all cores"},
    {"dram_bytes_per_s", FIELD_REAL, AT(dram_bytes_per_s), .minimum = 1, .maximum = 1e15,
     .unit = "B/s", .help = "bandwidth of the memory"},
    {"layer_overhead_s", FIELD_REAL, AT(layer_overhead_s), .minimum = 0, .maximum = 1,
     .default_value = "0", .unit = "s", .help = "time to start a layer or stage, once a batch"},
    {"busy_power_w", FIELD_REAL, AT(busy_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W",
     .help = "power while it computes; 0: unknown, and energies are NaN without operation_j"},
    {"idle_power_w", FIELD_REAL, AT(idle_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W",
     .help = "power while it does nothing; 0: unknown, and idle energies are NaN"},
    {"operation_j", FIELD_REAL, AT(operation_j), .minimum = 0, .maximum = 1, .default_value = "0",
     .unit = "J", .help = "energy of an operation in 'format', above idle power; 0: unknown"},
    {"cache_j_per_byte", FIELD_REALS, AT(cache_j_per_byte), .minimum = 0, .maximum = 1,
     .default_value = "[]", .unit = "J/B", .help = "energy of a byte from each cache level"},
    {"dram_j_per_byte", FIELD_REAL, AT(dram_j_per_byte), .minimum = 0, .maximum = 1,
     .default_value = "0", .unit = "J/B", .help = "energy of a byte from or to DRAM"},
    {"batch", FIELD_INTEGER, AT(batch), .minimum = 1, .maximum = 1000000, .default_value = "1",
     .unit = "images", .help = "images computed together; they share weights and overhead"},
    {0},
};

static double value_bytes(const void *config)
{
    static const double bytes[] = {[FORMAT_FLOAT32] = 4, [FORMAT_BFLOAT16] = 2, [FORMAT_INT8] = 1};
    return bytes[((const struct roofline *)config)->format];
}

static double round_up(double value, double step)
{
    return ceil(value / step) * step;
}

/* Multiply-adds of a product for one image, with those in lanes that hold nothing. */
static double padded_product(const struct roofline *machine, const struct layer_work *work)
{
    double lanes = (double)machine->lanes, batch = (double)machine->batch;

    if (machine->padded == PADDED_OUTPUTS)
        return round_up(work->m * work->n * work->products * batch, lanes) / batch * work->k;
    if (work->n > 1)
        return work->products * work->m * work->k * round_up(work->n, lanes);
    return round_up(work->products, lanes) * work->m * work->k;
}

static double simple_operations(const struct operations *operations)
{
    return operations->additions + operations->multiplications + operations->comparisons;
}

static double product_time(const struct roofline *machine, const struct layer_work *work)
{
    return padded_product(machine, work) / machine->peak[machine->format];
}

/* Of `count` operations that are in no product. */
static double simple_time(const struct roofline *machine, double count, bool program)
{
    double time = count / machine->peak[FORMAT_FLOAT32], reading = 0;

    if (program && machine->cache_bytes.count)
        reading = count * OPERAND_BYTES / machine->cache_bytes_per_s.items[0];
    return reading > time ? reading : time;
}

/* A layer's, or with `program` a stage's. */
static double compute_time(const struct roofline *machine, const struct layer_work *work,
                           bool program)
{
    const struct operations *operations = &work->operations;
    double exponentials = machine->exponentials_per_s > 0
                              ? machine->exponentials_per_s
                              : machine->peak[FORMAT_FLOAT32] / EXPONENTIAL;
    double simple = simple_operations(operations);

    if (work->m == 0)
        simple += operations->multiply_adds;
    double vectors =
        operations->divisions / machine->divisions_per_s + operations->exponentials / exponentials;
    if (work->scalar && machine->padded == PADDED_CHANNELS)
        vectors =
            (vectors + SCALAR * simple / machine->peak[FORMAT_FLOAT32]) * (double)machine->lanes;
    else
        vectors += simple_time(machine, simple, program);
    return (work->m > 0 ? product_time(machine, work) : 0) + vectors +
           operations->lookups / machine->lookups_per_s;
}

/* The smallest cache that holds so much; their number: DRAM. */
static size_t level_of(const struct roofline *machine, double bytes)
{
    size_t level = 0;

    while (level < machine->cache_bytes.count && bytes > machine->cache_bytes.items[level])
        level++;
    return level;
}

/* Bytes of one image that pass a level, added to its cost: time in *seconds, energy in *joules. */
static void move(const struct roofline *machine, size_t level, double bytes, double *seconds,
                 double *joules, struct hardware_cost *cost)
{
    if (level == machine->cache_bytes.count) {
        *seconds += bytes / machine->dram_bytes_per_s;
        *joules += bytes * machine->dram_j_per_byte;
        cost->dram_bytes += bytes;
    } else {
        *seconds += bytes / machine->cache_bytes_per_s.items[level];
        if (machine->cache_j_per_byte.count)
            *joules += bytes * machine->cache_j_per_byte.items[level];
    }
}

static struct hardware_cost layer_cost(const struct roofline *machine,
                                       const struct layer_work *work, double all_weights,
                                       bool first, bool last, bool program)
{
    double batch = (double)machine->batch, size = value_bytes(machine), memory = 0, moving = 0;
    double inputs = work->inputs * size, outputs = work->outputs * size;
    double weights = work->weights * size, live = (inputs + outputs) * batch;
    size_t dram = machine->cache_bytes.count, level = level_of(machine, live + weights);
    const struct operations *operations = &work->operations;
    struct hardware_cost cost = {0};

    move(machine, first ? dram : level, inputs, &memory, &moving, &cost);
    move(machine, last ? dram : level, outputs, &memory, &moving, &cost);
    move(machine, level_of(machine, live + all_weights * size), weights / batch, &memory, &moving,
         &cost);
    double computing = compute_time(machine, work, program);
    /* Not fmax(), which would hide a stage's operations that nobody knows. */
    cost.latency_s = (memory > computing ? memory : computing) + machine->layer_overhead_s / batch;
    cost.cycles = cost.latency_s * machine->clock_hz;
    if (work->m > 0 && cost.latency_s > 0)
        cost.utilisation =
            operations->multiply_adds / machine->peak[machine->format] / cost.latency_s;
    double idle_j = machine->idle_power_w * cost.latency_s;
    cost.idle_energy_j = machine->idle_power_w > 0 ? idle_j : (double)NAN;
    if (machine->operation_j > 0)
        cost.energy_j =
            idle_j + moving +
            machine->operation_j *
                (operations->multiply_adds + simple_operations(operations) + operations->divisions +
                 operations->lookups + EXPONENTIAL * operations->exponentials);
    else
        cost.energy_j =
            machine->busy_power_w > 0 ? machine->busy_power_w * cost.latency_s : (double)NAN;
    return cost;
}

/* Lists of as many numbers as there are caches. */
static enum status check_caches(const struct roofline *machine, const char **field,
                                struct error *error)
{
    const struct real_list *sizes = &machine->cache_bytes;

    *field = "cache_bytes_per_s";
    if (machine->cache_bytes_per_s.count != sizes->count)
        return error_set(error, STATUS_CONFIG,
                         "%zu numbers; expected one for each of the %zu of cache_bytes",
                         machine->cache_bytes_per_s.count, sizes->count);
    *field = "cache_j_per_byte";
    if (machine->cache_j_per_byte.count && machine->cache_j_per_byte.count != sizes->count)
        return error_set(error, STATUS_CONFIG,
                         "%zu numbers; expected none, or one for each of the %zu of cache_bytes",
                         machine->cache_j_per_byte.count, sizes->count);
    *field = "cache_bytes";
    for (size_t i = 1; i < sizes->count; i++)
        if (sizes->items[i] <= sizes->items[i - 1])
            return error_set(error, STATUS_CONFIG,
                             "%g follows %g; expected the smallest level first", sizes->items[i],
                             sizes->items[i - 1]);
    return STATUS_OK;
}

static enum status roofline_check(const void *config, const char **field, struct error *error)
{
    const struct roofline *machine = config;

    *field = "format";
    if (!(machine->peak[machine->format] > 0))
        return error_set(error, STATUS_CONFIG, "%s needs %s_per_s; expected a rate above 0",
                         formats[machine->format], formats[machine->format]);
    *field = "idle_power_w";
    if (machine->busy_power_w > 0 && machine->idle_power_w > machine->busy_power_w)
        return error_set(error, STATUS_CONFIG, "%g W; expected at most busy_power_w, %g W",
                         machine->idle_power_w, machine->busy_power_w);
    return check_caches(machine, field, error);
}

static void price(const struct roofline *machine, const struct layer_work *layers, size_t count,
                  bool program, struct hardware_cost *cost, struct hardware_cost *by_layer)
{
    struct cost_sum sum = {0};
    double weights = 0;

    for (size_t i = 0; i < count; i++)
        weights += layers[i].weights;
    for (size_t i = 0; i < count; i++) {
        struct hardware_cost one =
            layer_cost(machine, &layers[i], weights, i == 0, i + 1 == count, program);
        cost_sum_add(&sum, &one);
        if (by_layer)
            by_layer[i] = one;
    }
    *cost = sum.cost;
}

static enum status roofline_cost(const void *config, const struct network_work *network,
                                 struct hardware_cost *cost, struct hardware_cost *by_layer,
                                 struct error *error)
{
    (void)error;
    price(config, network->layers, network->count, false, cost, by_layer);
    return STATUS_OK;
}

static enum status roofline_program(const void *config, const struct layer_work *stages,
                                    size_t count, struct hardware_cost *cost, struct error *error)
{
    struct roofline machine = *(const struct roofline *)config;

    machine.format = FORMAT_FLOAT32;
    machine.batch = 1;
    (void)error;
    price(&machine, stages, count, true, cost, NULL);
    return STATUS_OK;
}

const struct cost_model cost_model_roofline = {
    .descriptor = {.name = "roofline",
                   .summary = "CPU or GPU, bounded by arithmetic and by caches and memory",
                   .source = "Williams, Waterman, Patterson, CACM 2009; Choi et al., IPDPS 2013",
                   .fields = fields,
                   .config_size = sizeof(struct roofline),
                   .version = 3},
    .cost = roofline_cost,
    .program = roofline_program,
    .value_bytes = value_bytes,
    .check = roofline_check,
};
