/*
 * What no field table can check: fields against each other. Every mistake stands at the field that
 * a user would change, which in a grid point may be an axis's value.
 */
#include "plan/steps.h"
#include "tasks/registry.h"

#include "chain/chain.h"
#include "data/registry.h"
#include "interfaces/dataset.h"
#include "interfaces/label_noise.h"
#include "plan/check/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SOURCES = 8 }; /* of label noise: a bit each in what is stored */

static enum status check_name(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "experiment") ||
        text_is_file_name(READ_AT(checker, name, "experiment")))
        return STATUS_OK;
    return check_mistake(
        checker, "experiment", error,
        "not usable as a file name; expected 1 to 64 letters, digits, '_', '-' and "
        "'.', starting with a letter, a digit or '_'");
}

/* The names of all rows that have such labels, for messages. */
static void list_serving(enum content labels, char *names, size_t room)
{
    const struct registry *registry = registry_datasets();
    size_t used = 0;

    for (size_t i = 0; i < registry->count; i++)
        if (dataset_of(registry->rows[i])->serves >> labels & 1 && used < room)
            used += (size_t)snprintf(names + used, room - used, "%s%s", used ? ", " : "",
                                     registry->rows[i]->name);
}

/* Has the data set labels such as the task's? */
static enum status check_serving(struct checker *checker, const struct dataset *source,
                                 struct error *error)
{
    const struct task *task = checker->task;
    const char *labels = content_labels[task->labels];
    char names[256] = "", path[PLACE_LENGTH];

    if (!(source->serves >> task->labels & 1)) {
        list_serving(task->labels, names, sizeof names);
        return check_mistake(checker, "dataset.name", error,
                             "data set '%s' has no %s; 'task: %s' needs one that has: %s",
                             source->descriptor.name, labels, task->descriptor.name, names);
    }
    if (dataset_serves(source, READ(checker, dataset.source).config) >> task->labels & 1)
        return STATUS_OK;
    snprintf(path, sizeof path, "dataset.%s", source->gives_by[task->labels].field);
    return check_mistake(checker, path, error, "'task: %s' needs %s; expected %s",
                         task->descriptor.name, labels, source->gives_by[task->labels].expected);
}

static enum status check_dataset(struct checker *checker, struct error *error)
{
    const struct dataset *source =
        (const void *)READ_AT(checker, dataset.source.kind, "dataset.name");

    if (!check_sound(checker, "dataset.name") || !source)
        return STATUS_OK;
    if (check_sound(checker, "task"))
        PASS(check_serving(checker, source, error));
    if (source->generated && check_sound(checker, "dataset.unlabelled") &&
        READ(checker, dataset.unlabelled) == COUNT_ALL)
        PASS(check_mistake(checker, "dataset.unlabelled", error,
                           "'%s' generates images without end; give a number",
                           source->descriptor.name));
    if (source->generated && check_sound(checker, "dataset.overlap") &&
        READ(checker, dataset.overlap))
        PASS(check_mistake(checker, "dataset.overlap", error,
                           "'%s' generates images without end; sharing is not needed",
                           source->descriptor.name));
    if (source->generated && check_sound(checker, "dataset.test") &&
        READ(checker, dataset.test) == COUNT_ALL)
        PASS(check_mistake(checker, "dataset.test", error,
                           "'%s' generates images without end; give a number",
                           source->descriptor.name));
    return STATUS_OK;
}

/* The data set's own settings against each other. */
static enum status check_dataset_settings(struct checker *checker, struct error *error)
{
    enum status status = STATUS_OK;
    const struct component *source = check_source(checker);
    const struct dataset *dataset = (const void *)source->kind;
    struct diagnostics mistakes = {0};
    char path[PLACE_LENGTH];

    if (!check_sound(checker, "dataset.name") || !dataset || !dataset->check)
        goto out;
    TRY(dataset->check(source->config, &mistakes, error));
    for (size_t i = 0; i < mistakes.count; i++) {
        snprintf(path, sizeof path, "dataset.%.160s", mistakes.items[i].where.path);
        if (check_sound(checker, path))
            TRY(check_mistake(checker, path, error, "%s", mistakes.items[i].message));
    }
out:
    diagnostics_release(&mistakes);
    return status;
}

/* The first stage that is tuned or fitted, or NULL. */
static const struct stage *learning_stage(const struct component_list *stages, bool *tuned)
{
    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = (const void *)stages->items[i].kind;
        *tuned = stages->items[i].tuned_count > 0;
        if (stage && (*tuned || component_learns(&stages->items[i])))
            return stage;
    }
    return NULL;
}

static enum status check_counts(struct checker *checker, struct error *error)
{
    bool tuned = false;

