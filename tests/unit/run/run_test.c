/* A trial, whole: what is stored, how splits are drawn, what is timed. */
#include "data/registry.h"
#include "interfaces/filter.h"
#include "tests/unit/trial_bench.h"
#include "trial/evaluation/latency.h"
#include "trial/training_set.h"
#include "trial/trial.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void run_suite(void);

/* What is stored of a filter's work, item by item and in numbers. */
static void test_filter_is_stored(void)
{
    struct bench bench;
    struct record record;
    size_t kept = 0;

    load(&bench, denoise);
    prepare_bench(&bench);
    struct image other = image_set_at(&bench.splits.truth[SPLIT_UNLABELLED].images, 3);
    for (size_t p = 0; p < shape_size(other.shape); p++)
        other.pixels[p] = 1 - other.pixels[p]; /* one label is far from it now */
    run(&bench, &record);
    const struct hdf5_array *keep = record_find(&record, "filter/keep");
    const struct hdf5_array *reason = record_find(&record, "filter/reason");
    const struct hdf5_array *score = record_find(&record, "filter/score");
    const struct hdf5_array *image = record_find(&record, "filter/image");
    CU_ASSERT_FATAL(keep && reason && score && image && keep->dims[0] == 24);
    for (size_t i = 0; i < 24; i++) {
        CU_ASSERT_EQUAL(((uint8_t *)keep->values)[i],
                        ((uint8_t *)reason->values)[i] == FILTER_KEPT);
        CU_ASSERT(((float *)score->values)[i] > 0);
        CU_ASSERT_EQUAL(((int64_t *)image->values)[i],
                        bench.splits.items[SPLIT_UNLABELLED].pool_index[i]);
        kept += ((uint8_t *)keep->values)[i];
    }
    CU_ASSERT_EQUAL(kept, 22);
    CU_ASSERT_EQUAL(record_value(&record, "filter.dropped")->integer, 2);
    CU_ASSERT_EQUAL(record_value(&record, "filter.errors")->integer, 1);
    CU_ASSERT(value(&record, "filter.auroc") >= 0 && value(&record, "filter.auroc") <= 1);
    record_release(&record);
    bench.trial.experiment.store.filter = false;
    run(&bench, &record);
    CU_ASSERT_PTR_NULL(record_find(&record, "filter/keep"));
    CU_ASSERT_PTR_NOT_NULL(record_value(&record, "filter.precision"));
    record_release(&record);
    /* Manual labels are right by definition: nothing is said of them. */
    bench.trial.experiment.train.labels = LABELS_MANUAL;
    run(&bench, &record);
    CU_ASSERT_PTR_NULL(record_value(&record, "filter.precision"));
    CU_ASSERT_EQUAL(record_value(&record, "filter.dropped")->integer, 0);
    record_release(&record);
    release(&bench);
}

