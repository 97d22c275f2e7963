/* filters/: each on labels of which we know what is wrong. */
#include "kinds/filter.h"

#include "base/memory.h"
#include "tests/unit/defaults.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void filters_suite(void);

extern const struct filter filter_none, filter_random, filter_residual_trim,
    filter_argmax_disagreement;

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { MOST = 2000, CLASSES = 4, CONFIG = 256 };

static struct error error;
static uint8_t reason[MOST];
static float score[MOST];

/* An out-of-fold oracle: gives `answers`, and remembers what it was asked. */
struct oracle {
    const struct image_set *answers;
    int folds, epochs, calls;
};

static enum status ask(void *context, int folds, int epochs, struct image_set *predictions,
                       struct error *problem)
{
    struct oracle *oracle = context;
    oracle->folds = folds;
    oracle->epochs = epochs;
    oracle->calls++;
    return image_set_copy(predictions, oracle->answers, problem);
}

static enum status apply(const struct filter *filter, const void *config,
                         const struct filter_input *input)
{
    struct filter_result result = {reason, score};
    memset(reason, 0, sizeof reason);
    memset(score, 0, sizeof score);
    return filter->apply(config, input, &result, &error);
}

static size_t dropped(size_t items, enum filter_reason expected)
{
    size_t count = 0;
    for (size_t i = 0; i < items; i++) {
        CU_ASSERT(reason[i] == FILTER_KEPT || reason[i] == expected);
        count += reason[i] != FILTER_KEPT;
    }
    return count;
}

static struct filter_input plain_input(const struct image_set *images)
{
    return (struct filter_input){
        .inputs = images, .labels = images, .key = {.seed = 2019, .replicate = 0}};
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
}
