/* What all checks share: what they may look at, and mistakes at the fields that a user would
 * change. */
#include "plan/check/checker.h"

#include "tasks/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status check_mistake(struct checker *checker, const char *path, struct error *error,
                          const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return diagnostics_add(checker->found, experiment_mark(checker->root, path), path, error, "%s",
                           message);
}

/* A mistake without a path is of the top: a key that is missing there. */
bool check_sound(const struct checker *checker, const char *path)
{
    for (size_t i = 0; i < checker->unsound->count; i++) {
        const char *faulty = checker->unsound->items[i].where.path;
        if (faulty[0] ? path_touches(faulty, path) : !strchr(path, '.'))
            return false;
    }
    return true;
}

void check_reads(struct checker *checker, const char *path)
{
    if (checker->news)
        checker->groups |= plan_groups_at(checker->news->plan, path);
}

const struct part *check_part(struct checker *checker)
{
    check_reads(checker, "task");
    check_reads(checker, "pipeline.stages");
    check_reads(checker, "pipeline.replace");
    return &checker->unrecorded_part;
}

enum status check_unfit(struct checker *checker, const char *path, const char *name,
                        struct error *error)
{
    enum content target = check_part(checker)->target;
    if (target == checker->task->labels)
        return check_mistake(checker, path, error, "'%s' does not serve 'task: %s'", name,
                             task_names[READ(checker, task)]);
    return check_mistake(checker, path, error,
                         "'%s' does not fit; the stages that the network takes over give %s", name,
                         content_plurals[target]);
}

const struct component *check_source(struct checker *checker)
{
    if (checker->news)
        checker->groups |= plan_select_groups(checker->news->plan, "dataset");
    return &checker->unrecorded->dataset.source;
}

struct yaml_mark experiment_mark(const struct yaml_node *root, const char *path)
{
    char prefix[PLACE_LENGTH];

    snprintf(prefix, sizeof prefix, "%s", path);
    for (;;) {
        const struct yaml_node *node = prefix[0] ? yaml_find(root, prefix) : root;
        if (node)
            return node->mark;
        size_t end = strlen(prefix);
        while (end > 0 && prefix[end] != '.' && prefix[end] != '[')
            end--;
        prefix[end] = '\0';
    }
}
