#include "plan/plan.h"

#include "io/files/search_path.h"
#include "plan/grid/constraint.h"
#include "plan/grid/fits.h"
#include "plan/grid/reference.h"
#include "plan/search_steps.h"

#include <stdio.h>
#include <string.h>

/* What loading hands from step to step. */
struct loader {
    struct plan *plan;
    const struct plan_options *options;
    struct diagnostics *found;
    struct sound_networks *networks;
    struct check_coverage *news; /* NULL: what the checks read is not recorded */
};

/* Has a mistake been reported at this place or within it? */
static bool is_told(const struct diagnostics *found, const struct location *where)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct location *told = &found->items[i].where;
        if (told->line == where->line && told->column == where->column &&
            path_touches(told->path, where->path) && strcmp(told->file, where->file) == 0)
            return true;
    }
    return false;
}

/* Add mistakes of single fields, unless the parser has already reported them. */
static enum status merge(struct diagnostics *found, const struct diagnostics *more,
                         struct error *error)
{
    size_t before = found->count;

    for (size_t i = 0; i < more->count; i++) {
        const struct location *where = &more->items[i].where;
        struct diagnostics earlier = {.items = found->items, .count = before};
        struct yaml_mark mark = {where->file, where->line, where->column};
        if (is_told(&earlier, where))
            continue;
        PASS(diagnostics_add(found, mark, where->path, error, "%s", more->items[i].message));
    }
    return STATUS_OK;
}

/* Read the current tree and check it. */
static enum status read_experiment(const struct loader *loader, struct arena *arena,
                                   struct experiment *experiment, struct diagnostics *found,
                                   struct error *error)
{
    const struct yaml_node *root = loader->plan->root;
    struct diagnostics single = {0};
    enum status status = STATUS_OK;

    memset(experiment, 0, sizeof *experiment);
    TRY(references_place(loader->plan, found, error));
    TRY(schema_read(experiment_fields, root, "", experiment, arena, &single, error));
    experiment_settle(experiment, loader->plan->folder);
    TRY(merge(found, &single, error));
    TRY(experiment_check(experiment, root, &single, loader->networks, loader->news, found, error));
out:
    diagnostics_release(&single);
    return status;
}

static enum status check_tree(const struct loader *loader, struct diagnostics *found,
                              struct error *error)
{
    struct arena arena = {0};
    struct experiment experiment;
    enum status status = read_experiment(loader, &arena, &experiment, found, error);

    arena_release(&arena);
    return status;
}

/* Read the current tree, field by field. */
static enum status read_fields(const struct loader *loader, struct diagnostics *found,
                               struct error *error)
{
    struct arena arena = {0};
    struct experiment experiment = {0};
    enum status status = STATUS_OK;

    TRY(references_place(loader->plan, found, error));
    TRY(schema_read(experiment_fields, loader->plan->root, "", &experiment, &arena, found, error));
out:
    arena_release(&arena);
    return status;
}

/*
 * A value in the file that an axis hides never runs, yet a mistake in it is one. It is read in the
 * first grid point's place, and only what is wrong with itself is told: whether it goes with the
 * rest, nobody asks.
 */
static enum status check_shadowed(const struct loader *loader, const struct plan_axis *axis,
                                  struct error *error)
{
    const struct yaml_node *value = axis->shadowed;
    struct yaml_node *kept = axis->parent->items[axis->slot], *copy = NULL;
    struct diagnostics mistakes = {0};
    enum status status = STATUS_OK;

    if (!value || value->kind != YAML_SCALAR || strstr(value->text, "${"))
        goto out;
    TRY(yaml_copy(&loader->plan->arena, value, &copy, error));
    axis->parent->items[axis->slot] = copy;
    TRY(read_fields(loader, &mistakes, error));
    for (size_t i = 0; i < mistakes.count; i++) {
        const struct error *mistake = &mistakes.items[i];
        if (mistake->where.line == value->mark.line && mistake->where.column == value->mark.column)
            TRY(diagnostics_add(loader->found, value->mark, mistake->where.path, error, "%s",
                                mistake->message));
    }
out:
    axis->parent->items[axis->slot] = kept;
    diagnostics_release(&mistakes);
    return status;
}

/* Each value of each group once, the other groups standing at their first. */
static enum status check_values(const struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;
    enum status status = STATUS_OK;

    for (size_t g = 0; g < plan->group_count; g++) {
        for (size_t i = 1; i < plan->group_sizes[g]; i++) {
            grid_place_group(plan, g, i);
            TRY(check_tree(loader, loader->found, error));
        }
        grid_place_group(plan, g, 0);
    }
out:
    grid_place(plan, 0);
    return status;
}

