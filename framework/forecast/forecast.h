/*
 * What running a plan would come to: what of it the cache has, what would have to be computed, and
 * about how long that takes. Reads the cache's names and a few records, nothing else.
 */
#ifndef UNDERSTUDY_FORECAST_FORECAST_H
#define UNDERSTUDY_FORECAST_FORECAST_H

#include "cache/cache.h"
#include "plan/plan.h"

struct forecast_stage {
    size_t entries; /* different ones that the plan's trials have */
    size_t cached;  /* of them */
};

struct forecast {
    size_t trials, done;                       /* of the plan; whose records are there */
    struct forecast_stage stages[TRIAL_STEPS]; /* data and degraded images are not kept: 0 */
    bool finished;    /* RESULTS/NAME.h5 is this plan's: nothing would be computed, cached or not */
    uint8_t *missing; /* [trials]: bit s: stage s has to be computed, for this trial or another */
    double core_seconds; /* that trainings take that are left, from those done; NaN: none is */
    size_t timed;        /* how many it is from */
    bool unread;         /* some data set could not be read: its trials count as not done */
    struct error why;
};

struct forecast_options {
    const char *results, *data; /* folders */
    struct plan *last;          /* of the last run, for its times; NULL: none is known */
    int threads;                /* to read data sets with, where their digests are not known yet */
};

/* Release with forecast_release(), also after a failure. */
MUST_CHECK enum status forecast_make(struct forecast *forecast, struct plan *plan,
                                     const struct forecast_options *options, struct error *error);
void forecast_release(struct forecast *forecast);

/*
 * How many trials are left, of a search's later rounds too; those end early where a method has
 * nothing more to try. *core_seconds: that their training takes, as in struct forecast; NaN: not
 * known. The plan of a search becomes longer by the rounds that are done. Data that cannot be read
 * are a failure here.
 */
MUST_CHECK enum status forecast_left(struct plan *plan, const struct forecast_options *options,
                                     size_t *left, double *core_seconds, struct error *error);

/*
 * The plan of the last run, kept in RESULTS/runs/NAME/plan/: source.yaml, which loads as that plan,
 * and first.txt, the texts of its first trial's stages as they were then.
 */
MUST_CHECK enum status previous_plan_write(struct plan *plan, const char *results,
                                           struct error *error);
/* The path of a file of it, and is it there? */
bool previous_plan_find(const struct plan *plan, const char *results, const char *file,
                        struct text *path);
/* Load it; *loaded is false where there was none, or it is none any more. `home` as in struct
 * plan_options. Release with plan_release() where it is loaded. */
MUST_CHECK enum status previous_plan_load(const struct plan *plan, const char *results,
                                          const char *home, struct plan *last, bool *loaded,
                                          struct error *error);
/*
 * For each stage that has to be computed, what made it so: lines "train: train.epochs 2 -> 3 (6
 * trials)". `last` is the plan of the last run, loaded from what was kept; `first` what first.txt
 * holds.
 */
MUST_CHECK enum status forecast_explain(const struct forecast *forecast, struct plan *plan,
                                        struct plan *last, const char *first, struct text *text,
                                        struct error *error);

#endif
