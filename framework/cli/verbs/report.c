/* `understudy report NAME`: the report of a results file, one HTML page. */
#include "cli/support/open_results.h"
#include "cli/verbs/plot.h"

#include "report/page/page.h"

static const char *plots = "plots", *results = "results", *megabytes;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5 (results)", .value = &results},
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
        "NAME is the experiment's name, FILE.h5 a results file.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

enum { MOST_MEGABYTES = 1000 };

int verb_report(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct text path = {0};
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
    TRY(results_path(results, options.operands[0], &path, &error));
    request.path = path.bytes;
    TRY(plot_results(&request, &error));
out:
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    text_release(&path);
    options_release(&options);
    return result;
}
