/* The stages of pipelines/masks. */
#include "tests/golden/stages.h"
#include "tests/unit/stage_golden.h"

void masks_suite(void);

static const struct shape scene = {1, SCENE_HEIGHT, SCENE_WIDTH}, small = {1, 9, 13};

enum { SCENE_SIZE = SCENE_HEIGHT * SCENE_WIDTH, SMALL_SIZE = 9 * 13 };

static void check_scene_mask(const char *text, const char *golden)
{
    float mask[SCENE_SIZE];

    golden_mask_pixels(golden_mask, mask);
    golden_check_mask(text, scene, mask, golden);
}

static void check_small(const char *text, const float *golden)
{
    float image[SMALL_SIZE];

    golden_noisy(small, image);
    golden_check(text, small, image, small, golden, 1e-8); /* of 8 digits */
}

static void check_small_mask(const char *text, const char *golden)
{
    float image[SMALL_SIZE];

    golden_noisy(small, image);
    golden_check_mask(text, small, image, golden);
}

static void thresholds_equal_skimage(void)
{
    golden_check_mask("[threshold: {method: otsu, output: mask}]", scene, golden_scene,
                      golden_otsu);
    golden_check("[threshold: {method: otsu}]", scene, golden_scene, scene, golden_otsu_kept, 0);
    check_small_mask("[threshold: {method: otsu, output: mask}]", golden_otsu_small);
    check_small_mask("[threshold: {method: adaptive, window: 1.5, offset: 10.2, output: mask}]",
                     golden_adaptive);
    check_small_mask(
        "[threshold: {method: adaptive, window: 1.5, offset: 10.2, output: mask, dark: true}]",
        golden_adaptive_dark);
}

/* What plans say of a threshold, and keys with them, is as it was before there were other methods.
 */
static void plain_thresholds_keep_their_key(void)
{
    struct stages_text stages;
    struct text text = {0};

    stages_text_read(&stages, "[threshold: {level: 90}, threshold: {method: otsu, output: mask}]");
    schema_print_component(&stages.stages.items[0], &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "threshold: {level: 90, sigma: 0}");
    text_clear(&text);
    schema_print_component(&stages.stages.items[1], &text);
    CU_ASSERT_STRING_EQUAL(text.bytes,
                           "threshold: {level: 128, sigma: 0, method: otsu, output: mask}");
    text_release(&text);
    stages_text_release(&stages);
}

static void morphology_equals_skimage(void)
{
    check_small("[opening]", golden_opening_disk_1);
    check_small("[closing]", golden_closing_disk_1);
    check_small("[opening: {radius: 3}]", golden_opening_disk_3);
    check_small("[closing: {radius: 3}]", golden_closing_disk_3);
    check_small("[opening: {element: square}]", golden_opening_square_1);
    check_small("[closing: {element: square}]", golden_closing_square_1);
    check_small("[opening: {radius: 3, element: square}]", golden_opening_square_3);
    check_small("[closing: {radius: 3, element: square}]", golden_closing_square_3);
    check_scene_mask("[opening: {radius: 2}]", golden_opening_mask);
}

static void fill_holes_equals_scipy(void)
{
    check_scene_mask("[fill_holes]", golden_fill_holes);
}

static void components_equal_skimage(void)
{
    float mask[SCENE_SIZE];
    const char *numbers = "[count, area, mean_area, largest_area, centroid_row, centroid_column]";
    char text[300];

    golden_mask_pixels(golden_mask, mask);
    check_scene_mask("[connected_components: {minimum_area: 2}]", golden_components_8);
    check_scene_mask("[connected_components: {minimum_area: 2, connectivity: 4}]",
                     golden_components_4);
    snprintf(text, sizeof text, "[connected_components: {output: numbers, numbers: %s}]", numbers);
    golden_check(text, scene, mask, (struct shape){6, 1, 1}, golden_numbers_8, 1e-6);
    snprintf(text, sizeof text,
             "[connected_components: {output: numbers, connectivity: 4, minimum_area: 20, "
             "numbers: %s}]",
             numbers);
    golden_check(text, scene, mask, (struct shape){6, 1, 1}, golden_numbers_4, 1e-6);
    golden_check("[connected_components: {output: numbers}]", scene, mask, (struct shape){1, 1, 1},
                 golden_numbers_8, 0);
}

