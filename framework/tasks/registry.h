/* The table of this folder: a row a task. */
#ifndef UNDERSTUDY_TASKS_REGISTRY_H
#define UNDERSTUDY_TASKS_REGISTRY_H

#include "interfaces/task.h"

const struct registry *registry_tasks(void); /* of struct task */
extern const char *const task_names[];       /* in the table's order, ended by NULL */

/* The task of that place in the table. */
const struct task *task_at(int64_t place);
/* The one of that name, or NULL. With "_map" behind it, the one for a number at each pixel. */
const struct task *task_find(const char *name);
/* The first one whose labels are such; NULL: none. */
const struct task *task_of_labels(enum content labels);

#endif
