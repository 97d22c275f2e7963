/*
 * What no field table can check: fields against each other. Every mistake stands at the field that
 * a user would change, which in a grid point may be an axis's value.
 */
#include "plan/steps.h"

#include "kinds/dataset.h"
#include "kinds/figure.h"
#include "kinds/label_noise.h"
#include "kinds/registry.h"
#include "pipeline/chain.h"
#include "plan/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SOURCES = 8 }; /* of label noise: a bit each in what is stored */

struct yaml_mark experiment_mark(const struct yaml_node *root, const char *path)
{
    char prefix[PLACE_LENGTH];

    snprintf(prefix, sizeof prefix, "%s", path);
    for (;;) {
        const struct yaml_node *node = prefix[0] ? yaml_find(root, prefix) : root;
        if (node)
            return node->mark;
        size_t end = strlen(prefix);
        while (end > 0 && prefix[end] != '.' && prefix[end] != '[')
            end--;
        prefix[end] = '\0';
    }
}

enum status check_mistake(struct checker *checker, const char *path, struct error *error,
                          const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return diagnostics_add(checker->found, experiment_mark(checker->root, path), path, error, "%s",
                           message);
}

/* A mistake without a path is of the top: a key that is missing there. */
bool check_sound(const struct checker *checker, const char *path)
{
    for (size_t i = 0; i < checker->unsound->count; i++) {
        const char *faulty = checker->unsound->items[i].where.path;
        if (faulty[0] ? path_touches(faulty, path) : !strchr(path, '.'))
            return false;
    }
    return true;
}

static bool is_name(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(text);

    return length >= 1 && length <= 64 && text[0] != '.' && text[0] != '-' &&
           strspn(text, letters) == length;
}

static enum status check_name(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "experiment") || is_name(checker->experiment->name))
        return STATUS_OK;
    return check_mistake(checker, "experiment", error,
                         "the name becomes a file's: 1 to 64 letters, digits, '_', '-' and '.', "
                         "with a letter, a digit or '_' first");
}

/* The names of all rows that serve the task, for messages. */
static void list_classed(char *names, size_t room)
{
    const struct registry *registry = registry_datasets();
    size_t used = 0;

    for (size_t i = 0; i < registry->count; i++)
        if (((const struct dataset *)(const void *)registry->rows[i])->classes && used < room)
            used += (size_t)snprintf(names + used, room - used, "%s%s", used ? ", " : "",
                                     registry->rows[i]->name);
}

static enum status check_dataset(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;
    const struct dataset *source = (const void *)experiment->dataset.source.kind;
    char names[256] = "";
    enum status status = STATUS_OK;

    if (!check_sound(checker, "dataset.name") || !source)
        goto out;
    if (check_sound(checker, "task") && checker->classify && !source->classes) {
        list_classed(names, sizeof names);
        TRY(check_mistake(checker, "dataset.name", error,
                          "data set '%s' has no classes; 'task: classify' needs one that has: %s",
                          source->descriptor.name, names));
    }
    if (source->generated && check_sound(checker, "dataset.unlabelled") &&
        experiment->dataset.unlabelled == COUNT_ALL)
        TRY(check_mistake(checker, "dataset.unlabelled", error,
                          "'%s' makes images without end; give a number", source->descriptor.name));
    if (source->generated && check_sound(checker, "dataset.overlap") && experiment->dataset.overlap)
        TRY(check_mistake(checker, "dataset.overlap", error,
                          "'%s' makes images without end; none has to be shared",
                          source->descriptor.name));
    if (source->generated && check_sound(checker, "dataset.test") &&
        experiment->dataset.test == COUNT_ALL)
        TRY(check_mistake(checker, "dataset.test", error,
                          "'%s' makes images without end; give a number", source->descriptor.name));
out:
    return status;
}

/* The first stage that is tuned or fitted, or NULL. */
static const struct stage *learning_stage(const struct component_list *stages, bool *tuned)
{
    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = (const void *)stages->items[i].kind;
        *tuned = stages->items[i].tuned_count > 0;
        if (stage && (*tuned || stage->fit))
            return stage;
    }
    return NULL;
}

