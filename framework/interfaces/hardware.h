/*
 * Hardware cost models: time, energy, traffic and utilisation of a network on a machine, from layer
 * shapes and operation counts alone. A machine is a YAML file in experiments/hardware/ that names a
 * model and fills its fields.
 */
#ifndef UNDERSTUDY_INTERFACES_HARDWARE_H
#define UNDERSTUDY_INTERFACES_HARDWARE_H

#include "interfaces/operations.h"
#include "io/schema/schema.h"

/* One layer's or stage's work on one image. */
struct layer_work {
    const char *name; /* the node's name in the network */
    struct operations operations;
    /* The matrix product M x K by K x N that it is (reference: SCALE-Sim v2's convention: M output
     * pixels, K kernel height x width x input channels, N filters); M = 0: not a product. With
     * groups, `products` such products. */
    double m, k, n, products;
    /* Its plane: rows of the output (of m / rows columns), side of the kernel, step from window to
     * window. */
    double rows, kernel, stride;
    double inputs, weights, outputs; /* values read, held, written */
    bool scalar;                     /* a stage that fills no vectors */
    double live; /* activations that are alive while it runs, where that is known (or else 0) */
};

/* A network's work on one image (graph/network.h). */
struct network_work {
    const struct layer_work *layers;
    size_t count;
    double parameters;  /* values that it holds */
    double peak_values; /* activations that are alive at once, at most */
};

struct hardware_cost { /* per image */
    double latency_s;
    double energy_j;
    double dram_bytes;
    double utilisation; /* multiply-adds done / multiply-adds possible in latency_s, 0 … 1 */
    double cycles;
    double idle_energy_j; /* the part of energy_j that idle power takes; NaN: not known */
};

struct cost_model {
    struct descriptor descriptor;
    /* `cost` is the sum over layers; `by_layer` [count], where not NULL, gets each. */
    enum status (*cost)(const void *config, const struct network_work *network,
                        struct hardware_cost *cost, struct hardware_cost *by_layer,
                        struct error *error);
    /* The same for the stages of a pipeline, in float32; NULL: the machine runs no programs.
     * Operations that nobody knows (NaN) cost NaN. */
    enum status (*program)(const void *config, const struct layer_work *stages, size_t count,
                           struct hardware_cost *cost, struct error *error);
    /* STATUS_CONFIG, and why, where the machine cannot hold the network. NULL: it holds any. */
    enum status (*fits)(const void *config, const struct network_work *network,
                        struct error *error);
    double (*value_bytes)(const void *config); /* size of a network's values */
    /* What the field table cannot say: STATUS_CONFIG, and *field is at fault. NULL: nothing. */
    enum status (*check)(const void *config, const char **field, struct error *error);
};
DESCRIPTOR_OF(cost_model);

#endif
