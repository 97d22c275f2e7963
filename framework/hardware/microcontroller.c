/*
 * A microcontroller: one core, everything in its SRAM and flash, and kernels for 8-bit integers as
 * in CMSIS-NN (Lai, Suda, Chandra, arXiv:1801.06601). A network that these memories do not hold
 * does not run.
 *
 * A layer of M multiply-adds, O outputs and W weights takes
 *
 *     M x cycles_per_multiply_add + O x cycles_per_output + W x cycles_per_weight
 *
 * Kernels multiply and add two rows of weights by two columns of unfolded inputs. What an output
 * costs beside is unfolding, loops, rounding and storing; it is most of what depthwise convolutions
 * take. A weight costs its way from flash, once an image: dense layers use it for one multiply-add,
 * convolutions for many.
 *
 * Layers that give a value for each value (activations, normalisations) are folded into the layer
 * before, as in integers, and cost nothing; others that are no products (pooling, sums) have
 * outputs alone. With a neural processing unit, multiply-adds go by blocks of output_lanes filters
 * and input_lanes values of each; where each channel is convolved by itself, channels are in the
 * first and one value is in the second.
 *
 * SRAM holds the activations that are alive at once, flash the parameters, each in bytes_per_value;
 * neither the program nor working memory counts. Costs are NaN where that does not fit.
 *
 *     energy = busy power x time, of which idle power x time is idle energy
 *
 * Cost: a few operations a layer.
 */
#include "hardware/cost_sum.h"

#include <math.h>

struct microcontroller {
    double clock_hz, cycles_per_multiply_add, cycles_per_output, cycles_per_weight;
    int64_t output_lanes, input_lanes;
    double sram_bytes, flash_bytes, bytes_per_value, busy_power_w, idle_power_w;
};

#define AT(member) offsetof(struct microcontroller, member)

