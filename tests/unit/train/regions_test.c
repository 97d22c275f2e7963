/* Regions of masks, and the filters that judge them; filters of numbers and maps. */
#include "filters/errors.h"
#include "filters/regions.h"
#include "tests/unit/filter_bench.h"

#include <math.h>

void regions_suite(void);

extern const struct filter filter_region_disagreement, filter_stability;

#define N ((float)NAN)

static void set_make(struct image_set *set, size_t count, struct shape shape, const float *values)
{
    OK(image_set_new_uniform(set, count, shape, &error));
    memcpy(set->pixels, values, count * shape_size(shape) * sizeof *values);
}

/* Two objects of class 1 that touch at a corner, one of class 2 beside, a pixel that is not known,
 * and the ground; a second image without an object. */
static const float MASKS[] = {1, 1, 0, 0, /**/ 1, N, 1, 2, /**/ 0, 0, 1, 2,
                              0, 0, 0, 0, /**/ 0, 0, 0, 0, /**/ 0, 0, 0, 0};

static void components_and_ground(void)
{
    static const uint32_t expected[] = {0, 0, 1, 1, 0, 9, 2, 3, 1, 1, 2, 3,
                                        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4};
    struct image_set labels = {0};
    struct regions regions;

    set_make(&labels, 2, (struct shape){1, 3, 4}, MASKS);
    OK(regions_find(&regions, &labels, REGION_TILE, &error));
    CU_ASSERT_EQUAL_FATAL(regions.count, 5);
    for (size_t i = 0; i < 24; i++)
        CU_ASSERT_EQUAL(regions.of[i], expected[i] == 9 ? UINT32_MAX : expected[i]);
    CU_ASSERT(regions.pixels[0] == 3 && regions.pixels[1] == 4 && regions.pixels[4] == 12);
    CU_ASSERT(regions.item[3] == 0 && regions.item[4] == 1);
    regions_release(&regions);
    image_set_release(&labels);
}

/* Ground is cut into squares, objects are not; of a snake all is one. */
static void ground_in_squares(void)
{
    enum { HEIGHT = REGION_TILE + 1, WIDTH = 2 * REGION_TILE + 5 };
    struct image_set labels = {0};
    struct regions regions;

    OK(image_set_new_uniform(&labels, 1, (struct shape){1, HEIGHT, WIDTH}, &error));
    OK(regions_find(&regions, &labels, REGION_TILE, &error));
    CU_ASSERT_EQUAL(regions.count, 6);
    CU_ASSERT(regions.pixels[0] == REGION_TILE * REGION_TILE && regions.pixels[5] == 5);
    regions_release(&regions);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            labels.pixels[y * WIDTH + x] = y % 2 == 0 || x == (y % 4 == 1 ? WIDTH - 1 : 0);
    OK(regions_find(&regions, &labels, REGION_TILE, &error));
    CU_ASSERT(regions.item[0] == 0 && regions.of[0] == regions.of[HEIGHT * WIDTH - 1]);
    CU_ASSERT_EQUAL(regions.pixels[0], (HEIGHT / 2 + 1) * WIDTH + HEIGHT / 2);
    regions_release(&regions);
    image_set_release(&labels);
    OK(image_set_new_uniform(&labels, 0, (struct shape){1, 2, 2}, &error));
    OK(regions_find(&regions, &labels, REGION_TILE, &error));
    CU_ASSERT_EQUAL(regions.count, 0);
    regions_release(&regions);
    image_set_release(&labels);
}

/* What a filter asks is answered from here. */
static const float *given_predictions, *given_answers[4];
static size_t given_count;
static struct shape given_shape, predicted_shape;

static enum status predict(void *context, const struct filter_network *network, int folds,
                           struct image_set *predictions, struct error *problem)
{
    (void)context, (void)network, (void)folds, (void)problem;
    set_make(predictions, given_count, predicted_shape, given_predictions);
    return STATUS_OK;
}

static enum status ask_again(void *context, const struct filter_change *change,
                             struct image_set *labels, struct error *problem)
{
    bool changed = change->noise > 0 || change->brightness > 0;

