#include "cli/verbs/running.h"

#include "base/interrupt.h"
#include "cli/support/say.h"
#include "cli/verbs/budget_tell.h"
#include "cli/verbs/launch.h"
#include "results/provenance.h"
#include "run/jobs.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct running running = {.results = "results"};

static void on_signal(int number)
{
    (void)number;
    interrupt_request();
}

/* A full file system limit is an error of the write, not a signal. */
void running_listen(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

bool running_count(const char *verb, const char *option, const char *text, int *count)
{
    long long value = 0;
    bool good = options_whole(verb, option, text, 1, JOBS_MOST_WORKERS, &value);

    *count = (int)value;
    return good;
}

/* Seconds between checkpoints; negative: none. */
static bool read_checkpoint(const char *verb, double *seconds)
{
    char *end;
    const char *text = running.checkpoint;

    *seconds = 60;
    if (!text)
        return true;
    double value = strtod(text, &end);
    if (*end || end == text || !(value >= 0 && value <= 1e6)) {
        fprintf(stderr, "understudy %s: --checkpoint: '%s'; expected minutes, 0 to 1000000\n", verb,
                text);
        return false;
    }
    *seconds = value > 0 ? 60 * value : -1;
    return true;
}

int running_begin(struct options *options, struct plan *plan, struct run_options *run,
                  struct text *data, const char *verb)
{
    int result;

    running_listen();
    running.data = options_data(options, running.data, data);
    *run = (struct run_options){
        .data = running.data, .results = running.results, .speeds = !running.no_timing};
    if (!running_count(verb, "threads", running.threads, &run->threads) ||
        !running_count(verb, "workers", running.workers, &run->workers) ||
        !read_checkpoint(verb, &run->checkpoint))
        return EXIT_USAGE;
    result = options_plan(options, options->operands[0], plan);
    if (result == EXIT_DONE && running.expected)
        result = launch_meets(plan, running.expected);
    return result;
}

void running_end(struct options *options, struct plan *plan, struct text *data)
{
    plan_release(plan);
    families_release();
    text_release(data);
    options_release(options);
}

void running_summary(const struct run_summary *summary, const struct plan *plan)
{
    say_line(stderr, "%zu trial%s: %zu run, %zu done before, %zu failed; %.1f s", summary->trials,
             summary->trials == 1 ? "" : "s",
             summary->trials - summary->cached - summary->failed - summary->left, summary->cached,
             summary->failed, summary->seconds);
    if (!provenance_has_commit())
        say_line(stderr, "understudy: not built from a known commit: %s", provenance_version());
    if (summary->held)
        say_line(stderr,
                 "understudy: search paused: a trial was killed from outside. Run the same command "
                 "to retry it; later proposals depend on its result.");
    if (summary->failed)
        say_line(stderr,
                 "understudy: run the same command to retry failed trials; `understudy status "
                 "%s` lists them",
                 plan->base.name);
    if (summary->left)
        budget_tell(plan, running.results,
                    summary->left + plan_final_count(plan) - plan->trial_count);
}

int running_result(enum status status, const struct run_summary *summary, const struct error *error)
{
    if (status == STATUS_INTERRUPTED) {
        say_line(stderr,
                 "understudy: stopped; finished trials are kept; run the same command to resume");
        return EXIT_INTERRUPTED;
    }
    if (status != STATUS_OK)
        return options_fail(error);
    return summary->failed || summary->left ? EXIT_FAILED : EXIT_DONE;
}