/* Classes are kept apart; what is not known is background; of nothing, the centre is known. */
static void components_of_classes(void)
{
    const float classes[] = {1, 2, 2, NAN, 0, 2, 1, 1, 0, 1};
    const float kept[] = {1, 2, 2, 0, 0, 2, 1, 1, 0, 0}, nothing[] = {0, 0, 2, 0.5F};
    const struct shape shape = {1, 2, 5};

    golden_check("[connected_components: {connectivity: 4, minimum_area: 2}]", shape, classes,
                 shape, (const float[]){0, 2, 2, 0, 0, 0, 1, 1, 0, 0}, 0);
    golden_check("[connected_components: {minimum_area: 2}]", shape, classes, shape, kept, 0);
    golden_check("[connected_components: {minimum_area: 9, output: numbers, numbers: [count, area, "
                 "centroid_column, centroid_row]}]",
                 shape, classes, (struct shape){4, 1, 1}, nothing, 0);
}

static void unknown_numbers_are_refused(void)
{
    struct stages_text stages;
    struct diagnostics found = {0};

    stages_text_read(&stages, "[connected_components: {numbers: [count, areas]}]");
    const struct component *component = &stages.stages.items[0];
    CU_ASSERT(stage_of(component->kind)->check(component->config, NULL, NULL, &found, NULL) ==
              STATUS_OK);
    CU_ASSERT(found.count == 1);
    diagnostics_release(&found);
    stages_text_release(&stages);
}

static void masks_have_one_channel(void)
{
    const char *const texts[] = {"[threshold: {output: mask}]", "[canny]", "[fill_holes]"};

    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct stages_text stages;
        struct shape out;
        struct error error = {0};
        stages_text_read(&stages, texts[k]);
        const struct component *component = &stages.stages.items[0];
        CU_ASSERT(stage_of(component->kind)
                      ->shape(component->config, (struct shape){3, 5, 5}, (struct answer){0}, &out,
                              &error) == STATUS_CONFIG);
        CU_ASSERT_STRING_EQUAL(error.message,
                               "takes one channel, but there are 3; 'grey' makes one of three");
        stages_text_release(&stages);
    }
}

static void distances_equal_scipy(void)
{
    float mask[SCENE_SIZE];

    golden_mask_pixels(golden_mask, mask);
    golden_check("[distance_transform]", scene, mask, scene, golden_distance, 1e-6);
}

/* Against all pairs of pixels, on masks from empty to full, and where a column has no background.
 */
static void distances_equal_search(void)
{
    const struct shape shapes[] = {{1, 1, 1}, {1, 1, 17}, {1, 19, 1}, {1, 12, 23}, {1, 31, 7}};
    float mask[31 * 23], wanted[31 * 23];

    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        for (uint32_t share = 0; share <= 64; share = 2 * share + 1) {
            struct random_stream stream = random_stream((struct random_key){7, share}, 1, k);
            int size = (int)shape_size(shapes[k]), width = shapes[k].width;
            for (int i = 0; i < size; i++)
                mask[i] = random_below(&stream, 64) < share ? 0 : 1;
            for (int i = 0; i < size; i++) {
                double best = mask[i] > 0 ? hypot(shapes[k].height, width) : 0;
                for (int j = 0; j < size; j++)
                    if (mask[j] == 0)
                        best = fmin(best, hypot(i / width - j / width, i % width - j % width));
                wanted[i] = (float)best;
            }
            golden_check("[distance_transform]", shapes[k], mask, shapes[k], wanted, 1e-6);
        }
}

static void watershed_equals_skimage(void)
{
    check_scene_mask("[fill_holes, distance_transform, watershed]", golden_watershed_8);
    check_scene_mask("[fill_holes, distance_transform, watershed: {connectivity: 4}]",
                     golden_watershed_4);
    check_scene_mask("[distance_transform, watershed: {prominence: 0.2}]", golden_watershed_0_2);
}

/* Equal peaks: a dip less than `prominence` does not part them, a deeper one does; a flat object,
 * and one lower than `prominence`, are one object each. */
static void watershed_of_plateaus(void)
{
    const float heights[] = {3, 2.5F, 3, 0, 0.5F, 0, 3, 1, 3, 0, 2, 2, 2};
    const struct shape shape = {1, 1, 13};

    golden_check("[watershed]", shape, heights, shape,
                 (const float[]){1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1}, 0);
    golden_check("[watershed: {prominence: 0}]", shape, heights, shape,
                 (const float[]){1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1}, 0);
}

/* The whole way of a pipeline that counts. */
static void objects_are_counted(void)
{
    struct image_set out = {0};

    golden_run("[threshold: {method: otsu, output: mask}, opening, fill_holes, distance_transform, "
               "watershed, connected_components: {minimum_area: 8, output: numbers}]",
               scene, golden_scene, &out);
    CU_ASSERT(out.pixels[0] == 5); /* discs */
    image_set_release(&out);
}

