/* `understudy report NAME`: the report of a results file, one HTML page. */
#include "cli/support/open_results.h"
#include "cli/verbs/plot.h"

#include "cli/support/say.h"
#include "findings/verdict.h"
#include "report/figures/figures.h"
#include "report/page/page.h"
#include "results/select.h"

static const char *plots = "plots", *results = "results", *megabytes;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5, cache/ and runs/ (results)", .value = &results},
    {"plots", 'p', "FOLDER", "folder for the report, in NAME/ (plots)", .value = &plots},
    {"megabytes", 'm', "N", "largest size of the page (5); what is too much is left out",
     .value = &megabytes},
    {0},
};

static const struct verb verb = {
    .usage = "report [OPTION …] NAME|FILE.h5",
    .about =
        "Write the report of an experiment: PLOTS/NAME/index.html, one page that a browser opens\n"
        "without network or server. It holds the verdict, all trials, the figures, test images "
        "with\n"
        "the answers of pipeline and network, the network's layers, labels that the filter "
        "dropped,\n"
        "training curves, and where the numbers come from. Prints the page's path.\n"
        "NAME is the experiment's name, FILE.h5 a results file. While NAME runs, its finished "
        "trials\n"
        "are shown, in PLOTS/NAME/partial.html.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

enum { MOST_MEGABYTES = 1000 };

/* Of the trials that are finished: what a run would add to its file at the end. A figure that needs
 * more than they have is no reason to show nothing. */
static enum status write_partial(struct opened_results *opened, const char *home, size_t bytes,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &opened->plan.base;
    struct text folder = {0}, page = {0}, left_out = {0};

    say_line(stderr, "%s", opened->partial.bytes);
    TRY(hdf5_attribute_text(&opened->file, "/", "partial", opened->partial.bytes, error));
    TRY(report_select(&opened->file, experiment, error));
    TRY(verdict_store(&opened->file, experiment, error));
    TRY(report_compute_possible(&opened->file, &experiment->figures, &left_out, error));
    if (left_out.length)
        say_line(stderr, "figures that need the whole run are left out: %s", left_out.bytes);
    TRY(path_join(&folder, plots, experiment->name, error));
    TRY(page_write(&opened->file, home, folder.bytes, bytes, &page, error));
    say_data(page.bytes, page.length);
    putchar('\n');
out:
    text_release(&folder);
    text_release(&page);
    text_release(&left_out);
    return status;
}

int verb_report(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct opened_results opened = {0};
    long long size = PAGE_MEGABYTES;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    struct plot_request request = {.home = options.home, .folder = plots};
    if (!options_whole("report", "megabytes", megabytes, 1, MOST_MEGABYTES, &size)) {
        options_release(&options);
        return EXIT_USAGE;
    }
    request.page = (size_t)size * 1000000;
    TRY(results_find(&opened, results, options.operands[0], &options, &error));
    if (opened.partial.length) {
        TRY(write_partial(&opened, options.home, request.page, &error));
        goto out;
    }
    hdf5_abandon(&opened.file);
    if (!families_registry()->count && options_families(&options, "") != EXIT_DONE)
        TRY(error_set(&error, STATUS_CONFIG, "the network families cannot be read"));
    request.path = opened.path.bytes;
    TRY(plot_results(&request, &error));
out:
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    results_close(&opened);
    families_release();
    options_release(&options);
    return result;
}
