/*
 * Recorded data: what belongs together, who is drawn, over which images scores are; and the wall:
 * what was learnt does not change where truth outside of the manual split is wrong, or not there.
 */
#include "data/recorded.h"
#include "data/registry.h"
#include "trial/trial.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void recorded_suite(void);

#define SECTION                                                                                    \
    "dataset: {name: recorded, inputs: recorded/photos, labels: recorded/old, "                    \
    "truth: recorded/hand, manual: 2, unlabelled: %s, validation: 3, test: %s}\n"

static const char rest[] = "experiment: wall\ntask: denoise\nseed: 3\n"
                           "pipeline: {stages: [recorded, gaussian: {sigma: {tune: [0.3, 0.6]}}]}\n"
                           "filter: {method: residual_trim, fraction: 0.1, epochs: 1}\n"
                           "network: {family: dncnn, depth: 2, width: 4}\n"
                           "train: {epochs: 2, batch: 4, shard: 2}\nstore: {parameters: true}\n";

struct bench {
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct dataset_cache cache;
    struct splits splits;
};

static struct error error;

#define OK(call) CU_ASSERT_EQUAL_FATAL(call, STATUS_OK)

static void load(struct bench *bench, const char *unlabelled, const char *test, const char *more)
{
    char yaml[2048];
    struct diagnostics found = {0};
    struct plan_options options = {.home = "."};

    memset(bench, 0, sizeof *bench);
    snprintf(yaml, sizeof yaml, SECTION "%s%s", unlabelled, test, rest, more);
    OK(families_load(TEXTS("networks/families"), &found, &error));
    OK(plan_load_text(&bench->plan, "wall.yaml", yaml, strlen(yaml), &options, &found, &error));
    if (found.count)
        printf("%s: %s\n", found.items[0].where.path, found.items[0].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    OK(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error));
    const struct engine *engine = (const struct engine *)bench->trial.experiment.train.engine.kind;
    OK(engine->start(&error));
}

