#include "quantize/histogram.h"

#include <math.h>

enum { SEARCH_PARTS = 128, SEARCH_ROUNDS = 2 };

const char *const calibration_methods[] = {"min_max", "percentile", "mse", NULL};

bool value_range_add(struct value_range *range, const float *values, size_t count)
{
    float low = range->low < 0 ? range->low : 0, high = range->high > 0 ? range->high : 0;
    bool finite = true;

    for (size_t i = 0; i < count; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
        finite = finite && isfinite(values[i]);
    }
    if (finite)
        *range = (struct value_range){low, high};
    return finite;
}

static double width_of(struct value_range range)
{
    return (double)range.high - (double)range.low;
}

void value_histogram_add(struct value_histogram *h, const float *values, size_t count)
{
    double low = (double)h->range.low, width = width_of(h->range);
    double per_unit = width > 0 ? VALUE_BINS / width : 0;

    for (size_t i = 0; i < count; i++) {
        double at = ((double)values[i] - low) * per_unit;
        at = at > 0 ? at : 0;
        h->counts[at < VALUE_BINS ? (size_t)at : VALUE_BINS - 1]++;
    }
}

/* Where bin `edge` begins. */
static double edge_at(const struct value_histogram *h, int edge)
{
    return (double)h->range.low + width_of(h->range) * edge / VALUE_BINS;
}

static struct value_range by_percentile(const struct value_histogram *h, double percentile)
{
    double total = 0, below = 0, above = 0;
    int low = 0, high = VALUE_BINS;

    for (int b = 0; b < VALUE_BINS; b++)
        total += (double)h->counts[b];
    double clipped = total * (100 - percentile) / 200;
    while (low < VALUE_BINS - 1 && below + (double)h->counts[low] <= clipped)
        below += (double)h->counts[low++];
    while (high > low + 1 && above + (double)h->counts[high - 1] <= clipped)
        above += (double)h->counts[--high];
    double from = edge_at(h, low), to = edge_at(h, high);
    return (struct value_range){(float)(from < 0 ? from : 0), (float)(to > 0 ? to : 0)};
}

/* The sum of squared differences between the values and what quantisation to `range` leaves. */
static double squared_errors(const struct value_histogram *h, struct value_range range)
{
    struct quantization q = quantization_of(range);
    double sum = 0, scale = (double)q.scale;
    double low = scale * (QUANTIZED_LOW - q.zero), high = scale * (QUANTIZED_HIGH - q.zero);

    for (int b = 0; b < VALUE_BINS; b++) {
        if (!h->counts[b])
            continue;
        double value = (edge_at(h, b) + edge_at(h, b + 1)) / 2, kept = scale * round(value / scale);
        kept = kept < low ? low : kept > high ? high : kept;
        sum += (double)h->counts[b] * (value - kept) * (value - kept);
    }
    return sum;
}

/* Move one end of the range; of equal errors the widest range counts. */
static void search_end(const struct value_histogram *h, const float *extreme, float *end,
                       const struct value_range *range)
{
    float best = *extreme;
    double least = INFINITY;

    for (int part = SEARCH_PARTS; part > 0; part--) {
        *end = *extreme * (float)part / SEARCH_PARTS;
        double errors = squared_errors(h, *range);
        if (errors < least) {
            least = errors;
            best = *end;
        }
    }
    *end = best;
}

static struct value_range by_errors(const struct value_histogram *h)
{
    struct value_range range = h->range;

    for (int round = 0; round < SEARCH_ROUNDS; round++) {
        if (range.high > 0)
            search_end(h, &h->range.high, &range.high, &range);
        if (range.low < 0)
            search_end(h, &h->range.low, &range.low, &range);
    }
    return range;
}

struct value_range value_histogram_choose(const struct value_histogram *histogram,
                                          const struct calibration *how)
{
    switch (how->method) {
    case CALIBRATION_PERCENTILE: return by_percentile(histogram, how->percentile);
    case CALIBRATION_MSE: return by_errors(histogram);
    case CALIBRATION_MIN_MAX: break;
    }
    return histogram->range;
}
