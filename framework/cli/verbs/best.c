/* `understudy best NAME|FILE`: the leaders of a sweep, finished or not. */
#include "cli/support/open_results.h"
#include "cli/support/say.h"

#include "findings/board.h"

static const char *results = "results", *by, *minimise, *top;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5, cache/ and runs/ (results)", .value = &results},
    {"by", 'b', "METRIC",
     "score that ranks, on the validation images: ssim, agreement.ssim …, or\na column, as "
     "network.test.ssim (the task's own)",
     .value = &by},
    {"minimise", 'm', "COST",
     "cost of the Pareto front: parameters, energy_j, seconds_per_image …, or a\ncolumn, as "
     "hardware.tpu_v1.energy_j (multiply_adds)",
     .value = &minimise},
    {"top", 'n', "N", "list the best N grid points (10)", .value = &top},
    {0},
};

static const struct verb verb = {
    .usage = "best [OPTION …] NAME|FILE.h5",
    .about =
        "Rank the grid points of an experiment by their mean score, and mark those that no other\n"
        "beats in score and cost. NAME is the experiment's name; while it runs, its finished\n"
        "trials count.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

int verb_best(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct opened_results opened = {0};
    struct results read = {0};
    struct board_request request = {0};
    struct text text = {0};
    long long most = 10;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    request.by = by;
    request.minimise = minimise;
    if (!options_whole("best", "top", top, 1, PLAN_MAX_TRIALS, &most)) {
        options_release(&options);
        return EXIT_USAGE;
    }
    request.top = (size_t)most;
    TRY(results_find(&opened, results, options.operands[0], &options, &error));
    TRY(results_open(&read, &opened.file, &error));
    TRY(board_print(&read, &request, &text, &error));
    if (opened.partial.length)
        say_line(stderr, "%s", opened.partial.bytes);
    say_data(text.bytes, text.length);
out:
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    text_release(&text);
    results_release(&read);
    results_close(&opened);
    families_release();
    options_release(&options);
    return result;
}
