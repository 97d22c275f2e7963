/* A chart to a PDF, a PNG and the CSV that both are drawn from. */
#ifndef UNDERSTUDY_REPORT_DRAWING_H
#define UNDERSTUDY_REPORT_DRAWING_H

#include "base/text.h"
#include "report/chart.h"

struct drawing {
    const char *template; /* in HOME/plots: "performance.gp" */
    const char *home;
    const char *base;         /* path of the outputs, without ending */
    bool log_x;               /* logarithmic where all values are positive */
    bool zero_x;              /* x has its zero on the axis */
    bool tics_at_values;      /* label the values of x themselves, where there is room */
    const struct text *extra; /* further assignments for the template; may be NULL */
};

/*
 * Write BASE.csv, BASE.pdf and BASE.png under temporary names, then rename all three. The template
 * is loaded once for each picture, with the variables
 *
 *     format, output        'pdf' or 'png', and the file to draw
 *     home, data            the folder above plots/, and the CSV
 *     caption, x_label, y_label, y2_label      with units
 *     x_low, x_high, x_log, x_tics, x_marks, y_…, y2_…     the axes; marks are tics without labels
 *     x_width, …            characters of the axis's longest label
 *     series                their number, and the arrays role, label, first, last (rows in the
 *                           CSV, from 0), rank (the how-many-th of its role, from 0), colour_word,
 *                           dash_word (what these say), and colour_rank, dash_rank (the how-many-th
 *                           such word, from 0)
 */
MUST_CHECK enum status drawing_run(const struct drawing *drawing, const struct chart *chart,
                                   struct error *error);

/* The same for the chart stored in `group` of a results file. */
MUST_CHECK enum status drawing_stored(const struct drawing *drawing, struct hdf5 *file,
                                      const char *group, struct error *error);

/* Write a whole file; nothing is left of it on failure. */
MUST_CHECK enum status drawing_file(const char *path, const void *bytes, size_t length,
                                    struct error *error);

#endif
