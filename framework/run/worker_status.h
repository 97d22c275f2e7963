/*
 * What workers leave for people in RESULTS/runs/NAME/, and where `understudy status` finds it:
 *
 *     trials               the runner's list: a line a trial, with the key of its record
 *     workers/HOST.PID     what a worker does now; there as long as it lives, unless it is killed
 *     logs/KEY.log         what a trial wrote to stderr; none where it was silent. A worker's next
 *                          trial takes over the empty one of a silent trial: file systems take long
 *                          to make and remove many files
 *     computed/HOST.log    what was computed, and how long it took: run/run_log.h
 */
#ifndef UNDERSTUDY_RUN_WORKER_STATUS_H
#define UNDERSTUDY_RUN_WORKER_STATUS_H

#include "base/process.h"
#include "base/work.h"
#include "run/jobs.h"

#include <pthread.h>

struct worker_status { /* a worker's */
    char folder[PATH_ROOM];
    const struct jobs *jobs;
    int threads; /* of a trial */
    struct process self;
    int terminal;          /* the stderr of before, while a trial has a log; else -1 */
    char log[PATH_ROOM];   /* "" before the first trial */
    int spare;             /* the log of a silent trial, still there; else -1 */
    pthread_mutex_t mutex; /* of what follows: the thread that gives signs of life writes it down */
    bool changed;
    size_t trial; /* SIZE_MAX: none */
    double begun, written;
};

struct worker_status_worker { /* as others read of it */
    struct process who;
    long long trial; /* -1: none */
    char key[HASH_TEXT];
    double seconds;   /* of the trial */
    struct work work; /* its step; empty: not known */
    double silent;    /* seconds since it was last heard of, by the files' clock */
};

/* RESULTS/runs/NAME with its folders. */
MUST_CHECK enum status worker_status_folder(const char *results, const char *name,
                                            char folder[PATH_ROOM], struct error *error);
/* Write the runner's list unless it exists. */
MUST_CHECK enum status worker_status_list(const char *folder, const struct jobs *jobs,
                                          struct error *error);

MUST_CHECK enum status worker_status_open(struct worker_status *status_file, const char *folder,
                                          const struct jobs *jobs, int threads,
                                          struct error *error);
/* Trial and log begin; what is said of the trial from now on goes to its log. */
MUST_CHECK enum status worker_status_begin(struct worker_status *status_file, size_t trial,
                                           struct error *error);
/* The log is kept if something was written. `what` goes to computed/: "done", "failed" … */
MUST_CHECK enum status worker_status_end(struct worker_status *status_file, const char *what,
                                         struct error *error);
/* Write down what has changed, and what the process is at (base/work.h). For the thread that gives
 * signs of life. */
void worker_status_publish(struct worker_status *status_file);
void worker_status_close(struct worker_status *status_file);

/* What the file in workers/ says; false where it is none, or gone. */
bool worker_status_read(const char *path, struct worker_status_worker *worker);
/* Remove what a worker that was killed left in workers/. */
void worker_status_clear(const char *folder, const struct process *who);
/* The same of all workers of this machine that have ended; trials that they were at, killed with
 * whoever would have told, are noted, as with so many threads. */
void worker_status_tidy(const char *folder, int threads);

#endif
