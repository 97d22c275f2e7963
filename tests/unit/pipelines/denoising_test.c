/* Stages of pipelines/denoising against stored values of independent programs. */
#include "base/memory.h"
#include "pipelines/denoising/noise_level.h"
#include "pipelines/denoising/wavelet_filters.h"
#include "tests/golden/denoising.h"
#include "tests/unit/stage_golden.h"

#include <stdlib.h>

void denoising_suite(void);

static const struct shape grey = {1, 25, 30}, colour = {3, 19, 22};

static void check_grey(const char *text, const float *golden, double tolerance)
{
    golden_check(text, grey, golden_grey_scene, grey, golden, tolerance);
}

static void check_noise(struct shape shape, const float *pixels, double golden)
{
    float image[3 * 19 * 22], scratch[1024];

    CU_ASSERT_FATAL(shape_size(shape) <= sizeof image / sizeof *image);
    CU_ASSERT_FATAL(noise_level_scratch(shape.height, shape.width) <=
                    sizeof scratch / sizeof *scratch);
    memcpy(image, pixels, shape_size(shape) * sizeof *pixels);
    CU_ASSERT_DOUBLE_EQUAL(255 * noise_level_mean((struct image){shape, image}, scratch), golden,
                           1e-4);
}

static void noise_level_equals_skimage(void)
{
    const float flat[9] = {0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F};

    check_noise(grey, golden_grey_scene, (double)golden_noise_levels[0]);
    check_noise(colour, golden_colour_scene, (double)golden_noise_levels[1]);
    check_noise((struct shape){1, 3, 3}, flat, 0);
    check_noise((struct shape){1, 1, 1}, flat, 0);
}

static void bm3d_equals_definition(void)
{
    check_grey("[bm3d: {sigma: 15}]", golden_bm3d_normal, 3e-6);
    check_grey("[bm3d]", golden_bm3d_estimated, 3e-6);
    check_grey("[bm3d: {sigma: 20, profile: fast}]", golden_bm3d_fast, 3e-6);
    check_grey("[bm3d: {sigma: 45}]", golden_bm3d_strong, 3e-6);
    golden_check("[bm3d: {sigma: 18}]", colour, golden_colour_scene, colour, golden_bm3d_colour,
                 3e-6);
}

/* Rows of 13 pixels, out of those of 30. */
static void check_narrow(const char *text, const float *golden)
{
    const struct shape narrow = {1, 3, 13};
    float pixels[3 * 13];

    for (int i = 0; i < 3 * 13; i++)
        pixels[i] = golden_grey_scene[i / 13 * grey.width + i % 13];
    golden_check(text, narrow, pixels, narrow, golden, 3e-6);
}

static void narrow_images(void)
{
    check_narrow("[bm3d: {sigma: 15}]", golden_bm3d_narrow);
    check_narrow("[ksvd: {sigma: 15, side: 4, atoms: 9, iterations: 2, gain: 1.3, lambda: 0}]",
                 golden_ksvd_narrow);
}

/* The codes are scikit-learn's. */
static void ksvd_equals_definition(void)
{
    check_grey("[ksvd: {sigma: 15, side: 6, atoms: 40, iterations: 3}]", golden_ksvd, 3e-6);
    check_grey("[ksvd: {sigma: 15, side: 5, atoms: 49, iterations: 0}]", golden_ksvd_cosines, 3e-6);
    check_grey("[ksvd: {side: 4, atoms: 20, iterations: 2}]", golden_ksvd_estimated, 3e-6);
    check_grey("[ksvd: {sigma: 12, side: 4, atoms: 32, iterations: 2, learn: manual}]",
               golden_ksvd_manual, 3e-6);
    golden_check("[ksvd: {sigma: 18, side: 4, atoms: 60, iterations: 3}]", colour,
                 golden_colour_scene, colour, golden_ksvd_colour, 3e-6);
}

