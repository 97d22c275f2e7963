#include "base/memory.h"
#include "chain/chain.h"
#include "interfaces/stage.h"
#include "pipelines/denoising/noise_level.h"
#include "tasks/registry.h"
#include "tests/golden/pipelines.h"
#include "tests/unit/pattern.h"
#include "tests/unit/stages_text.h"
#include "train/stages/registry.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pipelines_suite(void);

static const struct random_key key = {2019, 0};

static void check_golden(const char *text, int channels, const float *golden, double tolerance)
{
    struct image_set in = {0}, out = {0};
    struct shape shape = {channels, 9, 13};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shape, NULL) == STATUS_OK);
    pattern_noisy(image_set_at(&in, 0), 3);
    stages_text_run(text, &in, &out);
    CU_ASSERT_FATAL(shape_equal(out.shapes[0], shape));
    for (size_t i = 0; i < shape_size(shape); i++)
        CU_ASSERT_DOUBLE_EQUAL(out.pixels[i], golden[i], tolerance);
    image_set_release(&out);
    image_set_release(&in);
}

static void gaussian_equals_scipy(void)
{
    check_golden("[gaussian: {sigma: 0.4}]", 1, golden_gaussian_0_4, 1e-6);
    check_golden("[gaussian: {sigma: 0.8}]", 1, golden_gaussian_0_8, 1e-6);
    check_golden("[gaussian: {sigma: 3}]", 1, golden_gaussian_3, 1e-6);
}

static void median_equals_scipy(void)
{
    check_golden("[median: {radius: 1}]", 1, golden_median_1, 0);
    check_golden("[median: {radius: 2}]", 1, golden_median_2, 0);
    check_golden("[median: {radius: 3}]", 1, golden_median_3, 0);
    check_golden("[median: {radius: 7}]", 1, golden_median_7, 0);
}

static void bilateral_equals_definition(void)
{
    check_golden("[bilateral: {sigma_space: 1.5, sigma_range: 40}]", 1, golden_bilateral, 2e-6);
    check_golden("[bilateral: {sigma_space: 2, sigma_range: 60, radius: 2}]", 3,
                 golden_bilateral_colour, 2e-6);
}

/* Columns on both sides of where the code cuts wide images: as in an image that is not cut. */
static void check_wide_bilateral(const char *text, int channels)
{
    enum { HEIGHT = 7, WIDTH = 600, FIRST = 460, PART = 100, BORDER = 10 };
    struct image_set in = {0}, out = {0}, part_in = {0}, part_out = {0};
    struct shape shape = {channels, HEIGHT, WIDTH}, part = {channels, HEIGHT, PART};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shape, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(image_set_new_uniform(&part_in, 1, part, NULL) == STATUS_OK);
    pattern_noisy(image_set_at(&in, 0), 3);
    for (int row = 0; row < channels * HEIGHT; row++)
        memcpy(part_in.pixels + (size_t)row * PART, in.pixels + (size_t)row * WIDTH + FIRST,
               PART * sizeof *in.pixels);
    stages_text_run(text, &in, &out);
    stages_text_run(text, &part_in, &part_out);
    for (int row = 0; row < channels * HEIGHT; row++)
        CU_ASSERT(memcmp(out.pixels + (size_t)row * WIDTH + FIRST + BORDER,
                         part_out.pixels + (size_t)row * PART + BORDER,
                         (PART - 2 * BORDER) * sizeof *out.pixels) == 0);
    image_set_release(&part_out);
    image_set_release(&part_in);
    image_set_release(&out);
    image_set_release(&in);
}

static void bilateral_of_wide_images(void)
{
    check_wide_bilateral("[bilateral: {radius: 1}]", 1);
    check_wide_bilateral("[bilateral: {radius: 7}]", 3);
    check_wide_bilateral("[bilateral: {radius: 8}]", 1);
}

static void nlm_equals_definition(void)
{
    check_golden("[nlm: {patch_radius: 1, search_radius: 3, h: 40}]", 1, golden_nlm, 2e-6);
    check_golden("[nlm: {patch_radius: 2, search_radius: 5, h: 25, sigma: 20}]", 3,
                 golden_nlm_colour, 2e-6);
    check_golden("[nlm: {patch_radius: 1, search_radius: 3}]", 3, golden_nlm_estimated, 5e-6);
}

