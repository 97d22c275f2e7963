/* From the values of the trials to those of the replicates, and what is said of these. */
#include "report/paper/paper_private.h"

#include <math.h>

double paper_mean_at(const struct points *points, const double *values, const bool *rows,
                     double replicate)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < points->trials; i++)
        if (rows[i] && points->replicate[i] == replicate && isfinite(values[i])) {
            sum += values[i];
            count++;
        }
    return count ? sum / (double)count : NAN;
}

/* Some replicates never came to it: what was tried is a bound for the mean. */
static void print_bound(const struct paper_number *number, const struct paper_means *means,
                        double mean, const char **wanting, struct text *text)
{
    if (means->above && means->below)
        *wanting = "one replicate is above the tried values, another below: no number can be given";
    else if (number->reduce != MEAN && number->reduce != INTERVAL)
        *wanting = "not all replicates reach it: only mean and interval can give a bound";
    else {
        text_append(text, "\\ensuremath{%s}", means->above ? ">" : "<");
        paper_format(number, mean, true, text);
    }
}

void paper_print_means(const struct paper_number *number, const struct paper_means *means,
                       const char **wanting, struct text *text)
{
    struct interval interval = statistics_interval(means->values, means->count, 0.95);
    enum reduction reduction = (enum reduction)number->reduce;

    if (reduction == REPLICATES)
        paper_format(number, (double)interval.count, true, text);
    else if (interval.count == 0)
        *wanting = "no finished trial has a value there";
    else if (means->above || means->below)
        print_bound(number, means, interval.mean, wanting, text);
    else if (reduction == MEAN)
        paper_format(number, interval.mean, true, text);
    else if (interval.count < 2)
        *wanting = "an interval needs at least two replicates; there is 1";
    else if (reduction == INTERVAL)
        paper_format_interval(number, &interval, text);
    else if (reduction == P_VALUE)
        paper_format_p(number, statistics_t_test(means->values, means->count), text);
    else
        paper_format(number, reduction == LOW ? interval.low : interval.high, true, text);
}

struct mean_point {
    double x, y;
};

/* The different places of one replicate, in ascending order, each with the mean of its values. */
static size_t list_places(const struct points *points, const double *values, const double *along,
                          const bool *rows, double replicate, struct mean_point *places)
{
    size_t count = 0;

    for (size_t i = 0; i < points->trials; i++) {
        double sum = 0, number = 0;
        size_t k = 0;
        if (!rows[i] || points->replicate[i] != replicate || !isfinite(values[i]) ||
            !isfinite(along[i]))
            continue;
        while (k < count && places[k].x != along[i])
            k++;
        if (k < count)
            continue;
        for (size_t j = i; j < points->trials; j++)
            if (rows[j] && points->replicate[j] == replicate && along[j] == along[i] &&
                isfinite(values[j])) {
                sum += values[j];
                number++;
            }
        for (k = count++; k > 0 && places[k - 1].x > along[i]; k--)
            places[k] = places[k - 1];
        places[k] = (struct mean_point){along[i], sum / number};
    }
    return count;
}

/* The first place at which the line is at the target. */
static double reach(const struct mean_point *places, size_t count, double target, bool ratios,
                    struct paper_means *means)
{
    size_t k = 0;

    while (k < count && !(places[k].y >= target))
        k++;
    if (count == 0 || isnan(target))
        return NAN;
    if (k == count) {
        means->above = true;
        return places[count - 1].x;
    }
    if (k == 0) {
        means->below = means->below || places[0].y > target;
        return places[0].x;
    }
    double share = (target - places[k - 1].y) / (places[k].y - places[k - 1].y);
    if (ratios && places[k - 1].x > 0)
        return places[k - 1].x * pow(places[k].x / places[k - 1].x, share);
    return places[k - 1].x + share * (places[k].x - places[k - 1].x);
}

enum status paper_along(const struct paper_number *number, const struct points *points,
                        const struct paper_columns *columns, const bool *const rows[2],
                        struct paper_means *means, struct error *error)
{
    enum status status = STATUS_OK;
    struct mean_point *places = NULL;

    TRY(memory_new(&places, points->trials, sizeof *places, error));
    for (size_t r = 0; r < means->count; r++) {
        size_t count =
            list_places(points, columns->values, columns->along, rows[0], (double)r, places);
        double target = paper_mean_at(points, columns->target, rows[1], (double)r);
        means->values[r] = reach(places, count, target, number->interpolate == RATIOS, means);
        if (number->saved)
            means->values[r] -= paper_mean_at(points, columns->along, rows[1], (double)r);
    }
out:
    memory_free(places);
    return status;
}
