/* The network against the pipeline: agreement, the paired difference, the verdict; with truth and
 * without. */
#include "base/memory.h"
#include "interfaces/engine.h"
#include "math/statistics.h"
#include "tasks/registry.h"
#include "train/registry.h"
#include "trial/evaluation/difference.h"
#include "trial/trial.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void agreement_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

#define DENOISE                                                                                    \
    "experiment: agreement\ntask: denoise\nseed: 7\n"                                              \
    "dataset: {name: digits, manual: 0, unlabelled: 16, validation: 4, test: 8,\n"                 \
    "  degrade: [gaussian_noise: {sigma: 32}]}\n"                                                  \
    "pipeline: {stages: [gaussian: {sigma: 0.8}]}\n"                                               \
    "network: {family: dncnn, depth: 2, width: 2}\n"                                               \
    "train: {epochs: 2, batch: 8, shard: 4, early_stopping: {patience: 2}}\n"                      \
    "filter: {method: random, fraction: 0.25}\n"

static const char denoise[] = DENOISE "select: {within: 1, minimise: parameters}\n";
static const char unselected[] = DENOISE; /* what select compares with is truth */

static const char classify[] =
    "experiment: agreement\ntask: classify\nseed: 7\n"
    "dataset: {name: digits, manual: 40, unlabelled: 60, validation: 10, test: 30}\n"
    "pipeline: {stages: [hog, linear_svm]}\n"
    "network: {family: lenet5}\n"
    "train: {epochs: 1, batch: 16, shard: 8}\n"
    "select: {within: 2, minimise: parameters, metric: accuracy}\n";

struct bench {
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct dataset_cache data;
    struct splits splits;
    struct record record;
};

static void bench_new(struct bench *bench, const char *yaml)
{
    struct diagnostics found = {0};
    struct plan_options options = {.home = "."};

    memset(bench, 0, sizeof *bench);
    OK(families_load(TEXTS("networks/families"), &found, &error));
    OK(plan_load_text(&bench->plan, "agreement.yaml", yaml, strlen(yaml), &options, &found,
                      &error));
    for (size_t i = 0; i < found.count; i++)
        printf("%s: %s\n", found.items[i].where.path, found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    OK(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error));
    OK(((const struct engine *)bench->trial.experiment.train.engine.kind)->start(&error));
}

