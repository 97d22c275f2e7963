/*
 * Batch systems: what the launchers slurm and generic share. The tasks of a launch are job arrays
 * of bash scripts that say everything themselves, so that one can read them, and hand one in again.
 * The launch's folder holds
 *
 *     launcher.yaml  the launcher's description as it was (launch/launch.h)
 *     tasks-K.sh     the K-th array: tasks FIRST … FIRST + COUNT - 1
 *     merge.sh       what comes after them, or runs beside them where no job can wait for others
 *     *.command      what handed them in
 *     jobs           what was handed in (struct batch_jobs)
 *     started/N      where task N was started, a line each time (where the system does not count)
 *     ended/N        how task N ended, "merge" how that did: "STATUS RESTARTS NODE"
 *     logs/          what each said
 *     merged         stdout of the merging one
 *
 * A system is described by templates and patterns (launch/template.h); nothing else about it is
 * known here. Private to the launchers' files.
 */
#ifndef UNDERSTUDY_LAUNCH_BATCH_H
#define UNDERSTUDY_LAUNCH_BATCH_H

#include "base/hash.h"
#include "base/text.h"
#include "interfaces/launcher.h"
#include "io/files/bytes.h"
#include "launch/template.h"

/* What a site's people set. */
struct batch_settings {
    const char *program;
    int64_t time_limit, cpus, memory; /* minutes (0: none), processors, MiB */
    int64_t threads;                  /* of a trial */
    int64_t array_size, most_running, warning, restarts;
    double task_time, trial_time, poll; /* minutes, seconds, seconds */
    struct text_list options, setup, prefix;
    const struct yaml_node *environment; /* NULL: none */
};

/* The rows of a table of fields; `type` has a `struct batch_settings batch`. BATCH_TIME() is what a
 * task may ask for, BATCH_TASKS() how trials become tasks, BATCH_RUNNING() how these end and are
 * waited for, BATCH_PROGRAM() what they run. */
#define BATCH_AT(type, member) offsetof(type, batch.member)
#define BATCH_TIME(type, least_time, time_help)                                                    \
    {"time_limit",      FIELD_INTEGER,         BATCH_AT(type, time_limit), .minimum = least_time,  \
     .maximum = 525600, .default_value = "60", .unit = "minutes",          .help = time_help},     \
        {"cpus",                                                                                   \
         FIELD_INTEGER,                                                                            \
         BATCH_AT(type, cpus),                                                                     \
         .minimum = 1,                                                                             \
         .maximum = 1024,                                                                          \
         .default_value = "1",                                                                     \
         .help = "processors for each task"},                                                      \
        {"threads",                                                                                \
         FIELD_INTEGER,                                                                            \
         BATCH_AT(type, threads),                                                                  \
         .minimum = 1,                                                                             \
         .maximum = 1024,                                                                          \
         .default_value = "1",                                                                     \
         .help = "threads for each trial; a task runs cpus / threads trials at a time"},           \
    {                                                                                              \
        "memory", FIELD_INTEGER, BATCH_AT(type, memory), .minimum = 0, .maximum = 1e8,             \
                                                         .default_value = "0", .unit = "MiB",      \
                                                         .help = "memory for each task; 0: the "   \
                                                                 "site's default"                  \
    }
#define BATCH_TASKS(type, array_help)                                                              \
    {"task_time",                                                                                  \
     FIELD_REAL,                                                                                   \
     BATCH_AT(type, task_time),                                                                    \
     .minimum = 0.001,                                                                             \
     .maximum = 525600,                                                                            \
     .default_value = "10",                                                                        \
     .unit = "minutes",                                                                            \
     .help = "how long a task should run; sets the number of its trials"},                         \
        {"trial_time",                                                                             \
         FIELD_REAL,                                                                               \
         BATCH_AT(type, trial_time),                                                               \
         .minimum = 0.001,                                                                         \
         .maximum = 1e8,                                                                           \
         .default_value = "60",                                                                    \
         .unit = "seconds",                                                                        \
         .help = "assumed time of a trial when no similar one has run yet"},                       \
        {"array_size",   FIELD_INTEGER,        BATCH_AT(type, array_size), .minimum = 0,           \
         .maximum = 1e6, .default_value = "0", .help = array_help},                                \
    {                                                                                              \
        "most_running", FIELD_INTEGER, BATCH_AT(type, most_running), .minimum = 0, .maximum = 1e6, \
                                                                     .default_value = "0",         \
                                                                     .help = "most tasks of an "   \
                                                                             "array that run at "  \
                                                                             "once; 0: no limit "  \
                                                                             "but the site's"      \
    }
