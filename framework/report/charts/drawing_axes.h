/* The axes of a drawing: their ranges, and the variables that tell the template. Private to
 * drawing.c. */
#ifndef UNDERSTUDY_REPORT_CHARTS_DRAWING_AXES_H
#define UNDERSTUDY_REPORT_CHARTS_DRAWING_AXES_H

#include "report/charts/drawing.h"

/* The panel that a series is in; -1: none. */
static inline int drawing_panel(const struct series *series)
{
    return series_roles[series->role].panel;
}

/* What values of a panel can be. */
struct axis_limits drawing_limits(const struct drawing *drawing, const struct chart *chart,
                                  int panel);
/* x_low, x_high, … (drawing.h) of all axes. */
MUST_CHECK enum status drawing_axes(struct text *script, const struct drawing *drawing,
                                    const struct chart *chart, struct error *error);

#endif
