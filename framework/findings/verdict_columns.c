/* Numbers of one trial, from the columns of the results. */
#include "findings/verdict_facts.h"

#include <math.h>
#include <stdio.h>

enum { COLUMN = 300 };

enum status verdict_number(const struct verdict *verdict, const char *column, size_t trial,
                           double *value, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    double *values;

    *value = (double)NAN;
    if (!results_has(verdict->results, column))
        return STATUS_OK;
    TRY(results_numbers(verdict->results, column, &arena, &values, error));
    *value = values[trial];
out:
    arena_release(&arena);
    return status;
}

enum status verdict_score(const struct verdict *verdict, const char *who, const char *split,
                          enum metric metric, const char *end, size_t trial, double *value,
                          struct error *error)
{
    char column[COLUMN];

    snprintf(column, sizeof column, "%s.%s.%s%s", who, split, metric_names[metric], end);
    return verdict_number(verdict, column, trial, value, error);
}

double verdict_perfect(enum metric metric)
{
    return metric_goodness(metric, 1) > 0 ? metric_most[metric] : metric_least[metric];
}

enum status verdict_pipeline_score(const struct verdict *verdict, size_t trial, double *score,
                                   struct error *error)
{
    *score = verdict_perfect(verdict->metric);
    return verdict->by_agreement ? STATUS_OK
                                 : verdict_score(verdict, "pipeline", "test", verdict->metric, "",
                                                 trial, score, error);
}

enum status verdict_price(const struct verdict *verdict, size_t trial, struct price *price,
                          struct error *error)
{
    const struct {
        const char *name;
        double *value;
    } columns[] = {{"latency_s", &price->network_s},
                   {"energy_j", &price->network_j},
                   {"pipeline.latency_s", &price->pipeline_s},
                   {"pipeline.energy_j", &price->pipeline_j}};
    char column[COLUMN];

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        snprintf(column, sizeof column, "hardware.%.200s.%s", price->machine, columns[i].name);
        PASS(verdict_number(verdict, column, trial, columns[i].value, error));
    }
    return STATUS_OK;
}

enum status verdict_measured_price(const struct verdict *verdict, size_t trial, struct price *price,
                                   struct error *error)
{
    price->network_j = price->pipeline_j = (double)NAN;
    PASS(verdict_number(verdict, "timing.network.seconds_per_image", trial, &price->network_s,
                        error));
    return verdict_number(verdict, "timing.pipeline.seconds_per_image", trial, &price->pipeline_s,
                          error);
}

enum verdict_cost verdict_compare(const struct price *prices, size_t count)
{
    bool cheaper = false, dearer = false;

    for (size_t i = 0; i < count; i++) {
        const struct price *price = &prices[i];
        cheaper |= price->network_s < price->pipeline_s || price->network_j < price->pipeline_j;
        dearer |= price->network_s >= price->pipeline_s || price->network_j >= price->pipeline_j;
    }
    if (cheaper)
        return dearer ? VERDICT_PARTLY_CHEAPER : VERDICT_CHEAPER;
    return dearer ? VERDICT_NO_CHEAPER : VERDICT_NOT_COMPARED;
}