    (void)context, (void)problem;
    set_make(labels, given_count, given_shape, given_answers[changed ? 1 + change->number : 0]);
    return STATUS_OK;
}

struct mask_bench {
    struct image_set labels, truth;
    struct regions regions;
    struct filter_input input;
};

static void mask_bench_make(struct mask_bench *bench)
{
    memset(bench, 0, sizeof *bench);
    set_make(&bench->labels, 2, (struct shape){1, 3, 4}, MASKS);
    OK(regions_find(&bench->regions, &bench->labels, REGION_TILE, &error));
    bench->input = plain_input(&bench->labels);
    bench->input.content = CONTENT_MASK;
    bench->input.regions = &bench->regions;
    bench->input.out_of_fold = predict;
    given_count = 2;
    given_shape = (struct shape){1, 3, 4};
    predicted_shape = (struct shape){3, 3, 4};
}

static void mask_bench_release(struct mask_bench *bench)
{
    image_set_release(&bench->labels);
    image_set_release(&bench->truth);
    regions_release(&bench->regions);
}

/* The network is sure of all labels, but for the object of class 2, which it takes for ground. */
static void what_networks_contradict(void)
{
    struct settings {
        double fraction;
        int64_t folds;
        struct filter_network network;
    } settings = {0.2, 2, {{0}, 1}};
    float predictions[2 * 3 * 12];
    struct mask_bench bench;

    mask_bench_make(&bench);
    for (size_t i = 0; i < 2; i++)
        for (size_t c = 0; c < 3; c++)
            for (size_t p = 0; p < 12; p++) {
                float label = MASKS[i * 12 + p], sure = label == 2 ? 0.8F : 0.75F;
                size_t named = label == 2 || isnan(label) ? 0 : (size_t)label;
                predictions[(i * 3 + c) * 12 + p] = c == named ? sure : (1 - sure) / 2;
            }
    given_predictions = predictions;
    OK(apply(&filter_region_disagreement, &settings, &bench.input));
    CU_ASSERT_EQUAL(dropped(5, FILTER_REGION), 1);
    CU_ASSERT_EQUAL(reason[3], FILTER_REGION);
    CU_ASSERT_DOUBLE_EQUAL((double)score[3], 1 - 0.001 * log(0.1), 1e-6);
    CU_ASSERT_DOUBLE_EQUAL((double)score[0], -0.001 * log(0.75), 1e-6);
    settings.fraction = (double)SHARE_AUTO;
    OK(apply(&filter_region_disagreement, &settings, &bench.input));
    CU_ASSERT_EQUAL(dropped(5, FILTER_REGION), 1);
    for (size_t k = 0; k < sizeof predictions / sizeof *predictions; k++)
        predictions[k] = 0; /* a probability of 0 is a finite surprise */
    OK(apply(&filter_region_disagreement, &settings, &bench.input));
    CU_ASSERT(isfinite(score[0]) && score[0] > 0);
    mask_bench_release(&bench);
}

