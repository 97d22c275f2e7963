/*
 * Rounds of a search: the method's points as values on the plan's axes. Values are rounded to six
 * digits, so that they read well and do not depend on the last bit of a logarithm.
 */
#include "plan/search_steps.h"
#include "plan/steps.h"
#include "search/space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CORNERS = 6 }; /* ranges whose ends are all combined; more move together */

static size_t axis_count(const struct search *search)
{
    return search->space.count + (search->budget ? 1 : 0);
}

/* A scalar of the range's own mark. */
static enum status scalar(struct arena *arena, const struct search_axis *axis, double number,
                          struct yaml_node **node, struct error *error)
{
    struct text text = {0};
    enum status status = STATUS_OK;

    text_append_real(&text, number);
    TRY(text_status(&text, error));
    TRY(arena_new(arena, node, 1, sizeof **node, error));
    **node = (struct yaml_node){.kind = YAML_SCALAR, .mark = axis->bounds->mark};
    TRY(arena_copy(arena, text.bytes, text.length, &(*node)->text, error));
out:
    text_release(&text);
    return status;
}

static double rounded(double number)
{
    char text[40];
    snprintf(text, sizeof text, "%.6g", number);
    return strtod(text, NULL);
}

/* What a point has on an axis; the budget's is the last. */
static enum status value_of(struct plan *plan, const struct search *search,
                            const struct search_point *point, size_t index, struct yaml_node **node,
                            struct error *error)
{
    const struct search_axis *axis = &search->axes[index];
    double u, number;

    if (index == search->space.count)
        return scalar(&plan->arena, axis, point->budget, node, error);
    u = point->coordinates[index];
    if (axis->kind == RANGE_CHOICE) {
        *node = axis->bounds->items[search_cell(&search->ranges[index], u)];
        return STATUS_OK;
    }
    if (axis->kind == RANGE_INTEGER)
        number = axis->low + search_cell(&search->ranges[index], u);
    else if (axis->kind == RANGE_UNIFORM)
        number = rounded(axis->low + u * (axis->high - axis->low));
    else
        number = rounded(exp(log(axis->low) + u * (log(axis->high) - log(axis->low))));
    return scalar(&plan->arena, axis, fmin(axis->high, fmax(axis->low, number)), node, error);
}

/* Room for `more` points after those that there are. */
static enum status reserve(struct plan *plan, struct search *search, size_t more,
                           struct error *error)
{
    struct search_point *points;
    double *results;
    size_t needed = search->count + more, capacity = search->capacity ? search->capacity : 16;

    if (needed <= search->capacity)
        return STATUS_OK;
    while (capacity < needed)
        capacity *= 2;
    PASS(arena_new(&plan->arena, &points, capacity, sizeof *points, error));
    PASS(arena_new(&plan->arena, &results, capacity * search->objective_count, sizeof *results,
                   error));
    if (search->count) {
        memcpy(points, search->points, search->count * sizeof *points);
        memcpy(results, search->results, search->count * search->objective_count * sizeof *results);
    }
    search->points = points;
    search->results = results;
    search->capacity = capacity;
    return STATUS_OK;
}

/* Let the method fill the points after those that there are; they do not count yet. */
static enum status propose(struct plan *plan, struct search *search, size_t round, size_t count,
                           struct error *error)
{
    struct search_history history = {search->points, search->results, search->count,
                                     search->objective_count};
    double *coordinates;

    PASS(reserve(plan, search, count, error));
    history.points = search->points;
    history.objectives = search->results;
    PASS(arena_new(&plan->arena, &coordinates, count * search->space.count, sizeof *coordinates,
                   error));
    struct search_point *points = search->points + search->count;
    for (size_t i = 0; i < count; i++)
        points[i] = (struct search_point){.coordinates = coordinates + i * search->space.count,
                                          .round = round};
    PASS(search->method->propose(search->config, &search->space, &history, search->key, round,
                                 points, error));
    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; d < search->space.count; d++)
            points[i].coordinates[d] = search_snap(&search->ranges[d], points[i].coordinates[d]);
    return STATUS_OK;
}

/* Ranges of numbers before axis `index`. */
static size_t numeric_before(const struct search *search, size_t index)
{
    size_t count = 0;
    for (size_t i = 0; i < index; i++)
        count += search->axes[i].kind != RANGE_CHOICE;
    return count;
}

