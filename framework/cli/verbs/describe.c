/* `understudy describe`: every kind and its implementations, from the tables that the program
 * itself works by. */
#include "cli/support/console.h"
#include "cli/support/options.h"
#include "cli/support/say.h"
#include "cli/verbs/describe_family.h"
#include "tasks/registry.h"

#include "data/registry.h"
#include "filters/registry.h"
#include "graph/family.h"
#include "guard/registry.h"
#include "hardware/registry.h"
#include "interfaces/filter.h"
#include "launch/registry.h"
#include "networks/engines/registry.h"
#include "networks/layers/registry.h"
#include "noise/registry.h"
#include "report/figures/registry.h"
#include "search/registry.h"
#include "train/registry.h"
#include "train/stages/registry.h"

#include <string.h>

static struct family_request request;

static const struct option_row rows[] = {
    {"input", 'n', "CxHxW",
     "for a family: channels, height and width of the input images\n"
     "(1x28x28)",
     .value = &request.input},
    {"outputs", 'o', "N",
     "for a family: number of classes or output channels (default: 10\n"
     "classes, or the channels of the input)",
     .value = &request.outputs},
    {"csv", 'c', NULL, "for a family: print only the layers of its network, as CSV",
     .flag = &request.csv},
    {0}};

static const struct verb verb = {
    .usage = "describe [OPTION …] [KIND [NAME [PARAMETER=VALUE …]]]",
    .about =
        "List the kinds of implementation, the implementations of one kind, or the settings of "
        "one\n"
        "implementation with units, ranges and defaults. `describe experiment` lists the keys and\n"
        "sections of experiment files, `describe train` the settings of one section; `describe\n"
        "NAME` looks in all kinds. For a family, the network for the given parameters is shown:\n"
        "`describe family dncnn depth=17 width=64`.",
    .shared = OPTION_HOME,
    .rows = rows,
    .most = -1,
};

