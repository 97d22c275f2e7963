/*
 * What a network and the part of the pipeline that it replaces cost on the test images, whole and
 * layer by layer; on machines that run programs, the pipeline by the same model. Images of one size
 * cost the same: costs are worked out once for each size, and stored are their means over the
 * images. Where they differ, NAME.sd, NAME.min and NAME.max say how far (deviation over the images,
 * no estimate).
 */
#include "trial/evaluation/evaluation.h"

#include "hardware/cost_columns.h"
#include "trial/trial_network.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

/* The sizes of the test images, and what one image of each costs. */
struct costs {
    struct shape_share *sizes; /* [count] */
    size_t count, layers, stages;
    struct operations *network, *pipeline; /* [count] */
    struct network_work *networks;         /* [count] */
    struct layer_work *work;               /* [count][layers] */
    struct layer_work *stage_work;         /* [count][stages], those that are replaced */
    struct hardware_cost *machine;         /* [count], of one machine at a time */
    struct hardware_cost *by_layer;        /* [count][layers] */
};

struct spread {
    double mean, sd, min, max;
};

/* Over the images, of one number a size; the values lie `stride` bytes apart. What does not differ
 * stays as it is, bit by bit. NaN where a size's is. */
static struct spread spread_of(const struct costs *costs, const void *values, size_t stride)
{
    double sum = 0, squares = 0, images = 0, value;
    struct spread spread = {0, 0, INFINITY, -INFINITY};

    for (size_t k = 0; k < costs->count; k++) {
        double weight = (double)costs->sizes[k].count;
        memcpy(&value, (const char *)values + k * stride, sizeof value);
        if (isnan(value))
            return (struct spread){value, 0, value, value};
        spread.min = value < spread.min ? value : spread.min;
        spread.max = value > spread.max ? value : spread.max;
        sum += weight * value;
        images += weight;
    }
    spread.mean = spread.min < spread.max ? sum / images : spread.min;
    for (size_t k = 0; spread.min < spread.max && k < costs->count; k++) {
        memcpy(&value, (const char *)values + k * stride, sizeof value);
        squares += (double)costs->sizes[k].count * (value - spread.mean) * (value - spread.mean);
    }
    spread.sd = sqrt(squares / images);
    return spread;
}

/* NAME, and where it differs between the images NAME.sd, NAME.min, NAME.max. */
static enum status record_cost(struct record *record, const char *name, const struct costs *costs,
                               const void *values, size_t stride, struct error *error)
{
    struct spread spread = spread_of(costs, values, stride);
    const struct {
        const char *suffix;
        double value;
    } rows[] = {{"", spread.mean}, {".sd", spread.sd}, {".min", spread.min}, {".max", spread.max}};
    size_t count = spread.min < spread.max ? sizeof rows / sizeof *rows : 1;
    char full[NAME];

    for (size_t i = 0; i < count; i++) {
        snprintf(full, sizeof full, "%.240s%s", name, rows[i].suffix);
        PASS(record_real(record, full, rows[i].value, error));
    }
    return STATUS_OK;
}

static enum status record_operations(struct record *record, const char *who,
                                     const struct costs *costs, const struct operations *operations,
                                     struct error *error)
{
#define MEMBER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct operations, name)                                                   \
    }
    static const struct {
        const char *name;
        size_t offset;
    } rows[] = {MEMBER(multiply_adds), MEMBER(additions), MEMBER(multiplications),
                MEMBER(comparisons),   MEMBER(divisions), MEMBER(exponentials),
                MEMBER(lookups)};
#undef MEMBER
    enum status status = STATUS_OK;
    char name[NAME];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(name, sizeof name, "%s.%s", who, rows[i].name);
        TRY(record_cost(record, name, costs, (const char *)operations + rows[i].offset,
                        sizeof *operations, error));
    }
out:
    return status;
}

static enum status record_column(struct record *record, const char *name, const char *suffix,
                                 double *values, size_t layers, struct error *error)
{
    struct hdf5_array array = {.type = HDF5_FLOAT64, .rank = 1, .dims = {layers}, .values = values};
    char path[NAME + 8];

    snprintf(path, sizeof path, "layers/%.240s%s", name, suffix);
    return record_array(record, path, &array, error);
}

/* One number a layer, as layers/NAME, and where it differs between the images layers/NAME.sd and so
 * on; `values` is that of the first size's first layer, others lie `stride` bytes apart. */
static enum status record_layer_costs(struct record *record, const char *name,
                                      const struct costs *costs, const void *values, size_t stride,
                                      struct error *error)
{
    static const char *const suffixes[] = {"", ".sd", ".min", ".max"};
    enum status status = STATUS_OK;
    size_t layers = costs->layers;
    double *columns = NULL; /* [4][layers] */
    bool differs = false;

