/*
 * Eyeriss: processing elements with register files of their own, a global buffer, and convolutions
 * mapped row by row ("row stationary").
 *
 * Mapping. An element convolves a row of a filter with a row of an image. A set of R elements (the
 * kernel's rows) by e (rows of the output) makes e rows of one output plane; what is wider than the
 * array is folded over several bands of R rows. r x t sets fill the array: r of other channels, t
 * of other filters. Each element interleaves p filters and q channels. A pass computes, for n
 * images, p t filters, q r channels and e rows:
 *
 *     q S <= input_values, p q S <= filter_values, p <= sum_values      register files; S: the
 *                                                                       kernel's columns
 *     inputs of the pass + sums of n images, m filters, e rows <= buffer_bytes
 *
 * Filters load first, then everything goes on at once. A network takes v = `network_values` of
 * filters a cycle to the elements, as many sums to and from them, and u = `input_network_values`:
 *
 *     cycles = p t q r R S / v + max(n q p S F, n p t e F / v, inputs of the pass / u)
 *
 * with F output columns. The mapping is the one of least time, then energy.
 *
 * Time. DRAM holds what goes from layer to layer. Inputs are read again for each m filters, filters
 * for each n images and e rows. Filters of the next pass are loaded during a pass; inputs and
 * outputs are not, and add to the time. Activations are computed on the way. Other layers that are
 * no products cost their bytes.
 *
 * Energy, in multiply-adds: register file 1 (four accesses a multiply-add), network 2 (a value to
 * an element, a sum to the next one), buffer 6, DRAM 200; and idle power x time, the clock's
 * included. Zeros in images are taken as any value: the chip saves energy and bytes with them.
 *
 * References: Y.-H. Chen, J. Emer, V. Sze, "Eyeriss: a spatial architecture for energy-efficient
 * dataflow for convolutional neural networks", ISCA 2016; Y.-H. Chen, T. Krishna, J. Emer, V. Sze,
 * "Eyeriss: an energy-efficient reconfigurable accelerator for deep convolutional neural networks",
 * JSSC 52 (2017). Cost: up to some 10^5 mappings a layer.
 */
#include "hardware/cost_sum.h"

#include <math.h>

struct row_stationary {
    int64_t rows, columns, batch, input_values, filter_values, sum_values;
    double clock_hz, buffer_bytes, network_values, input_network_values;
    double bytes_per_value, dram_bytes_per_s;
    double multiply_add_j, register_energy, network_energy, buffer_energy, dram_energy;
    double idle_power_w;
};

#define AT(member) offsetof(struct row_stationary, member)

static const struct field fields[] = {
    {"rows", FIELD_INTEGER, AT(rows), .minimum = 1, .maximum = 256,
     .help = "processing elements from top to bottom"},
    {"columns", FIELD_INTEGER, AT(columns), .minimum = 1, .maximum = 256,
     .help = "processing elements from left to right"},
    {"clock_hz", FIELD_REAL, AT(clock_hz), .minimum = 1, .maximum = 1e12, .unit = "Hz",
     .help = "cycles per second"},
    {"input_values", FIELD_INTEGER, AT(input_values), .minimum = 1, .maximum = 65536,
     .help = "inputs in a register file"},
    {"filter_values", FIELD_INTEGER, AT(filter_values), .minimum = 1, .maximum = 65536,
     .help = "weights in a register file"},
    {"sum_values", FIELD_INTEGER, AT(sum_values), .minimum = 1, .maximum = 65536,
     .help = "partial sums in a register file"},
    {"buffer_bytes", FIELD_REAL, AT(buffer_bytes), .minimum = 1, .maximum = 1e12, .unit = "B",
     .help = "global buffer, for inputs and partial sums"},
    {"network_values", FIELD_REAL, AT(network_values), .minimum = 0.01, .maximum = 65536,
     .help = "filters' values a cycle from the buffer to the elements; sums to and from them"},
    {"input_network_values", FIELD_REAL, AT(input_network_values), .minimum = 0.01,
     .maximum = 65536, .default_value = "1",
     .help = "inputs a cycle from the buffer to the elements"},
    {"bytes_per_value", FIELD_REAL, AT(bytes_per_value), .minimum = 0.125, .maximum = 8,
     .default_value = "2", .unit = "B", .help = "size of weights, activations and sums"},
    {"dram_bytes_per_s", FIELD_REAL, AT(dram_bytes_per_s), .minimum = 1, .maximum = 1e15,
     .unit = "B/s", .help = "bandwidth of the memory outside the chip"},
    {"multiply_add_j", FIELD_REAL, AT(multiply_add_j), .minimum = 0, .maximum = 1, .unit = "J",
     .help = "energy of a multiply-add"},
    {"register_energy", FIELD_REAL, AT(register_energy), .minimum = 0, .maximum = 1e6,
     .default_value = "1", .help = "of an access to a register file, in multiply-adds"},
    {"network_energy", FIELD_REAL, AT(network_energy), .minimum = 0, .maximum = 1e6,
     .default_value = "2", .help = "of a value that comes to an element, in multiply-adds"},
    {"buffer_energy", FIELD_REAL, AT(buffer_energy), .minimum = 0, .maximum = 1e6,
     .default_value = "6", .help = "of an access to the global buffer, in multiply-adds"},
    {"dram_energy", FIELD_REAL, AT(dram_energy), .minimum = 0, .maximum = 1e6,
     .default_value = "200", .help = "of a value from or to DRAM, in multiply-adds"},
    {"idle_power_w", FIELD_REAL, AT(idle_power_w), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .unit = "W", .help = "power whatever it computes; 0: unknown"},
    {"batch", FIELD_INTEGER, AT(batch), .minimum = 1, .maximum = 256, .default_value = "1",
     .unit = "images", .help = "images computed together"},
    {0},
};

