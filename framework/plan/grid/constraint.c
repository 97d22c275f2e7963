/*
 * `constraint:` drops grid points by what their networks cost, before anything is trained:
 *
 *     constraint:
 *       hardware.tpu_v1.energy_j: {max: 1.0e-3}
 *       network.parameters: {min: 100, max: 1.0e5}
 *
 * Costs follow from layer shapes, these from the shape of the data set's images. They are what the
 * results hold under the same names (trial/evaluation/costs.c), and are worked out once for each
 * network.
 */
#include "plan/grid/constraint.h"

#include "graph/network.h"
#include "plan/grid/sift.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LIMITS = 64 };

static const struct {
    const char *name;
    size_t offset;
} costs[] = {
    {"latency_s", offsetof(struct hardware_cost, latency_s)},
    {"energy_j", offsetof(struct hardware_cost, energy_j)},
    {"dram_bytes", offsetof(struct hardware_cost, dram_bytes)},
    {"utilisation", offsetof(struct hardware_cost, utilisation)},
    {"cycles", offsetof(struct hardware_cost, cycles)},
};

enum { COSTS = sizeof costs / sizeof *costs, NETWORK = -1, PARAMETERS = 0, MULTIPLY_ADDS = 1 };

struct limit {
    int machine; /* of the plan; NETWORK: the network's own */
    size_t cost; /* of costs[]; PARAMETERS, MULTIPLY_ADDS */
    double least, most;
    uint32_t rule; /* from 1, in plan->rules */
};

struct constraints {
    struct plan *plan;
    struct diagnostics *found;
    struct limit limits[MOST_LIMITS];
    size_t count;
};

