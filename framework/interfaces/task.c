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

bool task_has_metric(const struct task *task, enum metric metric)
{
    for (size_t i = 0; i < task->metric_count; i++)
        if (task->metrics[i] == metric)
            return true;
    return false;
}