/* Kept or black: a value is the input's to the bit. */
static void threshold_equals_scipy(void)
{
    check_golden("[threshold: {level: 90}]", 1, golden_threshold_90, 0);
    check_golden("[threshold: {level: 120, sigma: 0.7}]", 1, golden_threshold_120_sigma_0_7, 0);
}

/* What is at the level is black, what is above it stays, above 1 and in each channel too. */
static void threshold_at_the_level(void)
{
    const float values[] = {1.0F, 0.2F, 51.0F / 255, 0.20000002F, -0.5F, 1.5F};
    const float kept[] = {1.0F, 0, 0, 0.20000002F, 0, 1.5F};
    struct image_set in = {0}, out = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, (struct shape){2, 1, 3}, NULL) == STATUS_OK);
    memcpy(in.pixels, values, sizeof values);
    stages_text_run("[threshold: {level: 51}]", &in, &out);
    CU_ASSERT(memcmp(out.pixels, kept, sizeof kept) == 0);
    image_set_release(&out);
    image_set_release(&in);
}

static void wiener_equals_scipy(void)
{
    check_golden("[wiener]", 1, golden_wiener_1, 2e-6);
    check_golden("[wiener: {radius: 3, sigma: 30}]", 1, golden_wiener_3_sigma_30, 2e-6);
}

static int mirrored(int index, int size)
{
    while (index < 0 || index >= size)
        index = index < 0 ? -1 - index : 2 * size - 1 - index;
    return index;
}

static double pixel_of(struct image image, int y, int x)
{
    return (double)image.pixels[mirrored(y, image.shape.height) * image.shape.width +
                                mirrored(x, image.shape.width)];
}

/* A pixel's non-local mean as it is defined: each patch against each. */
static double defined_nlm(struct image image, int y, int x, int patch, int search, double h)
{
    double sum = 0, weights = 0, side = 2.0 * patch + 1;

    for (int v = y - search; v <= y + search; v++)
        for (int u = x - search; u <= x + search; u++) {
            double distance = 0;
            for (int dy = -patch; dy <= patch; dy++)
                for (int dx = -patch; dx <= patch; dx++)
                    distance +=
                        pow(pixel_of(image, y + dy, x + dx) - pixel_of(image, v + dy, u + dx), 2);
            double weight = exp(-distance / (side * side * h * h));
            sum += weight * pixel_of(image, v, u);
            weights += weight;
        }
    return sum / weights;
}

/* Images smaller than patch and square, and beside their border, too: everything is mirrored. */
static void nlm_in_narrow_images(void)
{
    const struct shape shapes[] = {{1, 1, 1}, {1, 1, 9}, {1, 7, 2}, {1, 5, 17}};

    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        struct image_set in = {0}, out = {0};
        CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shapes[k], NULL) == STATUS_OK);
        struct image image = image_set_at(&in, 0);
        pattern_noisy(image, (int)k);
        stages_text_run("[nlm: {patch_radius: 3, search_radius: 6, h: 51}]", &in, &out);
        for (int y = 0; y < image.shape.height; y++)
            for (int x = 0; x < image.shape.width; x++)
                CU_ASSERT_DOUBLE_EQUAL(out.pixels[y * image.shape.width + x],
                                       defined_nlm(image, y, x, 3, 6, 0.2), 2e-6);
        image_set_release(&out);
        image_set_release(&in);
    }
}

/* Rows that have left the sums leave nothing behind: above and below a band a million times as
 * bright, an image comes out as without it, but for what sees the band. */
static void nlm_forgets_rows(void)
{
    struct image_set in = {0}, out = {0}, clean = {0};
    struct shape shape = {1, 40, 12};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shape, NULL) == STATUS_OK);
    pattern_noisy(image_set_at(&in, 0), 2);
    stages_text_run("[nlm: {patch_radius: 1, search_radius: 2, h: 51}]", &in, &clean);
    for (int i = 0; i < 2 * 12; i++)
        in.pixels[10 * 12 + i] += 1e6F;
    stages_text_run("[nlm: {patch_radius: 1, search_radius: 2, h: 51}]", &in, &out);
    for (int i = 20 * 12; i < 40 * 12; i++)
        CU_ASSERT_DOUBLE_EQUAL(out.pixels[i], clean.pixels[i], 1e-3);
    image_set_release(&clean);
    image_set_release(&out);
    image_set_release(&in);
}

