#include "trial/evaluation/difference.h"

#include "base/memory.h"
#include "math/statistics.h"
#include "trial/evaluation/weakest.h"

#include <math.h>
#include <stdio.h>

enum { NAME = 128 };

static const double confidence = 0.95;

enum status difference_begin(const struct task *task, size_t count, struct image_scores *each,
                             struct error *error)
{
    *each = (struct image_scores){{NULL}};
    for (size_t m = 0; m < task->metric_count; m++)
        if (!task->metrics[m].of_set)
            PASS(memory_new(&each->values[task->metrics[m].metric], count, sizeof(double), error));
    return STATUS_OK;
}

void difference_end(struct image_scores *each)
{
    for (int m = 0; m < METRICS; m++)
        memory_free(each->values[m]);
    *each = (struct image_scores){{NULL}};
}

/* Of scores that are 1 or 0. */
static struct interval of_shares(const double *network, const double *pipeline, size_t count)
{
    size_t plus = 0, minus = 0;

    for (size_t i = 0; i < count; i++) {
        plus += network[i] > pipeline[i];
        minus += network[i] < pipeline[i];
    }
    return statistics_paired_shares(plus, minus, count, confidence);
}

/* The pipeline's scores become the differences. Images without a score, of which nothing is known,
 * are left out. */
static struct interval of_scores(const double *network, double *pipeline, size_t count)
{
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        double difference = network[i] - pipeline[i];
        if (!isnan(difference))
            pipeline[known++] = difference;
    }
    return statistics_interval(pipeline, known, confidence);
}

static enum status record_interval(struct record *record, enum metric metric,
                                   const struct interval *interval, struct error *error)
{
    const struct {
        const char *end;
        double value;
    } values[] = {{"", interval->mean}, {".low", interval->low}, {".high", interval->high}};
    char name[NAME];

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        snprintf(name, sizeof name, "network.test.%s.minus_pipeline%s", metric_names[metric],
                 values[i].end);
        PASS(record_real(record, name, values[i].value, error));
    }
    return STATUS_OK;
}

enum status difference_record(struct record *record, const struct splits *splits,
                              const struct image_scores *network, int threads,
                              struct rankings *rankings, struct error *error)
{
    enum status status = STATUS_OK;
    const struct task *task = splits->task;
    const struct image_set *answers = &splits->items[SPLIT_TEST].pipeline_out;
    const struct truth *truth = &splits->truth[SPLIT_TEST];
    size_t count = truth->known ? truth->known_count : answers->count;
    struct image_scores pipeline;
    struct scores scores;

    TRY(difference_begin(task, answers->count, &pipeline, error));
    TRY(splits_score_stored(splits, SPLIT_TEST, answers, "the pipeline", threads, &scores,
                            &pipeline, error));
    TRY(weakest_record(record, splits, network, &pipeline, rankings, error));
    for (size_t m = 0; m < task->metric_count; m++) {
        enum metric metric = task->metrics[m].metric;
        if (task->metrics[m].of_set)
            continue;
        const double *own = network->values[metric];
        double *others = pipeline.values[metric];
        struct interval interval = metric == METRIC_ACCURACY ? of_shares(own, others, count)
                                                             : of_scores(own, others, count);
        TRY(record_interval(record, metric, &interval, error));
    }
out:
    difference_end(&pipeline);
    return status;
}

enum status difference_judge(struct record *record, const struct experiment *experiment,
                             struct error *error)
{
    const struct task_metric *metric = experiment_select_unit(experiment);
    const struct record_value *end;
    char name[NAME];

    if (!metric || metric->of_set || experiment->select.minimise == SELECT_NOTHING ||
        experiment->select.of != SELECT_PIPELINE || experiment_select_agreement(experiment))
        return STATUS_OK;
    bool smaller = metric_goodness(metric->metric, 1) < 0; /* is better */
    snprintf(name, sizeof name, "network.test.%s.minus_pipeline.%s", metric_names[metric->metric],
             smaller ? "high" : "low");
    end = record_value(record, name);
    if (!end || !isfinite(end->real))
        return STATUS_OK;
    return record_integer(record, "network.test.noninferior",
                          metric_goodness(metric->metric, end->real) >
                              -experiment->select.within / metric->units,
                          error);
}
