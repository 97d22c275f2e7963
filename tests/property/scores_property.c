/* docs/scores.md, for every metric: what perfect answers and values that are not finite come to. */
#include "base/memory.h"
#include "chain/chain.h"
#include "math/mask_metrics.h"
#include "math/number_metrics.h"
#include "math/quality.h"
#include "math/statistics.h"
#include "tasks/registry.h"
#include "tests/unit/pattern.h"
#include "tests/unit/stages_text.h"
#include "trial/splits.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

void scores_property_suite(void);

enum { IMAGES = 5, CLASSES = 4 };

static const struct random_key key = {2019, 7};
static const struct shape shapes[IMAGES] = {
    {1, 11, 11}, {3, 16, 12}, {1, 20, 31}, {1, 13, 13}, {1, 40, 11}};

struct sets {
    struct image_set truth, outputs;
};

/* Truth: noise, black, white, noise, one grey. Outputs: what `kind` says. */
enum kind { NOISY, EQUAL, BLACK, NEARLY, KINDS };

static void sets_new(struct sets *sets, enum kind kind)
{
    const float flat[IMAGES] = {-1, 0, 1, -1, 0.5F};

    memset(sets, 0, sizeof *sets);
    CU_ASSERT_FATAL(image_set_new(&sets->truth, IMAGES, shapes, NULL) == STATUS_OK);
    for (size_t i = 0; i < IMAGES; i++) {
        struct image image = image_set_at(&sets->truth, i);
        pattern_noisy(image, (int)i);
        for (size_t k = 0; flat[i] >= 0 && k < shape_size(image.shape); k++)
            image.pixels[k] = flat[i];
    }
    CU_ASSERT_FATAL(image_set_copy(&sets->outputs, &sets->truth, NULL) == STATUS_OK);
    for (size_t i = 0; i < sets->outputs.offsets[IMAGES]; i++)
        sets->outputs.pixels[i] = kind == BLACK    ? 0
                                  : kind == NOISY  ? sets->outputs.pixels[i] + (float)(i % 7) / 30
                                  : kind == NEARLY ? nextafterf(sets->outputs.pixels[i], 0)
                                                   : sets->outputs.pixels[i];
}

static void sets_release(struct sets *sets)
{
    image_set_release(&sets->truth);
    image_set_release(&sets->outputs);
}

/* Whatever the images: finite scores within their ranges, and perfect ones are the best there are.
 */
static void finite_images_have_finite_scores(void)
{
    double equal = 0;

    for (int kind = KINDS; kind-- > 0;) {
        struct sets sets;
        struct scores scores;
        sets_new(&sets, (enum kind)kind);
        CU_ASSERT_FATAL(metrics_images(&sets.outputs, &sets.truth, 2, &scores, NULL, NULL) ==
                        STATUS_OK);
        CU_ASSERT(isfinite(scores.values[METRIC_PSNR]) &&
                  scores.values[METRIC_PSNR] <= QUALITY_PSNR_MOST);
        CU_ASSERT(scores.values[METRIC_SSIM] >= -1 && scores.values[METRIC_SSIM] <= 1 + 1e-12);
        CU_ASSERT(scores.undefined.count == 0);
        if (kind == EQUAL)
            equal = scores.values[METRIC_PSNR];
        if (kind == EQUAL || kind == NEARLY)
            CU_ASSERT(scores.capped.count == IMAGES &&
                      scores.values[METRIC_PSNR] == QUALITY_PSNR_MOST);
        if (kind == BLACK)
            CU_ASSERT(scores.capped.count == 1 && scores.capped.images[0] == 1);
        if (kind == NOISY)
            CU_ASSERT(scores.capped.count == 1 &&
                      scores.values[METRIC_PSNR] < equal); /* white stays white */
        sets_release(&sets);
    }
}

/* One NaN anywhere: the mean is none, and the image is named. An infinity is the end of the range.
 */