/* Does the point have a value that no point before it had? It counts as seen from now on. */
static bool has_news(const struct plan *plan, size_t point, bool *const *seen)
{
    bool news = plan->group_count == 0; /* the only point there is */

    for (size_t g = 0; g < plan->group_count; g++) {
        bool *flag = &seen[g][grid_position(plan, point, g)];
        news = news || !*flag;
        *flag = true;
    }
    return news;
}

/* What of the grid's points has to be looked at, up to the first that has a mistake. */
static enum status check_combinations(const struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;

    for (size_t k = 0; k < plan->kept_count && loader->found->count == 0; k++)
        if (check_coverage_at(loader->news, plan->kept[k])) {
            grid_place(plan, plan->kept[k]);
            PASS(check_tree(loader, loader->found, error));
        }
    return STATUS_OK;
}

/*
 * Every trial. First the fewest points in which every value occurs, so that what is wrong with a
 * value is told before what is wrong with a combination; then, if they are sound, combinations.
 */
static enum status check_points(struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;
    struct check_coverage news = {0};
    struct arena arena = {0};
    bool *seen[PLAN_MAX_AXES] = {0};
    enum status status = STATUS_OK;

    for (size_t g = 0; g < plan->group_count; g++)
        TRY(arena_new(&arena, &seen[g], plan->group_sizes[g], 1, error));
    for (size_t p = 0; plan->search && p < plan->search->probes; p++) {
        grid_place(plan, p);
        TRY(check_tree(loader, loader->found, error));
    }
    if (plan->search && loader->found->count)
        goto out; /* enough is said of the space */
    TRY(check_coverage_begin(&news, plan, error));
    loader->news = &news;
    for (size_t k = 0; k < plan->kept_count; k++)
        if (has_news(plan, plan->kept[k], seen)) {
            check_coverage_at(&news, plan->kept[k]);
            grid_place(plan, plan->kept[k]);
            TRY(check_tree(loader, loader->found, error));
        }
    if (plan->group_count > 1 && loader->found->count == 0)
        TRY(check_combinations(loader, error));
    if (!plan->search && loader->found->count == 0)
        TRY(repeats_check_meant(plan, loader->found, error));
out:
    loader->news = NULL;
    check_coverage_release(&news);
    arena_release(&arena);
    if (plan->kept_count)
        grid_place(plan, plan->kept[0]);
    return status;
}

/* Axes, the points that are kept, and a look at every one of them. */
static enum status load_grid(struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;
    size_t most = loader->options->most_trials, before = loader->found->count;
    const struct yaml_node *grid = yaml_get(plan->root, "grid");

    most = most ? most : PLAN_MAX_TRIALS;
    PASS(grid_build(plan, loader->found, error));
    if (loader->found->count == before && grid_points(plan, most) <= most)
        PASS(also_read(plan, most, loader->found, error));
    PASS(references_find(plan, loader->found, error));
    if (loader->found->count == before && !plan->search && grid_points(plan, most) > most) {
        grid = grid ? grid : yaml_get(plan->root, "zip");
        PASS(diagnostics_add(loader->found, grid->mark, "grid", error,
                             "more than %zu combinations; that is the most that can be planned",
                             most));
    } else if (loader->found->count == before) {
        PASS(labels_check(plan, loader->found, error));
        if (!plan->search) /* whose values are not known */
            PASS(where_check(plan, loader->found, error));
        PASS(rules_apply(plan, loader->found, error));
        search_keep(plan);
    }
    for (size_t a = 0; a < plan->axis_count; a++)
        PASS(check_shadowed(loader, &plan->axes[a], error));
    if (plan->kept_count) {
        PASS(check_points(loader, error));
    } else {
        PASS(check_tree(loader, loader->found, error));
        PASS(check_values(loader, error));
    }
    return STATUS_OK;
}

static enum status load_machines(const struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;
    const struct text_list *names = &plan->base.hardware;
    const char *home = loader->options->home ? loader->options->home : ".";
    struct text_list folders;
    char path[40];

    PASS(search_folders(SEARCH_HARDWARE, plan->folder, home, &plan->arena, &folders, error));
    PASS(arena_new(&plan->arena, &plan->machines, names->count, sizeof *plan->machines, error));
    for (size_t i = 0; i < names->count && i < PLAN_MAX_MACHINES; i++) {
        snprintf(path, sizeof path, "hardware[%zu]", i);
        PASS(machine_load(&folders, names->items[i], experiment_mark(plan->root, path), path,
                          &plan->arena, &plan->machines[i], loader->found, error));
    }
    return STATUS_OK;
}

