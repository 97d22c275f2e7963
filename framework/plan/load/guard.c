/* The `guard:` section, read and checked: which grid points it names, and whether they go together.
 */
#include "plan/guard.h"

#include "plan/experiment/guard_section.h"
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

struct guard_reader {
    struct plan *plan;
    struct plan_guard *guard;
    struct guard_section section;
    struct diagnostics *found;
    const struct yaml_node *node;
    struct arena arena;
    const struct yaml_node *wanted[PLAN_MAX_AXES]; /* by axis, of one point; NULL: not named */
};

size_t plan_guard_trial(const struct plan *plan, size_t place, size_t replicate)
{
    return place * (size_t)plan->base.replicates + replicate;
}

static enum status same_value(const struct yaml_node *a, const struct yaml_node *b, bool *same,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct text one = {0}, other = {0};

    grid_value_print(a, &one);
    grid_value_print(b, &other);
    TRY(text_status(&one, error));
    TRY(text_status(&other, error));
    *same = strcmp(one.bytes, other.bytes) == 0;
out:
    text_release(&one);
    text_release(&other);
    return status;
}

/* One pair of `small` or `to`: an axis, and a value of it. */
static enum status read_pair(struct guard_reader *reader, const struct yaml_node *key,
                             const struct yaml_node *value, const char *path, struct error *error)
{
    const char *best = NULL, *near = NULL;
    const struct plan_axis *axis = plan_axis_find(reader->plan, key->text, &best);
    char where[PLAN_MAX_PATH + 40];
    bool is = false;

    snprintf(where, sizeof where, "%s.%.200s", path, key->text);
    if (!axis)
        return diagnostics_add(reader->found, key->mark, where, error,
                               "not an axis of the grid%s%s%s", best ? "; did you mean '" : "",
                               best ? best : "", best ? "'?" : "");
    reader->wanted[axis - reader->plan->axes] = value;
    for (size_t i = 0; i < axis->count && !is; i++)
        PASS(same_value(axis->values[i], value, &is, error));
    if (is)
        return STATUS_OK;
    if (value->kind == YAML_SCALAR)
        PASS(axis_value_find(axis, value, &is, &reader->arena, &near, error));
    return diagnostics_add(reader->found, value->mark, where, error,
                           "not one of the axis's values%s%.100s%s", near ? "; did you mean '" : "",
                           near ? near : "", near ? "'?" : "");
}

/* Has the kept point all that is wanted; and what is not named as the point `like`, if any? */
static enum status matches(const struct guard_reader *reader, size_t place, const size_t *like,
                           bool *all, struct error *error)
{
    const struct plan *plan = reader->plan;
    size_t point = plan->kept[place];

    *all = true;
    for (size_t a = 0; a < plan->axis_count && *all; a++) {
        const struct yaml_node *wanted = reader->wanted[a];
        if (wanted)
            PASS(same_value(plan_point_value(plan, point, a), wanted, all, error));
        else if (like)
            *all = grid_position(plan, point, plan->axes[a].group) ==
                   grid_position(plan, plan->kept[*like], plan->axes[a].group);
    }
    return STATUS_OK;
}

/* An axis on which two points differ. */
static const char *differing_axis(const struct plan *plan, size_t one, size_t other)
{
    for (size_t a = 0; a < plan->axis_count; a++)
        if (grid_position(plan, plan->kept[one], plan->axes[a].group) !=
            grid_position(plan, plan->kept[other], plan->axes[a].group))
            return plan->axes[a].path;
    return "";
}

/* The one kept point that is meant. */
static enum status find_place(struct guard_reader *reader, const struct yaml_node *node,
                              const char *path, const size_t *like, size_t *place,
                              struct error *error)
{
    const struct plan *plan = reader->plan;
    size_t count = 0, last = 0;

