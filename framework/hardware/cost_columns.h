/*
 * The costs that results hold of each machine, as columns hardware.MACHINE.NAME: one table for
 * those who record them, bound them, search and select by them, and draw them.
 */
#ifndef UNDERSTUDY_HARDWARE_COST_COLUMNS_H
#define UNDERSTUDY_HARDWARE_COST_COLUMNS_H

#include "interfaces/hardware.h"

enum cost_of {
    COST_OF_NETWORK,
    COST_OF_PIPELINE /* of the part that the network replaces, on machines that run programs */
};

struct cost_column {
    const char *name; /* "latency_s", "pipeline.latency_s" */
    enum cost_of of;
    size_t offset; /* in struct hardware_cost */
};

extern const struct cost_column cost_columns[]; /* up to one without a name */

/* Has the machine this column? A model of NULL, of a machine that was not found, has all. */
bool cost_column_has(const struct cost_column *column, const struct cost_model *model);
/* The column of this name, NULL: none; then *best is the nearest name that the machine has, or as
 * it was. */
const struct cost_column *cost_column_find(const char *name, const struct cost_model *model,
                                           const char **best);
double cost_column_value(const struct cost_column *column, const struct hardware_cost *network,
                         const struct hardware_cost *pipeline);

#endif