static void run_on(const char *text, const struct image_set *in, int threads, struct image_set *out)
{
    struct stages_text stages;
    struct chain_examples examples = {.inputs = in};
    struct chain chain = {0};

    stages_text_read(&stages, text);
    CU_ASSERT_FATAL(chain_tuned(&chain, &stages.stages, METRIC_SSIM, &examples,
                                (struct random_key){2019, 0}, 1, NULL, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, 1, in, NULL, threads, out, NULL) == STATUS_OK);
    chain_release(&chain);
    stages_text_release(&stages);
}

static void check_same(const struct image_set *a, const struct image_set *b)
{
    CU_ASSERT(memcmp(a->pixels, b->pixels, a->offsets[a->count] * sizeof *a->pixels) == 0);
}

/* An image by one thread, by three at once, without vectors of AVX2, and among many others. */
static void same_bits(void)
{
    static const char *const texts[] = {
        "[bm3d: {sigma: 20}]", "[bm3d: {sigma: 60}]", "[bm3d: {sigma: 20, profile: fast}]",
        "[ksvd: {sigma: 20, atoms: 70, iterations: 2, patches: 1000}]",
        "[ksvd: {sigma: 20, side: 7, atoms: 50, iterations: 2, patches: 1000, learn: manual}]"};
    struct shape shape = {3, 93, 211};

    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct image_set in = {0}, one = {0}, three = {0}, plain = {0}, many = {0};
        shape.channels = k % 3 == 0 ? 3 : 1;
        CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shape, NULL) == STATUS_OK);
        pattern_noisy(image_set_at(&in, 0), 3);
        run_on(texts[k], &in, 1, &one);
        run_on(texts[k], &in, 3, &three);
        setenv("UNDERSTUDY_MAX_ISA", "none", 1);
        run_on(texts[k], &in, 1, &plain);
        unsetenv("UNDERSTUDY_MAX_ISA");
        check_same(&one, &three);
        check_same(&one, &plain);
        image_set_release(&in);
        CU_ASSERT_FATAL(image_set_new_uniform(&in, 4, shape, NULL) == STATUS_OK);
        for (size_t i = 0; i < 4; i++)
            pattern_noisy(image_set_at(&in, i), 3);
        run_on(texts[k], &in, 2, &many);
        if (k < 4) /* the last one learns from all */
            CU_ASSERT(memcmp(image_set_at(&many, 3).pixels, one.pixels,
                             shape_size(shape) * sizeof(float)) == 0);
        image_set_release(&many);
        image_set_release(&plain);
        image_set_release(&three);
        image_set_release(&one);
        image_set_release(&in);
    }
}

/* What is not a number stays so, and spoils no more than the blocks that it is in. */
static void check_nan(const char *text)
{
    struct image_set in = {0}, out = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, (struct shape){1, 64, 64}, NULL) == STATUS_OK);
    pattern_noisy(image_set_at(&in, 0), 3);
    in.pixels[0] = NAN;
    run_on(text, &in, 1, &out);
    CU_ASSERT(isnan(out.pixels[0]));
    for (size_t i = 0; i < 64 * 64; i++)
        CU_ASSERT(isfinite(out.pixels[i]) || (i / 64 < 16 && i % 64 < 16));
    image_set_release(&out);
    image_set_release(&in);
}

static void nan_stays(void)
{
    check_nan("[bm3d: {sigma: 20}]");
    check_nan("[ksvd: {sigma: 20, atoms: 70, iterations: 2}]");
}

/* An image of one block: 1520 other places, were there more. For each: 9 differences, squared and
 * added in threes and then all (6: the first columns apart), three cells below one another (2 x 2)
 * and side by side (2). Step 1: 16 blocks, 16 columns each, there and back, each of 20 additions
 * and 16 products; 15 pairs, there and back; threshold; given back. Step 2: 32 blocks, two there
 * and one back. */
static void bm3d_counts_by_hand(void)
{
    double shifts = 1520, passes = 3.0 * 32 * 16, pairs = 3.0 * 31 * 64;

    golden_check_counts("[bm3d: {sigma: 20}]", (struct shape){1, 8, 8},
                        (struct operations){
                            .multiply_adds = 2 * shifts * 9 + 16 * 64 + passes * 24 + 2 * 32 * 64,
                            .additions = 2 * shifts * 21 + 2 * 16 * 16 * 20 + 2 * 2 * 15 * 64 +
                                         2 * 16 * 64 + passes * 8 + 2 * pairs + 2 * 32 * 64,
                            .multiplications = 2 * 16 * 16 * 16 + 2 * 2 * 15 * 64 + 64 +
                                               passes * 8 + 2 * pairs + 2 * 32 * 64 + 64,
                            .comparisons = 2 * shifts + 16 * 64,
                            .divisions = 1 + 64 + 1 + 64 + 32 * 64,
                        });
}

