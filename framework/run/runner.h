/* The runner: starts workers, hears them, and deals with what becomes of them. Private to run/. */
#ifndef UNDERSTUDY_RUN_RUNNER_H
#define UNDERSTUDY_RUN_RUNNER_H

#include "run/jobs.h"
#include "run/message.h"
#include "run/run.h"

#include <sys/types.h>

struct worker_slot { /* a worker's place */
    pid_t pid;       /* 0: empty */
    int report;      /* its messages */
    struct message message;
    size_t filled; /* bytes of the message that have come */
    bool busy;     /* with `trial` */
    size_t trial;
    double begun, share;
    bool late;    /* the trial took too long, and the worker was asked to stop */
    double asked; /* when */
    bool saving;  /* it was asked to stop, and writes down what there is to go on from */
    bool ended;   /* it said so itself */
};

struct runner {
    struct plan *plan;
    struct run_options options; /* with workers and threads settled */
    struct jobs jobs;
    struct cache_use use;
    char folder[PATH_ROOM];    /* RESULTS/runs/NAME */
    struct worker_slot *slots; /* [workers] */
    double *seconds;           /* [trials] */
    uint8_t *tries, *kills;    /* [trials] */
    bool *told;                /* [trials] that it is done */
    struct text datasets;      /* "name sha256" lines, each once */
    struct text damages;       /* what was told to be damaged */
    struct text notes;         /* what was told of the data, and of trials */
    struct run_summary *summary;
    size_t first; /* trial of the round: those before it are settled, and counted as done */
    size_t done;
    size_t failed_externally; /* trials that failed, but not by themselves */
    int consecutive_crashes;  /* workers in a row that died before they began a trial */
    bool stopping;            /* all workers were asked to stop … */
    double asked;             /* … then */
    enum status status;       /* why, unless the user asked for it */
    struct error error;
};

/* Name the trials. Those before `first` are settled, and as the caller says. */
MUST_CHECK enum status runner_begin(struct runner *runner, struct plan *plan, size_t first,
                                    const struct run_options *options, struct run_summary *summary,
                                    struct error *error);
/* Report finished trials and run the rest. */
MUST_CHECK enum status runner_work(struct runner *runner, struct error *error);
void runner_release(struct runner *runner);

/* How many workers there are to be, and threads of each. */
void runner_settle(struct runner *runner);
/* Start as many workers as there is something to do for. */
MUST_CHECK enum status runner_fill_pool(struct runner *runner, struct error *error);
/* The worker has closed its pipe: it has ended, or will in a moment. */
MUST_CHECK enum status runner_vacate_worker(struct runner *runner, int number, struct error *error);
/* Release the claims of dead workers and remove their status files. If this fails, the next
 * worker that needs a claim takes it over. */
void runner_sweep(const struct runner *runner);
/* Ask all workers to stop. */
void runner_stop_all(struct runner *runner);
/* What ends the run: the first of its kind is told. */
void runner_give_up(struct runner *runner, enum status why, const struct error *error);

/* Tell of a trial that has its record: from before, or new. *found is false where it is damaged. */
MUST_CHECK enum status runner_tell_done(struct runner *runner, size_t trial, bool cached,
                                        bool *found, struct error *error);
/* Tell of a trial that is at work; `event` has what is special. */
void runner_tell(struct runner *runner, size_t trial, struct run_event event);
/* Was the note told before? From now on it was. */
bool runner_told(struct runner *runner, const char *note);
/* The trial failed: try again, or give it its row. */
MUST_CHECK enum status runner_fail(struct runner *runner, size_t trial, const struct error *failure,
                                   bool from_outside, struct error *error);

#endif