/* The truth of patches is cut where they are: labels that nothing was done to are it. */
static void test_truth_of_patches(void)
{
    static const char yaml[] =
        "experiment: wall\ntask: denoise\nseed: 3\n"
        "dataset: {name: leaves, height: 24, width: 32, manual: 0, unlabelled: 5, validation: 0,\n"
        "          test: 2, patch: {size: 9, per_image: 4}}\n"
        "pipeline: {stages: [gaussian: {sigma: 0.1}]}\nnetwork: {family: dncnn}\n";
    struct random_key key = {3, 0};
    struct error error = {0};
    struct training_set items;
    struct truth truth;
    struct bench bench;

    load(&bench, yaml);
    prepare_bench(&bench);
    CU_ASSERT_EQUAL_FATAL(
        training_set_make(&items, &bench.trial.experiment, &bench.splits, key, 1, &error),
        STATUS_OK);
    CU_ASSERT_TRUE(training_set_have_truth(&bench.trial.experiment, &bench.splits));
    CU_ASSERT_EQUAL_FATAL(
        training_set_truth(&items, &bench.trial.experiment, &bench.splits, key, &truth, &error),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(truth.images.count, 20);
    for (size_t p = 0; p < truth.images.offsets[20]; p++)
        CU_ASSERT_DOUBLE_EQUAL(truth.images.pixels[p], items.targets.pixels[p], 1e-6);
    truth_release(&truth);
    training_set_release(&items);
    release(&bench);
}

/* What is told layer by layer adds up to what is told of the network. */
static void test_layers_add_up(void)
{
    struct bench bench;
    struct record record;
    double parameters = 0, multiply_adds = 0;
    int found = 0;

    load(&bench, classify);
    prepare_bench(&bench);
    run(&bench, &record);
    for (size_t i = 0; i < record.array_count; i++) {
        const struct hdf5_array *array = &record.arrays[i].array;
        bool is_parameters = strcmp(record.arrays[i].path, "layers/parameters") == 0;
        if (!is_parameters && strcmp(record.arrays[i].path, "layers/multiply_adds") != 0)
            continue;
        found++;
        for (size_t k = 0; k < array->dims[0]; k++)
            *(is_parameters ? &parameters : &multiply_adds) += ((const double *)array->values)[k];
    }
    CU_ASSERT_EQUAL(found, 2);
    CU_ASSERT_EQUAL(parameters, 61706); /* LeNet-5, counted by hand */
    CU_ASSERT_EQUAL(multiply_adds, 416520);
    CU_ASSERT_EQUAL(multiply_adds, value(&record, "network.multiply_adds"));
    record_release(&record);
    release(&bench);
}

/* Splits never share an image, and grow without moving one another. */
static void test_splits(void)
{
    struct bench small, large;
    char larger[sizeof classify + 16];

    load(&small, classify);
    prepare_bench(&small);
    snprintf(larger, sizeof larger, "%s", classify);
    memcpy(strstr(larger, "manual: 40"), "manual: 60", 10);
    load(&large, larger);
    prepare_bench(&large);
    for (int s = 0; s < SPLITS; s++)
        CU_ASSERT_EQUAL(memcmp(small.splits.items[s].pool_index, large.splits.items[s].pool_index,
                               small.splits.items[s].input.count * sizeof(uint32_t)),
                        0);
    bool seen[1024] = {false};
    for (int s = 0; s < SPLIT_TEST; s++)
        for (size_t i = 0; i < large.splits.items[s].input.count; i++) {
            CU_ASSERT_FALSE(seen[large.splits.items[s].pool_index[i]]);
            seen[large.splits.items[s].pool_index[i]] = true;
        }
    release(&small);
    release(&large);
}

/* A hundred images and no more, as of a set of files. */
static enum status load_hundred(const void *config, const struct dataset_request *request,
                                struct dataset_content *content, struct error *error)
{
    const struct dataset *digits = dataset_of(registry_find(registry_datasets(), "digits"));
    struct dataset_request less = *request;

    less.train = 100;
    less.test = 20;
    return digits->load(config, &less, content, error);
}

/* How many images of the split `manual` are unlabelled ones, too; -1 where there are not enough. */
static int shared_images(bool overlap, int64_t manual, size_t *unlabelled)
{
    struct bench bench;
    struct trial_options options = {.data = "data/raw", .threads = 2};
    struct error error = {0};
    int shared = 0;

    load(&bench, classify);
    struct dataset_section *section = &bench.trial.experiment.dataset;
    struct dataset files = *dataset_of(section->source.kind);
    files.load = load_hundred;
    files.generated = false;
    section->source.kind = &files.descriptor;
    section->overlap = overlap;
    section->manual = manual;
    section->unlabelled = COUNT_ALL;
    section->validation = 10;
    section->test = 20;
    enum status status = trial_prepare(&bench.splits, &bench.trial, &bench.cache, &options, &error);
    if (status != STATUS_OK) {
        CU_ASSERT_EQUAL(status, STATUS_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "are more than the 100 that"));
        shared = -1;
    }
    const struct split *splits = bench.splits.items;
    *unlabelled = splits[SPLIT_UNLABELLED].input.count;
    for (size_t i = 0; i < splits[SPLIT_MANUAL].input.count; i++)
        for (size_t j = 0; j < *unlabelled; j++)
            shared += splits[SPLIT_MANUAL].pool_index[i] == splits[SPLIT_UNLABELLED].pool_index[j];
    release(&bench);
    return shared;
}

/* With `overlap`, the pipeline labels its manual images, too; never those for validation. */
static void test_overlap(void)
{
    size_t unlabelled;

    CU_ASSERT_EQUAL(shared_images(false, 40, &unlabelled), 0);
    CU_ASSERT_EQUAL(unlabelled, 50);
    CU_ASSERT_EQUAL(shared_images(true, 40, &unlabelled), 40);
    CU_ASSERT_EQUAL(unlabelled, 90);
    CU_ASSERT_EQUAL(shared_images(true, 90, &unlabelled), 90);
    CU_ASSERT_EQUAL(shared_images(true, 91, &unlabelled), -1);
}