#define BATCH_RUNNING(type)                                                                        \
    {"warning",                                                                                    \
     FIELD_INTEGER,                                                                                \
     BATCH_AT(type, warning),                                                                      \
     .minimum = 1,                                                                                 \
     .maximum = 3600,                                                                              \
     .default_value = "60",                                                                        \
     .unit = "seconds",                                                                            \
     .help = "time before the limit, for writing a checkpoint"},                                   \
        {"restarts",                                                                               \
         FIELD_INTEGER,                                                                            \
         BATCH_AT(type, restarts),                                                                 \
         .minimum = 0,                                                                             \
         .maximum = 10000,                                                                         \
         .default_value = "100",                                                                   \
         .help = "how often a task may be requeued"},                                              \
    {                                                                                              \
        "poll", FIELD_REAL, BATCH_AT(type, poll),                                                  \
            .minimum = 0.1, .maximum = 3600, .default_value = "10", .unit = "seconds",             \
            .help = "time between queries while `run --wait` waits"                                \
    }
#define BATCH_PROGRAM(type)                                                                        \
    {"setup", FIELD_TEXTS, BATCH_AT(type, setup), .default_value = "[]",                           \
     .help = "lines of bash that run first, such as 'module load gcc'"},                           \
        {"environment", FIELD_NODE, BATCH_AT(type, environment),                                   \
         .help = "environment variables of the program: {NAME: value}"},                           \
        {"prefix", FIELD_TEXTS, BATCH_AT(type, prefix), .default_value = "[]",                     \
         .help = "words before the program's name, such as [apptainer, exec, image.sif]"},         \
    {                                                                                              \
        "program", FIELD_TEXT, BATCH_AT(type, program),                                            \
            .default_value = "",                                                                   \
            .help = "path of understudy, for example in a container; '': this program"             \
    }

/* The part of the tasks that one job array is. */
struct batch_array {
    size_t first, count, tasks; /* tasks: in all */
};

/* How a system is talked to. Templates are "" where it has no such thing. */
struct batch_system {
    const char *title;       /* for messages: "Grid Engine" */
    const char *label;       /* of its line in `status` */
    const char *submit;      /* hands in {script} and prints a job's number */
    const char *description; /* a file that `submit` wants beside the script */
    const char *array;       /* … {array} there, where the job has several tasks */
    const char *array_limit, *request_cpus, *request_memory, *dependency;
    const char *query;      /* prints the jobs' states */
    const char *accounting; /* … of those that have ended */
    const char *show, *cancel;
    const char *index;                 /* variable with a task's index in its array */
    int64_t first_index;               /* of an array */
    const char *requeue;               /* line of bash by which a task queues itself again */
    struct text_list submitted, lines; /* patterns of what submit and query print */
    struct text_list waiting, running; /* states */
    struct text_list forgotten;        /* words of a query's failure that tells of ended jobs */
    const struct text_list *hosts;     /* {host}: the merging job's, then the tasks'; NULL: none */
    bool arrays_of_one;                /* a single task is an array, too */
    bool counts; /* tells a script how often it was started and that its time is nearly over, and
                    writes its log: {job}_{index}.log */
    void (*head)(const struct batch_settings *batch, const struct launch *launch,
                 const struct batch_array *array, struct text *text);
};

/* Mistakes in the common settings. */
MUST_CHECK enum status batch_check(const struct batch_settings *batch, const struct yaml_node *node,
                                   struct diagnostics *found, struct error *error);
