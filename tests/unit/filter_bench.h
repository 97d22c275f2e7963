/* Filters asked about made-up items. */
#ifndef UNDERSTUDY_TESTS_UNIT_FILTER_BENCH_H
#define UNDERSTUDY_TESTS_UNIT_FILTER_BENCH_H

#include "interfaces/filter.h"

#include <CUnit/CUnit.h>
#include <string.h>

extern const struct filter filter_none, filter_random, filter_residual_trim,
    filter_argmax_disagreement, filter_confident_learning, filter_aum, filter_small_loss,
    filter_patch_residual, filter_oracle;

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { MOST = 2000, CLASSES = 4, CONFIG = 256 };

static struct error error;
static uint8_t reason[MOST];
static float score[MOST];

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

#endif