static void bench_run(struct bench *bench)
{
    struct trial_options options = {.data = "data/raw", .threads = 2};

    record_release(&bench->record);
    enum status status = trial_run(&bench->trial, &bench->plan, &bench->data, &bench->splits,
                                   &options, &bench->record, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    OK(difference_judge(&bench->record, &bench->plan.base, &error));
}

static void bench_release(struct bench *bench)
{
    record_release(&bench->record);
    splits_release(&bench->splits);
    dataset_cache_release(&bench->data);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
}

static double value(const struct record *record, const char *name)
{
    const struct record_value *found = record_value(record, name);

    return !found                          ? (double)NAN
           : found->type == RECORD_INTEGER ? (double)found->integer
                                           : found->real;
}

/* What every task has to say. */
static void tasks_are_whole(void)
{
    for (size_t t = 0; t < registry_tasks()->count; t++) {
        const struct task *task = task_at((int64_t)t);
        CU_ASSERT(task->metric_count > 0 && task->metric_count <= TASK_MOST_METRICS);
        CU_ASSERT(task->agreement_count > 0 && task->agreement_count <= TASK_MOST_METRICS);
        for (size_t m = 0; m < task->metric_count; m++) {
            CU_ASSERT(task->metrics[m].unit[0] && task->metrics[m].units > 0);
            CU_ASSERT(task_metric_of(task, task->metrics[m].metric) == &task->metrics[m]);
            /* early stopping, and curves without truth, look at agreement by a metric of truth */
            CU_ASSERT_PTR_NOT_NULL(task_agreement_of(task, task->metrics[m].metric));
        }
        for (size_t m = 0; m < task->agreement_count; m++)
            CU_ASSERT(task->agreement[m].unit[0] && task->agreement[m].units > 0);
        const struct loss *loss = (const void *)registry_find(registry_losses(), task->loss);
        CU_ASSERT_PTR_NOT_NULL_FATAL(loss);
        CU_ASSERT(task_takes_loss(task, task->labels, loss->targets));
        CU_ASSERT(task_takes_loss(task, CONTENT_FEATURES, LOSS_VALUES));
        CU_ASSERT_FALSE(task_takes_loss(task, CONTENT_FEATURES, LOSS_CLASSES));
    }
}

/* The difference of the means is the mean of the differences; and the interval is around it. */
static void check_difference(const struct record *record, const char *metric)
{
    char name[128];
    double values[5];
    static const char *const names[] = {
        "network.test.%s", "pipeline.test.%s", "network.test.%s.minus_pipeline",
        "network.test.%s.minus_pipeline.low", "network.test.%s.minus_pipeline.high"};

    for (int i = 0; i < 5; i++) {
        size_t front = (size_t)(strchr(names[i], '%') - names[i]);
        snprintf(name, sizeof name, "%.*s%s%s", (int)front, names[i], metric, names[i] + front + 2);
        values[i] = value(record, name);
    }
    CU_ASSERT_DOUBLE_EQUAL(values[2], values[0] - values[1], 1e-12);
    CU_ASSERT(values[3] < values[2] && values[2] < values[4]);
}

/* Student's interval of the images' own differences, by the metrics of one image at a time. */
static void differences_are_paired(void)
{
    struct bench bench;
    struct image_scores network;
    struct scores scores;
    double differences[8];

    bench_new(&bench, denoise);
    bench_run(&bench);
    check_difference(&bench.record, "ssim");
    check_difference(&bench.record, "psnr");
    /* the degraded images in the network's place */
    const struct split *test = &bench.splits.items[SPLIT_TEST];
    OK(difference_begin(bench.splits.task, 8, &network, &error));
    OK(splits_score(&bench.splits, SPLIT_TEST, &test->input, 2, &scores, &network, &error));
    record_release(&bench.record);
    OK(difference_record(&bench.record, &bench.splits, &network, 2, &(struct rankings){0}, &error));
    for (size_t i = 0; i < 8; i++) {
        const struct image_set *sets[] = {&test->input, &test->pipeline_out};
        double both[2];
        for (int s = 0; s < 2; s++) {
            struct image_set one = {0}, truth = {0};
            OK(image_set_new(&one, 1, &sets[s]->shapes[i], &error));
            OK(image_set_copy(&truth, &one, &error));
            memcpy(one.pixels, image_set_at(sets[s], i).pixels, 28 * 28 * sizeof(float));
            memcpy(truth.pixels, image_set_at(&bench.splits.truth[SPLIT_TEST].images, i).pixels,
                   28 * 28 * sizeof(float));
            OK(metrics_images(&one, &truth, 1, &scores, NULL, &error));
            both[s] = scores.values[METRIC_SSIM];
            image_set_release(&one);
            image_set_release(&truth);
        }
        differences[i] = both[0] - both[1];
    }
    struct interval interval = statistics_interval(differences, 8, 0.95);
    CU_ASSERT(value(&bench.record, "network.test.ssim.minus_pipeline") == interval.mean);
    CU_ASSERT(value(&bench.record, "network.test.ssim.minus_pipeline.low") == interval.low);
    CU_ASSERT(value(&bench.record, "network.test.ssim.minus_pipeline.high") == interval.high);
    difference_end(&network);
    bench_release(&bench);
}

/* Answers that are right or wrong have Tango's interval; kappa and accuracy are of agreement. */
static void classes_agree(void)
{
    struct bench bench;
    size_t plus = 0, minus = 0, same = 0;
    struct image_set outputs = {0};
    struct image_scores network, pipeline;
    struct scores scores;

    bench_new(&bench, classify);
    bench_run(&bench);
    check_difference(&bench.record, "accuracy");
    CU_ASSERT(value(&bench.record, "network.test.agreement.accuracy") <= 1);
    CU_ASSERT(value(&bench.record, "network.test.agreement.kappa") <=
              value(&bench.record, "network.test.agreement.accuracy"));
    CU_ASSERT_PTR_NOT_NULL(record_value(&bench.record, "network.train.agreement.kappa"));
    CU_ASSERT_PTR_NULL(record_value(&bench.record, "network.test.kappa"));
    CU_ASSERT_PTR_NULL(record_value(&bench.record, "network.test.agreement.accuracy.class_0"));
    /* every second answer turned: the pipeline with itself, and with that */
    const struct image_set *answers = &bench.splits.items[SPLIT_TEST].pipeline_out;
    OK(splits_agreement(&bench.splits, SPLIT_TEST, answers, 1, &scores, &error));
    CU_ASSERT(scores.values[METRIC_ACCURACY] == 1 && scores.values[METRIC_KAPPA] == 1);
    OK(image_set_copy(&outputs, answers, &error));
    for (size_t i = 0; i < outputs.count; i += 2)
        for (int c = 0; c < 10; c++)
            outputs.pixels[i * 10 + (size_t)c] *= -1;
    OK(difference_begin(bench.splits.task, outputs.count, &network, &error));
    OK(difference_begin(bench.splits.task, outputs.count, &pipeline, &error));
    OK(splits_score(&bench.splits, SPLIT_TEST, &outputs, 1, &scores, &network, &error));
    OK(splits_score(&bench.splits, SPLIT_TEST, answers, 1, &scores, &pipeline, &error));
    for (size_t i = 0; i < outputs.count; i++) {
        double a = network.values[METRIC_ACCURACY][i], b = pipeline.values[METRIC_ACCURACY][i];
        plus += a > b;
        minus += a < b;
        same += a == b;
    }
    CU_ASSERT(plus + minus + same == 30 && minus > 0);
    record_release(&bench.record);
    OK(difference_record(&bench.record, &bench.splits, &network, 1, &(struct rankings){0}, &error));
    struct interval interval = statistics_paired_shares(plus, minus, 30, 0.95);
    CU_ASSERT(value(&bench.record, "network.test.accuracy.minus_pipeline.low") == interval.low);
    CU_ASSERT(value(&bench.record, "network.test.accuracy.minus_pipeline.high") == interval.high);
    difference_end(&network);
    difference_end(&pipeline);
    image_set_release(&outputs);
    bench_release(&bench);
}

/* -1: there is no verdict. */
static double verdict(double low, struct select_section select)
{
    struct experiment experiment = {.select = select};
    struct record record = {0};

    while (task_at(experiment.task) != task_find("denoise"))
        experiment.task++;
    OK(record_real(&record, "network.test.ssim.minus_pipeline.low", low, &error));
    OK(record_real(&record, "network.test.psnr.minus_pipeline.low", 10 * low, &error));
    OK(difference_judge(&record, &experiment, &error));
    double judged = value(&record, "network.test.noninferior");
    record_release(&record);
    return isnan(judged) ? -1 : judged;
}

/* The margin is in the metric's own unit; without one, or an interval, nothing is said. */
static void margins(void)
{
    struct select_section select = {METRIC_SSIM,       0.5, SELECT_PIPELINE,
                                    SELECT_PARAMETERS, "",  SCORE_AUTO};

    CU_ASSERT(verdict(-0.0049, select) == 1);
    CU_ASSERT(verdict(-0.005, select) == 0 && verdict(-0.0051, select) == 0);
    CU_ASSERT(verdict((double)NAN, select) == -1);
    select.metric = METRIC_PSNR;
    CU_ASSERT(verdict(-0.049, select) == 1 && verdict(-0.05, select) == 0);
    select.of = SELECT_BEST;
    CU_ASSERT(verdict(0.1, select) == -1);
    select.of = SELECT_PIPELINE;
    select.minimise = SELECT_NOTHING;
    CU_ASSERT(verdict(0.1, select) == -1);
    select = (struct select_section){METRIC_SSIM,       -1, SELECT_PIPELINE,
                                     SELECT_PARAMETERS, "", SCORE_AUTO};
    CU_ASSERT(verdict(0.009, select) == 0 && verdict(0.011, select) == 1);
    while (!experiment_select_agreement(&(struct experiment){.select = select}))
        select.metric++;
    CU_ASSERT(verdict(0.1, select) == -1);
}

/* Is it a column against truth? */
static bool is_of_truth(const char *name)
{
    static const char *const who[] = {"network.", "pipeline.", "degraded."}, *const splits[] = {
                                                                                 "train.",
                                                                                 "validation.",
                                                                                 "test."};

    for (int i = 0; i < 9; i++) {
        size_t length = strlen(who[i / 3]), more = strlen(splits[i % 3]);
        if (strncmp(name, who[i / 3], length) == 0 &&
            strncmp(name + length, splits[i % 3], more) == 0)
            return strncmp(name + length + more, "agreement.", 10) != 0;
    }
    return strncmp(name, "filter.", 7) == 0 && strcmp(name, "filter.items") != 0 &&
           strcmp(name, "filter.dropped") != 0;
}

/* The same trial with truth and without: all else is equal, and nothing is made up. */
static void without_truth(void)
{
    struct bench bench;
    struct record with;
    size_t of_truth = 0;

    bench_new(&bench, unselected);
    bench_run(&bench);
    with = bench.record;
    bench.record = (struct record){0};
    splits_release(&bench.splits);
    /* as of recorded images: what is true was recorded for none of them */
    struct dataset_pool *pools[] = {&bench.data.content.train, &bench.data.content.test};
    for (int i = 0; i < 2; i++)
        OK(memory_new(&pools[i]->truth, 1, sizeof *pools[i]->truth, &error));
    bench_run(&bench);
    for (size_t i = 0; i < with.value_count; i++) {
        const char *name = with.values[i].name;
        if (is_of_truth(name)) {
            of_truth++;
            CU_ASSERT_PTR_NULL(record_value(&bench.record, name));
            continue;
        }
        CU_ASSERT_PTR_NOT_NULL_FATAL(record_value(&bench.record, name));
        double a = value(&with, name), b = value(&bench.record, name);
        CU_ASSERT(a == b || (isnan(a) && isnan(b)) || strncmp(name, "timing.", 7) == 0);
    }
    CU_ASSERT(of_truth > 18);
    /* How many have truth, of each split, and a note. */
    CU_ASSERT_EQUAL(bench.record.value_count, with.value_count - of_truth + 4);
    CU_ASSERT_EQUAL(record_value(&bench.record, "test.truth_images")->integer, 0);
    CU_ASSERT_PTR_NOT_NULL(record_find(&with, "curves/validation.ssim"));
    CU_ASSERT_PTR_NULL(record_find(&bench.record, "curves/validation.ssim"));
    CU_ASSERT_PTR_NOT_NULL(record_find(&bench.record, "curves/validation.agreement.ssim"));
    CU_ASSERT_PTR_NULL(record_find(&bench.record, "examples/clean"));
    CU_ASSERT_PTR_NOT_NULL(record_find(&bench.record, "examples/network"));
    record_release(&with);
    bench_release(&bench);
}

/* Without truth, too, a pipeline's answer that is not a number fails the trial. */
static void no_number_no_agreement(void)
{
    struct bench bench;
    struct scores scores;

    bench_new(&bench, denoise);
    bench_run(&bench);
    const struct split *test = &bench.splits.items[SPLIT_TEST];
    image_set_at(&test->pipeline_out, 3).pixels[0] = (float)NAN;
    CU_ASSERT(splits_agreement_stored(&bench.splits, SPLIT_TEST, &test->pipeline_out,
                                      "the pipeline", 1, &scores, &error) == STATUS_DIVERGED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "what the pipeline gives is not a number for 1 "
                                                 "of 8 test images"));
    bench_release(&bench);
}

void agreement_suite(void)
{
    CU_pSuite suite = CU_add_suite("agreement", NULL, NULL);
    CU_add_test(suite, "every task says what it has to", tasks_are_whole);
    CU_add_test(suite, "differences are paired by image", differences_are_paired);
    CU_add_test(suite, "classes: accuracy, kappa and Tango's interval", classes_agree);
    CU_add_test(suite, "margins", margins);
    CU_add_test(suite, "without truth there is agreement alone", without_truth);
    CU_add_test(suite, "no number, no agreement", no_number_no_agreement);
}