static void one_value_that_is_not_finite(void)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 1);

    for (int round = 0; round < 60; round++) {
        struct sets sets;
        struct scores scores;
        struct text text = {0};
        char expected[16];
        sets_new(&sets, round % 2 ? EQUAL : NOISY);
        size_t image = random_u32(&stream) % IMAGES;
        struct image hit = image_set_at(&sets.outputs, image);
        size_t place = random_u32(&stream) % shape_size(hit.shape);
        hit.pixels[place] = round % 3 ? (float)NAN : -INFINITY;
        CU_ASSERT_FATAL(metrics_images(&sets.outputs, &sets.truth, 2, &scores, NULL, NULL) ==
                        STATUS_OK);
        if (round % 3) {
            CU_ASSERT(isnan(scores.values[METRIC_SSIM]) && isnan(scores.values[METRIC_PSNR]) &&
                      scores.undefined.count == 1);
            exceptions_print(&scores.undefined, NULL, NULL, &text);
            snprintf(expected, sizeof expected, "image %zu", image);
            CU_ASSERT_STRING_EQUAL(text.bytes, expected);
        } else {
            CU_ASSERT(isfinite(scores.values[METRIC_SSIM]) &&
                      isfinite(scores.values[METRIC_PSNR]) && !scores.undefined.count);
        }
        text_release(&text);
        sets_release(&sets);
    }
}

static void class_scores_that_are_no_numbers(void)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 2);
    const uint8_t classes[IMAGES] = {0, 1, 2, 3, 0};

    for (int round = 0; round < 40; round++) {
        struct image_set set = {0};
        struct scores scores;
        CU_ASSERT_FATAL(image_set_new_uniform(&set, IMAGES, (struct shape){CLASSES, 1, 1}, NULL) ==
                        STATUS_OK);
        size_t image = random_u32(&stream) % IMAGES, place = random_u32(&stream) % CLASSES;
        image_set_at(&set, image).pixels[place] = round % 2 ? (float)NAN : -INFINITY;
        metrics_classes(&set, classes, CLASSES, &scores, NULL);
        CU_ASSERT(scores.undefined.count == (round % 2 ? 1 : 0));
        CU_ASSERT((isnan(scores.values[METRIC_ACCURACY]) != 0) == (round % 2 == 1));
        CU_ASSERT((isnan(scores.parts[0]) != 0) == (round % 2 == 1));
        CU_ASSERT(round % 2 == 0 || scores.undefined.images[0] == image);
        image_set_release(&set);
    }
}

/* An interval is that of the finite values, in whatever place the others stand. */
static void intervals_count_finite_values(void)
{
    const double others[] = {NAN, INFINITY, -INFINITY};
    const double values[] = {0.5, 0.25, 0.75, 0.3};
    struct interval whole = statistics_interval(values, 4, 0.95);

    for (size_t place = 0; place <= 4; place++)
        for (size_t k = 0; k < 3; k++) {
            double planted[5];
            for (size_t i = 0; i < 5; i++)
                planted[i] = i == place ? others[k] : values[i - (i > place)];
            struct interval at = statistics_interval(planted, 5, 0.95);
            CU_ASSERT(at.count == 4 && at.mean == whole.mean);
            CU_ASSERT(at.low == whole.low && at.high == whole.high);
        }
    struct interval none = statistics_interval(others, 3, 0.95);
    CU_ASSERT(none.count == 0 && isnan(none.mean));
}

/* Manual images of which the fourth is blank, and noise in the others. */
static void blank_among(struct sets *sets)
{
    sets_new(sets, EQUAL);
    for (size_t i = 0; i < IMAGES; i++) {
        struct image truth = image_set_at(&sets->truth, i), input = image_set_at(&sets->outputs, i);
        for (int k = 0; k < (int)shape_size(truth.shape); k++) {
            int x = k % truth.shape.width, y = k / truth.shape.width;
            truth.pixels[k] = i == 3 ? 0.5F : (float)((x / 2 + y / 3) % 2);
            input.pixels[k] = k % 61 == 7 ? 1 - truth.pixels[k] : truth.pixels[k];
        }
    }
}

