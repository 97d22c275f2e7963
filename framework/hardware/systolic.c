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
 * Groups are as many such products, one after the other. Biases are loaded into the accumulators
 * and cost nothing. Layers that are no products (relu, pooling, sums) run on a vector unit of C
 * lanes, one operation a lane and cycle.
 *
 * Memory. Inputs and outputs of the batch stay in the buffer where both fit, so that only the first
 * layer reads and only the last one writes the DRAM; otherwise the inputs are read as often as they
 * pass the array, and the outputs written once (sums stay in the accumulators). Weights are read
 * once a batch where they fit beside that, and as often as they pass the array where not.
 *
 * Time. Loading is hidden behind computing (double buffering): a layer takes the longer of
 * cycles / clock and bytes / bandwidth, the roofline; the network takes the sum of its layers, and
 * an image the B-th part of that.
 *
 * Energy. Power rises linearly with the utilisation u (Fan, Weber, Barroso, "Power provisioning for
 * a warehouse-sized computer", ISCA 2007), which measured idle and busy power bound:
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
    double busy_power_w, idle_power_w, dram_j_per_byte;
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
    {"busy_power_w", FIELD_REAL, AT(busy_power_w), .minimum = 0, .maximum = 1e6, .unit = "W",
     .help = "power with all multiply-accumulators busy"},
    {"idle_power_w", FIELD_REAL, AT(idle_power_w), .minimum = 0, .maximum = 1e6, .unit = "W",
     .help = "power with none busy"},
    {"dram_j_per_byte", FIELD_REAL, AT(dram_j_per_byte), .minimum = 0, .maximum = 1,
     .default_value = "0", .unit = "J/B",
     .help = "energy of moving a byte from or to DRAM, if the powers above exclude it"},
    {"batch", FIELD_INTEGER, AT(batch), .minimum = 1, .maximum = 1000000, .default_value = "1",
     .unit = "images", .help = "images computed together; they share one pass over the weights"},
    {0},
};

/* A product on the array: its cycles, and how often each operand passes through it. */
struct mapping {
    double cycles, weight_passes, input_passes;
};

static struct mapping map_product(const struct systolic *machine, double m, double k, double n,
                                  double products)
{
    double r = (double)machine->rows, c = (double)machine->columns, folds = 0, per_fold = 0;
    struct mapping mapping = {0, 1, 1};

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
        break;
    case INPUT_STATIONARY:
        folds = ceil(k / r) * ceil(m / c);
        per_fold = 2 * r + c + n - 2;
        mapping.weight_passes = ceil(m / c);
        break;
    }
    mapping.cycles = fmax(1, products * folds * per_fold - 1);
    return mapping;
}

static double vector_operations(const struct operations *operations)
{
    return operations->multiply_adds + operations->additions + operations->multiplications +
           operations->comparisons + operations->divisions + operations->exponentials +
           operations->lookups;
}

/* Bytes between chip and DRAM for a batch. */
static double traffic(const struct systolic *machine, const struct layer_work *work,
                      const struct mapping *mapping, bool first, bool last)
{
    double batch = (double)machine->batch, size = machine->bytes_per_value;
    double inputs = work->inputs * batch * size, outputs = work->outputs * batch * size;
    double weights = work->weights * size, free = machine->buffer_bytes;
    double bytes = 0;

    if (inputs + outputs <= free) {
        free -= inputs + outputs;
        bytes += (first ? inputs : 0) + (last ? outputs : 0);
    } else {
        bytes += inputs * mapping->input_passes + outputs;
    }
    return bytes + weights * (weights <= free ? 1 : mapping->weight_passes);
}

static struct hardware_cost layer_cost(const struct systolic *machine,
                                       const struct layer_work *work, bool first, bool last)
{
    double batch = (double)machine->batch, multiply_adds = 0;
    double peak = (double)machine->rows * (double)machine->columns;
    struct mapping mapping = {0, 1, 1};
    struct hardware_cost cost = {0};

    if (work->m > 0) {
        mapping = map_product(machine, work->m * batch, work->k, work->n, work->products);
        multiply_adds = work->m * work->k * work->n * work->products;
    } else {
        mapping.cycles =
            ceil(vector_operations(&work->operations) * batch / (double)machine->columns);
    }
    cost.dram_bytes = traffic(machine, work, &mapping, first, last) / batch;
    cost.cycles = mapping.cycles / batch;
    cost.latency_s =
        fmax(cost.cycles / machine->clock_hz, cost.dram_bytes / machine->dram_bytes_per_s);
    /* An array of one cell would pass 1 by the cycle that the formula takes off. */
    if (multiply_adds > 0)
        cost.utilisation = fmin(1, multiply_adds / (peak * machine->clock_hz * cost.latency_s));
    cost.energy_j =
        cost.latency_s * (machine->idle_power_w +
                          (machine->busy_power_w - machine->idle_power_w) * cost.utilisation) +
        cost.dram_bytes * machine->dram_j_per_byte;
    return cost;
}

static enum status systolic_cost(const void *config, const struct network_work *network,
                                 struct hardware_cost *cost, struct hardware_cost *by_layer,
                                 struct error *error)
{
    const struct systolic *machine = config;
    struct cost_sum sum = {0};

    if (machine->idle_power_w > machine->busy_power_w)
        return error_set(error, STATUS_CONFIG,
                         "idle_power_w is %g W; expected at most busy_power_w, %g W",
                         machine->idle_power_w, machine->busy_power_w);
    for (size_t i = 0; i < network->count; i++) {
        struct hardware_cost one =
            layer_cost(machine, &network->layers[i], i == 0, i + 1 == network->count);
        cost_sum_add(&sum, &one);
        if (by_layer)
            by_layer[i] = one;
    }
    *cost = sum.cost;
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
                   .version = 1},
    .cost = systolic_cost,
    .value_bytes = systolic_value_bytes,
};
