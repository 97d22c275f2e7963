#include "base/memory.h"
#include "math/metrics.h"
#include "math/quality.h"
#include "tests/golden/quality.h"
#include "tests/unit/pattern.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

/* Kappa of a table: table[a][b] images that outputs call a and that are b. */
static double kappa_of(const int table[3][3], struct scores *scores)
{
    struct image_set set = {0};
    uint8_t classes[200];
    size_t count = 0, at = 0;

    for (int i = 0; i < 9; i++)
        count += (size_t)table[i / 3][i % 3];
    CU_ASSERT_FATAL(image_set_new_uniform(&set, count, (struct shape){3, 1, 1}, NULL) == STATUS_OK);
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < table[i / 3][i % 3]; k++, at++) {
            set.pixels[3 * at + (size_t)(i / 3)] = 1;
            classes[at] = (uint8_t)(i % 3);
        }
    metrics_classes(&set, classes, 3, scores, NULL);
    image_set_release(&set);
    return metrics_value(scores, METRIC_KAPPA);
}

/* Constants: the example of scikit-learn's cohen_kappa_score(), which says 0.6875 (classes
 * negative, neutral, positive); and tables by numpy 1.24.2, (p - e) / (1 - e) with p = trace(t) / n
 * and e = sum(t.sum(0) t.sum(1)) / n^2. */
static void kappa(void)
{
    const int example[3][3] = {{2, 0, 0}, {0, 1, 0}, {1, 0, 1}};
    const int table[3][3] = {{20, 5, 1}, {3, 30, 7}, {2, 4, 28}};
    const int chance[3][3] = {{4, 8, 0}, {8, 16, 0}, {0, 0, 0}}, equal[3][3] = {{3}, {0, 4}};
    const int one_class[3][3] = {{0}, {0, 9}}, never[3][3] = {{0, 5}, {5, 0}}, none[3][3] = {{0}};
    struct scores scores;

    CU_ASSERT(kappa_of(example, &scores) == 0.6875);
    CU_ASSERT_DOUBLE_EQUAL(kappa_of(table, &scores), 0.6649406031069144, 1e-15);
    CU_ASSERT(scores.values[METRIC_ACCURACY] == 0.78);
    CU_ASSERT(kappa_of(chance, &scores) == 0);
    CU_ASSERT(kappa_of(equal, &scores) == 1);
    CU_ASSERT(kappa_of(never, &scores) == -1);
    CU_ASSERT(isnan(kappa_of(one_class, &scores)) && scores.values[METRIC_ACCURACY] == 1);
    CU_ASSERT(isnan(kappa_of(none, &scores)) && isnan(scores.values[METRIC_ACCURACY]));
}

/* Each image's own scores have the set's as their mean. */
static void scores_of_each_image(void)
{
    const float values[] = {0, 2, 1, /**/ 5, 5, 5, /**/ -3, NAN, -1};
    const uint8_t classes[] = {1, 1, 1};
    double ssim[3], psnr[3], right[3];
    struct image_scores each = {{ssim, psnr, right, NULL}};
    struct image_set truth = {0}, outputs = {0}, set = {0};
    struct scores scores;

    CU_ASSERT_FATAL(image_set_new_uniform(&truth, 3, (struct shape){1, 16, 16}, NULL) == STATUS_OK);
    for (size_t i = 0; i < 3 * 256; i++)
        truth.pixels[i] = (float)(i * 37 % 101) / 100;
    CU_ASSERT_FATAL(image_set_copy(&outputs, &truth, NULL) == STATUS_OK);
    for (size_t i = 256; i < 3 * 256; i += 3)
        outputs.pixels[i] = 0.5F;
    CU_ASSERT(metrics_images(&outputs, &truth, 2, &scores, &each, NULL) == STATUS_OK);
    CU_ASSERT(ssim[0] == 1 && psnr[0] == 100 && ssim[1] < 1 && psnr[2] < 100);
    CU_ASSERT(scores.values[METRIC_SSIM] == (ssim[0] + ssim[1] + ssim[2]) / 3);
    CU_ASSERT(scores.values[METRIC_PSNR] == (psnr[0] + psnr[1] + psnr[2]) / 3);
    CU_ASSERT_FATAL(image_set_new_uniform(&set, 3, (struct shape){3, 1, 1}, NULL) == STATUS_OK);
    memcpy(set.pixels, values, sizeof values);
    metrics_classes(&set, classes, 3, &scores, &each);
    CU_ASSERT(right[0] == 1 && right[1] == 0 && isnan(right[2]));
    CU_ASSERT(isnan(scores.values[METRIC_KAPPA]) && isnan(scores.values[METRIC_ACCURACY]));
    image_set_release(&set);
    image_set_release(&outputs);
    image_set_release(&truth);
}

