/* guard/: measures of doubt on answers made by hand, and the threshold on numbers made by hand. */
#include "guard/registry.h"
#include "guard/threshold.h"
#include "interfaces/guard.h"

#include <CUnit/CUnit.h>
#include <math.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

void guard_suite(void);

static struct error error;

static double doubt_of(const char *name, enum content content, struct shape shape, float *input,
                       float *output, float *turned, bool probabilities)
{
    struct guard_view view = {
        .input = {shape, input},
        .output = {shape, output},
        .turned = {shape, turned},
        .answer = {content, content == CONTENT_IMAGE ? 0 : shape.channels},
        .probabilities = probabilities,
    };

    return guard_of(registry_find(registry_guards(), name))->doubt(&view);
}

static void sure_of_a_class(void)
{
    const struct shape three = {3, 1, 1}, mask = {2, 1, 2};
    float scores[] = {0, 0, 0}, logits[] = {logf(2), logf(6), 0}, shares[] = {0.2F, 0.1F, 0.7F};
    float pixels[] = {0, logf(3), 0, 0}; /* shares of class 0: 1/2, 3/4 */
    float large[] = {1000, 0, -1000}, none[] = {0, NAN, 0};

    CU_ASSERT_DOUBLE_EQUAL(doubt_of("confidence", CONTENT_SCORES, three, NULL, scores, NULL, false),
                           2.0 / 3, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("confidence", CONTENT_SCORES, three, NULL, logits, NULL, false),
                           1.0 / 3, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("confidence", CONTENT_SCORES, three, NULL, shares, NULL, true),
                           0.3, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("confidence", CONTENT_SCORES, three, NULL, large, NULL, false),
                           0, 1e-30);
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("confidence", CONTENT_MASK, mask, NULL, pixels, NULL, false),
                           0.375, 1e-6);
    CU_ASSERT(isnan(doubt_of("confidence", CONTENT_SCORES, three, NULL, none, NULL, false)));
}

static void changed_by_a_mirror(void)
{
    const struct shape two = {2, 1, 1}, image = {1, 1, 2}, mask = {2, 1, 2};
    float a[] = {0, 0}, b[] = {0, logf(3)}, c[] = {1, 0}, d[] = {0.5F, 0.25F};
    float classes[] = {1, 0, 0, 1}, others[] = {1, 1, 0, 0}, none[] = {NAN, 0, 0, 1};

    CU_ASSERT_DOUBLE_EQUAL(doubt_of("disagreement", CONTENT_SCORES, two, NULL, a, b, false), 0.25,
                           1e-6);
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("disagreement", CONTENT_SCORES, two, NULL, c, d, true), 0.375,
                           1e-6);
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("disagreement", CONTENT_IMAGE, image, NULL, c, d, false), 0.375,
                           1e-6);
    CU_ASSERT_DOUBLE_EQUAL(
        doubt_of("disagreement", CONTENT_MASK, mask, NULL, classes, others, false), 0.5, 1e-6);
    CU_ASSERT(isnan(doubt_of("disagreement", CONTENT_MASK, mask, NULL, none, others, false)));
    /* 1 and 0.5; 0 and 0.25: a third and 1 */
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("disagreement", CONTENT_NUMBERS, two, NULL, c, d, false),
                           2.0 / 3, 1e-6);
    CU_ASSERT_EQUAL(doubt_of("disagreement", CONTENT_NUMBERS, two, NULL, a, a, false), 0);
}

static void what_was_removed(void)
{
    float noisy[] = {0.5F, 0.25F}, clean[] = {0.25F, 0.5F};

    CU_ASSERT_DOUBLE_EQUAL(
        doubt_of("residual", CONTENT_IMAGE, (struct shape){1, 1, 2}, noisy, clean, NULL, false),
        0.25, 1e-6);
}

/* Ten images: the more doubt, the more of the small one's answers are wrong; the other is always
 * right but at image 0. */
