#include "findings/verdict_facts.h"

#include "results/score_choice.h"
#include "results/select.h"
#include "trial/evaluation/weakest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMN = 300 };

static const char *who(const struct verdict *verdict)
{
    return verdict->int8 ? "network.int8" : "network";
}

/* What network and pipeline score on the test images. */
static enum status read_pair(const struct verdict *verdict, size_t trial, double *network,
                             double *pipeline, struct error *error)
{
    const char *split = verdict->by_agreement ? "test.agreement" : "test";

    PASS(verdict_score(verdict, who(verdict), split, verdict->metric, "", trial, network, error));
    return verdict_pipeline_score(verdict, trial, pipeline, error);
}

/* Does the metric have an interval here? Then one image has none because it could be anything. */
static bool has_interval(const struct verdict *verdict)
{
    char column[COLUMN];

    snprintf(column, sizeof column, "%s.test.%s.minus_pipeline.low", who(verdict),
             metric_names[verdict->metric]);
    return !verdict->by_agreement && results_has(verdict->results, column);
}

/* What a difference of two scores can be. */
static double widest(enum metric metric)
{
    return metric_most[metric] - metric_least[metric];
}

/* How far the network of a trial is from the pipeline, turned so that larger is better. Agreement
 * and scores of integers have no interval: there are no such columns. */
static enum status read_difference(const struct verdict *verdict, size_t trial,
                                   struct verdict_facts *facts, struct error *error)
{
    const char *split = verdict->by_agreement ? "test.agreement" : "test";
    double sense = metric_goodness(verdict->metric, 1), network, pipeline, low, high;

    PASS(read_pair(verdict, trial, &network, &pipeline, error));
    facts->difference = sense * (network - pipeline);
    PASS(verdict_score(verdict, who(verdict), split, verdict->metric, ".minus_pipeline.low", trial,
                       &low, error));
    PASS(verdict_score(verdict, who(verdict), split, verdict->metric, ".minus_pipeline.high", trial,
                       &high, error));
    if (isnan(low) && isfinite(facts->difference) && has_interval(verdict))
        low = -(high = INFINITY);
    facts->low = fmax(sense > 0 ? low : -high, isnan(low) ? low : -widest(verdict->metric));
    facts->high = fmin(sense > 0 ? high : -low, isnan(low) ? low : widest(verdict->metric));
    return STATUS_OK;
}

/* What the pipeline's own agreement with itself has over the network's. */
static enum status read_lacking(const struct verdict *verdict, const char *split, double *lacking,
                                struct error *error)
{
    enum metric metric = verdict->agreement_metric;
    double value;

    PASS(verdict_score(verdict, "network", split, metric, "", verdict->trial, &value, error));
    *lacking = metric_goodness(metric, verdict_perfect(metric) - value);
    return STATUS_OK;
}

/* Every training of the same point, judged as the chosen one is. */
static enum status read_replicates(struct verdict *verdict, struct arena *arena,
                                   struct error *error)
{
    const struct points *points = &verdict->points;
    double *differences;

    PASS(arena_new(arena, &differences, points->trials, sizeof *differences, error));
    for (size_t i = points->first[verdict->point]; i < points->first[verdict->point + 1]; i++) {
        struct verdict_facts own = verdict->facts;
        if (!points->done[i])
            continue;
        PASS(read_difference(verdict, i, &own, error));
        differences[i] = metric_goodness(verdict->metric, own.difference);
        verdict->facts.replicates++;
        verdict->facts.as_good += verdict_quality(&own) >= VERDICT_AS_GOOD;
    }
    PASS(points_interval_at(points, differences, verdict->point, &verdict->over_replicates, error));
    verdict->over_replicates = interval_within(verdict->over_replicates, -widest(verdict->metric),
                                               widest(verdict->metric));
    return STATUS_OK;
}

/* By the metric of `select`, against truth or by agreement. */
static enum status read_scores(struct verdict *verdict, struct arena *arena, struct error *error)
{
    const struct experiment *experiment = verdict->experiment;

    verdict->by_agreement = experiment_select_agreement(experiment);
    verdict->metric = experiment_select_metric(experiment);
    verdict->unit = experiment_select_unit(experiment);
    verdict->agreement_metric =
        verdict->by_agreement ? verdict->metric : experiment_task(experiment)->agreement[0].metric;
    verdict->facts.margin = experiment->select.within / verdict->unit->units;
    PASS(read_pair(verdict, verdict->trial, &verdict->network, &verdict->pipeline, error));
    PASS(verdict_score(verdict, who(verdict), "test.agreement", verdict->agreement_metric, "",
                       verdict->trial, &verdict->agreement, error));
    verdict->facts.judged = isfinite(verdict->network) && isfinite(verdict->pipeline);
    PASS(read_difference(verdict, verdict->trial, &verdict->facts, error));
    verdict->cut = verdict->facts.low == -widest(verdict->metric) ||
                   verdict->facts.high == widest(verdict->metric);
    PASS(read_lacking(verdict, "train.agreement", &verdict->facts.seen, error));
    PASS(read_lacking(verdict, "validation.agreement", &verdict->facts.unseen, error));
    return read_replicates(verdict, arena, error);
}