static const struct kind {
    const char *name, *summary;
    const struct registry *(*registry)(void);
} kinds[] = {
    {"augmentation", "random changes to training items", registry_augmentations},
    {"cost_model", "models of a machine's time and energy", registry_cost_models},
    {"dataset", "sources of images and ground truth", registry_datasets},
    {"degradation", "damage done to clean images", registry_degradations},
    {"engine", "implementations of the compute-heavy kernels", registry_engines},
    {"family", "network architectures", families_registry},
    {"figure", "figures drawn from results", registry_figures},
    {"filter", "methods that drop noisy labels from training", registry_filters},
    {"guard", "measures of how much a network's answer is to be doubted", registry_guards},
    {"label_noise", "sources of label errors", registry_label_noises},
    {"launcher", "systems that run an experiment's workers", registry_launchers},
    {"layer", "layers of networks", registry_layers},
    {"loss", "losses that training minimises", registry_losses},
    {"optimizer", "rules that turn gradients into steps", registry_optimizers},
    {"schedule", "learning rates over a training", registry_schedules},
    {"search", "methods that propose the trials of a search", registry_searches},
    {"stage", "steps of an image-processing pipeline", registry_stages},
    {"task", "what a network learns", registry_tasks},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static void list_kinds(struct text *text)
{
    text_append(text, "%-12s %s\n", "experiment", "the keys of experiment files");
    text_append(text, "%-12s %s\n", "hardware", "machines of experiments/hardware");
    for (int i = 0; i < KINDS; i++)
        text_append(text, "%-12s %s (%zu)\n", kinds[i].name, kinds[i].summary,
                    kinds[i].registry()->count);
}

static void list_rows(const struct registry *registry, struct text *text)
{
    size_t width = 0;

    for (size_t i = 0; i < registry->count; i++) {
        size_t length = strlen(registry->rows[i]->name);
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < registry->count; i++)
        text_append(text, "%-*s  %s\n", (int)width, registry->rows[i]->name,
                    registry->rows[i]->summary ? registry->rows[i]->summary : "");
}

static void show_row(const struct descriptor *row, const char *noun, struct text *text)
{
    text_append(text, "%s (%s)%s%s\n", row->name, noun, row->summary ? ": " : "",
                row->summary ? row->summary : "");
    if (row->source && row->source[0])
        text_append(text, "source: %s\n", row->source);
    text_append(text, "version: %d\n\n", row->version);
    if (row->fields && row->fields->name)
        schema_describe(row->fields, console_page(), text);
    else
        text_append(text, "no settings\n");
}

/* A family with its network; of CSV, the network alone. */
static int show_family(const struct descriptor *family, struct text *text)
{
    if (!request.csv) {
        show_row(family, "family", text);
        text_append(text, "\n");
    }
    return describe_family(family, &request, text);
}

static void show_task(const struct task *task, struct text *text)
{
    static const char *const labels[CONTENTS] = {[CONTENT_IMAGE] = "images",
                                                 [CONTENT_SCORES] = "a score for each class",
                                                 [CONTENT_MASK] =
                                                     "masks, the number of each pixel's class",
                                                 [CONTENT_NUMBERS] = "numbers",
                                                 [CONTENT_MAP] = "maps of numbers"};

    text_append(text, "\nlabels: %s", labels[task->labels]);
    if (task->map)
        text_append(text, "; or, where a data set has them, %s (families: %s_map)",
                    labels[task->map->labels], task->descriptor.name);
    text_append(text, "\nmetrics: ");
    for (size_t i = 0; i < task->metric_count; i++)
        text_append(text, "%s%s", i ? ", " : "", metric_names[task->metrics[i].metric]);
    text_append(text, "%s\n", task->metric_count > 1 ? " (the first is the task's own)" : "");
    text_append(text, "agreement with the pipeline: ");
    for (size_t i = 0; i < task->agreement_count; i++)
        text_append(text, "%s%s", i ? ", " : "", metric_names[task->agreement[i].metric]);
    text_append(text, "\nmargins: ");
    for (size_t i = 0; i < task->metric_count; i++) {
        const struct task_metric *metric = &task->metrics[i];
        text_append(text, "%s%s in %s", i ? ", " : "", metric_names[metric->metric], metric->unit);
        if (metric->units != 1)
            text_append(text, " of %g", 1 / metric->units);
    }
    text_append(text, "\nloss: %s unless 'train.loss' says another\n", task->loss);
}

static int show(const struct registry *registry, const struct descriptor *row, struct text *text)
{
    if (registry == families_registry())
        return show_family(row, text);
    show_row(row, registry->noun, text);
    if (registry == registry_tasks())
        show_task(task_of(row), text);
    if (registry == registry_filters() && filter_of(row)->sees_truth)
        text_append(text, "\nThis is a control, not a method: it sees the ground truth of the "
                          "unlabelled\nimages. The results column filter.sees_truth marks it.\n");
    return EXIT_DONE;
}

/* "unknown stage 'medan'; did you mean 'median'?" */
static int unknown(const char *noun, const char *name, const char *best)
{
    fprintf(stderr, "understudy describe: unknown %s '%s'", noun, name);
    if (best)
        fprintf(stderr, "; did you mean '%s'?", best);
    fputs("\n", stderr);
    return EXIT_USAGE;
}

static int describe_row(const struct registry *registry, const char *name, struct text *text)
{
    const struct descriptor *row = registry_find(registry, name);
    const char *best = NULL;

    for (size_t i = 0; i < registry->count; i++)
        text_nearest(name, registry->rows[i]->name, &best);
    if (!row)
        return unknown(registry->noun, name, best);
    return show(registry, row, text);
}

/* A section of the experiment file: `train`, `select` … */
static bool describe_section(const char *name, struct text *text)
{
    for (const struct field *field = experiment_fields; field->name; field++)
        if (field->fields && strcmp(field->name, name) == 0) {
            text_append(text, "%s (section of experiment files): %s\n\n", name, field->help);
            schema_describe(field->fields, console_page(), text);
            return true;
        }
    return false;
}

/* The keys, and what each section is about: what is in them has pages of its own. */
static void describe_experiment(struct text *text)
{
    text_append(text, "experiment: the keys of experiment files; `understudy describe SECTION` "
                      "shows what is in a section\n\n");
    schema_outline(experiment_fields, console_page(), text);
}

/* All of a kind; where the experiment file has a section of that name, below that. */
static void describe_kind(const struct kind *kind, struct text *text)
{
    if (describe_section(kind->name, text))
        text_append(text, "\n%s, `understudy describe %s NAME` shows one:\n\n", kind->summary,
                    kind->name);
    list_rows(kind->registry(), text);
}

/* A name without its kind: everything of that name. */
static int describe_name(const char *name, struct text *text)
{
    const char *best = NULL;
    size_t met = 0;
    int result = EXIT_DONE;

    if (describe_section(name, text))
        return EXIT_DONE;
    text_nearest(name, "experiment", &best);
    text_nearest(name, "hardware", &best);
    for (const struct field *field = experiment_fields; field->name; field++)
        if (field->fields)
            text_nearest(name, field->name, &best);
    for (int i = 0; i < KINDS; i++) {
        const struct registry *registry = kinds[i].registry();
        text_nearest(name, kinds[i].name, &best);
        for (size_t r = 0; r < registry->count; r++) {
            text_nearest(name, registry->rows[r]->name, &best);
            if (strcmp(registry->rows[r]->name, name) != 0)
                continue;
            text_append(text, met++ ? "\n" : "");
            if (result == EXIT_DONE)
                result = show(registry, registry->rows[r], text);
        }
    }
    return met ? result : unknown("kind or name", name, best);
}

static void show_machine(const struct machine *machine, struct text *text)
{
    const struct descriptor *model = machine->model.kind;

    text_append(text, "%s (machine)%s%s\n", machine->name, machine->about[0] ? ": " : "",
                machine->about);
    if (machine->source[0])
        text_append(text, "source: %s\n", machine->source);
    text_append(text, "cost model: %s, version %d\n\n", model->name, model->version);
    schema_print(model->fields, machine->model.config, 0, text);
    if (machine->sources)
        text_append(text, "\nsources:\n");
    for (size_t i = 0; machine->sources && i < machine->sources->count; i++)
        text_append(text, "  %s: %s\n", machine->sources->keys[i]->text,
                    machine->sources->items[i]->text);
}

/* One machine, or a line for each. */
static int describe_hardware(const struct options *options, const char *wanted, struct text *text)
{
    struct arena arena = {0};
    struct text_list names = {0}, folders;
    struct diagnostics found = {0};
    struct machine machine;
    struct error error = {0};
    struct yaml_mark mark = {"", 0, 0};
    int result = EXIT_DONE;
    enum status status = STATUS_OK;

    TRY(options_folders(options, SEARCH_HARDWARE, "", &arena, &folders, &error));
    if (wanted) {
        TRY(machine_load(&folders, wanted, mark, "", &arena, &machine, &found, &error));
        if (found.count == 0)
            show_machine(&machine, text);
    } else {
        TRY(machine_names(&folders, &arena, &names, &error));
    }
    for (size_t i = 0; i < names.count; i++) {
        TRY(machine_load(&folders, names.items[i], mark, "", &arena, &machine, &found, &error));
        text_append(text, "%-20s %s\n", names.items[i], machine.about ? machine.about : "");
    }
    options_print_mistakes(&found);
    result = found.count ? EXIT_USAGE : EXIT_DONE;
out:
    if (status != STATUS_OK)
        result = options_fail(&error);
    diagnostics_release(&found);
    arena_release(&arena);
    return result;
}

/* Parameters, and the options of this verb, are for one family. */
static int check_request(const struct options *options)
{
    int count = options->operand_count;
    bool family = count >= 2
                      ? strcmp(options->operands[0], "family") == 0
                      : count == 1 && registry_find(families_registry(), options->operands[0]);

    if (count > 2 && !family) {
        fprintf(stderr,
                "understudy describe: unexpected operand '%s'; see `understudy describe --help`\n",
                options->operands[2]);
        return EXIT_USAGE;
    }
    if (!family && (request.input || request.outputs || request.csv)) {
        fputs("understudy describe: --input, --outputs and --csv need a family, as in "
              "`understudy describe family dncnn --csv`\n",
              stderr);
        return EXIT_USAGE;
    }
    request.parameters = options->operands + 2;
    request.count = count > 2 ? count - 2 : 0;
    return EXIT_DONE;
}

static int describe(const struct options *options, struct text *text)
{
    const char *kind = options->operand_count > 0 ? options->operands[0] : NULL;
    const char *name = options->operand_count > 1 ? options->operands[1] : NULL;
    const char *best = NULL;

    if (!kind) {
        list_kinds(text);
        return EXIT_DONE;
    }
    if (strcmp(kind, "hardware") == 0)
        return describe_hardware(options, name, text);
    if (strcmp(kind, "experiment") == 0) {
        if (name) {
            fprintf(
                stderr,
                "understudy describe: unexpected operand '%s'; `understudy describe experiment` "
                "shows the keys\n",
                name);
            return EXIT_USAGE;
        }
        describe_experiment(text);
        return EXIT_DONE;
    }
    for (int i = 0; i < KINDS; i++) {
        text_nearest(kind, kinds[i].name, &best);
        if (strcmp(kind, kinds[i].name) != 0)
            continue;
        if (name)
            return describe_row(kinds[i].registry(), name, text);
        describe_kind(&kinds[i], text);
        return EXIT_DONE;
    }
    return name ? unknown("kind", kind, best) : describe_name(kind, text);
}

int verb_describe(int argc, char **argv)
{
    struct options options;
    struct text text = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = options_families(&options, "");
    if (result == EXIT_DONE)
        result = check_request(&options);
    if (result == EXIT_DONE)
        result = describe(&options, &text);
    if (result == EXIT_DONE && console_columns(stdout) && !request.csv)
        say_lines(stdout, text.bytes, text.length);
    else if (result == EXIT_DONE)
        result = options_write(&text);
    text_release(&text);
    families_release();
    options_release(&options);
    return result;
}
