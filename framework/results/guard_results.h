/*
 * What a guard comes to, in a results file. Replicate by replicate; NaN where a trial failed.
 *
 *     /guard/about              in a sentence
 *     /guard/by, metric, small, other    texts; `other` is "the pipeline" or a grid point
 *     /guard/trials             [2] whose networks are kept: the small one's; the other's, or -1
 *     /guard/replicate          that they are of
 *     /guard/threshold          [replicates] chosen on the validation images
 *     /guard/thresholds         [replicates][GUARD_STEPS] at which the curves stand
 *     /guard/SPLIT/score, cost, share    [replicates][GUARD_STEPS]; SPLIT: validation, test
 *     /guard/SPLIT/best_score, best_cost    [replicates][GUARD_STEPS] if those images were handed
 * on that gain the most, by the truth /guard/SPLIT/chosen_random    [replicates] score if as many
 * images were handed on at random /guard/SPLIT/chosen_score, chosen_cost, chosen_share,
 * small_score, small_cost, other_score, other_cost, images    [replicates]
 *
 * Costs are multiply-adds an image, shares those of the images that are handed on.
 */
#ifndef UNDERSTUDY_RESULTS_GUARD_RESULTS_H
#define UNDERSTUDY_RESULTS_GUARD_RESULTS_H

#include "guard/threshold.h"
#include "io/hdf5/hdf5.h"
#include "plan/guard.h"

enum { GUARD_VALIDATION, GUARD_TEST, GUARD_SPLITS };
extern const char *const guard_splits[]; /* "validation", "test" */

/* One replicate on the images of one split. */
struct guard_outcome {
    struct guard_point curve[GUARD_STEPS], best[GUARD_STEPS], chosen;
    double chosen_random; /* score, if as many were handed on at random */
    double small_score, small_cost, other_score, other_cost; /* each alone */
    size_t images;
};

struct guard_replicate {
    bool done;
    double threshold;
    double thresholds[GUARD_STEPS];
    struct guard_outcome splits[GUARD_SPLITS];
};

struct guard_results {
    const struct plan_guard *guard;
    enum metric metric;
    const struct task_metric *unit;
    bool agreement;
    size_t count; /* replicates */
    struct guard_replicate *replicates;
    size_t kept;       /* the replicate whose networks are kept; `count` where none is done */
    int64_t trials[2]; /* theirs */
};

/* Fill in the outcome of one replicate, its threshold being chosen. `sense`: 1 where larger scores
 * are better, else -1. */
MUST_CHECK enum status guard_outcome_make(struct guard_outcome *outcome,
                                          const struct guard_images *images,
                                          const struct guard_replicate *replicate, double sense,
                                          int runs, struct error *error);
/* The replicate whose small network is the best on the validation images: the first of equals. */
size_t guard_results_best(const struct guard_results *results);
MUST_CHECK enum status guard_results_write(struct hdf5 *file, const struct guard_results *results,
                                           struct error *error);

/* A replicate's numbers, array by array: "test/score", with its values in this replicate. */
typedef enum status guard_numbers_visitor(void *context, const char *name,
                                          const struct hdf5_array *values, struct error *error);
MUST_CHECK enum status guard_replicate_each(const struct guard_replicate *replicate,
                                            guard_numbers_visitor *visit, void *context,
                                            struct error *error);

/* What a file says of the guard that goes out; texts live in `arena`. */
struct guard_stored {
    const char *about; /* NULL: there is none */
    const char *by;
    double threshold;
    int64_t trials[2]; /* that are kept; the second -1: the pipeline; both -1: none */
};
MUST_CHECK enum status guard_results_read(struct guard_stored *stored, struct hdf5 *file,
                                          struct arena *arena, struct error *error);
/* [*replicates][*columns] numbers of one of the arrays above, "test/score"; in `arena`. */
MUST_CHECK enum status guard_results_numbers(struct hdf5 *file, const char *name,
                                             struct arena *arena, size_t *replicates,
                                             size_t *columns, const double **values,
                                             struct error *error);

#endif
