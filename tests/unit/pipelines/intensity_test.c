/* The stages of pipelines/intensity, pipelines/edges and pipelines/geometry. */
#include "tests/golden/stages.h"
#include "tests/unit/stage_golden.h"

void intensity_suite(void);

static const struct shape scene = {1, SCENE_HEIGHT, SCENE_WIDTH}, small = {1, 9, 13},
                          coloured = {3, 9, 13};

enum { SMALL_SIZE = 9 * 13 };

static void check_small(const char *text, const float *golden, double tolerance)
{
    float image[SMALL_SIZE];

    golden_noisy(small, image);
    golden_check(text, small, image, small, golden, tolerance);
}

static void check_coloured(const char *text, const float *golden, double tolerance)
{
    float image[3 * SMALL_SIZE];

    golden_noisy(coloured, image);
    for (int i = 0; i < 3 * SMALL_SIZE; i++)
        image[i] = fminf(fmaxf(image[i], 0), 1);
    golden_check(text, coloured, image, coloured, golden, tolerance);
}

static void gamma_equals_definition(void)
{
    check_small("[gamma: {gamma: 0.45, gain: 1.5}]", golden_gamma, 1e-6);
}

static void grey_equals_opencv(void)
{
    float image[3 * SMALL_SIZE];

    golden_noisy(coloured, image);
    golden_check("[grey]", coloured, image, small, golden_grey, 1e-6);
    golden_check("[grey]", small, image, small, image, 0);
}

static void colour_equals_skimage(void)
{
    check_coloured("[colour: {to: hsv}]", golden_hsv, 1e-6);
    check_coloured("[colour: {to: lab}]", golden_lab, 1e-6);
    check_coloured("[colour: {to: ycbcr}]", golden_ycbcr, 1e-6);
}

/* To each space and back. */
static void colours_come_back(void)
{
    const char *const spaces[] = {"rgb", "hsv", "lab", "ycbcr"};
    float image[3 * SMALL_SIZE];
    char text[100];

    golden_noisy(coloured, image);
    for (int i = 0; i < 3 * SMALL_SIZE; i++)
        image[i] = fminf(fmaxf(image[i], 0), 1);
    for (int k = 0; k < 4; k++) {
        snprintf(text, sizeof text, "[colour: {to: %s}, colour: {from: %s, to: rgb}]", spaces[k],
                 spaces[k]);
        golden_check(text, coloured, image, coloured, image, k == 2 ? 1e-4 : 1e-6);
    }
}

static void equalisation_equals_skimage(void)
{
    check_small("[histogram_equalisation]", golden_equalised, 1e-6);
}

static void clahe_equals_opencv(void)
{
    check_small("[clahe: {tiles: 2}]", golden_clahe_2, 1e-7);
    golden_check("[clahe: {clip_limit: 3.5, tiles: 4}]", scene, golden_scene, scene, golden_clahe_4,
                 1e-7);
    golden_check("[clahe: {clip_limit: 0, tiles: 3}]", scene, golden_scene, scene,
                 golden_clahe_unlimited, 1e-7);
}

static void normalise_equals_numpy(void)
{
    check_small("[normalise]", golden_minmax, 1e-6);
    check_small("[normalise: {method: standard}]", golden_standard, 1e-6);
    check_small("[normalise: {method: percentile, low: 5, high: 90}]", golden_percentile, 1e-6);
}

static void edges_equal_skimage(void)
{
    check_small("[sobel]", golden_sobel, 1e-6);
    check_small("[unsharp: {sigma: 1.2, amount: 0.8}]", golden_unsharp, 1e-6);
    golden_check_mask("[canny]", scene, golden_scene, golden_canny_1);
    golden_check_mask("[canny: {sigma: 0.6, low: 127.5, high: 306}]", scene, golden_scene,
                      golden_canny_0_6);
}

static void check_size(const char *text, int height, int width, const float *golden)
{
    float image[SMALL_SIZE];

    golden_noisy(small, image);
    golden_check(text, small, image, (struct shape){1, height, width}, golden, 1e-6);
}

static void resize_equals_opencv(void)
{
    check_size("[resize: {height: 4, width: 5, method: nearest}]", 4, 5, golden_nearest_less);
    check_size("[resize: {height: 20, width: 17, method: nearest}]", 20, 17, golden_nearest_more);
    check_size("[resize: {height: 4, width: 5}]", 4, 5, golden_bilinear_less);
    check_size("[resize: {height: 20, width: 17}]", 20, 17, golden_bilinear_more);
    check_size("[resize: {height: 4, width: 5, method: area}]", 4, 5, golden_area_less);
    check_size("[crop: {height: 8, width: 12}, resize: {factor: 0.5, method: area}]", 4, 6,
               golden_area_half);
}