    if (check_sound(checker, "dataset.manual") && READ(checker, dataset.manual) == 0) {
        const struct stage *learner = learning_stage(&READ(checker, pipeline.stages), &tuned);
        if (check_sound(checker, "pipeline.stages") && learner)
            PASS(check_mistake(checker, "dataset.manual", error,
                               "stage '%s' is %s on images labelled by hand: at least 1 is needed",
                               learner->descriptor.name, tuned ? "tuned" : "fitted"));
        if (check_sound(checker, "train.labels") && READ(checker, train.labels) == LABELS_MANUAL)
            PASS(check_mistake(checker, "dataset.manual", error,
                               "'train.labels: manual' needs at least 1 image labelled by hand"));
    }
    if (check_sound(checker, "dataset.unlabelled") && check_sound(checker, "train.labels") &&
        READ(checker, dataset.unlabelled) == 0)
        PASS(check_mistake(checker, "dataset.unlabelled", error,
                           READ(checker, train.labels) == LABELS_MANUAL
                               ? "the pipeline always labels these images: at least 1 is "
                                 "needed"
                               : "the network is trained on these images: at least 1 is needed"));
    return STATUS_OK;
}

static enum status check_patch(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "dataset.patch"))
        return STATUS_OK;
    int64_t size = READ(checker, dataset.patch.size);
    if (size == 0 && READ(checker, dataset.patch.per_image) > 1)
        PASS(check_mistake(checker, "dataset.patch.per_image", error,
                           "this needs 'size'; set it, or remove this key"));
    if (size > 0 && check_sound(checker, "task") &&
        !content_is_spatial(check_part(checker)->target))
        PASS(check_mistake(checker, "dataset.patch.size", error,
                           "the label belongs to the whole image: 'task: %s' has no patches",
                           checker->task->descriptor.name));
    return STATUS_OK;
}

/* Settings of single stages against each other, the task and the engine. */
static enum status check_stages(struct checker *checker, struct error *error)
{
    const struct component_list *stages = &READ(checker, pipeline.stages);
    const struct engine *engine = (const void *)READ(checker, train.engine).kind;
    struct diagnostics mistakes = {0};
    enum status status = STATUS_OK;
    char path[PLACE_LENGTH];

    if (!check_sound(checker, "pipeline.stages") || !check_sound(checker, "task") ||
        !check_sound(checker, "train.engine") || !engine)
        goto out;
    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = (const void *)stages->items[i].kind;
        if (!stage->check)
            continue;
        diagnostics_release(&mistakes);
        TRY(stage->check(stages->items[i].config, checker->task, engine, &mistakes, error));
        for (size_t k = 0; k < mistakes.count; k++) {
            snprintf(path, sizeof path, "pipeline.stages[%zu].%s.%.160s", i, stage->descriptor.name,
                     mistakes.items[k].where.path);
            TRY(check_mistake(checker, path, error, "%s", mistakes.items[k].message));
        }
    }
out:
    diagnostics_release(&mistakes);
    return status;
}

static enum status check_pipeline(struct checker *checker, struct error *error)
{
    const struct component_list *stages = &READ(checker, pipeline.stages);
    struct shape unknown = {0, 0, 0};

    if (check_sound(checker, "pipeline.stages")) {
        if (stages->count == 0)
            PASS(check_mistake(checker, "pipeline.stages", error, "the pipeline has no stages"));
        else if (check_sound(checker, "task"))
            PASS(chain_check(stages, checker->task, unknown,
                             (struct answer){checker->task->labels, 0}, "pipeline.stages",
                             checker->found, error));
    }
    return STATUS_OK;
}

static enum status check_tune(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "task") || !check_sound(checker, "pipeline.tune.metric"))
        return STATUS_OK;
    check_reads(checker, "pipeline.tune.metric");
    enum metric metric = experiment_metric(checker->unrecorded);
    if (task_has_metric(checker->task, metric))
        return STATUS_OK;
    return check_mistake(checker, "pipeline.tune.metric", error,
                         "'%s' is not a metric of 'task: %s'", metric_names[metric],
                         task_names[READ(checker, task)]);
}

/* Find the replaced part and report its mistakes. */
static enum status find_part(const struct experiment *experiment, bool sound, struct part *part,
                             struct diagnostics *mistakes, struct error *error)
{
    *part = (struct part){.target = experiment_task(experiment)->labels};
    if (!sound || experiment->pipeline.stages.count == 0)
        return STATUS_OK;
    PASS(experiment_replaced(experiment, &part->first, &part->last, mistakes, error));
    part->known = mistakes->count == 0;
    part->cut = part->known && part->last < experiment->pipeline.stages.count;
    if (part->cut)
        part->target = experiment_target(experiment, part->last);
    return STATUS_OK;
}

