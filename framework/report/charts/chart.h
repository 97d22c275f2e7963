/*
 * A chart: the series that a figure draws and the words around them, between the computation (which
 * makes one) and the results file (which keeps it), and between the file and the drawing.
 *
 *     /figures/NAME            attributes caption, x_label, x_unit, y_label, …
 *                              (/timing/figures/NAME where it draws times)
 *     /figures/NAME/order      the series' names, in the order of drawing
 *     /figures/NAME/SERIES     attributes label (in the key) and role (how it is drawn); of curves,
 *                              colour and dash too
 *     /figures/NAME/SERIES/x   also y, low, high: float64; low and high are the ends of the 95 %
 *                              interval, NaN where there is none
 *
 * Values are in base units (joules, seconds, shares of 1); only the labels of the axes are scaled.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_CHART_H
#define UNDERSTUDY_REPORT_CHARTS_CHART_H

#include "base/text.h"
#include "io/hdf5/hdf5.h"

enum { CHART_PANELS = 2 }; /* at most, one above the other, sharing x */
enum { CHART_MOST_SERIES = 20000 };

/* How a series is drawn: by the templates, which know it by its name in series_roles. */
enum series_role {
    ROLE_NETWORK, /* lines with marks and bars */
    ROLE_NONE,    /* the controls of a filter */
    ROLE_RANDOM,
    ROLE_ORACLE,
    ROLE_EPOCHS_NETWORK, /* the same four in the second panel */
    ROLE_EPOCHS_NONE,
    ROLE_EPOCHS_RANDOM,
    ROLE_EPOCHS_ORACLE,
    ROLE_MANUAL, /* networks on other labels than the pipeline's */
    ROLE_TRUTH,
    ROLE_TRUTH_ACROSS, /* a dashed line with a band */
    ROLE_PIPELINE,     /* lines through the whole width */
    ROLE_DEGRADED,
    ROLE_PIPELINE_LINE,      /* the pipeline where it depends on x */
    ROLE_PIPELINE_COST,      /* one mark */
    ROLE_SELECTED,           /* a ring */
    ROLE_REFERENCE_PIPELINE, /* open marks */
    ROLE_REFERENCE_NETWORK,
    ROLE_SCORE, /* thin lines */
    ROLE_LOSS,  /* in the second panel */
    ROLE_TEST,  /* marks on a thin line */
    ROLE_PASSED,
    ROLE_TARGET,     /* a line through the whole width with its label on it */
    ROLE_GUARDED,    /* a line with a band */
    ROLE_GUARD_BEST, /* lines */
    ROLE_GUARD_RANDOM,
    ROLE_GUARD_SMALL, /* marks */
    ROLE_GUARD_OTHER,
    ROLE_INT8, /* marks with bars */
    ROLE_FLOAT32,
    ROLE_MARKS,      /* marks with bars */
    ROLE_FRONT,      /* a line in steps, from each place to the right */
    ROLE_BINS,       /* bars: each from its x to the next, as high as its y */
    ROLE_CELLS,      /* a row of a matrix: counts */
    ROLE_PROFILE,    /* a line over axes that stand side by side at 1, 2 … from 0 to 1 */
    ROLE_AXIS_NAME,  /* what stands above such an axis */
    ROLE_AXIS_VALUE, /* what stands beside it, at its place */
    ROLE_LABEL,      /* numbers that are written, not plotted */
    SERIES_ROLES
};

struct series_role_facts {
    const char *name; /* in files and templates */
    int panel;        /* -1: none */
    bool across;      /* drawn through the whole width */
};
extern const struct series_role_facts series_roles[SERIES_ROLES];

struct series {
    const char *name, *label;
    enum series_role role;
    size_t point; /* of the grid, the first that the line stands for; not kept in files */
    /* What the line's colour and its dashes say, for the key; NULL: colour says the label, dashes
     * nothing. A curve whose colour says "" is grey. */
    const char *colour, *dash;
    size_t count;
    double *x, *y, *low, *high; /* [count] */
};

struct axis_words {
    const char *label;
    const char *unit; /* "J", "s", "dB", "count", "whole", "share", or "1" for none */
};

struct chart {
    struct arena arena; /* owns all of it */
    const char *caption;
    struct axis_words x, y[CHART_PANELS];
    struct series *series;
    size_t count, capacity;
};

/* A series of `count` places, all NaN; texts are copied, and a name that is
 * taken gets a number. *series is valid until the next call. */
MUST_CHECK enum status chart_add(struct chart *chart, const char *name, const char *label,
                                 enum series_role role, size_t count, struct series **series,
                                 struct error *error);
/* What colour and dashes of the series say; texts are copied. */
MUST_CHECK enum status chart_style(struct chart *chart, struct series *series, const char *colour,
                                   const char *dash, struct error *error);
/* Does any series have an interval? A caption promises none where there is none. */
bool chart_has_intervals(const struct chart *chart);
/* Safe on {0}. */
void chart_release(struct chart *chart);

MUST_CHECK enum status chart_write(const struct chart *chart, struct hdf5 *file, const char *group,
                                   struct error *error);
MUST_CHECK enum status chart_read(struct chart *chart, struct hdf5 *file, const char *group,
                                  struct error *error);

/* Tidy CSV: series,x,y,low,high, in the order of drawing. */
MUST_CHECK enum status chart_csv(const struct chart *chart, struct text *csv, struct error *error);

#endif