static enum status told(struct constraints *constraints, const struct yaml_node *node,
                        const char *name, const char *what, const char *best, struct error *error)
{
    char path[PLAN_MAX_PATH + 20];

    snprintf(path, sizeof path, "constraint.%.200s", name);
    return diagnostics_add(constraints->found, node->mark, path, error, "%s%s%.100s%s", what,
                           best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

/* "hardware.MACHINE.COST". Machines' names may have dots, costs have none. */
static enum status read_machine(struct constraints *constraints, const struct yaml_node *key,
                                struct limit *limit, bool *good, struct error *error)
{
    const struct plan *plan = constraints->plan;
    const char *name = key->text + strlen("hardware."), *dot = strrchr(name, '.'), *best = NULL;
    char machine[PLAN_MAX_PATH + 1];

    snprintf(machine, sizeof machine, "%.*s", dot ? (int)(dot - name) : (int)strlen(name), name);
    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        text_nearest(machine, plan->base.hardware.items[i], &best);
        if (strcmp(plan->base.hardware.items[i], machine) == 0)
            limit->machine = (int)i;
    }
    if (limit->machine == NETWORK)
        return told(constraints, key, key->text, "the machine is not listed under 'hardware'", best,
                    error);
    best = NULL;
    for (size_t c = 0; c < COSTS; c++) {
        text_nearest(dot ? dot + 1 : "", costs[c].name, &best);
        if (dot && strcmp(costs[c].name, dot + 1) == 0) {
            limit->cost = c;
            *good = true;
            return STATUS_OK;
        }
    }
    return told(constraints, key, key->text,
                "expected a cost behind the machine: latency_s, energy_j, dram_bytes, utilisation "
                "or cycles",
                best, error);
}

static enum status read_name(struct constraints *constraints, const struct yaml_node *key,
                             struct limit *limit, bool *good, struct error *error)
{
    const char *best = NULL;

    limit->machine = NETWORK;
    *good = true;
    if (strcmp(key->text, "network.parameters") == 0) {
        limit->cost = PARAMETERS;
        return STATUS_OK;
    }
    if (strcmp(key->text, "network.multiply_adds") == 0) {
        limit->cost = MULTIPLY_ADDS;
        return STATUS_OK;
    }
    *good = false;
    if (strncmp(key->text, "hardware.", strlen("hardware.")) == 0)
        return read_machine(constraints, key, limit, good, error);
    text_nearest(key->text, "network.parameters", &best);
    text_nearest(key->text, "network.multiply_adds", &best);
    return told(constraints, key, key->text,
                "expected hardware.MACHINE.COST, network.parameters or network.multiply_adds", best,
                error);
}

static enum status read_bounds(struct constraints *constraints, const struct yaml_node *key,
                               const struct yaml_node *bounds, struct limit *limit, bool *good,
                               struct error *error)
{
    bool fits = bounds->kind == YAML_MAPPING && bounds->count > 0;

    limit->least = -INFINITY;
    limit->most = INFINITY;
    for (size_t i = 0; fits && i < bounds->count; i++) {
        const char *name = bounds->keys[i]->text;
        bool least = strcmp(name, "min") == 0;
        fits = (least || strcmp(name, "max") == 0) &&
               yaml_real(bounds->items[i], least ? &limit->least : &limit->most);
    }
    *good = *good && fits && limit->least <= limit->most;
    if (!fits)
        return told(constraints, bounds, key->text,
                    "expected {max: number}, {min: number}, or {min: number, max: number}", NULL,
                    error);
    if (limit->least > limit->most)
        return told(constraints, bounds, key->text, "nothing is between 'min' and 'max'", NULL,
                    error);
    return STATUS_OK;
}

static enum status read_limits(struct constraints *constraints, const struct yaml_node *node,
                               struct error *error)
{
    if (node->kind != YAML_MAPPING || node->count > MOST_LIMITS)
        return diagnostics_add(constraints->found, node->mark, "constraint", error,
                               node->kind != YAML_MAPPING
                                   ? "expected a mapping from costs to {max: number}"
                                   : "too many constraints; at most 64 are possible");
    for (size_t i = 0; i < node->count; i++) {
        struct limit *limit = &constraints->limits[constraints->count];
        bool good = false;
        PASS(read_name(constraints, node->keys[i], limit, &good, error));
        PASS(read_bounds(constraints, node->keys[i], node->items[i], limit, &good, error));
        if (!good)
            continue;
        PASS(plan_rule_add(constraints->plan, "constraint", i, node->keys[i], node->items[i],
                           error));
        limit->rule = (uint32_t)constraints->plan->rule_count;
        constraints->count++;
    }
    return STATUS_OK;
}

static bool is_within(const struct limit *limit, const struct network *network,
                      const struct hardware_cost *machines)
{
    double value = (double)network->parameters;

    if (limit->machine != NETWORK)
        memcpy(&value, (const char *)&machines[limit->machine] + costs[limit->cost].offset,
               sizeof value);
    else if (limit->cost == MULTIPLY_ADDS)
        value = network_operations(network).multiply_adds;
    return value >= limit->least && value <= limit->most;
}

/* The first limit that the network is beyond, as a rule's number; 0: none. */
static enum status judge(void *context, const struct experiment *experiment, uint32_t *rule,
                         struct error *fault)
{
    const struct constraints *constraints = context;
    const struct plan *plan = constraints->plan;
    struct hardware_cost machines[PLAN_MAX_MACHINES] = {{0}};
    struct network network = {0};
    struct layer_work *layers = NULL;
    struct shape input, target;
    struct answer answer;
    enum status status = STATUS_OK;

    *rule = 0;
    TRY(experiment_shapes(experiment, &input, &target, &answer, fault));
    TRY(network_new(&network, &experiment->network, input, answer, fault));
    TRY(memory_new(&layers, network.count, sizeof *layers, fault));
    struct network_work work = network_work(&network, layers);
    for (size_t m = 0; m < plan->base.hardware.count; m++) {
        const struct cost_model *model = (const void *)plan->machines[m].model.kind;
        TRY(model->cost(plan->machines[m].model.config, &work, &machines[m], NULL, fault));
    }
    for (size_t i = 0; i < constraints->count && !*rule; i++)
        if (!is_within(&constraints->limits[i], &network, machines))
            *rule = constraints->limits[i].rule;
out:
    memory_free(layers);
    network_release(&network);
    return status;
}

enum status constraints_apply(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct constraints constraints = {.plan = plan, .found = found};
    const struct yaml_node *node = yaml_get(plan->root, "constraint");
    size_t before = found->count;

    if (!node || yaml_is_null(node))
        return STATUS_OK;
    PASS(read_limits(&constraints, node, error));
    if (found->count == 0 && before == 0 && plan->kept_count)
        PASS(points_sift(
            plan, &(struct sieve){.section = "constraint", .judge = judge, .context = &constraints},
            found, error));
    return STATUS_OK;
}
