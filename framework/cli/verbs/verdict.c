/* `understudy verdict NAME|FILE`: what a run came to, once more. */
#include "cli/support/open_results.h"
#include "cli/support/say.h"

#include "findings/verdict.h"
#include "results/results.h"

static const char *results = "results";

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5 (results)", .value = &results},
    {0},
};

static const struct verb verb = {
    .usage = "verdict [OPTION …] NAME|FILE.h5",
    .about =
        "Print the verdict that ended a run: the chosen network, its score and cost beside the\n"
        "pipeline's, and what to do next. NAME is the experiment's name.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

int verb_verdict(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct hdf5 file = {0};
    struct text path = {0}, text = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    TRY(results_path(results, options.operands[0], &path, &error));
    TRY(results_file_open(&file, path.bytes, &error));
    if (options_families(&options, "") != EXIT_DONE)
        TRY(error_set(&error, STATUS_CONFIG, "the network families cannot be read"));
    TRY(verdict_of(&file, options.home, &text, &error));
    if (!text.length)
        TRY(error_set(&error, STATUS_CONFIG,
                      "%s has no verdict: no trial is done, or its experiment is no longer one; "
                      "run it again",
                      path.bytes));
    say_data(text.bytes, text.length);
out:
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    hdf5_abandon(&file);
    text_release(&text);
    text_release(&path);
    families_release();
    options_release(&options);
    return result;
}
