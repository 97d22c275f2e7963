#include "tasks/registry.h"

#include "interfaces/registry.h"

#define ROW(name) extern const struct task task_##name;
#include "tasks/tasks.def"
#undef ROW

#define ROW(name) #name,
const char *const task_names[] = {
#include "tasks/tasks.def"
    NULL};
#undef ROW

#define ROW(name) &task_##name.descriptor,
const struct registry *registry_tasks(void)
{
    static const struct descriptor *const rows[] = {
#include "tasks/tasks.def"
    };
    REGISTRY("task", rows);
}
#undef ROW

const struct task *task_at(int64_t place)
{
    return (const struct task *)registry_tasks()->rows[place];
}

const struct task *task_find(const char *name)
{
    return (const struct task *)registry_find(registry_tasks(), name);
}
