/* The axes of a drawing: their ranges, for pictures and page alike, and the variables that tell the
 * template. */
#ifndef UNDERSTUDY_REPORT_CHARTS_DRAWING_AXES_H
#define UNDERSTUDY_REPORT_CHARTS_DRAWING_AXES_H

#include "report/charts/drawing.h"
#include "report/charts/fence.h"

struct drawn_panel {
    struct axis axis;
    struct axis_limits limits; /* what values can be */
    struct fence fence;        /* what the axis holds */
};

struct drawn_axes {
    struct axis x;
    struct drawn_panel panels[CHART_PANELS];
    bool strange_unit; /* one is asked for that the quantity does not have */
};

/* The panel that a series is in; -1: none. */
static inline int drawing_panel(const struct series *series)
{
    return series_roles[series->role].panel;
}

MUST_CHECK enum status drawing_axes_find(const struct drawing *drawing, const struct chart *chart,
                                         struct drawn_axes *axes, struct error *error);
/* x_low, x_high, … (drawing.h) of all axes. */
MUST_CHECK enum status drawing_axes_set(struct text *script, const struct drawing *drawing,
                                        const struct chart *chart, const struct drawn_axes *axes,
                                        struct error *error);

#endif