/* A convolution of one group for a batch. A kernel with more rows than the array is several of
 * fewer rows, as if of more channels. */
struct convolution_work {
    double images, filters, channels, kernel_rows, kernel_columns, rows, columns, stride;
};

struct row_mapping {
    double n, m, e, p, q, r, t;
    double cycles, moved;   /* of a group; values from and to DRAM */
    double seconds, energy; /* in multiply-adds */
};

static struct convolution_work convolution_of(const struct row_stationary *machine,
                                              const struct layer_work *work)
{
    double kernel = work->kernel, slices = ceil(kernel / (double)machine->rows);

    return (struct convolution_work){.images = (double)machine->batch,
                                     .filters = work->n,
                                     .channels = work->k / (kernel * kernel) * slices,
                                     .kernel_rows = ceil(kernel / slices),
                                     .kernel_columns = kernel,
                                     .rows = work->rows,
                                     .columns = work->m / work->rows,
                                     .stride = work->stride};
}

/* Time and energy of a mapping whose m is still open; false where the buffer does not hold it. */
static bool evaluate(const struct row_stationary *machine, const struct convolution_work *w,
                     struct row_mapping *map)
{
    double width = machine->network_values, size = machine->bytes_per_value;
    double taps = w->kernel_rows * w->kernel_columns, pass_filters = map->p * map->t;
    double input_row = (w->columns - 1) * w->stride + w->kernel_columns;
    double strip = ((map->e - 1) * w->stride + w->kernel_rows) * input_row;
    double inputs = map->n * map->q * map->r * strip;
    double sums = map->n * map->e * w->columns; /* of a filter */
    double held = floor((machine->buffer_bytes / size - inputs) / sums);

    map->m = fmin(w->filters, floor(held / pass_filters) * pass_filters);
    if (!(map->m > 0))
        return false;
    double strips = ceil(w->rows / map->e), turns = ceil(w->images / map->n);
    double passes =
        turns * strips * ceil(w->filters / pass_filters) * ceil(w->channels / (map->q * map->r));
    double computing = map->n * map->q * map->p * w->kernel_columns * w->columns;
    double filters = pass_filters * map->q * map->r * taps;
    map->cycles =
        passes * (filters / width + fmax(fmax(computing, inputs / machine->input_network_values),
                                         pass_filters * sums / width));
    double multiply_adds = w->images * w->filters * w->channels * taps * w->rows * w->columns;
    double activations = w->images * (w->channels * strips * strip * ceil(w->filters / map->m) +
                                      w->filters * w->rows * w->columns);
    double weights = w->filters * w->channels * taps * turns * strips;
    map->moved = activations + weights;
    double link = machine->dram_bytes_per_s / size;
    map->seconds = fmax(map->cycles / machine->clock_hz, weights / link) + activations / link;
    double delivered = passes * (map->q * map->r * map->t * w->kernel_rows * map->e *
                                     (map->n * input_row + map->p * w->kernel_columns) +
                                 pass_filters * sums * (w->kernel_rows * map->r - 1));
    map->energy = multiply_adds * (1 + 4 * machine->register_energy) +
                  delivered * machine->network_energy +
                  passes * (inputs + filters + 2 * pass_filters * sums) * machine->buffer_energy +
                  map->moved * machine->dram_energy;
    return true;
}

