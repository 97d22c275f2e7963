/*
 * Checks of what a data set has recorded against pipeline and task, as far as the experiment file
 * tells. What only the files tell is checked with them (trial/split_truth.c).
 */
#include "plan/check/checker.h"

#include <stdio.h>

/* What was recorded stands where the pipeline begins. */
static enum status check_place(struct checker *checker, bool *begins, struct error *error)
{
    const struct component_list *stages = &READ(checker, pipeline.stages);
    char path[PLACE_LENGTH];

    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = (const void *)stages->items[i].kind;
        if (!stage->recorded)
            continue;
        *begins = *begins || i == 0;
        snprintf(path, sizeof path, "pipeline.stages[%zu].%s", i, stage->descriptor.name);
        if (i > 0)
            PASS(check_mistake(checker, path, error,
                               "what was recorded belongs to the images as they are; expected as "
                               "the pipeline's first stage"));
    }
    return STATUS_OK;
}

static enum status check_labels(struct checker *checker, const struct dataset *dataset,
                                unsigned recorded, struct error *error)
{
    bool classes = checker->task->labels == CONTENT_SCORES;

    if (!dataset->recorded)
        return check_mistake(checker, "pipeline.stages[0].recorded", error,
                             "data set '%s' has no recorded labels", dataset->descriptor.name);
    if (checker->task->labels == CONTENT_NUMBERS)
        return STATUS_OK; /* a column of the table, whose absence the data set tells */
    if (recorded & (classes ? RECORDED_CLASSES : RECORDED_LABELS))
        return STATUS_OK;
    if (classes)
        return check_mistake(checker, "dataset.match", error,
                             "the pipeline begins with 'recorded', and no labels are recorded; "
                             "expected a CSV with columns input and label");
    return check_mistake(checker, "dataset.labels", error,
                         "the pipeline begins with 'recorded', and no labels are recorded; "
                         "expected their folder");
}

/* Classes of images are no images. */
static enum status check_kind(struct checker *checker, unsigned recorded, struct error *error)
{
    static const char *const paths[] = {"dataset.labels", "dataset.truth"};
    static const unsigned bits[] = {RECORDED_LABELS, RECORDED_TRUTH};

    if (checker->task->labels != CONTENT_SCORES)
        return STATUS_OK;
    for (size_t i = 0; i < 2; i++)
        if (recorded & bits[i])
            PASS(check_mistake(checker, paths[i], error,
                               "a folder of images; 'task: %s' has classes, which a CSV under "
                               "'match' names",
                               checker->task->descriptor.name));
    if (!(recorded & RECORDED_CLASSES))
        PASS(check_mistake(checker, "dataset.match", error,
                           "'task: %s' needs classes: a CSV with columns input, and label or truth",
                           checker->task->descriptor.name));
    return STATUS_OK;
}

enum status check_recorded(struct checker *checker, struct error *error)
{
    const struct component *source = check_source(checker);
    const struct dataset *dataset = (const void *)source->kind;
    bool begins = false;

    if (!check_sound(checker, "dataset") || !check_sound(checker, "task") || !dataset)
        return STATUS_OK;
    unsigned recorded = dataset->recorded ? dataset->recorded(source->config) : 0;
    size_t before = checker->found->count;
    /* Where they are of another kind, check_dataset() has told. */
    bool served = dataset_serves(dataset, source->config) >> checker->task->labels & 1;
    if (dataset->recorded && served)
        PASS(check_kind(checker, recorded, error));
    if (!check_sound(checker, "pipeline.stages"))
        return STATUS_OK;
    PASS(check_place(checker, &begins, error));
    if (begins && served && checker->found->count == before)
        PASS(check_labels(checker, dataset, recorded, error));
    return STATUS_OK;
}