/* A bar along x has its gradient along y: of 9 orientations, none points there; 4 and 5 are next.
 * A bar along y has its gradient along x: orientation 0. */
static void hog_finds_directions(void)
{
    struct image_set in = {0}, out = {0};
    int cells = 7 * 7;

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, (struct shape){1, 28, 28}, NULL) == STATUS_OK);
    for (int i = 0; i < 784; i++)
        in.pixels[i] = i % 28 >= 14 ? 1 : 0;
    stages_text_run("[hog]", &in, &out);
    CU_ASSERT(shape_equal(out.shapes[0], (struct shape){31 * 49, 1, 1}));
    for (int number = 0; number < 27; number++) {
        double sum = 0;
        for (int cell = 0; cell < cells; cell++)
            sum += (double)out.pixels[number * cells + cell];
        if (number == 0 || number == 18) /* signed and unsigned */
            CU_ASSERT(sum > 1)
        else
            CU_ASSERT(sum == 0)
    }
    image_set_release(&out);
    stages_text_run("[hog: {variant: dalal_triggs, cell_size: 8, orientations: 6}]", &in, &out);
    CU_ASSERT(shape_equal(out.shapes[0], (struct shape){24 * 16, 1, 1}));
    image_set_release(&out);
    image_set_release(&in);
}

/* Brightness does not matter; contrast hardly, except in the normalisation's constant. */
static void hog_ignores_brightness(void)
{
    struct image_set in = {0}, out = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 2, (struct shape){3, 16, 20}, NULL) == STATUS_OK);
    pattern_fill(image_set_at(&in, 0), 5);
    pattern_fill(image_set_at(&in, 1), 5);
    for (int i = 0; i < 3 * 16 * 20; i++)
        image_set_at(&in, 1).pixels[i] += 0.25F;
    stages_text_run("[hog]", &in, &out);
    for (size_t i = 0; i < out.offsets[1]; i++)
        CU_ASSERT_DOUBLE_EQUAL(out.pixels[i], out.pixels[out.offsets[1] + i], 1e-5);
    image_set_release(&out);
    image_set_release(&in);
}

/* Points around `classes` corners; class numbers are `first`, `first` + `step`, … */
static void corner_examples(struct image_set *set, uint8_t *labels, size_t count, int classes,
                            int first, int step)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 1);

    CU_ASSERT_FATAL(image_set_new_uniform(set, count, (struct shape){4, 1, 1}, NULL) == STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        int corner = (int)((i * 7) % (size_t)classes);
        labels[i] = (uint8_t)(first + step * corner);
        for (int k = 0; k < 4; k++)
            set->pixels[4 * i + (size_t)k] = (float)((k == corner) + 0.1 * random_normal(&stream));
    }
}

static void fit_corners(int classes, int first, int step, int class_count)
{
    const struct stage *stage = stage_of(registry_find(registry_stages(), "linear_svm"));
    struct stages_text stages;
    struct image_set inputs = {0};
    uint8_t labels[60];
    float scores[8];
    void *state = NULL;

    stages_text_read(&stages, "[linear_svm]");
    corner_examples(&inputs, labels, 60, classes, first, step);
    struct stage_examples examples = {
        .inputs = &inputs, .classes = labels, .answer = {CONTENT_SCORES, class_count}, .key = key};
    const void *config = stages.stages.items[0].config;
    CU_ASSERT_FATAL(stage->fit(config, &examples, &state, NULL) == STATUS_OK);
    for (size_t i = 0; i < 60; i++) {
        struct image out = {{class_count, 1, 1}, scores};
        float smallest = INFINITY;
        stage->run(config, state, image_set_at(&inputs, i), out, NULL);
        CU_ASSERT(metrics_argmax(scores, class_count) == labels[i]);
        for (int c = first; c < first + classes * step; c += step)
            smallest = fminf(smallest, scores[c]);
        for (int c = 0; c < class_count; c++)
            if (c < first || c >= first + classes * step || (c - first) % step)
                CU_ASSERT_DOUBLE_EQUAL(scores[c], smallest - 1, 1e-6);
    }
    stage->release(state);
    image_set_release(&inputs);
    stages_text_release(&stages);
}

