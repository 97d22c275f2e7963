/*
 * What was computed when, and how long it took: RESULTS/runs/NAME/computed/HOST.log, a line
 * "WHAT KEY TRIAL SECONDS PID THREADS" for each trial begun, done, failed, stopped or killed, in
 * order, never cut. Processes of one host write to one file.
 */
#ifndef UNDERSTUDY_RUN_RUN_LOG_H
#define UNDERSTUDY_RUN_RUN_LOG_H

#include "base/hash.h"
#include "base/process.h"

#include <stdbool.h>

struct run_log_entry {
    char what[16]; /* "begin", "done" … */
    char key[HASH_TEXT];
    size_t trial;   /* of the plan as it was then */
    double seconds; /* since its beginning */
    int threads;    /* that it had */
};

/* Add a line. `folder` is RESULTS/runs/NAME. */
MUST_CHECK enum status run_log_add(const char *folder, const struct process *who, const char *what,
                                   const char *key, size_t trial, double seconds, int threads,
                                   struct error *error);
/* Hand every line of every host to `take`; lines that are none, and files that cannot be read, are
 * passed over. */
void run_log_read(const char *folder, void (*take)(void *context, const struct run_log_entry *note),
                  void *context);
/* Of each trial whose key is noted: the seconds from its last beginning anew to its end, those of
 * stopped attempts included. The others' values stay. */
MUST_CHECK enum status run_log_seconds(const char *folder, const char *const *keys, size_t trials,
                                       double *seconds, struct error *error);

#endif
