/*
 * Axes: ranges, tic marks and units, worked out here so that gnuplot draws the same on every
 * machine and numbers read well: 1-2-5 steps, SI prefixes, few labels on logarithmic axes.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_AXIS_H
#define UNDERSTUDY_REPORT_CHARTS_AXIS_H

#include "base/text.h"

struct axis {
    double low, high;
    bool log;
};

/* What the quantity on an axis can be: an accuracy 0 … 1, a count 0 … infinity. */
struct axis_limits {
    double least, most;
};

extern const struct axis_limits axis_no_limits;

/* Can an axis show it? Finite, and at most 1e100 in magnitude: beyond, steps between tics and
 * gnuplot's own arithmetic overflow. */
bool axis_shows(double value);
/* Within the limits; NaN stays NaN. */
double axis_hold(const struct axis_limits *limits, double value);

/* Nothing included yet. */
struct axis axis_empty(void);
/* What an axis cannot show is passed over. */
void axis_include(struct axis *axis, double value);
/* Widen the range a little; logarithmic where asked for and all values are positive, 1e-100 at
 * least. An axis with nothing on it becomes 0 … 1. */
void axis_finish(struct axis *axis, bool log);
/* The same, but no wider than the limits, unless a value lies beyond them. */
void axis_finish_within(struct axis *axis, bool log, const struct axis_limits *limits);
/* Include a value, without padding, in an axis that is finished; a logarithmic one passes over what
 * is not positive. */
void axis_extend(struct axis *axis, double value);

/*
 * Append the inside of gnuplot's explicit tics, `"1" 1e-06, "" 2e-06 1, …`, and to `name` the unit
 * in brackets, " (µJ)", if any. `unit` is "J", "s" (with SI prefixes), "share" (in percent),
 * "count" (k, M, G behind the number), "whole" (whole numbers), "1" (none) or what else stands
 * behind the number. Labels stand at `at` [count] where these are far enough apart.
 */
void axis_tics(const struct axis *axis, const char *unit, const double *at, size_t count,
               struct text *tics, struct text *name);

/* The same in a unit that is asked for, `factor` times the numbers. */
void axis_tics_in(const struct axis *axis, const char *unit, double factor, struct text *tics,
                  struct text *name);

#endif
