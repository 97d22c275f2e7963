/* filters/: each on labels of which we know what is wrong. */
#include "interfaces/filter.h"
#include "tests/unit/defaults.h"
#include "tests/unit/filter_bench.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void filters_suite(void);

/* An out-of-fold oracle: gives `answers`, and remembers what it was asked. */
struct oracle {
    const struct image_set *answers;
    int folds, epochs, calls;
};

static enum status ask(void *context, const struct filter_network *network, int folds,
                       struct image_set *predictions, struct error *problem)
{
    struct oracle *oracle = context;
    oracle->folds = folds;
    oracle->epochs = (int)network->epochs;
    CU_ASSERT_PTR_NULL(network->family.kind); /* the trial's own, unless told */
    oracle->calls++;
    return image_set_copy(predictions, oracle->answers, problem);
}

static void test_none(void)
{
    struct image_set images;
    OK(image_set_new_uniform(&images, 10, (struct shape){1, 2, 2}, &error));
    struct filter_input input = plain_input(&images);
    OK(apply(&filter_none, NULL, &input));
    CU_ASSERT_EQUAL(dropped(10, FILTER_KEPT), 0);
    image_set_release(&images);
}

static void test_random_counts(void)
{
    static const struct {
        double fraction;
        size_t items, dropped;
    } cases[] = {{0, 100, 0},   {0.05, 100, 5}, {0.05, 9, 0}, {0.05, 10, 1}, {0.5, 3, 2},
                 {0.25, 10, 3}, {0.9, 1, 1},    {0.3, 0, 0},  {0.9, 10, 9},  {0.1, 2000, 200}};
    _Alignas(16) unsigned char config[CONFIG] = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image_set images;
        OK(image_set_new_uniform(&images, cases[i].items, (struct shape){1, 1, 1}, &error));
        struct filter_input input = plain_input(&images);
        settings_set(&filter_random.descriptor, config, "fraction", cases[i].fraction);
        OK(apply(&filter_random, config, &input));
        CU_ASSERT_EQUAL(dropped(cases[i].items, FILTER_RANDOM), cases[i].dropped);
        image_set_release(&images);
    }
}

/* Over many seeds each item is dropped equally often: chi-squared with 39 degrees of freedom stays
 * below its 99.9 % quantile, and above its 0.1 % one. */
static void test_random_is_uniform(void)
{
    enum { ITEMS = 40, SEEDS = 2000 };
    _Alignas(16) unsigned char config[CONFIG] = {0};
    struct image_set images;
    unsigned counts[ITEMS] = {0}, pairs = 0;
    double chi_squared = 0, expected = SEEDS * 0.25;

    OK(image_set_new_uniform(&images, ITEMS, (struct shape){1, 1, 1}, &error));
    struct filter_input input = plain_input(&images);
    settings_set(&filter_random.descriptor, config, "fraction", 0.25);
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        input.key.seed = seed;
        OK(apply(&filter_random, config, &input));
        for (int i = 0; i < ITEMS; i++)
            counts[i] += reason[i] != 0;
        pairs += reason[0] && reason[1];
    }
    for (int i = 0; i < ITEMS; i++)
        chi_squared += (counts[i] - expected) * (counts[i] - expected) / (expected * 0.75);
    CU_ASSERT(chi_squared > 16.3 && chi_squared < 72.1);
    /* Two items together: 10 * 9 / (40 * 39) of 2000 draws, 115, standard deviation 10.4. */
    CU_ASSERT(pairs > 73 && pairs < 157);
    image_set_release(&images);
}

