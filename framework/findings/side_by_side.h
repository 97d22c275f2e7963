/*
 * Two results files side by side: the scores of grid points that both have, and their differences,
 * replicate by replicate. Points match where all axes that both have a column of say the same.
 */
#ifndef UNDERSTUDY_FINDINGS_SIDE_BY_SIDE_H
#define UNDERSTUDY_FINDINGS_SIDE_BY_SIDE_H

#include "results/results.h"

struct compared {
    const char *name; /* as the user calls it */
    struct results results;
};

/* `by`: a score's column, or the end of one of network.test.…; NULL: the first of these. Lines for
 * people. STATUS_CONFIG where one of both has no such score, or an axis of one alone tells its
 * points apart. */
MUST_CHECK enum status side_by_side_print(const struct compared sides[2], const char *by,
                                          struct text *text, struct error *error);

#endif
