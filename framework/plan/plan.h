/*
 * The plan: the experiment file with its overrides, and the grid of trials that it spans. Knows no
 * pixels, no HDF5, no clock.
 *
 * Trials are numbered in plan order: the grid's axes as they stand in the file, the first slowest;
 * replicates fastest; zipped axes come after those of `grid:`, and the points of `also:` after all
 * of the grid. Trial i is resolved when asked for, so that large plans stay small.
 */
#ifndef UNDERSTUDY_PLAN_PLAN_H
#define UNDERSTUDY_PLAN_PLAN_H

#include "base/hash.h"
#include "interfaces/trial_step.h"
#include "plan/experiment/experiment.h"

enum { PLAN_MAX_TRIALS = 1000000 };

struct plan_options {
    const char *const *overrides; /* "train.epochs=2"; a value is YAML, as [4, 8] */
    size_t override_count;
    const char *engine; /* NULL: as the file says */
    const char *home;   /* where networks/families and experiments/hardware lie */
    const char *folder; /* where relative paths in the file start; NULL: at the file's own */
    size_t most_trials; /* a plan of more is a mistake; 0: PLAN_MAX_TRIALS */
};

struct plan_axis {
    const char *path; /* dotted, as "network.width" */
    struct yaml_node **values;
    size_t count;
    struct yaml_node *parent; /* where the value is put: parent->items[slot] */
    size_t slot;
    size_t group;                     /* axes zipped together share a group and move together */
    const struct yaml_node *shadowed; /* what the file has at the path; NULL: nothing */
};

struct plan_fragment {
    const char *name; /* as `include:` has it */
    const char *yaml; /* as written */
};

/* Why grid points are no trials. */
struct plan_rule {
    const char *section; /* "exclude", "only" */
    size_t index;        /* item of the section's list */
    struct yaml_mark mark;
    const char *text; /* what it says, on one line */
    size_t dropped;   /* points that it is the first to drop */
};

/* What is not the same at all grid points. */
struct plan_change {
    const char *path;
    uint64_t groups; /* of axes that decide it: bit g for group g */
};

struct key_cache;
struct plan_reference;
struct plan_guard; /* plan/guard.h */
struct search;     /* plan/search.h */

struct plan {
    struct arena arena;
    const char *path;                /* of the file */
    const char *folder;              /* where relative paths in it start */
    const char *yaml;                /* as written */
    struct plan_fragment *fragments; /* that it includes */
    size_t fragment_count, fragment_capacity;
    struct yaml_node *root; /* with what is included, and overrides */
    struct plan_axis *axes;
    size_t axis_count;
    size_t group_count;
    size_t *group_sizes; /* values in each group of axes */
    size_t *grid_sizes;  /* ... of `grid:` and `zip:` alone: those of `also:` stand behind them */
    uint32_t *also;      /* [also_count][group_count]: positions of the points of `also:` */
    size_t also_count;
    size_t grid_count;  /* points of the grid; those of `also:` have the numbers behind them */
    size_t point_count; /* of both */
    size_t *kept;       /* those that no rule drops, ascending */
    size_t kept_count;
    size_t trial_count;       /* kept_count x replicates */
    struct experiment base;   /* the file at the first grid point: trial 0's */
    struct machine *machines; /* [base.hardware.count] */
    struct plan_rule *rules;
    size_t rule_count, rule_capacity;
    uint32_t *verdicts;          /* [point_count]: the rule that drops the point, from 1; 0: none */
    struct plan_change *changes; /* axes, then references */
    size_t change_count;
    struct plan_reference *references;
    size_t reference_count, reference_capacity;
    struct search *search;    /* NULL: the trials are the grid's */
    struct plan_guard *guard; /* NULL: there is none */
    struct key_cache *memo;   /* of plan_keys(); NULL until it is first asked */
};

struct trial {
    size_t index;
    uint32_t replicate;
    struct experiment experiment;         /* lives in the arena given to plan_trial() */
    const struct yaml_node **axis_values; /* [axis_count] */
    /* Of each stage and all before it: what gives the same has the same key. Made without a look at
     * the data; what is kept by a key is known by the data's digest, too. */
    char keys[TRIAL_STEPS][HASH_TEXT];
};

/*
 * Load and check the file, every trial of it: all mistakes go to `found`; the plan may be used only
 * if there are none. families_load() must have been called.
 */
MUST_CHECK enum status plan_load(struct plan *plan, const char *path,
                                 const struct plan_options *options, struct diagnostics *found,
                                 struct error *error);
