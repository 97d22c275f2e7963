/* Values by epoch, as series: one line a grid point, mean and interval over its replicates. */
#ifndef UNDERSTUDY_REPORT_FIGURES_CURVE_SERIES_H
#define UNDERSTUDY_REPORT_FIGURES_CURVE_SERIES_H

#include "report/charts/chart.h"
#include "report/charts/line_styles.h"

struct curve {
    size_t count;
    const double *values;
};

/* GROUP/TRIAL/NAME of every trial that is done; a trial that has none gets an empty one. `group`
 * is "/curves" or "/timing/curves". */
MUST_CHECK enum status curves_read(const struct results *results, const struct points *points,
                                   const char *group, const char *name, struct arena *arena,
                                   struct curve **curves, struct error *error);

/* (*epochs)[i] [trials]: the epoch, from 1, after which trial i's curve is first as good as the
 * target; NaN where it never is. Lives in `arena`. */
MUST_CHECK enum status curves_reach(const struct curve *curves, size_t trials, enum metric metric,
                                    double target, struct arena *arena, double **epochs,
                                    struct error *error);

/* How the lines of the points that are `drawn` [points] are told apart: by their last scores, where
 * there are too many. */
MUST_CHECK enum status curves_styles(const struct points *points, const struct curve *scores,
                                     enum metric metric, const bool *drawn,
                                     struct line_styles *lines, struct error *error);

/* The curves of one role, and how their lines are told apart. */
struct curves {
    const struct points *points;
    const struct line_styles *lines;
    const struct curve *trials; /* [trials] */
    const struct curve *places; /* [trials]: x of each value; NULL: the epoch, from 1 */
    enum series_role role;
};

/* Of the replicate that has most. */
size_t curves_epochs(const struct curves *curves, size_t point);

/* The series "ROLE POINT" of this grid point, over the replicates that got that far; *series is
 * NULL where there are no values, else valid until the next of the chart is added. */
MUST_CHECK enum status curves_add(const struct curves *curves, size_t point, struct chart *chart,
                                  struct series **series, struct error *error);

/* How many replicates the means are of, whether the chart has intervals, and which lines have no
 * name. Appends. */
void curves_caption(const struct points *points, const struct line_styles *lines,
                    const struct curve *scores, const struct chart *chart, struct text *text);

#endif