/* Two patches of 16 pixels, eight terms each, so 28 pairs of them. The products with three atoms;
 * for each pair a root's part, a column's and one of solving; for each term the products that are
 * left, the energy, and its share of the patch. Learning codes them twice, and each of 16 uses of
 * an atom goes into a new one, is given back, measured and taken off. */
static void ksvd_counts_by_hand(void)
{
    struct operations code = {.multiply_adds = 2 * (3 * 16 + 28 * 5 + 8 * (3 + 1 + 16)),
                              .multiplications = 2 * 8 * 3,
                              .comparisons = 2 * 8 * 4,
                              .divisions = 2 * 8 * 4};
    struct operations learn = {.multiply_adds =
                                   2 * 16 + 16 * (4 * 16 + 1) + 3 * 2 * 16 + 2 * 16 + 3 * 3 * 16,
                               .comparisons = 3 * 2 + 2,
                               .divisions = 3 * 17};
    struct operations rest = {.multiply_adds = 2 * 16 + 20,
                              .additions = 2 * (2 + 2) * 16 + 20,
                              .multiplications = 20,
                              .divisions = 2 + 20};

    golden_check_counts("[ksvd: {sigma: 20, side: 4, atoms: 3, learn: manual}]",
                        (struct shape){1, 4, 5}, operations_add(code, rest));
    rest.additions += 2 * 2 * 16;
    rest.divisions += 2;
    rest = operations_add(rest, operations_repeat(operations_add(code, learn), 2));
    golden_check_counts("[ksvd: {sigma: 20, side: 4, atoms: 3, iterations: 2}]",
                        (struct shape){1, 4, 5}, operations_add(code, rest));
}

static void check_colour(const char *text, const float *golden, double tolerance)
{
    golden_check(text, colour, golden_colour_scene, colour, golden, tolerance);
}

static void tv_equals_skimage(void)
{
    check_grey("[tv: {weight: 20}]", golden_tv, 2e-6);
    check_colour("[tv: {weight: 40, tolerance: 0.001}]", golden_tv_colour, 2e-6);
    check_grey("[tv: {weight: 60, tolerance: 0, iterations: 10}]", golden_tv_10, 2e-6);
}

static void anisotropic_equals_definition(void)
{
    check_grey("[anisotropic: {kappa: 30, iterations: 8}]", golden_anisotropic_exponential, 2e-6);
    check_colour("[anisotropic: {conduction: rational, kappa: 15, step: 0.25, iterations: 11}]",
                 golden_anisotropic_rational, 2e-6);
}

static void wavelet_equals_skimage(void)
{
    check_grey("[wavelet]", golden_wavelet, 2e-6);
    check_colour("[wavelet: {wavelet: db1, threshold: visu, mode: hard, sigma: 12, levels: 3}]",
                 golden_wavelet_haar, 2e-6);
    check_grey("[wavelet: {wavelet: db8, sigma: 15, levels: 2, shifts: 2}]", golden_wavelet_spun,
               2e-6);
    check_grey("[wavelet: {wavelet: sym8, threshold: visu, levels: 1}]", golden_wavelet_sym8, 2e-6);
}

static void dct_equals_opencv(void)
{
    check_grey("[dct: {side: 8, sigma: 15}]", golden_dct_8, 3e-6);
    check_grey("[dct: {sigma: 25}]", golden_dct_16, 3e-6);
    check_colour("[dct: {side: 8, sigma: 18}]", golden_dct_colour, 3e-6);
}