static double doubts[] = {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
static double small[] = {1, 1, 1, 1, 0, 1, 1, 0, 0, 0};
static double other[] = {0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static double cheap[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static double dear[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10};
static const struct guard_images ten = {10, doubts, small, other, cheap, dear};

static double chosen(const struct guard_images *images, double sense, double within)
{
    double threshold = NAN;

    OK(guard_choose(images, sense, within, &threshold, &error));
    return threshold;
}

static void flat_images(void)
{
    /* two channels: neighbours are not those of the next channel */
    float pixels[] = {0, 0.005F, 0.5F, 0.5F, 1, 1, 0.2F, 0.2F}, lost[] = {0, 0, NAN, 0};
    const struct shape two = {2, 2, 2}, one = {1, 2, 2}, dot = {1, 1, 1};

    CU_ASSERT_DOUBLE_EQUAL(doubt_of("flatness", CONTENT_IMAGE, two, NULL, pixels, NULL, false), 0.5,
                           0); /* of 8 */
    CU_ASSERT(isnan(doubt_of("flatness", CONTENT_IMAGE, one, NULL, lost, NULL, false)));
    CU_ASSERT_DOUBLE_EQUAL(doubt_of("flatness", CONTENT_IMAGE, dot, NULL, pixels, NULL, false), 1,
                           0);
}

static void the_fewest_that_are_enough(void)
{
    /* the other has 0.9; with 7, 8, 9 handed on it is 0.9 as well */
    CU_ASSERT_EQUAL(chosen(&ten, 1, 0), 0.6);
    CU_ASSERT_EQUAL(chosen(&ten, 1, 0.11), 0.7);
    CU_ASSERT_EQUAL(chosen(&ten, 1, 0.31), INFINITY);
    /* what is better by a larger number is worse by a smaller one: the small one has 0.6 */
    CU_ASSERT_EQUAL(chosen(&ten, -1, 0), INFINITY);
    struct guard_point point = guard_at(&ten, 0.6);
    CU_ASSERT_DOUBLE_EQUAL(point.score, 0.9, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(point.share, 0.3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(point.cost, 4, 1e-12);
}

static void ends_of_the_scale(void)
{
    double thresholds[GUARD_STEPS], worse[] = {0, 0, 0}, better[] = {0.1, 0.2, 0.3};
    double equal[] = {0.5, 0.5, 0.5}, unknown[] = {NAN, 0.1, NAN};
    const struct guard_images three = {3, equal, worse, better, cheap, dear},
                              lost = {3, unknown, better, better, cheap, dear};

    CU_ASSERT_EQUAL(chosen(&three, 1, 0), -INFINITY); /* equals go together */
    CU_ASSERT_EQUAL(chosen(&three, 1, 0.15), -INFINITY);
    CU_ASSERT_EQUAL(chosen(&three, 1, 0.3), INFINITY);
    CU_ASSERT_EQUAL(chosen(&lost, 1, 0),
                    INFINITY); /* what is no number is handed on all the same */
    CU_ASSERT_DOUBLE_EQUAL(guard_at(&lost, INFINITY).share, 2.0 / 3, 1e-12);
    CU_ASSERT_EQUAL(guard_at(&lost, -INFINITY).share, 1);
    OK(guard_thresholds(&ten, thresholds, &error));
    CU_ASSERT_EQUAL(thresholds[0], INFINITY);
    CU_ASSERT_EQUAL(thresholds[GUARD_STEPS - 1], -INFINITY);
    CU_ASSERT_EQUAL(thresholds[5], 0.8); /* a tenth */
    CU_ASSERT_EQUAL(thresholds[25], 0.4);
    for (int k = 1; k < GUARD_STEPS; k++)
        CU_ASSERT(thresholds[k] <= thresholds[k - 1]);
}

static void by_the_truth(void)
{
    struct guard_point best[GUARD_STEPS];

    /* a tenth at a time: the small one is right with six, and loses four by being kept */
    OK(guard_best(&ten, 1, 2, best, &error));
    for (int k = 0; k <= 10; k++) {
        double all = 0;
        for (size_t i = 0; i < ten.count; i++)
            all += ten.other[i] / 10;
        CU_ASSERT_DOUBLE_EQUAL(best[5 * k].share, k / 10.0, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(best[5 * k].cost,
                               0.5 * ten.small_cost[0] + k * ten.other_cost[0] / 10, 1e-12);
        CU_ASSERT(k < 10 || fabs(best[50].score - all) < 1e-12);
    }
    /* none does better, whatever the threshold */
    for (int k = 0; k < GUARD_STEPS; k++) {
        struct guard_point some = guard_at(&ten, k / 50.0);
        CU_ASSERT(best[(size_t)lround(some.share * 50)].score >= some.score - 1e-12);
    }
    OK(guard_best(&ten, -1, 1, best, &error)); /* the other way round: the least gain comes first */
    CU_ASSERT(best[5].score <= best[0].score);
}

void guard_suite(void)
{
    CU_pSuite suite = CU_add_suite("guard", NULL, NULL);
    CU_add_test(suite, "confidence", sure_of_a_class);
    CU_add_test(suite, "disagreement", changed_by_a_mirror);
    CU_add_test(suite, "flatness", flat_images);
    CU_add_test(suite, "residual", what_was_removed);
    CU_add_test(suite, "the threshold hands on the fewest", the_fewest_that_are_enough);
    CU_add_test(suite, "the ends of the scale", ends_of_the_scale);
    CU_add_test(suite, "the best choice", by_the_truth);
}
