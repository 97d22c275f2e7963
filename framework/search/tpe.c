/*
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kégl 2011). The points tried so
 * far are split into the best share and the rest; l and g are densities of the two, one for each
 * coordinate; the next point takes of several draws from l the one with the largest l / g, which is
 * the one with the largest expected improvement.
 *
 * A coordinate's density is a mixture of an even one and a normal one, cut off at 0 and 1, at each
 * point, as wide as the larger of the distances to its neighbours; of choices, counts with one
 * added to each. Points come in rounds of a fixed size: the first is random; of a later round each
 * point is drawn with those before it in the round counted among the rest (a "constant liar"), so
 * that they spread. Better is what search_order() puts first: with several objectives,
 * non-dominated sorting.
 */
#include "base/memory.h"
#include "math/statistics.h"
#include "search/space.h"

#include <math.h>
#include <stdlib.h>

struct tpe {
    int64_t points, startup, batch, candidates;
    double share;
};

#define TPE(member) offsetof(struct tpe, member)

static const struct field fields[] = {
    {"points", FIELD_INTEGER, TPE(points), .minimum = 1, .maximum = 10000, .default_value = "64",
     .help = "number of points in all"},
    {"startup", FIELD_INTEGER, TPE(startup), .minimum = 2, .maximum = 10000, .default_value = "16",
     .help = "random points of the first round"},
    {"batch", FIELD_INTEGER, TPE(batch), .minimum = 1, .maximum = 1000, .default_value = "8",
     .help = "points of each later round, which run in parallel"},
    {"share", FIELD_REAL, TPE(share), .minimum = 0.01, .maximum = 0.5, .default_value = "0.15",
     .help = "share of the points that count as good"},
    {"candidates", FIELD_INTEGER, TPE(candidates), .minimum = 1, .maximum = 1000,
     .default_value = "24", .help = "draws from which the most promising is taken"},
    {0},
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t size(const void *config, size_t round)
{
    const struct tpe *tpe = config;
    size_t points = (size_t)tpe->points, batch = (size_t)tpe->batch;
    size_t startup = least((size_t)tpe->startup, points);

    if (round == 0)
        return startup;
    if (round - 1 > (points - startup) / batch)
        return 0;
    return least(points - startup - (round - 1) * batch, batch);
}

/* The density of one coordinate over some points. */
struct parzen {
    const struct search_range *range;
    double *centres, *widths; /* [count], ascending centres */
    size_t count;
};

/* Sort the centres; a width is the larger gap beside its centre, within bounds. */
static void settle_widths(struct parzen *parzen)
{
    size_t count = parzen->count;
    double narrowest = 1 / fmin(100, 1 + (double)count);

    if (parzen->range->cells)
        narrowest = fmax(narrowest, 0.5 / parzen->range->cells);
    if (count)
        qsort(parzen->centres, count, sizeof *parzen->centres, statistics_compare);
    for (size_t i = 0; i < count; i++) {
        double below = i ? parzen->centres[i - 1] : 0;
        double above = i + 1 < count ? parzen->centres[i + 1] : 1;
        double width = fmax(parzen->centres[i] - below, above - parzen->centres[i]);
        parzen->widths[i] = fmin(1, fmax(narrowest, width));
    }
}

/* The standard normal distribution's share below x. */
static double below(double x)
{
    return 0.5 * erfc(-x * sqrt(0.5));
}

static bool is_choice(const struct search_range *range)
{
    return range->cells && !range->ordered;
}

static double density(const struct parzen *parzen, double x)
{
    double sum = 1; /* the even part */

    if (is_choice(parzen->range)) {
        for (size_t i = 0; i < parzen->count; i++)
            sum += search_cell(parzen->range, parzen->centres[i]) == search_cell(parzen->range, x);
        return sum / (parzen->range->cells + (double)parzen->count);
    }
    for (size_t i = 0; i < parzen->count; i++) {
        double centre = parzen->centres[i], width = parzen->widths[i], z = (x - centre) / width;
        double within = below((1 - centre) / width) - below(-centre / width);
        sum += exp(-0.5 * z * z) / (width * 2.5066282746310002 * within);
    }
    return sum / (1 + (double)parzen->count);
}

/* A draw; of the normal parts, until it falls between 0 and 1: at least every third one does. */
static double draw(const struct parzen *parzen, struct random_stream *stream)
{
    uint32_t evens = is_choice(parzen->range) ? parzen->range->cells : 1;
    uint32_t which = random_below(stream, evens + (uint32_t)parzen->count);
    double x = -1;

    if (which < evens)
        return random_uniform(stream);
    which -= evens;
    if (is_choice(parzen->range))
        return parzen->centres[which];
    while (!(x >= 0 && x < 1))
        x = parzen->centres[which] + parzen->widths[which] * random_normal(stream);
    return x;
}

/* What one round works with. */
struct estimator {
    const struct tpe *tpe;
    const struct search_space *space;
    const struct search_history *history;
    const struct search_point *pending; /* of this round */
    size_t pending_count;
    size_t *order; /* of the history, best first */
    size_t good;   /* how many of it are good */
    double *room;  /* [4][history + round]: centres and widths of both densities */
};

/* Coordinate `d` of good points, or of the rest with those pending. */
static struct parzen parzen_of(const struct estimator *estimator, bool good, size_t d)
{
    const struct search_history *history = estimator->history;
    size_t most = history->count + (size_t)estimator->tpe->batch;
    struct parzen parzen = {.range = &estimator->space->ranges[d],
                            .centres = estimator->room + (good ? 0 : 2 * most),
                            .widths = estimator->room + (good ? most : 3 * most)};
    size_t first = good ? 0 : estimator->good, end = good ? estimator->good : history->count;

    for (size_t i = first; i < end; i++)
        parzen.centres[parzen.count++] = history->points[estimator->order[i]].coordinates[d];
    for (size_t i = 0; !good && i < estimator->pending_count; i++)
        parzen.centres[parzen.count++] = estimator->pending[i].coordinates[d];
    settle_widths(&parzen);
    return parzen;
}

static double choose(const struct estimator *estimator, size_t d, struct random_stream *stream)
{
    struct parzen good = parzen_of(estimator, true, d), rest = parzen_of(estimator, false, d);
    double best = 0, best_ratio = -1;

    for (int64_t i = 0; i < estimator->tpe->candidates; i++) {
        double x = search_snap(good.range, draw(&good, stream));
        double ratio = density(&good, x) / density(&rest, x);
        if (ratio > best_ratio) {
            best_ratio = ratio;
            best = x;
        }
    }
    return best;
}

static enum status estimate(struct estimator *estimator, struct random_key key, size_t count,
                            struct search_point *points, struct error *error)
{
    const struct search_history *history = estimator->history;
    size_t most = history->count + (size_t)estimator->tpe->batch;
    enum status status = STATUS_OK;

    TRY(memory_new(&estimator->order, history->count, sizeof(size_t), error));
    TRY(memory_new(&estimator->room, 4 * most, sizeof(double), error));
    TRY(search_order(history->objectives, history->count, history->objective_count,
                     estimator->order, error));
    estimator->good = (size_t)ceil(estimator->tpe->share * (double)history->count);
    estimator->pending = points;
    for (size_t i = 0; i < count; i++) {
        estimator->pending_count = i;
        for (size_t d = 0; d < estimator->space->count; d++) {
            struct random_stream stream =
                search_stream(key, SEARCH_DRAW_TPE, d, history->count + i);
            points[i].coordinates[d] = choose(estimator, d, &stream);
        }
    }
out:
    memory_free(estimator->order);
    memory_free(estimator->room);
    return status;
}

static enum status propose(const void *config, const struct search_space *space,
                           const struct search_history *history, struct random_key key,
                           size_t round, struct search_point *points, struct error *error)
{
    struct estimator estimator = {.tpe = config, .space = space, .history = history};
    size_t count = size(config, round);

    if (round > 0)
        return estimate(&estimator, key, count, points, error);
    for (size_t i = 0; i < count; i++)
        search_random_point(key, i, space->count, points[i].coordinates);
    return STATUS_OK;
}

const struct search_method search_method_tpe = {
    .descriptor = {.name = "tpe",
                   .summary = "points near good ones and far from bad ones, round by round",
                   .source = "Bergstra, Bardenet, Bengio, Kégl, Algorithms for hyper-parameter "
                             "optimization, NIPS 2011",
                   .fields = fields,
                   .config_size = sizeof(struct tpe),
                   .version = 1},
    .size = size,
    .propose = propose,
};
