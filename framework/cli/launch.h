/* `understudy run --launcher NAME`: hand the experiment over to a cluster, and wait for it. */
#ifndef UNDERSTUDY_CLI_LAUNCH_H
#define UNDERSTUDY_CLI_LAUNCH_H

#include "cli/options.h"
#include "kinds/launcher.h"

/* What `run` was told, as it was told; NULL where it was not. */
struct launch_request {
    const char *launcher;                            /* the description's name */
    const char *results, *plots, *data, *checkpoint; /* of its options */
    bool no_plots, no_timing, wait;
    size_t left;    /* trials that are not done yet */
    double seconds; /* that they take, as those done took; NaN: none is known */
};

/* Is the launcher another than this machine? Mistakes in its description are told. Returns
 * EXIT_DONE, or the status to leave with. */
int launch_is_remote(const struct options *options, const char *launcher, bool *remote);

/* Count the trials that are left. Returns EXIT_DONE, or the status to leave with. */
int launch_left(struct plan *plan, struct launch_request *request);

/* Is it the plan that was launched (run/launch.h)? Returns EXIT_DONE, or the status to leave with.
 */
int launch_meets(const struct plan *plan, const char *expected);

/* Hand over; of the jobs, "KIND JOB TASKS" goes to stdout, and where `wait` is set, at the end,
 * what `run` says here. Returns the exit status. */
int launch_run(const struct options *options, const struct plan *plan,
               const struct launch_request *request);

/* Until the launch is over; then what `run` prints goes to stdout. Returns the exit status. */
int launch_wait(const struct launcher *launcher, const struct plan *plan, const char *results);

#endif
