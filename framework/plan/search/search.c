/* The `search:` section, read and checked, and round 0 of it. */
#include "plan/search.h"

#include "plan/search_steps.h"
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {"uniform", "log_uniform", "integer", "choice"};

struct search_reader {
    struct plan *plan;
    struct search *search;
    struct search_section section;
    struct diagnostics *found;
};

static enum status mistake(struct search_reader *reader, const struct yaml_node *node,
                           const char *path, struct error *error, const char *text)
{
    return diagnostics_add(reader->found, node->mark, path, error, "%s", text);
}

/* A search excludes a grid. */
static enum status refuse_grid(struct search_reader *reader, struct error *error)
{
    static const char *const others[] = {"grid", "zip", "also", "exclude", "only", "constraint"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct yaml_node *node = yaml_get(reader->plan->root, others[i]);
        if (node && !yaml_is_null(node))
            PASS(mistake(reader, node, others[i], error,
                         "a search proposes the trials itself; put what varies into search.space, "
                         "as in 'network.width: {choice: [4, 8]}'"));
    }
    return STATUS_OK;
}

/* Two numbers, the first below the second, that the kind can take; NULL: fine. */
static const char *bounds_fault(struct search_axis *axis)
{
    int64_t whole[2] = {0, 0};
    double ends[2] = {0, 0};
    bool integers = true;

    if (axis->bounds->kind != YAML_SEQUENCE)
        return axis->kind == RANGE_CHOICE ? "expected a list of values" : "expected [low, high]";
    if (axis->kind == RANGE_CHOICE)
        return axis->bounds->count < 2 ? "a choice needs at least two values" : NULL;
    if (axis->bounds->count != 2)
        return "expected [low, high]";
    for (int i = 0; i < 2; i++) {
        integers = yaml_integer(axis->bounds->items[i], &whole[i]) && integers;
        if (!yaml_real(axis->bounds->items[i], &ends[i])) {
            if (!yaml_integer(axis->bounds->items[i], &whole[i]))
                return "expected [low, high], two numbers";
            ends[i] = (double)whole[i];
        }
    }
    axis->low = ends[0];
    axis->high = ends[1];
    if (axis->kind == RANGE_INTEGER && !integers)
        return "expected [low, high], two whole numbers";
    if (!(axis->low < axis->high))
        return "the first number is not below the second";
    if (axis->kind == RANGE_LOG_UNIFORM && !(axis->low > 0))
        return "a logarithm needs numbers above 0";
    if (axis->kind == RANGE_INTEGER && axis->high - axis->low >= 2147483647)
        return "the range is too wide";
    return NULL;
}

