#include "tasks/registry.h"

#include <stdio.h>
#include <string.h>

#define ROW(name) #name,
const char *const task_names[] = {
#include "tasks/tasks.def"
    NULL};
#undef ROW

#define TABLE "tasks/tasks.def"
#define TYPE task
#define NOUN "task"
#define REGISTRY registry_tasks
#include "interfaces/registry.def"

const struct task *task_at(int64_t place)
{
    return task_of(registry_tasks()->rows[place]);
}

const struct task *task_find(const char *name)
{
    static const char maps[] = "_map";
    size_t length = strlen(name), end = sizeof maps - 1;
    char own[64];

    const struct task *task = task_of(registry_find(registry_tasks(), name));
    if (task || length <= end || length >= sizeof own || strcmp(name + length - end, maps) != 0)
        return task;
    snprintf(own, sizeof own, "%.*s", (int)(length - end), name);
    task = task_of(registry_find(registry_tasks(), own));
    return task ? task->map : NULL;
}

const struct task *task_of_labels(enum content labels)
{
    for (size_t i = 0; i < registry_tasks()->count; i++) {
        const struct task *task = task_at((int64_t)i);
        if (task->labels == labels)
            return task;
        if (task->map && task->map->labels == labels)
            return task->map;
    }
    return NULL;
}
