/*
 * Hosts that are reached by ssh and share the folders, without a batch system. Each runs one task,
 * which goes on after the connection has ended, and all share the trials; the first host's is the
 * merging job, which works like the others and writes the results file at the end. A host that goes
 * away leaves its trials to the others.
 *
 * Nothing is quoted twice: a script goes through ssh's stdin and starts itself from its own path
 * (launch_head), and what asks and ends the tasks are scripts in the launch's folder.
 */
#include "launch/batch.h"

#include "base/command.h"
#include "io/files/atomic_file.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct ssh {
    struct batch_settings batch;
    struct text_list hosts;
};

static const struct field fields[] = {
    {"hosts", FIELD_TEXTS, offsetof(struct ssh, hosts),
     .help = "hosts as ssh knows them: node1, user@node2; the first writes the results file"},
    {"options", FIELD_TEXTS, BATCH_AT(struct ssh, options), .default_value = "[]",
     .help = "options of ssh, such as '-p 2222'"},
    {"cpus", FIELD_INTEGER, BATCH_AT(struct ssh, cpus), .minimum = 1, .maximum = 1024,
     .default_value = "1", .help = "processors to use on each host"},
    {"threads", FIELD_INTEGER, BATCH_AT(struct ssh, threads), .minimum = 1, .maximum = 1024,
     .default_value = "1", .help = "threads for each trial; a host runs cpus / threads at a time"},
    {"trial_time", FIELD_REAL, BATCH_AT(struct ssh, trial_time), .minimum = 0.001, .maximum = 1e8,
     .default_value = "60", .unit = "seconds",
     .help = "assumed time of a trial when no similar one has run yet"},
    {"poll", FIELD_REAL, BATCH_AT(struct ssh, poll), .minimum = 0.1, .maximum = 3600,
     .default_value = "10", .unit = "seconds",
     .help = "time between queries while `run --wait` waits"},
    BATCH_PROGRAM(struct ssh),
    {0},
};

static enum status check(const void *config, const struct yaml_node *node,
                         struct diagnostics *found, struct error *error)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".-_@:";
    const struct ssh *ssh = config;
    const struct yaml_node *list = yaml_get(node, "hosts");

    PASS(batch_check(&ssh->batch, node, found, error));
    for (size_t i = 0; list && i < ssh->hosts.count; i++) {
        const char *host = ssh->hosts.items[i];
        char path[32];
        snprintf(path, sizeof path, "hosts[%zu]", i);
        const struct yaml_node *item = list->kind == YAML_SEQUENCE ? list->items[i] : list;
        if (!host[0] || host[0] == '-' || host[strspn(host, letters)])
            PASS(diagnostics_add(found, item->mark, path, error,
                                 "'%.80s' is not a host; expected a name or an address, such as "
                                 "node1 or user@node1; a port belongs into options",
                                 host));
    }
    if (list && !ssh->hosts.count)
        PASS(diagnostics_add(found, list->mark, "hosts", error, "expected at least one host"));
    return STATUS_OK;
}

static enum status share(const void *config, const struct launch *launch, bool ask,
                         struct launch_shares *shares, struct error *error)
{
    const struct ssh *ssh = config;
    bool known = !isnan(launch->seconds);
    double seconds = known ? launch->seconds : (double)launch->left * ssh->batch.trial_time;
    size_t hosts = ssh->hosts.count < launch->left ? ssh->hosts.count : launch->left;

    (void)ask;
    (void)error;
    *shares = (struct launch_shares){.tasks = hosts, .assumed = known ? 0 : ssh->batch.trial_time};
    shares->minutes = seconds / 60 / (double)(ssh->batch.cpus / ssh->batch.threads) / (double)hosts;
    return STATUS_OK;
}

/* `bash -s start HOST` of the script starts it once more, free of the connection, and says as what.
 */
static void launch_head(const struct batch_settings *batch, const struct launch *launch,
                        const struct batch_array *array, struct text *text)
{
    struct text path = {0};

    (void)batch;
    if (array)
        text_append(&path, "%s/tasks-%zu.sh", launch->folder, array->first);
    else
        text_append(&path, "%s/merge.sh", launch->folder);
    text_append(text, "if [ \"${1:-}\" = start ]; then # by ssh, whose connection this outlives\n"
                      "  setsid bash ");
    command_quote(text, path.bytes ? path.bytes : "");
    text_append(text, " >/dev/null 2>&1 </dev/null &\n"
                      "  echo \"$2:$!\"\n"
                      "  exit\n"
                      "fi\n");
    text->failed = text->failed || path.failed;
    text_release(&path);
}

