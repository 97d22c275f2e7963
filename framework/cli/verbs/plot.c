/* `understudy plot FILE`: draw the figures stored in a results file. */
#include "cli/verbs/plot.h"

#include "cli/support/options.h"
#include "cli/support/say.h"

#include "base/text.h"
#include "report/figures/figures.h"
#include "results/plots_keep.h"
#include "results/results.h"
#include "results/results_keep.h"

#include <string.h>
#include <sys/stat.h>

static const char *plots = "plots";

static const struct option_row rows[] = {
    {"plots", 'p', "FOLDER", "folder for the figures, in NAME/ (plots)", .value = &plots},
    {0},
};

static const struct verb verb = {
    .usage = "plot [OPTION …] FILE.h5",
    .about =
        "Draw every figure of a results file, from the data stored in that file, as PDF, PNG and\n"
        "CSV. Prints the paths. The figures of NAME~1.h5 go to NAME~1/. Figures of another "
        "results\n"
        "file of the same name are kept as NAME~1/, or ~2 …",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static void say_path(void *context, const char *path)
{
    (void)context;
    say_data(path, strlen(path));
    putchar('\n');
}

/* A run ends in few paths. */
static void say_nothing(void *context, const char *path)
{
    (void)context;
    (void)path;
}

enum status plot_results(const char *path, const char *home, const char *folder,
                         const char *results, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct text target = {0}, cache = {0}, told = {0};
    struct stat facts;
    struct figure_cache drawn;
    const char *name, *digest;

    TRY(results_file_open(&file, path, error));
    TRY(hdf5_read_attribute_text(&file, "/", "experiment", &arena, &name, error));
    TRY(hdf5_read_attribute_text(&file, "/", "content_sha256", &arena, &digest, error));
    unsigned long number = keep_number(path, name);
    text_append(&target, "%s/%s", folder, name);
    if (number)
        text_append(&target, "~%lu", number);
    TRY(text_status(&target, error));
    struct report_drawing drawing = {
        .home = home, .directory = target.bytes, .say = results ? say_nothing : say_path};
    if (results) {
        TRY(path_join(&cache, results, "cache", error));
        TRY(figure_cache_begin(&drawn, cache.bytes, path, home, error));
        drawing.drawn = &drawn;
    }
    TRY(plots_keep(target.bytes, path, digest, &told, error));
    if (told.length)
        say_line(stderr, "understudy: %s", told.bytes);
    TRY(report_draw(&file, &drawing, error));
    if (stat(target.bytes, &facts) != 0)
        goto out;
    TRY(plots_sign(target.bytes, path, digest, error));
    if (results) {
        text_append(&target, "/");
        say_path(NULL, target.bytes);
    }
out:
    text_release(&told);
    text_release(&cache);
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
    if (plot_results(options.operands[0], options.home, plots, NULL, &error) != STATUS_OK)
        result = options_fail(&error);
    else
        result = EXIT_DONE;
    options_release(&options);
    return result;
}