static void test_random_is_nested(void)
{
    _Alignas(16) unsigned char config[CONFIG] = {0};
    struct image_set images;
    uint8_t first[100];
    unsigned suspects = 0;

    OK(image_set_new_uniform(&images, 100, (struct shape){1, 1, 1}, &error));
    struct filter_input input = plain_input(&images);
    settings_set(&filter_random.descriptor, config, "fraction", 0.1);
    OK(apply(&filter_random, config, &input));
    memcpy(first, reason, sizeof first);
    settings_set(&filter_random.descriptor, config, "fraction", 0.4);
    OK(apply(&filter_random, config, &input));
    for (int i = 0; i < 100; i++) {
        CU_ASSERT(!first[i] || reason[i]);
        suspects += score[i] > 0.6F;
        CU_ASSERT((score[i] > 0.6F) == (reason[i] != 0));
    }
    CU_ASSERT_EQUAL(suspects, 40);
    input.key.replicate = 1;
    OK(apply(&filter_random, config, &input));
    size_t moved = 0;
    for (int i = 0; i < 100; i++)
        moved += first[i] && !reason[i];
    CU_ASSERT(moved > 0);
    image_set_release(&images);
}

/* Labels of different sizes; some are pushed away from what the oracle expects. */
static void test_residual_trim(void)
{
    enum { ITEMS = 60 };
    static const size_t planted[] = {3, 17, 40};
    struct shape shapes[ITEMS];
    struct image_set labels, answers;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    for (int i = 0; i < ITEMS; i++)
        shapes[i] = (struct shape){1, 3 + i % 4, 5};
    OK(image_set_new(&labels, ITEMS, shapes, &error));
    for (size_t i = 0; i < labels.offsets[ITEMS]; i++)
        labels.pixels[i] = (float)(i % 13) / 13;
    OK(image_set_copy(&answers, &labels, &error));
    for (size_t i = 0; i < answers.offsets[ITEMS]; i++)
        answers.pixels[i] += i % 2 ? 0.01F : -0.01F;
    for (size_t i = 0; i < 3; i++)
        image_set_at(&labels, planted[i]).pixels[2] += 0.5F + 0.1F * (float)i;
    struct oracle oracle = {.answers = &answers};
    struct filter_input input = plain_input(&labels);
    input.out_of_fold = ask;
    input.context = &oracle;
    defaults_fill(&filter_residual_trim.descriptor, config);
    OK(apply(&filter_residual_trim, config, &input));
    CU_ASSERT(oracle.calls == 1 && oracle.folds == 2 && oracle.epochs == 2);
    CU_ASSERT_EQUAL(dropped(ITEMS, FILTER_RESIDUAL), 3);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(reason[planted[i]], FILTER_RESIDUAL);
    /* The planted item 3 has 6 rows: 30 values, one of which is off by 0.51 or 0.49. */
    double off =
        (double)image_set_at(&answers, 3).pixels[2] - (double)image_set_at(&labels, 3).pixels[2];
    CU_ASSERT_DOUBLE_EQUAL(score[3], (off * off + 29 * 1e-4) / 30, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(score[0], 1e-4, 1e-7);
    settings_set(&filter_residual_trim.descriptor, config, "fraction", 0);
    OK(apply(&filter_residual_trim, config, &input));
    CU_ASSERT_EQUAL(oracle.calls, 1); /* nothing to drop, nothing trained */
    image_set_release(&labels);
    image_set_release(&answers);
}

static void test_residual_ties(void)
{
    struct image_set labels, answers;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&labels, 10, (struct shape){1, 1, 2}, &error));
    OK(image_set_copy(&answers, &labels, &error));
    answers.pixels[2 * 7] = NAN; /* a residual that is no number is the worst */
    struct oracle oracle = {.answers = &answers};
    struct filter_input input = plain_input(&labels);
    input.out_of_fold = ask;
    input.context = &oracle;
    defaults_fill(&filter_residual_trim.descriptor, config);
    settings_set(&filter_residual_trim.descriptor, config, "fraction", 0.3);
    OK(apply(&filter_residual_trim, config, &input));
    for (int i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(reason[i] != 0, i == 0 || i == 1 || i == 7);
    image_set_release(&labels);
    image_set_release(&answers);
}

