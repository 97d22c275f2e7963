/* Any column of the table of trials, for an axis: its values, and what they are called. */
#ifndef UNDERSTUDY_REPORT_FIGURES_FIGURE_COLUMN_H
#define UNDERSTUDY_REPORT_FIGURES_FIGURE_COLUMN_H

#include "report/charts/drawing.h"
#include "results/grid_means.h"

struct figure_column {
    const char *name; /* in full */
    double *values;   /* [trials] */
    struct axis_words words;
    bool scored; /* it is of `metric` */
    enum metric metric;
};

/*
 * `name`: a column, or the end of one of network.test.…, network.…, hardware.MACHINE.…: "ssim",
 * "multiply_adds", "energy_j". Times are named in full, timing.network.seconds_per_image: a figure
 * with one is stored apart. Lives in `arena`. STATUS_DATA, with the nearest name, where there is
 * none, or it is text.
 */
MUST_CHECK enum status figure_column_read(const struct results *results,
                                          const struct points *points, const char *name,
                                          struct arena *arena, struct figure_column *column,
                                          struct error *error);
/* The score that `given` names; "": the first on the validation images, of agreement where no truth
 * is known. */
const char *figure_column_score(const struct results *results, const char *given);
/* Is it named as a column of times? */
bool figure_column_is_time(const char *name);
/* Where the column upwards is a score: what it can be. */
void figure_column_bound(const struct results *results, const char *name, struct drawing *drawing);

/* A mark for each grid point, mean and interval over replicates, in series of role `role`: one for
 * each different text of the column `by` ("": one in all). */
MUST_CHECK enum status
figure_column_marks(const struct results *results, const struct points *points,
                    const struct figure_column *x, const struct figure_column *y, const char *by,
                    enum series_role role, struct chart *chart, struct error *error);

#endif
