/*
 * Runs an experiment: every trial that is not done yet, then the one results file.
 *
 * What the trials' stages give is kept in RESULTS/cache (run/cache.h), under keys that say what it
 * depends on, the data read included. So nothing finished is computed twice, and a run that was
 * stopped goes on where it was; in mid-training, from the checkpoint. A failed trial leaves a row
 * that says why, and is tried again on the next call. A results file that is as this plan would
 * make it is left as it is.
 */
#ifndef UNDERSTUDY_RUN_RUN_H
#define UNDERSTUDY_RUN_RUN_H

#include "run/store.h"
#include "run/trial.h"

struct run_event {
    size_t index, done, total; /* trial, trials done so far (this one too when finished), trials */
    const struct trial *trial;
    bool finished; /* false: still training, `share` of it done */
    bool cached;
    double share;
    double seconds;              /* that the trial took; 0 where cached */
    double speed;                /* images a second in training; NaN where not known */
    const struct error *failure; /* NULL: no failure */
    const struct error *damaged; /* told at once: an entry of the cache is unusable; NULL: fine */
    int64_t resumed;             /* told once: training goes on from this step; 0: no */
    const struct error *lost;    /* told once: its checkpoint is unusable; NULL: fine */
    const char *metric;          /* "ssim", "accuracy" */
    double degraded, pipeline, network; /* scores on the test split; NaN where there is none */
};

struct run_options {
    const char *data;    /* directory of the data sets */
    const char *results; /* directory of NAME.h5 and cache/ */
    int threads;
    double checkpoint; /* seconds between checkpoints of a training; negative: none at all */
    bool speeds;       /* measure how fast the trained networks answer, for /timing */
    void (*event)(void *context, const struct plan *plan, const struct run_event *event);
    void *context;
};

struct run_summary {
    size_t trials, cached, failed;
    double seconds;
    size_t computed[TRIAL_STAGES], recalled[TRIAL_STAGES]; /* entries of the cache */
    bool current;           /* the results file was there, and nothing was done */
    char digest[HASH_TEXT]; /* its content_sha256, then */
};

/*
 * Run all trials and begin the results file: on success `store` is open, without figures, to be
 * sealed (run/store.h), unless summary->current says that there is nothing to write; store->path is
 * the file's. STATUS_INTERRUPTED leaves no results file, but every finished trial.
 */
MUST_CHECK enum status run_experiment(struct plan *plan, const struct run_options *options,
                                      struct store *store, struct run_summary *summary,
                                      struct error *error);

#endif