static void svm_learns(void)
{
    fit_corners(4, 0, 1, 4);
    fit_corners(3, 1, 2, 7);
    fit_corners(2, 0, 1, 2);
    fit_corners(2, 1, 3, 5);
    fit_corners(1, 2, 1, 4);
}

static void svm_refuses(void)
{
    const struct stage *stage = stage_of(registry_find(registry_stages(), "linear_svm"));
    const struct shape shapes[] = {{4, 1, 1}, {5, 1, 1}};
    const uint8_t labels[] = {0, 1};
    struct stages_text stages;
    struct image_set inputs = {0};
    struct error error = {0};
    void *state = NULL;

    stages_text_read(&stages, "[linear_svm]");
    const void *config = stages.stages.items[0].config;
    struct stage_examples examples = {
        .inputs = &inputs, .classes = labels, .answer = {CONTENT_SCORES, 2}, .key = key};
    CU_ASSERT(stage->fit(config, &examples, &state, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "expected hand-labelled images with classes to learn from, found none");
    CU_ASSERT_FATAL(image_set_new(&inputs, 2, shapes, NULL) == STATUS_OK);
    CU_ASSERT(stage->fit(config, &examples, &state, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "images of different sizes cannot be compared; expected "
                                          "the same number of features for all");
    image_set_release(&inputs);
    stages_text_release(&stages);
}

static struct operations count_text(const char *text, struct shape shape, int classes)
{
    struct stages_text stages;
    stages_text_read(&stages, text);
    const struct stage *stage = stage_of(stages.stages.items[0].kind);
    struct operations operations = stage->count(stages.stages.items[0].config, shape,
                                                (struct answer){CONTENT_SCORES, classes});
    stages_text_release(&stages);
    return operations;
}

static void counts(void)
{
    const struct shape shape = {1, 28, 28};

    CU_ASSERT(count_text("[median]", shape, 0).comparisons == 18 * 784);
    CU_ASSERT(count_text("[median: {radius: 2}]", shape, 0).comparisons == 106 * 784);
    CU_ASSERT(count_text("[median: {radius: 3}]", shape, 0).comparisons == 276 * 784);
    CU_ASSERT(count_text("[median: {radius: 4}]", shape, 0).lookups > 14 * 784);
    CU_ASSERT(count_text("[gaussian: {sigma: 1}]", shape, 0).multiply_adds == 8 * 784);
    CU_ASSERT(count_text("[gaussian: {sigma: 1}]", shape, 0).multiplications == 2 * 784);
    CU_ASSERT(count_text("[bilateral: {radius: 2}]", shape, 0).exponentials == 25 * 784);
    CU_ASSERT(count_text("[linear_svm]", (struct shape){100, 1, 1}, 10).multiply_adds == 1000);
    CU_ASSERT(count_text("[hog]", shape, 0).divisions == 3 * 26 * 26 + 8 * 49);
}

static void check_counts(const char *text, struct shape shape, struct operations expected)
{
    struct operations counted = count_text(text, shape, 0);

    check_operations(counted, expected);
}

/* What each stage does to an image of 2 channels of 10 x 12 pixels, counted by hand: 120 pixels,
 * 240 values. What follows from settings alone (the Gaussian's weights) is not done for an image.
 */
static void counts_by_hand(void)
{
    const struct shape shape = {2, 10, 12};

    /* Radius 2; two passes: the centre's product, then pairs: a sum, and its product added. */
    check_counts("[gaussian: {sigma: 0.5}]", shape,
                 (struct operations){.multiplications = 2 * 240,
                                     .additions = 2 * 2 * 240,
                                     .multiply_adds = 2 * 2 * 240});
    check_counts("[median]", shape, (struct operations){.comparisons = 18 * 240});
    /* 9 neighbours; each channel: a difference, its square, taken off; weighted and added. Each
     * neighbour: a weight, and its sum. */
    check_counts("[bilateral: {radius: 1}]", shape,
                 (struct operations){.additions = 9 * 120 * (2 + 1),
                                     .multiplications = 9 * 120 * 2,
                                     .multiply_adds = 9 * 120 * 2 * 2,
                                     .exponentials = 9 * 120,
                                     .divisions = 240});
    /* Displacements (0, 1), (1, -1), (1, 0), (1, 1). Pairs of which one is in the image: 10 x 13,
     * 11 x 13, 11 x 12, 11 x 13. Each has a weight from a 3 x 3 patch: 2 additions along the row,
     * the exponent, its bound. Squared differences lie in 1 more row or column on each side: 12 x
     * 15, 13 x 15, 13 x 14, 13 x 15 for each channel, and come into the column's sum and go. Both
     * of a pair are given to: a sum of weights, the value of each channel. */
    double pairs = 130 + 143 + 132 + 143, differences = 180 + 195 + 182 + 195;
    struct operations nlm = {.exponentials = pairs,
                             .comparisons = pairs,
                             .additions =
                                 2 * differences + 2 * differences + 2 * pairs + 4 * 2 * 120,
                             .multiply_adds = 2 * differences + pairs + 4 * 2 * 240,
                             .divisions = 240};
    check_counts("[nlm: {patch_radius: 1, search_radius: 1, sigma: 20}]", shape, nlm);
    check_counts("[nlm: {patch_radius: 1, search_radius: 1}]", shape,
                 operations_add(nlm, operations_repeat(noise_level_count(10, 12), 2)));
    check_counts("[threshold]", shape, (struct operations){.comparisons = 240});
    check_counts("[threshold: {sigma: 0.5}]", shape,
                 (struct operations){.comparisons = 240,
                                     .multiplications = 2 * 240,
                                     .additions = 2 * 2 * 240,
                                     .multiply_adds = 2 * 2 * 240});
    /* Columns: 14 wide, 10 + 2 rows come and 10 go, the value added and its square. Each window: 2
     * x 2 additions, mean, variance, bound; the noise's sum; compared; shrunk: a division, 1 - it,
     * in
     * - mean, their product added. */
    check_counts("[wiener]", shape,
                 (struct operations){.multiply_adds = 2 * 14 * 22 + 240 + 240,
                                     .additions = 2 * 14 * 22 + 4 * 240 + 240 + 2 * 240,
                                     .multiplications = 2 * 240,
                                     .comparisons = 2 * 240,
                                     .divisions = 240 + 2});
}

void pipelines_suite(void)
{
    CU_pSuite suite = CU_add_suite("pipelines", NULL, NULL);
    CU_add_test(suite, "gaussian equals scipy.ndimage", gaussian_equals_scipy);
    CU_add_test(suite, "median equals scipy.ndimage", median_equals_scipy);
    CU_add_test(suite, "bilateral equals its definition", bilateral_equals_definition);
    CU_add_test(suite, "bilateral of wide images", bilateral_of_wide_images);
    CU_add_test(suite, "nlm equals its definition", nlm_equals_definition);
    CU_add_test(suite, "nlm in narrow images", nlm_in_narrow_images);
    CU_add_test(suite, "nlm forgets rows", nlm_forgets_rows);
    CU_add_test(suite, "threshold equals scipy.ndimage", threshold_equals_scipy);
    CU_add_test(suite, "threshold at the level", threshold_at_the_level);
    CU_add_test(suite, "wiener equals scipy.signal", wiener_equals_scipy);
    CU_add_test(suite, "hog finds directions", hog_finds_directions);
    CU_add_test(suite, "hog ignores brightness", hog_ignores_brightness);
    CU_add_test(suite, "linear_svm learns one, two and many classes, some missing", svm_learns);
    CU_add_test(suite, "linear_svm refuses what it cannot learn from", svm_refuses);
    CU_add_test(suite, "operation counts", counts);
    CU_add_test(suite, "operations counted by hand", counts_by_hand);
}
