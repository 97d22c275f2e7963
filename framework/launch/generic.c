/*
 * Any batch system, by a description of how it is talked to: a line of a shell that hands a script
 * in, one that lists jobs, one that ends them, and what they print (launch/template.h).
 * experiments/launchers/ has descriptions of Grid Engine, PBS, LSF, HTCondor and others. What a
 * task needs is asked for on the command line; the script knows nothing of the system but the
 * variable that holds its index.
 *
 * A task watches its time limit itself (timeout), lets its program write a checkpoint, and queues
 * itself again where `requeue` says how. Where no job can wait for others, the merging job starts
 * with the tasks and shares their work.
 */
#include "launch/batch.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct generic {
    struct batch_settings batch;
    struct batch_system system;
};

#define AT(member) offsetof(struct generic, system.member)
#define TEMPLATE(member, text)                                                                     \
    {                                                                                              \
#member, FIELD_TEXT, AT(member), .default_value = "", .help = text                         \
    }

static const struct field fields[] = {
    {"title", FIELD_TEXT, AT(title), .help = "the batch system's name, for messages"},
    {"submit", FIELD_TEXT, AT(submit),
     .help = "command that hands in {script} and prints the job's number; also {array}, "
             "{dependency}, {options}, {request_cpus}, {request_memory}, {description}, {name}, "
             "{logs}, {folder}, "
             "{directory}, {cpus}, {memory} (MiB), {minutes}, {seconds}, {count}"},
    {"submitted", FIELD_TEXTS, AT(submitted), .default_value = "['{number}']",
     .help = "patterns of what submit prints: {number} or {job} is the job's; '*' is anything "
             "without blanks, '...' anything"},
    TEMPLATE(array, "{array} of several tasks, such as -t 1-{count} {array_limit}"),
    TEMPLATE(array_limit, "{array_limit} where most_running is set, such as -tc {most_running}"),
    TEMPLATE(index, "environment variable that holds a task's index in its array; '': each task is "
                    "a job of its own"),
    {"array_of_one", FIELD_BOOLEAN, AT(arrays_of_one), .default_value = "false",
     .help = "a single task is an array, too"},
    {"first_index", FIELD_INTEGER, AT(first_index), .minimum = 0, .maximum = 1,
     .default_value = "0", .help = "index of an array's first task"},
    TEMPLATE(dependency, "{dependency} of the merging job, which starts when {jobs} have ended; "
                         "{jobs:,} has commas between; '': it starts with the tasks and shares "
                         "their work"),
    TEMPLATE(request_cpus, "{request_cpus} where cpus is more than 1, such as -pe smp {cpus}"),
    TEMPLATE(request_memory, "{request_memory} where memory is set, such as -l mem={memory}M"),
    TEMPLATE(description, "text of a file {description} that submit needs beside the script"),
    {"query", FIELD_TEXT, AT(query), .help = "command that prints the states of {jobs}"},
    {"lines", FIELD_TEXTS, AT(lines),
     .help = "patterns of the query's lines: {number} or {job}, {index}, {state}, {reason}"},
    {"waiting", FIELD_TEXTS, AT(waiting), .default_value = "[]",
     .help = "states of tasks that wait in the queue"},
    {"running", FIELD_TEXTS, AT(running), .default_value = "[]",
     .help = "states of tasks that run; one in neither list has ended"},
    {"forgotten", FIELD_TEXTS, AT(forgotten), .default_value = "[]",
     .help = "words of a query's error that means that jobs have ended"},
    TEMPLATE(accounting, "command that prints, in such lines, the states of {jobs} that ended"),
    {"cancel", FIELD_TEXT, AT(cancel), .help = "command that ends {jobs}"},
    {"show", FIELD_TEXT, AT(show), .help = "command that shows {jobs} to people"},
    TEMPLATE(requeue, "line of bash by which a task that comes near its time limit queues itself "
                      "again, such as exit 99"),
    {"options", FIELD_TEXTS, BATCH_AT(struct generic, options), .default_value = "[]",
     .help = "further options of submit, such as '-q long'"},
    BATCH_TIME(struct generic, 0, "time limit of a task; 0: none"),
    BATCH_TASKS(struct generic, "most tasks in one job array; 0: no limit"),
    BATCH_RUNNING(struct generic),
    BATCH_PROGRAM(struct generic),
    {0},
};

/* One template or pattern, at a key of the file or, of a list, at its item. */
static enum status check_text(const struct yaml_node *node, const char *path, const char *text,
                              const struct text_list *known, struct diagnostics *found,
                              struct error *error)
{
    return node ? template_check(text, known, node->mark, path, found, error) : STATUS_OK;
}

