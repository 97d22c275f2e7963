/* Checks of the `train:` section against itself and against the rest of the experiment. */
#include "interfaces/augmentation.h"
#include "interfaces/engine.h"
#include "plan/check/checker.h"

#include <stdio.h>

/* What a kind's own check answers stands at `path`; failures of another sort are the caller's. */
static enum status tell(struct checker *checker, const char *path, enum status answer,
                        const struct error *mistake, struct error *error)
{
    return answer == STATUS_OK ? STATUS_OK
                               : check_mistake(checker, path, error, "%s", mistake->message);
}

enum status check_shard(struct checker *checker, struct error *error)
{
    int64_t batch = READ(checker, train.batch), shard = READ(checker, train.shard);

    if (!check_sound(checker, "train.batch") || !check_sound(checker, "train.shard") ||
        shard <= batch)
        return STATUS_OK;
    bool told = yaml_find(checker->root, "train.shard") != NULL;
    return check_mistake(checker, told ? "train.shard" : "train.batch", error,
                         "a shard of %lld is larger than a batch of %lld", (long long)shard,
                         (long long)batch);
}

enum status check_loss(struct checker *checker, struct error *error)
{
    const struct component *chosen = &READ(checker, train.loss);
    const struct loss *loss = (const void *)chosen->kind;
    struct error mistake = {0};
    struct sizes sizes;
    bool known;

    if (!check_sound(checker, "train.loss") || !loss || !check_part(checker)->known)
        return STATUS_OK;
    if (!task_takes_loss(checker->task, check_part(checker)->target, loss->targets))
        return check_mistake(checker, "train.loss", error,
                             "'%s' compares %s, but the network gives %s", loss->descriptor.name,
                             loss_compared[loss->targets],
                             content_labels[check_part(checker)->target]);
    if (!loss->check || loss->targets == LOSS_SCORES)
        return STATUS_OK;
    enum status status = check_training_sizes(checker, &sizes, &known, error);
    if (status != STATUS_OK || !known)
        return status;
    return tell(
        checker, "train.loss",
        loss->check(chosen->config, answer_outputs(sizes.answer, sizes.input), NULL, &mistake),
        &mistake, error);
}

/* Labels degraded anew must be what the camera could have seen. */
enum status check_input(struct checker *checker, struct error *error)
{
    const char *path = "train.input";

    if (!check_sound(checker, path) || READ(checker, train.input) != INPUT_REDEGRADED ||
        !check_sound(checker, "task"))
        return STATUS_OK;
    if (checker->task->labels != CONTENT_IMAGE)
        return check_mistake(checker, path, error,
                             "'redegraded' degrades the labels; those of 'task: %s' are not "
                             "images",
                             checker->task->descriptor.name);
    const struct part *part = check_part(checker);
    if (part->cut || (part->known && part->first > 0))
        return check_mistake(checker, path, error,
                             "'redegraded' needs a network that replaces the whole pipeline: only "
                             "then are its labels clean images");
    if (check_sound(checker, "dataset.degrade") && READ(checker, dataset.degrade).count == 0)
        return check_mistake(
            checker, path, error,
            "'redegraded' needs 'dataset.degrade': without it, the network's input "
            "would equal its label");
    return STATUS_OK;
}

enum status check_fine_tuning(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "train.quantize") || !check_sound(checker, "quantize") ||
        !READ(checker, train.quantize).given || READ(checker, quantize).given)
        return STATUS_OK;
    return check_mistake(checker, "train.quantize", error,
                         "it needs the section 'quantize', which says how the ranges of the "
                         "network's values are found");
}

enum status check_schedule(struct checker *checker, struct error *error)
{
    const struct component *chosen = &READ(checker, train.schedule);
    const struct schedule *schedule = (const void *)chosen->kind;
    struct error mistake = {0};

    if (!check_sound(checker, "train.schedule") || !schedule || !schedule->check)
        return STATUS_OK;
    return tell(checker, "train.schedule", schedule->check(chosen->config, &mistake), &mistake,
                error);
}

enum status check_augment(struct checker *checker, struct error *error)
{
    const struct component_list *list = &READ(checker, train.augment);
    char path[PLACE_LENGTH];
    struct sizes sizes;
    bool known = false;

    if (!check_sound(checker, "train.augment"))
        return STATUS_OK;
    if (list->count)
        PASS(check_training_sizes(checker, &sizes, &known, error));
    for (size_t i = 0; i < list->count; i++) {
        const struct augmentation *kind = (const void *)list->items[i].kind;
        struct error mistake = {0};
        snprintf(path, sizeof path, "train.augment[%zu]", i);
        if (check_part(checker)->target == CONTENT_FEATURES && !kind->input_only)
            PASS(check_mistake(
                checker, path, error,
                "'%s' changes inputs and labels alike, but the network gives features, "
                "not images",
                kind->descriptor.name));
        else if (known && !kind->input_only && content_is_spatial(check_part(checker)->target) &&
                 (sizes.input.height != sizes.target.height ||
                  sizes.input.width != sizes.target.width))
            PASS(check_mistake(checker, path, error,
                               "'%s' changes inputs and labels alike; inputs of %d x %d and labels "
                               "of %d x %d do not go together",
                               kind->descriptor.name, sizes.input.height, sizes.input.width,
                               sizes.target.height, sizes.target.width));
        else if (kind->check && known)
            PASS(tell(checker, path, kind->check(list->items[i].config, sizes.input, &mistake),
                      &mistake, error));
    }
    return STATUS_OK;
}

enum status check_stopping(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "train.early_stopping") ||
        !check_sound(checker, "dataset.validation") ||
        READ(checker, train.early_stopping.patience) == 0 || READ(checker, dataset.validation) > 0)
        return STATUS_OK;
    return check_mistake(checker, "train.early_stopping", error,
                         "it needs validation images, and 'dataset.validation' is 0");
}

/* Can the engine run here, in this precision? */
enum status check_engine(struct checker *checker, struct error *error)
{
    const struct engine *engine = (const void *)READ(checker, train.engine).kind;
    const char *path = "train.engine";
    struct error mistake = {0};

    if (!check_sound(checker, path) || !engine)
        return STATUS_OK;
    enum status answer = engine->start(&mistake);
    if (answer == STATUS_OK && check_sound(checker, "train.precision")) {
        path = "train.precision";
        answer = engine_check(engine, (enum precision)READ(checker, train.precision), &mistake);
    }
    if (answer != STATUS_OK && answer != STATUS_UNAVAILABLE) {
        *error = mistake;
        return answer;
    }
    return tell(checker, path, answer, &mistake, error);
}
