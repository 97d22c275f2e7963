/* Costs of layers, summed up: the utilisation is a mean, weighted with time. */
#ifndef UNDERSTUDY_HARDWARE_COST_SUM_H
#define UNDERSTUDY_HARDWARE_COST_SUM_H

#include "interfaces/hardware.h"

struct cost_sum { /* starts as {0} */
    struct hardware_cost cost;
    double busy_s; /* time x utilisation */
};

static inline void cost_sum_add(struct cost_sum *sum, const struct hardware_cost *layer)
{
    sum->cost.latency_s += layer->latency_s;
    sum->cost.energy_j += layer->energy_j;
    sum->cost.idle_energy_j += layer->idle_energy_j;
    sum->cost.dram_bytes += layer->dram_bytes;
    sum->cost.cycles += layer->cycles;
    sum->busy_s += layer->latency_s * layer->utilisation;
    if (sum->cost.latency_s > 0)
        sum->cost.utilisation = sum->busy_s / sum->cost.latency_s;
}

#endif
