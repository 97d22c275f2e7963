#include "interfaces/figure_style.h"

static const char *const scales[] = {"auto", "linear", "log", NULL};
const char *const legend_places[] = {"top", "right", "none", NULL};
const char *const figure_themes[] = {"light", "dark", NULL};

#define AT(member) offsetof(struct axis_style, member)

const struct field axis_style_fields[] = {
    {"label", FIELD_TEXT, AT(label), .default_value = "\"\"", .unsaid = true,
     .help = "what stands beside the axis, before the unit"},
    {"range", FIELD_REALS, AT(range), .default_value = "[]", .unsaid = true,
     .help = "the axis's two ends, in `unit` where that is given, else in the unit of the table of "
             "trials: seconds, joules, bytes, shares of 1"},
    {"scale", FIELD_CHOICE, AT(scale), .default_value = "auto", .choices = scales, .unsaid = true,
     .help = "auto: the figure's own; log: where all values are positive"},
    {"unit", FIELD_TEXT, AT(unit), .default_value = "\"\"", .unsaid = true,
     .help = "unit of the numbers at the axis, as ms, kJ, MB or %; of a quantity without unit it "
             "is written as it stands"},
    {0}};

static const char *range_mistake(const struct axis_style *axis)
{
    const struct real_list *range = &axis->range;

    if (range->count == 0)
        return NULL;
    if (range->count != 2 || !(range->items[0] < range->items[1]))
        return "expected two numbers, the smaller one first";
    if (axis->scale == AXIS_LOG && !(range->items[0] > 0))
        return "a logarithmic axis begins above 0";
    return NULL;
}

const char *figure_style_mistake(const struct figure_style *style, const char **path)
{
    const struct {
        const char *path;
        const struct axis_style *axis;
    } axes[] = {
        {"x_axis.range", &style->x}, {"y_axis.range", &style->y}, {"y2_axis.range", &style->y2}};

    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        const char *mistake = range_mistake(axes[i].axis);
        *path = axes[i].path;
        if (mistake)
            return mistake;
    }
    *path = "size";
    if (style->size.count != 0 && style->size.count != 2)
        return "expected two numbers: width and height";
    return NULL;
}