static enum status read_prices(struct verdict *verdict, struct arena *arena, struct error *error)
{
    const struct text_list *machines = &verdict->experiment->hardware;

    PASS(arena_new(arena, &verdict->prices, machines->count, sizeof *verdict->prices, error));
    verdict->price_count = machines->count;
    for (size_t i = 0; i < machines->count; i++) {
        verdict->prices[i].machine = machines->items[i];
        PASS(verdict_price(verdict, verdict->trial, &verdict->prices[i], error));
    }
    verdict->facts.cost = verdict_compare(verdict->prices, verdict->price_count);
    return verdict_measured_price(verdict, verdict->trial, &verdict->measured, error);
}

/* An array of the weakest images with `count` values; *values NULL where it is not there. */
static enum status read_row(const struct verdict *verdict, const char *name, enum hdf5_type type,
                            struct arena *arena, struct hdf5_array *array, struct error *error)
{
    char path[64];

    *array = (struct hdf5_array){0};
    snprintf(path, sizeof path, "/weakest/%05zu/%s", verdict->trial, name);
    if (!hdf5_exists(verdict->results->file, path))
        return STATUS_OK;
    PASS(hdf5_read(verdict->results->file, path, arena, array, error));
    if (array->type != type || array->rank != 1)
        return error_set(error, STATUS_DATA, "%s is not a row of what it should hold", path);
    return STATUS_OK;
}

static enum status read_weakest(struct verdict *verdict, struct arena *arena, struct error *error)
{
    struct hdf5_array numbers, names, network, pipeline;

    PASS(read_row(verdict, "image", HDF5_INT64, arena, &numbers, error));
    PASS(read_row(verdict, "name", HDF5_TEXT, arena, &names, error));
    PASS(read_row(verdict, "network", HDF5_FLOAT64, arena, &network, error));
    PASS(read_row(verdict, "pipeline", HDF5_FLOAT64, arena, &pipeline, error));
    verdict->weakest_metric =
        weakest_metric(experiment_task(verdict->experiment), !pipeline.values);
    size_t count = numbers.dims[0];
    if (!numbers.values || network.dims[0] != count || (names.values && names.dims[0] != count) ||
        (pipeline.values && pipeline.dims[0] != count))
        return STATUS_OK;
    PASS(arena_new(arena, &verdict->weakest, count, sizeof *verdict->weakest, error));
    verdict->weakest_count = count;
    for (size_t i = 0; i < count; i++) {
        struct weakest_image *image = &verdict->weakest[i];
        image->number = ((const int64_t *)numbers.values)[i];
        image->network = ((const double *)network.values)[i];
        image->pipeline = pipeline.values ? ((const double *)pipeline.values)[i] : (double)NAN;
        const char *name = names.values ? (const char *)names.values + i * names.text_size : NULL;
        if (name)
            PASS(arena_copy(arena, name, strnlen(name, names.text_size), &image->name, error));
    }
    return STATUS_OK;
}

/* In integers, where `select` counts these. */
static enum status read_numbers(struct verdict *verdict, struct arena *arena, struct error *error)
{
    const struct experiment *experiment = verdict->experiment;
    char name[100];
    double *scores;

    if (experiment->select.minimise == SELECT_NOTHING)
        return STATUS_OK;
    snprintf(name, sizeof name, "validation.%s", experiment_select_metric_name(experiment));
    return score_read(verdict->results, (enum score_numbers)experiment->select.score,
                      experiment_select_machine(experiment), name, arena, &verdict->int8, &scores,
                      error);
}

enum status verdict_gather(struct verdict *verdict, const struct results *results,
                           const struct experiment *experiment, size_t trial, struct arena *arena,
                           struct error *error)
{
    struct selection selection;
    const char **states;

    *verdict = (struct verdict){.experiment = experiment, .results = results, .trial = trial};
    PASS(points_read(results, arena, &verdict->points, error));
    while (verdict->points.first[verdict->point + 1] <= trial)
        verdict->point++;
    PASS(selection_read(&selection, results->file, arena, error));
    verdict->selected = selection.count > 0;
    verdict->facts.none_selected = selection.about && !selection.count;
    PASS(results_texts(results, "status", arena, &states, error));
    verdict->suspect = results_is_suspect(states[trial]);
    PASS(read_numbers(verdict, arena, error));
    PASS(read_scores(verdict, arena, error));
    PASS(verdict_number(verdict, "dataset.manual", trial, &verdict->manual, error));
    if (isnan(verdict->manual))
        verdict->manual = (double)experiment->dataset.manual;
    PASS(read_prices(verdict, arena, error));
    PASS(verdict_read_changes(verdict, error));
    PASS(verdict_read_guard(verdict, arena, error));
    return read_weakest(verdict, arena, error);
}