/* The templates of a launch; the arena owns them. */
static enum status make_system(const struct ssh *ssh, const char *folder, struct arena *arena,
                               struct batch_system *system, struct error *error)
{
    enum status status = STATUS_OK;
    static const char *submitted[] = {"{job}"}, *lines[] = {"{job} {state}"};
    static const char *running[] = {"running"};
    struct text script = {0};

    text_append(&script, "sh ");
    command_quote(&script, folder);
    TRY(text_status(&script, error));
    *system = (struct batch_system){
        .title = "ssh",
        .label = "ssh",
        .submit = "ssh -o BatchMode=yes -o ConnectTimeout=10 {options} {host} bash -s start {host} "
                  "<{script}",
        .description = "",
        .array = "",
        .array_limit = "",
        .request_cpus = "",
        .request_memory = "",
        .dependency = "",
        .accounting = "",
        .index = "",
        .requeue = "",
        .submitted = {submitted, 1},
        .lines = {lines, 1},
        .running = {running, 1},
        .hosts = &ssh->hosts,
        .head = launch_head,
    };
    TRY(arena_print(arena, &system->query, error, "%s/query.sh {jobs}", script.bytes));
    TRY(arena_print(arena, &system->cancel, error, "%s/cancel.sh {jobs}", script.bytes));
    system->show = system->query;
out:
    text_release(&script);
    return status;
}

/* A script whose arguments are tasks, "HOST:PROCESS" each; all hosts are asked at once. */
static enum status write_script(const struct ssh *ssh, const char *folder, const char *name,
                                const char *body, struct error *error)
{
    enum status status = STATUS_OK;
    struct text script = {0}, path = {0};

    text_append(&script, "# Written by `understudy run --launcher`. Arguments: HOST:PROCESS …\n"
                         "on() { ssh -n -o BatchMode=yes -o ConnectTimeout=10");
    for (size_t i = 0; i < ssh->batch.options.count; i++)
        text_append(&script, " %s", ssh->batch.options.items[i]);
    text_append(&script,
                " \"${task%%:*}\" \"$@\"; }\n"
                "for task in \"$@\"; do\n"
                "  process=${task##*:}\n"
                "  (\n%s  ) &\n"
                "done\n"
                "wait\n",
                body);
    TRY(text_status(&script, error));
    TRY(path_join(&path, folder, name, error));
    const struct span span = {(const unsigned char *)script.bytes, script.length, ""};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    text_release(&script);
    return status;
}

static enum status write_scripts(const struct ssh *ssh, const char *folder, struct error *error)
{
    /* A process of another program may have the number by now. */
    PASS(write_script(ssh, folder, "query.sh",
                      "    words=$(on ps -o args= -p \"$process\" 2>/dev/null)\n"
                      "    [ $? -lt 255 ] || { echo \"$task unreachable\"; exit; }\n"
                      "    case $words in \"bash \"*.sh) echo \"$task running\" ;; esac\n",
                      error));
    return write_script(ssh, folder, "cancel.sh", "    on kill -- \"-$process\"\n", error);
}

/* The first host's task is the merging job. All hosts share all trials: any may go away. */
static enum status submit(const void *config, const struct launch *launch, struct launch_told *told,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct ssh *ssh = config;
    struct launch shared = *launch;
    struct launch_shares shares;
    struct batch_system system;
    struct arena arena = {0};

    shared.rounds = true;
    TRY(share(config, launch, true, &shares, error));
    shares.tasks--;
    shares.array = 1;
    TRY(write_scripts(ssh, launch->folder, error));
    TRY(make_system(ssh, launch->folder, &arena, &system, error));
    TRY(batch_submit(&ssh->batch, &system, &shared, &shares, told, error));
out:
    arena_release(&arena);
    return status;
}

static enum status look(const void *config, const char *folder, struct launch_state *state,
                        struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct batch_system system;
    struct arena arena = {0};

    TRY(make_system(config, folder, &arena, &system, error));
    TRY(batch_look(&system, folder, state, told, error));
out:
    arena_release(&arena);
    return status;
}

const struct launcher launcher_ssh = {
    .descriptor = {.name = "ssh",
                   .summary = "hosts that are reached by ssh and share the folders",
                   .fields = fields,
                   .config_size = sizeof(struct ssh),
                   .version = 1},
    .check = check,
    .share = share,
    .submit = submit,
    .look = look,
};