/* The same for text that is not in a file (tests, fuzzing). */
MUST_CHECK enum status plan_load_text(struct plan *plan, const char *name, const char *bytes,
                                      size_t length, const struct plan_options *options,
                                      struct diagnostics *found, struct error *error);
void plan_release(struct plan *plan);

/* What all random numbers of a trial are drawn by, each for its purpose. */
struct random_key trial_random_key(const struct trial *trial);

/* Resolve trial `index`; the texts and lists of `trial` live in `arena`. */
MUST_CHECK enum status plan_trial(struct plan *plan, size_t index, struct arena *arena,
                                  struct trial *trial, struct error *error);

/* The keys of trial `index` alone: the same as plan_trial() gives, for a fraction of the work,
 * since trials share most of what their keys are made from. */
MUST_CHECK enum status plan_keys(struct plan *plan, size_t index, char keys[TRIAL_STEPS][HASH_TEXT],
                                 struct error *error);

/* What a stage's key is made from: lines "path: value" of all that it is the first to depend on. */
MUST_CHECK enum status plan_step_text(const struct plan *plan, const struct trial *trial,
                                      enum trial_step step, struct text *text, struct error *error);
/*
 * The same of what a network depends on that is fitted on all or some of the trial's items (for a
 * filter), but for its epochs and for what of them it sees: not the filter, so that several can
 * share it. `family` NULL: the trial's own network.
 */
MUST_CHECK enum status plan_fit_text(const struct plan *plan, const struct trial *trial,
                                     const struct component *family, struct text *text,
                                     struct error *error);
/* Append in what two such texts differ: "train.epochs 2 -> 3, train.batch 64 -> 32"; *count: in how
 * many fields. */
MUST_CHECK enum status plan_difference(const char *before, const char *after, struct text *text,
                                       size_t *count, struct error *error);
/* The experiment file as YAML with everything in it: what it includes, and overrides. Loaded again,
 * it is the same plan. */
MUST_CHECK enum status plan_source(struct plan *plan, struct text *text, struct error *error);

/* Do all trials have the same at the dotted path, and below? */
bool plan_same(const struct plan *plan, const char *path);
/* Trials for which this is the same read the same files: a number below plan_inputs(). */
size_t plan_input(const struct plan *plan, size_t index);
size_t plan_inputs(const struct plan *plan);
/* A measure of the work of a trial's training and fine-tuning, of which bit s of `steps` asks for
 * step s, to compare with another trial's: multiply-adds of one pass, as far as the file tells,
 * times passes. */
MUST_CHECK enum status plan_work(struct plan *plan, size_t index, unsigned steps, double *work,
                                 struct error *error);

/* Which stages of trial `index` have something of their own to give: bit s for stage s. Tuning has
 * none where there is nothing to choose, filtering none where every label is kept. */
MUST_CHECK enum status plan_steps(struct plan *plan, size_t index, unsigned *stages,
                                  struct error *error);
/* Trials in the end: a search's later rounds count. */
size_t plan_final_count(const struct plan *plan);
/* A column's value of a trial that is done; NaN where it failed or lacks one. */
typedef enum status plan_results(void *context, size_t trial, const char *column, double *value,
                                 struct error *error);
/* Every trial so far is done: append what the search tries next, which depends on the plan and the
 * results alone. *more: there is something; false without a search, too. STATUS_CONFIG where a
 * point does not fit. */
MUST_CHECK enum status plan_extend(struct plan *plan, plan_results *results, void *context,
                                   bool *more, struct error *error);

/* What trial `index` has on an axis. */
const struct yaml_node *plan_value(const struct plan *plan, size_t index, size_t axis);
/* What grid point `point` has on an axis, be it a trial's or left out. */
const struct yaml_node *plan_point_value(const struct plan *plan, size_t point, size_t axis);

/* The plan as it runs: every default spelled out, the grid, and a comment-free line each for the
 * engine's version and instruction set. */
MUST_CHECK enum status plan_resolved(const struct plan *plan, struct text *text,
                                     struct error *error);

/* Where the file of an experiment most likely is, of whose name so many bytes are given: in
 * experiments if it is shipped, else here. Programs and images are named from there on. */
const char *plan_likely_folder(const char *name, int length);

/* The plan that resolves to `resolved`, which plan_resolved() made: overrides are part of it. That
 * it does so here and now as well is for the caller to check. Its folder is the likely one, unless
 * the options have one. */
MUST_CHECK enum status plan_load_resolved(struct plan *plan, const char *name, const char *resolved,
                                          const struct plan_options *options,
                                          struct diagnostics *found, struct error *error);

#endif
