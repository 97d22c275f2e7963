/* Scores of masks, numbers and maps against independent programs (tests/golden/scores.h5, written
 * by scores.py), and in the cases at the edge. */
#include "math/mask_metrics.h"
#include "math/number_metrics.h"
#include "tests/unit/golden.h"

#include <stdlib.h>

void scores_suite(void);

enum { MOST_IMAGES = 64, SET = 5 };
static const double TOLERANCE = 1e-6;

/* The order of the array "set" in the file. */
static const enum metric of_masks[SET] = {METRIC_IOU, METRIC_DICE, METRIC_PIXEL_ACCURACY,
                                          METRIC_BOUNDARY_F1, METRIC_POOLED_IOU};
static const enum metric of_numbers[SET] = {METRIC_MAE, METRIC_RMSE, METRIC_R2,
                                            METRIC_RELATIVE_ERROR, METRIC_COVERAGE};

static bool equal_or_both_nan(double a, double b)
{
    return isnan(b) ? isnan(a) : fabs(a - b) <= TOLERANCE * fmax(1, fabs(b));
}

/* [images][height][width], or with a count before these. */
static void set_of(const struct golden *golden, const char *name, struct image_set *set)
{
    struct hdf5_array array = golden_array(golden, name);
    bool counted = array.rank == 4;
    struct shape shape = {counted ? (int)array.dims[1] : 1, (int)array.dims[array.rank - 2],
                          (int)array.dims[array.rank - 1]};

    CU_ASSERT_EQUAL_FATAL(array.type, HDF5_FLOAT32);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(set, array.dims[0], shape, NULL), STATUS_OK);
    memcpy(set->pixels, array.values, golden_size(&array) * sizeof(float));
}

static void compare_values(const struct golden *golden, const char *name, const double *values,
                           size_t count)
{
    struct hdf5_array array = golden_array(golden, name);
    char text[256];

    CU_ASSERT_FATAL(array.type == HDF5_FLOAT64 && golden_size(&array) == count);
    for (size_t i = 0; i < count; i++) {
        double expected = ((const double *)array.values)[i];
        snprintf(text, sizeof text, "%s: %s[%zu] is %.9g, not %.9g", golden->group, name, i,
                 values[i], expected);
        CU_assertImplementation(equal_or_both_nan(values[i], expected), __LINE__, text, __FILE__,
                                "", CU_FALSE);
    }
}

typedef enum status scoring(const struct image_set *outputs, const struct image_set *truth,
                            int count, int threads, struct scores *scores,
                            const struct image_scores *each, struct error *error);

