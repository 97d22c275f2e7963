#include "results/times.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>

enum { NAMED = 8 }; /* trials that are called by their numbers */

/* A column of all trials; NaN where the results do not have it. */
static enum status read_column(const struct results *results, const char *column,
                               struct arena *arena, double **values, struct error *error)
{
    if (results_has(results, column))
        return results_numbers(results, column, arena, values, error);
    PASS(arena_new(arena, values, results->trials, sizeof **values, error));
    for (size_t i = 0; i < results->trials; i++)
        (*values)[i] = (double)NAN;
    return STATUS_OK;
}

/* On an image of which size: one for all trials, or of several. */
static enum status read_size(const struct results *results, struct arena *arena,
                             struct times *times, struct error *error)
{
    double *heights, *widths, height = NAN, width = NAN;
    bool several = false;

    PASS(read_column(results, "timing.inference.height", arena, &heights, error));
    PASS(read_column(results, "timing.inference.width", arena, &widths, error));
    for (size_t i = 0; i < results->trials; i++) {
        if (isnan(heights[i]) || isnan(widths[i]))
            continue;
        several = several || (!isnan(height) && (heights[i] != height || widths[i] != width));
        height = heights[i];
        width = widths[i];
    }
    times->how = several ? " on images of several sizes" : "";
    if (several || isnan(height))
        return STATUS_OK;
    return arena_print(arena, &times->how, error, " on an image of %.0f x %.0f", height, width);
}

/* Which finished trials have no time. */
static enum status read_lacking(const struct points *points, const double *seconds,
                                struct arena *arena, struct times *times, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    size_t count = 0, all = points_unscored(points, seconds);

    times->lacking = NULL;
    if (!all)
        return STATUS_OK;
    text_append(&text, "trial%s", all > 1 ? "s" : "");
    for (size_t i = 0; i < points->trials && count < NAMED; i++)
        if (points->done[i] && !isfinite(seconds[i]))
            text_append(&text, "%s %zu", count++ ? "," : "", i);
    if (all > count)
        text_append(&text, " and %zu more", all - count);
    TRY(text_keep(&text, arena, &times->lacking, error));
out:
    text_release(&text);
    return status;
}

enum status times_read(const struct results *results, const struct points *points, const char *who,
                       struct arena *arena, struct times *times, double **seconds,
                       struct error *error)
{
    char column[64];

    snprintf(column, sizeof column, "timing.%s.seconds_per_image", who);
    PASS(read_column(results, column, arena, seconds, error));
    PASS(read_size(results, arena, times, error));
    return read_lacking(points, *seconds, arena, times, error);
}

void times_remark(const struct times *times, struct text *text)
{
    if (times->lacking)
        text_append(text, "; no time of %s: run with --no-timing, or too slow or large to be timed",
                    times->lacking);
}