static bool is_part_sound(const struct checker *checker)
{
    return check_sound(checker, "pipeline.stages") && check_sound(checker, "pipeline.replace");
}

static enum status begin_part(struct checker *checker, struct error *error)
{
    struct diagnostics mistakes = {0};
    enum status status = find_part(checker->unrecorded, is_part_sound(checker),
                                   &checker->unrecorded_part, &mistakes, error);

    diagnostics_release(&mistakes);
    return status;
}

/* The replaced part; its mistakes are told at the key that names the stage. */
static enum status check_replace(struct checker *checker, struct error *error)
{
    struct diagnostics mistakes = {0};
    const struct part *known = check_part(checker);
    struct part part;
    enum status status = STATUS_OK;

    TRY(find_part(checker->unrecorded, is_part_sound(checker), &part, &mistakes, error));
    for (size_t i = 0; i < mistakes.count; i++)
        TRY(check_mistake(checker, mistakes.items[i].where.path, error, "%s",
                          mistakes.items[i].message));
    if (known->cut && check_sound(checker, "train.labels") &&
        READ(checker, train.labels) != LABELS_PIPELINE)
        TRY(check_mistake(checker, "train.labels", error,
                          "ground truth is what the whole pipeline should give; a network that "
                          "takes over stages before its end can learn the pipeline's labels only"));
out:
    diagnostics_release(&mistakes);
    return status;
}

/* 0: labels are no classes; -1: only the data tell how many there are. */
static int known_classes(struct checker *checker, bool scores)
{
    struct shape image;
    struct answer answer;

    if (!scores)
        return 0;
    return check_image_shape(checker, &image, &answer) ? answer.count : -1;
}

/* Sources of label noise change images or class scores. */
static enum status check_label_noise(struct checker *checker, struct error *error)
{
    const struct component_list *sources = &READ(checker, label_noise);
    char path[PLACE_LENGTH];

    if (!check_sound(checker, "label_noise") || !check_sound(checker, "task"))
        return STATUS_OK;
    if (sources->count > MOST_SOURCES)
        PASS(check_mistake(checker, "label_noise", error, "%zu sources; at most %d are possible",
                           sources->count, MOST_SOURCES));
    for (size_t i = 0; i < sources->count; i++) {
        const struct part *part = check_part(checker);
        const struct label_noise *kind = (const void *)sources->items[i].kind;
        bool scores = part->target == CONTENT_SCORES;
        struct error mistake = {0};
        snprintf(path, sizeof path, "label_noise[%zu]", i);
        if (kind->truth && part->cut)
            PASS(check_mistake(checker, path, error,
                               "'%s' gives ground truth, which is what the whole pipeline should "
                               "give; the network takes over stages before its end",
                               kind->descriptor.name));
        else if ((kind->change || kind->change_mask || kind->truth) &&
                 (part->target == CONTENT_FEATURES || !(kind->serves >> part->target & 1)))
            PASS(check_unfit(checker, path, kind->descriptor.name, error));
        else if (kind->check && kind->check(sources->items[i].config,
                                            known_classes(checker, scores), &mistake) != STATUS_OK)
            PASS(check_mistake(checker, path, error, "%s", mistake.message));
    }
    return STATUS_OK;
}

/* In the order in which mistakes are told. Each is asked again only where what it read has changed:
 * small ones read little. */
static enum status (*const checks[])(struct checker *checker, struct error *error) = {
    check_name,        check_dataset,       check_dataset_settings,
    check_counts,      check_pools,         check_pipeline,
    check_stages,      check_tune,          check_replace,
    check_patch,       check_patch_size,    check_label_noise,
    check_filter,      check_input,         check_shard,
    check_loss,        check_schedule,      check_fine_tuning,
    check_augment,     check_stopping,      check_engine,
    check_network,     check_pipeline_size, check_network_size,
    check_filter_size, check_hardware,      check_select,
    check_figures,     check_recorded,
};

_Static_assert(sizeof checks / sizeof *checks <= CHECK_COVERAGE_MOST, "a bit each");

enum status experiment_check(const struct experiment *experiment, const struct yaml_node *root,
                             const struct diagnostics *unsound, struct sound_networks *networks,
                             struct check_coverage *news, struct diagnostics *found,
                             struct error *error)
{
    struct checker checker = {.unrecorded = experiment,
                              .root = root,
                              .unsound = unsound,
                              .networks = networks,
                              .news = news,
                              .found = found,
                              .task = experiment_task(experiment)};

    PASS(begin_part(&checker, error));
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (news && !check_coverage_wants(news, i))
            continue;
        checker.groups = 0;
        PASS(checks[i](&checker, error));
        if (news && unsound->count == 0) /* else it may have read less than it would */
            PASS(check_coverage_record(news, i, checker.groups, error));
    }
    return STATUS_OK;
}
