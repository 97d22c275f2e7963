/* Scores of trained networks in 8-bit integers: columns where asked for, near those in float32, of
 * the same bits on any number of threads, and without a look at truth. */
#include "trial/evaluation/evaluation_int8.h"

#include "tests/unit/trial_bench.h"
#include "trial/training_set.h"

#include <CUnit/CUnit.h>
#include <math.h>

void int8_scores_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

/* A stage after the part that the network replaces, which blurs away most of what differs. */
static const char blurred[] =
    "experiment: wall\ntask: denoise\nseed: 3\n"
    "dataset: {name: digits, manual: 8, unlabelled: 16, validation: 4, test: 4,\n"
    "          degrade: [gaussian_noise: {sigma: 40}]}\n"
    "pipeline: {stages: [median, gaussian: {sigma: 3}], replace: {to: median}}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "train: {epochs: 1, batch: 8, shard: 4}\nstore: {parameters: true}\n";

static const struct quantize_section asked = {true, CALIBRATION_MSE, 99.99, 8};

/* The trial of `yaml`, ready to train. */
static void ready(struct bench *bench, const char *yaml, struct quantize_section quantize)
{
    load(bench, yaml);
    bench->trial.experiment.quantize = quantize;
    prepare_bench(bench);
}

static size_t count_columns(const struct record *record, const char *prefix)
{
    size_t count = 0;

    for (size_t i = 0; i < record->value_count; i++)
        count += strncmp(record->values[i].name, prefix, strlen(prefix)) == 0;
    return count;
}

/* All columns network.int8.SPLIT.METRIC lie within `most` of network.SPLIT.METRIC; not those of
 * single classes, which have few images. */
static void near_float(const struct record *record, double most)
{
    static const char prefix[] = "network.int8.";
    char name[128];

    for (size_t i = 0; i < record->value_count; i++) {
        const char *column = record->values[i].name;
        if (strncmp(column, prefix, sizeof prefix - 1) != 0 || strstr(column, "bytes") ||
            strstr(column, "class_"))
            continue;
        snprintf(name, sizeof name, "network.%s", column + sizeof prefix - 1);
        double scale = strstr(column, "psnr") ? 100 : 1;
        CU_ASSERT_DOUBLE_EQUAL(value(record, column), value(record, name), scale * most);
    }
}

/* Without the section there is nothing of it; with it, all else is as it was. */
static void columns_where_asked(void)
{
    struct bench bench;
    struct record without, with;

    ready(&bench, denoise, (struct quantize_section){0});
    run(&bench, &without);
    bench.trial.experiment.quantize = asked;
    run(&bench, &with);
    CU_ASSERT_EQUAL(count_columns(&without, "network.int8."), 0);
    CU_ASSERT_EQUAL(count_columns(&with, "network.int8."), 10);
    CU_ASSERT_EQUAL(with.value_count, without.value_count + 10);
    CU_ASSERT_PTR_NULL(record_find(&without, "network/ranges"));
    CU_ASSERT_PTR_NOT_NULL(record_find(&with, "network/ranges"));
    for (size_t i = 0; i < without.value_count; i++)
        if (without.values[i].type != RECORD_TEXT &&
            strncmp(without.values[i].name, "timing.", 7) != 0) {
            double before = value(&without, without.values[i].name);
            double after = value(&with, without.values[i].name);
            CU_ASSERT(before == after || (isnan(before) && isnan(after)));
        }
    near_float(&with, 0.02);
    /* Two convolutions, 4 x (9 + 12) and 1 x (36 + 12) bytes, and three factors of the sum. */
    CU_ASSERT_EQUAL(value(&with, "network.int8.bytes"), 84 + 48 + 24);
    CU_ASSERT_EQUAL(4 * value(&with, "network.int8.peak_activation_bytes"),
                    value(&with, "network.peak_activation_bytes"));
    record_release(&without);
    record_release(&with);
    release(&bench);
}

static void classes_and_methods(void)
{
    struct bench bench;
    struct record record;

    ready(&bench, classify, asked);
    for (int64_t method = 0; calibration_methods[method]; method++) {
        bench.trial.experiment.quantize.calibration = method;
        run(&bench, &record);
        near_float(&record, 0.15); /* one of ten validation images, at most */
        CU_ASSERT(count_columns(&record, "network.int8.test.accuracy.class_") == 10);
        record_release(&record);
    }
    release(&bench);
}

static void stages_carry_on(void)
{
    struct bench bench;
    struct record record;

    ready(&bench, blurred, asked);
    run(&bench, &record);
    CU_ASSERT(value(&record, "network.int8.test.agreement.ssim") > 0.9);
    near_float(&record, 0.005);
    record_release(&record);
    release(&bench);
}

