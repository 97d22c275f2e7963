/* `understudy table FILE`: all trials of a results file as CSV. */
#include "cli/options.h"

#include "report/report.h"

static bool timing;

static const struct option_row rows[] = {
    {"timing", 0, NULL,
     "columns of /timing too: how fast the networks were trained\nand answer; other runs, other "
     "times",
     .flag = &timing},
    {0},
};

static const struct verb verb = {
    .usage = "table [OPTION …] FILE.h5",
    .about = "All trials of a results file as tidy CSV, one row each, in plan order.",
    .rows = rows,
    .least = 1,
    .most = 1,
};

int verb_table(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct hdf5 file = {0};
    struct text csv = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    TRY(options_results(options.operands[0], &file, &error));
    TRY(report_table(&file, timing, &csv, &error));
out:
    result = status == STATUS_OK ? options_write(&csv) : options_fail(&error);
    if (status != STATUS_OK)
        text_release(&csv);
    hdf5_abandon(&file);
    options_release(&options);
    return result;
}
