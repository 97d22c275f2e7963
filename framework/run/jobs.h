/*
 * The trials of a run: what each is known by, in which order they are done, how far they are. Made
 * by the runner; the workers, its children, have it as it was when they were started, but for the
 * states, which all see and change.
 */
#ifndef UNDERSTUDY_RUN_JOBS_H
#define UNDERSTUDY_RUN_JOBS_H

#include "cache/cache.h"
#include "trial/data_digest.h"

#include <stdatomic.h>

enum { JOBS_MOST_WORKERS = 1024 };

enum job_state {
    JOB_TODO,
    JOB_DONE,
    JOB_FAILED,
    JOB_TAKEN, /* by worker 0 of this run; JOB_TAKEN + 1 by worker 1 … */
};

struct job_input {    /* what some of the trials read */
    const char *name; /* of the data set; NULL: none of them was looked at */
    char digest[HASH_TEXT];
};

struct jobs_options {
    const char *results, *data; /* folders */
    size_t first;         /* trial; those before it were settled in a search's earlier rounds */
    size_t chunk, chunks; /* part 1 … chunks of the rest; chunks 0: all of it */
};

struct jobs {
    struct arena arena;
    struct plan *plan;
    size_t first, trials_named; /* of the plan, which a search may lengthen */
    struct cache cache;
    struct data_digests inputs;
    struct trial_options prepare; /* for the data's digests */
    const char **keys, **labels;  /* [trials] of TRIAL_EVALUATE and TRIAL_LABEL */
    struct job_input *data_of;    /* [plan_inputs()] */
    size_t *order;                /* [count] those of this run, as they are done */
    size_t count;
    _Atomic uint16_t *states;  /* [trials] enum job_state, shared between processes */
    struct dataset_cache data; /* the last that was read, for the workers to begin with */
};

/*
 * Name all trials. Replicate by replicate, since the trials of one share data and labels, which a
 * worker keeps from one trial to the next; a chunk is a contiguous part of that order.
 */
MUST_CHECK enum status jobs_begin(struct jobs *jobs, struct plan *plan,
                                  const struct jobs_options *options, struct error *error);
void jobs_release(struct jobs *jobs);
/* In a child: files that the parent has open are not shared with it. */
MUST_CHECK enum status jobs_reopen(struct jobs *jobs, const char *results, struct error *error);

/* Name all entries that the run's trials, and those before, come to: nobody removes them until
 * cache_use_end(). */
MUST_CHECK enum status jobs_use(struct jobs *jobs, const char *results, struct cache_use *use,
                                struct error *error);

enum job_state job_state(const struct jobs *jobs, size_t trial);
void job_set(struct jobs *jobs, size_t trial, enum job_state state);
/* From JOB_TODO to taken by `worker`; false where it is not to do any more. */
bool job_begin(struct jobs *jobs, size_t trial, int worker);
/* The trial that `worker` has taken, or SIZE_MAX. */
size_t job_taken(const struct jobs *jobs, int worker);
/* Trials of this run that are in the state. */
size_t jobs_in(const struct jobs *jobs, enum job_state state);

/* The name of the data set that the trial reads. */
const char *job_dataset(const struct jobs *jobs, size_t trial);

/* Is there a record of the trial? It may turn out to be damaged. */
bool job_recorded(struct jobs *jobs, size_t trial);
/* Its values. *found is false where there is none that is undamaged. */
MUST_CHECK enum status job_recall(struct jobs *jobs, size_t trial, struct record *record,
                                  bool *found, struct error *error);
/* That the trial failed goes into its row, and is no record that another run would find. */
MUST_CHECK enum status job_record_failure(struct jobs *jobs, size_t trial,
                                          const struct error *failure, struct error *error);
/* FOLDER/KEY and the suffix. */
const char *job_path(const struct jobs *jobs, size_t trial, const char *folder, const char *suffix,
                     char path[PATH_ROOM]);

#endif
