/*
 * How the values of a column are spread over the trials. The bins are of equal width, by Freedman
 * and Diaconis (1981), 2 IQR / n^(1/3), or by Sturges (1926), range / (log2 n + 1), whichever is
 * less, as numpy's `auto`; or as many as are asked for. Each is closed on the left, the last on
 * both sides.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/figure_column.h"
#include "report/figures/figure_sheet.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct histogram_settings {
    struct figure_style style;
    const char *column, *by;
    int64_t bins;
    struct text_list where;
};

enum { MOST_BINS = 200 };

static const struct field fields[] = {
    {"column", FIELD_TEXT, offsetof(struct histogram_settings, column),
     .help = "column of the table of trials, as network.test.ssim, or its end, as ssim"},
    {"bins", FIELD_INTEGER, offsetof(struct histogram_settings, bins), .minimum = 0,
     .maximum = MOST_BINS, .default_value = "0", .help = "number of bins; 0: by the values"},
    {"by", FIELD_TEXT, offsetof(struct histogram_settings, by), .default_value = "\"\"",
     .help = "column whose values have an outline each, as network.family; empty: one"},
    WHERE_FIELD(struct histogram_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct histogram_settings *)config)->where);
}

static bool timed(const void *config)
{
    return figure_column_is_time(((const struct histogram_settings *)config)->column);
}

/* The q-th part of sorted values, linear between neighbours. */
static double quantile(const double *values, size_t count, double q)
{
    double at = q * (double)(count - 1);
    size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;

    return values[below] + (at - (double)below) * (values[above] - values[below]);
}

/* How many bins sorted values have by themselves. */
static size_t choose_bins(const double *values, size_t count)
{
    double range = values[count - 1] - values[0], n = (double)count;
    double spread = quantile(values, count, 0.75) - quantile(values, count, 0.25);
    double sturges = range / (log2(n) + 1), diaconis = 2 * spread / cbrt(n);
    double width = diaconis > 0 && diaconis < sturges ? diaconis : sturges;
    double bins = width > 0 ? ceil(range / width) : 1;

    return bins < 1 ? 1 : bins < MOST_BINS ? (size_t)bins : MOST_BINS;
}

struct histogram_bins {
    double low, width;
    size_t count;
};

/* The bins of all values [count] that are counted; used up. */
static struct histogram_bins lay_out(double *values, size_t count, size_t wanted)
{
    struct histogram_bins bins = {0, 1, 0};

    if (count == 0)
        return bins;
    qsort(values, count, sizeof *values, statistics_compare);
    double range = values[count - 1] - values[0];
    bins.count = wanted ? wanted : choose_bins(values, count);
    bins.low = range > 0 ? values[0] : values[0] - 0.5;
    bins.width = (range > 0 ? range : 1) / (double)bins.count;
    return bins;
}

/* The bin of a value: that whose ends, as they are drawn, it lies between. */
static size_t bin_of(const struct histogram_bins *bins, double value)
{
    double at = floor((value - bins->low) / bins->width);
    size_t bin = at > 0 ? (size_t)at : 0;

    bin = bin < bins->count ? bin : bins->count - 1;
    while (bin > 0 && value < bins->low + (double)bin * bins->width)
        bin--;
    while (bin + 1 < bins->count && value >= bins->low + (double)(bin + 1) * bins->width)
        bin++;
    return bin;
}

/* Which trials count, and to which outline they belong. */
struct histogram_trials {
    const struct points *points;
    const double *values;
    const char *const *by; /* [trials]; NULL: one outline */
};

static bool counts(const struct histogram_trials *counted, size_t trial)
{
    return counted->points->done[trial] && isfinite(counted->values[trial]);
}

/* The outline of the trials that say the same as trial `first`. */
static enum status add_outline(const struct histogram_trials *counted, size_t first,
                               const struct histogram_bins *bins, struct chart *chart,
                               struct error *error)
{
    const char *label = counted->by ? counted->by[first] : "trials";
    struct series *series;

    label = label[0] ? label : "none";
    PASS(chart_add(chart, label, label, ROLE_BINS, bins->count + 1, &series, error));
    for (size_t b = 0; b <= bins->count; b++) {
        series->x[b] = bins->low + (double)b * bins->width;
        series->y[b] = 0;
    }
    for (size_t i = first; i < counted->points->trials; i++)
        if (counts(counted, i) && (!counted->by || strcmp(counted->by[i], counted->by[first]) == 0))
            series->y[bin_of(bins, counted->values[i])]++;
    return STATUS_OK;
}

static enum status add_outlines(const struct histogram_trials *counted, size_t wanted,
                                struct chart *chart, struct text *caption, struct error *error)
{
    double *values;
    size_t count = 0;

    PASS(arena_new(&chart->arena, &values, counted->points->trials, sizeof *values, error));
    for (size_t i = 0; i < counted->points->trials; i++)
        if (counts(counted, i))
            values[count++] = counted->values[i];
    const struct histogram_bins bins = lay_out(values, count, wanted);
    text_append(caption, "%zu of %zu trials have a value", count, counted->points->trials);
    if (count)
        text_append(caption, "; median %.4g", statistics_median(values, count));
    for (size_t i = 0; i < counted->points->trials; i++) {
        bool seen = !counts(counted, i);
        for (size_t k = 0; k < i && !seen; k++)
            seen =
                counts(counted, k) && (!counted->by || strcmp(counted->by[i], counted->by[k]) == 0);
        if (!seen)
            PASS(add_outline(counted, i, &bins, chart, error));
    }
    return STATUS_OK;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct histogram_settings *settings = config;
    struct figure_sheet sheet = {0};
    struct figure_column column;
    const char **by = NULL;

    TRY(figure_sheet_begin(&sheet, results, &settings->where, error));
    TRY(figure_column_read(results, &sheet.points, settings->column, &sheet.chart.arena, &column,
                           error));
    if (settings->by[0])
        TRY(results_texts(results, settings->by, &sheet.chart.arena, &by, error));
    const struct histogram_trials counted = {&sheet.points, column.values, by};
    TRY(add_outlines(&counted, (size_t)settings->bins, &sheet.chart, &sheet.caption, error));
    sheet.chart.x = column.words;
    sheet.chart.y[0] = (struct axis_words){"trials", "count"};
    TRY(figure_sheet_end(&sheet, &settings->where, file, group, error));
out:
    figure_sheet_release(&sheet);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    (void)config;
    (void)results;
    (void)error;
    drawing->zero_y = true;
    return STATUS_OK;
}

const struct figure figure_histogram = {
    .descriptor = {.name = "histogram",
                   .summary = "how the values of a column are spread over the trials",
                   .source = "Freedman, Diaconis, On the histogram as a density estimator, 1981",
                   .fields = fields,
                   .config_size = sizeof(struct histogram_settings),
                   .version = 1},
    .serves = SERVES_ALL,
    .timed = timed,
    .objection = objection,
    .compute = compute,
    .template = "histogram.gp",
    .shape = shape,
};
