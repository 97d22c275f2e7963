/*
 * Runs an experiment: every trial that is not done yet, then the one results file.
 *
 * A finished trial's record is kept under RESULTS/cache/trials/KEY.h5, where KEY says what it
 * depends on, the data read included. So nothing finished is computed twice, and a run that was
 * stopped goes on where it was; in mid-training, from the checkpoint KEY.checkpoint. A failed trial
 * leaves a row that says why, and is tried again on the next call.
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
    const struct error *damaged; /* the record of an earlier run, found unusable; NULL: fine */
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
};

/*
 * Run all trials and begin the results file: on success `store` is open, without figures, to be
 * sealed (run/store.h). STATUS_INTERRUPTED leaves no results file, but every finished trial.
 */
MUST_CHECK enum status run_experiment(struct plan *plan, const struct run_options *options,
                                      struct store *store, struct run_summary *summary,
                                      struct error *error);

#endif
