/*
 * Successive halving: many points with little training, the best of them with more, until few are
 * left with all of it (Jamieson, Talwalkar 2016). Rung k has floor(points / eta^k) points, at least
 * one, with a budget of least x eta^k, at most `most`; a rung begins when the one before has ended,
 * so that it depends on results alone. Each rung trains anew: a schedule's course depends on its
 * length. The first rung's points are scrambled Sobol's.
 *
 * Better is what search_order() puts first: with several objectives, non-dominated sorting.
 */
#include "base/memory.h"
#include "search/sobol.h"
#include "search/space.h"

#include <stddef.h>
#include <string.h>

struct halving {
    int64_t points, eta, least, most;
    const char *budget;
};

#define HALVING(member) offsetof(struct halving, member)

static const struct field fields[] = {
    {"points", FIELD_INTEGER, HALVING(points), .minimum = 1, .maximum = 10000,
     .default_value = "27", .help = "number of points on the first rung"},
    {"eta", FIELD_INTEGER, HALVING(eta), .minimum = 2, .maximum = 100, .default_value = "3",
     .help = "one point in eta moves to the next rung, with eta times the budget"},
    {"budget", FIELD_TEXT, HALVING(budget), .default_value = "train.epochs",
     .help = "path of the whole number that grows from rung to rung"},
    {"least", FIELD_INTEGER, HALVING(least), .minimum = 1, .maximum = 1e6, .default_value = "1",
     .help = "budget of the first rung"},
    {"most", FIELD_INTEGER, HALVING(most), .minimum = 1, .maximum = 1e6, .default_value = "27",
     .help = "budget of the last rung"},
    {0},
};

static const char *objection(const void *config)
{
    const struct halving *halving = config;
    return halving->most < halving->least ? "'most' is below 'least'" : NULL;
}

static const char *budget(const void *config, double *least, double *most)
{
    const struct halving *halving = config;
    *least = (double)halving->least;
    *most = (double)halving->most;
    return halving->budget;
}

/* Budget and size of a rung; false past the last. */
static bool rung_at(const struct halving *halving, size_t rung, int64_t *budget_then, size_t *count)
{
    int64_t now = halving->least, left = halving->points;

    for (; rung > 0; rung--) {
        if (now >= halving->most)
            return false;
        now = now > halving->most / halving->eta ? halving->most : now * halving->eta;
        left /= halving->eta;
    }
    *budget_then = now;
    *count = left > 0 ? (size_t)left : 1;
    return true;
}

static size_t size(const void *config, size_t round)
{
    int64_t now;
    size_t count;
    return rung_at(config, round, &now, &count) ? count : 0;
}

/* The best `count` points of the rung before, in the order in which they stood there. */
static enum status promote(const struct search_space *space, const struct search_history *history,
                           size_t before, size_t count, struct search_point *points,
                           struct error *error)
{
    size_t first = history->count - before, *order = NULL, kept = 0;
    bool *chosen = NULL;
    enum status status = STATUS_OK;

    TRY(memory_new(&order, before, sizeof *order, error));
    TRY(memory_new(&chosen, before, 1, error));
    TRY(search_order(history->objectives + first * history->objective_count, before,
                     history->objective_count, order, error));
    for (size_t i = 0; i < count; i++)
        chosen[order[i]] = true;
    for (size_t i = 0; i < before; i++)
        if (chosen[i])
            memcpy(points[kept++].coordinates, history->points[first + i].coordinates,
                   space->count * sizeof(double));
out:
    memory_free(chosen);
    memory_free(order);
    return status;
}

static enum status propose(const void *config, const struct search_space *space,
                           const struct search_history *history, struct random_key key,
                           size_t round, struct search_point *points, struct error *error)
{
    int64_t now = 0;
    size_t count = 0;

    if (!rung_at(config, round, &now, &count))
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        points[i].budget = (double)now;
        points[i].rung = round;
        if (round == 0)
            sobol_point(key, (uint32_t)i, true, space->count, points[i].coordinates);
    }
    if (round == 0)
        return STATUS_OK;
    return promote(space, history, size(config, round - 1), count, points, error);
}

const struct search_method search_method_halving = {
    .descriptor = {.name = "halving",
                   .summary = "many points with little training, then the best with more",
                   .source = "Jamieson, Talwalkar, Non-stochastic best arm identification and "
                             "hyperparameter optimization, AISTATS 2016",
                   .fields = fields,
                   .config_size = sizeof(struct halving),
                   .version = 1},
    .objection = objection,
    .budget = budget,
    .size = size,
    .propose = propose,
};
