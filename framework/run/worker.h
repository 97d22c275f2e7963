/* A worker: a child of the runner that computes trials until none is left that it could. */
#ifndef UNDERSTUDY_RUN_WORKER_H
#define UNDERSTUDY_RUN_WORKER_H

#include "run/jobs.h"
#include "run/run.h"

#include <sys/types.h>

struct worker_options {
    struct jobs *jobs;
    const struct run_options *run;
    const char *folder; /* RESULTS/runs/NAME */
    pid_t runner;
    int number, workers; /* which of this run's */
    int report;          /* descriptor: messages (run/message.h) go there */
};

/*
 * All of a worker's life, in a process forked for it. A trial is claimed, looked up once more,
 * computed, recorded, released; those that others have claimed are looked at again, ever more
 * rarely, until they are done or their owner is dead.
 */
void worker_work(const struct worker_options *options);

#endif
