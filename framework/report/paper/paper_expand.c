/* A number that stands for many: one for each way to choose the trials. */
#include "report/paper/paper_private.h"

enum { MOST = 1000 }; /* numbers of one item */

/* `base` with those pairs of `more` whose keys it lacks. What is no mapping stays: it is a mistake,
 * which is found where the number is worked out. */
static enum status join(struct arena *arena, const struct yaml_node **base,
                        const struct yaml_node *more, struct error *error)
{
    enum status status = STATUS_OK;
    struct yaml_node *joined;

    if (!*base)
        *base = more;
    if (*base == more || (*base)->kind != YAML_MAPPING)
        return status;
    TRY(yaml_copy(arena, *base, &joined, error));
    for (size_t i = 0; i < more->count; i++)
        if (!yaml_get(joined, more->keys[i]->text))
            TRY(yaml_append(arena, joined, more->keys[i], more->items[i], error));
    *base = joined;
out:
    return status;
}

/* How many numbers the item stands for; 0, with a mistake, where that cannot be told. */
static enum status count_ways(struct reading *reading, const struct paper_number *number,
                              size_t *ways)
{
    const struct yaml_node *each = number->each, *wrong = NULL;

    *ways = 1;
    if (!each)
        return STATUS_OK;
    if (each->kind != YAML_SEQUENCE || each->count == 0)
        wrong = each;
    for (size_t i = 0; !wrong && i < each->count; i++) {
        const struct yaml_node *choices = each->items[i];
        if (choices->kind != YAML_MAPPING || choices->count == 0)
            wrong = choices;
        for (size_t k = 0; !wrong && k < choices->count; k++)
            if (choices->items[k]->kind != YAML_MAPPING)
                wrong = choices->items[k];
        *ways *= *ways > MOST ? 1 : choices->count;
    }
    if (!wrong && *ways <= MOST)
        return STATUS_OK;
    if (!wrong)
        wrong = each;
    const char *message = *ways > MOST
                              ? "these would be more than 1000 numbers%s"
                              : "expected a list of mappings from parts of names to columns' "
                                "values, as [{Small: {network.width: 4}}]%s";
    *ways = 0;
    return paper_mistake(reading, wrong->mark, "numbers", number->place, message, "");
}

/* The number of way `way`: of each list, which choice. The last list's changes first. */
static enum status make(struct reading *reading, const struct paper_number *item, size_t way,
                        struct paper_number *number)
{
    const struct yaml_node *each = item->each;
    struct arena *arena = &reading->paper->arena;
    enum status status = STATUS_OK;
    struct text name = {0};
    size_t left = 1;

    *number = *item;
    for (size_t i = 0; each && i < each->count; i++)
        left *= each->items[i]->count;
    text_append(&name, "%s", item->name);
    for (size_t i = 0; each && i < each->count; i++) {
        const struct yaml_node *choices = each->items[i];
        left /= choices->count;
        size_t k = way / left % choices->count;
        text_append(&name, "%s", choices->keys[k]->text);
        TRY(join(arena, &number->where, choices->items[k], reading->error));
        if (number->against)
            TRY(join(arena, &number->against, choices->items[k], reading->error));
    }
    TRY(text_keep(&name, arena, &number->name, reading->error));
out:
    text_release(&name);
    return status;
}

enum status paper_each(struct reading *reading, const struct paper_number *items, size_t count)
{
    struct paper *paper = reading->paper;
    size_t *ways, total = 0;

    paper->number_count = 0;
    PASS(arena_new(&paper->arena, &ways, count, sizeof *ways, reading->error));
    for (size_t i = 0; i < count; i++) {
        PASS(count_ways(reading, &items[i], &ways[i]));
        total += ways[i];
    }
    PASS(arena_new(&paper->arena, &paper->numbers, total, sizeof *paper->numbers, reading->error));
    for (size_t i = 0; i < count; i++)
        for (size_t way = 0; way < ways[i]; way++)
            PASS(make(reading, &items[i], way, &paper->numbers[paper->number_count++]));
    return STATUS_OK;
}
