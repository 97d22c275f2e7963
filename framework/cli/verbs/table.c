/* `understudy table FILE`: all trials of a results file as CSV. */
#include "results/table.h"
#include "cli/support/open_results.h"
#include "cli/support/say.h"

#include "results/results.h"
#include "results/select.h"

static const char *results = "results";
static bool timing, selected;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder of NAME.h5, cache/ and runs/ (results)", .value = &results},
    {"timing", 0, NULL,
     "also print the columns of /timing: training and inference speed,\nwhich differ from run to "
     "run",
     .flag = &timing},
    {"selected", 0, NULL,
     "print only the trials of the network that `select:` chose; the\nreason is on stderr",
     .flag = &selected},
    {0},
};

static const struct verb verb = {
    .usage = "table [OPTION …] NAME|FILE.h5",
    .about =
        "Print all trials of a results file as tidy CSV, one row each, in plan order. NAME is an\n"
        "experiment's name; while it runs, only its finished trials have values.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

int verb_table(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct opened_results opened = {0};
    struct text csv = {0};
    struct selection selection = {0};
    struct arena arena = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    TRY(results_find(&opened, results, options.operands[0], &options, &error));
    if (opened.partial.length)
        say_line(stderr, "%s", opened.partial.bytes);
    if (selected) {
        TRY(selection_read(&selection, &opened.file, &arena, &error));
        if (!selection.about)
            TRY(error_set(&error, STATUS_CONFIG,
                          "%s: nothing was selected; the experiment has no 'select: {minimise: …}'",
                          options.operands[0]));
        say_line(stderr, "%s", selection.about);
    }
    TRY(report_table(&opened.file, timing, selected ? selection.trials : NULL, selection.count,
                     &csv, &error));
out:
    result = status == STATUS_OK ? options_write(&csv) : options_fail(&error);
    if (status != STATUS_OK)
        text_release(&csv);
    results_close(&opened);
    families_release();
    arena_release(&arena);
    options_release(&options);
    return result;
}
