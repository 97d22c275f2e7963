/* `understudy apply RESULTS IN OUT`: the pipeline, or the network that learnt from it, over files.
 */
#include "cli/support/open_results.h"
#include "cli/support/options.h"
#include "cli/support/say.h"
#include "cli/verbs/running.h"

#include "base/clock.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "deploy/apply_files.h"
#include "deploy/compare.h"
#include "deploy/guarded.h"

#include <string.h>
#include <unistd.h>

static const char *what, *trial, *format, *compare, *experiment, *threads, *data, *results;

static const struct option_row rows[] = {
    {"what", 'w', "PART",
     "hybrid: the pipeline, with the network in the place of the\nstages that it replaces "
     "(hybrid); network: it alone;\npipeline: that alone; guarded: the small network of the "
     "guard,\nwhich hands doubted images on",
     .value = &what},
    {"trial", 0, "N",
     "the network of this trial (the selected one, else the best on\nthe validation images)",
     .value = &trial},
    {"format", 'f', "NAME",
     "png, png16, tiff8, tiff16, tiff (floats), pnm, pnm16, jpeg or\nnpy (as the input's; masks: "
     "png, maps: tiff)",
     .value = &format},
    {"compare", 'c', "TRUTH",
     "print each image's scores against this folder of true images,\nmasks or maps, or CSV of true "
     "classes or numbers, and their mean",
     .value = &compare},
    {"experiment", 0, "FILE",
     "run this experiment's pipeline; there are no results then, and\nthe operands are IN and OUT",
     .value = &experiment},
    {"threads", 't', "N", "threads (the processors); answers are unaffected", .value = &threads},
    {"data", 'd', "FOLDER",
     "folder of the data sets, where a stage that learns has to be\nfitted anew ($UNDERSTUDY_DATA, "
     "or data/raw of the home)",
     .value = &data},
    {"results", 'r', "FOLDER", "folder of the cache, from which it comes else (the results file's)",
     .value = &results},
    {0},
};

static const struct verb verb = {
    .usage = "apply [OPTION …] NAME|FILE.h5 IN … OUT",
    .about =
        "Run the network of a results file, or its pipeline, on new images. IN is an image or a\n"
        "folder of images; of several INs, the channels follow one another. Images become files "
        "of\nthe same names, depth and kind in the folder OUT; masks PNG of class numbers; maps "
        "float\nTIFF; classes and numbers the CSV file OUT, or OUT/answers.csv. An image that "
        "cannot be\nread or answered is reported, the others continue, and the exit status is 1.",
    .shared = OPTION_ENGINE | OPTION_ISA | OPTION_HOME,
    .rows = rows,
    .least = 2,
    .most = -1,
};

struct applied {
    struct options options;
    struct model model;
    struct compare compare;
    struct text csv; /* of scores */
};

static enum status on_image(void *context, const struct apply_event *event, struct error *error)
{
    struct applied *applied = context;

    if (event->failure) {
        bool named = strstr(event->failure->message, event->name) == event->failure->message;
        say_line(stderr, "understudy: %s%s%s", named ? "" : event->name, named ? "" : ": ",
                 event->failure->message);
    } else if (compare) {
        PASS(compare_image(&applied->compare, event->index, *event->answer, error));
    }
    return STATUS_OK;
}

static bool read_part(enum model_part *part)
{
    *part = experiment ? MODEL_PIPELINE : MODEL_HYBRID;
    if (!what)
        return true;
    for (int p = 0; model_parts[p]; p++)
        if (strcmp(what, model_parts[p]) == 0) {
            *part = (enum model_part)p;
            if (!experiment || p == MODEL_PIPELINE)
                return true;
        }
    if (experiment)
        fprintf(stderr, "understudy apply: --what: '%s'; an experiment file has a pipeline alone\n",
                what);
    else
        fprintf(stderr,
                "understudy apply: --what: '%s'; expected hybrid, network, pipeline or guarded\n",
                what);
    return false;
}

/* The folder of the results file, unless --results says another. */
static enum status cache_folder(const char *path, struct text *folder, struct error *error)
{
    const char *slash = strrchr(path, '/');

    if (results)
        return text_print(folder, error, "%s", results);
    return slash ? text_print(folder, error, "%.*s", (int)(slash - path), path)
                 : text_print(folder, error, ".");
}

static enum status open_model(struct applied *applied, struct model_options *wanted,
                              struct error *error)
{
    enum status status = STATUS_OK;
    const struct options *options = &applied->options;
    struct text path = {0};
    struct plan_options plan_options = {.engine = options->engine, .home = options->home};
    struct diagnostics found = {0};
    struct plan plan = {0};
    struct text folder = {0}, place = {0};