/* What probe `probe` has on an axis: first all corners of the numbers, the first choices standing,
 * then each other choice with the lowest and with the highest numbers. */
static struct yaml_node *probe_value(const struct search *search, size_t corners, size_t probe,
                                     size_t index)
{
    const struct search_axis *axis = &search->axes[index];
    size_t other = probe < corners ? 0 : (probe - corners) / 2;

    if (axis->kind != RANGE_CHOICE && probe < corners)
        return axis->bounds->items[probe >> numeric_before(search, index) % MOST_CORNERS & 1];
    if (axis->kind != RANGE_CHOICE)
        return axis->bounds->items[(probe - corners) % 2];
    for (size_t i = 0; probe >= corners && i < search->space.count; i++) {
        size_t others =
            search->axes[i].kind == RANGE_CHOICE ? search->axes[i].bounds->count - 1 : 0;
        if (other < others)
            return axis->bounds->items[i == index ? 1 + other : 0];
        other -= others;
    }
    return axis->bounds->items[0];
}

static size_t corner_count(const struct search *search)
{
    size_t numeric = numeric_before(search, axis_count(search));
    return (size_t)1 << (numeric < MOST_CORNERS ? numeric : MOST_CORNERS);
}

static size_t probe_count(const struct search *search)
{
    size_t count = corner_count(search);

    for (size_t i = 0; i < search->space.count; i++)
        if (search->axes[i].kind == RANGE_CHOICE)
            count += 2 * (search->axes[i].bounds->count - 1);
    return count;
}

/* The list of an axis: the probes' values, then those of the points. */
static enum status list_values(struct plan *plan, const struct search *search, size_t index,
                               struct yaml_node **list, struct error *error)
{
    size_t corners = corner_count(search), count = search->probes + search->count;

    PASS(arena_new(&plan->arena, list, 1, sizeof **list, error));
    **list = (struct yaml_node){.kind = YAML_SEQUENCE,
                                .mark = search->axes[index].bounds->mark,
                                .count = count,
                                .capacity = count};
    PASS(arena_new(&plan->arena, &(*list)->items, count, sizeof *(*list)->items, error));
    for (size_t p = 0; p < search->probes; p++)
        (*list)->items[p] = probe_value(search, corners, p, index);
    for (size_t i = 0; i < search->count; i++)
        PASS(value_of(plan, search, &search->points[i], index, &(*list)->items[search->probes + i],
                      error));
    return STATUS_OK;
}

enum status search_start(struct plan *plan, struct search *search, struct error *error)
{
    size_t axes = axis_count(search), count = search->method->size(search->config, 0);
    struct yaml_node *values;

    PASS(propose(plan, search, 0, count, error));
    search->count = count;
    search->probes = probe_count(search);
    PASS(arena_new(&plan->arena, &values, 1, sizeof *values, error));
    *values = (struct yaml_node){
        .kind = YAML_MAPPING, .mark = search->mark, .count = axes, .capacity = axes};
    PASS(arena_new(&plan->arena, &values->keys, axes, sizeof *values->keys, error));
    PASS(arena_new(&plan->arena, &values->items, axes, sizeof *values->items, error));
    for (size_t a = 0; a < axes; a++) {
        values->keys[a] = search->axes[a].key;
        PASS(list_values(plan, search, a, &values->items[a], error));
    }
    search->values = values;
    return STATUS_OK;
}

void search_keep(struct plan *plan)
{
    if (!plan->search)
        return;
    plan->kept_count = plan->search->count;
    for (size_t i = 0; i < plan->kept_count; i++)
        plan->kept[i] = plan->search->probes + i;
}

/* Means over replicates of the points that have no results yet. */
static enum status judge(struct plan *plan, plan_results *results, void *context,
                         struct error *error)
{
    struct search *search = plan->search;
    size_t replicates = (size_t)plan->base.replicates;

    for (; search->judged < search->count; search->judged++)
        for (size_t m = 0; m < search->objective_count; m++) {
            double sum = 0, value = 0;
            for (size_t r = 0; r < replicates; r++) {
                PASS(results(context, search->judged * replicates + r, search->objectives[m].column,
                             &value, error));
                sum += value;
            }
            double mean = sum / (double)replicates;
            search->results[search->judged * search->objective_count + m] =
                !isfinite(mean)                  ? (double)NAN
                : search->objectives[m].maximise ? -mean
                                                 : mean;
        }
    return STATUS_OK;
}

