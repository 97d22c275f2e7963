/*
 * Positions of a group of axes at which all values are the same would make the same trials twice.
 * What is written alike is found at once; what only means the same ("cosine" and "{cosine: {}}"),
 * once the plan is known to be sound: by the experiment that comes of it, defaults and all.
 */
#include "plan/grid/reference.h"

#include <stdlib.h>
#include <string.h>

struct tuple {
    const char *text;
    size_t position;
};

/* The axes [first, end) of one group. */
struct repeats {
    struct plan *plan;
    size_t first, end;
    const char *message;
    struct diagnostics *found;
    struct arena arena;
    struct tuple *tuples;
    size_t count;
};

static int tuple_order(const void *a, const void *b)
{
    const struct tuple *left = a, *right = b;
    int order = strcmp(left->text, right->text);

    if (order)
        return order;
    return (left->position > right->position) - (left->position < right->position);
}

/* Each tuple that an earlier position has, too, is a mistake. */
static enum status tell(struct repeats *repeats, struct error *error)
{
    const struct plan_axis *axis = &repeats->plan->axes[repeats->first];
    const struct tuple *tuples = repeats->tuples;
    size_t first = 0;
    enum status status = STATUS_OK;

    qsort(repeats->tuples, repeats->count, sizeof *tuples, tuple_order);
    for (size_t i = 1; i < repeats->count; i++) {
        struct text same = {0};
        if (strcmp(tuples[i].text, tuples[first].text) != 0) {
            first = i;
            continue;
        }
        grid_value_print(axis->values[tuples[first].position], &same);
        TRY(text_status(&same, error));
        status = diagnostics_add(repeats->found, axis->values[tuples[i].position]->mark, axis->path,
                                 error, repeats->message, same.bytes);
        text_release(&same);
        TRY(status);
    }
out:
    return status;
}

static enum status add(struct repeats *repeats, const struct text *text, size_t position,
                       struct error *error)
{
    struct tuple *tuple = &repeats->tuples[repeats->count];

    PASS(text_status(text, error));
    PASS(arena_copy(&repeats->arena, text->bytes, text->length, &tuple->text, error));
    tuple->position = position;
    repeats->count++;
    return STATUS_OK;
}

static enum status add_written(struct repeats *repeats, size_t position, struct error *error)
{
    struct text text = {0};

    for (size_t a = repeats->first; a < repeats->end; a++) {
        grid_value_print(repeats->plan->axes[a].values[position], &text);
        text_append(&text, "\n");
    }
    enum status status = add(repeats, &text, position, error);
    text_release(&text);
    return status;
}

/* The experiment with this position in the place of the first point's; none where it makes no
 * sense there. */
static enum status add_meant(struct repeats *repeats, size_t position, struct error *error)
{
    struct plan *plan = repeats->plan;
    struct experiment experiment = {0};
    struct diagnostics wrong = {0};
    struct arena arena = {0};
    struct text text = {0};
    char digest[HASH_TEXT];
    enum status status = STATUS_OK;

    grid_place_group(plan, plan->axes[repeats->first].group, position);
    TRY(references_place(plan, &wrong, error));
    TRY(schema_read(experiment_fields, plan->root, "", &experiment, &arena, &wrong, error));
    if (wrong.count)
        goto out;
    if (plan_same(plan, "pipeline")) /* else the default is not the same at every point */
        TRY(experiment_complete(&experiment, &arena, error));
    experiment.grid = experiment.zip = experiment.also = NULL;
    experiment.exclude = experiment.only = NULL;
    schema_print(experiment_fields, &experiment, 0, &text);
    TRY(text_status(&text, error));
    TRY(hash_of_texts(text.bytes, NULL, digest, error));
    text_clear(&text);
    text_append(&text, "%s", digest);
    TRY(add(repeats, &text, position, error));
out:
    text_release(&text);
    arena_release(&arena);
    diagnostics_release(&wrong);
    return status;
}

/* Numbers mean the same where they are written alike, up to 2^53. */
static bool is_plain_number(const struct yaml_node *value)
{
    double number;
    return yaml_real(value, &number) && number <= 9007199254740992 && number >= -9007199254740992;
}

static bool all_plain(const struct repeats *repeats)
{
    const struct plan *plan = repeats->plan;

    for (size_t a = repeats->first; a < repeats->end; a++)
        for (size_t i = 0; i < plan->group_sizes[plan->axes[a].group]; i++)
            if (!is_plain_number(plan->axes[a].values[i]))
                return false;
    return true;
}

static enum status check_group(struct repeats *repeats, bool meant, struct error *error)
{
    struct plan *plan = repeats->plan;
    size_t count = plan->group_sizes[plan->axes[repeats->first].group];
    enum status status = STATUS_OK;

    if (meant && all_plain(repeats))
        goto out;
    TRY(memory_new(&repeats->tuples, count, sizeof *repeats->tuples, error));
    for (size_t p = 0; p < count; p++)
        TRY(meant ? add_meant(repeats, p, error) : add_written(repeats, p, error));
    TRY(tell(repeats, error));
out:
    memory_free(repeats->tuples);
    arena_release(&repeats->arena);
    return status;
}

static enum status check_groups(struct plan *plan, bool meant, struct diagnostics *found,
                                struct error *error)
{
    for (size_t first = 0, end; first < plan->axis_count; first = end) {
        for (end = first; end < plan->axis_count; end++)
            if (plan->axes[end].group != plan->axes[first].group)
                break;
        struct repeats repeats = {
            .plan = plan,
            .first = first,
            .end = end,
            .found = found,
            .message = meant ? "means the same as '%.100s', which is also on the axis"
                             : "the value is twice on its axis"};
        if (meant)
            grid_place(plan, plan->kept[0]);
        PASS(check_group(&repeats, meant, error));
    }
    if (meant)
        grid_place(plan, plan->kept[0]);
    return STATUS_OK;
}

enum status repeats_check_written(struct plan *plan, struct diagnostics *found, struct error *error)
{
    return check_groups(plan, false, found, error);
}

enum status repeats_check_meant(struct plan *plan, struct diagnostics *found, struct error *error)
{
    return check_groups(plan, true, found, error);
}
