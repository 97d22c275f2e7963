/*
 * `constraint:` drops grid points by what their networks, and the pipelines that these replace,
 * cost, before anything is trained:
 *
 *     constraint:
 *       hardware.tpu_v1.energy_j: {max: 1.0e-3}
 *       hardware.raspberry_pi_4.pipeline.latency_s: {min: 1.0e-3}
 *       network.parameters: {min: 100, max: 1.0e5}
 *
 * Costs follow from layer shapes, these from the shape of the data set's images. They are what the
 * results hold under the same names (trial/evaluation/costs.c), and are worked out once for each
 * network.
 */
#include "plan/grid/constraint.h"

#include "plan/grid/point_costs.h"
#include "plan/grid/sift.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LIMITS = 64, NETWORK = -1 };

struct limit {
    const struct yaml_node *key;
    int machine;                      /* of the plan; NETWORK: the network's own */
    const struct cost_column *column; /* of a machine */
    enum own_cost own;                /* of none */
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

/* "MACHINE.COST", of which either may have dots: the listed machine that it begins with, or -1;
 * *cost is what stands behind it, "" where nothing does. Where no machine is listed, *best is the
 * nearest to what is no cost's name. */
static int find_machine(const struct plan *plan, const char *name, const char **cost,
                        const char **best)
{
    static const char pipeline[] = ".pipeline";
    const char *dot = strrchr(name, '.');
    size_t length = dot ? (size_t)(dot - name) : strlen(name), tail = sizeof pipeline - 1;
    char guess[PLAN_MAX_PATH + 1];

    if (length > tail && strncmp(name + length - tail, pipeline, tail) == 0)
        length -= tail;
    snprintf(guess, sizeof guess, "%.*s", (int)length, name);
    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        const char *item = plan->base.hardware.items[i];
        size_t size = strlen(item);
        text_nearest(guess, item, best);
        if (strncmp(name, item, size) || (name[size] && name[size] != '.'))
            continue;
        *cost = name + size + (name[size] == '.');
        return (int)i;
    }
    return -1;
}

/* "hardware.MACHINE.COST". */
static enum status read_machine(struct constraints *constraints, const struct yaml_node *key,
                                struct limit *limit, bool *good, struct error *error)
{
    const struct plan *plan = constraints->plan;
    const char *cost, *best = NULL;

    limit->machine = find_machine(plan, key->text + strlen("hardware."), &cost, &best);
    if (limit->machine < 0)
        return told(constraints, key, key->text, "the machine is not listed under 'hardware'", best,
                    error);
    const struct cost_model *model = (const void *)plan->machines[limit->machine].model.kind;
    best = NULL;
    limit->column = cost_column_find(cost, model, &best);
    *good = limit->column != NULL;
    if (*good)
        return STATUS_OK;
    if (cost_column_find(cost, NULL, &best))
        return told(constraints, key, key->text, "the machine prices no pipelines", NULL, error);
    return told(constraints, key, key->text,
                "expected a cost behind the machine: latency_s, energy_j, dram_bytes, utilisation, "
                "cycles, idle_energy_j, or pipeline.latency_s, .energy_j, .idle_energy_j",
                best, error);
}

static enum status read_name(struct constraints *constraints, const struct yaml_node *key,
                             struct limit *limit, bool *good, struct error *error)
{
    const char *best = NULL;

    *limit = (struct limit){.key = key, .machine = NETWORK};
    if (strncmp(key->text, "hardware.", strlen("hardware.")) == 0)
        return read_machine(constraints, key, limit, good, error);
    for (int own = 0; own < OWN_COSTS; own++) {
        if (strcmp(key->text, own_costs[own]) == 0) {
            limit->own = (enum own_cost)own;
            *good = true;
            return STATUS_OK;
        }
        text_nearest(key->text, own_costs[own], &best);
    }
    if (strncmp(key->text, "timing.", strlen("timing.")) == 0)
        return told(constraints, key, key->text,
                    "what is measured is known only after training; 'select' and figures can "
                    "use it",
                    NULL, error);
    return told(constraints, key, key->text,
                "expected hardware.MACHINE.COST, or network.parameters, .multiply_adds, "
                ".parameter_bytes or .peak_activation_bytes",
                best, error);
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

static double cost_of(const struct limit *limit, const struct point_costs *costs)
{
    if (limit->machine == NETWORK)
        return costs->own[limit->own];
    return cost_column_value(limit->column, &costs->network[limit->machine],
                             &costs->pipeline[limit->machine]);
}

static bool bounds_pipeline(const struct constraints *constraints)
{
    bool bounds = false;

    for (size_t i = 0; i < constraints->count; i++)
        bounds = bounds || (constraints->limits[i].column &&
                            constraints->limits[i].column->of == COST_OF_PIPELINE);
    return bounds;
}

/* The first limit that the network is beyond, as a rule's number; 0: none. */
static enum status judge(void *context, const struct experiment *experiment, uint32_t *rule,
                         struct error *fault)
{
    const struct constraints *constraints = context;
    struct point_costs costs;

    *rule = 0;
    PASS(point_costs(&costs, constraints->plan, experiment, bounds_pipeline(constraints), fault));
    for (size_t i = 0; i < constraints->count && !*rule; i++) {
        const struct limit *limit = &constraints->limits[i];
        double cost = cost_of(limit, &costs);
        if (isnan(cost))
            return error_set(fault, STATUS_CONFIG,
                             "%s cannot be told: the machine's file or a stage lacks a number "
                             "that it follows from",
                             limit->key->text);
        if (!(cost >= limit->least && cost <= limit->most))
            *rule = limit->rule;
    }
    return STATUS_OK;
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
