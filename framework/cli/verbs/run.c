/* `understudy run FILE`: every trial that is not done yet, the results file, the figures. */
#include "cli/support/progress.h"
#include "cli/support/say.h"
#include "cli/verbs/launch.h"
#include "cli/verbs/plot.h"
#include "cli/verbs/running.h"

#include "findings/verdict.h"
#include "forecast/forecast.h"
#include "report/figures/figures.h"
#include "report/page/page.h"
#include "results/guard_results.h"
#include "results/results.h"
#include "results/select.h"

#include <string.h>

static const char *plots = "plots", *launcher;
static bool no_plots, wait_for_jobs;

static const struct option_row rows[] = {
    {"plots", 'p', "FOLDER", "folder for figures and report, in NAME/ (plots)", .value = &plots},
    {"no-plots", 0, NULL, "do not draw figures, write no report", .flag = &no_plots},
    {"launcher", 'l', "NAME",
     "where trials run: a file of experiments/launchers, such as slurm\n(local: this machine)",
     .value = &launcher},
    {"wait", 0, NULL, "with --launcher: wait until the results file is written",
     .flag = &wait_for_jobs},
    RUNNING_ROWS,
    {0},
};

static const struct verb verb = {
    .usage = "run [OPTION …] FILE",
    .about =
        "Run an experiment: compute every trial that is not done yet, then write RESULTS/NAME.h5,\n"
        "draw the figures in PLOTS/NAME/ and write the report there, index.html. Ends in the\n"
        "verdict (`understudy verdict NAME` prints it again), the paths of results file and "
        "report,\n"
        "and content_sha256.\n"
        "If a trial fails, its row says why and the others continue. Ctrl-C and SIGTERM stop the\n"
        "run within a second, with exit status 130. Run the same command to resume, even in the\n"
        "middle of a training. Several runs of one experiment at the same time share the work.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

/* Which network was selected, what the guard comes to, and the verdict, for people. */
static enum status tell(const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct selection selection;
    struct guard_stored guard;
    struct arena arena = {0};
    struct text verdict = {0};

    TRY(results_file_open(&file, path, error));
    TRY(selection_read(&selection, &file, &arena, error));
    if (selection.about)
        say_line(stderr, "%s", selection.about);
    TRY(guard_results_read(&guard, &file, &arena, error));
    if (guard.about)
        say_line(stderr, "%s", guard.about);
    TRY(verdict_read(&file, &verdict, error));
    if (verdict.length)
        say_line(stderr, "verdict");
    say_lines(stderr, verdict.bytes, verdict.length);
out:
    text_release(&verdict);
    hdf5_abandon(&file);
    arena_release(&arena);
    return status;
}

static enum status draw(const char *path, const char *home, struct error *error)
{
    const struct plot_request request = {.path = path,
                                         .home = home,
                                         .folder = plots,
                                         .results = running.results,
                                         .figures = true,
                                         .quiet = true,
                                         .page = PAGE_MEGABYTES * (size_t)1000000};

    return plot_results(&request, error);
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
        if (status != STATUS_INTERRUPTED)
            fputs("understudy: the trials are kept; correct the figure and run the same command "
                  "again\n",
                  stderr);
        goto out;
    }
    store->plots = plots;
    store->drawn = !no_plots;
    TRY(store_seal(store, digest, error));
    if (store->told.length)
        say_line(stderr, "understudy: %s", store->told.bytes);
sealed:
    TRY(tell(store->path, error));
    puts(store->path);
    fflush(stdout);
    if (!no_plots)
        status = draw(store->path, options->home, error);
    printf("content_sha256 %s\n", digest);
out:
    return status;
}

static int run(const struct options *options, struct plan *plan, struct run_options *run_options)
{
    struct progress progress = progress_begin(stderr);
    struct run_summary summary;
    struct store store;
    struct error error = {0};

    run_options->event = progress_event;
    run_options->context = &progress;
    progress_show(&progress);
    memset(&store, 0, sizeof store);
    enum status status = previous_plan_write(plan, run_options->results, &error);
    if (status == STATUS_OK)
        status = run_experiment(plan, run_options, &store, &summary, &error);
    progress_end();
    if (status == STATUS_OK) {
        running_summary(&summary, plan);
        if (summary.failed == summary.trials)
            fputs("understudy: every trial failed; no results file is written\n", stderr);
        else if (!summary.left)
            status = finish(&store, plan, options, &summary, &error);
    }
    store_discard(&store);
    return running_result(status, &summary, &error);
}

/* Where the trials run: elsewhere, or here; that is where nothing is left to compute, too. */
static int run_somewhere(const struct options *options, struct plan *plan,
                         struct run_options *run_options)
{
    struct launch_request request = {.launcher = launcher,
                                     .results = running.results,
                                     .data = running.data,
                                     .checkpoint = running.checkpoint,
                                     .plots = plots,
                                     .no_plots = no_plots,
                                     .no_timing = running.no_timing,
                                     .wait = wait_for_jobs};
    bool remote = false;
    int result = launcher ? launch_is_remote(options, launcher, &remote) : EXIT_DONE;

    if (result == EXIT_DONE && remote)
        result = launch_left(options, plan, &request);
    if (result == EXIT_DONE && remote && !request.left)
        fprintf(stderr, "%s: every trial is done; the results file is written here\n",
                plan->base.name);
    if (result == EXIT_DONE)
        result =
            request.left ? launch_run(options, plan, &request) : run(options, plan, run_options);
    launch_release(&request);
    return result;
}

int verb_run(int argc, char **argv)
{
    struct options options;
    struct run_options run_options;
    struct text data = {0};
    struct plan plan = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = running_begin(&options, &plan, &run_options, &data, argv[0]);
    if (result == EXIT_DONE)
        result = run_somewhere(&options, &plan, &run_options);
    running_end(&options, &plan, &data);
    return result;
}
