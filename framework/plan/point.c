/* Grid points: their number, their values, and how they are put into the tree. */
#include "plan/steps.h"

size_t grid_points(const struct plan *plan, size_t most)
{
    size_t points = 1;

    for (size_t g = 0; g < plan->group_count; g++)
        if (!memory_multiply(points, plan->group_sizes[g], &points) || points > most)
            return most + 1;
    return points;
}

size_t grid_position(const struct plan *plan, size_t point, size_t group)
{
    for (size_t g = plan->group_count - 1; g > group; g--)
        point /= plan->group_sizes[g];
    return point % plan->group_sizes[group];
}

void grid_place(struct plan *plan, size_t point)
{
    size_t axis = plan->axis_count;

    for (size_t g = plan->group_count; g-- > 0; point /= plan->group_sizes[g])
        for (; axis > 0 && plan->axes[axis - 1].group == g; axis--) {
            const struct plan_axis *at = &plan->axes[axis - 1];
            at->parent->items[at->slot] = at->values[point % plan->group_sizes[g]];
        }
}

void grid_place_group(struct plan *plan, size_t group, size_t position)
{
    for (size_t a = 0; a < plan->axis_count; a++)
        if (plan->axes[a].group == group)
            plan->axes[a].parent->items[plan->axes[a].slot] = plan->axes[a].values[position];
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
        text_append_real(text, number);
    else
        yaml_print(value, text);
}
