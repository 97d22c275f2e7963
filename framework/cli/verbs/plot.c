/* `understudy plot FILE`: draw the figures stored in a results file. */
#include "cli/verbs/plot.h"

#include "cli/support/open_results.h"
#include "cli/support/options.h"
#include "cli/support/say.h"

#include "base/folder.h"
#include "base/text.h"
#include "report/figures/figure_list.h"
#include "report/figures/figures.h"
#include "report/page/page.h"
#include "results/plots_keep.h"
#include "results/results.h"
#include "results/results_keep.h"

#include <string.h>

static const char *plots = "plots", *list = NULL;

static const struct option_row rows[] = {
    {"plots", 'p', "FOLDER", "folder for the figures, in NAME/ (plots)", .value = &plots},
    {"figures", 'f', "FILE", "draw the section 'figures' of this YAML file instead",
     .value = &list},
    {0},
};

static const struct verb verb = {
    .usage = "plot [OPTION …] NAME|FILE.h5",
    .about =
        "Draw every figure of a results file, from the data stored in that file, as PDF, PNG and\n"
        "CSV. Prints the paths. The figures of NAME~1.h5 go to NAME~1/. Figures of another "
        "results\n"
        "file of the same name are kept as NAME~1/, or ~2 …\n"
        "With --figures, nothing is run either: a changed experiment file, or a file with the "
        "section\n"
        "'figures' alone, says what to draw. The results file stays as it is.",
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

/* The folder of this results file's figures: FOLDER/NAME, of a file that was kept FOLDER/NAME~1. */
static enum status find_target(struct hdf5 *file, const struct plot_request *request,
                               struct arena *arena, struct text *target, struct error *error)
{
    const char *name;

    PASS(hdf5_read_attribute_text(file, "/", "experiment", arena, &name, error));
    unsigned long number = keep_number(request->path, name);
    text_append(target, "%s/%s", request->folder, name);
    if (number)
        text_append(target, "~%lu", number);
    return text_status(target, error);
}

static enum status draw_figures(struct hdf5 *file, const struct plot_request *request,
                                const char *target, struct error *error)
{
    enum status status = STATUS_OK;
    struct report_drawing drawing = {
        .home = request->home, .directory = target, .say = request->quiet ? NULL : say_path};
    struct figure_cache drawn;
    struct text cache = {0};

    if (request->instead) {
        TRY(report_draw_listed(file, request->instead, &drawing, error));
        goto out;
    }
    if (request->results) {
        TRY(path_join(&cache, request->results, "cache", error));
        TRY(figure_cache_begin(&drawn, cache.bytes, request->path, request->home, error));
        drawing.drawn = &drawn;
    }
    TRY(report_draw(file, &drawing, error));
out:
    text_release(&cache);
    return status;
}

enum status plot_results(const struct plot_request *request, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct text target = {0}, told = {0}, page = {0};
    const char *digest;

    TRY(results_file_open(&file, request->path, error));
    TRY(hdf5_read_attribute_text(&file, "/", "content_sha256", &arena, &digest, error));
    TRY(find_target(&file, request, &arena, &target, error));
    TRY(plots_keep(target.bytes, request->path, digest, &told, error));
    if (told.length)
        say_line(stderr, "understudy: %s", told.bytes);
    if (request->page) { /* before the figures: it needs no gnuplot */
        TRY(page_write(&file, request->home, target.bytes, request->page, &page, error));
        say_path(NULL, page.bytes);
    }
    if (request->figures)
        TRY(draw_figures(&file, request, target.bytes, error));
    if (folder_is(target.bytes))
        TRY(plots_sign(target.bytes, request->path, digest, error));
out:
    text_release(&page);
    text_release(&told);
    hdf5_abandon(&file);
    text_release(&target);
    arena_release(&arena);
    return status;
}

int verb_plot(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct options options;
    struct error error = {0};
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct component_list figures;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    struct plot_request request = {
        .home = options.home, .folder = plots, .figures = true, .instead = list ? &figures : NULL};
    if (list)
        TRY(figure_list_read(list, &arena, &figures, &found, &error));
    TRY(results_path("results", options.operands[0], &path, &error));
    request.path = path.bytes;
    if (found.count == 0)
        TRY(plot_results(&request, &error));
out:
    options_print_mistakes(&found);
    result = status != STATUS_OK ? options_fail(&error) : found.count ? EXIT_USAGE : EXIT_DONE;
    text_release(&path);
    diagnostics_release(&found);
    arena_release(&arena);
    options_release(&options);
    return result;
}
