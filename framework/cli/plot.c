/* `understudy plot FILE`: draw the figures stored in a results file. */
#include "cli/plot.h"

#include "cli/options.h"

#include "base/text.h"
#include "report/report.h"

static const char *plots = "plots";

static const struct option_row rows[] = {
    {"plots", 'p', "FOLDER", "where NAME/ with the figures goes (plots)", .value = &plots},
    {0},
};

static const struct verb verb = {
    .usage = "plot [OPTION …] FILE.h5",
    .about =
        "Draw every figure of a results file, from what is stored in it alone, as PDF, PNG and\n"
        "the CSV that is drawn. Prints the paths.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static void say_path(void *context, const char *path)
{
    (void)context;
    printf("%s\n", path);
}

enum status plot_results(const char *path, const char *home, const char *folder,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct text target = {0};
    const char *name;

    TRY(options_results(path, &file, error));
    TRY(hdf5_read_attribute_text(&file, "/", "experiment", &arena, &name, error));
    text_append(&target, "%s/%s", folder, name);
    TRY(text_status(&target, error));
    TRY(report_draw(&file, home, target.bytes, say_path, NULL, error));
out:
    hdf5_abandon(&file);
    text_release(&target);
    arena_release(&arena);
    return status;
}

int verb_plot(int argc, char **argv)
{
    struct options options;
    struct error error = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (plot_results(options.operands[0], options.home, plots, &error) != STATUS_OK)
        result = options_fail(&error);
    else
        result = EXIT_DONE;
    options_release(&options);
    return result;
}