static enum status check_templates(const struct generic *generic, const struct yaml_node *node,
                                   struct diagnostics *found, struct error *error)
{
    static const struct {
        const char *key;
        size_t offset;
        const struct text_list *known;
    } templates[] = {
        {"submit", AT(submit), &batch_submit_names},
        {"description", AT(description), &batch_submit_names},
        {"array", AT(array), &batch_submit_names},
        {"array_limit", AT(array_limit), &batch_setting_names},
        {"request_cpus", AT(request_cpus), &batch_setting_names},
        {"request_memory", AT(request_memory), &batch_setting_names},
        {"dependency", AT(dependency), &batch_jobs_names},
        {"query", AT(query), &batch_jobs_names},
        {"accounting", AT(accounting), &batch_jobs_names},
        {"cancel", AT(cancel), &batch_jobs_names},
        {"show", AT(show), &batch_jobs_names},
    };

    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const char *text = *(const char *const *)((const char *)generic + templates[i].offset);
        PASS(check_text(yaml_get(node, templates[i].key), templates[i].key, text,
                        templates[i].known, found, error));
    }
    return STATUS_OK;
}

static enum status check_patterns(const struct text_list *patterns, const char *key,
                                  const struct yaml_node *node, struct diagnostics *found,
                                  struct error *error)
{
    const struct yaml_node *list = yaml_get(node, key);
    char path[48];

    for (size_t i = 0; list && i < patterns->count; i++) {
        const char *text = patterns->items[i];
        const struct yaml_node *item = list->kind == YAML_SEQUENCE ? list->items[i] : list;
        snprintf(path, sizeof path, "%s[%zu]", key, i);
        PASS(check_text(item, path, text, &pattern_parts, found, error));
        if (!template_has(text, "number") && !template_has(text, "job"))
            PASS(diagnostics_add(found, item->mark, path, error,
                                 "'%.80s' does not say where the job's number stands; expected "
                                 "{number} (digits) or {job} (a word) in it",
                                 text));
    }
    return STATUS_OK;
}

/* A placeholder without which the launcher cannot do its work. */
static enum status expect(const char *text, const char *key, const char *name,
                          const struct yaml_node *node, struct diagnostics *found,
                          struct error *error)
{
    const struct yaml_node *at = yaml_get(node, key);

    if (!text[0] || !at || template_has(text, name))
        return STATUS_OK;
    return diagnostics_add(found, at->mark, key, error, "expected {%s} in it", name);
}

static enum status check(const void *config, const struct yaml_node *node,
                         struct diagnostics *found, struct error *error)
{
    const struct generic *generic = config;
    const struct batch_system *system = &generic->system;
    const struct yaml_node *at = yaml_get(node, "array");

    PASS(batch_check_lines(node,
                           TEXTS("title", "submit", "query", "cancel", "show", "index", "requeue"),
                           found, error));
    PASS(batch_check(&generic->batch, node, found, error));
    PASS(check_templates(generic, node, found, error));
    PASS(check_patterns(&system->submitted, "submitted", node, found, error));
    PASS(check_patterns(&system->lines, "lines", node, found, error));
    if (!system->description[0])
        PASS(expect(system->submit, "submit", "script", node, found, error));
    else
        PASS(expect(system->submit, "submit", "description", node, found, error));
    if (system->array[0] && !system->description[0])
        PASS(expect(system->submit, "submit", "array", node, found, error));
    if (system->dependency[0])
        PASS(expect(system->submit, "submit", "dependency", node, found, error));
    PASS(expect(system->cancel, "cancel", "jobs", node, found, error));
    if (system->array[0] && !system->index[0])
        PASS(diagnostics_add(found, at->mark, "array", error,
                             "the tasks of an array need `index`, the variable that numbers them"));
    return STATUS_OK;
}

static enum status share(const void *config, const struct launch *launch, bool ask,
                         struct launch_shares *shares, struct error *error)
{
    const struct generic *generic = config;

    (void)ask;
    (void)error;
    batch_share(&generic->batch, launch, shares);
    shares->array = shares->tasks;
    if (!generic->system.index[0])
        shares->array = 1;
    else if (generic->batch.array_size && (size_t)generic->batch.array_size < shares->array)
        shares->array = (size_t)generic->batch.array_size;
    return STATUS_OK;
}

static struct batch_system system_of(const struct generic *generic)
{
    struct batch_system system = generic->system;

    system.label = system.title;
    return system;
}

static enum status submit(const void *config, const struct launch *launch, struct launch_told *told,
                          struct error *error)
{
    const struct generic *generic = config;
    const struct batch_system system = system_of(generic);
    struct launch_shares shares;

    PASS(share(config, launch, true, &shares, error));
    return batch_submit(&generic->batch, &system, launch, &shares, told, error);
}

static enum status look(const void *config, const char *folder, struct launch_state *state,
                        struct text *told, struct error *error)
{
    const struct batch_system system = system_of(config);

    return batch_look(&system, folder, state, told, error);
}

const struct launcher launcher_generic = {
    .descriptor = {.name = "generic",
                   .summary = "any batch system, by templates of its commands",
                   .fields = fields,
                   .config_size = sizeof(struct generic),
                   .version = 1},
    .check = check,
    .share = share,
    .submit = submit,
    .look = look,
};