/* One case; `metrics` in the order of "set", of which `each_name` has the names of some. */
static void compare_case(const struct golden *golden, scoring *score, int count,
                         const enum metric *metrics)
{
    struct image_set outputs = {0}, truth = {0};
    struct scores scores, again;
    struct image_scores each = {0};
    double own[SET][MOST_IMAGES], set[SET];

    set_of(golden, "truth", &truth);
    set_of(golden, "outputs", &outputs);
    CU_ASSERT_FATAL(truth.count <= MOST_IMAGES);
    for (int m = 0; m < SET; m++)
        each.values[metrics[m]] = own[m];
    CU_ASSERT_EQUAL_FATAL(score(&outputs, &truth, count, 1, &scores, &each, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(scores.undefined.count, 0);
    for (int m = 0; m < SET; m++) {
        set[m] = scores.values[metrics[m]];
        if (golden_has(golden, metric_names[metrics[m]]))
            compare_values(golden, metric_names[metrics[m]], own[m], truth.count);
    }
    compare_values(golden, "set", set, SET);
    compare_values(golden, "parts", scores.parts, (size_t)count);
    CU_ASSERT_EQUAL_FATAL(score(&outputs, &truth, count, 3, &again, NULL, NULL), STATUS_OK);
    CU_ASSERT(memcmp(&scores, &again, sizeof scores) == 0); /* whatever the threads */
    image_set_release(&outputs);
    image_set_release(&truth);
}

static void compare_cases(const char *kind, scoring *score, const enum metric *metrics,
                          size_t expected)
{
    struct hdf5 file;
    struct arena arena = {0};
    const char **names;
    size_t count;
    char path[64];

    snprintf(path, sizeof path, "/%s", kind);
    CU_ASSERT_EQUAL_FATAL(hdf5_open(&file, "tests/golden/scores.h5", false, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(hdf5_list(&file, path, &arena, &names, &count, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(count, expected);
    for (size_t i = 0; i < count; i++) {
        char group[64];
        snprintf(group, sizeof group, "%s/%s", kind, names[i]);
        struct golden golden = {.file = &file, .arena = &arena, .group = group};
        struct hdf5_array parts = golden_array(&golden, "parts");
        compare_case(&golden, score, (int)parts.dims[0], metrics);
    }
    hdf5_abandon(&file);
    arena_release(&arena);
}

static void masks_as_others_score_them(void)
{
    compare_cases("masks", metrics_masks, of_masks, 8);
}

static void numbers_as_others_score_them(void)
{
    compare_cases("numbers", metrics_numbers, of_numbers, 9);
}

/* Scores of images of one shape; `truth` and `outputs` hold them one after the other. */
static struct scores score_images(scoring *score, size_t images, struct shape shape,
                                  const float *truth, const float *outputs, int count,
                                  struct image_scores *each)
{
    struct image_set t = {0}, o = {0};
    struct scores scores;

    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&t, images, shape, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&o, images, shape, NULL), STATUS_OK);
    if (images) {
        memcpy(t.pixels, truth, images * shape_size(shape) * sizeof(float));
        memcpy(o.pixels, outputs, images * shape_size(shape) * sizeof(float));
    }
    CU_ASSERT_EQUAL_FATAL(score(&o, &t, count, 1, &scores, each, NULL), STATUS_OK);
    image_set_release(&t);
    image_set_release(&o);
    return scores;
}

#define N ((float)NAN)

static bool all_are(const struct scores *scores, const enum metric *metrics, double value)
{
    bool all = true;
    for (int m = 0; m < SET; m++)
        all = all && equal_or_both_nan(scores->values[metrics[m]], value);
    return all;
}

static void masks_of_one_pixel_or_class(void)
{
    static const float zero[4] = {0}, one[4] = {1, 1, 1, 1}, none[4] = {N, N, N, N};
    struct shape pixel = {1, 1, 1}, square = {1, 2, 2};

    for (int whole = 0; whole < 2; whole++) {
        struct shape shape = whole ? square : pixel;
        struct scores same = score_images(metrics_masks, 1, shape, zero, zero, 1, NULL);
        CU_ASSERT(all_are(&same, of_masks, 1) && same.parts[0] == 1);
        struct scores other = score_images(metrics_masks, 1, shape, zero, one, 2, NULL);
        CU_ASSERT(all_are(&other, of_masks, 0) && other.parts[0] == 0 && other.parts[1] == 0);
        struct scores unknown = score_images(metrics_masks, 1, shape, none, one, 2, NULL);
        CU_ASSERT(all_are(&unknown, of_masks, NAN) && unknown.undefined.count == 0);
        struct scores unanswered = score_images(metrics_masks, 1, shape, one, none, 2, NULL);
        CU_ASSERT(all_are(&unanswered, of_masks, NAN) && unanswered.undefined.count == 1);
    }
    struct scores no_image = score_images(metrics_masks, 0, pixel, zero, zero, 1, NULL);
    CU_ASSERT(all_are(&no_image, of_masks, NAN) && no_image.undefined.count == 0);
}

/* Three images: one right in part, one that nobody knows, one whose only known pixel is right. */
static void images_without_known_pixels_have_no_say(void)
{
    static const float truth[] = {0, 0, 1, 1, N, N, N, N, 1, N, N, N};
    static const float outputs[] = {0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 5, N};
    double iou[3], accuracy[3];
    struct image_scores each = {0};

    each.values[METRIC_IOU] = iou;
    each.values[METRIC_PIXEL_ACCURACY] = accuracy;
    struct scores scores =
        score_images(metrics_masks, 3, (struct shape){1, 2, 2}, truth, outputs, 2, &each);
    CU_ASSERT_EQUAL(scores.undefined.count, 0);
    CU_ASSERT_DOUBLE_EQUAL(iou[0], (0.5 + 2.0 / 3) / 2, 1e-15);
    CU_ASSERT(isnan(iou[1]) && iou[2] == 1 && accuracy[0] == 0.75 && accuracy[2] == 1);
    CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_IOU], (iou[0] + 1) / 2, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_PIXEL_ACCURACY], 0.875, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_POOLED_IOU], (0.5 + 0.75) / 2, 1e-15);
    CU_ASSERT(scores.parts[0] == 0.5);
    CU_ASSERT_DOUBLE_EQUAL(scores.parts[1], (2.0 / 3 + 1) / 2, 1e-15);
}

