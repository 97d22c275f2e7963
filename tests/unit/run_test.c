/*
 * The runner: ground truth reaches nothing but the pipeline's fitting (manual split) and
 * evaluation. Each test spoils truth that must not matter and asks for the same bits.
 */
#include "data/registry.h"
#include "filters/registry.h"
#include "interfaces/filter.h"
#include "train/registry.h"
#include "trial/evaluation/latency.h"
#include "trial/training_set.h"
#include "trial/trial.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

static const char denoise[] =
    "experiment: wall\nabout: ground truth\ntask: denoise\nseed: 3\nreplicates: 1\n"
    "dataset: {name: digits, manual: 8, unlabelled: 24, validation: 6, test: 6,\n"
    "          degrade: [gaussian_noise: {sigma: 40}]}\n"
    "pipeline: {stages: [median, gaussian: {sigma: {tune: [0.4, 0.8]}}]}\n"
    "filter: {method: residual_trim, fraction: 0.1, epochs: 1}\n"
    "network: {family: dncnn, depth: 2, width: 4}\n"
    "train: {epochs: 2, batch: 8, shard: 4}\n"
    "store: {parameters: true}\n";

static const char classify[] =
    "experiment: wall\nabout: ground truth\ntask: classify\nseed: 3\nreplicates: 1\n"
    "dataset: {name: digits, manual: 40, unlabelled: 60, validation: 10, test: 100}\n"
    "pipeline: {stages: [hog, linear_svm: {cost: {tune: [0.01, 1.0]}}]}\n"
    "filter: {method: none}\n"
    "network: {family: lenet5}\n"
    "train: {epochs: 4, batch: 16, shard: 8}\n"
    "store: {parameters: true}\n";

struct bench { /* everything that one trial needs */
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct dataset_cache cache;
    struct splits splits;
};

static void load(struct bench *bench, const char *yaml)
{
    struct diagnostics found = {0};
    struct error error = {0};
    struct plan_options options = {.home = "."};

    memset(bench, 0, sizeof *bench);
    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("networks/families"), &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        plan_load_text(&bench->plan, "wall.yaml", yaml, strlen(yaml), &options, &found, &error),
        STATUS_OK);
    if (found.count)
        printf("%s: %s\n", found.items[0].where.path, found.items[0].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    CU_ASSERT_EQUAL_FATAL(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error),
                          STATUS_OK);
    const struct engine *engine = engine_of(bench->trial.experiment.train.engine.kind);
    CU_ASSERT_EQUAL_FATAL(engine->start(&error), STATUS_OK);
}

static void prepare_bench(struct bench *bench)
{
    struct trial_options options = {.data = "data/raw", .threads = 2};
    struct error error = {0};
    enum status status =
        trial_prepare(&bench->splits, &bench->trial, &bench->cache, &options, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static void release(struct bench *bench)
{
    splits_release(&bench->splits);
    dataset_cache_release(&bench->cache);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
    families_release();
}

static void run_measured(const struct bench *bench, struct latencies *speeds, struct record *record)
{
    struct trial_options options = {.threads = 2, .workers = 3, .latencies = speeds};
    struct error error = {0};

    memset(record, 0, sizeof *record);
    enum status status =
        trial_learn(&bench->trial, &bench->plan, &bench->splits, &options, record, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static void run(const struct bench *bench, struct record *record)
{
    run_measured(bench, NULL, record);
}

static size_t array_bytes(const struct hdf5_array *array)
{
    size_t size = array->type == HDF5_FLOAT64 ? 8 : array->type == HDF5_FLOAT32 ? 4 : 1;
    for (int d = 0; d < array->rank; d++)
        size *= array->dims[d];
    return size;
}

/* Number of arrays of both records below `folder`; their bytes must be equal. */
static int same_arrays(const struct record *a, const struct record *b, const char *folder)
{
    int count = 0;
    CU_ASSERT_EQUAL_FATAL(a->array_count, b->array_count);
    for (size_t i = 0; i < a->array_count; i++) {
        if (strncmp(a->arrays[i].path, folder, strlen(folder)) != 0)
            continue;
        CU_ASSERT_STRING_EQUAL(a->arrays[i].path, b->arrays[i].path);
        CU_ASSERT_EQUAL_FATAL(array_bytes(&a->arrays[i].array), array_bytes(&b->arrays[i].array));
        CU_ASSERT_EQUAL(memcmp(a->arrays[i].array.values, b->arrays[i].array.values,
                               array_bytes(&a->arrays[i].array)),
                        0);
        count++;
    }
    return count;
}

static double value(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return record->values[i].type == RECORD_INTEGER ? (double)record->values[i].integer
                                                            : record->values[i].real;
    CU_FAIL_FATAL("no such value");
    return 0;
}

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

static void soft_labels(struct bench *bench)
{
    struct train_settings *train = &bench->trial.experiment.train;
    struct diagnostics found = {0};

    train->loss.kind = registry_find(registry_losses(), "soft_cross_entropy");
    CU_ASSERT_EQUAL_FATAL(
        arena_new(&bench->arena, &train->loss.config, 1, train->loss.kind->config_size, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(schema_read(train->loss.kind->fields, NULL, "", train->loss.config,
                                      &bench->arena, &found, NULL),
                          STATUS_OK);
    diagnostics_release(&found);
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
    const struct component hard = {.kind = registry_find(registry_losses(), "cross_entropy"),
                                   .config = (double[]){0}};
    bench.trial.experiment.train.loss = hard;
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
    CU_ASSERT_NOT_EQUAL(honest.splits.pipeline[SPLIT_TEST].accuracy,
                        spoilt.splits.pipeline[SPLIT_TEST].accuracy);
    release(&honest);
    release(&spoilt);
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
    CU_ASSERT_EQUAL(measured.value_count, plain.value_count + 8);
    CU_ASSERT_EQUAL(value(&measured, "timing.inference.threads"), 1);
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
    CU_add_test(suite, "denoising: training is blind to ground truth", test_denoise_is_blind);
    CU_add_test(suite, "classification: training is blind to ground truth", test_classify_is_blind);
    CU_add_test(suite, "filters are blind to ground truth but for one", test_filters_are_blind);
    CU_add_test(suite, "what a filter says is stored", test_filter_is_stored);
    CU_add_test(suite, "the truth of patches is cut where they are", test_truth_of_patches);
    CU_add_test(suite, "early stopping is blind to ground truth", test_early_stopping_is_blind);
    CU_add_test(suite, "unless it is asked to look", test_early_stopping_sees_truth);
    CU_add_test(suite, "soft labels are the pipeline's scores", test_soft_labels);
    CU_add_test(suite, "labels: manual sees the manual truth alone", test_manual_labels_are_seen);
    CU_add_test(suite, "the pipeline is fitted on the manual split alone",
                test_pipeline_sees_manual_alone);
    CU_add_test(suite, "layers add up to the network", test_layers_add_up);
    CU_add_test(suite, "splits are disjoint and nested", test_splits);
    CU_add_test(suite, "manual images may be labelled by the pipeline, too", test_overlap);
    CU_add_test(suite, "training and networks are timed, equal ones once", test_speeds);
}