static void prepare(struct bench *bench)
{
    struct trial_options options = {.data = "tests/golden", .threads = 2};
    enum status status =
        trial_prepare(&bench->splits, &bench->trial, &bench->cache, &options, &error);

    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static void learn(const struct bench *bench, struct record *record)
{
    struct trial_options options = {.threads = 2};

    memset(record, 0, sizeof *record);
    OK(trial_learn(&bench->trial, &bench->plan, &bench->splits, &options, record, &error));
}

static void release(struct bench *bench)
{
    splits_release(&bench->splits);
    dataset_cache_release(&bench->cache);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
    families_release();
}

static size_t count_of(const struct bench *bench, enum split_name name)
{
    return bench->splits.items[name].input.count;
}

/* ---- draws */

static bool has_truth(const struct bench *bench, enum split_name name, size_t i)
{
    const struct truth *truth = &bench->splits.truth[name];
    return !truth->known || truth->known[i];
}

static void count_images(const struct bench *bench, int seen[16])
{
    memset(seen, 0, 16 * sizeof *seen);
    for (enum split_name s = 0; s < SPLITS; s++)
        for (size_t i = 0; i < count_of(bench, s); i++) {
            int number = -1;
            const char *slash = strrchr(bench->splits.items[s].names[i], '/');
            CU_ASSERT_EQUAL(sscanf(slash, "/%d.pgm", &number), 1);
            CU_ASSERT_FATAL(number >= 0 && number < 16);
            seen[number]++;
            CU_ASSERT_EQUAL(has_truth(bench, s, i), number % 3 == 0);
        }
}

static void test_draws(void)
{
    static const char *const tests[] = {"4", "{list: recorded/test.csv}"};
    struct bench bench;
    int seen[16];

    for (size_t t = 0; t < 2; t++)
        for (int seed = 1; seed < 6; seed++) {
            load(&bench, "all", tests[t], "");
            bench.trial.experiment.seed = seed;
            prepare(&bench);
            CU_ASSERT_EQUAL(count_of(&bench, SPLIT_MANUAL), 2);
            CU_ASSERT_EQUAL(count_of(&bench, SPLIT_VALIDATION), 3);
            CU_ASSERT_EQUAL(count_of(&bench, SPLIT_UNLABELLED), 7);
            CU_ASSERT_EQUAL(count_of(&bench, SPLIT_TEST), 4);
            CU_ASSERT_EQUAL(bench.splits.truth[SPLIT_MANUAL].known_count, 2);
            count_images(&bench, seen);
            for (size_t i = 0; i < 16; i++)
                CU_ASSERT_EQUAL(seen[i], 1);
            release(&bench);
        }
}

/* Inputs, labels and truth of an image are those of its name: a label is the median of its input.
 */
static void test_pairs(void)
{
    struct bench bench;
    size_t differ = 0;

    load(&bench, "all", "{list: recorded/test.csv}", "");
    prepare(&bench);
    for (enum split_name s = 0; s < SPLITS; s++)
        for (size_t i = 0; i < count_of(&bench, s); i++) {
            struct image in = image_set_at(&bench.splits.items[s].input, i);
            struct image out = image_set_at(&bench.splits.items[s].recorded, i);
            float window[9];
            size_t count = 0;
            for (int y = 4; y < 7; y++)
                for (int x = 4; x < 7; x++)
                    window[count++] = in.pixels[y * in.shape.width + x];
            for (size_t a = 0; a < 9; a++) /* sorted */
                for (size_t b = a + 1; b < 9; b++)
                    if (window[b] < window[a]) {
                        float held = window[a];
                        window[a] = window[b];
                        window[b] = held;
                    }
            differ += window[4] != out.pixels[5 * in.shape.width + 5];
        }
    CU_ASSERT_EQUAL(differ, 0);
    release(&bench);
}

/* ---- scores */

static const struct record_value *find(const struct record *record, const char *name)
{
    return record_value(record, name);
}

/* Only image 03 of the four test images has truth: scores are its own. */
static void test_scores_of_some(void)
{
    struct bench bench;
    struct record record;
    struct scores scores;
    struct image_set output = {0}, truth = {0};

    load(&bench, "all", "{list: recorded/test.csv}", "");
    prepare(&bench);
    uint32_t at = 0;
    while (!has_truth(&bench, SPLIT_TEST, at))
        at++;
    OK(image_set_select(&output, &bench.splits.items[SPLIT_TEST].pipeline_out, &at, 1, &error));
    OK(image_set_select(&truth, &bench.splits.truth[SPLIT_TEST].images, &at, 1, &error));
    OK(metrics_images(&output, &truth, 1, &scores, NULL, &error));
    CU_ASSERT_EQUAL(bench.splits.pipeline[SPLIT_TEST].values[METRIC_SSIM],
                    scores.values[METRIC_SSIM]);
    CU_ASSERT_EQUAL(bench.splits.pipeline[SPLIT_TEST].values[METRIC_PSNR],
                    scores.values[METRIC_PSNR]);
    learn(&bench, &record);
    CU_ASSERT_EQUAL(find(&record, "test.truth_images")->integer, 1);
    CU_ASSERT_EQUAL(find(&record, "pipeline.test.ssim")->real, scores.values[METRIC_SSIM]);
    CU_ASSERT_PTR_NULL(find(&record, "filter.errors")); /* not all labels can be judged */
    CU_ASSERT(isnan(find(&record, "pipeline.multiply_adds")->real)); /* nobody knows */
    CU_ASSERT_PTR_NULL(record_find(&record, "examples/clean"));
    record_release(&record);
    image_set_release(&output);
    image_set_release(&truth);
    release(&bench);
}

/* ---- the wall */

static bool is_manual[64];

/* Truth is there for the manual images alone. */
static enum status load_less(const void *config, const struct dataset_request *request,
                             struct dataset_content *content, struct error *fault)
{
    const struct dataset *recorded =
        (const struct dataset *)registry_find(registry_datasets(), "recorded");
    enum status status = recorded->load(config, request, content, fault);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < dataset_pool_count(&content->train); i++)
        if (!is_manual[i])
            content->train.truth->of[i] = UINT32_MAX;
    for (size_t i = 0; i < dataset_pool_count(&content->test); i++)
        content->test.truth->of[i] = UINT32_MAX;
    content->test.truth->count = 0;
    return STATUS_OK;
}

static int same_arrays(const struct record *a, const struct record *b, const char *folder)
{
    int count = 0;

    for (size_t i = 0; i < a->array_count; i++) {
        const struct record_array *one = &a->arrays[i];
        if (strncmp(one->path, folder, strlen(folder)) != 0)
            continue;
        const struct hdf5_array *other = record_find(b, one->path);
        CU_ASSERT_FATAL(other != NULL);
        size_t size = one->array.type == HDF5_FLOAT64 ? 8 : one->array.type == HDF5_UINT8 ? 1 : 4;
        for (int d = 0; d < one->array.rank; d++) {
            CU_ASSERT_EQUAL_FATAL(one->array.dims[d], other->dims[d]);
            size *= one->array.dims[d];
        }
        CU_ASSERT_EQUAL(memcmp(one->array.values, other->values, size), 0);
        count++;
    }
    return count;
}

static void same_training(const struct record *a, const struct record *b)
{
    CU_ASSERT_TRUE(same_arrays(a, b, "parameters/") >= 3);
    CU_ASSERT_EQUAL(same_arrays(a, b, "curves/train.loss"), 1);
    CU_ASSERT_EQUAL(same_arrays(a, b, "filter/keep"), 1);
}