/* Whatever the filter and the size, a transform comes back: a tenth of a grey level is no noise. */
static void wavelets_come_back(void)
{
    static const struct shape shapes[] = {{1, 1, 1}, {1, 2, 17}, {1, 33, 5}, {1, 40, 41}};

    for (size_t k = 0; wavelet_names[k]; k++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            float pixels[40 * 41];
            char text[120];
            pattern_noisy((struct image){shapes[s], pixels}, (int)k);
            snprintf(text, sizeof text,
                     "[wavelet: {wavelet: %s, mode: hard, threshold: visu, sigma: 1e-6, levels: "
                     "%zu}]",
                     wavelet_names[k], 1 + s);
            golden_check(text, shapes[s], pixels, shapes[s], pixels, 3e-6);
        }
}

/* 2 channels of 10 x 12 pixels: 120 pixels, 110 + 108 pairs of neighbours. */
static void counts_by_hand(void)
{
    const struct shape two = {2, 10, 12};
    double flows = 2 * 5 * (9 * 12 + 10 * 11), given = 2 * 5 * (2 * 120 + 2 * 10 * 11);

    golden_check_counts("[tv: {iterations: 7}]", two,
                        (struct operations){.additions = 8 * 7 * 240,
                                            .multiply_adds = 5 * 7 * 240,
                                            .multiplications = 2 * 7 * 240,
                                            .divisions = 3 * 7 * 240});
    golden_check_counts("[anisotropic: {iterations: 5}]", two,
                        (struct operations){.additions = 2 * flows + given,
                                            .multiplications = 4 * flows,
                                            .exponentials = flows});
    golden_check_counts("[anisotropic: {iterations: 5, conduction: rational}]", two,
                        (struct operations){.additions = flows + given,
                                            .multiplications = 2 * flows,
                                            .multiply_adds = flows,
                                            .divisions = flows});
    /* 7 rows of 9 windows. Four numbers: 2 sums, 2 differences; each function is 2 products, one
     * added. Columns of each row of windows, rows of each window, there and back. */
    double transforms = 2 * 2 * (7 * 12 + 4 * 7 * 9), windows = 2 * 7 * 9 * 16;
    golden_check_counts("[dct: {side: 4, sigma: 9}]", two,
                        (struct operations){.additions = 4 * transforms + windows + 2 * 7 * 12 * 4,
                                            .multiplications = 4 * transforms + 240,
                                            .multiply_adds = 4 * transforms,
                                            .comparisons = windows,
                                            .divisions = 240});
    /* Averages and details of 5 rows, then of half their columns; joined to rows, then to all. Two
     * taps: a product and one that is added. */
    double lines = 2 * (2 * 5 * 12 + 4 * 5 * 6 + 2 * 5 * 12 + 120);
    golden_check_counts("[wavelet: {wavelet: db1, levels: 1, threshold: visu, sigma: 9}]", two,
                        (struct operations){.multiply_adds = lines,
                                            .multiplications = lines + 240,
                                            .comparisons = 2 * 3 * 30,
                                            .additions = 240 + 2 * 3 * 30});
}

void denoising_suite(void)
{
    CU_pSuite suite = CU_add_suite("denoising", NULL, NULL);
    CU_add_test(suite, "noise level equals skimage", noise_level_equals_skimage);
    CU_add_test(suite, "bm3d equals its definition", bm3d_equals_definition);
    CU_add_test(suite, "narrow images", narrow_images);
    CU_add_test(suite, "ksvd equals its definition", ksvd_equals_definition);
    CU_add_test(suite, "bm3d and ksvd have the same bits", same_bits);
    CU_add_test(suite, "what is not a number stays", nan_stays);
    CU_add_test(suite, "bm3d: operations counted by hand", bm3d_counts_by_hand);
    CU_add_test(suite, "ksvd: operations counted by hand", ksvd_counts_by_hand);
    CU_add_test(suite, "tv equals skimage", tv_equals_skimage);
    CU_add_test(suite, "anisotropic equals its definition", anisotropic_equals_definition);
    CU_add_test(suite, "dct equals OpenCV", dct_equals_opencv);
    CU_add_test(suite, "wavelet equals skimage", wavelet_equals_skimage);
    CU_add_test(suite, "wavelet transforms come back", wavelets_come_back);
    CU_add_test(suite, "operations counted by hand", counts_by_hand);
}