static enum status tune(const char *text, enum metric metric, const struct sets *sets,
                        const uint32_t *numbers, struct chain_tuning *tuning, struct error *error)
{
    struct stages_text stages;
    struct chain_examples examples = {.task = task_find("denoise"),
                                      .inputs = &sets->outputs,
                                      .truth = &sets->truth,
                                      .names.numbers = numbers};

    stages_text_read(&stages, text);
    enum status status = chain_tune(&stages.stages, metric, &examples, key, 2, tuning, error);
    stages_text_release(&stages);
    return status;
}

/* An image that every value restores says nothing: the others decide, in whatever order. */
static void blank_images_do_not_choose(void)
{
    struct sets sets;
    struct chain_tuning tuning;

    blank_among(&sets);
    CU_ASSERT(tune("[median: {radius: {tune: [3, 2, 1]}}]", METRIC_PSNR, &sets, NULL, &tuning,
                   NULL) == STATUS_OK);
    CU_ASSERT(tuning.best == 2 && tuning.count == 3 && tuning.left_out == 0);
    CU_ASSERT(tuning.capped.count >= 1 && tuning.capped.images[tuning.capped.count - 1] == 3);
    CU_ASSERT(tune("[median: {radius: {tune: [1, 3, 2]}}]", METRIC_PSNR, &sets, NULL, &tuning,
                   NULL) == STATUS_OK);
    CU_ASSERT(tuning.best == 0);
    sets_release(&sets);
}

/* A wide kernel takes in both infinities, which makes NaN; a narrow one does not. */
static void values_that_give_no_score_are_left_out(void)
{
    static const uint32_t numbers[IMAGES] = {40, 41, 42, 43, 44};
    static const char *const narrow[] = {"0.3", "0.4"};
    const enum metric metrics[] = {METRIC_SSIM, METRIC_PSNR};
    char text[96];

    for (int last = 0; last < 2; last++)
        for (size_t m = 0; m < 2; m++) {
            struct sets sets;
            struct chain_tuning tuning;
            struct error error = {0};
            sets_new(&sets, NOISY);
            image_set_at(&sets.outputs, 2).pixels[3] = INFINITY;
            image_set_at(&sets.outputs, 2).pixels[9] = -INFINITY;
            snprintf(text, sizeof text, "[gaussian: {sigma: {tune: [%s, %s]}}]",
                     last ? narrow[m] : "4", last ? "4" : narrow[m]);
            CU_ASSERT(tune(text, metrics[m], &sets, numbers, &tuning, &error) == STATUS_OK);
            CU_ASSERT(tuning.best == (last ? 0 : 1) && tuning.left_out == 1);
            CU_ASSERT(tuning.undefined.count == 1 && tuning.undefined.images[0] == 2);
            CU_ASSERT(tune("[gaussian: {sigma: {tune: [4, 5]}}]", metrics[m], &sets, numbers,
                           &tuning, &error) == STATUS_DIVERGED);
            CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "(the first combination: image 42)"));
            sets_release(&sets);
        }
}

/* What would be stored: a split with an image without a score is a failure that names it. */
static void no_score_is_no_result(void)
{
    uint32_t pool_index[IMAGES] = {17, 3, 9, 28, 5};
    struct sets sets;
    struct scores scores;
    struct error error = {0};
    struct splits splits = {.task = task_find("denoise")};

    sets_new(&sets, NOISY);
    splits.items[SPLIT_TEST].pool_index = pool_index;
    splits.truth[SPLIT_TEST].images = sets.truth;
    CU_ASSERT(splits_score_stored(&splits, SPLIT_TEST, &sets.outputs, "the network", 1, &scores,
                                  NULL, &error) == STATUS_OK);
    image_set_at(&sets.outputs, 0).pixels[7] = (float)NAN;
    image_set_at(&sets.outputs, 3).pixels[0] = (float)NAN;
    CU_ASSERT(splits_score_stored(&splits, SPLIT_TEST, &sets.outputs, "the network", 1, &scores,
                                  NULL, &error) == STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "what the network gives is not a number for 2 of 5 test images (images "
                           "17, 28 of the test pool): they have no score");
    CU_ASSERT(splits_score(&splits, SPLIT_TEST, &sets.outputs, 1, &scores, NULL, &error) ==
              STATUS_OK);
    CU_ASSERT(isnan(scores.values[METRIC_PSNR]) && isnan(metrics_value(&scores, METRIC_SSIM)));
    sets_release(&sets);
}

