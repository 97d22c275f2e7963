/* `understudy run --launcher NAME`: hand the experiment over to a cluster, and wait for it. */
#ifndef UNDERSTUDY_CLI_VERBS_LAUNCH_H
#define UNDERSTUDY_CLI_VERBS_LAUNCH_H

#include "cli/support/options.h"
#include "launch/launch.h"

/* The options of `run` as given; NULL if not given. */
struct launch_request {
    const char *launcher;                            /* the description's name */
    const char *results, *plots, *data, *checkpoint; /* of its options */
    bool no_plots, no_timing, wait;
    const char *home;
    size_t left;        /* trials that are not done yet */
    double seconds;     /* that they take, as those done took; NaN: none is known */
    struct plan search; /* a search's plan, with the rounds that are done */
};

/* The launcher's description; mistakes in it are told. Returns EXIT_DONE, or the status to leave
 * with. */
int launch_find(const struct options *options, const char *launcher, struct arena *arena,
                struct launch_site *site);

/* Is the launcher another than this machine? Mistakes in its description are told. Returns
 * EXIT_DONE, or the status to leave with. */
int launch_is_remote(const struct options *options, const char *launcher, bool *remote);

/* Count the trials that are left, of a search's later rounds too. Returns EXIT_DONE, or the status
 * to leave with. launch_release() in either case. */
int launch_left(const struct options *options, struct plan *plan, struct launch_request *request);
/* Count again, later; the experiment's file may have changed meanwhile. */
MUST_CHECK enum status launch_left_now(struct plan *plan, struct launch_request *request,
                                       struct error *error);
void launch_release(struct launch_request *request);

/* How the launcher that request->launcher names would share out what is left, in a line for people;
 * where that is NULL, how the one named slurm would, without asking its site. Returns EXIT_DONE, or
 * the status to leave with. */
int launch_print_shares(const struct options *options, const struct plan *plan,
                        const struct launch_request *request, struct text *text);

/* Is it the plan that was launched (launch/launch.h)? Returns EXIT_DONE, or the status to leave
 * with.
 */
int launch_meets(const struct plan *plan, const char *expected);

/* Hand over; of the jobs, "KIND JOB TASKS" goes to stdout, and where `wait` is set, at the end,
 * what `run` says here. Returns the exit status. */
int launch_run(const struct options *options, struct plan *plan, struct launch_request *request);

/* Until the launch is over, while trials are counted; then what `run` prints goes to stdout.
 * Returns the exit status. */
int launch_wait(const struct launcher *launcher, struct plan *plan, struct launch_request *request);

#endif
