/*
 * A systolic array behind one memory: cycles as SCALE-Sim counts them, bounded by a roofline.
 *
 * Products. A layer is a product M x K by K x N (for a convolution: M output pixels, K kernel
 * height x width x input channels, N filters). A batch of B images is a product with B M rows. On R
 * rows and C columns, with nothing stalling, it takes folds x cycles per fold - 1 cycles:
 *
 *     flow                 folds            cycles per fold    weights pass    inputs pass
 *     output stationary    ceil(M/R) ceil(N/C)    R + C + K - 2      ceil(M/R)       ceil(N/C)
 *     weight stationary    ceil(K/R) ceil(N/C)   2R + C + M - 2      1               ceil(N/C)
 *     input stationary     ceil(K/R) ceil(M/C)   2R + C + N - 2      ceil(M/C)       1
 *
 * Groups are as many such products, one after the other, as SCALE-Sim takes depthwise convolutions.
 * Biases are loaded into the accumulators and cost nothing. Layers that are no products (relu,
 * pooling, sums) run on a vector unit of C lanes, one operation a lane and cycle.
 *
 * Memory. A layer fits where the buffer holds all activations of the batch that are alive while it
 * runs, its inputs and outputs among them. Between two layers that fit, values stay on the chip;
 * else the first writes them to the DRAM, and the second reads them. The network's input is read,
 * its output written. What does not fit is read as often as it passes the array, and written once
 * (sums stay in the accumulators). Weights are read once a batch where they fit beside that, and as
 * often as they pass the array where not.
 *
 * Time. Loading is hidden behind computing (double buffering): a layer takes the longer of
 * cycles / clock and bytes / bandwidth, the roofline; the network takes the sum of its layers, and
 * an image the B-th part of that.
 *
 * Energy. Where operation_j, the energy of a multiply-add, is known:
 *
 *     energy = idle x time + operations x operation_j + buffer bytes x energy + DRAM bytes x energy
 *
 * The buffer is read and written for a product, in values (with SCALE-Sim's counts of SRAM
 * accesses), and for other layers as often as they have inputs and outputs:
 *
 *     output stationary    M K ceil(N/C)  +  K N ceil(M/R)  +  M N
 *     weight stationary    M K ceil(N/C)  +  K N            +  M N ceil(K/R)
 *     input stationary     M K            +  K N ceil(M/C)  +  M N ceil(K/R)
 *
 * Where it is not known, power rises linearly with the utilisation u (Fan, Weber, Barroso, "Power
 * provisioning for a warehouse-sized computer", ISCA 2007), which measured idle and busy power
 * bound:
 *
 *     energy = time (idle + (busy - idle) u) + DRAM bytes x energy per byte
 *
 * the last term being 0 by default, because power measured at the board holds the memory's already.
 *
 * References: A. Samajdar et al., "A systematic methodology for characterizing scalability of DNN
 * accelerators using SCALE-Sim", ISPASS 2020; S. Williams, A. Waterman, D. Patterson, "Roofline",
 * CACM 52 (2009). Cost: a few operations a layer.
 */
#include "hardware/cost_sum.h"

#include <math.h>

enum flow { OUTPUT_STATIONARY, WEIGHT_STATIONARY, INPUT_STATIONARY };

static const char *const flows[] = {"output_stationary", "weight_stationary", "input_stationary",
                                    NULL};

struct systolic {
    int64_t rows, columns, flow, batch;
    double clock_hz, dram_bytes_per_s, buffer_bytes, bytes_per_value;
    double busy_power_w, idle_power_w, operation_j, buffer_j_per_byte, dram_j_per_byte;
};

#define AT(member) offsetof(struct systolic, member)