    for (size_t k = 0; k < plan->kept_count; k++) {
        bool all;
        PASS(matches(reader, k, like, &all, error));
        if (all && count++ == 0)
            *place = k;
        last = all ? k : last;
    }
    if (count == 1)
        return STATUS_OK;
    if (count == 0)
        return diagnostics_add(reader->found, node->mark, path, error,
                               "no trial has these values together");
    return diagnostics_add(reader->found, node->mark, path, error,
                           "%zu grid points have these values; name '%s', too", count,
                           differing_axis(plan, *place, last));
}

static enum status name_point(struct guard_reader *reader, const struct yaml_node *node,
                              const char **name, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    for (size_t i = 0; i < node->count; i++) {
        text_append(&text, "%s%s=", i ? " " : "", node->keys[i]->text);
        grid_value_print(node->items[i], &text);
    }
    TRY(text_keep(&text, &reader->plan->arena, name, error));
out:
    text_release(&text);
    return status;
}

static enum status read_point(struct guard_reader *reader, const struct yaml_node *node,
                              const char *path, const size_t *like, size_t *place,
                              const char **name, struct error *error)
{
    size_t before = reader->found->count;

    memset(reader->wanted, 0, sizeof reader->wanted);
    if (node->kind != YAML_MAPPING || node->count == 0)
        return diagnostics_add(reader->found, node->mark, path, error,
                               "expected a mapping from axes of the grid to values%s",
                               like ? ", or the word pipeline" : "");
    for (size_t i = 0; i < node->count; i++)
        PASS(read_pair(reader, node->keys[i], node->items[i], path, error));
    if (reader->found->count > before)
        return STATUS_OK;
    PASS(find_place(reader, node, path, like, place, error));
    return name_point(reader, node, name, error);
}

/* The schema lets a key of any kind be missing. */
static enum status require(struct guard_reader *reader, const struct yaml_node *node,
                           const char *key, struct error *error)
{
    if (node)
        return STATUS_OK;
    return diagnostics_add(reader->found, reader->node->mark, "guard", error,
                           "required key '%s' is missing", key);
}

static enum status read_points(struct guard_reader *reader, struct error *error)
{
    struct plan_guard *guard = reader->guard;
    const struct yaml_node *to = reader->section.to;
    size_t before = reader->found->count;

    PASS(read_point(reader, reader->section.small, "guard.small", NULL, &guard->small,
                    &guard->small_name, error));
    if (reader->found->count > before)
        return STATUS_OK;
    guard->other = guard->small;
    guard->other_name = "the pipeline";
    guard->pipeline = to->kind == YAML_SCALAR && strcmp(to->text, "pipeline") == 0;
    if (guard->pipeline)
        return STATUS_OK;
    PASS(read_point(reader, to, "guard.to", &guard->small, &guard->other, &guard->other_name,
                    error));
    if (reader->found->count == before && guard->other == guard->small)
        PASS(diagnostics_add(reader->found, to->mark, "guard.to", error,
                             "this is the network of 'small' itself"));
    return STATUS_OK;
}

/* Both see the same images and learn from the same pipeline. */
static enum status check_images(struct guard_reader *reader, struct error *error)
{
    char small[TRIAL_STEPS][HASH_TEXT], other[TRIAL_STEPS][HASH_TEXT];
    struct plan *plan = reader->plan;

    PASS(plan_keys(plan, plan_guard_trial(plan, reader->guard->small, 0), small, error));
    PASS(plan_keys(plan, plan_guard_trial(plan, reader->guard->other, 0), other, error));
    if (strcmp(small[TRIAL_LABEL], other[TRIAL_LABEL]) == 0)
        return STATUS_OK;
    return diagnostics_add(reader->found, reader->section.to->mark, "guard.to", error,
                           "its images or its pipeline differ from those of 'small'; the two may "
                           "differ in 'filter', 'network' and 'train'");
}

/* A score of each image is needed, and images to choose the threshold by. */
static enum status check_scores(struct guard_reader *reader, const struct experiment *experiment,
                                struct error *error)
{
    const struct task_metric *metric = experiment_select_unit(experiment);