static enum status read_kind(struct search_reader *reader, struct search_axis *axis,
                             const char *where, const struct yaml_node *node, struct error *error)
{
    const char *best = NULL;

    if (node->kind != YAML_MAPPING || node->count != 1)
        return mistake(reader, node, where, error,
                       "expected {uniform: [a, b]}, {log_uniform: [a, b]}, {integer: [a, b]} or "
                       "{choice: [x, y, z]}");
    axis->kind = RANGE_KINDS;
    for (int k = 0; k < RANGE_KINDS; k++) {
        text_nearest(node->keys[0]->text, kind_names[k], &best);
        if (strcmp(node->keys[0]->text, kind_names[k]) == 0)
            axis->kind = (enum range_kind)k;
    }
    if (axis->kind == RANGE_KINDS)
        return diagnostics_add(reader->found, node->keys[0]->mark, where, error,
                               "unknown range '%.100s'%s%s%s", node->keys[0]->text,
                               best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
    axis->bounds = node->items[0];
    const char *fault = bounds_fault(axis);
    return fault ? mistake(reader, axis->bounds, where, error, fault) : STATUS_OK;
}

static enum status read_range(struct search_reader *reader, struct yaml_node *key,
                              const struct yaml_node *node, struct error *error)
{
    struct search *search = reader->search;
    struct search_axis *axis = &search->axes[search->space.count];
    struct search_range *range = &search->ranges[search->space.count];
    size_t before = reader->found->count;
    char where[PLAN_MAX_PATH + 60];

    snprintf(where, sizeof where, "search.space.%.200s", key->text);
    axis->key = key;
    if (strcmp(key->text, "seed") == 0) {
        PASS(mistake(reader, key, where, error,
                     "a search cannot vary the seed, which it draws from"));
        return STATUS_OK;
    }
    PASS(read_kind(reader, axis, where, node, error));
    if (reader->found->count > before)
        return STATUS_OK;
    range->ordered = axis->kind != RANGE_CHOICE;
    if (axis->kind == RANGE_CHOICE)
        range->cells = (uint32_t)axis->bounds->count;
    if (axis->kind == RANGE_INTEGER)
        range->cells = (uint32_t)(axis->high - axis->low) + 1;
    search->space.count++;
    return STATUS_OK;
}

static enum status read_space(struct search_reader *reader, const struct yaml_node *node,
                              const struct yaml_node *space, struct error *error)
{
    if (!space || space->kind != YAML_MAPPING || space->count == 0) {
        PASS(mistake(reader, space ? space : node, "search.space", error,
                     "expected a mapping from paths to ranges, as 'train.learning_rate: "
                     "{log_uniform: [1e-4, 1e-1]}'"));
        return STATUS_OK;
    }
    if (space->count >= SEARCH_MOST_RANGES) {
        PASS(mistake(reader, space, "search.space", error,
                     "too many ranges; at most 63 are possible"));
        return STATUS_OK;
    }
    for (size_t i = 0; i < space->count; i++)
        PASS(read_range(reader, space->keys[i], space->items[i], error));
    return STATUS_OK;
}

static enum status read_objective(struct search_reader *reader, const struct yaml_node *key,
                                  const struct yaml_node *direction, struct error *error)
{
    static const char *const words[] = {"minimise", "maximise"};
    struct search *search = reader->search;
    struct search_objective *objective = &search->objectives[search->objective_count++];
    const char *best = NULL, *text = direction->kind == YAML_SCALAR ? direction->text : "";
    char where[PLAN_MAX_PATH + 60];
    bool known = false;

    snprintf(where, sizeof where, "search.objectives.%.200s", key->text);
    *objective = (struct search_objective){.column = key->text, .mark = key->mark};
    for (int i = 0; i < 2; i++) {
        text_nearest(text, words[i], &best);
        known = known || strcmp(text, words[i]) == 0;
        objective->maximise = strcmp(text, "maximise") == 0;
    }
    if (!known)
        PASS(diagnostics_add(reader->found, direction->mark, where, error,
                             "expected minimise or maximise%s%s%s", best ? "; did you mean '" : "",
                             best ? best : "", best ? "'?" : ""));
    if (strstr(key->text, ".test."))
        PASS(mistake(reader, key, where, error,
                     "a search must not use the test split; use the validation split, such as "
                     "network.validation.ssim"));
    return STATUS_OK;
}

static enum status read_objectives(struct search_reader *reader, const struct yaml_node *node,
                                   const struct yaml_node *objectives, struct error *error)
{
    if (!objectives || objectives->kind != YAML_MAPPING || objectives->count == 0) {
        PASS(mistake(reader, objectives ? objectives : node, "search.objectives", error,
                     "expected a mapping from columns to minimise or maximise, as "
                     "'network.validation.ssim: maximise'"));
        return STATUS_OK;
    }
    if (objectives->count > SEARCH_MOST_OBJECTIVES) {
        PASS(mistake(reader, objectives, "search.objectives", error,
                     "too many objectives; at most 8 are possible"));
        return STATUS_OK;
    }
    for (size_t i = 0; i < objectives->count; i++)
        PASS(read_objective(reader, objectives->keys[i], objectives->items[i], error));
    return STATUS_OK;
}

/* The budget's path is an axis more, and no range. */
static enum status read_budget(struct search_reader *reader, const struct yaml_node *node,
                               struct error *error)
{
    struct search *search = reader->search;
    struct search_axis *axis = &search->axes[search->space.count];
    struct yaml_node *ends;
    double bounds[2];
    char text[40];

    if (!search->method->budget)
        return STATUS_OK;
    search->budget = search->method->budget(search->config, &bounds[0], &bounds[1]);
    if (yaml_get(reader->section.space, search->budget))
        PASS(mistake(reader, node, "search.budget", error,
                     "the budget must not be in search.space: the method sets it"));
    axis->kind = RANGE_INTEGER;
    PASS(arena_new(&reader->plan->arena, &axis->key, 1, sizeof *axis->key, error));
    *axis->key =
        (struct yaml_node){.kind = YAML_SCALAR, .mark = node->mark, .text = search->budget};
    PASS(arena_new(&reader->plan->arena, &axis->bounds, 1, sizeof *axis->bounds, error));
    *axis->bounds = (struct yaml_node){.kind = YAML_SEQUENCE, .mark = node->mark, .count = 2};
    PASS(arena_new(&reader->plan->arena, &axis->bounds->items, 2, sizeof ends, error));
    for (int i = 0; i < 2; i++) {
        PASS(arena_new(&reader->plan->arena, &ends, 1, sizeof *ends, error));
        *ends = (struct yaml_node){.kind = YAML_SCALAR, .mark = node->mark};
        snprintf(text, sizeof text, "%.0f", bounds[i]);
        PASS(arena_copy(&reader->plan->arena, text, strlen(text), &ends->text, error));
        axis->bounds->items[i] = ends;
    }
    return STATUS_OK;
}

static enum status read_method(struct search_reader *reader, const struct yaml_node *node,
                               size_t most, struct error *error)
{
    struct search *search = reader->search;
    const char *fault;
    int64_t seed = 1;

    search->method = (const void *)reader->section.method.kind;
    search->config = reader->section.method.config;
    search->mark = node->mark;
    const struct yaml_node *given = yaml_get(reader->plan->root, "seed");
    if (given)
        yaml_integer(given, &seed);
    search->key = (struct random_key){(uint64_t)seed, 0};
    fault = search->method->objection ? search->method->objection(search->config) : NULL;
    if (fault)
        PASS(mistake(reader, node, "search", error, fault));
    else if (search_total(search) > most)
        PASS(diagnostics_add(reader->found, node->mark, "search", error,
                             "%zu points are more than the %zu trials that can be planned",
                             search_total(search), most));
    return STATUS_OK;
}

enum status search_load(struct plan *plan, size_t most, struct diagnostics *found,
                        struct error *error)
{
    const struct yaml_node *node = yaml_get(plan->root, "search");
    struct search_reader reader = {.plan = plan, .found = found};
    size_t before = found->count;

    if (!node || yaml_is_null(node))
        return STATUS_OK;
    PASS(arena_new(&plan->arena, &reader.search, 1, sizeof *reader.search, error));
    reader.search->space.ranges = reader.search->ranges;
    PASS(refuse_grid(&reader, error));
    PASS(schema_read(search_fields, node, "search", &reader.section, &plan->arena, found, error));
    if (node->kind != YAML_MAPPING)
        return STATUS_OK;
    PASS(read_space(&reader, node, reader.section.space, error));
    PASS(read_objectives(&reader, node, reader.section.objectives, error));
    if (found->count > before)
        return STATUS_OK;
    PASS(read_method(&reader, node, most, error));
    PASS(read_budget(&reader, node, error));
    if (found->count > before)
        return STATUS_OK;
    PASS(search_start(plan, reader.search, error));
    plan->search = reader.search;
    return STATUS_OK;
}

void search_print(const struct search *search, struct text *text)
{
    struct component method = {.kind = &search->method->descriptor,
                               .config = (void *)(uintptr_t)search->config};
    const struct field table[] = {search_fields[0], {0}};

    text_append(text, "search:\n");
    schema_print(table, &method, 2, text);
    text_append(text, "  objectives: {");
    for (size_t i = 0; i < search->objective_count; i++)
        text_append(text, "%s%s: %s", i ? ", " : "", search->objectives[i].column,
                    search->objectives[i].maximise ? "maximise" : "minimise");
    text_append(text, "}\n  space:\n");
    for (size_t i = 0; i < search->space.count; i++) {
        text_append(text, "    ");
        yaml_print(search->axes[i].key, text);
        text_append(text, ": {%s: ", kind_names[search->axes[i].kind]);
        grid_value_print(search->axes[i].bounds, text);
        text_append(text, "}\n");
    }
}