static void test_disagreement(void)
{
    static const float rows[][CLASSES] = {
        {0.7F, 0.1F, 0.1F, 0.1F},     /* agrees */
        {0.7F, 0.1F, 0.1F, 0.1F},     /* label 1: disagrees */
        {0.25F, 0.25F, 0.25F, 0.25F}, /* ties are kept */
        {0.1F, 0.2F, 0.3F, 0.4F},     /* label 2: disagrees, narrowly */
        {0.1F, 0.2F, 0.3F, 0.4F},     /* agrees */
    };
    static const uint8_t labels[] = {0, 1, 3, 2, 3};
    static const uint8_t expected[] = {0, FILTER_DISAGREEMENT, 0, FILTER_DISAGREEMENT, 0};
    struct image_set answers;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&answers, 5, (struct shape){CLASSES, 1, 1}, &error));
    memcpy(answers.pixels, rows, sizeof rows);
    struct oracle oracle = {.answers = &answers};
    struct filter_input input = plain_input(&answers);
    input.classes = labels;
    input.class_count = CLASSES;
    input.out_of_fold = ask;
    input.context = &oracle;
    defaults_fill(&filter_argmax_disagreement.descriptor, config);
    settings_set(&filter_argmax_disagreement.descriptor, config, "epochs", 7);
    OK(apply(&filter_argmax_disagreement, config, &input));
    CU_ASSERT(oracle.folds == 4 && oracle.epochs == 7);
    CU_ASSERT(memcmp(reason, expected, sizeof expected) == 0);
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(score[i], 1 - rows[i][labels[i]]);
    image_set_release(&answers);
}

static void test_confident(void)
{
    enum { ITEMS = 40 };
    struct image_set answers;
    uint8_t labels[ITEMS];
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&answers, ITEMS, (struct shape){CLASSES, 1, 1}, &error));
    for (size_t i = 0; i < ITEMS; i++) {
        float *row = image_set_at(&answers, i).pixels;
        labels[i] = (uint8_t)(i % CLASSES);
        for (int c = 0; c < CLASSES; c++)
            row[c] = 0.1F;
        row[i < 3 ? (labels[i] + 1) % CLASSES : labels[i]] = 0.7F - (float)i / 1000;
    }
    struct oracle oracle = {.answers = &answers};
    struct filter_input input = plain_input(&answers);
    input.classes = labels;
    input.class_count = CLASSES;
    input.out_of_fold = ask;
    input.context = &oracle;
    defaults_fill(&filter_confident_learning.descriptor, config);
    OK(apply(&filter_confident_learning, config, &input));
    CU_ASSERT(oracle.calls == 1 && oracle.folds == 4 && oracle.epochs == 2);
    CU_ASSERT_EQUAL(dropped(ITEMS, FILTER_CONFIDENT), 3);
    CU_ASSERT(reason[0] && reason[1] && reason[2]);
    CU_ASSERT_DOUBLE_EQUAL(score[0], 1.9, 1e-6); /* flagged */
    CU_ASSERT_DOUBLE_EQUAL(score[10], 0.31, 1e-6);
    /* With a share, flagged ones go first, then the least sure. */
    settings_set(&filter_confident_learning.descriptor, config, "fraction", 0.1);
    OK(apply(&filter_confident_learning, config, &input));
    CU_ASSERT_EQUAL(dropped(ITEMS, FILTER_CONFIDENT), 4);
    CU_ASSERT(reason[0] && reason[1] && reason[2] && reason[ITEMS - 1]);
    image_set_release(&answers);
}

