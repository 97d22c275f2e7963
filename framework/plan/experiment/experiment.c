/*
 * The field tables of the experiment file: the one place that knows its keys, ranges, defaults and
 * help. `train:` has its table beside the training loop (train/train.h).
 */
#include "plan/experiment/experiment.h"

#include "data/registry.h"
#include "filters/registry.h"
#include "graph/family.h"
#include "interfaces/stage.h"
#include "noise/registry.h"
#include "plan/experiment/guard_section.h"
#include "plan/experiment/search_section.h"
#include "report/figures/registry.h"
#include "tasks/registry.h"
#include "train/stages/registry.h"

#include <stddef.h>
#include <string.h>

#define EXPERIMENT(member) offsetof(struct experiment, member)
#define DATASET(member) offsetof(struct dataset_section, member)
#define PIPELINE(member) offsetof(struct pipeline_section, member)
#define STORE(member) offsetof(struct store_section, member)
#define SELECT(member) offsetof(struct select_section, member)
#define QUANTIZE(member) offsetof(struct quantize_section, member)
#define LIMITS(member) offsetof(struct limits_section, member)
/* Members of an embedded struct, from its own start: the table of a FIELD_RECORD counts so. */
#define TUNE(member) (PIPELINE(tune.member) - PIPELINE(tune))
#define REPLACE(member) (PIPELINE(replace.member) - PIPELINE(replace))
#define ACTIVATIONS(member) (STORE(activations.member) - STORE(activations))

/* Choices of metrics against truth; the task's own; metrics of agreement, of `select.metric` alone.
 */
enum { METRIC_AUTO = METRICS, METRIC_AGREEMENT };

#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = name,
static const char *const metric_choices[] = {
#include "math/metrics.def"
    [METRIC_AUTO] = "auto", NULL};

