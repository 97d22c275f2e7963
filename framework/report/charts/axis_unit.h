/* Units at an axis: "ms" where a quantity is kept in seconds. */
#ifndef UNDERSTUDY_REPORT_CHARTS_AXIS_UNIT_H
#define UNDERSTUDY_REPORT_CHARTS_AXIS_UNIT_H

#include <stdbool.h>

/* How many of `wanted` make one of `unit`, in which values are kept: 1000 for "ms" and "s". False
 * where the quantity is known and has no such unit; of a quantity without unit, or with one that
 * stands for itself, any is its name, and the factor 1. */
bool axis_unit_factor(const char *unit, const char *wanted, double *factor);

#endif
