/*
 * Float or integers: which of the networks' scores go with a cost. On a machine that computes with
 * one byte a value (hardware.MACHINE.bytes_per_value), the network that is priced is the quantised
 * one, so that its own scores, network.int8.…, go with that cost.
 */
#ifndef UNDERSTUDY_RESULTS_SCORE_CHOICE_H
#define UNDERSTUDY_RESULTS_SCORE_CHOICE_H

#include "quantize/score_numbers.h"
#include "results/results.h"

/*
 * The networks' scores `name`, as "test.ssim": the column network.test.ssim or, and then *int8 is
 * true, network.int8.test.ssim. `machine` is that of the cost, NULL or "" where it is no machine's.
 * Where no network could be quantised, scores in integers that were asked for are NaN.
 */
MUST_CHECK enum status score_read(const struct results *results, enum score_numbers numbers,
                                  const char *machine, const char *name, struct arena *arena,
                                  bool *int8, double **values, struct error *error);

#endif
