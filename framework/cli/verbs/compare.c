/* `understudy compare A B`: the scores of two results files, side by side. */
#include "cli/support/open_results.h"
#include "cli/support/say.h"

#include "findings/side_by_side.h"

static const char *results = "results", *by;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5, cache/ and runs/ (results)", .value = &results},
    {"by", 'b', "METRIC",
     "score, on the test images: ssim, agreement.ssim …, or a column, as\nnetwork.validation.ssim "
     "(the task's own)",
     .value = &by},
    {0},
};

static const struct verb verb = {
    .usage = "compare [OPTION …] A B",
    .about =
        "Compare the scores of two experiments, A and B each a name or a results file, at the "
        "grid\n"
        "points that both have: means over replicates, and differences replicate by replicate.\n"
        "`understudy diff` compares bits.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 2,
    .most = 2,
};

int verb_compare(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct opened_results opened[2] = {0};
    struct compared sides[2] = {0};
    struct text text = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    for (int s = 0; s < 2; s++) {
        TRY(results_find(&opened[s], results, options.operands[s], &options, &error));
        if (opened[s].partial.length)
            say_line(stderr, "%s: %s", options.operands[s], opened[s].partial.bytes);
        sides[s].name = options.operands[s];
        TRY(results_open(&sides[s].results, &opened[s].file, &error));
    }
    TRY(side_by_side_print(sides, by, &text, &error));
    say_data(text.bytes, text.length);
out:
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    text_release(&text);
    for (int s = 0; s < 2; s++) {
        results_release(&sides[s].results);
        results_close(&opened[s]);
    }
    families_release();
    options_release(&options);
    return result;
}