/* Values that must be one line: keys of `node`. */
MUST_CHECK enum status batch_check_lines(const struct yaml_node *node, const struct text_list *keys,
                                         struct diagnostics *found, struct error *error);

/* launcher->share, without the arrays' size */
void batch_share(const struct batch_settings *batch, const struct launch *launch,
                 struct launch_shares *shares);
/* launcher->submit, in arrays as `shares` says */
MUST_CHECK enum status batch_submit(const struct batch_settings *batch,
                                    const struct batch_system *system, const struct launch *launch,
                                    const struct launch_shares *shares, struct launch_told *told,
                                    struct error *error);
/* launcher->look */
MUST_CHECK enum status batch_look(const struct batch_system *system, const char *folder,
                                  struct launch_state *state, struct text *told,
                                  struct error *error);

/* Placeholders of what is handed in: of its parts, and of `submit` and `description`. */
extern const struct text_list batch_setting_names, batch_submit_names;
extern const struct text_list batch_jobs_names; /* of the others: {jobs} */

/* A program of the system's failed: in its own words. `line` starts with its name. */
MUST_CHECK enum status batch_failed(const struct batch_system *system, const char *line, int code,
                                    const struct text *messages, struct error *error);
enum { COMMAND_MISSING = 127 }; /* a shell's status where there is no such program */

/* The script of an array of tasks; of the merging job where `array` is NULL. */
void batch_script(const struct batch_settings *batch, const struct batch_system *system,
                  const struct launch *launch, const struct batch_array *array, struct text *text);

enum { BATCH_ID = 128 }; /* bytes of a job's number, at most, with its end */

/* What was submitted. */
struct batch_job {
    char id[BATCH_ID];
    size_t first, count; /* tasks */
};

struct batch_jobs {
    char plan[HASH_TEXT];
    struct batch_job *arrays; /* [count], owned */
    size_t count, capacity, tasks;
    char merge[BATCH_ID]; /* "": not submitted */
    double poll;
};

/* The file FOLDER/jobs; *there is false where there is none. Release with batch_jobs_release(). */
MUST_CHECK enum status batch_jobs_read(const char *folder, struct batch_jobs *jobs, bool *there,
                                       struct error *error);
/* What such a file says. Release `jobs` after a failure, too. */
MUST_CHECK enum status batch_jobs_parse(struct span file, struct batch_jobs *jobs,
                                        struct error *error);
MUST_CHECK enum status batch_jobs_write(const char *folder, const struct batch_jobs *jobs,
                                        struct error *error);
/* One more array, of the tasks that follow. */
MUST_CHECK enum status batch_jobs_add(struct batch_jobs *jobs, const char *id, size_t count,
                                      struct error *error);
void batch_jobs_release(struct batch_jobs *jobs);
/* Of all jobs, the merging one last; owned by the arena, of the merging one in `jobs`. */
MUST_CHECK enum status batch_jobs_list(const struct batch_jobs *jobs, struct arena *arena,
                                       struct text_list *list, struct error *error);
/* "101,102,103". */
void batch_jobs_print(const struct batch_jobs *jobs, struct text *text);

/* The job's number in what `submit` printed; false: there is none. */
bool batch_parse_submitted(const struct batch_system *system, const char *printed,
                           char id[BATCH_ID]);
/* A file of ended/: "STATUS RESTARTS NODE". */
bool batch_parse_ended(const char *text, int *code);

/* One task, or the merging one, as a query tells of it. */
struct batch_line {
    size_t task;                /* SIZE_MAX: the merging one */
    const char *state, *reason; /* "RUNNING"; node or reason. Not terminated by 0: the lengths: */
    size_t state_length, reason_length;
};

/* Read the next line of `*printed` that is of these jobs, and go behind it. False at the end. A
 * state's further words ("CANCELLED by 0") are cut off. */
bool batch_parse_line(const char **printed, const struct batch_system *system,
                      const struct batch_jobs *jobs, struct batch_line *line);

#endif
