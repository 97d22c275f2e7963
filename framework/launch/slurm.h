/*
 * Slurm: the tasks are job arrays of bash scripts that say everything themselves, so that one can
 * read them, and hand one in again with sbatch. The launch's folder holds
 *
 *     tasks-K.sh     the K-th array: tasks FIRST … FIRST + TASKS - 1
 *     merge.sh       what comes after them
 *     jobs           what was handed in (struct slurm_jobs)
 *     ended/N        how task N ended, "merge" how that did: "STATUS RESTARTS NODE"
 *     logs/          what each said: ARRAYJOB_INDEX.log, merge-JOB.log
 *     merged         stdout of the merging one
 *
 * Private to the launcher's files.
 */
#ifndef UNDERSTUDY_LAUNCH_SLURM_H
#define UNDERSTUDY_LAUNCH_SLURM_H

#include "base/hash.h"
#include "base/text.h"
#include "interfaces/launcher.h"
#include "io/files/bytes.h"

struct slurm {
    const char *partition, *account, *qos, *program;
    int64_t time_limit, cpus, memory; /* minutes, processors, MiB */
    int64_t threads;                  /* of a trial */
    int64_t array_size, most_running, warning, restarts;
    double task_time, trial_time, poll; /* minutes, seconds, seconds */
    struct text_list options, setup, prefix;
    const struct yaml_node *environment; /* NULL: none */
};

/* The part of the tasks that one job array is. */
struct slurm_array {
    size_t first, count, tasks; /* tasks: in all */
};

/* The script of an array of tasks, and of the merging job. */
void slurm_task_script(const struct slurm *slurm, const struct launch *launch,
                       const struct slurm_array *array, struct text *text);
void slurm_merge_script(const struct slurm *slurm, const struct launch *launch, struct text *text);

/* What was submitted. */
struct slurm_job {
    int64_t id;
    size_t first, count; /* tasks */
};

struct slurm_jobs {
    char plan[HASH_TEXT];
    struct slurm_job *arrays; /* [count], owned */
    size_t count, capacity, tasks;
    int64_t merge; /* 0: not submitted */
    double poll;
};

/* The file FOLDER/jobs; *there is false where there is none. Release with slurm_jobs_release(). */
MUST_CHECK enum status slurm_jobs_read(const char *folder, struct slurm_jobs *jobs, bool *there,
                                       struct error *error);
/* What such a file says. Release `jobs` after a failure, too. */
MUST_CHECK enum status slurm_jobs_parse(struct span file, struct slurm_jobs *jobs,
                                        struct error *error);
MUST_CHECK enum status slurm_jobs_write(const char *folder, const struct slurm_jobs *jobs,
                                        struct error *error);
/* One more array, of the tasks that follow. */
MUST_CHECK enum status slurm_jobs_add(struct slurm_jobs *jobs, int64_t id, size_t count,
                                      struct error *error);
void slurm_jobs_release(struct slurm_jobs *jobs);
/* "101,102,103", the merging one last. */
void slurm_jobs_list(const struct slurm_jobs *jobs, struct text *text);

/* What Slurm's programs print. False where it is not there. */
bool slurm_parse_job(const char *printed, int64_t *id);          /* sbatch --parsable */
bool slurm_parse_array_size(const char *printed, int64_t *size); /* scontrol show config */
/* A file of ended/: "STATUS RESTARTS NODE". */
bool slurm_parse_ended(const char *text, int *code);

/* One task, or the merging one, as squeue or sacct tell of it. */
struct slurm_line {
    size_t task;                /* SIZE_MAX: the merging one */
    const char *state, *detail; /* "RUNNING"; node or reason. Not terminated by 0: the lengths: */
    int state_length, detail_length;
};

/* Read the next line "JOB_INDEX|STATE|DETAIL" of `*printed` that is of these jobs, and go behind
 * it. False at the end. A state's further words ("CANCELLED by 0") are cut off. */
bool slurm_parse_line(const char **printed, const struct slurm_jobs *jobs, struct slurm_line *line);

/* launcher->look */
MUST_CHECK enum status slurm_look(const char *folder, struct launch_state *state, struct text *told,
                                  struct error *error);

/* Remove what tells how an earlier launch's tasks ended. */
MUST_CHECK enum status slurm_clear(const char *folder, struct error *error);

#endif