static enum status check_counts(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;
    bool tuned = false;
    const struct stage *learner = learning_stage(&experiment->pipeline.stages, &tuned);
    enum status status = STATUS_OK;

    if (check_sound(checker, "dataset.manual") && experiment->dataset.manual == 0) {
        if (check_sound(checker, "pipeline.stages") && learner)
            TRY(check_mistake(checker, "dataset.manual", error,
                              "stage '%s' is %s on images labelled by hand: at least 1 is needed",
                              learner->descriptor.name, tuned ? "tuned" : "fitted"));
        if (check_sound(checker, "train.labels") && experiment->train.labels == LABELS_MANUAL)
            TRY(check_mistake(checker, "dataset.manual", error,
                              "'train.labels: manual' needs at least 1 image labelled by hand"));
    }
    if (check_sound(checker, "dataset.unlabelled") && check_sound(checker, "train.labels") &&
        experiment->dataset.unlabelled == 0 && experiment->train.labels != LABELS_MANUAL)
        TRY(check_mistake(checker, "dataset.unlabelled", error,
                          "the network is trained on these images: at least 1 is needed"));
out:
    return status;
}

static enum status check_patch(struct checker *checker, struct error *error)
{
    const struct dataset_section *dataset = &checker->experiment->dataset;
    enum status status = STATUS_OK;

    if (!check_sound(checker, "dataset.patch"))
        goto out;
    if (dataset->patch.size == 0 && dataset->patch.per_image > 1)
        TRY(check_mistake(checker, "dataset.patch.per_image", error,
                          "whole images are not cut; give 'size' too, or leave this out"));
    if (dataset->patch.size > 0 && check_sound(checker, "task") && checker->target != CONTENT_IMAGE)
        TRY(check_mistake(checker, "dataset.patch.size", error,
                          "a class belongs to the whole image: 'task: classify' has no patches"));
out:
    return status;
}

/* Settings of single stages against each other, the task and the engine. */
static enum status check_stages(struct checker *checker, struct error *error)
{
    const struct component_list *stages = &checker->experiment->pipeline.stages;
    const struct engine *engine = (const void *)checker->experiment->train.engine.kind;
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
        TRY(stage->check(stages->items[i].config, checker->classify, engine, &mistakes, error));
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
    const struct experiment *experiment = checker->experiment;
    const struct component_list *stages = &experiment->pipeline.stages;
    struct shape unknown = {0, 0, 0};
    enum status status = STATUS_OK;

    if (check_sound(checker, "pipeline.stages")) {
        if (stages->count == 0)
            TRY(check_mistake(checker, "pipeline.stages", error, "the pipeline has no stages"));
        else if (check_sound(checker, "task"))
            TRY(chain_check(stages, (enum task)experiment->task, unknown, 0, "pipeline.stages",
                            checker->found, error));
    }
    TRY(check_stages(checker, error));
    if (check_sound(checker, "task") && check_sound(checker, "pipeline.tune.metric") &&
        (experiment_metric(experiment) == METRIC_ACCURACY) != checker->classify)
        TRY(check_mistake(checker, "pipeline.tune.metric", error, "'%s' is no metric of 'task: %s'",
                          metric_names[experiment_metric(experiment)],
                          task_names[experiment->task]));
out:
    return status;
}

/* The replaced part; its mistakes are told at the key that names the stage. */
static enum status check_replace(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;
    struct diagnostics mistakes = {0};
    enum status status = STATUS_OK;

    checker->replaced = false;
    if (!check_sound(checker, "pipeline.stages") || !check_sound(checker, "pipeline.replace") ||
        experiment->pipeline.stages.count == 0)
        goto out;
    TRY(experiment_replaced(experiment, &checker->first, &checker->last, &mistakes, error));
    for (size_t i = 0; i < mistakes.count; i++)
        TRY(check_mistake(checker, mistakes.items[i].where.path, error, "%s",
                          mistakes.items[i].message));
    checker->replaced = mistakes.count == 0;
    if (checker->replaced && check_sound(checker, "train.labels") &&
        experiment->train.labels != LABELS_PIPELINE &&
        checker->last < experiment->pipeline.stages.count)
        TRY(check_mistake(checker, "train.labels", error,
                          "ground truth is what the whole pipeline should give; a network that "
                          "takes over stages before its end can learn the pipeline's labels only"));
out:
    diagnostics_release(&mistakes);
    return status;
}

