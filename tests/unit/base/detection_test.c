/* Precision, recall and area against values worked out by hand and by counting pairs. */
#include "math/detection.h"

#include "base/memory.h"
#include "base/random.h"

#include <CUnit/CUnit.h>
#include <math.h>

void detection_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void test_by_hand(void)
{
    static const uint8_t wrong[] = {1, 0, 1, 0, 0, 1};
    static const uint8_t flags[] = {1, 1, 0, 0, 0, 3};
    static const float scores[] = {0.9F, 0.8F, 0.1F, 0.1F, -2, NAN};
    struct detection found;

    OK(detection_measure(flags, scores, wrong, 6, &found, &error));
    CU_ASSERT_EQUAL(found.wrong, 3);
    CU_ASSERT_DOUBLE_EQUAL(found.precision, 2.0 / 3, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(found.recall, 2.0 / 3, 1e-15);
    /* Of the nine pairs: NAN and 0.9 above all three; 0.1 above -2, a tie with 0.1, below 0.8. */
    CU_ASSERT_DOUBLE_EQUAL(found.auroc, (3 + 3 + 1.5) / 9, 1e-15);
}

static void test_nothing(void)
{
    static const uint8_t none[3] = {0}, all[3] = {1, 1, 1};
    static const float scores[] = {1, 2, 3}, same[] = {4, 4, 4};
    struct detection found;

    OK(detection_measure(none, scores, none, 3, &found, &error));
    CU_ASSERT(found.wrong == 0 && isnan(found.precision) && isnan(found.recall));
    CU_ASSERT(isnan(found.auroc));
    OK(detection_measure(all, scores, all, 3, &found, &error));
    CU_ASSERT(found.precision == 1 && found.recall == 1 && isnan(found.auroc));
    OK(detection_measure(all, same, (const uint8_t[]){1, 0, 0}, 3, &found, &error));
    CU_ASSERT(found.recall == 1 && isnan(found.auroc));
    OK(detection_measure(NULL, NULL, NULL, 0, &found, &error));
    CU_ASSERT(isnan(found.precision) && isnan(found.auroc));
}

static void test_pairs(void)
{
    enum { ITEMS = 200 };
    struct random_stream stream = random_stream((struct random_key){1, 0}, RANDOM_DEGRADE, 0);
    uint8_t wrong[ITEMS], flags[ITEMS] = {0};
    float scores[ITEMS];
    double above = 0, pairs = 0;
    struct detection found;

    for (int i = 0; i < ITEMS; i++) {
        wrong[i] = random_below(&stream, 4) == 0;
        scores[i] = (float)random_below(&stream, 30) + 5 * (float)wrong[i];
    }
    for (int i = 0; i < ITEMS; i++)
        for (int j = 0; j < ITEMS; j++)
            if (wrong[i] && !wrong[j]) {
                pairs++;
                above += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
    OK(detection_measure(flags, scores, wrong, ITEMS, &found, &error));
    CU_ASSERT_DOUBLE_EQUAL(found.auroc, above / pairs, 1e-12);
    CU_ASSERT_EQUAL(found.recall, 0);
    memory_fail_at(1);
    CU_ASSERT_EQUAL(detection_measure(flags, scores, wrong, ITEMS, &found, &error), STATUS_MEMORY);
    memory_fail_at(0);
}

void detection_suite(void)
{
    CU_pSuite suite = CU_add_suite("detection", NULL, NULL);
    CU_add_test(suite, "values by hand", test_by_hand);
    CU_add_test(suite, "where there is nothing to find", test_nothing);
    CU_add_test(suite, "the area is the share of pairs", test_pairs);
}
