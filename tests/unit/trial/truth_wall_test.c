/*
 * The truth wall: ground truth reaches nothing but the pipeline's fitting (manual split) and
 * evaluation. Each test spoils truth that must not matter and asks for the same bits.
 */
#include "data/registry.h"
#include "filters/registry.h"
#include "interfaces/filter.h"
#include "tests/unit/trial_bench.h"
#include "train/registry.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void truth_wall_suite(void);

static void spoil(struct truth *truth, size_t count)
{
    for (size_t i = 0; i < truth->images.count; i++)
        for (size_t p = truth->images.offsets[i]; p < truth->images.offsets[i + 1]; p++)
            truth->images.pixels[p] = 1 - truth->images.pixels[p];
    for (size_t i = 0; truth->classes && i < count; i++)
        truth->classes[i] = (uint8_t)(9 - truth->classes[i]);
}

static void spoil_all(struct splits *splits)
{
    for (int s = 0; s < SPLITS; s++)
        spoil(&splits->truth[s], splits->items[s].input.count);
}

/* Filter and training on the pipeline's labels: every truth there is may be wrong. */
static void training_is_blind(const char *yaml, void (*tweak)(struct bench *bench),
                              const char *score)
{
    struct bench bench;
    struct record before, after;

    load(&bench, yaml);
    if (tweak)
        tweak(&bench);
    prepare_bench(&bench);
    run(&bench, &before);
    spoil_all(&bench.splits);
    run(&bench, &after);
    CU_ASSERT_TRUE(same_arrays(&before, &after, "parameters/") >= 4);
    CU_ASSERT_EQUAL(same_arrays(&before, &after, "curves/train.loss"), 1);
    CU_ASSERT_NOT_EQUAL(value(&before, score), value(&after, score));
    record_release(&before);
    record_release(&after);
    release(&bench);
}

static void test_denoise_is_blind(void)
{
    training_is_blind(denoise, NULL, "network.test.ssim");
}

static void test_classify_is_blind(void)
{
    training_is_blind(classify, NULL, "network.test.accuracy");
}

static void stop_early(struct bench *bench)
{
    bench->trial.experiment.train.epochs = 6;
    bench->trial.experiment.train.early_stopping.patience = 1;
}

/* The arrays of what the filter said, of both runs, are the same. */
static bool same_filter(const struct record *a, const struct record *b)
{
    static const char *const paths[] = {"filter/keep", "filter/reason", "filter/score"};
    bool same = true;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct hdf5_array *first = record_find(a, paths[i]),
                                *second = record_find(b, paths[i]);
        CU_ASSERT_FATAL(first && second && first->dims[0] == second->dims[0]);
        same = same && memcmp(first->values, second->values, array_bytes(first)) == 0;
    }
    return same;
}

/* Every filter there is, with all truth spoilt but the hand-labelled images': one alone may say
 * something else then, and results name it. */
static void filter_is_blind(const struct filter *filter, bool is_class)
{
    char yaml[2048];
    struct bench bench;
    struct record before, after;
    bool share = false;

    for (const struct field *f = filter->descriptor.fields; f && f->name; f++)
        share = share || strcmp(f->name, "fraction") == 0;
    snprintf(yaml, sizeof yaml,
             "experiment: wall\ntask: %s\nseed: 3\n"
             "dataset: {name: digits, manual: 40, unlabelled: 48, validation: 4, test: 20}\n"
             "pipeline: {stages: [%s]}\nnetwork: {family: %s}\nfilter: {method: %s%s%s}\n"
             "train: {epochs: 1, batch: 16, shard: 8}\nstore: {parameters: true}\n",
             is_class ? "classify" : "denoise", is_class ? "hog, linear_svm" : "median",
             is_class ? "lenet5" : "dncnn, depth: 2, width: 2", filter->descriptor.name,
             share ? ", fraction: 0.25" : "", filter->trains ? ", epochs: 1" : "");
    load(&bench, yaml);
    prepare_bench(&bench);
    run(&bench, &before);
    spoil(&bench.splits.truth[SPLIT_UNLABELLED], bench.splits.items[SPLIT_UNLABELLED].input.count);
    spoil(&bench.splits.truth[SPLIT_VALIDATION], bench.splits.items[SPLIT_VALIDATION].input.count);
    spoil(&bench.splits.truth[SPLIT_TEST], bench.splits.items[SPLIT_TEST].input.count);
    run(&bench, &after);
    CU_ASSERT_EQUAL(record_value(&before, "filter.sees_truth")->integer, filter->sees_truth);
    CU_ASSERT_NOT_EQUAL(record_value(&before, "filter.errors")->integer,
                        record_value(&after, "filter.errors")->integer);
    if (strcmp(filter->descriptor.name, "none") != 0)
        CU_ASSERT_EQUAL(same_filter(&before, &after), !filter->sees_truth);
    if (!filter->sees_truth)
        CU_ASSERT_TRUE(same_arrays(&before, &after, "parameters/") >= 3);
    record_release(&before);
    record_release(&after);
    release(&bench);
}