/* Sizes and their shares do not depend on the images' order, and miss none. */
static void sizes_of_sets(void)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 3);

    for (size_t count = 0; count < 30; count++) {
        struct shape some[30];
        struct shape_share *shares;
        struct image_set set = {0};
        size_t sizes, total = 0;
        for (size_t i = 0; i < count; i++)
            some[i] = (struct shape){1, 1 + (int)(random_u32(&stream) % 3),
                                     1 + (int)(random_u32(&stream) % 3)};
        CU_ASSERT_FATAL(image_set_new(&set, count, some, NULL) == STATUS_OK);
        CU_ASSERT_FATAL(image_set_shapes(&set, &shares, &sizes, NULL) == STATUS_OK);
        CU_ASSERT((sizes <= 1) == image_set_uniform(&set));
        for (size_t k = 0; k < sizes; k++) {
            size_t same = 0, first = count;
            for (size_t i = count; i-- > 0;)
                if (shape_equal(some[i], shares[k].shape)) {
                    same++;
                    first = i;
                }
            CU_ASSERT(shares[k].count == same && shares[k].first == first && same > 0);
            CU_ASSERT(k == 0 || shares[k - 1].shape.height < shares[k].shape.height ||
                      (shares[k - 1].shape.height == shares[k].shape.height &&
                       shares[k - 1].shape.width < shares[k].shape.width));
            total += same;
        }
        CU_ASSERT(total == count);
        memory_free(shares);
        image_set_release(&set);
    }
}

/* Masks or numbers of random sizes; some truth is not known. */
static void random_answers(struct random_stream *stream, int count, bool masks, struct sets *sets)
{
    struct shape some[IMAGES];

    memset(sets, 0, sizeof *sets);
    for (size_t i = 0; i < IMAGES; i++)
        some[i] = (struct shape){masks ? 1 : count, 2 + (int)(random_u32(stream) % 30),
                                 2 + (int)(random_u32(stream) % 30)};
    CU_ASSERT_FATAL(image_set_new(&sets->truth, IMAGES, some, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(image_set_new(&sets->outputs, IMAGES, some, NULL) == STATUS_OK);
    for (size_t i = 0; i < sets->truth.offsets[IMAGES]; i++) {
        uint32_t draw = random_u32(stream), other = random_u32(stream);
        float t = masks ? (float)(draw % (uint32_t)count) : (float)draw / 4e9F;
        float y = masks ? (float)(other % (uint32_t)count) : (float)other / 4e9F;
        sets->truth.pixels[i] = draw % 11 ? t : (float)NAN;
        sets->outputs.pixels[i] = draw % 3 ? t : y;
    }
}

typedef enum status answer_scoring(const struct image_set *outputs, const struct image_set *truth,
                                   int count, int threads, struct scores *scores,
                                   const struct image_scores *each, struct error *error);

static const enum metric answer_metrics[2][5] = {
    {METRIC_IOU, METRIC_DICE, METRIC_PIXEL_ACCURACY, METRIC_BOUNDARY_F1, METRIC_POOLED_IOU},
    {METRIC_MAE, METRIC_RMSE, METRIC_R2, METRIC_RELATIVE_ERROR, METRIC_COVERAGE}};

/* Within their ranges; the same whatever the threads, and whatever stands where nobody knows what
 * is true; perfect answers are the best. */
static void masks_and_numbers(void)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 4);
    answer_scoring *const scorings[] = {metrics_masks, metrics_numbers};

    for (int round = 0; round < 40; round++) {
        struct sets sets;
        struct scores scores, again, perfect;
        int which = round % 2, count = 1 + (int)(random_u32(&stream) % 5);
        random_answers(&stream, count, which == 0, &sets);
        CU_ASSERT_FATAL(scorings[which](&sets.outputs, &sets.truth, count, 1, &scores, NULL,
                                        NULL) == STATUS_OK);
        for (size_t i = 0; i < sets.truth.offsets[IMAGES]; i++)
            if (isnan(sets.truth.pixels[i]))
                sets.outputs.pixels[i] = i % 2 ? (float)NAN : 3e9F;
        CU_ASSERT_FATAL(scorings[which](&sets.outputs, &sets.truth, count, 3, &again, NULL, NULL) ==
                        STATUS_OK);
        CU_ASSERT(memcmp(&scores, &again, sizeof scores) == 0 && scores.undefined.count == 0);
        CU_ASSERT_FATAL(scorings[which](&sets.truth, &sets.truth, count, 2, &perfect, NULL, NULL) ==
                        STATUS_OK);
        for (size_t m = 0; m < 5; m++) {
            enum metric metric = answer_metrics[which][m];
            double score = scores.values[metric], best = perfect.values[metric];
            CU_ASSERT(score >= metric_least[metric] && score <= metric_most[metric]);
            CU_ASSERT(best == (metric_goodness(metric, 1) > 0 ? 1 : 0));
            CU_ASSERT(metric_goodness(metric, score) <= metric_goodness(metric, best));
        }
        sets_release(&sets);
    }
}