/* Sets of e columns that the array holds. */
static double sets_of(const struct row_stationary *machine, const struct convolution_work *w,
                      double e)
{
    double columns = (double)machine->columns,
           bands = floor((double)machine->rows / w->kernel_rows);

    return e <= columns ? floor(columns / e) * bands : floor(bands / ceil(e / columns));
}

/* The best mapping with this n, e and t: q runs, r fills the array, p the register files. */
static void try_channels(const struct row_stationary *machine, const struct convolution_work *w,
                         double sets, struct row_mapping map, struct row_mapping *best)
{
    double most = fmax(1, floor((double)machine->input_values / w->kernel_columns));

    for (map.q = 1; map.q <= fmin(most, w->channels); map.q++) {
        double held = floor((double)machine->filter_values / (map.q * w->kernel_columns));
        double filters = fmin((double)machine->sum_values, held), each = ceil(w->filters / map.t);
        if (!(filters > 0))
            return;
        map.p = ceil(each / ceil(each / filters));
        map.r = fmin(floor(sets / map.t), ceil(w->channels / map.q));
        if (evaluate(machine, w, &map) &&
            (map.seconds < best->seconds ||
             (!(map.seconds > best->seconds) && map.energy < best->energy)))
            *best = map;
    }
}

static struct row_mapping best_mapping(const struct row_stationary *machine,
                                       const struct convolution_work *w)
{
    struct row_mapping best = {.seconds = INFINITY, .energy = INFINITY}, map = {0};

    for (map.n = 1; map.n <= w->images; map.n++)
        for (double strips = 1; strips <= w->rows; strips++) {
            map.e = ceil(w->rows / strips);
            if (strips > 1 && map.e >= ceil(w->rows / (strips - 1)))
                continue;
            double sets = sets_of(machine, w, map.e);
            for (map.t = 1; map.t <= fmin(sets, w->filters); map.t++)
                try_channels(machine, w, sets, map, &best);
        }
    return best;
}

static struct hardware_cost layer_cost(const struct row_stationary *machine,
                                       const struct layer_work *work)
{
    double batch = (double)machine->batch, size = machine->bytes_per_value;
    struct row_mapping map = {0};
    struct hardware_cost cost = {0};
    double groups = 1;

    if (work->m > 0) {
        struct convolution_work convolution = convolution_of(machine, work);
        map = best_mapping(machine, &convolution);
        groups = work->products;
    } else if (work->inputs < work->outputs || work->inputs > work->outputs) {
        map.moved = (work->inputs + work->outputs) * batch;
        map.seconds = map.moved * size / machine->dram_bytes_per_s;
        map.energy = map.moved * machine->dram_energy;
    }
    cost.latency_s = map.seconds * groups / batch;
    cost.cycles = cost.latency_s * machine->clock_hz;
    cost.dram_bytes = map.moved * size * groups / batch;
    if (work->m > 0 && isfinite(cost.cycles))
        cost.utilisation = work->m * work->k * work->n * groups /
                           (cost.cycles * (double)(machine->rows * machine->columns));
    cost.idle_energy_j =
        machine->idle_power_w > 0 ? machine->idle_power_w * cost.latency_s : (double)NAN;
    cost.energy_j = machine->idle_power_w * cost.latency_s +
                    map.energy * groups / batch * machine->multiply_add_j;
    return cost;
}

static enum status row_stationary_cost(const void *config, const struct network_work *network,
                                       struct hardware_cost *cost, struct hardware_cost *by_layer,
                                       struct error *error)
{
    struct cost_sum sum = {0};

    for (size_t i = 0; i < network->count; i++) {
        struct hardware_cost one = layer_cost(config, &network->layers[i]);
        if (!isfinite(one.latency_s))
            return error_set(error, STATUS_CONFIG,
                             "%s: no pass fits: buffer_bytes holds neither the inputs nor the sums "
                             "of a row, or filter_values no row of the kernel",
                             network->layers[i].name);
        cost_sum_add(&sum, &one);
        if (by_layer)
            by_layer[i] = one;
    }
    *cost = sum.cost;
    return STATUS_OK;
}

static double row_stationary_value_bytes(const void *config)
{
    return ((const struct row_stationary *)config)->bytes_per_value;
}

const struct cost_model cost_model_row_stationary = {
    .descriptor = {.name = "row_stationary",
                   .summary = "Eyeriss: rows of convolutions on elements with register files",
                   .source = "Chen, Emer, Sze, ISCA 2016; Chen, Krishna, Emer, Sze, JSSC 2017",
                   .fields = fields,
                   .config_size = sizeof(struct row_stationary),
                   .version = 2},
    .cost = row_stationary_cost,
    .value_bytes = row_stationary_value_bytes,
};
