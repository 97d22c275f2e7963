#include "interfaces/task.h"

#include "base/memory.h"

#include <string.h>

const char *const drawn_names[DRAWN_KINDS][DRAWN_ANSWERS] = {
    [DRAWN_AS_IMAGE] = {"clean", "degraded", "pipeline", "network"},
    [DRAWN_AS_CLASS] = {"class", "degraded", "pipeline_class", "network_class"},
    [DRAWN_AS_MASK] = {"mask", "degraded", "pipeline_mask", "network_mask"},
    [DRAWN_AS_NUMBERS] = {"numbers", "degraded", "pipeline_numbers", "network_numbers"},
    [DRAWN_AS_MAP] = {"map", "degraded", "pipeline_map", "network_map"},
};

void truth_release(struct truth *truth)
{
    image_set_release(&truth->images);
    memory_free(truth->classes);
    memory_free(truth->known);
    memset(truth, 0, sizeof *truth);
}

static const struct task_metric *find_metric(const struct task_metric *metrics, size_t count,
                                             enum metric metric)
{
    for (size_t i = 0; i < count; i++)
        if (metrics[i].metric == metric)
            return &metrics[i];
    return NULL;
}

const struct task_metric *task_metric_of(const struct task *task, enum metric metric)
{
    return find_metric(task->metrics, task->metric_count, metric);
}

const struct task_metric *task_agreement_of(const struct task *task, enum metric metric)
{
    return find_metric(task->agreement, task->agreement_count, metric);
}

bool task_has_metric(const struct task *task, enum metric metric)
{
    return task_metric_of(task, metric) != NULL;
}

const char *const loss_compared[] = {[LOSS_VALUES] = "values",
                                     [LOSS_IMAGES] = "images",
                                     [LOSS_CLASSES] = "classes",
                                     [LOSS_MASKS] = "masks",
                                     [LOSS_SCORES] = "class scores"};

bool task_takes_loss(const struct task *task, enum content target, enum loss_targets targets)
{
    return target == task->labels
               ? task->losses >> targets & 1
               : targets == LOSS_VALUES || (targets == LOSS_IMAGES && target == CONTENT_IMAGE);
}

const char *task_default_loss(const struct task *task, enum content target)
{
    return target == task->labels ? task->loss : "mse";
}
