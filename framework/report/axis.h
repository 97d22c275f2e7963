/*
 * Axes: ranges, tic marks and units, worked out here so that gnuplot draws the same on every
 * machine and numbers read well: 1-2-5 steps, SI prefixes, few labels on logarithmic axes.
 */
#ifndef UNDERSTUDY_REPORT_AXIS_H
#define UNDERSTUDY_REPORT_AXIS_H

#include "base/text.h"

struct axis {
    double low, high;
    bool log;
};

/* Nothing included yet. */
struct axis axis_empty(void);
/* What is not finite is passed over. */
void axis_include(struct axis *axis, double value);
/* Widen the range a little; logarithmic where asked for and all values are positive. An axis with
 * nothing on it becomes 0 … 1. */
void axis_finish(struct axis *axis, bool log);

/*
 * Append the inside of gnuplot's explicit tics, `"1" 1e-06, "" 2e-06 1, …`, and to `name` the unit
 * in brackets, " (µJ)", if any. `unit` is "J", "s" (with SI prefixes), "share" (in percent),
 * "count" (k, M, G behind the number), "whole" (whole numbers), "1" (none) or what else stands
 * behind the number. Labels stand at `at` [count] where these are far enough apart.
 */
void axis_tics(const struct axis *axis, const char *unit, const double *at, size_t count,
               struct text *tics, struct text *name);

#endif
