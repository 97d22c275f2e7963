/* All trials as a table. */
#ifndef UNDERSTUDY_RESULTS_TABLE_H
#define UNDERSTUDY_RESULTS_TABLE_H

#include "base/text.h"
#include "io/hdf5/hdf5.h"

/* Tidy CSV (RFC 4180) of all trials, one row each, numbers in shortest round-trip form; with
 * `timing`, what was measured by the clock too, as columns "timing.…"; with `rows`, only these
 * `count` trials, ascending. */
MUST_CHECK enum status report_table(struct hdf5 *file, bool timing, const int64_t *rows,
                                    size_t count, struct text *csv, struct error *error);

#endif
