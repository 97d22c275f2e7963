#include "report/charts/fence.h"

#include "base/memory.h"
#include "math/statistics.h"
#include "report/charts/axis.h"

#include <math.h>

/* So many times the median absolute deviation from the median is far out (Leys et al. 2013 take 2.5
 * to 3.5 for an outlier). */
static const double far_out = 10;
/* The others are flattened where they have no more than this share of the axis. Orders of magnitude
 * say more than differences. */
static const double flat = 1 / 20.0, flat_log = 1 / 8.0;

/* Of fewer none is far from all others. */
enum { FEW_CURVES = 3, FEW_MARKS = 6 };

static bool is_curve(const struct series *series)
{
    return series->role == ROLE_SCORE || series->role == ROLE_LOSS;
}

/* What a curve comes to in the end, or the mark's own value; NaN where there is none. */
static double value_of(const struct series *series, size_t k)
{
    size_t last = is_curve(series) ? series->count : k + 1;

    while (last > 0 && !axis_shows(series->y[last - 1]) && is_curve(series))
        last--;
    return last > 0 && axis_shows(series->y[last - 1]) ? series->y[last - 1] : (double)NAN;
}

bool fence_holds(const struct fence *fence, const struct series *series, size_t k)
{
    double value = value_of(series, k);

    return series_roles[series->role].across || isnan(value) ||
           (value >= fence->low && value <= fence->high);
}

static bool in_panel(const struct series *series, int panel)
{
    return series_roles[series->role].panel == panel;
}

/* The values of curves and marks, as the axis places them. */
static size_t list_values(const struct chart *chart, int panel, bool log_axis, double *values)
{
    size_t count = 0;

    for (size_t s = 0; s < chart->count; s++) {
        const struct series *series = &chart->series[s];
        size_t items = is_curve(series) && series->count ? 1 : series->count;
        if (!in_panel(series, panel) || series_roles[series->role].across)
            continue;
        for (size_t k = 0; k < items; k++) {
            double value = log_axis ? log(value_of(series, k)) : value_of(series, k);
            if (isfinite(value))
                values[count++] = value;
        }
    }
    return count;
}

/* The length of the axis that holds what the fence holds. */
static double span_of(const struct chart *chart, int panel, bool log_axis,
                      const struct fence *fence)
{
    struct axis axis = axis_empty();

    for (size_t s = 0; s < chart->count; s++) {
        const struct series *series = &chart->series[s];
        for (size_t k = 0; k < series->count && in_panel(series, panel); k++)
            if (fence_holds(fence, series, k))
                axis_include(&axis, log_axis ? log(series->y[k]) : series->y[k]);
    }
    return axis.high - axis.low;
}

static const struct fence no_fence = {-INFINITY, INFINITY, 0, 0, NAN};

/* The fence around `values` [count], which are sorted and then used up. */
static struct fence enclose(double *values, size_t count, bool log_axis)
{
    struct fence fence = no_fence;
    double middle = statistics_median(values, count), lowest = values[0];
    double highest = values[count - 1];

    double farthest = highest - middle > middle - lowest ? highest : lowest;
    for (size_t i = 0; i < count; i++)
        values[i] = fabs(values[i] - middle);
    double reach = far_out * statistics_median(values, count);
    if (!(reach > 0))
        return fence;
    for (size_t i = 0; i < count; i++)
        fence.beyond += values[i] > reach;
    fence.items = count;
    fence.low = log_axis ? exp(middle - reach) : middle - reach;
    fence.high = log_axis ? exp(middle + reach) : middle + reach;
    fence.farthest = log_axis ? exp(farthest) : farthest;
    return fence;
}

enum status fence_find(const struct chart *chart, int panel, bool log_axis, struct fence *fence,
                       struct error *error)
{
    double *values;
    size_t total = 0;
    bool curves = false;

    *fence = no_fence;
    for (size_t s = 0; s < chart->count; s++) {
        total += chart->series[s].count;
        curves |= in_panel(&chart->series[s], panel) && is_curve(&chart->series[s]);
    }
    PASS(memory_new(&values, total, sizeof *values, error));
    size_t count = list_values(chart, panel, log_axis, values);
    if (count >= (curves ? FEW_CURVES : FEW_MARKS))
        *fence = enclose(values, count, log_axis);
    memory_free(values);
    bool few = fence->beyond && fence->beyond <= count / 3;
    if (!few || !(span_of(chart, panel, log_axis, fence) <
                  (log_axis ? flat_log : flat) * span_of(chart, panel, log_axis, &no_fence)))
        *fence = no_fence;
    return STATUS_OK;
}