/* What is no class is no answer, wherever the number comes from. */
static void outputs_that_are_no_classes(void)
{
    static const float truth[] = {0, 0, 1, 1, 1, 1};
    static const float bad[] = {NAN, -1, 2, 0.5F, INFINITY, -INFINITY, 1e30F};

    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        float outputs[] = {0, 0, 1, bad[k], 1, 1};
        struct scores scores =
            score_images(metrics_masks, 1, (struct shape){1, 2, 3}, truth, outputs, 2, NULL);
        CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_IOU], (1 + 0.75) / 2, 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_DICE], (1 + 6.0 / 7) / 2, 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_PIXEL_ACCURACY], 5.0 / 6, 1e-15);
    }
}

/* Boundaries one pixel apart match in a small image, two apart do not; a diagonal of 400 pixels is
 * exactly three pixels of tolerance. */
static void boundaries_within_reach(void)
{
    enum { HEIGHT = 240, WIDTH = 320 };
    static float truth[HEIGHT * WIDTH], outputs[HEIGHT * WIDTH];

    for (int apart = 2; apart <= 4; apart++) {
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            truth[i] = i % WIDTH >= 100;
            outputs[i] = i % WIDTH >= 100 + apart;
        }
        struct scores scores = score_images(metrics_masks, 1, (struct shape){1, HEIGHT, WIDTH},
                                            truth, outputs, 2, NULL);
        CU_ASSERT_EQUAL(scores.values[METRIC_BOUNDARY_F1], apart <= 3);
    }
    for (int apart = 1; apart <= 2; apart++) {
        float a[10], b[10];
        for (int i = 0; i < 10; i++) {
            a[i] = i >= 4;
            b[i] = i >= 4 + apart;
        }
        struct scores scores =
            score_images(metrics_masks, 1, (struct shape){1, 1, 10}, a, b, 2, NULL);
        CU_ASSERT_EQUAL(scores.values[METRIC_BOUNDARY_F1], apart == 1);
    }
}

/* Unknown pixels between two regions leave these without a boundary. */
static void unknown_pixels_make_no_boundary(void)
{
    static const float truth[] = {0, 0, N, 1, 1}, outputs[] = {0, 0, 1, 1, 1};
    struct scores scores =
        score_images(metrics_masks, 1, (struct shape){1, 1, 5}, truth, outputs, 2, NULL);

    CU_ASSERT(all_are(&scores, of_masks, 1));
}

