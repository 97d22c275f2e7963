/* Checks of the `train:` section against itself and against the rest of the experiment. */
#include "kinds/augmentation.h"
#include "kinds/engine.h"
#include "plan/checker.h"

#include <stdio.h>

/* What a kind's own check answers stands at `path`; failures of another sort are the caller's. */
static enum status tell(struct checker *checker, const char *path, enum status answer,
                        const struct error *mistake, struct error *error)
{
    return answer == STATUS_OK ? STATUS_OK
                               : check_mistake(checker, path, error, "%s", mistake->message);
}

/* The shape of training items, as far as the file tells it: that of patches. */
static bool is_shape_known(const struct checker *checker, struct shape *shape)
{
    int size = (int)checker->experiment->dataset.patch.size;

    *shape = (struct shape){1, size, size};
    return check_sound(checker, "dataset.patch") && size > 0;
}

static enum status check_shard(struct checker *checker, struct error *error)
{
    const struct train_settings *train = &checker->experiment->train;

    if (!check_sound(checker, "train.batch") || !check_sound(checker, "train.shard") ||
        train->shard <= train->batch)
        return STATUS_OK;
    bool told = yaml_find(checker->root, "train.shard") != NULL;
    return check_mistake(checker, told ? "train.shard" : "train.batch", error,
                         "a shard of %lld is larger than a batch of %lld", (long long)train->shard,
                         (long long)train->batch);
}

static enum status check_loss(struct checker *checker, struct error *error)
{
    const struct component *chosen = &checker->experiment->train.loss;
    const struct loss *loss = (const void *)chosen->kind;
    struct error mistake = {0};
    struct shape shape;

    if (!check_sound(checker, "train.loss") || !loss || !checker->replaced)
        return STATUS_OK;
    bool scores = experiment_target(checker->experiment, checker->last) == CONTENT_SCORES;
    bool classes = loss->targets != LOSS_VALUES;
    if (scores != classes)
        return check_mistake(checker, "train.loss", error,
                             "'%s' compares %s, but the network gives %s", loss->descriptor.name,
                             classes ? "classes" : "values", scores ? "classes" : "values");
    if (!loss->check || scores || !is_shape_known(checker, &shape))
        return STATUS_OK;
    return tell(checker, "train.loss", loss->check(chosen->config, shape, NULL, &mistake), &mistake,
                error);
}

/* Labels degraded anew must be what the camera could have seen. */
static enum status check_input(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;
    const char *path = "train.input";

    if (!check_sound(checker, path) || experiment->train.input != INPUT_REDEGRADED ||
        !check_sound(checker, "task"))
        return STATUS_OK;
    if (checker->classify)
        return check_mistake(checker, path, error,
                             "'redegraded' degrades the labels anew; those of 'task: classify' are "
                             "classes, not images");
    if (checker->replaced &&
        (checker->first > 0 || checker->last < experiment->pipeline.stages.count))
        return check_mistake(
            checker, path, error,
            "'redegraded' needs a network that takes over the whole pipeline: only "
            "then is its label a clean image, and its input the camera's");
    if (check_sound(checker, "dataset.degrade") && experiment->dataset.degrade.count == 0)
        return check_mistake(checker, path, error,
                             "'redegraded', but 'dataset.degrade' does nothing to the labels: the "
                             "network would be shown what it is to give");
    return STATUS_OK;
}

static enum status check_schedule(struct checker *checker, struct error *error)
{
    const struct component *chosen = &checker->experiment->train.schedule;
    const struct schedule *schedule = (const void *)chosen->kind;
    struct error mistake = {0};

    if (!check_sound(checker, "train.schedule") || !schedule || !schedule->check)
        return STATUS_OK;
    return tell(checker, "train.schedule", schedule->check(chosen->config, &mistake), &mistake,
                error);
}

static enum status check_augment(struct checker *checker, struct error *error)
{
    const struct component_list *list = &checker->experiment->train.augment;
    enum status status = STATUS_OK;
    char path[PLACE_LENGTH];
    struct shape shape;

    if (!check_sound(checker, "train.augment"))
        goto out;
    for (size_t i = 0; i < list->count; i++) {
        const struct augmentation *kind = (const void *)list->items[i].kind;
        struct error mistake = {0};
        snprintf(path, sizeof path, "train.augment[%zu]", i);
        if (checker->target == CONTENT_FEATURES && !kind->input_only)
            TRY(check_mistake(checker, path, error,
                              "'%s' changes labels like inputs, but the network gives features, "
                              "not images",
                              kind->descriptor.name));
        else if (kind->check && is_shape_known(checker, &shape))
            TRY(tell(checker, path, kind->check(list->items[i].config, shape, &mistake), &mistake,
                     error));
    }
out:
    return status;
}

static enum status check_stopping(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;

    if (!check_sound(checker, "train.early_stopping") ||
        !check_sound(checker, "dataset.validation") ||
        experiment->train.early_stopping.patience == 0 || experiment->dataset.validation > 0)
        return STATUS_OK;
    return check_mistake(checker, "train.early_stopping", error,
                         "it looks at the validation images, and 'dataset.validation' is 0");
}

/* Can the engine run here, in this precision? */
static enum status check_engine(struct checker *checker, struct error *error)
{
    const struct train_settings *train = &checker->experiment->train;
    const struct engine *engine = (const void *)train->engine.kind;
    const char *path = "train.engine";
    struct error mistake = {0};

    if (!check_sound(checker, path) || !engine)
        return STATUS_OK;
    enum status answer = engine->start(&mistake);
    if (answer == STATUS_OK && check_sound(checker, "train.precision")) {
        path = "train.precision";
        answer = engine_check(engine, (enum precision)train->precision, &mistake);
    }
    if (answer != STATUS_OK && answer != STATUS_UNAVAILABLE) {
        *error = mistake;
        return answer;
    }
    return tell(checker, path, answer, &mistake, error);
}

enum status check_train(struct checker *checker, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(check_input(checker, error));
    TRY(check_shard(checker, error));
    TRY(check_loss(checker, error));
    TRY(check_schedule(checker, error));
    TRY(check_augment(checker, error));
    TRY(check_stopping(checker, error));
    TRY(check_engine(checker, error));
out:
    return status;
}