/* Truth and outputs that change places have the same overlaps and boundaries, and so have classes
 * with other numbers. */
static void masks_the_other_way_round(void)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 5);

    for (int round = 0; round < 10; round++) {
        struct sets sets;
        struct scores there, back, renamed;
        random_answers(&stream, CLASSES, true, &sets);
        for (size_t i = 0; i < sets.truth.offsets[IMAGES]; i++)
            if (isnan(sets.truth.pixels[i]))
                sets.outputs.pixels[i] = (float)NAN;
        CU_ASSERT_FATAL(metrics_masks(&sets.outputs, &sets.truth, CLASSES, 1, &there, NULL, NULL) ==
                        STATUS_OK);
        CU_ASSERT_FATAL(metrics_masks(&sets.truth, &sets.outputs, CLASSES, 1, &back, NULL, NULL) ==
                        STATUS_OK);
        for (size_t i = 0; i < sets.truth.offsets[IMAGES]; i++) {
            sets.truth.pixels[i] = CLASSES - 1 - sets.truth.pixels[i];
            sets.outputs.pixels[i] = CLASSES - 1 - sets.outputs.pixels[i];
        }
        CU_ASSERT_FATAL(metrics_masks(&sets.outputs, &sets.truth, CLASSES, 1, &renamed, NULL,
                                      NULL) == STATUS_OK);
        for (size_t m = 0; m < 5; m++) {
            enum metric metric = answer_metrics[0][m];
            CU_ASSERT_DOUBLE_EQUAL(there.values[metric], back.values[metric], 1e-12);
            CU_ASSERT_DOUBLE_EQUAL(there.values[metric], renamed.values[metric], 1e-12);
        }
        CU_ASSERT(there.parts[0] == renamed.parts[CLASSES - 1]);
        sets_release(&sets);
    }
}

void scores_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("scores_property", NULL, NULL);
    CU_add_test(suite, "finite images have finite scores", finite_images_have_finite_scores);
    CU_add_test(suite, "one value that is not finite", one_value_that_is_not_finite);
    CU_add_test(suite, "class scores that are no numbers", class_scores_that_are_no_numbers);
    CU_add_test(suite, "masks and numbers", masks_and_numbers);
    CU_add_test(suite, "masks the other way round", masks_the_other_way_round);
    CU_add_test(suite, "intervals count finite values", intervals_count_finite_values);
    CU_add_test(suite, "blank images do not choose", blank_images_do_not_choose);
    CU_add_test(suite, "values that give no score are left out",
                values_that_give_no_score_are_left_out);
    CU_add_test(suite, "no score is no result", no_score_is_no_result);
    CU_add_test(suite, "sizes of sets", sizes_of_sets);
}
