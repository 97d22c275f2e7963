#include "interfaces/task.h"

#include "base/memory.h"

#include <string.h>

void truth_release(struct truth *truth)
{
    image_set_release(&truth->images);
    memory_free(truth->classes);
    memory_free(truth->known);
    memset(truth, 0, sizeof *truth);
}

const struct task_metric *task_metric_of(const struct task *task, enum metric metric)
{
    for (size_t i = 0; i < task->metric_count; i++)
        if (task->metrics[i].metric == metric)
            return &task->metrics[i];
    return NULL;
}

bool task_has_metric(const struct task *task, enum metric metric)
{
    return task_metric_of(task, metric) != NULL;
}

bool task_takes_loss(const struct task *task, enum content target, enum loss_targets targets)
{
    return target == task->labels ? task->losses >> targets & 1 : targets == LOSS_VALUES;
}

const char *task_default_loss(const struct task *task, enum content target)
{
    return target == task->labels ? task->loss : "mse";
}