    TRY(memory_new(&columns, 4 * layers, sizeof *columns, error));
    for (size_t i = 0; i < layers; i++) {
        struct spread spread = spread_of(costs, (const char *)values + i * stride, layers * stride);
        differs = differs || spread.min < spread.max;
        columns[i] = spread.mean;
        columns[layers + i] = spread.sd;
        columns[2 * layers + i] = spread.min;
        columns[3 * layers + i] = spread.max;
    }
    for (size_t c = 0; c < (differs ? 4 : 1); c++)
        TRY(record_column(record, name, suffixes[c], columns + c * layers, layers, error));
out:
    memory_free(columns);
    return status;
}

/* The layers' names, parameters and multiply-adds, in the network's order. */
static enum status record_layers(struct record *record, const struct network *network,
                                 const struct costs *costs, struct error *error)
{
    enum status status = STATUS_OK;
    size_t longest = 1;
    double *values = NULL;
    char *names = NULL;

    for (size_t i = 0; i < network->count; i++)
        if (strlen(network->nodes[i].name) > longest)
            longest = strlen(network->nodes[i].name);
    TRY(memory_new(&names, network->count, longest, error));
    TRY(memory_new(&values, network->count, sizeof *values, error));
    for (size_t i = 0; i < network->count; i++)
        memcpy(names + i * longest, network->nodes[i].name, strlen(network->nodes[i].name));
    struct hdf5_array array = {.type = HDF5_TEXT,
                               .rank = 1,
                               .dims = {network->count},
                               .text_size = longest,
                               .values = names};
    TRY(record_array(record, "layers/name", &array, error));
    for (size_t i = 0; i < network->count; i++)
        values[i] = (double)network_node_parameters(&network->nodes[i]);
    TRY(record_column(record, "parameters", "", values, network->count, error));
    TRY(record_layer_costs(record, "multiply_adds", costs, &costs->work->operations.multiply_adds,
                           sizeof *costs->work, error));
    TRY(record_integer(record, "network.parameters", (int64_t)network->parameters, error));
out:
    memory_free(names);
    memory_free(values);
    return status;
}

/* WHO.peak_activation_bytes: the most activations that are alive at once, of `bytes` each. */
static enum status record_peak(struct record *record, const char *who, const struct costs *costs,
                               double bytes, struct error *error)
{
    enum status status = STATUS_OK;
    double *peaks = NULL; /* [sizes] */
    char name[NAME];

    TRY(memory_new(&peaks, costs->count, sizeof *peaks, error));
    for (size_t k = 0; k < costs->count; k++)
        peaks[k] = bytes * costs->networks[k].peak_values;
    snprintf(name, sizeof name, "%s.peak_activation_bytes", who);
    TRY(record_cost(record, name, costs, peaks, sizeof *peaks, error));
out:
    memory_free(peaks);
    return status;
}

/* What the network needs of memory as the engine computes it; where there is one in integers, its
 * activations in these. */
static enum status record_memory(struct record *record, const struct trial *trial,
                                 const struct costs *costs, struct error *error)
{
    enum precision precision = (enum precision)trial->experiment.train.precision;
    double parameters = costs->networks->parameters;

    PASS(record_integer(record, "network.parameter_bytes", (int64_t)(sizeof(float) * parameters),
                        error));
    PASS(record_peak(record, "network", costs, precision_bytes(precision), error));
    if (record_value(record, "network.int8.bytes"))
        PASS(record_peak(record, "network.int8", costs, 1, error));
    return STATUS_OK;
}

/* hardware.MACHINE.NAME for each cost of `of`, from costs->machine. */
static enum status record_columns(struct record *record, const struct machine *machine,
                                  enum cost_of of, const struct costs *costs, struct error *error)
{
    char name[NAME];

    for (const struct cost_column *column = cost_columns; column->name; column++) {
        if (column->of != of)
            continue;
        snprintf(name, sizeof name, "hardware.%s.%s", machine->name, column->name);
        PASS(record_cost(record, name, costs, (const char *)costs->machine + column->offset,
                         sizeof *costs->machine, error));
    }
    return STATUS_OK;
}

/* The pipeline's costs, which take the place of the network's in costs->machine. */
static enum status record_programs(struct record *record, const struct machine *machine,
                                   struct costs *costs, struct error *error)
{
    const struct cost_model *model = cost_model_of(machine->model.kind);

    for (size_t k = 0; k < costs->count; k++)
        PASS(model->program(machine->model.config, costs->stage_work + k * costs->stages,
                            costs->stages, &costs->machine[k], error));
    return record_columns(record, machine, COST_OF_PIPELINE, costs, error);
}

/* `with_size`: of a value, by which scores in float32 or in integers go with the machine. */
static enum status record_machine(struct record *record, const struct machine *machine,
                                  struct costs *costs, bool with_size, struct error *error)
{
    enum status status = STATUS_OK;
    const struct cost_model *model = cost_model_of(machine->model.kind);
    char name[NAME];

