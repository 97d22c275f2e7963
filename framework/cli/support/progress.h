/*
 * Progress for people, on stderr: one line a finished trial; on a terminal also a bar with the time
 * left (cli/support/console.h).
 */
#ifndef UNDERSTUDY_CLI_SUPPORT_PROGRESS_H
#define UNDERSTUDY_CLI_SUPPORT_PROGRESS_H

#include "run/run.h"

#include <stdio.h>

struct progress {
    FILE *stream;
    double begin;    /* seconds, when the run began */
    size_t computed; /* trials that were not cached */
    size_t done, total;
    double share;     /* of trials at work, added up */
    const char *step; /* that began last, of trial `trial`; NULL: none */
    size_t trial;
    struct work work; /* how far it is; empty: not known */
};

struct progress progress_begin(FILE *stream);
/* From now on the bar stands on the terminal, until progress_end(). */
void progress_show(struct progress *progress);
/* The `event` function of struct run_options; `context` is a struct progress. */
void progress_event(void *context, const struct plan *plan, const struct run_event *event);
void progress_end(void);

#endif
