#include "search/space.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

struct random_stream search_stream(struct random_key key, enum search_draw draw, size_t dimension,
                                   uint64_t item)
{
    return random_stream(key, RANDOM_SEARCH,
                         random_index((uint32_t)draw << 16 | (uint32_t)dimension, item));
}

uint32_t search_cell(const struct search_range *range, double coordinate)
{
    double cell = floor(coordinate * range->cells);

    if (!(cell > 0))
        return 0;
    return cell < range->cells ? (uint32_t)cell : range->cells - 1;
}

double search_snap(const struct search_range *range, double coordinate)
{
    if (range->cells == 0)
        return coordinate;
    return (search_cell(range, coordinate) + 0.5) / range->cells;
}

void search_random_point(struct random_key key, uint64_t index, size_t dimensions,
                         double *coordinates)
{
    struct random_stream stream = search_stream(key, SEARCH_DRAW_RANDOM, 0, index);

    for (size_t d = 0; d < dimensions; d++)
        coordinates[d] = random_uniform(&stream);
}

static bool failed(const double *point, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(point[i]))
            return true;
    return false;
}

/* Nowhere worse and somewhere better? A point that failed (NaN) is dominated by every one that did
 * not. */
static bool dominates(const double *a, const double *b, size_t count)
{
    bool better = false;

    if (failed(a, count) || failed(b, count))
        return !failed(a, count);
    for (size_t i = 0; i < count; i++) {
        if (a[i] > b[i])
            return false;
        better = better || a[i] < b[i];
    }
    return better;
}

void search_front(const double *objectives, size_t count, size_t objective_count, bool *front)
{
    for (size_t i = 0; i < count; i++)
        front[i] = front[i] && !failed(objectives + i * objective_count, objective_count);
    /* A point is compared with those that are still in; what is dominated by one that is out is
     * dominated by the one that put it out, too. */
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count && front[i]; j++)
            if (j != i && front[j] &&
                dominates(objectives + j * objective_count, objectives + i * objective_count,
                          objective_count))
                front[i] = false;
}

struct rated {
    size_t index, rank;
    double crowding; /* distance to its neighbours in the front; infinite at the ends */
    double key;      /* of the sort that is under way */
};

static int by_key(const void *a, const void *b)
{
    const struct rated *left = a, *right = b;

    if (left->key < right->key || left->key > right->key)
        return left->key < right->key ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static int by_merit(const void *a, const void *b)
{
    const struct rated *left = a, *right = b;

    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    if (left->crowding < right->crowding || left->crowding > right->crowding)
        return left->crowding > right->crowding ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

/* Ranks by peeling off one front after the other; failed points have the last rank. */
static void rank_all(const double *objectives, size_t count, size_t width, struct rated *rated)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        bool out = failed(objectives + i * width, width);
        rated[i] = (struct rated){.index = i, .rank = out ? SIZE_MAX : SIZE_MAX - 1};
        left += !out;
    }
    for (size_t rank = 0; left > 0; rank++) {
        for (size_t i = 0; i < count; i++) {
            bool first = rated[i].rank == SIZE_MAX - 1;
            for (size_t j = 0; j < count && first; j++)
                first = !((rated[j].rank == SIZE_MAX - 1 || rated[j].rank == rank) &&
                          dominates(objectives + j * width, objectives + i * width, width));
            if (first) {
                rated[i].rank = rank;
                left--;
            }
        }
    }
}

/* Crowding distances within the front rated[0 … count), which is put into another order. */
static void crowd(const double *objectives, size_t width, struct rated *rated, size_t count)
{
    for (size_t m = 0; m < width; m++) {
        for (size_t i = 0; i < count; i++)
            rated[i].key = objectives[rated[i].index * width + m];
        qsort(rated, count, sizeof *rated, by_key);
        double spread = rated[count - 1].key - rated[0].key;
        rated[0].crowding = rated[count - 1].crowding = (double)INFINITY;
        for (size_t i = 1; i + 1 < count && spread > 0; i++)
            rated[i].crowding += (rated[i + 1].key - rated[i - 1].key) / spread;
    }
}

enum status search_order(const double *objectives, size_t count, size_t objective_count,
                         size_t *order, struct error *error)
{
    struct rated *rated = NULL;
    enum status status = STATUS_OK;

    if (count == 0)
        goto out;
    TRY(memory_new(&rated, count, sizeof *rated, error));
    rank_all(objectives, count, objective_count, rated);
    qsort(rated, count, sizeof *rated, by_merit);
    for (size_t first = 0, end; objective_count > 1 && first < count; first = end) {
        for (end = first; end < count && rated[end].rank == rated[first].rank; end++)
            continue;
        if (rated[first].rank != SIZE_MAX)
            crowd(objectives, objective_count, rated + first, end - first);
    }
    qsort(rated, count, sizeof *rated, by_merit);
    for (size_t i = 0; i < count; i++)
        order[i] = rated[i].index;
out:
    memory_free(rated);
    return status;
}