/* Tuning, labels, filter and training, with no truth but that of the manual images. */
static void test_blind_to_absence(void)
{
    struct bench all, less;
    struct record before, after;

    load(&all, "all", "{list: recorded/test.csv}", "");
    prepare(&all);
    learn(&all, &before);
    memset(is_manual, 0, sizeof is_manual);
    for (size_t i = 0; i < 2; i++)
        is_manual[all.splits.items[SPLIT_MANUAL].pool_index[i]] = true;

    load(&less, "all", "{list: recorded/test.csv}", "");
    struct dataset replaced = *(const struct dataset *)less.trial.experiment.dataset.source.kind;
    replaced.load = load_less;
    less.trial.experiment.dataset.source.kind = &replaced.descriptor;
    prepare(&less);
    learn(&less, &after);
    CU_ASSERT_STRING_EQUAL(all.splits.chosen.bytes, less.splits.chosen.bytes);
    same_training(&before, &after);
    CU_ASSERT_PTR_NOT_NULL(find(&before, "network.test.ssim"));
    CU_ASSERT_PTR_NULL(find(&after, "network.test.ssim"));
    CU_ASSERT_PTR_NULL(find(&after, "pipeline.test.ssim"));
    CU_ASSERT_EQUAL(find(&after, "test.truth_images")->integer, 0);
    record_release(&before);
    record_release(&after);
    release(&all);
    release(&less);
}

/* Filter and training, with every truth turned. */
static void test_blind_to_errors(void)
{
    struct bench bench;
    struct record before, after;

    load(&bench, "all", "{list: recorded/test.csv}", "");
    prepare(&bench);
    learn(&bench, &before);
    for (int s = 0; s < SPLITS; s++) {
        struct image_set *images = &bench.splits.truth[s].images;
        for (size_t p = 0; images->count && p < images->offsets[images->count]; p++)
            images->pixels[p] = 1 - images->pixels[p];
    }
    learn(&bench, &after);
    same_training(&before, &after);
    CU_ASSERT_NOT_EQUAL(find(&before, "network.test.ssim")->real,
                        find(&after, "network.test.ssim")->real);
    record_release(&before);
    record_release(&after);
    release(&bench);
}

/* ---- classes */

static enum status load_classes(struct dataset_content *content, struct error *fault)
{
    const struct dataset *set =
        (const struct dataset *)registry_find(registry_datasets(), "recorded");
    const char *inputs = "photos", *none = "";
    struct recorded config = {.inputs = {&inputs, 1},
                              .labels = "",
                              .truth = "",
                              .match = "kinds_truth.csv",
                              .test_list = "test_d.csv",
                              .test_folder = {&none, 1}};
    struct dataset_request request = {
        .directory = "tests/bad/datasets/data", .train = SIZE_MAX, .test = SIZE_MAX, .threads = 1};

    return set->load(&config, &request, content, fault);
}

static void test_classes(void)
{
    struct dataset_content content;

    OK(load_classes(&content, &error));
    CU_ASSERT_EQUAL_FATAL(content.count, 2);
    CU_ASSERT_STRING_EQUAL(content.names[0], "cat");
    CU_ASSERT_STRING_EQUAL(content.names[1], "dog");
    CU_ASSERT_EQUAL_FATAL(dataset_pool_count(&content.train), 5);
    CU_ASSERT_EQUAL_FATAL(dataset_pool_count(&content.test), 1);
    static const uint8_t labels[] = {0, 0, 0, 1, 1}; /* a, b, c, e, f */
    CU_ASSERT_EQUAL(memcmp(content.train.labels->classes, labels, 5), 0);
    CU_ASSERT_EQUAL(content.test.labels->classes[0], 1);
    CU_ASSERT_EQUAL(content.train.truth->classes[0], 0);
    CU_ASSERT_EQUAL(content.train.truth->classes[1], DATASET_NO_CLASS);
    CU_ASSERT_EQUAL(dataset_pool_truth(&content.train), 1);
    CU_ASSERT_EQUAL(dataset_pool_truth(&content.test), 0);
    dataset_content_release(&content);
}

static void test_allocations(void)
{
    enum status status = STATUS_MEMORY;
    struct dataset_content content;
    size_t n;

    for (n = 1; status == STATUS_MEMORY && n < 2000; n++) {
        memory_fail_at(n);
        status = load_classes(&content, &error);
        if (status != STATUS_OK)
            CU_ASSERT(content.train.files.count == 0 && content.train.truth == NULL);
        dataset_content_release(&content);
    }
    memory_fail_at(0);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT_TRUE(n > 30);
}

void recorded_suite(void)
{
    CU_pSuite suite = CU_add_suite("recorded", NULL, NULL);

    CU_add_test(suite, "every image is in one split, manual ones have truth", test_draws);
    CU_add_test(suite, "labels belong to their inputs", test_pairs);
    CU_add_test(suite, "scores are over the images that have truth", test_scores_of_some);
    CU_add_test(suite, "nothing depends on whether there is other truth", test_blind_to_absence);
    CU_add_test(suite, "training is blind to ground truth", test_blind_to_errors);
    CU_add_test(suite, "classes by a table, with their names", test_classes);
    CU_add_test(suite, "the n-th allocation fails while reading", test_allocations);
}
