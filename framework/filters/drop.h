/* What filters share: dropping the most suspect items. */
#ifndef UNDERSTUDY_FILTERS_DROP_H
#define UNDERSTUDY_FILTERS_DROP_H

#include "kinds/filter.h"

/* The number of items that a fraction of them is: rounded to the nearest, halves up. */
size_t drop_count(double fraction, size_t items);

/*
 * Drop, for `reason`, the drop_count() items of the largest score; of equal ones, those that come
 * first. A score that is not a number counts as the largest.
 */
MUST_CHECK enum status drop_largest(double fraction, size_t items, enum filter_reason reason,
                                    struct filter_result *result, struct error *error);

#endif
