/* `understudy export RESULTS`: the network for other programs. */
#include "cli/support/open_results.h"
#include "cli/support/options.h"
#include "cli/support/say.h"
#include "cli/verbs/running.h"

#include "base/folder.h"
#include "deploy/exporting.h"
#include "export/c_source.h"
#include "export/onnx.h"
#include "io/files/atomic_file.h"

#include <stdlib.h>
#include <string.h>

static const char *onnx, *c_folder, *c_name, *what, *size, *trial;
static bool int8;

static const struct option_row rows[] = {
    {"onnx", 'o', "FILE", "write an ONNX model (operator set 17)", .value = &onnx},
    {"c", 'c', "FOLDER",
     "write C99 source: NAME.c, NAME.h and a program that checks it,\nNAME_test.c",
     .value = &c_folder},
    {"name", 'n', "NAME", "of the C files and functions (the experiment's)", .value = &c_name},
    {"what", 'w', "PART",
     "hybrid: the network with the stages of the pipeline beside it, as\nfar as they can go along "
     "(hybrid); network: it alone; guarded: the\nsmall network of the guard, and the larger one "
     "that it hands doubted\nimages on to, or a call of yours for the pipeline (C alone)",
     .value = &what},
    {"int8", 0, NULL,
     "in 8-bit integers, by the ranges that the experiment's section\n`quantize` found",
     .flag = &int8},
    {"size", 's', "WIDTHxHEIGHT",
     "of the images that go in: always of C, of ONNX where the size is\nfixed (as in training)",
     .value = &size},
    {"trial", 0, "N",
     "the network of this trial (the selected one, else the best on\nthe validation images)",
     .value = &trial},
    {0},
};

static const struct verb verb = {
    .usage = "export [OPTION …] NAME|FILE.h5",
    .about = "Write the network of a results file for other programs. Values that go in are 0 to "
             "1;\nwhat comes out is said in the files. Stages of the pipeline right before and "
             "after the\n"
             "network go along where they are grey, normalise, gamma, crop, resize, gaussian or\n"
             "threshold; these, and those that do not, are listed.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static bool read_size(struct exporting_options *wanted)
{
    char *end = NULL;
    long sides[2] = {0, 0};

    if (!size)
        return true;
    sides[0] = strtol(size, &end, 10);
    if (*end == 'x')
        sides[1] = strtol(end + 1, &end, 10);
    wanted->width = (int)sides[0];
    wanted->height = (int)sides[1];
    if (!*end && sides[0] >= 1 && sides[1] >= 1 && sides[0] <= IMAGEFILE_SIDE &&
        sides[1] <= IMAGEFILE_SIDE)
        return true;
    fprintf(stderr, "understudy export: --size: '%s'; expected WIDTHxHEIGHT, as 640x480\n", size);
    return false;
}

static bool read_part(struct exporting_options *wanted)
{
    static const enum model_part parts[] = {MODEL_HYBRID, MODEL_NETWORK, MODEL_GUARDED};

    wanted->part = MODEL_HYBRID;
    for (size_t i = 0; what && i < sizeof parts / sizeof *parts; i++)
        if (strcmp(what, model_parts[parts[i]]) == 0)
            wanted->part = parts[i];
    if (what && strcmp(what, model_parts[wanted->part]) != 0) {
        fprintf(stderr, "understudy export: --what: '%s'; expected hybrid, network or guarded\n",
                what);
        return false;
    }
    if (wanted->part != MODEL_GUARDED || !onnx)
        return true;
    fputs("understudy export: --what guarded: an ONNX model holds one network; export both, each "
          "with --trial\n(/guard/trials in the results file), and compare the doubt with "
          "/guard/threshold, or use --c\n",
          stderr);
    return false;
}

static enum status write_onnx(const struct exporting *exporting, struct error *error)
{
    enum status status = STATUS_OK;
    struct text model = {0}, folder = {0};
    const char *slash = strrchr(onnx, '/');

    if (slash && slash != onnx) {
        TRY(text_print(&folder, error, "%.*s", (int)(slash - onnx), onnx));
        TRY(folder_make(folder.bytes, error));
    }
    TRY(export_onnx(&exporting->exported, &model, error));
    struct span span = {(const unsigned char *)model.bytes, model.length, onnx};
    TRY(atomic_file_write(onnx, &span, 1, error));
    printf("%s\n", onnx);
out:
    text_release(&folder);
    text_release(&model);
    return status;
}

static enum status write_c(const struct exporting *exporting, struct error *error)
{
    static const char *const endings[] = {".h", ".c", "_test.c"};
    enum status status = STATUS_OK;
    struct text name = {0};
    const char *wanted = c_name ? c_name : exporting->exported.name;

    TRY(c_source_name(wanted, &name, error));
    TRY(export_c(&exporting->exported, c_folder, wanted, error));
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        printf("%s/%s%s\n", c_folder, name.bytes, endings[i]);
out:
    text_release(&name);
    return status;
}

/* Which stages go along, and which do not. */
static enum status tell_stages(const struct exporting *exporting, struct error *error)
{
    enum status status = STATUS_OK;
    struct text inside = {0}, left = {0};

    exporting_inside(exporting, &inside);
    exporting_left(exporting, &left);
    TRY(text_status(&inside, error));
    TRY(text_status(&left, error));
    if (inside.length) {
        fputs("understudy: these stages of the pipeline go along:\n", stderr);
        say_lines(stderr, inside.bytes, inside.length);
    }
    if (left.length) {
        fputs("understudy: these stages of the pipeline do not go along:\n", stderr);
        say_lines(stderr, left.bytes, left.length);
    }
out:
    text_release(&inside);
    text_release(&left);
    return status;
}

static enum status export_network(const struct options *options,
                                  const struct exporting_options *wanted,
                                  struct exporting *exporting, struct error *error)
{
    enum status status = STATUS_OK;
    struct plan_options plan_options = {.home = options->home};
    struct model_options network = {.trial = trial, .threads = 1, .plan = &plan_options};
    struct diagnostics found = {0};
    struct text path = {0};

    TRY(results_path("results", options->operands[0], &path, error));
    if (options_families(options, path.bytes) != EXIT_DONE)
        TRY(error_set(error, STATUS_CONFIG, "the network families cannot be used"));
    status = (wanted->part == MODEL_GUARDED ? exporting_guard_open : exporting_open)(
        exporting, path.bytes, wanted, &network, &found, error);
    options_print_mistakes(&found);
    if (status != STATUS_OK)
        goto out;
    if (onnx)
        TRY(write_onnx(exporting, error));
    if (c_folder)
        TRY(write_c(exporting, error));
    TRY(tell_stages(exporting, error));
out:
    text_release(&path);
    diagnostics_release(&found);
    return status;
}

int verb_export(int argc, char **argv)
{
    struct options options;
    struct exporting exporting = {0};
    struct error error = {0};
    struct exporting_options wanted = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = EXIT_USAGE;
    if (!onnx && !c_folder)
        fputs("understudy export: expected --onnx FILE, --c FOLDER, or both\n", stderr);
    else if (read_part(&wanted) && read_size(&wanted)) {
        wanted.int8 = int8;
        running_listen();
        enum status status = export_network(&options, &wanted, &exporting, &error);
        result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    }
    exporting_release(&exporting);
    families_release();
    options_release(&options);
    return result;
}
