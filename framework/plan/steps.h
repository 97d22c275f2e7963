/*
 * The steps of plan_load() and plan_trial(), private to plan/:
 *
 *     fragments_include → overrides_apply → grid_build → also_read → references_find → rules_apply
 * → (every point: experiment_check) → trial_keys
 *
 * Mistakes of the user go to `found`; the status tells of failed allocations and the like.
 */
#ifndef UNDERSTUDY_PLAN_STEPS_H
#define UNDERSTUDY_PLAN_STEPS_H

#include "plan/experiment/shapes.h"
#include "plan/plan.h"

enum {
    PLAN_MAX_AXES = 64,
    PLAN_MAX_EXCLUDES = 1000, /* rules */
    PLAN_MAX_MACHINES = 64,
    PLAN_MAX_PATH = 200, /* characters of an override's or axis's path */
};

/* Put what the file includes into its tree. */
MUST_CHECK enum status fragments_include(struct plan *plan, struct diagnostics *found,
                                         struct error *error);
/* Check the values that figures' `where:` names. */
MUST_CHECK enum status where_check(const struct plan *plan, struct diagnostics *found,
                                   struct error *error);
/* Read and check the section `guard:`; all else is sound. */
MUST_CHECK enum status guard_load(struct plan *plan, struct diagnostics *found,
                                  struct error *error);
/* Check the section `labels:`. */
MUST_CHECK enum status labels_check(const struct plan *plan, struct diagnostics *found,
                                    struct error *error);

/* Put the overrides, and the engine asked for, into the tree. */
MUST_CHECK enum status overrides_apply(struct plan *plan, const struct plan_options *options,
                                       struct diagnostics *found, struct error *error);

/* Find the axes of `grid:` and `zip:` and their places in the tree. */
MUST_CHECK enum status grid_build(struct plan *plan, struct diagnostics *found,
                                  struct error *error);
/* Read `also:`, of a grid that is sound: points that are added to it, at most `most`. */
MUST_CHECK enum status also_read(struct plan *plan, size_t most, struct diagnostics *found,
                                 struct error *error);
/* Values that stand twice on their axis: written alike; or, in a plan that is sound and has points,
 * meaning the same. */
MUST_CHECK enum status repeats_check_written(struct plan *plan, struct diagnostics *found,
                                             struct error *error);
MUST_CHECK enum status repeats_check_meant(struct plan *plan, struct diagnostics *found,
                                           struct error *error);
/* The number of grid points, or `most` + 1 when there are more than `most`. */
size_t grid_points(const struct plan *plan, size_t most);
/* Which value of `group` grid point `point` has. */
size_t grid_position(const struct plan *plan, size_t point, size_t group);
/* Put the values of a grid point, or of one group's position, into the tree. */
void grid_place(struct plan *plan, size_t point);
void grid_place_group(struct plan *plan, size_t group, size_t position);
/* Does one of the paths enclose the other, or are they the same? */
bool path_touches(const char *a, const char *b);
/* The groups of axes that decide what stands at `path`, around it or within it. */
uint64_t plan_groups_at(const struct plan *plan, const char *path);
/* Those that decide which kind a section names, and the kind's own settings: `dataset: {name: …}`.
 */
uint64_t plan_select_groups(const struct plan *plan, const char *section);

/*
 * Combinations of the positions of some groups, as numbers: the place of a grid point in a table
 * that is only as large as the product of these groups' sizes.
 */
struct combination {
    size_t count; /* combinations */
    size_t groups;
    uint32_t group[PLAN_MAX_AXES];
    size_t stride[PLAN_MAX_AXES];
};

void combination_make(struct combination *combination, const struct plan *plan, uint64_t groups);
/* `positions` of all groups, as grid_positions() gives them. */
size_t combination_at(const struct combination *combination, const size_t *positions);
/* The position of every group at a grid point. */
void grid_positions(const struct plan *plan, size_t point, size_t positions[PLAN_MAX_AXES]);

/* The axis of that path, or NULL; then *best, NULL at first, is the nearest. */
const struct plan_axis *plan_axis_find(const struct plan *plan, const char *path,
                                       const char **best);