static void same_on_all_threads(void)
{
    static const char *const columns[] = {"network.int8.validation.ssim", "network.int8.test.psnr",
                                          "network.int8.test.agreement.ssim"};
    struct trial_options options = {.threads = 3};
    struct bench bench;
    struct record two, three = {0};

    ready(&bench, denoise, asked);
    run(&bench, &two);
    OK(trial_learn(&bench.trial, &bench.plan, &bench.splits, &options, &three, NULL));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        CU_ASSERT_EQUAL(value(&two, columns[i]), value(&three, columns[i]));
    CU_ASSERT_EQUAL(same_arrays(&two, &three, "network/ranges"), 1);
    record_release(&two);
    record_release(&three);
    release(&bench);
}

/* Neither ranges nor agreement know of truth. */
static void truth_is_not_looked_at(void)
{
    struct bench bench;
    struct record before, after;

    ready(&bench, denoise, asked);
    run(&bench, &before);
    for (int s = 0; s < SPLITS; s++) {
        struct image_set *images = &bench.splits.truth[s].images;
        for (size_t p = 0; p < images->offsets[images->count]; p++)
            images->pixels[p] = 1 - images->pixels[p];
    }
    run(&bench, &after);
    CU_ASSERT_EQUAL(same_arrays(&before, &after, "network/ranges"), 1);
    CU_ASSERT_EQUAL(value(&before, "network.int8.test.agreement.ssim"),
                    value(&after, "network.int8.test.agreement.ssim"));
    CU_ASSERT_NOT_EQUAL(value(&before, "network.int8.test.ssim"),
                        value(&after, "network.int8.test.ssim"));
    record_release(&before);
    record_release(&after);
    release(&bench);
}

/* Ranges are of the first unlabelled images alone, of patches of these, or of manual ones. */
static void images_that_are_looked_at(void)
{
    struct bench bench;
    struct record whole, patches, others, manual;

    ready(&bench, denoise, asked);
    run(&bench, &whole);
    struct split *unlabelled = &bench.splits.items[SPLIT_UNLABELLED];
    size_t eight = unlabelled->network_in.offsets[8];
    bench.trial.experiment.dataset.patch.size = 12;
    run(&bench, &patches);
    bench.trial.experiment.dataset.patch.size = 0;
    bench.trial.experiment.train.labels = LABELS_MANUAL;
    run(&bench, &manual);
    unlabelled->network_in.pixels[eight] += 9; /* of the ninth */
    run(&bench, &others);
    CU_ASSERT_EQUAL(same_arrays(&manual, &others, "network/ranges"), 1);
    record_release(&others);
    unlabelled->network_in.pixels[eight - 1] += 9; /* of the eighth */
    run(&bench, &others);
    const float *ranges = record_find(&manual, "network/ranges")->values;
    const float *wider = record_find(&others, "network/ranges")->values;
    CU_ASSERT(wider[1] > ranges[1]);
    CU_ASSERT(memcmp(record_find(&whole, "network/ranges")->values,
                     record_find(&patches, "network/ranges")->values, 16 * sizeof(float)) != 0);
    record_release(&others);
    record_release(&whole);
    record_release(&patches);
    record_release(&manual);
    release(&bench);
}

/* A network whose values are not finite stays in float32, and it is said why. */
static void what_has_no_integers(void)
{
    struct bench bench;
    struct network network;
    struct shape input;
    struct trained trained = {0};
    struct record record = {0};
    struct text notes = {0};

    ready(&bench, blurred, asked);
    OK(training_set_shape(&bench.trial.experiment, &bench.splits, &input, NULL));
    OK(trial_network(&bench.trial, &bench.splits, input, &network, NULL));
    OK(memory_new(&trained.parameters, network.parameters, sizeof(float), NULL));
    OK(memory_new(&trained.statistics, network.statistics, sizeof(float), NULL));
    for (size_t i = 0; i < network.parameters; i++)
        trained.parameters[i] = (float)NAN;
    text_append(&notes, "first");
    OK(evaluation_int8(&record, &bench.trial, &bench.splits, &trained, 2, &notes, NULL));
    OK(evaluation_ranges(&record, &bench.trial, &bench.splits, &network, &trained, NULL));
    CU_ASSERT(record.value_count == 0 && record.array_count == 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(notes.bytes, "first; no int8 scores: conv"));
    CU_ASSERT_PTR_NOT_NULL(strstr(notes.bytes, "the trained network gives no finite values"));
    text_release(&notes);
    record_release(&record);
    trained_release(&trained);
    network_release(&network);
    release(&bench);
}

void int8_scores_suite(void)
{
    CU_pSuite suite = CU_add_suite("int8_scores", NULL, NULL);

    CU_add_test(suite, "columns where asked for", columns_where_asked);
    CU_add_test(suite, "classes, by each method", classes_and_methods);
    CU_add_test(suite, "later stages carry on", stages_carry_on);
    CU_add_test(suite, "the same on all threads", same_on_all_threads);
    CU_add_test(suite, "truth is not looked at", truth_is_not_looked_at);
    CU_add_test(suite, "images that are looked at", images_that_are_looked_at);
    CU_add_test(suite, "what has no integers", what_has_no_integers);
}
