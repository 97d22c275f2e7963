#include "tasks/registry.h"

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
    return task_of(registry_find(registry_tasks(), name));
}