static const struct field fields[] = {
    {"clock_hz", FIELD_REAL, AT(clock_hz), .minimum = 1, .maximum = 1e12, .unit = "Hz",
     .help = "cycles per second"},
    {"cycles_per_multiply_add", FIELD_REAL, AT(cycles_per_multiply_add), .minimum = 1e-6,
     .maximum = 1e6, .help = "cycles of a multiply-add in a product"},
    {"cycles_per_output", FIELD_REAL, AT(cycles_per_output), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .help = "cycles of a layer's output beside"},
    {"cycles_per_weight", FIELD_REAL, AT(cycles_per_weight), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .help = "cycles of a weight, once an image"},
    {"output_lanes", FIELD_INTEGER, AT(output_lanes), .minimum = 1, .maximum = 65536,
     .default_value = "1", .help = "filters that are computed together"},
    {"input_lanes", FIELD_INTEGER, AT(input_lanes), .minimum = 1, .maximum = 65536,
     .default_value = "1", .help = "values of a filter that are multiplied together"},
    {"sram_bytes", FIELD_REAL, AT(sram_bytes), .minimum = 1, .maximum = 1e12, .unit = "B",
     .help = "memory for activations"},
    {"flash_bytes", FIELD_REAL, AT(flash_bytes), .minimum = 1, .maximum = 1e12, .unit = "B",
     .help = "memory for parameters"},
    {"bytes_per_value", FIELD_REAL, AT(bytes_per_value), .minimum = 0.125, .maximum = 8,
     .default_value = "1", .unit = "B", .help = "size of a parameter and of an activation"},
    {"busy_power_w", FIELD_REAL, AT(busy_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W", .help = "power while it computes; 0: unknown"},
    {"idle_power_w", FIELD_REAL, AT(idle_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W", .help = "power while it does nothing; 0: unknown"},
    {0},
};

/* Multiply-adds, with those in lanes that hold nothing. */
static double padded_product(const struct microcontroller *machine, const struct layer_work *work)
{
    double outputs = (double)machine->output_lanes, inputs = (double)machine->input_lanes;

    if (work->n <= 1 && work->products > 1)
        return work->m * work->k * inputs * ceil(work->products / outputs) * outputs;
    return work->products * work->m * ceil(work->k / inputs) * inputs * ceil(work->n / outputs) *
           outputs;
}

static struct hardware_cost layer_cost(const struct microcontroller *machine,
                                       const struct layer_work *work)
{
    struct hardware_cost cost = {0};

    if (work->m > 0)
        cost.cycles = padded_product(machine, work) * machine->cycles_per_multiply_add +
                      work->outputs * machine->cycles_per_output +
                      work->weights * machine->cycles_per_weight;
    else if (work->outputs < work->inputs || work->outputs > work->inputs)
        cost.cycles = work->outputs * machine->cycles_per_output;
    cost.latency_s = cost.cycles / machine->clock_hz;
    if (work->m > 0)
        cost.utilisation = work->m * work->k * work->n * work->products *
                           machine->cycles_per_multiply_add / cost.cycles;
    cost.energy_j =
        machine->busy_power_w > 0 ? machine->busy_power_w * cost.latency_s : (double)NAN;
    cost.idle_energy_j =
        machine->idle_power_w > 0 ? machine->idle_power_w * cost.latency_s : (double)NAN;
    return cost;
}

static enum status microcontroller_fits(const void *config, const struct network_work *network,
                                        struct error *error)
{
    const struct microcontroller *machine = config;
    double activations = network->peak_values * machine->bytes_per_value;
    double parameters = network->parameters * machine->bytes_per_value;

    if (activations > machine->sram_bytes)
        return error_set(error, STATUS_CONFIG,
                         "%.0f bytes of activations are alive at once; sram_bytes is %.0f",
                         activations, machine->sram_bytes);
    if (parameters > machine->flash_bytes)
        return error_set(error, STATUS_CONFIG, "the parameters are %.0f bytes; flash_bytes is %.0f",
                         parameters, machine->flash_bytes);
    return STATUS_OK;
}

static enum status microcontroller_check(const void *config, const char **field,
                                         struct error *error)
{
    const struct microcontroller *machine = config;

    *field = "idle_power_w";
    if (machine->busy_power_w > 0 && machine->idle_power_w > machine->busy_power_w)
        return error_set(error, STATUS_CONFIG, "%g W; expected at most busy_power_w, %g W",
                         machine->idle_power_w, machine->busy_power_w);
    return STATUS_OK;
}

static enum status microcontroller_cost(const void *config, const struct network_work *network,
                                        struct hardware_cost *cost, struct hardware_cost *by_layer,
                                        struct error *error)
{
    static const struct hardware_cost none = {NAN, NAN, NAN, NAN, NAN, NAN};
    bool fits = microcontroller_fits(config, network, NULL) == STATUS_OK;
    struct cost_sum sum = {0};

    (void)error;
    for (size_t i = 0; i < network->count; i++) {
        struct hardware_cost one = fits ? layer_cost(config, &network->layers[i]) : none;
        cost_sum_add(&sum, &one);
        if (by_layer)
            by_layer[i] = one;
    }
    *cost = fits ? sum.cost : none;
    return STATUS_OK;
}

static double microcontroller_value_bytes(const void *config)
{
    return ((const struct microcontroller *)config)->bytes_per_value;
}

const struct cost_model cost_model_microcontroller = {
    .descriptor = {.name = "microcontroller",
                   .summary = "core that holds the network in its SRAM and flash, by cycles",
                   .source =
                       "Lai, Suda, Chandra 2018 (CMSIS-NN); Banbury et al. 2021 (MLPerf Tiny)",
                   .fields = fields,
                   .config_size = sizeof(struct microcontroller),
                   .version = 2},
    .cost = microcontroller_cost,
    .fits = microcontroller_fits,
    .value_bytes = microcontroller_value_bytes,
    .check = microcontroller_check,
};
