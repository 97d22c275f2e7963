/*
 * How the lines of many grid points are told apart in one picture. Up to eight have a colour each.
 * More have the colour of one axis of the grid and the dashes of the other, where there are two
 * axes of few values. Else the best, the middle and the worst have a colour, the others are grey.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_LINE_STYLES_H
#define UNDERSTUDY_REPORT_CHARTS_LINE_STYLES_H

#include "results/grid_means.h"

enum line_styles_by { LINE_STYLES_BY_NAME, LINE_STYLES_BY_AXES, LINE_STYLES_BY_SAMPLE };

struct line_styles {
    enum line_styles_by by;
    size_t count;        /* lines in all */
    size_t colour, dash; /* LINE_STYLES_BY_AXES: which axes of the grid */
    size_t sample[3];    /* LINE_STYLES_BY_SAMPLE: the best, the middle and the worst grid point */
};

/* `drawn` [points]: those that have a line; `worth` [points]: what they are ranked by, the larger
 * the better; NaN, the worst of all, where nothing is known. */
struct line_styles line_styles_choose(const struct points *points, const bool *drawn,
                                      const double *worth);

/* What colour and dashes of this point's line say; nothing is appended where they say nothing. */
void line_styles_style(const struct line_styles *lines, const struct points *points, size_t point,
                       struct text *colour, struct text *dash);

/* Has this point's line a band for its interval? Those of many lines would hide each other. */
bool line_styles_banded(const struct line_styles *lines, size_t point);

#endif
