/* What a network and the part of the pipeline that it replaces cost, whole and layer by layer. */
#include "run/outcome.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

static enum status record_operations(struct record *record, const char *who,
                                     struct operations operations, struct error *error)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {{"multiply_adds", operations.multiply_adds},
                {"additions", operations.additions},
                {"multiplications", operations.multiplications},
                {"comparisons", operations.comparisons},
                {"divisions", operations.divisions},
                {"exponentials", operations.exponentials},
                {"lookups", operations.lookups}};
    enum status status = STATUS_OK;
    char name[NAME];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(name, sizeof name, "%s.%s", who, rows[i].name);
        TRY(record_real(record, name, rows[i].value, error));
    }
out:
    return status;
}

/* One number a layer, as layers/NAME. */
static enum status record_column(struct record *record, const char *name, double *values,
                                 size_t layers, struct error *error)
{
    struct hdf5_array array = {.type = HDF5_FLOAT64, .rank = 1, .dims = {layers}, .values = values};
    char path[NAME + 8];

    snprintf(path, sizeof path, "layers/%s", name);
    return record_array(record, path, &array, error);
}

static enum status record_layer_costs(struct record *record, const char *machine,
                                      const struct hardware_cost *costs, size_t layers,
                                      struct error *error)
{
    enum status status = STATUS_OK;
    double *values = NULL;
    char name[NAME];

    TRY(memory_new(&values, layers, sizeof *values, error));
    for (size_t i = 0; i < layers; i++)
        values[i] = costs[i].latency_s;
    snprintf(name, sizeof name, "hardware.%s.latency_s", machine);
    TRY(record_column(record, name, values, layers, error));
    for (size_t i = 0; i < layers; i++)
        values[i] = costs[i].energy_j;
    snprintf(name, sizeof name, "hardware.%s.energy_j", machine);
    TRY(record_column(record, name, values, layers, error));
out:
    memory_free(values);
    return status;
}

/* The layers' names, parameters and multiply-adds, in the network's order. */
static enum status record_layers(struct record *record, const struct network *network,
                                 const struct layer_work *work, struct error *error)
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
    TRY(record_column(record, "parameters", values, network->count, error));
    for (size_t i = 0; i < network->count; i++)
        values[i] = work[i].operations.multiply_adds;
    TRY(record_column(record, "multiply_adds", values, network->count, error));
out:
    memory_free(names);
    memory_free(values);
    return status;
}

static enum status record_machine(struct record *record, const struct machine *machine,
                                  const struct layer_work *work, size_t layers, struct error *error)
{
    enum status status = STATUS_OK;
    const struct cost_model *model = (const struct cost_model *)machine->model.kind;
    struct hardware_cost cost = {0}, *by_layer = NULL;
    char name[NAME];

    TRY(memory_new(&by_layer, layers, sizeof *by_layer, error));
    TRY(model->cost(machine->model.config, work, layers, &cost, by_layer, error));
    TRY(record_layer_costs(record, machine->name, by_layer, layers, error));
    const struct {
        const char *name;
        double value;
    } rows[] = {{"latency_s", cost.latency_s},
                {"energy_j", cost.energy_j},
                {"dram_bytes", cost.dram_bytes},
                {"utilisation", cost.utilisation},
                {"cycles", cost.cycles}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(name, sizeof name, "hardware.%s.%s", machine->name, rows[i].name);
        TRY(record_real(record, name, rows[i].value, error));
    }
out:
    memory_free(by_layer);
    return status;
}

enum status outcome_costs(struct record *record, const struct trial *trial, const struct plan *plan,
                          const struct prepared *prepared, struct error *error)
{
    enum status status = STATUS_OK;
    const struct split *test = &prepared->splits[SPLIT_TEST];
    struct network network = {0};
    struct layer_work *work = NULL;

    TRY(trial_whole_network(trial, prepared, test->network_in.shapes[0], &network, error));
    TRY(memory_new(&work, network.count, sizeof *work, error));
    network_work(&network, work);
    TRY(record_layers(record, &network, work, error));
    TRY(record_integer(record, "network.parameters", (int64_t)network.parameters, error));
    TRY(record_operations(record, "network", network_operations(&network), error));
    TRY(record_operations(
        record, "pipeline",
        chain_count(&prepared->chain, prepared->first, prepared->last, test->network_in.shapes[0]),
        error));
    for (size_t i = 0; i < plan->base.hardware.count; i++)
        TRY(record_machine(record, &plan->machines[i], work, network.count, error));
out:
    memory_free(work);
    network_release(&network);
    return status;
}
