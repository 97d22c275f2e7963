/* Stages against stored values, and their operations against counts by hand. */
#ifndef UNDERSTUDY_TESTS_STAGE_GOLDEN_H
#define UNDERSTUDY_TESTS_STAGE_GOLDEN_H

#include "base/memory.h"
#include "chain/chain.h"
#include "interfaces/stage.h"
#include "tests/unit/pattern.h"
#include "tests/unit/stages_text.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Run stages given as text on one image. */
static inline void golden_run(const char *text, struct shape shape, const float *pixels,
                              struct image_set *out)
{
    struct stages_text stages;
    struct image_set in = {0};
    struct chain_examples examples = {.inputs = &in};
    struct chain chain = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shape, NULL) == STATUS_OK);
    memcpy(in.pixels, pixels, shape_size(shape) * sizeof *pixels);
    stages_text_read(&stages, text);
    CU_ASSERT_FATAL(chain_tuned(&chain, &stages.stages, METRIC_SSIM, &examples,
                                (struct random_key){2019, 0}, 1, NULL, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, chain.count, &in, NULL, 1, out, NULL) == STATUS_OK);
    chain_release(&chain);
    stages_text_release(&stages);
    image_set_release(&in);
}

/* `golden` has `wanted`'s shape. */
static inline void golden_check(const char *text, struct shape shape, const float *pixels,
                                struct shape wanted, const float *golden, double tolerance)
{
    struct image_set out = {0};
    double worst = 0;

    golden_run(text, shape, pixels, &out);
    CU_ASSERT_FATAL(shape_equal(out.shapes[0], wanted));
    for (size_t i = 0; i < shape_size(wanted); i++)
        worst = fmax(worst, fabs((double)out.pixels[i] - (double)golden[i]));
    CU_ASSERT(worst <= tolerance);
    if (!(worst <= tolerance))
        fprintf(stderr, "%s: off by up to %g\n", text, worst);
    image_set_release(&out);
}

/* A mask in text: '#' is 1. */
static inline void golden_mask_pixels(const char *text, float *pixels)
{
    for (size_t i = 0; text[i]; i++)
        pixels[i] = text[i] == '#' ? 1 : 0;
}

static inline void golden_check_mask(const char *text, struct shape shape, const float *pixels,
                                     const char *golden)
{
    float wanted[4096];

    CU_ASSERT_FATAL(strlen(golden) <= sizeof wanted / sizeof *wanted);
    golden_mask_pixels(golden, wanted);
    golden_check(text, shape, pixels, (struct shape){1, shape.height, shape.width}, wanted, 0);
}

/* pattern_noisy() of salt 3. */
static inline void golden_noisy(struct shape shape, float *pixels)
{
    pattern_noisy((struct image){shape, pixels}, 3);
}

static inline void golden_check_counts(const char *text, struct shape shape,
                                       struct operations expected)
{
    struct stages_text stages;

    stages_text_read(&stages, text);
    const struct stage *stage = stage_of(stages.stages.items[0].kind);
    struct operations counted =
        stage->count(stages.stages.items[0].config, shape, (struct answer){CONTENT_SCORES, 2});
    stages_text_release(&stages);
    check_operations(counted, expected);
}

#endif
