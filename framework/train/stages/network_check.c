/* Settings of the stage `network` against each other, the task and the engine. */
#include "interfaces/augmentation.h"
#include "train/stages/network.h"

#include <stdio.h>

static enum status tell(struct diagnostics *found, const char *path, const char *message,
                        struct error *error)
{
    return diagnostics_add(found, (struct yaml_mark){"", 0, 0}, path, error, "%s", message);
}

/* What an implementation's own check answers, at `path`. */
static enum status tell_answer(struct diagnostics *found, const char *path, enum status answer,
                               const struct error *mistake, struct error *error)
{
    if (answer == STATUS_OK)
        return STATUS_OK;
    if (answer == STATUS_CONFIG || answer == STATUS_UNAVAILABLE)
        return tell(found, path, mistake->message, error);
    *error = *mistake;
    return answer;
}

static enum status check_family(const struct network_stage *stage, const struct task *task,
                                struct diagnostics *found, struct error *error)
{
    char message[160];

    if (!family_serves(stage->family.kind, task->labels)) {
        snprintf(message, sizeof message, "'%s' does not serve 'task: %s'",
                 stage->family.kind->name, task->descriptor.name);
        PASS(tell(found, "family", message, error));
    }
    if (!content_is_spatial(task->labels) && stage->patch.size) {
        snprintf(message, sizeof message,
                 "the label belongs to the whole image: 'task: %s' has no patches",
                 task->descriptor.name);
        PASS(tell(found, "patch.size", message, error));
    }
    if (!stage->patch.size && stage->patch.per_image > 1)
        PASS(
            tell(found, "patch.per_image", "this needs 'size'; set it, or remove this key", error));
    return STATUS_OK;
}

static enum status check_training(const struct train_settings *settings, const struct task *task,
                                  struct diagnostics *found, struct error *error)
{
    const struct loss *loss = (const void *)settings->loss.kind;
    const struct schedule *schedule = (const void *)settings->schedule.kind;
    struct error mistake = {0};
    char message[160];

    if (settings->shard > settings->batch) {
        snprintf(message, sizeof message, "a shard of %lld is larger than a batch of %lld",
                 (long long)settings->shard, (long long)settings->batch);
        PASS(tell(found, "train.batch", message, error));
    }
    if (loss && !task_takes_loss(task, task->labels, loss->targets)) {
        snprintf(message, sizeof message, "'%s' compares %s, but the network gives %s",
                 loss->descriptor.name, loss_compared[loss->targets], content_labels[task->labels]);
        PASS(tell(found, "train.loss", message, error));
    }
    if (schedule->check)
        PASS(tell_answer(found, "train.schedule",
                         schedule->check(settings->schedule.config, &mistake), &mistake, error));
    return STATUS_OK;
}

/* Augmentations whose size depends on the images are told as the fit begins, unless patches give it
 * away. */
static enum status check_stage_augment(const struct network_stage *stage, struct diagnostics *found,
                                       struct error *error)
{
    const struct component_list *list = &stage->train.augment;
    int size = (int)stage->patch.size;
    char path[64];

    for (size_t i = 0; size && i < list->count; i++) {
        const struct augmentation *kind = (const void *)list->items[i].kind;
        struct error mistake = {0};
        snprintf(path, sizeof path, "train.augment[%zu]", i);
        if (kind->check)
            PASS(tell_answer(
                found, path,
                kind->check(list->items[i].config, (struct shape){1, size, size}, &mistake),
                &mistake, error));
    }
    return STATUS_OK;
}

enum status network_stage_check(const void *config, const struct task *task,
                                const struct engine *engine, struct diagnostics *found,
                                struct error *error)
{
    const struct network_stage *stage = config;
    struct error mistake = {0};

    PASS(check_family(stage, task, found, error));
    PASS(check_training(&stage->train, task, found, error));
    PASS(check_stage_augment(stage, found, error));
    return tell_answer(found, "train.precision",
                       engine_check(engine, (enum precision)stage->train.precision, &mistake),
                       &mistake, error);
}
