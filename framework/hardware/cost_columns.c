#include "hardware/cost_columns.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

#define AT(name) offsetof(struct hardware_cost, name)

const struct cost_column cost_columns[] = {
    {"latency_s", COST_OF_NETWORK, AT(latency_s)},
    {"energy_j", COST_OF_NETWORK, AT(energy_j)},
    {"dram_bytes", COST_OF_NETWORK, AT(dram_bytes)},
    {"utilisation", COST_OF_NETWORK, AT(utilisation)},
    {"cycles", COST_OF_NETWORK, AT(cycles)},
    {"idle_energy_j", COST_OF_NETWORK, AT(idle_energy_j)},
    {"pipeline.latency_s", COST_OF_PIPELINE, AT(latency_s)},
    {"pipeline.energy_j", COST_OF_PIPELINE, AT(energy_j)},
    {"pipeline.idle_energy_j", COST_OF_PIPELINE, AT(idle_energy_j)},
    {NULL, COST_OF_NETWORK, 0},
};

bool cost_column_has(const struct cost_column *column, const struct cost_model *model)
{
    return column->of == COST_OF_NETWORK || !model || model->program;
}

const struct cost_column *cost_column_find(const char *name, const struct cost_model *model,
                                           const char **best)
{
    for (const struct cost_column *column = cost_columns; column->name; column++) {
        if (!cost_column_has(column, model))
            continue;
        if (strcmp(column->name, name) == 0)
            return column;
        text_nearest(name, column->name, best);
    }
    return NULL;
}

double cost_column_value(const struct cost_column *column, const struct hardware_cost *network,
                         const struct hardware_cost *pipeline)
{
    const struct hardware_cost *cost = column->of == COST_OF_PIPELINE ? pipeline : network;
    double value;

    memcpy(&value, (const char *)cost + column->offset, sizeof value);
    return value;
}
