/* Filters that watch a training: small loss, area under the margin. */
#include "interfaces/filter.h"
#include "tests/unit/defaults.h"
#include "tests/unit/filter_bench.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void filters_course_suite(void);

/* A course of training that goes as planned: item i's scores are those of `scores` row i after each
 * epoch, plus `step` times the epoch for the class that is trained on. */
struct plan_of_course {
    float (*scores)[CLASSES + 1];
    size_t items;
    float step;
    int calls, epochs, class_count;
    uint8_t planted[MOST]; /* trained on as of the class that does not exist, so often */
};

static enum status follow(void *context, const struct filter_network *network,
                          const struct training_dynamics *course, float *values,
                          struct error *problem)
{
    struct plan_of_course *plan = context;

    (void)problem;
    plan->calls++;
    plan->epochs = (int)network->epochs;
    plan->class_count = course->class_count;
    for (size_t i = 0; i < plan->items; i++)
        for (int64_t t = 0; t < network->epochs; t++) {
            float scores[CLASSES + 1];
            memcpy(scores, plan->scores[i], sizeof scores);
            scores[course->classes[i]] += plan->step * (float)t;
            values[(size_t)t * plan->items + i] =
                course->measure(scores, course->class_count, course->classes[i]);
        }
    for (size_t i = 0; i < plan->items; i++)
        if (course->classes[i] == CLASSES)
            plan->planted[i]++;
    return STATUS_OK;
}

static struct filter_input class_input(const struct image_set *labels, const uint8_t *classes,
                                       struct plan_of_course *plan)
{
    struct filter_input input = plain_input(labels);
    input.classes = classes;
    input.class_count = CLASSES;
    input.course = follow;
    input.context = plan;
    return input;
}

static void test_small_loss(void)
{
    static float rows[][CLASSES + 1] = {{2, 0, 0, 0}, {0, 2, 0, 0}, {1, 1, 1, 1}, {0, 0, 0, 1000}};
    static const uint8_t labels[] = {0, 0, 2, 0};
    struct plan_of_course plan = {.scores = rows, .items = 4, .step = 1};
    struct image_set images;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&images, 4, (struct shape){CLASSES, 1, 1}, &error));
    struct filter_input input = class_input(&images, labels, &plan);
    defaults_fill(&filter_small_loss.descriptor, config);
    settings_set(&filter_small_loss.descriptor, config, "fraction", 0.5);
    settings_set(&filter_small_loss.descriptor, config, "epochs", 3);
    OK(apply(&filter_small_loss, config, &input));
    CU_ASSERT(plan.calls == 1 && plan.epochs == 3 && plan.class_count == CLASSES);
    /* After the third epoch the label's score is 2 larger. */
    CU_ASSERT_DOUBLE_EQUAL(score[0], log(exp(4) + 3) - 4, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(score[1], log(2 * exp(2) + 2) - 2, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(score[2], log(exp(3) + 3 * exp(1)) - 3, 1e-6);
    CU_ASSERT_EQUAL(score[3], 998);
    CU_ASSERT_EQUAL(dropped(4, FILTER_LOSS), 2);
    CU_ASSERT(reason[1] && reason[3]);
    settings_set(&filter_small_loss.descriptor, config, "fraction", 0);
    OK(apply(&filter_small_loss, config, &input));
    CU_ASSERT_EQUAL(plan.calls, 1);
    image_set_release(&images);
}

/* Items whose scores speak for the label by 5, and 20 of 400 that speak against it by 5; threshold
 * items, of a class that none speaks for, have about 0. */
static void test_aum(void)
{
    enum { ITEMS = 400, WRONG = 20 };
    static float rows[ITEMS][CLASSES + 1];
    static uint8_t labels[ITEMS];
    struct plan_of_course plan = {.scores = rows, .items = ITEMS};
    struct image_set images;
    size_t planted = 0;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&images, ITEMS, (struct shape){CLASSES, 1, 1}, &error));
    for (size_t i = 0; i < ITEMS; i++) {
        labels[i] = (uint8_t)(i % CLASSES);
        rows[i][i < WRONG ? (labels[i] + 1) % CLASSES : labels[i]] = 5;
        rows[i][CLASSES] = 4.9F + (float)i / ITEMS / 10;
    }
    struct filter_input input = class_input(&images, labels, &plan);
    defaults_fill(&filter_aum.descriptor, config);
    OK(apply(&filter_aum, config, &input));
    CU_ASSERT(plan.calls == 2 && plan.epochs == 10 && plan.class_count == CLASSES + 1);
    for (size_t i = 0; i < ITEMS; i++) {
        CU_ASSERT(plan.planted[i] <= 1);
        planted += plan.planted[i];
    }
    CU_ASSERT_EQUAL(planted, 2 * (ITEMS / (CLASSES + 1)));
    CU_ASSERT_EQUAL(dropped(ITEMS, FILTER_MARGIN), WRONG);
    for (size_t i = 0; i < WRONG; i++)
        CU_ASSERT_EQUAL(reason[i], FILTER_MARGIN);
    /* The threshold is at most 0, a right label's margin 5 - (4.9 … 5.0). */
    CU_ASSERT(score[0] > 4.8F && score[0] < 5.01F && score[ITEMS - 1] < 0.01F);
    settings_set(&filter_aum.descriptor, config, "fraction", 0.1);
    OK(apply(&filter_aum, config, &input));
    CU_ASSERT_EQUAL(dropped(ITEMS, FILTER_MARGIN), 40);
    input.labels = &(struct image_set){0}; /* no items: no threshold */
    CU_ASSERT_EQUAL(apply(&filter_aum, config, &input), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "0 items are too few to draw threshold items from; "
                                          "expected at least 10");
    image_set_release(&images);
}

/* The margin is a mean over epochs. */
static void test_aum_means(void)
{
    enum { ITEMS = 10 };
    static float rows[ITEMS][CLASSES + 1];
    static uint8_t labels[ITEMS];
    struct plan_of_course plan = {.scores = rows, .items = ITEMS, .step = 2};
    struct image_set images;
    _Alignas(16) unsigned char config[CONFIG] = {0};

    OK(image_set_new_uniform(&images, ITEMS, (struct shape){CLASSES, 1, 1}, &error));
    rows[4][1] = 3;
    struct filter_input input = class_input(&images, labels, &plan);
    defaults_fill(&filter_aum.descriptor, config);
    settings_set(&filter_aum.descriptor, config, "epochs", 4);
    OK(apply(&filter_aum, config, &input));
    /* Margins 0, 2, 4, 6, but 3 less for item 4; threshold items, one of which it may be, have the
     * same: their 99th percentile is 3, or 2.97. */
    for (size_t i = 0; i < ITEMS; i++)
        CU_ASSERT_DOUBLE_EQUAL(score[i], i == 4 ? 3 : 0, 0.031);
    CU_ASSERT_EQUAL(reason[4], FILTER_MARGIN);
    image_set_release(&images);
}

void filters_course_suite(void)
{
    CU_pSuite suite = CU_add_suite("filters_course", NULL, NULL);
    CU_add_test(suite, "small_loss", test_small_loss);
    CU_add_test(suite, "aum finds what scores speak against", test_aum);
    CU_add_test(suite, "aum: a mean over epochs", test_aum_means);
}
