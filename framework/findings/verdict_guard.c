/* The small network with its guard as an answer of its own: what both together score and cost. */
#include "findings/verdict_facts.h"

#include "guard/guarded_answer.h"
#include "guard/registry.h"
#include "results/guard_results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How often the small network answers an image. */
static int runs_of(const char *by)
{
    const struct registry *guards = registry_guards();

    for (size_t i = 0; i < guards->count; i++)
        if (strcmp(guards->rows[i]->name, by) == 0)
            return guarded_runs((const void *)guards->rows[i]);
    return 1;
}

/* The means over replicates of a number on the test images. */
static enum status read_mean(const struct verdict *verdict, const char *name, struct arena *arena,
                             struct interval *mean, struct error *error)
{
    size_t replicates, columns;
    const double *values;
    char path[80];

    snprintf(path, sizeof path, "%s/%s", guard_splits[GUARD_TEST], name);
    PASS(guard_results_numbers(verdict->results->file, path, arena, &replicates, &columns, &values,
                               error));
    *mean = statistics_interval(values, replicates, 0.95);
    return STATUS_OK;
}

/* Its scores, and by how much they are above the pipeline's, replicate by replicate. */
static enum status read_scores(struct verdict *verdict, size_t small, struct arena *arena,
                               struct error *error)
{
    const struct points *points = &verdict->points;
    struct guarded *guarded = &verdict->guarded;
    double range = metric_most[verdict->metric] - metric_least[verdict->metric], *differences;
    size_t replicates, columns, point = 0;
    const double *scores;

    while (points->first[point + 1] <= small)
        point++;
    PASS(guard_results_numbers(verdict->results->file, "test/chosen_score", arena, &replicates,
                               &columns, &scores, error));
    PASS(arena_new(arena, &differences, replicates, sizeof *differences, error));
    for (size_t r = 0; r < replicates; r++) {
        double pipeline = (double)NAN;
        if (points->first[point] + r < points->first[point + 1])
            PASS(verdict_pipeline_score(verdict, points->first[point] + r, &pipeline, error));
        differences[r] = scores[r] - pipeline;
    }
    guarded->score = interval_within(statistics_interval(scores, replicates, 0.95),
                                     metric_least[verdict->metric], metric_most[verdict->metric]);
    guarded->difference =
        interval_within(statistics_interval(differences, replicates, 0.95), -range, range);
    return STATUS_OK;
}

/* What both together cost: the small network always, what stands behind it for its share. */
static void add_behind(struct price *price, const struct price *behind, bool pipeline, int runs,
                       double share)
{
    price->network_s =
        runs * price->network_s + share * (pipeline ? price->pipeline_s : behind->network_s);
    price->network_j =
        runs * price->network_j + share * (pipeline ? price->pipeline_j : behind->network_j);
}

static enum status read_prices(struct verdict *verdict, const int64_t trials[2],
                               struct arena *arena, struct error *error)
{
    struct guarded *guarded = &verdict->guarded;
    bool pipeline = trials[1] < 0;
    size_t small = (size_t)trials[0], other = pipeline ? small : (size_t)trials[1];
    int runs = runs_of(guarded->by);
    struct price behind = {0};

    PASS(arena_new(arena, &guarded->prices, verdict->price_count, sizeof *guarded->prices, error));
    for (size_t i = 0; i < verdict->price_count; i++) {
        struct price *price = &guarded->prices[i];
        price->machine = behind.machine = verdict->prices[i].machine;
        PASS(verdict_price(verdict, small, price, error));
        PASS(verdict_price(verdict, other, &behind, error));
        add_behind(price, &behind, pipeline, runs, guarded->share);
    }
    PASS(verdict_measured_price(verdict, small, &guarded->measured, error));
    PASS(verdict_measured_price(verdict, other, &behind, error));
    add_behind(&guarded->measured, &behind, pipeline, runs, guarded->share);
    return verdict_number(verdict, "pipeline.multiply_adds", small,
                          &guarded->pipeline_multiply_adds, error);
}

/* By machines that price pipelines; where none does, by multiply-adds, if the pipeline has any. */
static enum verdict_cost compare(const struct verdict *verdict)
{
    const struct guarded *guarded = &verdict->guarded;
    const struct price counted = {.network_s = guarded->multiply_adds,
                                  .pipeline_s = guarded->pipeline_multiply_adds,
                                  .network_j = (double)NAN,
                                  .pipeline_j = (double)NAN};
    enum verdict_cost cost = verdict_compare(guarded->prices, verdict->price_count);

    return cost == VERDICT_NOT_COMPARED && counted.pipeline_s > 0 ? verdict_compare(&counted, 1)
                                                                  : cost;
}

enum status verdict_read_guard(struct verdict *verdict, struct arena *arena, struct error *error)
{
    struct guarded *guarded = &verdict->guarded;
    struct verdict_facts own = verdict->facts;
    double sense = metric_goodness(verdict->metric, 1);
    struct guard_stored stored;
    struct interval mean;

    PASS(guard_results_read(&stored, verdict->results->file, arena, error));
    if (!stored.about || stored.trials[0] < 0 ||
        (size_t)stored.trials[0] >= verdict->points.trials ||
        stored.trials[1] >= (int64_t)verdict->points.trials)
        return STATUS_OK;
    guarded->by = stored.by;
    PASS(hdf5_read_text(verdict->results->file, "/guard/small", arena, &guarded->small, error));
    PASS(hdf5_read_text(verdict->results->file, "/guard/other", arena, &guarded->other, error));
    PASS(read_mean(verdict, "chosen_share", arena, &mean, error));
    guarded->share = mean.mean;
    PASS(read_mean(verdict, "chosen_cost", arena, &mean, error));
    guarded->multiply_adds = mean.mean;
    PASS(read_scores(verdict, (size_t)stored.trials[0], arena, error));
    PASS(read_prices(verdict, stored.trials, arena, error));
    own.judged = isfinite(guarded->difference.mean);
    own.difference = sense * guarded->difference.mean;
    own.low = sense > 0 ? guarded->difference.low : -guarded->difference.high;
    own.high = sense > 0 ? guarded->difference.high : -guarded->difference.low;
    verdict->facts.guarded = verdict_quality(&own) >= VERDICT_AS_GOOD;
    verdict->facts.guarded_cost = compare(verdict);
    verdict->facts.handed_on = guarded->share;
    verdict->facts.to = guarded->other;
    return STATUS_OK;
}
