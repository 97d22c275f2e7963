/*
 * Progress for people, on stderr: one line a finished trial; on a terminal also a bar with the time
 * left, redrawn in place.
 */
#ifndef UNDERSTUDY_CLI_SUPPORT_PROGRESS_H
#define UNDERSTUDY_CLI_SUPPORT_PROGRESS_H

#include "run/run.h"

#include <stdio.h>

struct progress {
    FILE *stream;
    bool terminal;    /* draw the bar */
    double begin;     /* seconds, when the run began */
    double drawn;     /* seconds, when the bar was last drawn */
    size_t computed;  /* trials that were not cached */
    const char *work; /* the step that began last, of trial `trial`; NULL: none */
    size_t trial;
};

struct progress progress_begin(FILE *stream);
/* The `event` function of struct run_options; `context` is a struct progress. */
void progress_event(void *context, const struct plan *plan, const struct run_event *event);
/* Take the bar away. */
void progress_end(struct progress *progress);

#endif