/* Put `more` values behind those of an axis. */
static enum status lengthen(struct plan *plan, struct plan_axis *axis, size_t index, size_t more,
                            struct error *error)
{
    struct search *search = plan->search;
    struct yaml_node **values;

    PASS(arena_new(&plan->arena, &values, axis->count + more, sizeof *values, error));
    memcpy(values, axis->values, axis->count * sizeof *values);
    for (size_t i = 0; i < more; i++)
        PASS(value_of(plan, search, &search->points[search->count + i], index,
                      &values[axis->count + i], error));
    axis->values = values;
    return STATUS_OK;
}

/* The proposed points become trials: all of them, or, on failure, none. */
static enum status append(struct plan *plan, size_t more, struct error *error)
{
    struct search *search = plan->search;
    size_t *kept;

    for (size_t a = 0; a < plan->axis_count; a++)
        PASS(lengthen(plan, &plan->axes[a], a, more, error));
    PASS(arena_new(&plan->arena, &kept, plan->kept_count + more, sizeof *kept, error));
    memcpy(kept, plan->kept, plan->kept_count * sizeof *kept);
    for (size_t i = 0; i < more; i++)
        kept[plan->kept_count + i] = search->probes + plan->kept_count + i;
    key_cache_free(plan->memo);
    plan->memo = NULL;
    plan->kept = kept;
    plan->kept_count += more;
    for (size_t a = 0; a < plan->axis_count; a++)
        plan->axes[a].count += more;
    plan->group_sizes[0] += more;
    plan->grid_sizes[0] += more;
    plan->trial_count += more * (size_t)plan->base.replicates;
    search->count += more;
    search->round++;
    return STATUS_OK;
}

/* Does every new point make a sound experiment? Corners were looked at; this is for what they do
 * not tell. */
static enum status check_points(struct plan *plan, size_t first, struct error *error)
{
    struct sound_networks networks = {0};
    struct arena arena = {0};
    struct diagnostics found = {0}, none = {0};
    struct experiment experiment;
    enum status status = STATUS_OK;

    for (size_t i = first; i < plan->kept_count; i++) {
        TRY(point_read(plan, plan->kept[i], &arena, &experiment, error));
        TRY(experiment_check(&experiment, plan->root, &none, &networks, NULL, &found, error));
        if (found.count) {
            *error = found.items[0];
            status = error->code = STATUS_CONFIG;
            error_context(error, "search: point %zu", i);
            goto out;
        }
        arena_release(&arena);
    }
out:
    arena_release(&arena);
    arena_release(&networks.arena);
    diagnostics_release(&found);
    return status;
}

enum status plan_extend(struct plan *plan, plan_results *results, void *context, bool *more,
                        struct error *error)
{
    struct search *search = plan->search;

    *more = false;
    if (!search)
        return STATUS_OK;
    PASS(judge(plan, results, context, error));
    size_t count = search->method->size(search->config, search->round + 1);
    size_t first = plan->kept_count;
    if (count == 0)
        return STATUS_OK;
    PASS(propose(plan, search, search->round + 1, count, error));
    PASS(append(plan, count, error));
    PASS(check_points(plan, first, error));
    *more = true;
    return STATUS_OK;
}

size_t plan_final_count(const struct plan *plan)
{
    return plan->search ? search_total(plan->search) * (size_t)plan->base.replicates
                        : plan->trial_count;
}

double search_value(const struct search *search, size_t point, size_t objective)
{
    double value = search->results[point * search->objective_count + objective];

    if (point >= search->judged)
        return (double)NAN;
    return search->objectives[objective].maximise && !isnan(value) ? -value : value;
}

void search_pareto(const struct search *search, bool *front)
{
    double most = 0;

    for (size_t i = 0; i < search->judged; i++)
        most = fmax(most, search->points[i].budget);
    for (size_t i = 0; i < search->count; i++)
        front[i] = i < search->judged && !(search->points[i].budget < most);
    search_front(search->results, search->judged, search->objective_count, front);
}

size_t search_total(const struct search *search)
{
    size_t total = 0, count;

    for (size_t round = 0; (count = search->method->size(search->config, round)) > 0; round++)
        total += count;
    return total;
}
