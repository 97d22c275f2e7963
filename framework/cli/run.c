/* `understudy run FILE`: every trial that is not done yet, the results file, the figures. */
#include "cli/options.h"
#include "cli/plot.h"
#include "cli/progress.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "report/report.h"
#include "run/outlook.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *results = "results", *plots = "plots", *data, *threads, *checkpoint;
static bool no_plots, no_timing;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "where NAME.h5 and cache/ go (results)", .value = &results},
    {"plots", 'p', "FOLDER", "where NAME/ with the figures goes (plots)", .value = &plots},
    {"no-plots", 0, NULL, "leave the figures undrawn", .flag = &no_plots},
    {"no-timing", 0, NULL,
     "leave it unmeasured how fast the trained networks answer\n(/timing of the results file); "
     "never changes a result",
     .flag = &no_timing},
    {"data", 'd', "FOLDER", "where data sets lie ($UNDERSTUDY_DATA, else data/raw of the home)",
     .value = &data},
    {"threads", 't', "N", "threads of one trial (all processors); never changes a result",
     .value = &threads},
    {"checkpoint", 0, "MINUTES",
     "between checkpoints of a training (1); 0: none; never changes a result",
     .value = &checkpoint},
    {0},
};

static const struct verb verb = {
    .usage = "run [OPTION …] FILE",
    .about =
        "Run an experiment: every trial that is not done yet, then RESULTS/NAME.h5 and the\n"
        "figures in PLOTS/NAME/. Prints the results file's path and its content_sha256.\n"
        "Ctrl-C stops between two steps; what is finished is kept, and the same command goes on,\n"
        "in mid-training too.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static void on_signal(int number)
{
    (void)number;
    interrupt_request();
}

/* Ctrl-C and a polite kill are requests; a second one, in a hurry, ends the program at once. A full
 * file system limit is an error of the write, not a signal. */
static void listen_to_signals(void)
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

static bool read_threads(int *count)
{
    char *end;
    *count = parallel_processors();
    if (!threads)
        return true;
    long value = strtol(threads, &end, 10);
    if (*end || end == threads || value < 1 || value > 1024) {
        fprintf(stderr, "understudy run: --threads: '%s'; expected a whole number, 1 to 1024\n",
                threads);
        return false;
    }
    *count = (int)value;
    return true;
}

/* Seconds between checkpoints; negative: none. */
static bool read_checkpoint(double *seconds)
{
    char *end;
    *seconds = 60;
    if (!checkpoint)
        return true;
    double value = strtod(checkpoint, &end);
    if (*end || end == checkpoint || !(value >= 0 && value <= 1e6)) {
        fprintf(stderr, "understudy run: --checkpoint: '%s'; expected minutes, 0 to 1000000\n",
                checkpoint);
        return false;
    }
    *seconds = value > 0 ? 60 * value : -1;
    return true;
}

/* Figures into the open results file, seal it, draw. */
static enum status finish(struct store *store, const struct plan *plan,
                          const struct options *options, const struct run_summary *summary,
                          struct error *error)
{
    enum status status = STATUS_OK;
    char digest[HASH_TEXT];

    if (summary->current) {
        memcpy(digest, summary->digest, sizeof digest);
        goto sealed;
    }
    status = report_compute(&store->file, &plan->base.figures, error);
    if (status != STATUS_OK) {
        fputs("understudy: the trials are kept; mend the figure, and the same command goes on\n",
              stderr);
        goto out;
    }
    TRY(store_seal(store, digest, error));
sealed:
    printf("%s\ncontent_sha256 %s\n", store->path, digest);
    fflush(stdout);
    if (!no_plots && plan->base.figures.count > 0)
        TRY(plot_results(store->path, options->home, plots, error));
out:
    return status;
}

static void print_summary(const struct run_summary *summary)
{
    fprintf(stderr, "%zu trial%s: %zu run, %zu done before, %zu failed; %.1f s\n", summary->trials,
            summary->trials == 1 ? "" : "s", summary->trials - summary->cached - summary->failed,
            summary->cached, summary->failed, summary->seconds);
}

static int run(const struct options *options, struct plan *plan, int count, double interval)
{
    struct progress progress = progress_begin(stderr);
    struct run_options run_options = {.data = data,
                                      .results = results,
                                      .threads = count,
                                      .checkpoint = interval,
                                      .speeds = !no_timing,
                                      .event = progress_event,
                                      .context = &progress};
    struct run_summary summary;
    struct store store;
    struct error error = {0};

    memset(&store, 0, sizeof store);
    enum status status = last_plan_write(plan, results, &error);
    if (status == STATUS_OK)
        status = run_experiment(plan, &run_options, &store, &summary, &error);
    progress_end(&progress);
    if (status == STATUS_OK) {
        print_summary(&summary);
        if (summary.failed == summary.trials)
            fputs("understudy: every trial failed; no results file is written\n", stderr);
        else
            status = finish(&store, plan, options, &summary, &error);
    }
    store_discard(&store);
    if (status == STATUS_INTERRUPTED) {
        fputs("understudy: stopped; finished trials are kept, and the same command goes on\n",
              stderr);
        return EXIT_INTERRUPTED;
    }
    if (status != STATUS_OK)
        return options_fail(&error);
    return summary.failed ? EXIT_FAILED : EXIT_DONE;
}

int verb_run(int argc, char **argv)
{
    struct options options;
    struct text data_folder = {0};
    struct plan plan;
    int result, count;
    double interval;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    listen_to_signals();
    if (!data)
        data = getenv("UNDERSTUDY_DATA");
    if (!data) {
        text_append(&data_folder, "%s/data/raw", options.home);
        data = data_folder.bytes;
    }
    result = read_threads(&count) && read_checkpoint(&interval) ? options_families(&options)
                                                                : EXIT_USAGE;
    if (result == EXIT_DONE)
        result = options_plan(&options, options.operands[0], &plan);
    if (result == EXIT_DONE) {
        result = run(&options, &plan, count, interval);
        plan_release(&plan);
    }
    families_release();
    text_release(&data_folder);
    options_release(&options);
    return result;
}