    for (size_t k = 0; k < costs->count; k++)
        TRY(model->cost(machine->model.config, &costs->networks[k], &costs->machine[k],
                        costs->by_layer + k * costs->layers, error));
    for (size_t i = 0; i < 2; i++) { /* latency and energy of each layer */
        snprintf(name, sizeof name, "hardware.%s.%s", machine->name, cost_columns[i].name);
        TRY(record_layer_costs(record, name, costs,
                               (const char *)costs->by_layer + cost_columns[i].offset,
                               sizeof *costs->by_layer, error));
    }
    TRY(record_columns(record, machine, COST_OF_NETWORK, costs, error));
    if (with_size) {
        snprintf(name, sizeof name, "hardware.%s.bytes_per_value", machine->name);
        TRY(record_real(record, name, model->value_bytes(machine->model.config), error));
    }
    if (model->program)
        TRY(record_programs(record, machine, costs, error));
out:
    return status;
}

/* Room for the costs of `layers` layers and `stages` stages; *costs has its sizes. */
static enum status make_room(struct costs *costs, size_t layers, size_t stages, struct error *error)
{
    size_t cells, stage_cells;

    costs->layers = layers;
    costs->stages = stages;
    if (!memory_multiply(costs->count, layers, &cells) ||
        !memory_multiply(costs->count, stages, &stage_cells))
        return error_set(error, STATUS_MEMORY,
                         "%zu layers and %zu stages at %zu sizes are too many", layers, stages,
                         costs->count);
    PASS(memory_new(&costs->network, costs->count, sizeof *costs->network, error));
    PASS(memory_new(&costs->pipeline, costs->count, sizeof *costs->pipeline, error));
    PASS(memory_new(&costs->machine, costs->count, sizeof *costs->machine, error));
    PASS(memory_new(&costs->networks, costs->count, sizeof *costs->networks, error));
    PASS(memory_new(&costs->work, cells, sizeof *costs->work, error));
    PASS(memory_new(&costs->stage_work, stage_cells, sizeof *costs->stage_work, error));
    return memory_new(&costs->by_layer, cells, sizeof *costs->by_layer, error);
}

/* The work of network and pipeline at size `k`. Networks of one family differ between sizes in
 * their layers' shapes alone: names are those of `first`, which outlives the work. */
static enum status work_out(struct costs *costs, size_t k, const struct trial *trial,
                            const struct splits *splits, const struct network *first,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct shape shape = costs->sizes[k].shape;
    struct layer_work *work = costs->work + k * costs->layers;
    struct network network = {0};

    TRY(trial_whole_network(trial, splits, shape, &network, error));
    if (network.count != costs->layers)
        TRY(error_set(error, STATUS_CONFIG,
                      "costs: the network has %zu layers for images of %d x %d, and %zu for others",
                      network.count, shape.height, shape.width, costs->layers));
    costs->networks[k] = network_work(&network, work);
    for (size_t i = 0; i < costs->layers; i++)
        work[i].name = first->nodes[i].name;
    costs->network[k] = network_operations(&network);
    costs->pipeline[k] = chain_count(&splits->chain, splits->first, splits->last, shape);
    chain_work(&splits->chain, splits->first, splits->last, shape,
               costs->stage_work + k * costs->stages);
out:
    network_release(&network);
    return status;
}

static void costs_release(struct costs *costs)
{
    memory_free(costs->sizes);
    memory_free(costs->network);
    memory_free(costs->pipeline);
    memory_free(costs->machine);
    memory_free(costs->networks);
    memory_free(costs->work);
    memory_free(costs->stage_work);
    memory_free(costs->by_layer);
}

enum status evaluation_costs(struct record *record, const struct trial *trial,
                             const struct plan *plan, const struct splits *splits,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct costs costs = {0};

    TRY(image_set_shapes(&splits->items[SPLIT_TEST].network_in, &costs.sizes, &costs.count, error));
    TRY(trial_whole_network(trial, splits, costs.sizes[0].shape, &network, error));
    TRY(make_room(&costs, network.count, splits->last - splits->first, error));
    for (size_t k = 0; k < costs.count; k++)
        TRY(work_out(&costs, k, trial, splits, &network, error));
    TRY(record_layers(record, &network, &costs, error));
    TRY(record_memory(record, trial, &costs, error));
    TRY(record_operations(record, "network", &costs, costs.network, error));
    TRY(record_operations(record, "pipeline", &costs, costs.pipeline, error));
    for (size_t i = 0; i < plan->base.hardware.count; i++)
        TRY(record_machine(record, &plan->machines[i], &costs, trial->experiment.quantize.given,
                           error));
    if (costs.count > 1)
        TRY(record_integer(record, "test.sizes", (int64_t)costs.count, error));
out:
    network_release(&network);
    costs_release(&costs);
    return status;
}