/* 2 channels of 10 x 12 pixels, or one channel of that: 120 pixels. */
static void counts_by_hand(void)
{
    const struct shape two = {2, 10, 12}, one = {1, 10, 12};

    /* The range, two bounds of bins, two edges, the level; of 255 cuts, the best. */
    golden_check_counts("[threshold: {method: otsu}]", two,
                        (struct operations){.comparisons = 6 * 240 + 255 + 240,
                                            .additions = 2 * 240 + 3 * 255,
                                            .multiplications = 240 + 3 * 255,
                                            .multiply_adds = 2 * 240 + 2 * 255,
                                            .divisions = 2 * 255,
                                            .lookups = 240});
    /* The Gaussian of radius 2, and the offset. */
    golden_check_counts("[threshold: {method: adaptive, window: 0.5}]", two,
                        (struct operations){.comparisons = 240,
                                            .multiplications = 2 * 240,
                                            .additions = 2 * 2 * 240 + 240,
                                            .multiply_adds = 2 * 2 * 240});
    /* Two passes. The centre's row: 14 values, pairs: 13, then threes: 12. Rows above and below are
     * single values, in 9 rows each. Each row goes into the result. */
    golden_check_counts(
        "[opening]", two,
        (struct operations){.comparisons = 2 * 2 * (10 * (13 + 12 + 12) + 2 * 9 * 12)});
    /* Radius 2: 16 values, pairs 15, fours 13, fives 12; then 10, 9, 8 rows. */
    golden_check_counts(
        "[closing: {radius: 2, element: square}]", two,
        (struct operations){.comparisons =
                                2 * 2 * (10 * (15 + 13 + 12) + 12 * (10 + 2 * 9 + 2 * 8))});
    /* A pixel, two neighbours, two sets that are compared; four searches and one at the end. */
    golden_check_counts("[fill_holes]", one,
                        (struct operations){.comparisons = 5 * 120, .lookups = 5 * 120});
    /* 4 neighbours, each joined; the area. */
    golden_check_counts("[connected_components]", one,
                        (struct operations){.comparisons = (1 + 8 + 1) * 120,
                                            .additions = 120,
                                            .lookups = (8 + 2) * 120});
    golden_check_counts("[connected_components: {connectivity: 4, output: numbers}]", one,
                        (struct operations){.comparisons = (1 + 4 + 1 + 1) * 120,
                                            .additions = 3 * 120,
                                            .divisions = 3,
                                            .lookups = (4 + 2) * 120});
    /* Down: is it an object, is the distance known, is there background; up, but for the last row:
     * is it nearer. 22 crossings a row, each compared; two comparisons to walk the envelope. */
    golden_check_counts("[distance_transform]", one,
                        (struct operations){.comparisons = 3 * 120 + 108 + 220 + 2 * 120,
                                            .additions = 120 + 2 * 108 + 4 * 220 + 120,
                                            .multiplications = 5 * 220 + 120,
                                            .multiply_adds = 120,
                                            .divisions = 220 + 120,
                                            .lookups = 2 * 220 + 120});
    /* A heap of 120 is 7 deep: a comparison a level up, two down, twice. */
    golden_check_counts(
        "[watershed: {connectivity: 4}]", one,
        (struct operations){.comparisons = (2 * 3 * 7 + 1 + 8 * 3 + 8 * 2 + 4 * 5) * 120,
                            .additions = 8 * 120,
                            .lookups = (2 * 3 * 7 + 8 * 3 + 8 * 2 + 4 * 3) * 120});
}

void masks_suite(void)
{
    CU_pSuite suite = CU_add_suite("masks", NULL, NULL);
    CU_add_test(suite, "threshold equals skimage.filters", thresholds_equal_skimage);
    CU_add_test(suite, "plain thresholds keep their key", plain_thresholds_keep_their_key);
    CU_add_test(suite, "opening, closing equal skimage.morphology", morphology_equals_skimage);
    CU_add_test(suite, "fill_holes equals scipy.ndimage", fill_holes_equals_scipy);
    CU_add_test(suite, "connected_components equal skimage.measure", components_equal_skimage);
    CU_add_test(suite, "connected_components of classes", components_of_classes);
    CU_add_test(suite, "numbers that are not known are refused", unknown_numbers_are_refused);
    CU_add_test(suite, "masks have one channel", masks_have_one_channel);
    CU_add_test(suite, "distance_transform equals scipy.ndimage", distances_equal_scipy);
    CU_add_test(suite, "distance_transform equals a search", distances_equal_search);
    CU_add_test(suite, "watershed equals skimage.segmentation", watershed_equals_skimage);
    CU_add_test(suite, "watershed of plateaus", watershed_of_plateaus);
    CU_add_test(suite, "objects are counted", objects_are_counted);
    CU_add_test(suite, "operations counted by hand", counts_by_hand);
}
