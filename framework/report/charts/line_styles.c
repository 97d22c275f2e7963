#include "report/charts/line_styles.h"

#include <math.h>
#include <string.h>

/* As many as can be told apart at a glance. */
enum { COLOURS = 8, DASHES = 4 };

/* The number of different values on an axis. */
static size_t axis_values(const struct points *points, size_t axis)
{
    const char *const *texts = points->axes[axis].texts;
    size_t count = 0;

    for (size_t a = 0; a < points->count; a++) {
        bool seen = false;
        for (size_t b = 0; b < a && !seen; b++)
            seen = strcmp(texts[points->first[a]], texts[points->first[b]]) == 0;
        count += !seen;
    }
    return count;
}

/* Colour for the axis that is a word, else for the longer one, if dashes suffice for the other. */
static bool choose_axes(const struct points *points, struct line_styles *lines)
{
    if (points->axis_count != 2)
        return false;
    const size_t values[2] = {axis_values(points, 0), axis_values(points, 1)};
    const bool word[2] = {points->axes[0].text, points->axes[1].text};
    size_t longer = values[1] > values[0];
    size_t colour = word[0] == word[1] ? longer : word[1];

    if (values[!colour] > DASHES)
        colour = longer;
    lines->colour = colour;
    lines->dash = !colour;
    return values[colour] <= COLOURS && values[!colour] <= DASHES;
}

/* How many lines come before this one; of equal ones, the first of the grid. */
static size_t rank_of(const struct points *points, const bool *drawn, const double *worth, size_t p)
{
    size_t rank = 0;

    for (size_t q = 0; q < points->count; q++) {
        bool better = worth[q] > worth[p] || (isnan(worth[p]) && !isnan(worth[q]));
        bool equal = worth[q] == worth[p] || (isnan(worth[p]) && isnan(worth[q]));
        rank += drawn[q] && (better || (equal && q < p));
    }
    return rank;
}

struct line_styles line_styles_choose(const struct points *points, const bool *drawn,
                                      const double *worth)
{
    struct line_styles lines = {LINE_STYLES_BY_NAME, 0, 0, 0, {0}};

    for (size_t p = 0; p < points->count; p++)
        lines.count += drawn[p];
    if (lines.count <= COLOURS)
        return lines;
    lines.by = choose_axes(points, &lines) ? LINE_STYLES_BY_AXES : LINE_STYLES_BY_SAMPLE;
    for (size_t p = 0; p < points->count && lines.by == LINE_STYLES_BY_SAMPLE; p++)
        for (size_t k = 0; k < 3 && drawn[p]; k++)
            if (rank_of(points, drawn, worth, p) == k * (lines.count - 1) / 2)
                lines.sample[k] = p;
    return lines;
}

static bool sampled(const struct line_styles *lines, size_t point)
{
    return point == lines->sample[0] || point == lines->sample[1] || point == lines->sample[2];
}

void line_styles_style(const struct line_styles *lines, const struct points *points, size_t point,
                       struct text *colour, struct text *dash)
{
    if (lines->by == LINE_STYLES_BY_AXES) {
        points_place(points, point, lines->colour, colour);
        points_place(points, point, lines->dash, dash);
    } else if (points->axis_count == 0) {
        text_append(colour, "network");
    } else if (lines->by == LINE_STYLES_BY_NAME || sampled(lines, point)) {
        points_label(points, point, true, colour);
    }
}

bool line_styles_banded(const struct line_styles *lines, size_t point)
{
    return lines->by == LINE_STYLES_BY_NAME ||
           (lines->by == LINE_STYLES_BY_SAMPLE && sampled(lines, point));
}