/* Of errors, less is better; a column tells its metric. */
static void test_sense(void)
{
    enum metric metric = METRIC_SSIM;

    CU_ASSERT(metric_goodness(METRIC_MAE, 2) == -2 && metric_goodness(METRIC_IOU, 0.5) == 0.5);
    CU_ASSERT(metric_reaches(METRIC_RMSE, 1, 2) && !metric_reaches(METRIC_RMSE, 2, 1));
    CU_ASSERT(metric_reaches(METRIC_DICE, 0.9, 0.9) && !metric_reaches(METRIC_DICE, NAN, 0.9));
    CU_ASSERT(metric_of_column("network.test.relative_error", &metric));
    CU_ASSERT_EQUAL(metric, METRIC_RELATIVE_ERROR);
    CU_ASSERT(!metric_of_column("train.loss", &metric) && !metric_of_column("mae", &metric));
}

void quality_suite(void);

/* Two images of one shape and the scratch memory for comparing them. */
struct pair {
    struct image_set set;
    float *scratch;
};

static void pair_new(struct pair *pair, struct shape shape)
{
    CU_ASSERT_FATAL(image_set_new_uniform(&pair->set, 2, shape, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(memory_new(&pair->scratch, quality_ssim_scratch(shape), sizeof(float), NULL) ==
                    STATUS_OK);
    pattern_noisy(image_set_at(&pair->set, 0), 1);
    pattern_noisy(image_set_at(&pair->set, 1), 2);
}

static void pair_release(struct pair *pair)
{
    memory_free(pair->scratch);
    image_set_release(&pair->set);
}

static double pair_ssim(struct pair *pair, size_t a, size_t b)
{
    return quality_ssim(image_set_at(&pair->set, a), image_set_at(&pair->set, b), pair->scratch);
}

static void equals_scikit_image(void)
{
    for (size_t i = 0; i < sizeof golden_quality / sizeof *golden_quality; i++) {
        const struct golden_quality *golden = &golden_quality[i];
        struct shape shape = {golden->channels, golden->height, golden->width};
        struct pair pair;
        pair_new(&pair, shape);
        CU_ASSERT_DOUBLE_EQUAL(pair_ssim(&pair, 0, 1), golden->ssim, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(quality_psnr(image_set_at(&pair.set, 0), image_set_at(&pair.set, 1)),
                               golden->psnr, 1e-9);
        pair_release(&pair);
    }
}

static void equal_images_are_perfect(void)
{
    struct pair pair;
    pair_new(&pair, (struct shape){3, 20, 31});
    CU_ASSERT(pair_ssim(&pair, 0, 0) == 1);
    CU_ASSERT(quality_psnr(image_set_at(&pair.set, 0), image_set_at(&pair.set, 0)) ==
              QUALITY_PSNR_MOST);
    pair_release(&pair);
}

static void order_does_not_matter(void)
{
    struct pair pair;
    pair_new(&pair, (struct shape){1, 25, 19});
    CU_ASSERT(pair_ssim(&pair, 0, 1) == pair_ssim(&pair, 1, 0));
    pair_release(&pair);
}

static void alignment_does_not_matter(void)
{
    struct pair pair;
    float *more;
    pair_new(&pair, (struct shape){1, 25, 19});
    size_t size = quality_ssim_scratch(pair.set.shapes[0]);
    CU_ASSERT_FATAL(memory_new(&more, size + 3, sizeof *more, NULL) == STATUS_OK);
    struct image a = image_set_at(&pair.set, 0), b = image_set_at(&pair.set, 1);
    CU_ASSERT(quality_ssim(a, b, more + 3) == pair_ssim(&pair, 0, 1));
    memory_free(more);
    pair_release(&pair);
}

/* Values outside [0, 1] count as the end of the range. */
static void images_are_clipped(void)
{
    struct pair pair;
    pair_new(&pair, (struct shape){1, 12, 12});
    struct image a = image_set_at(&pair.set, 0), b = image_set_at(&pair.set, 1);
    for (int i = 0; i < 144; i++) {
        a.pixels[i] = 1 + (float)i;
        b.pixels[i] = 1;
    }
    CU_ASSERT(pair_ssim(&pair, 0, 1) == 1);
    CU_ASSERT(quality_psnr(a, b) == QUALITY_PSNR_MOST);
    pair_release(&pair);
}

static void sets_of_images(void)
{
    const struct shape shapes[] = {{1, 28, 28}, {1, 11, 40}, {1, 33, 17}, {1, 12, 12}, {1, 15, 28}};
    struct image_set outputs = {0}, truth = {0};
    struct scores one, three;
    double ssim = 0, psnr = 0;
    float *scratch;

    CU_ASSERT_FATAL(image_set_new(&outputs, 5, shapes, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(image_set_new(&truth, 5, shapes, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(memory_new(&scratch, quality_ssim_scratch(shapes[1]), sizeof(float), NULL) ==
                    STATUS_OK);
    for (size_t i = 0; i < 5; i++) {
        pattern_noisy(image_set_at(&outputs, i), (int)i);
        pattern_noisy(image_set_at(&truth, i), (int)i + 7);
        ssim += quality_ssim(image_set_at(&outputs, i), image_set_at(&truth, i), scratch);
        psnr += quality_psnr(image_set_at(&outputs, i), image_set_at(&truth, i));
    }
    CU_ASSERT(metrics_images(&outputs, &truth, 1, &one, NULL, NULL) == STATUS_OK);
    CU_ASSERT(metrics_images(&outputs, &truth, 3, &three, NULL, NULL) == STATUS_OK);
    CU_ASSERT(one.values[METRIC_SSIM] == ssim / 5 && one.values[METRIC_PSNR] == psnr / 5);
    CU_ASSERT(one.values[METRIC_SSIM] == three.values[METRIC_SSIM] &&
              one.values[METRIC_PSNR] == three.values[METRIC_PSNR]);
    CU_ASSERT(isnan(one.values[METRIC_ACCURACY]) && isnan(one.parts[0]));
    CU_ASSERT(metrics_value(&one, METRIC_SSIM) == one.values[METRIC_SSIM]);
    CU_ASSERT(metrics_value(&one, METRIC_PSNR) == one.values[METRIC_PSNR]);
    memory_free(scratch);
    image_set_release(&truth);
    image_set_release(&outputs);
}

static void small_images_are_refused(void)
{
    struct image_set set = {0};
    struct scores scores;
    struct error error = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&set, 1, (struct shape){1, 10, 28}, NULL) == STATUS_OK);
    CU_ASSERT(metrics_images(&set, &set, 1, &scores, NULL, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "image 0 is 10 x 28 pixels; SSIM needs at least 11 x 11");
    image_set_release(&set);
}

static void failed_allocations(void)
{
    struct image_set set = {0};
    struct scores scores;
    enum status status = STATUS_MEMORY;

    CU_ASSERT_FATAL(image_set_new_uniform(&set, 2, (struct shape){1, 12, 12}, NULL) == STATUS_OK);
    size_t n = 0;
    while (status == STATUS_MEMORY && n < 10) {
        memory_fail_at(++n);
        status = metrics_images(&set, &set, 2, &scores, NULL, NULL);
    }
    memory_fail_at(0);
    CU_ASSERT(status == STATUS_OK && n == 4);
    image_set_release(&set);
}

static void accuracy(void)
{
    const float values[] = {0, 2, 1, /**/ 5, 5, 5, /**/ -3, -2, -1, /**/ 0, 1, 0};
    const uint8_t classes[] = {1, 0, 0, 0};
    struct image_set set = {0};
    struct scores scores;

    CU_ASSERT_FATAL(image_set_new_uniform(&set, 4, (struct shape){3, 1, 1}, NULL) == STATUS_OK);
    for (int i = 0; i < 12; i++)
        set.pixels[i] = values[i];
    metrics_classes(&set, classes, 3, &scores, NULL);
    CU_ASSERT(scores.values[METRIC_ACCURACY] == 0.5);
    CU_ASSERT(scores.parts[0] == 1.0 / 3);
    CU_ASSERT(scores.parts[1] == 1);
    CU_ASSERT(isnan(scores.parts[2]));
    CU_ASSERT(isnan(scores.values[METRIC_SSIM]) && isnan(scores.values[METRIC_PSNR]));
    CU_ASSERT(metrics_value(&scores, METRIC_ACCURACY) == 0.5);
    image_set_release(&set);
}

void quality_suite(void)
{
    CU_pSuite suite = CU_add_suite("quality", NULL, NULL);
    CU_add_test(suite, "equals scikit-image", equals_scikit_image);
    CU_add_test(suite, "equal images score 1 and the cap", equal_images_are_perfect);
    CU_add_test(suite, "order of the images does not matter", order_does_not_matter);
    CU_add_test(suite, "Cohen's kappa", kappa);
    CU_add_test(suite, "scores of each image", scores_of_each_image);
    CU_add_test(suite, "alignment of the scratch memory does not matter",
                alignment_does_not_matter);
    CU_add_test(suite, "images are clipped to [0, 1]", images_are_clipped);
    CU_add_test(suite, "means over sets, the same for 1 and 3 threads", sets_of_images);
    CU_add_test(suite, "images smaller than the window are refused", small_images_are_refused);
    CU_add_test(suite, "failed allocations", failed_allocations);
    CU_add_test(suite, "accuracy, by class too", accuracy);
    CU_add_test(suite, "of errors less is better", test_sense);
}
