/* `understudy status NAME`: an experiment's progress, its workers, what failed and why. */
#include "cli/support/console.h"
#include "cli/support/options.h"

#include "launch/launch.h"
#include "run/run_status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *results = "results", *log_of;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5, cache/ and runs/ (results)", .value = &results},
    {"log", 'l', "TRIAL", "print what that trial last wrote to stderr", .value = &log_of},
    {0},
};

static const struct verb verb = {
    .usage = "status [OPTION …] NAME|FILE",
    .about =
        "Show the progress of an experiment, read from its results folder: trials, what each\n"
        "worker is doing, what failed and why, and the state of its jobs on a cluster.\n"
        "NAME is the experiment's name, FILE the file that was run. Exit status 1: trials failed.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static void print_worker(const struct worker_status_worker *worker, struct text *text)
{
    text_append(text, "worker %s.%ld: ", worker->who.host, worker->who.pid);
    if (worker->trial < 0) {
        text_append(text, "waiting for trials of other workers\n");
        return;
    }
    text_append(text, "trial %lld, %.1f s", worker->trial, worker->seconds);
    if (worker->work.step[0]) {
        text_append(text, "; ");
        console_work(&worker->work, text);
    }
    if (worker->silent > 15)
        text_append(text, "; no sign of life for %.0f s", worker->silent);
    text_append(text, "\n");
}

static void print_report(const struct status_report *report, const char *name, struct text *text)
{
    size_t settled = report->done + report->failed + report->running;

    text_append(text, "%s: %zu trial%s: %zu done", name, report->trials,
                report->trials == 1 ? "" : "s", report->done);
    if (report->cached)
        text_append(text, " (%zu by other experiments)", report->cached);
    text_append(text, ", %zu running, %zu failed, %zu to do", report->running, report->failed,
                report->trials > settled ? report->trials - settled : 0);
    if (!isnan(report->left)) {
        text_append(text, "; about ");
        console_duration(ceil(report->left), text);
        text_append(text, " left");
    }
    text_append(text, "\n");
    for (size_t i = 0; i < report->worker_count; i++)
        print_worker(&report->workers[i], text);
    for (size_t i = 0; i < report->failure_count; i++)
        text_append(text, "trial %zu %s\n", report->failures[i].trial, report->failures[i].why);
}

/* The experiment's name: the operand, or what the file says. */
static int find_name(const struct options *options, struct text *name)
{
    const char *operand = options->operands[0], *dot = strrchr(operand, '.');
    struct stat facts;
    struct plan plan;
    bool is_file = dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);

    if (!is_file && !(stat(operand, &facts) == 0 && S_ISREG(facts.st_mode))) {
        text_append(name, "%s", operand);
        return EXIT_DONE;
    }
    int result = options_plan(options, operand, &plan);
    if (result == EXIT_DONE) {
        text_append(name, "%s", plan.base.name);
        plan_release(&plan);
    }
    families_release();
    return result;
}

static int show_log(const char *name)
{
    struct text text = {0};
    struct error error = {0};
    char *end;
    bool found;
    long trial = strtol(log_of, &end, 10);

    if (*end || end == log_of || trial < 0) {
        fprintf(stderr, "understudy status: --log: '%s'; expected a trial's number\n", log_of);
        return EXIT_USAGE;
    }
    if (status_log(results, name, (size_t)trial, &text, &found, &error) != STATUS_OK) {
        text_release(&text);
        return options_fail(&error);
    }
    if (!found)
        fprintf(stderr, "trial %ld wrote nothing\n", trial);
    return options_write(&text);
}

static int show(const char *name)
{
    struct status_report report;
    struct text text = {0};
    struct error error = {0};
    enum status status = status_read(&report, results, name, &error);
    struct error fault = {0};

    if (status == STATUS_OK)
        print_report(&report, name, &text);
    size_t before = text.length;
    /* Print the rest even if the cluster's queue cannot be queried. */
    enum status launched = launch_status(results, name, &text, &fault);
    if (status == STATUS_CONFIG && (launched != STATUS_OK || text.length > before))
        status = STATUS_OK; /* submitted, not started */
    int result = status == STATUS_OK ? options_write(&text) : options_fail(&error);
    if (result == EXIT_DONE && launched != STATUS_OK)
        result = options_fail(&fault);
    if (result == EXIT_DONE && report.failed)
        result = EXIT_FAILED;
    text_release(&text);
    status_release(&report);
    return result;
}

int verb_status(int argc, char **argv)
{
    struct options options;
    struct text name = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = find_name(&options, &name);
    if (result == EXIT_DONE)
        result = log_of ? show_log(name.bytes) : show(name.bytes);
    text_release(&name);
    options_release(&options);
    return result;
}
