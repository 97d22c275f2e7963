/* Grid points: their number, their values, and how they are put into the tree. */
#include "plan/steps.h"

#include <string.h>

size_t grid_points(const struct plan *plan, size_t most)
{
    size_t points = 1;

    for (size_t g = 0; g < plan->group_count; g++)
        if (!memory_multiply(points, plan->grid_sizes[g], &points) || points > most)
            return most + 1;
    return points + plan->also_count > most ? most + 1 : points + plan->also_count;
}

/* The positions of a point of `also:`; NULL: it is one of the grid. */
static const uint32_t *also_at(const struct plan *plan, size_t point)
{
    return plan->also_count && point >= plan->grid_count
               ? &plan->also[(point - plan->grid_count) * plan->group_count]
               : NULL;
}

size_t grid_position(const struct plan *plan, size_t point, size_t group)
{
    const uint32_t *also = also_at(plan, point);

    for (size_t g = plan->group_count - 1; g > group && !also; g--)
        point /= plan->grid_sizes[g];
    return also ? also[group] : point % plan->grid_sizes[group];
}

void grid_place(struct plan *plan, size_t point)
{
    size_t positions[PLAN_MAX_AXES];

    grid_positions(plan, point, positions);
    for (size_t a = 0; a < plan->axis_count; a++) {
        const struct plan_axis *axis = &plan->axes[a];
        axis->parent->items[axis->slot] = axis->values[positions[axis->group]];
    }
}

void grid_place_group(struct plan *plan, size_t group, size_t position)
{
    for (size_t a = 0; a < plan->axis_count; a++)
        if (plan->axes[a].group == group)
            plan->axes[a].parent->items[plan->axes[a].slot] = plan->axes[a].values[position];
}

void grid_positions(const struct plan *plan, size_t point, size_t positions[PLAN_MAX_AXES])
{
    const uint32_t *also = also_at(plan, point);

    for (size_t g = plan->group_count; g-- > 0; point /= plan->grid_sizes[g])
        positions[g] = also ? also[g] : point % plan->grid_sizes[g];
}

bool path_touches(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (!*a && (!*b || *b == '.' || *b == '[')) || (!*b && (*a == '.' || *a == '['));
}

uint64_t plan_groups_at(const struct plan *plan, const char *path)
{
    uint64_t groups = 0;

    for (size_t i = 0; i < plan->change_count; i++)
        if (path_touches(plan->changes[i].path, path))
            groups |= plan->changes[i].groups;
    return groups;
}

/* Not the section's plain fields: their values say nothing about the kind. */
uint64_t plan_select_groups(const struct plan *plan, const char *section)
{
    size_t length = strlen(section);
    const struct field *table = experiment_fields;
    uint64_t groups = 0;

    while (strcmp(table->name, section) != 0)
        table++;
    for (size_t i = 0; i < plan->change_count; i++) {
        const char *path = plan->changes[i].path;
        bool plain = false;
        if (!path_touches(path, section))
            continue;
        for (const struct field *field = table->fields; strlen(path) > length && field->name;
             field++)
            plain = plain || (field->type != FIELD_SELECT && !field->opens &&
                              path_touches(path + length + 1, field->name));
        groups |= plain ? 0 : plan->changes[i].groups;
    }
    return groups;
}

void combination_make(struct combination *combination, const struct plan *plan, uint64_t groups)
{
    combination->count = 1;
    combination->groups = 0;
    for (size_t g = plan->group_count; g-- > 0;)
        if (groups >> g & 1) {
            combination->group[combination->groups] = (uint32_t)g;
            combination->stride[combination->groups++] = combination->count;
            combination->count *= plan->group_sizes[g];
        }
}

size_t combination_at(const struct combination *combination, const size_t *positions)
{
    size_t place = 0;

    for (size_t i = 0; i < combination->groups; i++)
        place += positions[combination->group[i]] * combination->stride[i];
    return place;
}

static void print_container(const struct yaml_node *value, struct text *text)
{
    bool mapping = value->kind == YAML_MAPPING;

    text_append(text, mapping ? "{" : "[");
    for (size_t i = 0; i < value->count; i++) {
        text_append(text, "%s", i ? ", " : "");
        if (mapping) {
            yaml_print(value->keys[i], text);
            text_append(text, ": ");
        }
        grid_value_print(value->items[i], text);
    }
    text_append(text, mapping ? "}" : "]");
}

void grid_value_print(const struct yaml_node *value, struct text *text)
{
    double number;
    int64_t integer;

    if (value->kind != YAML_SCALAR)
        print_container(value, text);
    else if (yaml_integer(value, &integer))
        text_append(text, "%lld", (long long)integer);
    else if (yaml_real(value, &number))
        text_append_real(text, number == 0 ? 0 : number); /* -0 is 0 */
    else
        yaml_print(value, text);
}

const struct yaml_node *plan_value(const struct plan *plan, size_t index, size_t axis)
{
    return plan_point_value(plan, plan->kept[index / (size_t)plan->base.replicates], axis);
}

const struct yaml_node *plan_point_value(const struct plan *plan, size_t point, size_t axis)
{
    return plan->axes[axis].values[grid_position(plan, point, plan->axes[axis].group)];
}

bool plan_same(const struct plan *plan, const char *path)
{
    return plan_groups_at(plan, path) == 0;
}

size_t plan_input(const struct plan *plan, size_t index)
{
    struct combination combination;
    size_t positions[PLAN_MAX_AXES];

    combination_make(&combination, plan, plan_select_groups(plan, "dataset"));
    grid_positions(plan, plan->kept[index / (size_t)plan->base.replicates], positions);
    return combination_at(&combination, positions);
}

size_t plan_inputs(const struct plan *plan)
{
    struct combination combination;

    combination_make(&combination, plan, plan_select_groups(plan, "dataset"));
    return combination.count;
}
