/* Scores as people read them: shares in percent. */
#ifndef UNDERSTUDY_RESULTS_SCORE_TEXT_H
#define UNDERSTUDY_RESULTS_SCORE_TEXT_H

#include "base/text.h"
#include "math/metrics.h"

/* "31.25 dB", "95.12" of 100, "0.0412" of what has no range. */
void score_print(struct text *text, enum metric metric, double value);

#endif