/* In two of three changes the second object grows into what is not known, in one the third goes. */
static void what_is_unstable(void)
{
    struct settings {
        double fraction;
        int64_t changes;
        double noise, brightness;
    } settings = {0.4, 3, 0.02, 0.02};
    float changed[3][24];
    struct mask_bench bench;

    mask_bench_make(&bench);
    CU_ASSERT_EQUAL(apply(&filter_stability, &settings, &bench.input), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "the pipeline cannot be asked again: its labels are recorded");
    bench.input.relabel = ask_again;
    given_answers[0] = MASKS;
    for (int k = 0; k < 3; k++) {
        memcpy(changed[k], MASKS, sizeof MASKS);
        given_answers[1 + k] = changed[k];
    }
    changed[0][6] = changed[0][10] = changed[1][6] = 0;
    changed[2][7] = N;
    OK(apply(&filter_stability, &settings, &bench.input));
    CU_ASSERT_EQUAL(dropped(5, FILTER_UNSTABLE), 2);
    CU_ASSERT(reason[2] == FILTER_UNSTABLE && reason[3] == FILTER_UNSTABLE);
    CU_ASSERT_DOUBLE_EQUAL((double)score[2], 0.5, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL((double)score[3], 1.0 / 6, 1e-6);
    CU_ASSERT(score[0] == 0 && score[4] == 0);
    mask_bench_release(&bench);
}

static void wrong_regions(void)
{
    struct mask_bench bench;
    uint8_t wrong[5];
    float off[5];

    mask_bench_make(&bench);
    set_make(&bench.truth, 2, (struct shape){1, 3, 4}, MASKS);
    bench.truth.pixels[0] = 2;                           /* a third of region 0 */
    bench.truth.pixels[2] = bench.truth.pixels[3] = N;   /* half of region 1 is not known */
    bench.truth.pixels[12] = bench.truth.pixels[13] = 1; /* a sixth of region 4 */
    bench.input.true_labels = &bench.truth;
    OK(label_errors(&bench.input, wrong, off, &error));
    CU_ASSERT(wrong[0] == 1 && !wrong[1] && !wrong[2] && !wrong[3] && !wrong[4]);
    CU_ASSERT_DOUBLE_EQUAL((double)off[0], 1.0 / 3, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL((double)off[4], 1.0 / 6, 1e-6);
    OK(apply(&filter_oracle, &(double){SHARE_AUTO}, &bench.input));
    CU_ASSERT(dropped(5, FILTER_TRUTH) == 1 && reason[0]);
    OK(apply(&filter_random, &(double){0.4}, &bench.input));
    CU_ASSERT_EQUAL(dropped(5, FILTER_RANDOM), 2);
    mask_bench_release(&bench);
}

/* Two numbers of very different size: both count in their own deviations. */
static void numbers_by_their_deviations(void)
{
    static const float labels[] = {0, 1000, 2, 3000, 4, 1000, 2, 3000};
    static const float others[] = {0, 1000, 2, 3000, 4, 1500, N, 3000};
    struct settings {
        double fraction;
        int64_t folds;
        struct filter_network network;
    } settings = {0.25, 2, {{0}, 1}};
    struct image_set set = {0}, truth = {0};
    double deviations[2] = {sqrt(2), 1000};
    uint8_t wrong[4];
    float off[4];

    set_make(&set, 4, (struct shape){2, 1, 1}, labels);
    set_make(&truth, 4, (struct shape){2, 1, 1}, others);
    struct filter_input input = plain_input(&set);
    input.content = CONTENT_NUMBERS;
    input.out_of_fold = predict;
    input.true_labels = &truth;
    given_predictions = others;
    given_count = 4;
    predicted_shape = (struct shape){2, 1, 1};
    OK(apply(&filter_residual_trim, &settings, &input));
    CU_ASSERT(dropped(4, FILTER_RESIDUAL) == 1 && reason[2]);
    CU_ASSERT_DOUBLE_EQUAL((double)score[2], 0.25, 1e-6);
    OK(label_errors(&input, wrong, off, &error));
    CU_ASSERT(!wrong[0] && !wrong[1] && wrong[2] && !wrong[3]);
    struct image a = image_set_at(&set, 3), b = image_set_at(&truth, 3);
    CU_ASSERT(residual_scaled(a, b, deviations, (double)NAN) == 0);
    CU_ASSERT_EQUAL(residual_scaled(a, b, deviations, 1), 0.5F);
    image_set_release(&set);
    image_set_release(&truth);
}

void regions_suite(void)
{
    CU_pSuite suite = CU_add_suite("regions", NULL, NULL);
    CU_add_test(suite, "components and ground", components_and_ground);
    CU_add_test(suite, "ground in squares", ground_in_squares);
    CU_add_test(suite, "what networks contradict", what_networks_contradict);
    CU_add_test(suite, "what is unstable", what_is_unstable);
    CU_add_test(suite, "wrong regions", wrong_regions);
    CU_add_test(suite, "numbers by their deviations", numbers_by_their_deviations);
}