static void crop_cuts(void)
{
    const float image[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const struct shape shape = {2, 2, 3};

    golden_check("[crop: {top: 1, left: 1}]", shape, image, (struct shape){2, 1, 2},
                 (const float[]){4, 5, 10, 11}, 0);
    golden_check("[crop: {width: 1}]", shape, image, (struct shape){2, 2, 1},
                 (const float[]){0, 3, 6, 9}, 0);
}

static void check_refused(const char *text, struct shape shape, const char *message)
{
    struct stages_text stages;
    struct shape out;
    struct error error = {0};

    stages_text_read(&stages, text);
    const struct component *component = &stages.stages.items[0];
    CU_ASSERT(stage_of(component->kind)
                  ->shape(component->config, shape, (struct answer){0}, &out, &error) ==
              STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, message);
    stages_text_release(&stages);
}

static void refusals(void)
{
    const struct shape two = {2, 8, 9};

    check_refused("[grey]", two, "takes images of 1 or 3 channels, not of 2");
    check_refused("[colour]", two, "takes images of 3 channels, not of 2");
    check_refused("[crop: {top: 3, height: 6}]", two,
                  "the rectangle does not lie in an image of 8 x 9 pixels");
    check_refused("[crop: {left: 9}]", two,
                  "the rectangle does not lie in an image of 8 x 9 pixels");
    check_refused("[resize: {height: 3, factor: 2}]", two,
                  "expected height and width, or a factor, but both are given");
    check_refused("[resize: {height: 100000, width: 100000}]", two,
                  "makes images of 2 x 100000 x 100000 values, which are too many");
    check_refused("[normalise: {method: percentile, low: 98}]", two,
                  "expected low < high, but low is 98 and high is 98");
}

static enum content given(const char *text, enum content in)
{
    struct stages_text stages;

    stages_text_read(&stages, text);
    enum content content = stage_output(&stages.stages.items[0], in, NULL);
    stages_text_release(&stages);
    return content;
}

/* Where masks stay masks, and maps maps. */
static void contents(void)
{
    CU_ASSERT(given("[opening]", CONTENT_MASK) == CONTENT_MASK);
    CU_ASSERT(given("[opening]", CONTENT_IMAGE) == CONTENT_IMAGE);
    CU_ASSERT(given("[median]", CONTENT_MASK) == CONTENT_MASK);
    CU_ASSERT(given("[gaussian]", CONTENT_MASK) == CONTENT_IMAGE);
    CU_ASSERT(given("[crop]", CONTENT_MAP) == CONTENT_MAP);
    CU_ASSERT(given("[resize: {method: nearest}]", CONTENT_MASK) == CONTENT_MASK);
    CU_ASSERT(given("[resize]", CONTENT_MASK) == CONTENT_IMAGE);
    CU_ASSERT(given("[resize]", CONTENT_MAP) == CONTENT_MAP);
    CU_ASSERT(given("[gamma]", CONTENT_MASK) == CONTENT_IMAGE);
    CU_ASSERT(given("[threshold]", CONTENT_IMAGE) == CONTENT_IMAGE);
    CU_ASSERT(given("[threshold: {output: mask}]", CONTENT_MAP) == CONTENT_MASK);
    CU_ASSERT(given("[connected_components]", CONTENT_MASK) == CONTENT_MASK);
    CU_ASSERT(given("[connected_components: {output: numbers}]", CONTENT_MASK) == CONTENT_NUMBERS);
}

/* 2 channels of 10 x 12 pixels: 240 values; or another number of channels. */
static void counts_by_hand(void)
{
    const struct shape two = {2, 10, 12}, one = {1, 10, 12}, three = {3, 10, 12};

    golden_check_counts(
        "[gamma]", two,
        (struct operations){.comparisons = 240, .exponentials = 480, .multiplications = 240});
    golden_check_counts("[grey]", three,
                        (struct operations){.multiplications = 120, .multiply_adds = 240});
    golden_check_counts("[grey]", one, (struct operations){.lookups = 120});
    golden_check_counts("[colour: {to: ycbcr}]", three,
                        (struct operations){.multiplications = 120,
                                            .multiply_adds = 2 * 120,
                                            .additions = 4 * 120,
                                            .divisions = 2 * 120});
    golden_check_counts(
        "[colour: {to: hsv}]", three,
        (struct operations){.comparisons = 8 * 120, .additions = 4 * 120, .divisions = 3 * 120});
    /* The histogram; then the place less the first centre and its whole part, a difference of two
     * shares. The table: 256 sums and quotients a channel. */
    golden_check_counts("[histogram_equalisation]", two,
                        (struct operations){.comparisons = 6 * 240 + 2 * 240,
                                            .additions = 2 * 240 + 3 * 240 + 2 * 256,
                                            .multiplications = 240 + 240,
                                            .multiply_adds = 2 * 240 + 240,
                                            .divisions = 2 * 256,
                                            .lookups = 240 + 2 * 240});
    /* 4 tiles of 5 x 6 pixels a channel. */
    golden_check_counts("[clahe: {tiles: 2}]", two,
                        (struct operations){.additions = 240 + 8 * 256 * 5 + 4 * 240,
                                            .multiplications = 240 + 8 * 256 + 5 * 240,
                                            .multiply_adds = 3 * 240,
                                            .comparisons = 2 * 240 + 2 * 8 * 256 + 4 * 240,
                                            .divisions = 240,
                                            .lookups = 240 + 4 * 240});
    golden_check_counts(
        "[normalise]", two,
        (struct operations){.comparisons = 2 * 240, .additions = 240, .divisions = 240});
    golden_check_counts(
        "[normalise: {method: standard}]", two,
        (struct operations){.additions = 3 * 240, .multiply_adds = 240, .divisions = 240 + 3});
    golden_check_counts(
        "[normalise: {method: percentile}]", two,
        (struct operations){
            .comparisons = 18 * 240, .additions = 17 * 240, .lookups = 16 * 240, .divisions = 240});
    golden_check_counts("[sobel]", two,
                        (struct operations){.additions = 8 * 240,
                                            .multiply_adds = 3 * 240,
                                            .multiplications = 3 * 240,
                                            .divisions = 240});
    golden_check_counts("[unsharp: {sigma: 0.5}]", two,
                        (struct operations){.multiplications = 2 * 240,
                                            .additions = 2 * 2 * 240 + 240,
                                            .multiply_adds = 2 * 2 * 240 + 240});
    golden_check_counts("[canny: {sigma: 0.5}]", one,
                        (struct operations){.multiplications = (2 + 3) * 120,
                                            .additions = (4 + 17) * 120,
                                            .multiply_adds = (4 + 7) * 120,
                                            .divisions = 2 * 120,
                                            .comparisons = 16 * 120});
    golden_check_counts("[crop: {top: 1, left: 2, width: 3}]", two,
                        (struct operations){.lookups = 2 * 9 * 3});
    /* Half as many rows of 12, each of 2; then half as many columns of 5. */
    golden_check_counts("[resize: {factor: 0.5, method: area}]", two,
                        (struct operations){.multiplications = 2 * (5 * 12 + 6 * 5),
                                            .multiply_adds = 2 * (5 * 12 + 6 * 5),
                                            .lookups = 2 * (10 * 12 + 12 * 5)});
}

void intensity_suite(void)
{
    CU_pSuite suite = CU_add_suite("intensity", NULL, NULL);
    CU_add_test(suite, "gamma equals its definition", gamma_equals_definition);
    CU_add_test(suite, "grey equals OpenCV", grey_equals_opencv);
    CU_add_test(suite, "colour equals skimage.color", colour_equals_skimage);
    CU_add_test(suite, "colours come back", colours_come_back);
    CU_add_test(suite, "histogram_equalisation equals skimage", equalisation_equals_skimage);
    CU_add_test(suite, "clahe equals OpenCV", clahe_equals_opencv);
    CU_add_test(suite, "normalise equals numpy", normalise_equals_numpy);
    CU_add_test(suite, "sobel, unsharp, canny equal skimage", edges_equal_skimage);
    CU_add_test(suite, "resize equals OpenCV", resize_equals_opencv);
    CU_add_test(suite, "crop cuts", crop_cuts);
    CU_add_test(suite, "what stages refuse", refusals);
    CU_add_test(suite, "contents that stages give", contents);
    CU_add_test(suite, "operations counted by hand", counts_by_hand);
}