static const char *const select_metric_choices[] = {
#include "math/metrics.def"
    [METRIC_AUTO] = "auto",
#undef ROW
#define ROW(metric, name, title, unit, least, most, sense)                                         \
    [METRIC_AGREEMENT + METRIC_##metric] = "agreement." name,
#include "math/metrics.def"
    NULL};
#undef ROW

static const struct field dataset_fields[] = {
    {"name", FIELD_SELECT, DATASET(source), .registry = registry_datasets,
     .help = "source of images and ground truth"},
    {"manual", FIELD_INTEGER, DATASET(manual), .minimum = 0, .maximum = 1e7, .unit = "images",
     .help = "images labelled by hand: the only ones whose ground truth is used before evaluation"},
    {"unlabelled", FIELD_COUNT, DATASET(unlabelled), .minimum = 0, .maximum = 1e7, .unit = "images",
     .help = "images that only the pipeline labels; all: all remaining ones"},
    {"overlap", FIELD_BOOLEAN, DATASET(overlap), .default_value = "false",
     .help =
         "whether manual images may be among the unlabelled ones: the pipeline then labels what it "
         "was fitted on, too, and `unlabelled: all` are all but the validation images"},
    {"validation", FIELD_INTEGER, DATASET(validation), .minimum = 0, .maximum = 1e7,
     .unit = "images", .help = "images on which training curves are measured"},
    {"test", FIELD_COUNT, DATASET(test), .minimum = 1, .maximum = 1e7, .unit = "images",
     .opens = true,
     .help = "images of the published test set, on which networks are scored; of a recorded set, a "
             "number that is drawn, or {list: CSV} or {folder: NAME}"},
    {"patch", FIELD_RECORD, DATASET(patch), .default_value = "{}", .fields = patch_fields,
     .help = "training on squares cut from large images"},
    {"degrade", FIELD_COMPONENTS, DATASET(degrade), .default_value = "[]",
     .registry = registry_degradations,
     .help = "damage done to the clean images, in order, before pipeline and network see them"},
    {0},
};

static const struct field tune_fields[] = {
    {"metric", FIELD_CHOICE, TUNE(metric), .default_value = "auto", .choices = metric_choices,
     .help = "score by which tuned values are chosen; auto: the task's own"},
    {0},
};

static const struct field replace_fields[] = {
    {"from", FIELD_TEXT, REPLACE(from), .default_value = "",
     .help = "first stage that the network replaces; '': the pipeline's first"},
    {"to", FIELD_TEXT, REPLACE(to), .default_value = "",
     .help = "last stage that the network replaces; '': the pipeline's last"},
    {0},
};

static const struct field pipeline_fields[] = {
    {"stages", FIELD_COMPONENTS, PIPELINE(stages), .registry = registry_stages, .tunable = true,
     .help = "stages that label the images, in order; a number may be {tune: [a, b, c]}"},
    {"tune", FIELD_RECORD, PIPELINE(tune), .default_value = "{}", .fields = tune_fields,
     .help = "how values given as {tune: [...]} are chosen, on the images labelled by hand"},
    {"replace", FIELD_RECORD, PIPELINE(replace), .default_value = "{}", .fields = replace_fields,
     .help = "stages that the network replaces (default: all)"},
    {0},
};

static const struct field filter_fields[] = {
    {"method", FIELD_SELECT, 0, .default_value = "none", .registry = registry_filters,
     .help = "how the labels to leave out of training are chosen"},
    {0},
};

static const struct field network_fields[] = {
    {"family", FIELD_SELECT, 0, .registry = families_registry,
     .help = "the kind of network; its parameters are keys beside this one"},
    {0},
};

static const struct field activations_fields[] = {
    {"layers", FIELD_TEXTS, ACTIVATIONS(layers), .default_value = "[]",
     .help = "names of the network's layers, or all"},
    {"images", FIELD_INTEGER, ACTIVATIONS(images), .minimum = 1, .maximum = 10000,
     .default_value = "8", .unit = "images",
     .help = "number of images, the first of the test split; images of different sizes are stored "
             "one by one"},
    {0},
};

static const char *const confusion_splits[] = {
    [CONFUSION_TEST] = "test", [CONFUSION_VALIDATION] = "validation", NULL};

static const struct field confusion_fields[] = {
    {"split", FIELD_CHOICE, offsetof(struct confusion_section, split), .default_value = "test",
     .choices = confusion_splits, .help = "images whose classes are counted"},
    {0},
};

static const struct field store_fields[] = {
    {"activations", FIELD_RECORD, STORE(activations), .default_value = "{}",
     .fields = activations_fields, .help = "outputs of layers for some test images"},
    {"parameters", FIELD_BOOLEAN, STORE(parameters), .default_value = "false",
     .help = "keep every trained network's parameters"},
    {"filter", FIELD_BOOLEAN, STORE(filter), .default_value = "true",
     .help = "keep the filter's verdict on every item: kept or not, reason, score"},
    {"examples", FIELD_INTEGER, STORE(examples), .minimum = 0, .maximum = 1000,
     .default_value = "8", .unit = "images",
     .help = "number of test images kept for figures: clean, degraded, the pipeline's and the "
             "network's "
             "outputs; images of different sizes are stored one by one"},
    {"cases", FIELD_INTEGER, STORE(cases), .minimum = 0, .maximum = 10, .default_value = "2",
     .unit = "images", .unsaid = true,
     .help = "number of test images kept for the report of those on which the network is furthest "
             "behind the pipeline, and as many of those on which it is furthest ahead, of all "
             "test images; at most 8 MiB a trial"},
    {"flagged", FIELD_INTEGER, STORE(flagged), .minimum = 0, .maximum = 1000, .default_value = "0",
     .unit = "images", .unsaid = true,
     .help = "number of images kept for the report, with their labels, of those that the filter "
             "dropped: the most suspect ones; not of masks, whose regions are judged"},
    {"confusion", FIELD_RECORD, STORE(confusion), .default_value = "{}", .unsaid = true,
     .fields = confusion_fields,
     .help =
         "of classes and masks: how often pipeline and network named each class for each, for the "
         "figure of that name; {} counts test images"},
    {0},
};

static const char *const select_of[] = {
    [SELECT_PIPELINE] = "pipeline", [SELECT_BEST] = "best", NULL};
static const char *const select_costs[] = {
    [SELECT_NOTHING] = "nothing",
    [SELECT_ENERGY] = "energy_j",
    [SELECT_LATENCY] = "latency_s",
    [SELECT_DRAM] = "dram_bytes",
    [SELECT_IDLE_ENERGY] = "idle_energy_j",
    [SELECT_MULTIPLY_ADDS] = "multiply_adds",
    [SELECT_PARAMETERS] = "parameters",
    [SELECT_PARAMETER_BYTES] = "parameter_bytes",
    [SELECT_PEAK_BYTES] = "peak_activation_bytes",
    [SELECT_SECONDS] = "seconds_per_image",
    NULL,
};

static const struct field select_fields[] = {
    {"metric", FIELD_CHOICE, SELECT(metric), .default_value = "auto",
     .choices = select_metric_choices,
     .help = "score on the validation images against their ground truth; with this section, these "
             "count as labelled by hand. auto: the task's own. agreement.…: "
             "against the pipeline's answers; needs no ground truth, and the pipeline itself has 1 "
             "(psnr: 100 dB)"},
    {"within", FIELD_REAL, SELECT(within), .minimum = -100, .maximum = 100, .default_value = "0.5",
     .unit = "points",
     .help =
         "how far a network's score may be below, in points of 100 (psnr: dB); negative: how far "
         "above it must be"},
    {"of", FIELD_CHOICE, SELECT(of), .default_value = "pipeline", .choices = select_of,
     .help = "what `within` is relative to: the pipeline's score at the same grid point, or the "
             "best network's"},
    {"minimise", FIELD_CHOICE, SELECT(minimise), .default_value = "nothing",
     .choices = select_costs,
     .help = "cost of one image, or parameters; of the networks that are good enough, the cheapest "
             "is selected. seconds_per_image: measured on the computer that ran the trial, so that "
             "the selection is not reproducible. nothing: no selection"},
    {"hardware", FIELD_TEXT, SELECT(hardware), .default_value = "\"\"",
     .help = "machine for energy, time or traffic; empty: the first under 'hardware'"},
    {"score", FIELD_CHOICE, SELECT(score), .default_value = "auto", .choices = score_numbers,
     .unsaid = true,
     .help = "which of the networks' scores count, with the section 'quantize': those in float32, "
             "or in 8-bit integers; auto: int8 for the cost on a machine whose values are one "
             "byte"},
    {0},
};

static const struct field quantize_fields[] = {
    {"calibration", FIELD_CHOICE, QUANTIZE(calibration), .default_value = "mse",
     .choices = calibration_methods,
     .help = "how the range of each layer's values is chosen. min_max: all that occurred; "
             "percentile: but for the outermost; mse: with the least squared rounding error"},
    {"percentile", FIELD_REAL, QUANTIZE(percentile), .minimum = 50, .maximum = 100,
     .default_value = "99.99", .unit = "%",
     .help = "share of the values that are kept, with calibration percentile"},
    {"images", FIELD_INTEGER, QUANTIZE(images), .minimum = 1, .maximum = 100000,
     .default_value = "32", .unit = "images",
     .help = "number of images that ranges are found on, the first unlabelled ones, or manual ones "
             "where there are none; with `dataset.patch`, one patch of each. No labels are used"},
    {0},
};

static const struct field limits_fields[] = {
    {"minutes", FIELD_REAL, LIMITS(minutes), .minimum = 0, .maximum = 1e6, .default_value = "0",
     .unit = "min", .help = "how long a trial may take before it counts as failed; 0: no limit"},
    {"memory_mb", FIELD_INTEGER, LIMITS(memory_mb), .minimum = 0, .maximum = 1e9,
     .default_value = "0", .unit = "MiB",
     .help = "memory that a worker may use, including data set and libraries; a trial that needs "
             "more fails; 0: no limit"},
    {"retries", FIELD_INTEGER, LIMITS(retries), .minimum = 0, .maximum = 100, .default_value = "0",
     .help = "how often a failed trial is retried in the same run"},
    {"core_hours", FIELD_REAL, LIMITS(core_hours), .minimum = 0, .maximum = 1e9,
     .default_value = "0", .unit = "h", .unsaid = true,
     .help = "budget of the experiment: once its trials took so many hours times threads, on all "
             "machines and in all runs together, no further one is begun; 0: no limit"},
    {0},
};

const struct field experiment_fields[] = {
    {"experiment", FIELD_TEXT, EXPERIMENT(name),
     .help = "name of the results: letters, digits, '_', '-' and '.'"},
    {"about", FIELD_TEXT, EXPERIMENT(about), .default_value = "",
     .help = "one sentence, printed in the report"},
    {"task", FIELD_CHOICE, EXPERIMENT(task), .choices = task_names,
     .help =
         "what the pipeline does, and the network learns: `understudy describe task` lists them"},
    {"seed", FIELD_INTEGER, EXPERIMENT(seed), .minimum = 0, .maximum = 9007199254740992.0,
     .default_value = "1", .help = "seed of all random numbers"},
    {"replicates", FIELD_INTEGER, EXPERIMENT(replicates), .minimum = 1, .maximum = 10000,
     .default_value = "1",
     .help = "how often each trial is repeated, with different random numbers"},
    {"dataset", FIELD_RECORD, EXPERIMENT(dataset), .fields = dataset_fields,
     .help = "images, how they are split, and how they are degraded"},
    {"pipeline", FIELD_RECORD, EXPERIMENT(pipeline), .fields = pipeline_fields,
     .help = "the image-processing pipeline that labels images"},
    {"label_noise", FIELD_COMPONENTS, EXPERIMENT(label_noise), .default_value = "[]",
     .registry = registry_label_noises,
     .help =
         "sources of further label errors, in order, besides the pipeline's own; they affect only "
         "the unlabelled images, not manual, validation and test images"},
    {"filter", FIELD_RECORD, EXPERIMENT(filter), .default_value = "{}", .fields = filter_fields,
     .help = "which of the pipeline's labels to leave out; manual and true labels are all kept"},
    {"network", FIELD_RECORD, EXPERIMENT(network), .fields = network_fields,
     .help = "the network that learns from the pipeline"},
    {"train", FIELD_RECORD, EXPERIMENT(train), .default_value = "{}", .fields = train_fields,
     .help = "how the network is trained"},
    {"hardware", FIELD_TEXTS, EXPERIMENT(hardware), .default_value = "[]",
     .help =
         "machines of experiments/hardware whose costs are computed: means over the test images, "
         "with .sd, .min and .max where these differ in size"},
    {"quantize", FIELD_RECORD, EXPERIMENT(quantize), .default_value = "{}", .unsaid = true,
     .fields = quantize_fields,
     .help = "score the trained networks in 8-bit integers, too, as network.int8.…; {} takes the "
             "defaults. Without this section, or with ~, nothing is quantised. docs/int8.md"},
    {"store", FIELD_RECORD, EXPERIMENT(store), .default_value = "{}", .fields = store_fields,
     .help = "what to store besides scores, costs and curves"},
    {"limits", FIELD_RECORD, EXPERIMENT(limits), .default_value = "{}", .fields = limits_fields,
     .help = "limits beyond which a trial fails, and the experiment's budget; results are "
             "unaffected"},
    {"select", FIELD_RECORD, EXPERIMENT(select), .default_value = "{}", .fields = select_fields,
     .help = "how to choose the right-sized network: the cheapest that is good enough on the "
             "validation images; test images play no part"},
    {"grid", FIELD_NODE, EXPERIMENT(grid), .default_value = "~",
     .help = "axes 'network.width: [4, 8]': a trial for every combination, the first axis slowest"},
    {"zip", FIELD_NODE, EXPERIMENT(zip), .default_value = "~",
     .help = "a list of mappings like grid's; the lists of one mapping move together"},
    {"also", FIELD_NODE, EXPERIMENT(also), .default_value = "~", .unsaid = true,
     .help = "points off the grid: a list of mappings from axes to a value, '{network.width: 24}', "
             "each tried with all values that the axes which it does not name have in the grid. "
             "Their trials come after the grid's. `only` does not apply to them"},
    {"exclude", FIELD_NODE, EXPERIMENT(exclude), .default_value = "~",
     .help = "a list of mappings from axes to a value or a list of values; a trial that matches "
             "all of one mapping is left out"},
    {"only", FIELD_NODE, EXPERIMENT(only), .default_value = "~",
     .help = "the opposite of exclude: a trial that matches none of the mappings is left out"},
    {"constraint", FIELD_NODE, EXPERIMENT(constraint), .default_value = "~",
     .help = "a mapping from hardware.MACHINE.COST, also of the pipeline, network.parameters, "
             ".multiply_adds, .parameter_bytes or .peak_activation_bytes to {max: number} or {min: "
             "number}; trials beyond these are left out and never trained"},
    {"labels", FIELD_NODE, EXPERIMENT(labels), .default_value = "~",
     .help =
         "names of axes in figures: a mapping from an axis to its name, or to {name: text, values: "
         "{VALUE: text}}"},
    {"include", FIELD_NODE, EXPERIMENT(include), .default_value = "~",
     .help =
         "files with parts of experiments: a path or a list of paths, relative to this file. This "
         "file overrides them, and later ones override earlier ones"},
    {"search", FIELD_NODE, EXPERIMENT(search), .default_value = "~", .fields = search_fields,
     .help = "instead of a grid: trials proposed in rounds, from the results of earlier ones; "
             "`understudy describe search` lists the methods"},
    {"guard", FIELD_NODE, EXPERIMENT(guard), .default_value = "~", .fields = guard_fields,
     .unsaid = true,
     .help = "a small network that hands on images whose answers are to be doubted, to a larger "
             "one or to the pipeline; `understudy describe guard` lists the measures"},
    {"figures", FIELD_COMPONENTS, EXPERIMENT(figures), .default_value = "[]",
     .registry = registry_figures, .help = "figures to draw from the results"},
    {0},
};

/* Index of the first (or last) stage of that name, or the count where there is none. */
static size_t find_stage(const struct component_list *stages, const char *name, bool last)
{
    size_t found = stages->count;

    for (size_t i = 0; i < stages->count; i++) {
        const struct descriptor *kind = stages->items[i].kind;
        if (kind && strcmp(kind->name, name) == 0 && (last || found == stages->count))
            found = i;
    }
    return found;
}

static enum status no_such_stage(const struct component_list *stages, const char *name,
                                 const char *path, struct yaml_mark mark, struct diagnostics *found,
                                 struct error *error)
{
    const char *best = NULL;

    for (size_t i = 0; i < stages->count; i++)
        if (stages->items[i].kind)
            text_nearest(name, stages->items[i].kind->name, &best);
    return diagnostics_add(found, mark, path, error, "the pipeline has no stage '%.100s'%s%s%s",
                           name, best ? "; did you mean '" : "", best ? best : "",
                           best ? "'?" : "");
}

enum status experiment_replaced(const struct experiment *experiment, size_t *first, size_t *last,
                                struct diagnostics *found, struct error *error)
{
    const struct component_list *stages = &experiment->pipeline.stages;
    const char *from = experiment->pipeline.replace.from, *to = experiment->pipeline.replace.to;
    struct yaml_mark mark = {"", 0, 0};

    *first = from && from[0] ? find_stage(stages, from, false) : 0;
    *last = stages->count;
    if (to && to[0])
        *last = find_stage(stages, to, true) + 1;
    if (stages->count && stages->items[0].node)
        mark = stages->items[0].node->mark;
    if (from && from[0] && *first == stages->count)
        PASS(no_such_stage(stages, from, "pipeline.replace.from", mark, found, error));
    if (*last > stages->count) {
        PASS(no_such_stage(stages, to, "pipeline.replace.to", mark, found, error));
        *last = stages->count;
    } else if (*first >= *last && stages->count && *first < stages->count) {
        PASS(diagnostics_add(found, mark, "pipeline.replace", error,
                             "'from: %.100s' stands after 'to: %.100s' in the pipeline", from, to));
    }
    if (*first > *last)
        *first = *last;
    return STATUS_OK;
}

bool experiment_begins_recorded(const struct experiment *experiment)
{
    const struct component_list *stages = &experiment->pipeline.stages;

    return stages->count && ((const struct stage *)(const void *)stages->items[0].kind)->recorded;
}

const struct task *experiment_task(const struct experiment *experiment)
{
    const struct task *task = task_at(experiment->task);
    const struct component *source = &experiment->dataset.source;
    const struct dataset *dataset = (const void *)source->kind;

    if (!task->map || !dataset || dataset_serves(dataset, source->config) >> task->labels & 1)
        return task;
    return dataset_serves(dataset, source->config) >> task->map->labels & 1 ? task->map : task;
}

enum metric experiment_metric(const struct experiment *experiment)
{
    if (experiment->pipeline.tune.metric < METRIC_AUTO)
        return (enum metric)experiment->pipeline.tune.metric;
    return experiment_task(experiment)->metrics[0].metric;
}

struct calibration experiment_calibration(const struct experiment *experiment)
{
    const struct quantize_section *section = &experiment->quantize;

    return (struct calibration){(enum calibration_method)section->calibration, section->percentile};
}

int experiment_weight_bits(const struct experiment *experiment)
{
    const struct fine_tuning *tuning = &experiment->train.quantize;

    return tuning->given ? (int)tuning->bits : 8;
}

enum metric experiment_select_metric(const struct experiment *experiment)
{
    int64_t chosen = experiment->select.metric;

    if (chosen != METRIC_AUTO)
        return (enum metric)(chosen < METRIC_AUTO ? chosen : chosen - METRIC_AGREEMENT);
    return experiment_task(experiment)->metrics[0].metric;
}

bool experiment_select_agreement(const struct experiment *experiment)
{
    return experiment->select.metric >= METRIC_AGREEMENT;
}

const char *experiment_select_metric_name(const struct experiment *experiment)
{
    if (experiment_select_agreement(experiment))
        return select_metric_choices[experiment->select.metric];
    return metric_names[experiment_select_metric(experiment)];
}

const struct task_metric *experiment_select_unit(const struct experiment *experiment)
{
    const struct task *task = experiment_task(experiment);
    enum metric metric = experiment_select_metric(experiment);

    return experiment_select_agreement(experiment) ? task_agreement_of(task, metric)
                                                   : task_metric_of(task, metric);
}

const char *experiment_select_cost(const struct experiment *experiment)
{
    return select_costs[experiment->select.minimise];
}

bool experiment_select_timed(const struct experiment *experiment)
{
    return experiment->select.minimise == SELECT_SECONDS;
}

const char *experiment_select_machine(const struct experiment *experiment)
{
    const struct select_section *select = &experiment->select;

    if (select->minimise == SELECT_NOTHING || select->minimise >= SELECT_MULTIPLY_ADDS)
        return NULL;
    return select->hardware[0] || experiment->hardware.count == 0 ? select->hardware
                                                                  : experiment->hardware.items[0];
}
