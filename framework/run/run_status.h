/*
 * How far an experiment is, from the files that its runs leave (run/worker_status.h) and its cache;
 * no process is asked. Anyone who can read the results folder may look, from any machine.
 */
#ifndef UNDERSTUDY_RUN_RUN_STATUS_H
#define UNDERSTUDY_RUN_RUN_STATUS_H

#include "base/text.h"
#include "run/worker_status.h"

struct status_failure {
    size_t trial;
    const char *why;
};

struct status_report {
    struct arena arena;
    size_t trials, done, failed, running;
    size_t cached;  /* of those done, by no run of this experiment */
    double seconds; /* that a trial took, on average; NaN: none was computed */
    double left;    /* seconds, with the workers that there are; NaN: not known */
    struct worker_status_worker *workers; /* that may be alive */
    size_t worker_count, worker_capacity;
    struct status_failure *failures;
    size_t failure_count, failure_capacity;
};

/* STATUS_CONFIG, with the names that there are, where there was no run of that name. */
MUST_CHECK enum status status_read(struct status_report *report, const char *results,
                                   const char *name, struct error *error);
void status_release(struct status_report *report);

/* The log of a trial's last attempt, appended to `text`; *found is false where it wrote nothing. */
MUST_CHECK enum status status_log(const char *results, const char *name, size_t trial,
                                  struct text *text, bool *found, struct error *error);

#endif
