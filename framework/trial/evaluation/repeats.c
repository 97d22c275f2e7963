#include "trial/evaluation/repeats.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "math/statistics.h"

#include <stddef.h>

enum { LEAST = 3, MOST = 500 }; /* repeats that are measured */

/* Seconds: of warming up, of what is measured at least, and from which on once is enough. */
static const double WARM_UP = 0.02, BUDGET = 0.15, SLOW = 4;

static enum status timed(repeated *once, void *context, double *seconds, struct error *error)
{
    double begin = clock_seconds();

    PASS(once(context, error));
    *seconds = clock_seconds() - begin;
    return interrupt_check(error);
}

enum status repeats_median(repeated *once, void *context, double *seconds, struct error *error)
{
    double samples[MOST], begin = clock_seconds();
    size_t count = 0;

    do
        PASS(timed(once, context, &samples[0], error));
    while (clock_seconds() - begin < WARM_UP);
    if (samples[0] >= SLOW) {
        *seconds = samples[0];
        return STATUS_OK;
    }
    begin = clock_seconds();
    while (count < LEAST || (count < MOST && clock_seconds() - begin < BUDGET)) {
        PASS(timed(once, context, &samples[count], error));
        count++;
    }
    *seconds = statistics_median(samples, count);
    return STATUS_OK;
}
