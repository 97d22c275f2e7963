/* A chart to a PDF, a PNG and the CSV that both are drawn from. */
#ifndef UNDERSTUDY_REPORT_CHARTS_DRAWING_H
#define UNDERSTUDY_REPORT_CHARTS_DRAWING_H

#include "base/text.h"
#include "interfaces/figure_style.h"
#include "report/charts/axis.h"
#include "report/charts/chart.h"

struct drawing {
    const char *home;
    const char *base;  /* path of the outputs, without ending */
    struct hdf5 *file; /* where the series are stored, under `group` */
    const char *group;
    const struct figure_style *style; /* what the user wants; NULL: nothing */

    /* What a figure's shape() fills in. */
    const char *template; /* in HOME/plots: "performance.gp" */
    bool log_x;           /* logarithmic where all values are positive */
    bool log_y;           /* the same of the first panel */
    bool zero_x, zero_y;  /* the axis has its zero on it */
    bool tics_at_values;  /* label the values of x themselves, where there is room */
    bool two_panels;      /* the template draws both, whatever is in them */
    bool bounded;         /* scores of the first panel can be no more than `scores` says; else
                             whatever their unit allows */
    struct axis_limits scores;

    const struct text *extra; /* further assignments for the template; may be NULL */
};

/*
 * Write BASE.csv, BASE.pdf and BASE.png under temporary names, then rename all three. The template
 * is loaded once for each picture, with the variables
 *
 *     format, output        'pdf' or 'png', and the file to draw
 *     home                  the folder above plots/
 *     caption, x_label, y_label, y2_label      with units
 *     title, page_width, page_height_wanted (inches; 0: as it comes out), legend, theme     the
 *                                              style's
 *     x_low, x_high, x_log, x_tics, x_marks, y_…, y2_…     the axes; marks are tics without labels
 *     y_least, y_most       what can be: intervals are drawn no further (1e300 for infinity)
 *     x_width, …            characters of the axis's longest label
 *     series                their number, and the arrays role, label, places (its values), rank
 * (the how-many-th of its role, from 0), colour_word, dash_word (what these say), and colour_rank,
 * dash_rank (the how-many-th such word, from 0) $series_1 …           their rows, with the CSV's
 * columns; where there are very many, long lines are thinned
 *
 * What networks have in front of their labels in common is left out. Values that no axis can show
 * (NaN, infinities, beyond 1e100), or that would flatten all others (charts/fence.h), and intervals
 * that are cut at what can be, are told in the caption. STATUS_DATA where series do not fit the
 * template.
 */
MUST_CHECK enum status drawing_run(const struct drawing *drawing, const struct chart *chart,
                                   struct error *error);

/* The same for the stored chart. */
MUST_CHECK enum status drawing_stored(const struct drawing *drawing, struct error *error);

/* Write a whole file; nothing is left of it on failure. */
MUST_CHECK enum status drawing_file(const char *path, const void *bytes, size_t length,
                                    struct error *error);

#endif
