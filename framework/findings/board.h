/*
 * The board of a sweep: its grid points in the order of their scores, with intervals over
 * replicates and the Pareto front of score against cost. By default scores are those on the
 * validation images, since who picks by test scores picks luck.
 */
#ifndef UNDERSTUDY_FINDINGS_BOARD_H
#define UNDERSTUDY_FINDINGS_BOARD_H

#include "results/results.h"

struct board_request {
    const char *by; /* a score's column, or the end of one of network.validation.…; NULL: the
                     * first of these */
    const char *minimise; /* a cost's column, or the end of one of network.…, hardware.MACHINE.…,
                           * timing.network.…; NULL: network.multiply_adds */
    size_t top;           /* points that are listed; 0: all */
};

/* STATUS_CONFIG where there is no such score or cost. */
MUST_CHECK enum status board_print(const struct results *results,
                                   const struct board_request *request, struct text *text,
                                   struct error *error);

/* The column that a name means: itself, or the first that is one of `places` and the name, NULL
 * where there is none. "MACHINE" in a place stands for any. Lives as long as `results`. */
const char *board_column(const struct results *results, const char *name,
                         const char *const *places);
/* The column of the first score below PREFIX; NULL: there is none. */
const char *board_first_score(const struct results *results, const char *prefix);

#endif
