/* What `run` and `work` share: options, signals, and the summary of finished trials. */
#ifndef UNDERSTUDY_CLI_VERBS_RUNNING_H
#define UNDERSTUDY_CLI_VERBS_RUNNING_H

#include "cli/support/options.h"
#include "run/run.h"

struct running { /* as on the command line */
    const char *results, *data, *workers, *threads, *checkpoint, *expected;
    bool no_timing;
};

extern struct running running;

#define RUNNING_ROWS                                                                               \
    {"results", 'r', "FOLDER", "folder for NAME.h5, cache/ and runs/ (results)",                   \
     .value = &running.results},                                                                   \
        {"no-timing", 0, NULL,                                                                     \
         "do not measure inference speed (/timing of the results\nfile); results are unaffected",  \
         .flag = &running.no_timing},                                                              \
        {"data", 'd', "FOLDER",                                                                    \
         "folder of the data sets ($UNDERSTUDY_DATA, or data/raw of the home)",                    \
         .value = &running.data},                                                                  \
        {"workers", 'w', "N",                                                                      \
         "trials run at a time, each in its own process (default: as\nmany as there are "          \
         "processors for); results are unaffected",                                                \
         .value = &running.workers},                                                               \
        {"threads", 't', "N",                                                                      \
         "threads for each trial (default: the processors divided among\nthe workers); results "   \
         "are unaffected",                                                                         \
         .value = &running.threads},                                                               \
        {"expect", 0, "FILE", "exit without work unless the plan equals FILE (set by\nlaunchers)", \
         .value = &running.expected},                                                              \
    {                                                                                              \
        "checkpoint", 0, "MINUTES",                                                                \
            "time between checkpoints of a training (1); 0: no checkpoints",                       \
            .value = &running.checkpoint                                                           \
    }

/* From now on Ctrl-C and SIGTERM are requests to stop; a second one ends the program at once. */
void running_listen(void);
/* An option's whole number, 1 to 1024; 0 where it is not given. False: it is none, which is told.
 */
bool running_count(const char *verb, const char *option, const char *text, int *count);

/*
 * The command line, read: Ctrl-C and SIGTERM are requests from now on, the plan is loaded. Returns
 * EXIT_DONE, or the status to leave with. `data` may become the place of the default's text.
 */
int running_begin(struct options *options, struct plan *plan, struct run_options *run,
                  struct text *data, const char *verb);
/* Safe after a failure, too. */
void running_end(struct options *options, struct plan *plan, struct text *data);

/* To stderr: "6 trials: 4 run, 2 done before, 0 failed; 1.2 s". */
void running_summary(const struct run_summary *summary, const struct plan *plan);

/* The exit status for the outcome of a run. Reports what went wrong. */
int running_result(enum status status, const struct run_summary *summary,
                   const struct error *error);

#endif