static enum status read_base(const struct loader *loader, struct error *error)
{
    struct diagnostics known = {0};
    enum status status =
        read_experiment(loader, &loader->plan->arena, &loader->plan->base, &known, error);

    diagnostics_release(&known);
    return status;
}

static size_t most_trials(const struct loader *loader)
{
    return loader->options->most_trials ? loader->options->most_trials : PLAN_MAX_TRIALS;
}

static enum status load_base(const struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;
    size_t most = most_trials(loader);

    PASS(read_base(loader, error));
    PASS(load_machines(loader, error));
    size_t before = plan->kept_count;
    PASS(fits_apply(plan, loader->found, error));
    PASS(constraints_apply(plan, loader->found, error));
    if (plan->kept_count < before)
        PASS(read_base(loader, error)); /* the first trial may be another */
    PASS(experiment_complete(&plan->base, &plan->arena, error));
    size_t replicates = (size_t)plan->base.replicates;
    size_t points = plan->search ? search_total(plan->search) : plan->kept_count;
    if (points && replicates > most / points)
        PASS(diagnostics_add(loader->found, experiment_mark(plan->root, "replicates"), "replicates",
                             error,
                             "%zu combinations with %zu replicates each are more than the %zu "
                             "trials that can be planned",
                             points, replicates, most));
    if (loader->found->count == 0)
        PASS(search_check(plan, loader->found, error));
    plan->trial_count = plan->kept_count * replicates;
    return guard_load(plan, loader->found, error);
}

static enum status load_tree(struct loader *loader, struct error *error)
{
    struct plan *plan = loader->plan;
    struct sound_networks networks = {0};
    enum status status = STATUS_OK;

    loader->networks = &networks;
    if (!plan->root)
        goto out;
    if (plan->root->kind != YAML_MAPPING) {
        TRY(diagnostics_add(loader->found, plan->root->mark, "", error,
                            "expected a mapping, with 'experiment', 'task' and so on as its keys"));
        goto out;
    }
    TRY(fragments_include(plan, loader->found, error));
    TRY(overrides_apply(plan, loader->options, loader->found, error));
    TRY(search_load(plan, most_trials(loader), loader->found, error));
    TRY(load_grid(loader, error));
    TRY(load_base(loader, error));
out:
    loader->networks = NULL;
    arena_release(&networks.arena);
    diagnostics_sort(loader->found);
    return status;
}

/* The name of the file, and the folder at which relative paths in it start. */
static enum status set_place(struct plan *plan, const char *path,
                             const struct plan_options *options, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};

    TRY(arena_copy(&plan->arena, path, strlen(path), &plan->path, error));
    if (options->folder)
        TRY(text_print(&folder, error, "%s", options->folder));
    else
        TRY(folder_of(path, &folder, error));
    TRY(text_keep(&folder, &plan->arena, &plan->folder, error));
out:
    text_release(&folder);
    return status;
}

enum status plan_load_text(struct plan *plan, const char *name, const char *bytes, size_t length,
                           const struct plan_options *options, struct diagnostics *found,
                           struct error *error)
{
    struct loader loader = {plan, options, found, NULL, NULL};
    enum status status = STATUS_OK;

    memset(plan, 0, sizeof *plan);
    TRY(set_place(plan, name, options, error));
    TRY(arena_copy(&plan->arena, bytes, length, &plan->yaml, error));
    TRY(yaml_parse(&plan->arena, plan->path, bytes, length, &plan->root, found, error));
    TRY(load_tree(&loader, error));
out:
    if (status != STATUS_OK)
        plan_release(plan);
    return status;
}

enum status plan_load(struct plan *plan, const char *path, const struct plan_options *options,
                      struct diagnostics *found, struct error *error)
{
    struct loader loader = {plan, options, found, NULL, NULL};
    enum status status = STATUS_OK;

    memset(plan, 0, sizeof *plan);
    TRY(set_place(plan, path, options, error));
    TRY(yaml_parse_file(&plan->arena, plan->path, &plan->root, &plan->yaml, found, error));
    TRY(load_tree(&loader, error));
out:
    if (status != STATUS_OK)
        plan_release(plan);
    return status;
}

void plan_release(struct plan *plan)
{
    key_cache_free(plan->memo);
    memory_free(plan->rules);
    memory_free(plan->fragments);
    references_release(plan);
    arena_release(&plan->arena);
    memset(plan, 0, sizeof *plan);
}
