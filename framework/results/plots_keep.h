/*
 * Figures of results of the same name in another folder, which another run is about to draw over,
 * are kept: PLOTS/NAME/ as PLOTS/NAME~1/, or the next number that is free. The hidden file .results
 * in a folder of figures says what they were drawn from; where it is missing, nobody knows, and
 * they are drawn over.
 */
#ifndef UNDERSTUDY_RESULTS_PLOTS_KEEP_H
#define UNDERSTUDY_RESULTS_PLOTS_KEEP_H

#include "base/text.h"

#include <stdbool.h>

/* Were the figures in the folder drawn from another results file than `results`, as far as it is
 * known? */
bool plots_of_others(const char *figures, const char *results);
/* Keep them if so, and if it held other results than `digest` says; `told` gets a line for people
 * then, without a newline. */
MUST_CHECK enum status plots_keep(const char *figures, const char *results, const char *digest,
                                  struct text *told, struct error *error);
/* The figures in the folder, which is there, are now those of `results`. */
MUST_CHECK enum status plots_sign(const char *figures, const char *results, const char *digest,
                                  struct error *error);

#endif
