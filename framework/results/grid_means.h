/*
 * Grid points: the trials of a results file put together by their replicates, and the axes that
 * tell points apart. What failed is known and left out of every mean.
 */
#ifndef UNDERSTUDY_RESULTS_GRID_MEANS_H
#define UNDERSTUDY_RESULTS_GRID_MEANS_H

#include "math/statistics.h"
#include "results/results.h"

struct axis_column {
    const char *name;   /* as "network.width" */
    const char **texts; /* [trials] */
    bool text;          /* the values are words, not numbers */
    bool line;          /* for the caller: tells lines of a figure apart */
};

struct points {
    size_t count;
    size_t *first; /* [count + 1]: point p has the trials first[p] … first[p + 1] - 1 */
    size_t trials;
    size_t failed;            /* trials that are not done */
    size_t unfinished;        /* of those: the ones that a run still going on has left */
    size_t suspect;           /* of those that are: they count as any other */
    bool *done;               /* [trials] */
    double *replicate;        /* [trials], from 0 */
    size_t replicates;        /* largest number of replicates of a point */
    struct axis_column *axes; /* those that take more than one value, in the plan's order */
    size_t axis_count;
    size_t fixed_count;  /* behind them: axes of one value, the plan's or a figure's `where` */
    const char *dataset; /* its name in the plan; NULL: it is on an axis */
    const struct yaml_node *labels; /* what the plan calls axes and values; NULL: nothing said */
};

/* All of it lives in `arena`. The axes are the columns that stand under `grid` or `zip` of
 * /plan/resolved. */
MUST_CHECK enum status points_read(const struct results *results, struct arena *arena,
                                   struct points *points, struct error *error);

/* The same place on every axis that is marked as telling lines apart? */
bool points_same_line(const struct points *points, size_t a, size_t b);

/* Mean and 95 % interval over replicates of `values` [trials] at the points for which `chosen`
 * [points] holds (NULL: all): the mean over the points first, replicate by replicate. Trials that
 * failed and values that are not finite are left out. */
MUST_CHECK enum status points_interval(const struct points *points, const double *values,
                                       const bool *chosen, struct interval *interval,
                                       struct error *error);
/* The same for one point. */
MUST_CHECK enum status points_interval_at(const struct points *points, const double *values,
                                          size_t point, struct interval *interval,
                                          struct error *error);

/* Trials that are done whose value is not finite, and the words of a caption on them: "; 2 trials
 * without a finite score left out", nothing where there are none. */
size_t points_unscored(const struct points *points, const double *values);
void points_unscored_remark(size_t count, struct text *text);

/* What tells this point apart, in the axes for which `line` is as asked: for people, as
 * "width 4, fraction 0.05", and for names, as "network.width=4 filter.fraction=0.05"; nothing is
 * appended where there are no such axes. */
void points_label(const struct points *points, size_t point, bool line, struct text *text);
/* "trial 6: width 16" */
void points_label_trial(const struct points *points, size_t trial, struct text *text);
void points_name(const struct points *points, size_t point, bool line, struct text *text);

/* Is it one and the same at all points of the grid? */
enum agreement {
    POINTS_EQUAL, /* replicate by replicate: nothing on the axes changes it */
    POINTS_AGREE, /* every two points' intervals overlap */
    POINTS_DIFFER,
};
MUST_CHECK enum status points_agreement(const struct points *points, const double *values,
                                        enum agreement *agreement, struct error *error);

/* "mean and 95 % interval, 3 replicates; 1 of 12 trials failed and is left out"; without
 * `intervals`, "mean of 3 replicates; …" */
void points_caption(const struct points *points, bool intervals, struct text *text);
/* What one axis says of this point: "width 4"; where `labels:` has a word for the axis "filters 4",
 * for the value that alone. */
void points_place(const struct points *points, size_t point, size_t axis, struct text *text);

/* What `labels:` calls an axis, and a value of it (numbers may be spelt in another way); NULL:
 * nothing. */
const char *points_axis_label(const struct points *points, const char *axis);
const char *points_value_label(const struct points *points, const char *axis, const char *value);

#endif
