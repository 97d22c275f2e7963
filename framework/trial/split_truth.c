/*
 * Data sets that have ground truth for some of their images, or for none: how many, and whether
 * that is enough for what an experiment asks.
 */
#include "interfaces/figure.h"
#include "interfaces/filter.h"
#include "interfaces/label_noise.h"
#include "trial/splits.h"

#include <stdio.h>
#include <string.h>

static const struct yaml_mark nowhere = {NULL, 0, 0};

struct pool_sizes pool_sizes(const struct dataset_content *content)
{
    const struct dataset_pool *train = &content->train, *test = &content->test;

    return (struct pool_sizes){
        .train = dataset_pool_count(train),
        .test = content->undivided ? SIZE_MAX : dataset_pool_count(test),
        .train_truth = dataset_pool_truth(train),
        .test_truth = dataset_pool_truth(content->undivided ? train : test),
    };
}

static bool asks_for_noise_of_truth(const struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->label_noise.count; i++)
        if (((const struct label_noise *)(const void *)experiment->label_noise.items[i].kind)
                ->truth)
            return true;
    return false;
}

/* What reads the truth of all unlabelled images, and where that is said; NULL: nothing. */
static const char *asks_for_all(const struct experiment *experiment, const char **path,
                                char text[SPLITS_IMAGE])
{
    const struct filter *filter = (const void *)experiment->filter.kind;

    if (experiment->train.labels == LABELS_TRUTH) {
        *path = "train.labels";
        return "'train.labels: truth'";
    }
    if (filter->sees_truth && experiment->train.labels == LABELS_PIPELINE) {
        *path = "filter.method";
        snprintf(text, SPLITS_IMAGE, "filter '%s'", filter->descriptor.name);
        return text;
    }
    *path = "label_noise";
    return asks_for_noise_of_truth(experiment) ? "label noise 'truth'" : NULL;
}

static enum status check_manual(const struct experiment *experiment, const struct pool_sizes *pools,
                                struct diagnostics *faults, struct error *error)
{
    size_t manual = (size_t)experiment->dataset.manual;

    if (manual <= pools->train_truth)
        return STATUS_OK;
    if (pools->train_truth == 0)
        return diagnostics_add(faults, nowhere, "dataset.manual", error,
                               "%zu asked for; no image has ground truth, and an image without "
                               "it is not labelled by hand; expected 0",
                               manual);
    return diagnostics_add(faults, nowhere, "dataset.manual", error,
                           "%zu asked for; %zu of %zu training images have ground truth", manual,
                           pools->train_truth, pools->train);
}

/* Figures of scores against truth, where no test image has it. */
static enum status check_figures_of_truth(const struct experiment *experiment,
                                          struct diagnostics *faults, struct error *error)
{
    char path[64];

    for (size_t i = 0; i < experiment->figures.count; i++) {
        const struct figure *figure = (const void *)experiment->figures.items[i].kind;
        if (!figure->truth)
            continue;
        snprintf(path, sizeof path, "figures[%zu]", i);
        PASS(diagnostics_add(faults, nowhere, path, error,
                             "figure '%s' shows scores against ground truth, and no test image has "
                             "it",
                             figure->descriptor.name));
    }
    return STATUS_OK;
}

/* Objectives of a search that are scores of validation images without truth. */
static enum status check_objectives(const struct experiment *experiment, struct diagnostics *faults,
                                    struct error *error)
{
    static const char scores[] = "network.validation.";
    const struct yaml_node *objectives =
        experiment->search ? yaml_get(experiment->search, "objectives") : NULL;
    char path[256];

    for (size_t i = 0; objectives && objectives->keys && i < objectives->count; i++) {
        const char *column = objectives->keys[i]->text;
        if (strncmp(column, scores, strlen(scores)) != 0 || strstr(column, ".agreement."))
            continue;
        snprintf(path, sizeof path, "search.objectives.%.200s", column);
        PASS(diagnostics_add(faults, nowhere, path, error,
                             "a score against ground truth, and no validation image has it"));
    }
    return STATUS_OK;
}

enum status split_truth_check(const struct experiment *experiment, const struct pool_sizes *pools,
                              struct diagnostics *faults, struct error *error)
{
    char text[SPLITS_IMAGE];
    const char *path, *all = asks_for_all(experiment, &path, text);
    bool stops = experiment->train.early_stopping.patience > 0 &&
                 experiment->train.early_stopping.labels != STOPPING_PIPELINE;

    PASS(check_manual(experiment, pools, faults, error));
    if (all && pools->train_truth < pools->train)
        PASS(diagnostics_add(faults, nowhere, path, error,
                             "%s reads the ground truth of all images; %zu of %zu have it", all,
                             pools->train_truth, pools->train));
    if (stops && pools->train_truth == 0)
        PASS(diagnostics_add(faults, nowhere, "train.early_stopping", error,
                             "it looks at the validation images' ground truth, and none has it; "
                             "'labels: pipeline' goes by agreement with the pipeline"));
    if (experiment->select.minimise != SELECT_NOTHING && pools->train_truth == 0)
        PASS(diagnostics_add(faults, nowhere, "select", error,
                             "the network is selected by scores against the validation images' "
                             "ground truth, and none has it"));
    if (pools->train_truth == 0)
        PASS(check_objectives(experiment, faults, error));
    if (pools->test_truth == 0)
        PASS(check_figures_of_truth(experiment, faults, error));
    return STATUS_OK;
}

/* Are a pool's labels what the task learns from? */
static enum status check_labels(const struct splits *splits, const struct dataset_pool *pool,
                                struct diagnostics *faults, struct error *error)
{
    bool classes = !content_is_spatial(splits->task->labels);

    if (!splits->recorded || !dataset_pool_count(pool))
        return STATUS_OK;
    if (!pool->labels)
        return diagnostics_add(faults, nowhere, "dataset.labels", error,
                               "the pipeline begins with 'recorded', and no labels are recorded");
    if ((pool->labels->classes || pool->labels->numbers) == classes)
        return STATUS_OK;
    return diagnostics_add(faults, nowhere, "dataset.labels", error,
                           "the labels recorded are %s; 'task: %s' learns from %s",
                           classes ? "images" : "classes", splits->task->descriptor.name,
                           classes ? "classes" : "images");
}

static enum status check_truth(const struct splits *splits, const struct dataset_pool *pool,
                               struct diagnostics *faults, struct error *error)
{
    bool classes = !content_is_spatial(splits->task->labels);

    if (!pool->truth || !pool->truth->count ||
        (pool->truth->classes || pool->truth->numbers) == classes)
        return STATUS_OK;
    return diagnostics_add(faults, nowhere, "dataset.truth", error,
                           "what is recorded as truth are %s; 'task: %s' is judged by %s",
                           classes ? "images" : "classes", splits->task->descriptor.name,
                           classes ? "classes" : "images");
}

enum status splits_answers_check(const struct splits *splits, const struct dataset_content *content,
                                 struct diagnostics *faults, struct error *error)
{
    const struct dataset_pool *const pools[] = {&content->train, &content->test};

    for (size_t i = 0; i < 2; i++) {
        PASS(check_labels(splits, pools[i], faults, error));
        PASS(check_truth(splits, pools[i], faults, error));
    }
    if (splits->task->labels == CONTENT_SCORES && content->count == 0 && !content->faulty)
        PASS(diagnostics_add(faults, nowhere, "dataset.match", error,
                             "'task: %s' needs classes, and no column names any",
                             splits->task->descriptor.name));
    return STATUS_OK;
}