/* A small spot that is far off, and an image that is a little off everywhere. */
static void test_patch_residual(void)
{
    enum { ITEMS = 8 };
    struct image_set labels, answers;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&labels, ITEMS, (struct shape){2, 20, 21}, &error));
    OK(image_set_copy(&answers, &labels, &error));
    for (size_t p = 0; p < 2 * 20 * 21; p++)
        image_set_at(&labels, 2).pixels[p] = 0.1F;
    image_set_at(&labels, 5).pixels[20 * 21 + 19 * 21 + 20] = 1; /* second channel, last corner */
    struct oracle oracle = {.answers = &answers};
    struct filter_input input = plain_input(&labels);
    input.out_of_fold = ask;
    input.context = &oracle;
    defaults_fill(&filter_patch_residual.descriptor, config);
    settings_set(&filter_patch_residual.descriptor, config, "fraction", 0.125);
    settings_set(&filter_patch_residual.descriptor, config, "patch", 4);
    OK(apply(&filter_patch_residual, config, &input));
    CU_ASSERT_EQUAL(dropped(ITEMS, FILTER_PATCH), 1);
    CU_ASSERT_EQUAL(reason[5], FILTER_PATCH);
    CU_ASSERT_DOUBLE_EQUAL(score[5], 1.0 / 32, 1e-7);
    CU_ASSERT_DOUBLE_EQUAL(score[2], 0.01, 1e-7);
    CU_ASSERT_EQUAL(score[0], 0);
    /* A square that is larger than the image is the image. */
    settings_set(&filter_patch_residual.descriptor, config, "patch", 4096);
    OK(apply(&filter_patch_residual, config, &input));
    CU_ASSERT_EQUAL(reason[2], FILTER_PATCH);
    CU_ASSERT_DOUBLE_EQUAL(score[5], 1.0 / 840, 1e-7);
    image_set_release(&labels);
    image_set_release(&answers);
}

static void test_oracle(void)
{
    static const uint8_t labels[] = {0, 1, 2, 3, 0, 1}, truth[] = {0, 1, 1, 3, 2, 1};
    struct image_set images, clean;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&images, 6, (struct shape){1, 2, 2}, &error));
    OK(image_set_copy(&clean, &images, &error));
    struct filter_input input = plain_input(&images);
    input.classes = labels;
    input.class_count = CLASSES;
    input.true_classes = truth;
    defaults_fill(&filter_oracle.descriptor, config);
    OK(apply(&filter_oracle, config, &input));
    CU_ASSERT_EQUAL(dropped(6, FILTER_TRUTH), 2);
    CU_ASSERT(reason[2] && reason[4] && score[2] == 1 && score[0] == 0);
    settings_set(&filter_oracle.descriptor, config, "fraction", 0.5);
    OK(apply(&filter_oracle, config, &input));
    CU_ASSERT(dropped(6, FILTER_TRUTH) == 3 && reason[0] && reason[2] && reason[4]);
    /* Images: residuals 1, 4, 9, 16, 25, 100 times 1/400; their median is 12.5. */
    static const float off[] = {1, 2, 3, 4, 5, 10};
    for (size_t i = 0; i < 6; i++)
        image_set_at(&images, i).pixels[3] = off[i] / 10;
    input.classes = NULL;
    input.true_classes = NULL;
    input.true_labels = &clean;
    defaults_fill(&filter_oracle.descriptor, config);
    OK(apply(&filter_oracle, config, &input));
    CU_ASSERT(dropped(6, FILTER_TRUTH) == 1 && reason[5]);
    CU_ASSERT_DOUBLE_EQUAL(score[5], 0.25, 1e-7);
    image_set_release(&images);
    image_set_release(&clean);
}

void filters_suite(void)
{
    CU_pSuite suite = CU_add_suite("filters", NULL, NULL);
    CU_add_test(suite, "none keeps all", test_none);
    CU_add_test(suite, "random drops exactly its share", test_random_counts);
    CU_add_test(suite, "random is uniform over seeds", test_random_is_uniform);
    CU_add_test(suite, "random drops more of the same order", test_random_is_nested);
    CU_add_test(suite, "residual_trim finds planted outliers", test_residual_trim);
    CU_add_test(suite, "residual_trim: ties by index, no number is worst", test_residual_ties);
    CU_add_test(suite, "argmax_disagreement", test_disagreement);
    CU_add_test(suite, "confident_learning", test_confident);
    CU_add_test(suite, "patch_residual finds a spot", test_patch_residual);
    CU_add_test(suite, "oracle knows", test_oracle);
}
