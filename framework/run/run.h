/*
 * Runs an experiment: every trial that is not done yet, by worker processes, then the one results
 * file.
 *
 * What the trials' stages give is kept in RESULTS/cache (cache/cache.h), under keys that say what
 * it depends on, the data read included. So nothing finished is computed twice, and a run that was
 * stopped goes on where it was; in mid-training, from the checkpoint. A failed trial leaves a row
 * that says why, and is tried again on the next call. A results file that is as this plan would
 * make it is left as it is. Several runs of an experiment at once, on one machine or on several
 * that share the folder, share the work (run/claim.h).
 *
 * This process starts workers by fork: what they begin with is the plan and the data as they are
 * here, whatever becomes of the files meanwhile; a crash of theirs is a trial's failure, and
 * another one is started in a moment.
 */
#ifndef UNDERSTUDY_RUN_RUN_H
#define UNDERSTUDY_RUN_RUN_H

#include "base/work.h"
#include "results/results_write.h"
#include "trial/trial.h"

struct run_event {
    size_t index, done, total; /* trial, trials done so far (this one too when finished), trials */
    bool finished;             /* false: still training */
    bool cached;               /* done before, or by another run */
    double share;              /* of trials that are at work now, added up */
    double seconds;            /* that the trial took; 0 where cached */
    double speed;              /* images a second in training; NaN where not known */
    const struct error *failure; /* NULL: no failure */
    const struct error *again;   /* reported once: it failed or was killed, and is retried */
    const struct error *damaged; /* reported at once: an unusable cache entry; NULL: none */
    const char *note;            /* told at once: what people should know about the data; NULL */
    const char *begins;          /* told once: "labelling", of the trial that is at it; else NULL */
    const struct work *work;     /* told now and then, how far its step is; else NULL */
    int64_t resumed;             /* reported once: training resumes from this step; 0: no */
    const struct error *lost;    /* reported once: its checkpoint is unusable; NULL: fine */
    const char *metric;          /* "ssim", "accuracy" */
    const char *suspect;         /* status of a trial that ended, but is suspect; NULL: it is not */
    const char *notes;           /* of the finished trial, what stood out; NULL: nothing new */
    /* Scores on the test split; NaN where there is none. `agreement`: the network against the
     * pipeline. */
    double degraded, pipeline, network, agreement;
};

struct run_options {
    const char *data;     /* directory of the data sets */
    const char *results;  /* directory of NAME.h5, cache/ and runs/ */
    int workers;          /* processes; 0: as many as there are processors for */
    int threads;          /* of each worker; 0: the processors, shared out */
    size_t chunk, chunks; /* part 1 … chunks of the trials alone; chunks 0: all of them */
    double checkpoint;    /* seconds between checkpoints of a training; negative: none at all */
    double patience;      /* seconds for a trial that took too long to stop by itself, or for what
                           * is saved after a wish to stop; 0: 10 */
    bool speeds;          /* measure how fast the trained networks answer, for /timing */
    void (*event)(void *context, const struct plan *plan, const struct run_event *event);
    /* For tests, in the place of a trial's computation; NULL: the trial itself. */
    enum status (*compute)(void *context, const struct trial *trial, struct record *record,
                           struct error *error);
    void *context;
};

struct run_summary {
    size_t trials, cached, failed;
    size_t left; /* not begun, since the budget is used up (run/budget.h) */
    bool held;   /* a search waits for a trial that failed by no fault of its own */
    double seconds;
    size_t computed[TRIAL_STEPS], recalled[TRIAL_STEPS]; /* entries of the cache */
    bool current;           /* the results file was there, and nothing was done */
    char digest[HASH_TEXT]; /* its content_sha256, then */
};

/*
 * Run all trials and begin the results file: on success `store` is open, with the selected network,
 * without figures, to be sealed (results/results_write.h), unless summary->current says that there
 * is nothing to write; store->path is the file's. STATUS_INTERRUPTED leaves no results file, but
 * every finished trial; nor does summary->left.
 */
MUST_CHECK enum status run_experiment(struct plan *plan, const struct run_options *options,
                                      struct store *store, struct run_summary *summary,
                                      struct error *error);

/* Run all trials, or a part of them: what another run, or this one, then merges. */
MUST_CHECK enum status run_trials(struct plan *plan, const struct run_options *options,
                                  struct run_summary *summary, struct error *error);

#endif