    TRY(experiment ? text_print(&path, error, "%s", experiment)
                   : results_path("results", options->operands[0], &path, error));
    TRY(cache_folder(path.bytes, &folder, error));
    wanted->results = experiment && !results ? "results" : folder.bytes;
    wanted->data = options_data(options, data, &place);
    wanted->plan = &plan_options;
    if (experiment) {
        if (options_plan(options, experiment, &plan) != EXIT_DONE)
            TRY(error_set(error, STATUS_CONFIG, "%s cannot be used", experiment));
        TRY(model_of_plan(&applied->model, &plan, wanted, error));
        goto out;
    }
    if (options_families(options, path.bytes) != EXIT_DONE)
        TRY(error_set(error, STATUS_CONFIG, "the network families cannot be used"));
    status = wanted->part == MODEL_GUARDED
                 ? guarded_open(&applied->model, path.bytes, wanted, &found, error)
                 : model_open(&applied->model, path.bytes, wanted, &found, error);
    options_print_mistakes(&found);
out:
    text_release(&path);
    text_release(&place);
    text_release(&folder);
    plan_release(&plan);
    diagnostics_release(&found);
    return status;
}

static void tell_end(const struct applied *applied, const struct apply_summary *summary)
{
    fprintf(stderr, "%zu image%s: %zu done, %zu failed; %.1f s", summary->images,
            summary->images == 1 ? "" : "s", summary->images - summary->failed, summary->failed,
            summary->seconds);
    if (applied->model.other)
        fprintf(stderr, ", %zu handed on to %s", summary->handed, guarded_other(&applied->model));
    if (summary->seconds > 0)
        fprintf(stderr, ", %.*f images/s, %.0f %% of the time in files\n",
                (double)summary->images / summary->seconds < 9.95,
                (double)summary->images / summary->seconds,
                100 * (1 - summary->computing / summary->seconds));
    else
        fputs("\n", stderr);
}

static int tell_stop(void)
{
    fputs("understudy: stopped; the files that were written are whole, further ones are missing\n",
          stderr);
    return EXIT_INTERRUPTED;
}

static enum status apply(struct applied *applied, struct model_options *wanted,
                         struct apply_summary *summary, struct error *error)
{
    const struct options *options = &applied->options;
    int first = experiment ? 0 : 1, inputs = options->operand_count - first - 1;
    struct apply_request request = {
        .inputs = (const char *const *)options->operands + first,
        .input_count = (size_t)inputs,
        .output = options->operands[options->operand_count - 1],
        .format = format,
        .threads = wanted->threads,
        .event = on_image,
        .context = applied,
    };

    for (int i = first; compare && i < first + inputs; i++)
        if (!folder_is(options->operands[i]))
            return error_set(error, STATUS_CONFIG, "--compare: %s is no folder; expected folders",
                             options->operands[i]);
    PASS(open_model(applied, wanted, error));
    if (applied->model.automatic_scale)
        return error_set(error, STATUS_CONFIG,
                         "the experiment's `dataset.range: auto` depends on its training images; "
                         "give the range there as two numbers");
    PASS(model_engine(&applied->model)->start(error));
    PASS(engine_take_room(model_engine(&applied->model), wanted->threads, error));
    if (compare)
        PASS(compare_open(&applied->compare, &applied->model, &request, compare, error));
    PASS(apply_files(&applied->model, &request, summary, error));
    tell_end(applied, summary);
    return compare ? compare_print(&applied->compare, &applied->csv, error) : STATUS_OK;
}

int verb_apply(int argc, char **argv)
{
    struct applied applied = {0};
    struct model_options wanted = {0};
    struct apply_summary summary = {0};
    struct error error = {0};
    int result;

    if (!options_read(&applied.options, &verb, argc, argv, &result))
        return result;
    result = EXIT_USAGE;
    if (!read_part(&wanted.part) || !running_count("apply", "threads", threads, &wanted.threads))
        goto out;
    if (applied.options.operand_count < (experiment ? 2 : 3)) {
        fputs("understudy apply: expected NAME or FILE.h5, images and a place for the answers; "
              "`understudy apply --help` describes them\n",
              stderr);
        goto out;
    }
    running_listen();
    memory_keep_freed();
    wanted.trial = trial;
    wanted.threads = wanted.threads ? wanted.threads : parallel_processors();
    enum status status = apply(&applied, &wanted, &summary, &error);
    result = status == STATUS_INTERRUPTED ? tell_stop()
             : status != STATUS_OK        ? options_fail(&error)
             : applied.csv.length         ? options_write(&applied.csv)
                                          : EXIT_DONE;
    if (result == EXIT_DONE && summary.failed)
        result = EXIT_FAILED;
out:
    compare_release(&applied.compare);
    model_release(&applied.model);
    families_release();
    options_release(&applied.options);
    return result;
}