    if (!metric || metric->of_set)
        PASS(diagnostics_add(reader->found, reader->node->mark, "guard", error,
                             "it needs a score of each image, and '%s', the metric of 'select', %s",
                             experiment_select_metric_name(experiment),
                             metric ? "is of all images together" : "is none of the task"));
    else
        reader->guard->within = reader->section.within / metric->units;
    if (experiment->dataset.validation == 0)
        PASS(diagnostics_add(reader->found, reader->node->mark, "guard", error,
                             "the threshold is chosen on validation images, and "
                             "'dataset.validation' is 0"));
    return STATUS_OK;
}

/* "classes, masks" */
static const char *list_served(unsigned serves, char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (int c = 0; c < CONTENTS; c++)
        if (serves >> c & 1)
            used += (size_t)snprintf(text + used, room - used, "%s%s", used ? ", " : "",
                                     content_labels[c]);
    return text;
}

/* Can the measure be taken of what this network gets and gives? */
static enum status check_measure(struct guard_reader *reader, const struct experiment *experiment,
                                 struct error *error)
{
    const struct component_list *stages = &experiment->pipeline.stages;
    const struct guard *by = reader->guard->by;
    const struct yaml_mark mark = reader->section.by.node->mark;
    struct diagnostics none = {0};
    struct shape input, target;
    struct answer answer;
    struct error unknown = {0};
    size_t first, last;
    char served[100];

    PASS(experiment_replaced(experiment, &first, &last, &none, error));
    diagnostics_release(&none);
    enum content given = experiment_target(experiment, last);
    if (!(by->serves >> given & 1))
        return diagnostics_add(reader->found, mark, "guard.by", error,
                               "'%s' is for networks that give %s; this one gives %s",
                               by->descriptor.name, list_served(by->serves, served, sizeof served),
                               content_plurals[given]);
    if (by->twice && first &&
        !content_is_spatial(stages_output(stages, first, experiment_task(experiment))))
        return diagnostics_add(reader->found, mark, "guard.by", error,
                               "'%s' mirrors images, and the network gets none: %s",
                               by->descriptor.name, "the stages before it make features");
    if (by->keeps_size &&
        experiment_shapes(experiment, &input, &target, &answer, &unknown) == STATUS_OK &&
        !shape_equal(input, target))
        return diagnostics_add(reader->found, mark, "guard.by", error,
                               "'%s' compares answers with inputs, and their shapes differ",
                               by->descriptor.name);
    return STATUS_OK;
}

static enum status check_guard(struct guard_reader *reader, struct error *error)
{
    struct trial trial;

    PASS(plan_trial(reader->plan, plan_guard_trial(reader->plan, reader->guard->small, 0),
                    &reader->arena, &trial, error));
    PASS(check_scores(reader, &trial.experiment, error));
    PASS(check_measure(reader, &trial.experiment, error));
    return reader->guard->pipeline ? STATUS_OK : check_images(reader, error);
}

enum status guard_load(struct plan *plan, struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct guard_reader reader = {
        .plan = plan, .found = found, .node = yaml_get(plan->root, "guard")};
    size_t before = found->count;

    if (!reader.node || yaml_is_null(reader.node))
        goto out;
    TRY(schema_read(guard_fields, reader.node, "guard", &reader.section, &plan->arena, found,
                    error));
    if (plan->search)
        TRY(diagnostics_add(found, reader.node->mark, "guard", error,
                            "it names points of the grid, and a search has none"));
    if (found->count == before) {
        TRY(require(&reader, reader.section.small, "small", error));
        TRY(require(&reader, reader.section.to, "to", error));
    }
    if (found->count > before || !plan->kept_count)
        goto out;
    TRY(arena_new(&plan->arena, &reader.guard, 1, sizeof *reader.guard, error));
    reader.guard->by = guard_of(reader.section.by.kind);
    TRY(read_points(&reader, error));
    if (found->count == 0)
        TRY(check_guard(&reader, error));
    if (found->count == 0)
        plan->guard = reader.guard;
out:
    arena_release(&reader.arena);
    return status;
}
