/*
 * What an axis leaves out: lines and marks so far from all others that these would look like one.
 * They are of trials that diverged. An axis that holds them shows nothing else.
 */
#ifndef UNDERSTUDY_REPORT_CHARTS_FENCE_H
#define UNDERSTUDY_REPORT_CHARTS_FENCE_H

#include "report/charts/chart.h"

struct fence {
    double low, high;     /* of the last value of a curve, of the value of a mark */
    size_t beyond, items; /* curves and marks outside, and in all */
    double farthest;      /* the value outside that is farthest from the middle */
};

/* Keeps all in, where no more than a third are far out, or where they do not flatten the others.
 * `log`: the axis is logarithmic. */
MUST_CHECK enum status fence_find(const struct chart *chart, int panel, bool log,
                                  struct fence *fence, struct error *error);

/* Does the axis hold value k of the series? Of a curve, all or none. */
bool fence_holds(const struct fence *fence, const struct series *series, size_t k);

#endif