static void test_filters_are_blind(void)
{
    const struct registry *registry = registry_filters();

    for (size_t i = 0; i < registry->count; i++) {
        const struct filter *filter = filter_of(registry->rows[i]);
        if (filter->serves & SERVES_IMAGES)
            filter_is_blind(filter, false);
        if (filter->serves & SERVES_SCORES)
            filter_is_blind(filter, true);
    }
}

/* Any loss, with its defaults. */
static void choose_loss(struct bench *bench, const char *name)
{
    struct train_settings *train = &bench->trial.experiment.train;
    struct diagnostics found = {0};

    train->loss.kind = registry_find(registry_losses(), name);
    CU_ASSERT_EQUAL_FATAL(
        arena_new(&bench->arena, &train->loss.config, 1, train->loss.kind->config_size, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(schema_read(train->loss.kind->fields, NULL, "", train->loss.config,
                                      &bench->arena, &found, NULL),
                          STATUS_OK);
    diagnostics_release(&found);
}

static void soft_labels(struct bench *bench)
{
    choose_loss(bench, "soft_cross_entropy");
}

static void test_early_stopping_is_blind(void)
{
    training_is_blind(denoise, stop_early, "network.validation.ssim");
    training_is_blind(classify, stop_early, "network.validation.accuracy");
}

static void test_soft_labels(void)
{
    struct bench bench;
    struct record soft, truth;

    training_is_blind(classify, soft_labels, "network.test.accuracy");
    /* The pipeline's scores are what is learnt; where labels are classes, the classes. */
    load(&bench, classify);
    soft_labels(&bench);
    prepare_bench(&bench);
    run(&bench, &soft);
    struct image_set *labels = &bench.splits.items[SPLIT_UNLABELLED].label;
    for (size_t i = 0; i < labels->offsets[labels->count]; i++)
        labels->pixels[i] *= 3; /* surer, of the same classes */
    run(&bench, &truth);
    CU_ASSERT_NOT_EQUAL(memcmp(soft.arrays[0].array.values, truth.arrays[0].array.values,
                               array_bytes(&soft.arrays[0].array)),
                        0);
    record_release(&soft);
    record_release(&truth);
    bench.trial.experiment.train.labels = LABELS_TRUTH;
    run(&bench, &soft);
    choose_loss(&bench, "cross_entropy");
    run(&bench, &truth);
    CU_ASSERT_EQUAL_FATAL(same_arrays(&soft, &truth, "curves/validation.accuracy"), 1);
    record_release(&soft);
    record_release(&truth);
    release(&bench);
}

/* Asked to, early stopping looks at the validation images' ground truth: it decides when. */
static void test_early_stopping_sees_truth(void)
{
    struct bench bench;
    struct record before, after;

    load(&bench, denoise);
    prepare_bench(&bench);
    stop_early(&bench);
    bench.trial.experiment.train.early_stopping.labels = STOPPING_TRUTH;
    run(&bench, &before);
    CU_ASSERT_EQUAL(record_find(&before, "curves/train.loss")->dims[0], 6); /* ever better */
    /* Were the noise right, the network would be best before it is trained. */
    struct image_set *images = &bench.splits.truth[SPLIT_VALIDATION].images;
    memcpy(images->pixels, bench.splits.items[SPLIT_VALIDATION].input.pixels,
           images->offsets[images->count] * sizeof(float));
    run(&bench, &after);
    CU_ASSERT(record_find(&after, "curves/train.loss")->dims[0] < 6);
    record_release(&before);
    record_release(&after);
    release(&bench);
}

/* The wall has a door where the user asked for one: manual labels matter to `labels: manual`. */
static void test_manual_labels_are_seen(void)
{
    struct bench bench;
    struct record before, after;

    load(&bench, denoise);
    prepare_bench(&bench);
    bench.trial.experiment.train.labels = LABELS_MANUAL;
    run(&bench, &before);
    spoil(&bench.splits.truth[SPLIT_UNLABELLED], 0);
    spoil(&bench.splits.truth[SPLIT_VALIDATION], 0);
    spoil(&bench.splits.truth[SPLIT_TEST], 0);
    run(&bench, &after);
    CU_ASSERT_TRUE(same_arrays(&before, &after, "parameters/") >= 4);
    record_release(&after);
    spoil(&bench.splits.truth[SPLIT_MANUAL], 0);
    run(&bench, &after);
    CU_ASSERT_NOT_EQUAL(memcmp(before.arrays[0].array.values, after.arrays[0].array.values,
                               array_bytes(&before.arrays[0].array)),
                        0);
    record_release(&before);
    record_release(&after);
    release(&bench);
}

/* A data set whose classes are wrong outside the manual split. */
static bool manual_image[1024];

static enum status load_spoilt(const void *config, const struct dataset_request *request,
                               struct dataset_content *content, struct error *error)
{
    const struct dataset *digits = dataset_of(registry_find(registry_datasets(), "digits"));
    enum status status = digits->load(config, request, content, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < content->train.images.count; i++)
        if (!manual_image[i])
            content->train.classes[i] = (uint8_t)(9 - content->train.classes[i]);
    for (size_t i = 0; i < content->test.images.count; i++)
        content->test.classes[i] = (uint8_t)(9 - content->test.classes[i]);
    return STATUS_OK;
}

static void test_pipeline_sees_manual_alone(void)
{
    struct bench honest, spoilt;

    load(&honest, classify);
    prepare_bench(&honest);
    const struct split *manual = &honest.splits.items[SPLIT_MANUAL];
    memset(manual_image, 0, sizeof manual_image);
    for (size_t i = 0; i < manual->input.count; i++)
        manual_image[manual->pool_index[i]] = true;

    load(&spoilt, classify);
    struct dataset replaced = *dataset_of(spoilt.trial.experiment.dataset.source.kind);
    replaced.load = load_spoilt;
    spoilt.trial.experiment.dataset.source.kind = &replaced.descriptor;
    prepare_bench(&spoilt);
    CU_ASSERT_STRING_EQUAL(honest.splits.chosen.bytes, spoilt.splits.chosen.bytes);
    for (int s = 0; s < SPLITS; s++) {
        const struct image_set *a = &honest.splits.items[s].pipeline_out;
        const struct image_set *b = &spoilt.splits.items[s].pipeline_out;
        CU_ASSERT_EQUAL_FATAL(a->count, b->count);
        CU_ASSERT_EQUAL(memcmp(a->pixels, b->pixels, a->offsets[a->count] * sizeof(float)), 0);
    }
    CU_ASSERT_NOT_EQUAL(honest.splits.pipeline[SPLIT_TEST].values[METRIC_ACCURACY],
                        spoilt.splits.pipeline[SPLIT_TEST].values[METRIC_ACCURACY]);
    release(&honest);
    release(&spoilt);
}

void truth_wall_suite(void)
{
    CU_pSuite suite = CU_add_suite("truth_wall", NULL, NULL);
    CU_add_test(suite, "denoising: training is blind to ground truth", test_denoise_is_blind);
    CU_add_test(suite, "classification: training is blind to ground truth", test_classify_is_blind);
    CU_add_test(suite, "filters are blind to ground truth but for one", test_filters_are_blind);
    CU_add_test(suite, "early stopping is blind to ground truth", test_early_stopping_is_blind);
    CU_add_test(suite, "unless it is asked to look", test_early_stopping_sees_truth);
    CU_add_test(suite, "soft labels are the pipeline's scores", test_soft_labels);
    CU_add_test(suite, "labels: manual sees the manual truth alone", test_manual_labels_are_seen);
    CU_add_test(suite, "the pipeline is fitted on the manual split alone",
                test_pipeline_sees_manual_alone);
}