static void numbers_at_the_edge(void)
{
    static const float truth[] = {1, 2, 3, N, 5, 0}, outputs[] = {2, 2, 1, 9, 5, 4};
    static const float unknown[] = {N, N, N, N, N, N};
    static const float unanswered[] = {2, N, 1, 9, 5, 4}, infinite[] = {2, 2, 1, INFINITY, 5, 4};
    double mae[3], relative[3], coverage[3];
    struct image_scores each = {0};
    struct shape two = {2, 1, 1};

    each.values[METRIC_MAE] = mae;
    each.values[METRIC_RELATIVE_ERROR] = relative;
    each.values[METRIC_COVERAGE] = coverage;
    struct scores scores = score_images(metrics_numbers, 3, two, truth, outputs, 2, &each);
    CU_ASSERT(mae[0] == 0.5 && mae[1] == 2 && mae[2] == 2 && coverage[1] == 1);
    CU_ASSERT(relative[0] == 0.5 && relative[2] == 0);
    CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_MAE], 1.5, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_RMSE], sqrt((0.5 + 4 + 8) / 3), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(scores.parts[0], 1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(scores.parts[1], 2, 1e-15);
    scores = score_images(metrics_numbers, 3, two, unknown, outputs, 2, &each);
    CU_ASSERT(all_are(&scores, of_numbers, NAN) && !scores.undefined.count && isnan(mae[0]));
    scores = score_images(metrics_numbers, 3, two, truth, unanswered, 2, &each);
    CU_ASSERT(all_are(&scores, of_numbers, NAN) && scores.undefined.count == 1);
    CU_ASSERT(scores.undefined.images[0] == 0 && isnan(mae[0]) && mae[1] == 2);
    scores = score_images(metrics_numbers, 3, two, truth, infinite, 2, NULL);
    CU_ASSERT(scores.undefined.count == 0); /* nobody knows that number */
    scores = score_images(metrics_numbers, 3, two, outputs, infinite, 2, NULL);
    CU_ASSERT(scores.undefined.count == 1 && scores.undefined.images[0] == 1);
    scores = score_images(metrics_numbers, 0, two, truth, outputs, 2, NULL);
    CU_ASSERT(all_are(&scores, of_numbers, NAN) && !scores.undefined.count);
}

/* A truth that is the same everywhere leaves nothing to explain, though its mean is rounded. */
static void constant_truth_has_no_r2(void)
{
    static const float truth[] = {0.1F, 0.1F, 0.1F}, outputs[] = {0.1F, 0.2F, 0.1F};
    static const float zeros[3] = {0};
    struct scores scores =
        score_images(metrics_numbers, 3, (struct shape){1, 1, 1}, truth, outputs, 1, NULL);

    CU_ASSERT(isnan(scores.values[METRIC_R2]) && isfinite(scores.values[METRIC_MAE]));
    scores = score_images(metrics_numbers, 3, (struct shape){1, 1, 1}, zeros, outputs, 1, NULL);
    CU_ASSERT(isnan(scores.values[METRIC_RELATIVE_ERROR]) && scores.undefined.count == 0);
}

static void maps_may_lack_answers(void)
{
    static const float truth[] = {1, 2, N, 4, N, N, N, N};
    static const float outputs[] = {3, N, 7, 4, 1, 1, 1, 1}, none[] = {N, N, 7, N, 1, 1, 1, 1};
    static const float infinite[] = {3, N, 7, -INFINITY, 1, 1, 1, 1};
    struct shape map = {1, 2, 2};
    struct scores scores = score_images(metrics_numbers, 2, map, truth, outputs, 1, NULL);

    CU_ASSERT(scores.values[METRIC_MAE] == 1 && scores.undefined.count == 0);
    CU_ASSERT_DOUBLE_EQUAL(scores.values[METRIC_COVERAGE], 2.0 / 3, 1e-15);
    scores = score_images(metrics_numbers, 2, map, truth, none, 1, NULL);
    CU_ASSERT(all_are(&scores, of_numbers, NAN) && scores.undefined.count == 1);
    scores = score_images(metrics_numbers, 2, map, truth, infinite, 1, NULL);
    CU_ASSERT(all_are(&scores, of_numbers, NAN) && scores.undefined.count == 1);
}

void scores_suite(void)
{
    CU_pSuite suite = CU_add_suite("scores", NULL, NULL);
    CU_add_test(suite, "masks as scikit-learn and scikit-image score them",
                masks_as_others_score_them);
    CU_add_test(suite, "numbers and maps as scikit-learn scores them",
                numbers_as_others_score_them);
    CU_add_test(suite, "masks of one pixel, of one class", masks_of_one_pixel_or_class);
    CU_add_test(suite, "images without known pixels have no say",
                images_without_known_pixels_have_no_say);
    CU_add_test(suite, "outputs that are no classes", outputs_that_are_no_classes);
    CU_add_test(suite, "boundaries within reach", boundaries_within_reach);
    CU_add_test(suite, "unknown pixels make no boundary", unknown_pixels_make_no_boundary);
    CU_add_test(suite, "numbers at the edge", numbers_at_the_edge);
    CU_add_test(suite, "constant truth has no R2", constant_truth_has_no_r2);
    CU_add_test(suite, "maps may lack answers", maps_may_lack_answers);
}