/* What a network gives that takes over the pipeline to its end. */
static enum content whole_target(const struct experiment *experiment)
{
    return experiment->task == TASK_CLASSIFY ? CONTENT_SCORES : CONTENT_IMAGE;
}

enum status check_unfit(struct checker *checker, const char *path, const char *name,
                        struct error *error)
{
    static const char *const gives[] = {"images", "features", "class scores"};

    if (checker->target == whole_target(checker->experiment))
        return check_mistake(checker, path, error, "'%s' does not serve 'task: %s'", name,
                             task_names[checker->experiment->task]);
    return check_mistake(checker, path, error,
                         "'%s' does not fit; the stages that the network takes over give %s", name,
                         gives[checker->target]);
}

/* Sources of label noise change images or class scores. */
static enum status check_label_noise(struct checker *checker, struct error *error)
{
    const struct component_list *sources = &checker->experiment->label_noise;
    char path[PLACE_LENGTH];
    enum status status = STATUS_OK;

    if (!check_sound(checker, "label_noise") || !check_sound(checker, "task"))
        goto out;
    if (sources->count > MOST_SOURCES)
        TRY(check_mistake(checker, "label_noise", error, "%zu sources; at most %d are possible",
                          sources->count, MOST_SOURCES));
    for (size_t i = 0; i < sources->count; i++) {
        const struct label_noise *kind = (const void *)sources->items[i].kind;
        bool scores = checker->target == CONTENT_SCORES;
        struct error mistake = {0};
        snprintf(path, sizeof path, "label_noise[%zu]", i);
        if (kind->truth && checker->replaced &&
            checker->last < checker->experiment->pipeline.stages.count)
            TRY(check_mistake(checker, path, error,
                              "'%s' gives ground truth, which is what the whole pipeline should "
                              "give; the network takes over stages before its end",
                              kind->descriptor.name));
        else if ((kind->change || kind->truth) && (checker->target == CONTENT_FEATURES ||
                                                   !(scores ? kind->classify : kind->denoise)))
            TRY(check_unfit(checker, path, kind->descriptor.name, error));
        else if (kind->check &&
                 kind->check(sources->items[i].config, scores ? -1 : 0, &mistake) != STATUS_OK)
            TRY(check_mistake(checker, path, error, "%s", mistake.message));
    }
out:
    return status;
}

enum status experiment_check(const struct experiment *experiment, const struct yaml_node *root,
                             const struct diagnostics *unsound, struct sound_networks *networks,
                             struct diagnostics *found, struct error *error)
{
    struct checker checker = {.experiment = experiment,
                              .root = root,
                              .unsound = unsound,
                              .networks = networks,
                              .found = found,
                              .classify = experiment->task == TASK_CLASSIFY,
                              .target = whole_target(experiment)};
    enum status status = STATUS_OK;

    TRY(check_name(&checker, error));
    TRY(check_dataset(&checker, error));
    TRY(check_counts(&checker, error));
    TRY(check_pipeline(&checker, error));
    TRY(check_replace(&checker, error));
    if (checker.replaced && checker.last < experiment->pipeline.stages.count)
        checker.target = experiment_target(experiment, checker.last);
    TRY(check_patch(&checker, error));
    TRY(check_label_noise(&checker, error));
    TRY(check_filter(&checker, error));
    TRY(check_train(&checker, error));
    TRY(check_network(&checker, error));
    TRY(check_hardware(&checker, error));
    TRY(check_select(&checker, error));
    TRY(check_figures(&checker, error));
out:
    return status;
}
