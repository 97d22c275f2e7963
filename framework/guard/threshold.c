#include "guard/threshold.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* An image in the order of doubt. */
struct doubted {
    double doubt;
    size_t image;
};

bool guard_hands_on(double doubt, double threshold)
{
    return !(doubt <= threshold);
}

struct guard_point guard_at(const struct guard_images *images, double threshold)
{
    struct guard_point point = {.threshold = threshold};
    double count = (double)images->count;

    for (size_t i = 0; i < images->count; i++) {
        bool on = guard_hands_on(images->doubt[i], threshold);
        point.score += on ? images->other[i] : images->small[i];
        point.cost += images->small_cost[i] + (on ? images->other_cost[i] : 0);
        point.share += on;
    }
    point.score /= count;
    point.cost /= count;
    point.share /= count;
    return point;
}

/* Ascending, those without a number last, equals as they come. */
static int compare(const void *a, const void *b)
{
    const struct doubted *x = a, *y = b;
    bool no_x = isnan(x->doubt), no_y = isnan(y->doubt);

    if (no_x != no_y)
        return no_x - no_y;
    if (!no_x && x->doubt != y->doubt)
        return x->doubt < y->doubt ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

static enum status rank(const struct guard_images *images, struct doubted **ranked,
                        struct error *error)
{
    PASS(memory_new(ranked, images->count, sizeof **ranked, error));
    for (size_t i = 0; i < images->count; i++)
        (*ranked)[i] = (struct doubted){images->doubt[i], i};
    if (images->count)
        qsort(*ranked, images->count, sizeof **ranked, compare);
    return STATUS_OK;
}

/* The threshold that keeps the first `kept`; of equals at the end none, or all. */
static double threshold_of(const struct doubted *ranked, size_t count, size_t kept)
{
    if (kept == 0)
        return -INFINITY;
    return kept == count || isnan(ranked[kept].doubt) ? INFINITY : ranked[kept - 1].doubt;
}

/* Can the threshold lie behind the first `kept`? */
static bool is_cut(const struct doubted *ranked, size_t count, size_t kept)
{
    if (kept == 0 || kept == count)
        return kept == 0 || !isnan(ranked[kept - 1].doubt);
    return ranked[kept - 1].doubt < ranked[kept].doubt ||
           (isnan(ranked[kept].doubt) && !isnan(ranked[kept - 1].doubt));
}

/* Whatever the others cost, who hands on fewer images pays less: the last threshold that is good
 * enough is the cheapest. */
enum status guard_choose(const struct guard_images *images, double sense, double within,
                         double *threshold, struct error *error)
{
    enum status status = STATUS_OK;
    struct doubted *ranked = NULL;
    double *scores = NULL; /* [count + 1]: sums where the first k are kept; larger is better */
    size_t count = images->count;
    double kept = 0;

    TRY(rank(images, &ranked, error));
    TRY(memory_new(&scores, count + 1, sizeof *scores, error));
    for (size_t k = count; k-- > 0;) /* those that are handed on, from the end */
        scores[k] = scores[k + 1] + sense * images->other[ranked[k].image];
    for (size_t k = 0; k < count; k++) {
        kept += sense * images->small[ranked[k].image];
        scores[k + 1] += kept;
    }
    double bar = (scores[0] > kept ? scores[0] : kept) - within * (double)count;
    *threshold = -INFINITY;
    for (size_t k = 0; k <= count; k++)
        if (is_cut(ranked, count, k) && scores[k] >= bar)
            *threshold = threshold_of(ranked, count, k);
out:
    memory_free(scores);
    memory_free(ranked);
    return status;
}

/* How many images are handed on at step `k` of a curve. */
static size_t step_count(size_t images, size_t k)
{
    return (images * k + (GUARD_STEPS - 1) / 2) / (GUARD_STEPS - 1);
}

enum status guard_thresholds(const struct guard_images *images, double thresholds[GUARD_STEPS],
                             struct error *error)
{
    struct doubted *ranked = NULL;

    PASS(rank(images, &ranked, error));
    for (size_t k = 0; k < GUARD_STEPS; k++) {
        size_t kept = images->count - step_count(images->count, k);
        thresholds[k] = k == 0                 ? INFINITY
                        : k == GUARD_STEPS - 1 ? -INFINITY
                                               : threshold_of(ranked, images->count, kept);
    }
    memory_free(ranked);
    return STATUS_OK;
}

enum status guard_best(const struct guard_images *images, double sense, int runs,
                       struct guard_point best[GUARD_STEPS], struct error *error)
{
    enum status status = STATUS_OK;
    struct doubted *ranked = NULL; /* by what is lost, so that gains come first */
    size_t count = images->count, done = 0;
    struct guard_point sum = {.threshold = INFINITY};

    TRY(memory_new(&ranked, count, sizeof *ranked, error));
    for (size_t i = 0; i < count; i++) {
        ranked[i] = (struct doubted){sense * (images->small[i] - images->other[i]), i};
        sum.score += images->small[i];
        sum.cost += images->small_cost[i] / runs;
    }
    if (count)
        qsort(ranked, count, sizeof *ranked, compare);
    for (size_t k = 0; k < GUARD_STEPS; k++) {
        for (; done < step_count(count, k); done++) {
            size_t i = ranked[done].image;
            sum.score += images->other[i] - images->small[i];
            sum.cost += images->other_cost[i];
            sum.threshold = -ranked[done].doubt;
        }
        best[k] = (struct guard_point){sum.threshold, sum.score / (double)count,
                                       sum.cost / (double)count, (double)done / (double)count};
    }
out:
    memory_free(ranked);
    return status;
}
