/*
 * Launchers: who runs an experiment's workers. A file in experiments/launchers/ names one and fills
 * its fields. `local` runs them here, as children of `understudy run`; others hand them to a
 * cluster's queue, as tasks that run `understudy work --chunk I/N FILE`, and one job after them
 * that runs `understudy run FILE`, which finds every trial done and writes the results file.
 */
#ifndef UNDERSTUDY_INTERFACES_LAUNCHER_H
#define UNDERSTUDY_INTERFACES_LAUNCHER_H

#include "io/schema/schema.h"

/* What is to run. It runs elsewhere: all paths are absolute, and nothing is left to defaults that
 * this machine's environment gives. */
struct launch {
    const char *name;      /* of the experiment: a file's name */
    const char *folder;    /* the launcher's own, RESULTS/runs/NAME/LAUNCHER; it is there */
    const char *directory; /* the user's working directory */
    const char *program, *file;
    struct text_list options; /* of `work` and `run` alike: "--results", "/…"; not --threads */
    struct text_list merge;   /* of `run` alone */
    const char *plan;         /* digest of the plan, which identifies it */
    size_t trials, left;      /* of the plan; of those, not done yet: at least 1 */
    bool rounds;              /* later trials depend on earlier ones: tasks share all of them */
    double seconds;           /* estimated for those left; NaN: unknown */
};

/* The state of a launch. */
struct launch_state {
    bool launched;       /* anything was submitted */
    char plan[65];       /* the launch's */
    size_t tasks;        /* that were submitted, without the merging one */
    size_t done, failed; /* ended with status 0, and with another */
    size_t running, waiting;
    size_t lost; /* vanished without a status */
    bool over;   /* all tasks and the merging job have ended */
    int merged;  /* the merging one's exit status; -1: it has not ended */
    double poll; /* seconds until it is worth while to look again */
};

/* How the remaining trials are divided into tasks. */
struct launch_shares {
    size_t tasks;   /* at least 1, at most one a trial */
    size_t array;   /* tasks that are handed over together at most; 0: the site was not asked */
    double minutes; /* that a task will last */
    double assumed; /* seconds that a trial was taken for, since none has run; 0: one has */
};

/* What submit() says. */
struct launch_told {
    struct text jobs;         /* lines "KIND JOB TASKS", one a job */
    struct text show, cancel; /* commands that show the jobs and end them */
};

struct launcher {
    struct descriptor descriptor;
    /* Mistakes that the fields' table cannot tell; `node` is the file's. NULL: none. */
    enum status (*check)(const void *config, const struct yaml_node *node,
                         struct diagnostics *found, struct error *error);
    /* How submit() would share it out; of `launch`, left and seconds are read. The site is asked
     * what it allows where `ask` is set; where it does not answer, the rest is filled all the
     * same. NULL where `submit` is. */
    enum status (*share)(const void *config, const struct launch *launch, bool ask,
                         struct launch_shares *shares, struct error *error);
    /* Hand it over. NULL: this machine is meant. */
    enum status (*submit)(const void *config, const struct launch *launch, struct launch_told *told,
                          struct error *error);
    /* What became of the launch whose folder it is, made with these settings; `told`, where not
     * NULL, gets it in lines for people. NULL where `submit` is. */
    enum status (*look)(const void *config, const char *folder, struct launch_state *state,
                        struct text *told, struct error *error);
};
DESCRIPTOR_OF(launcher);

#endif
