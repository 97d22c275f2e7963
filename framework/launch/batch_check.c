/* Mistakes in a batch launcher's description, and how many tasks it makes. */
#include "launch/batch.h"
#include "launch/launch.h"

#include <math.h>
#include <string.h>

static bool is_variable(const char *name)
{
    static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char rest[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    return *name && strchr(letters, *name) && !name[strspn(name, rest)];
}

static enum status check_environment(const struct yaml_node *environment, struct diagnostics *found,
                                     struct error *error)
{
    if (!environment)
        return STATUS_OK;
    if (environment->kind != YAML_MAPPING)
        return diagnostics_add(
            found, environment->mark, "environment", error,
            "expected variables and their values, such as {OMP_PROC_BIND: close}");
    for (size_t i = 0; i < environment->count; i++) {
        const char *name = environment->keys[i]->text;
        if (!is_variable(name))
            PASS(diagnostics_add(
                found, environment->keys[i]->mark, "environment", error,
                "'%.80s' is not a variable's name; expected letters, digits and '_'", name));
        else if (environment->items[i]->kind != YAML_SCALAR)
            PASS(diagnostics_add(found, environment->items[i]->mark, "environment", error,
                                 "the value of %.80s is not a text or a number", name));
    }
    return STATUS_OK;
}

enum status batch_check_lines(const struct yaml_node *node, const struct text_list *keys,
                              struct diagnostics *found, struct error *error)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct yaml_node *text = yaml_get(node, keys->items[i]);
        if (text && text->text && strchr(text->text, '\n'))
            PASS(diagnostics_add(found, text->mark, keys->items[i], error, "expected one line"));
    }
    return STATUS_OK;
}

enum status batch_check(const struct batch_settings *batch, const struct yaml_node *node,
                        struct diagnostics *found, struct error *error)
{
    const struct yaml_node *warning = yaml_get(node, "warning");

    PASS(batch_check_lines(node, TEXTS("program"), found, error));
    if (batch->time_limit && batch->warning >= 60 * batch->time_limit)
        PASS(diagnostics_add(found, warning ? warning->mark : node->mark, "warning", error,
                             "%lld seconds before the end is before the start; expected less than "
                             "the time limit, %lld seconds",
                             (long long)batch->warning, (long long)(60 * batch->time_limit)));
    if (batch->threads > batch->cpus)
        PASS(diagnostics_add(found, yaml_get(node, "threads")->mark, "threads", error,
                             "%lld threads of a trial are more than the task's cpus, %lld",
                             (long long)batch->threads, (long long)batch->cpus));
    return check_environment(batch->environment, found, error);
}

void batch_share(const struct batch_settings *batch, const struct launch *launch,
                 struct launch_shares *shares)
{
    bool known = !isnan(launch->seconds);
    double seconds = known ? launch->seconds : (double)launch->left * batch->trial_time;

    seconds /= (double)(batch->cpus / batch->threads); /* trials at a time */
    *shares = (struct launch_shares){.tasks = launch_tasks(launch->left, seconds, batch->task_time),
                                     .assumed = known ? 0 : batch->trial_time};
    shares->minutes = seconds / 60 / (double)shares->tasks;
}
