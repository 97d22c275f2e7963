/* `understudy publish FILE`: the part of a results file that is small and may be shared. */
#include "cli/support/open_results.h"
#include "cli/support/options.h"
#include "cli/support/say.h"

#include "report/figures/publish.h"
#include "results/results.h"

#include <stdio.h>
#include <string.h>

static const char *folder = "results/published";

static const struct option_row rows[] = {
    {"to", 'o', "FOLDER", "folder for the copy, which keeps its name (results/published)",
     .value = &folder},
    {0},
};

static const struct verb verb = {
    .usage = "publish [OPTION …] NAME|FILE.h5",
    .about =
        "Copy a results file without images, activations and parameters. Tables, curves, the data\n"
        "of figures and the provenance stay; `table` and `plot` read the copy like the original.\n"
        "If it replaces other results, these are kept as NAME~1.h5.",
    .rows = rows,
    .least = 1,
    .most = 1,
};

int verb_publish(int argc, char **argv)
{
    enum status status = STATUS_OK;
    struct options options;
    struct error error = {0};
    struct hdf5 file = {0};
    struct text source = {0}, path = {0}, told = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    TRY(results_path("results", options.operands[0], &source, &error));
    const char *slash = strrchr(source.bytes, '/');
    TRY(path_join(&path, folder, slash ? slash + 1 : source.bytes, &error));
    TRY(results_file_open(&file, source.bytes, &error));
    TRY(publish(&file, path.bytes, &told, &error));
    if (told.length)
        say_line(stderr, "understudy: %s", told.bytes);
    puts(path.bytes);
out:
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    text_release(&told);
    text_release(&source);
    text_release(&path);
    hdf5_abandon(&file);
    options_release(&options);
    return result;
}
