/* The runner: starts workers, hears them, and deals with what becomes of them. Private to run/. */
#ifndef UNDERSTUDY_RUN_RUNNER_H
#define UNDERSTUDY_RUN_RUNNER_H

#include "run/jobs.h"
#include "run/message.h"
#include "run/run.h"

#include <sys/types.h>

struct seat {   /* a worker's place */
    pid_t pid;  /* 0: empty */
    int report; /* its messages */
    struct message message;
    size_t filled; /* bytes of the message that have come */
    bool busy;     /* with `trial` */
    size_t trial;
    double begun, share;
    bool late;    /* the trial took too long, and the worker was asked to stop */
    double asked; /* when */
    bool ended;   /* it said so itself */
};

struct runner {
    struct plan *plan;
    struct run_options options; /* with workers and threads settled */
    struct jobs jobs;
    char folder[JOBS_PATH]; /* RESULTS/runs/NAME */
    struct seat *seats;     /* [workers] */
    double *seconds;        /* [trials] */
    uint8_t *tries, *kills; /* [trials] */
    bool *told;             /* [trials] that it is done */
    struct text datasets;   /* "name sha256" lines, each once */
    struct run_summary *summary;
    size_t first; /* trial of the round: those before it are settled, and counted as done */
    size_t done;
    size_t lost;        /* trials that failed, but not by themselves: another run may do better */
    int barren;         /* workers in a row that died before they began a trial */
    bool stopping;      /* all workers were asked to stop */
    enum status status; /* why, unless the user asked for it */
    struct error error;
};

/* Name the trials, tell of those from `first` on that are done, and settle how many workers there
 * are to be. */
MUST_CHECK enum status runner_begin(struct runner *runner, struct plan *plan, size_t first,
                                    const struct run_options *options, struct run_summary *summary,
                                    struct error *error);
/* Run what is left. */
MUST_CHECK enum status runner_work(struct runner *runner, struct error *error);
void runner_release(struct runner *runner);

/* Tell of a trial that has its record: from before (`damage` as job_recall() gives it), or new. */
MUST_CHECK enum status runner_tell_done(struct runner *runner, size_t trial, bool cached,
                                        bool *found, struct error *error);
/* Tell of a trial that is at work; `event` has what is special. */
void runner_tell(struct runner *runner, size_t trial, struct run_event event);
/* The trial failed: try again, or give it its row. */
MUST_CHECK enum status runner_fail(struct runner *runner, size_t trial, const struct error *failure,
                                   bool from_outside, struct error *error);

#endif