static const struct field fields[] = {
    {"rows", FIELD_INTEGER, AT(rows), .minimum = 1, .maximum = 65536,
     .help = "multiply-accumulators from top to bottom of the array"},
    {"columns", FIELD_INTEGER, AT(columns), .minimum = 1, .maximum = 65536,
     .help = "multiply-accumulators from left to right; lanes of the vector unit"},
    {"clock_hz", FIELD_REAL, AT(clock_hz), .minimum = 1, .maximum = 1e12, .unit = "Hz",
     .help = "cycles per second"},
    {"dataflow", FIELD_CHOICE, AT(flow), .default_value = "weight_stationary", .choices = flows,
     .help = "what stays in the array while the rest streams through it"},
    {"dram_bytes_per_s", FIELD_REAL, AT(dram_bytes_per_s), .minimum = 1, .maximum = 1e15,
     .unit = "B/s", .help = "bandwidth of the memory outside the chip"},
    {"buffer_bytes", FIELD_REAL, AT(buffer_bytes), .minimum = 0, .maximum = 1e12, .unit = "B",
     .help = "memory on the chip for inputs, outputs and weights"},
    {"bytes_per_value", FIELD_REAL, AT(bytes_per_value), .minimum = 0.125, .maximum = 8,
     .default_value = "1", .unit = "B", .help = "size of a weight and of an activation"},
    {"busy_power_w", FIELD_REAL, AT(busy_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W",
     .help = "power with all multiply-accumulators busy; 0: unknown, and energies are NaN without "
             "operation_j"},
    {"idle_power_w", FIELD_REAL, AT(idle_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W",
     .help = "power with none busy; 0: unknown, and idle energies are NaN"},
    {"operation_j", FIELD_REAL, AT(operation_j), .minimum = 0, .maximum = 1, .default_value = "0",
     .unit = "J", .help = "energy of a multiply-add, above idle power; 0: unknown"},
    {"buffer_j_per_byte", FIELD_REAL, AT(buffer_j_per_byte), .minimum = 0, .maximum = 1,
     .default_value = "0", .unit = "J/B", .help = "energy of a byte from or to the buffer"},
    {"dram_j_per_byte", FIELD_REAL, AT(dram_j_per_byte), .minimum = 0, .maximum = 1,
     .default_value = "0", .unit = "J/B",
     .help = "energy of moving a byte from or to DRAM, if the powers above exclude it"},
    {"batch", FIELD_INTEGER, AT(batch), .minimum = 1, .maximum = 1000000, .default_value = "1",
     .unit = "images", .help = "images computed together; they share one pass over the weights"},
    {0},
};

/* A product on the array: its cycles, and how often each operand passes through it. */
struct mapping {
    double cycles, weight_passes, input_passes, output_passes;
};

static struct mapping map_product(const struct systolic *machine, double m, double k, double n,
                                  double products)
{
    double r = (double)machine->rows, c = (double)machine->columns, folds = 0, per_fold = 0;
    struct mapping mapping = {0, 1, 1, 1};

    switch ((enum flow)machine->flow) {
    case OUTPUT_STATIONARY:
        folds = ceil(m / r) * ceil(n / c);
        per_fold = r + c + k - 2;
        mapping.weight_passes = ceil(m / r);
        mapping.input_passes = ceil(n / c);
        break;
    case WEIGHT_STATIONARY:
        folds = ceil(k / r) * ceil(n / c);
        per_fold = 2 * r + c + m - 2;
        mapping.input_passes = ceil(n / c);
        mapping.output_passes = ceil(k / r);
        break;
    case INPUT_STATIONARY:
        folds = ceil(k / r) * ceil(m / c);
        per_fold = 2 * r + c + n - 2;
        mapping.weight_passes = ceil(m / c);
        mapping.output_passes = ceil(k / r);
        break;
    }
    mapping.cycles = products * fmax(1, folds * per_fold - 1);
    return mapping;
}

static double vector_operations(const struct operations *operations)
{
    return operations->multiply_adds + operations->additions + operations->multiplications +
           operations->comparisons + operations->divisions + operations->exponentials +
           operations->lookups;
}

static bool layer_fits(const struct systolic *machine, const struct layer_work *work)
{
    double live = fmax(work->live, work->inputs + work->outputs);
    return live * (double)machine->batch * machine->bytes_per_value <= machine->buffer_bytes;
}

/* Bytes between chip and DRAM for a batch. `read`, `written`: the inputs come from there, the
 * outputs go there. */
static double traffic(const struct systolic *machine, const struct layer_work *work,
                      const struct mapping *mapping, bool read, bool written)
{
    double batch = (double)machine->batch, size = machine->bytes_per_value;
    double live = fmax(work->live, work->inputs + work->outputs) * batch * size;
    double weights = work->weights * size, beside = fmax(0, machine->buffer_bytes - live);
    bool fits = layer_fits(machine, work);
    double inputs = work->inputs * batch * size * (fits ? 1 : mapping->input_passes);

    if (!fits)
        beside = machine->buffer_bytes;
    return (read ? inputs : 0) + (written ? work->outputs * batch * size : 0) +
           weights * (weights <= beside ? 1 : mapping->weight_passes);
}

/* Bytes between buffer and array, or vector unit, for a batch. */
static double buffer_traffic(const struct systolic *machine, const struct layer_work *work,
                             const struct mapping *mapping)
{
    double batch = (double)machine->batch, size = machine->bytes_per_value;

    if (!(work->m > 0))
        return (work->inputs + work->outputs) * batch * size;
    return work->products * size *
           (work->m * batch * work->k * mapping->input_passes +
            work->k * work->n * mapping->weight_passes +
            work->m * batch * work->n * mapping->output_passes);
}

/* Of an image of the batch: cost->energy_j and idle_energy_j, from the rest of it. */
static void add_energy(const struct systolic *machine, double operations, double buffer_bytes,
                       struct hardware_cost *cost)
{
    double idle = machine->idle_power_w * cost->latency_s;

    cost->idle_energy_j = machine->idle_power_w > 0 ? idle : (double)NAN;
    cost->energy_j = idle + cost->dram_bytes * machine->dram_j_per_byte;
    if (machine->operation_j > 0)
        cost->energy_j +=
            operations * machine->operation_j + buffer_bytes * machine->buffer_j_per_byte;
    else if (machine->busy_power_w > 0)
        cost->energy_j +=
            cost->latency_s * (machine->busy_power_w - machine->idle_power_w) * cost->utilisation;
    else
        cost->energy_j = (double)NAN;
}

static struct hardware_cost layer_cost(const struct systolic *machine,
                                       const struct layer_work *work, bool read, bool written)
{
    double batch = (double)machine->batch, operations = vector_operations(&work->operations);
    double peak = (double)machine->rows * (double)machine->columns;
    struct mapping mapping = {0, 1, 1, 1};
    struct hardware_cost cost = {0};

    if (work->m > 0) {
        mapping = map_product(machine, work->m * batch, work->k, work->n, work->products);
        operations = work->m * work->k * work->n * work->products;
    } else {
        mapping.cycles = ceil(operations * batch / (double)machine->columns);
    }
    cost.dram_bytes = traffic(machine, work, &mapping, read, written) / batch;
    cost.cycles = mapping.cycles / batch;
    cost.latency_s =
        fmax(cost.cycles / machine->clock_hz, cost.dram_bytes / machine->dram_bytes_per_s);
    /* An array of one cell would pass 1 by the cycle that the formula takes off. */
    if (work->m > 0)
        cost.utilisation = fmin(1, operations / (peak * machine->clock_hz * cost.latency_s));
    add_energy(machine, operations, buffer_traffic(machine, work, &mapping) / batch, &cost);
    return cost;
}

static enum status systolic_cost(const void *config, const struct network_work *network,
                                 struct hardware_cost *cost, struct hardware_cost *by_layer,
                                 struct error *error)
{
    const struct systolic *machine = config;
    const struct layer_work *layers = network->layers;
    struct cost_sum sum = {0};
    bool stayed = false; /* the inputs, on the chip */

    (void)error;
    for (size_t i = 0; i < network->count; i++) {
        bool stays = i + 1 < network->count && layer_fits(machine, &layers[i]) &&
                     layer_fits(machine, &layers[i + 1]);
        struct hardware_cost one = layer_cost(machine, &layers[i], !stayed, !stays);
        cost_sum_add(&sum, &one);
        if (by_layer)
            by_layer[i] = one;
        stayed = stays;
    }
    *cost = sum.cost;
    return STATUS_OK;
}

static enum status systolic_check(const void *config, const char **field, struct error *error)
{
    const struct systolic *machine = config;

    *field = "idle_power_w";
    if (machine->busy_power_w > 0 && machine->idle_power_w > machine->busy_power_w)
        return error_set(error, STATUS_CONFIG, "%g W; expected at most busy_power_w, %g W",
                         machine->idle_power_w, machine->busy_power_w);
    return STATUS_OK;
}

static double systolic_value_bytes(const void *config)
{
    return ((const struct systolic *)config)->bytes_per_value;
}

const struct cost_model cost_model_systolic = {
    .descriptor = {.name = "systolic",
                   .summary = "systolic array with on-chip buffer, bounded by DRAM bandwidth",
                   .source = "Samajdar et al., ISPASS 2020 (SCALE-Sim); Williams et al., 2009",
                   .fields = fields,
                   .config_size = sizeof(struct systolic),
                   .version = 3},
    .cost = systolic_cost,
    .value_bytes = systolic_value_bytes,
    .check = systolic_check,
};