/* Is `key`, as figures write values, a value of the axis? *best, NULL at first, is the nearest, in
 * `arena`. */
MUST_CHECK enum status axis_value_find(const struct plan_axis *axis, const struct yaml_node *key,
                                       bool *is, struct arena *arena, const char **best,
                                       struct error *error);

/* Is it of a section that the whole experiment shares? That says which trials there are? */
bool grid_is_shared(const char *path);
bool grid_is_section(const char *path);

/* A value in a form that equal values share: numbers by value, the rest as yaml_print(). */
void grid_value_print(const struct yaml_node *value, struct text *text);

/* Fill plan->kept with the points that no rule of `exclude:` or `only:` drops. */
MUST_CHECK enum status rules_apply(struct plan *plan, struct diagnostics *found,
                                   struct error *error);
/* Add a rule to plan->rules; `text` is its text. */
MUST_CHECK enum status plan_rule_say(struct plan *plan, const char *section, size_t index,
                                     struct yaml_mark mark, struct text *text, struct error *error);
/* Add to plan->rules what stands at `node`: item `index` of `section`, or all of it. `key`: NULL
 * where it has none. */
MUST_CHECK enum status plan_rule_add(struct plan *plan, const char *section, size_t index,
                                     const struct yaml_node *key, const struct yaml_node *node,
                                     struct error *error);

enum { CHECK_COVERAGE_MOST = 32 };

/* What the checks of a plan have read so far, and where: the fewest grid points that tell of all
 * are those at which a check would read what none has read before. */
struct check_coverage {
    struct arena arena;
    const struct plan *plan;
    size_t positions[PLAN_MAX_AXES];                        /* of the point in hand */
    struct check_coverage_set *readings;                    /* of single fields; each is needed */
    struct check_coverage_set *checks[CHECK_COVERAGE_MOST]; /* of each check; any is enough */
    bool asked[CHECK_COVERAGE_MOST];
};

MUST_CHECK enum status check_coverage_begin(struct check_coverage *news, const struct plan *plan,
                                            struct error *error);
/* Go to this grid point. Is there something new? Reading it counts as done from now on. */
bool check_coverage_at(struct check_coverage *news, size_t point);
/* Is there something new to the check at this point? */
bool check_coverage_wants(const struct check_coverage *news, size_t check);
/* The check was asked at this point, and these groups of axes decide what it read. */
MUST_CHECK enum status check_coverage_record(struct check_coverage *news, size_t check,
                                             uint64_t groups, struct error *error);
void check_coverage_release(struct check_coverage *news);

/* Networks that were expanded and found sound: most points of a grid share few of them, and
 * expanding is the larger part of a point's check. Starts as {0}. */
struct sound_networks {
    struct arena arena;
    struct sound_network {
        const struct descriptor *family;
        const void *config;
        enum content target;
    } items[64];
    size_t count;
};

/*
 * Check what no field table can: fields against each other. `root` is the tree that `experiment`
 * was read from; `unsound` are the mistakes of that reading: a check that needs a field that has
 * one is left out. Where `news` is not NULL, checks that it has no use for at this point are left
 * out, and what the others read goes to it.
 */
MUST_CHECK enum status
experiment_check(const struct experiment *experiment, const struct yaml_node *root,
                 const struct diagnostics *unsound, struct sound_networks *networks,
                 struct check_coverage *news, struct diagnostics *found, struct error *error);
/* The mark of what stands at `path`, or else of what encloses it. */
struct yaml_mark experiment_mark(const struct yaml_node *root, const char *path);

/* Fill trial->keys. */
MUST_CHECK enum status trial_keys(const struct plan *plan, struct trial *trial,
                                  struct error *error);
void key_cache_free(struct key_cache *memo);

/* Put the experiment at grid point `point` into the tree, read it, fill in what defaults leave
 * open. The plan is sound: a mistake is the error. */
MUST_CHECK enum status point_read(struct plan *plan, size_t point, struct arena *arena,
                                  struct experiment *experiment, struct error *error);

#endif