static bool has_value(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return true;
    return false;
}

/* Seconds of training at each epoch's end; the last is what all of it took. */
static void check_training_times(const struct record *record, const struct train_settings *settings)
{
    const struct hdf5_array *array = NULL;
    double total = value(record, "timing.training.seconds");

    for (size_t i = 0; i < record->array_count; i++)
        if (strcmp(record->arrays[i].path, "timing/curves/train.seconds") == 0)
            array = &record->arrays[i].array;
    CU_ASSERT_PTR_NOT_NULL_FATAL(array);
    CU_ASSERT_EQUAL_FATAL(array->dims[0], (size_t)settings->epochs);
    const double *seconds = array->values;
    for (size_t e = 0; e < array->dims[0]; e++)
        CU_ASSERT(seconds[e] > (e ? seconds[e - 1] : 0));
    CU_ASSERT_EQUAL(seconds[array->dims[0] - 1], total);
    double images = total * value(record, "timing.training.images_per_second");
    CU_ASSERT_DOUBLE_EQUAL(images, 22.0 * (double)settings->epochs, 1e-6); /* 2 of 24 are dropped */
}

/* Networks are measured when asked to, equal ones once, and nothing else changes. */
static void test_speeds(void)
{
    static const char *const batches[] = {"1", "64"};
    struct bench bench;
    struct record plain, measured, again;
    struct latencies speeds = {0};

    load(&bench, denoise);
    prepare_bench(&bench);
    run(&bench, &plain);
    run_measured(&bench, &speeds, &measured);
    CU_ASSERT_EQUAL(speeds.count, 1);
    run_measured(&bench, &speeds, &again);
    CU_ASSERT_EQUAL(speeds.count, 1);
    CU_ASSERT_TRUE(same_arrays(&plain, &measured, "parameters/") >= 4);
    CU_ASSERT_EQUAL(measured.value_count, plain.value_count + 10);
    CU_ASSERT_EQUAL(value(&measured, "timing.inference.threads"), 1);
    CU_ASSERT_TRUE(value(&measured, "timing.pipeline.seconds_per_image") > 0);
    CU_ASSERT_EQUAL(value(&measured, "timing.network.seconds_per_image"),
                    value(&measured, "timing.inference.batch_1.latency_s"));
    CU_ASSERT_EQUAL(value(&measured, "timing.pipeline.seconds_per_image"),
                    value(&again, "timing.pipeline.seconds_per_image"));
    CU_ASSERT_EQUAL(value(&measured, "timing.inference.workers"), 3);
    CU_ASSERT_EQUAL(value(&again, "timing.inference.workers"), 3);
    for (size_t b = 0; b < 2; b++) {
        char latency[64], images[64];
        snprintf(latency, sizeof latency, "timing.inference.batch_%s.latency_s", batches[b]);
        snprintf(images, sizeof images, "timing.inference.batch_%s.images_per_second", batches[b]);
        CU_ASSERT(!has_value(&plain, latency) && !has_value(&plain, images));
        CU_ASSERT(value(&measured, latency) > 0 && value(&measured, latency) < 60);
        CU_ASSERT_EQUAL(value(&measured, latency), value(&again, latency));
        CU_ASSERT_DOUBLE_EQUAL(value(&measured, images) * value(&measured, latency),
                               speed_batches[b], 1e-9);
    }
    check_training_times(&plain, &bench.trial.experiment.train);
    record_release(&again);
    record_release(&measured);
    record_release(&plain);
    latencies_release(&speeds);
    release(&bench);
}

void run_suite(void)
{
    CU_pSuite suite = CU_add_suite("run", NULL, NULL);
    CU_add_test(suite, "what a filter says is stored", test_filter_is_stored);
    CU_add_test(suite, "the truth of patches is cut where they are", test_truth_of_patches);
    CU_add_test(suite, "layers add up to the network", test_layers_add_up);
    CU_add_test(suite, "splits are disjoint and nested", test_splits);
    CU_add_test(suite, "manual images may be labelled by the pipeline, too", test_overlap);
    CU_add_test(suite, "training and networks are timed, equal ones once", test_speeds);
}
