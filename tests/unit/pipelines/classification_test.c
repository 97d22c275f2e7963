/* Stages of pipelines/features and pipelines/classifiers against stored values of independent
 * programs. */
#include "base/memory.h"
#include "math/eigen.h"
#include "math/product.h"
#include "tests/golden/classification.h"
#include "tests/unit/stage_golden.h"

void classification_suite(void);

enum { IMAGES = 30, CLASSES = 3 };
static const struct shape image_shape = {2, 9, 11};

#define FEW "kmeans_features: {centroids: 5, receptive_field: 4, iterations: 3}"
#define MANY "kmeans_features: {centroids: 21, receptive_field: 3, iterations: 6, patches: 900}"

/* Fit a chain on the golden images, with class i % CLASSES, and run it on them. */
static void fit_and_run(const char *text, int threads, struct image_set *out)
{
    uint8_t classes[IMAGES];
    struct image_set in = {0};
    struct stages_text stages;
    struct chain_examples examples = {
        .inputs = &in, .classes = classes, .answer = {CONTENT_SCORES, CLASSES}};
    struct chain chain = {0};
    struct error error = {0};

    for (int i = 0; i < IMAGES; i++)
        classes[i] = (uint8_t)(i % CLASSES);
    CU_ASSERT_FATAL(image_set_new_uniform(&in, IMAGES, image_shape, NULL) == STATUS_OK);
    memcpy(in.pixels, golden_images, sizeof golden_images);
    stages_text_read(&stages, text);
    enum status status = chain_tuned(&chain, &stages.stages, METRIC_ACCURACY, &examples,
                                     (struct random_key){2019, 0}, threads, NULL, &error);
    if (status != STATUS_OK)
        fprintf(stderr, "%s: %s\n", text, error.message);
    CU_ASSERT_FATAL(status == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, chain.count, &in, NULL, threads, out, NULL) == STATUS_OK);
    chain_release(&chain);
    stages_text_release(&stages);
    image_set_release(&in);
}

/* `golden` has `length` numbers for each image; four threads give the bits of one. */
static void check_fitted(const char *text, int length, const float *golden, double tolerance)
{
    struct image_set out = {0}, four = {0};
    double worst = 0;

    fit_and_run(text, 1, &out);
    fit_and_run(text, 4, &four);
    CU_ASSERT_FATAL(shape_equal(out.shapes[0], (struct shape){length, 1, 1}));
    for (size_t i = 0; i < out.offsets[IMAGES]; i++)
        worst = fmax(worst, fabs((double)out.pixels[i] - (double)golden[i]));
    CU_ASSERT(worst <= tolerance);
    if (!(worst <= tolerance))
        fprintf(stderr, "%s: off by up to %g\n", text, worst);
    CU_ASSERT(memcmp(out.pixels, four.pixels, out.offsets[IMAGES] * sizeof(float)) == 0);
    image_set_release(&four);
    image_set_release(&out);
}

static void kmeans_features_equal_sklearn(void)
{
    check_fitted("[" FEW "]", 20, golden_kmeans_features, 2e-4);
    check_fitted("[" MANY "]", 84, golden_kmeans_features_drawn, 2e-4);
    check_fitted("[" FEW ", standardise]", 20, golden_standardise, 2e-4);
}

static void knn_equals_sklearn(void)
{
    check_fitted("[" FEW ", knn: {neighbours: 7}]", CLASSES, golden_knn, 1e-6);
    check_fitted("[" FEW ", knn: {neighbours: 4, weights: distance}]", CLASSES, golden_knn_distance,
                 1e-6);
}

static void ridge_equals_sklearn(void)
{
    check_fitted("[" FEW ", ridge: {penalty: 3}]", CLASSES, golden_ridge, 1e-4);
    check_fitted("[" MANY ", ridge: {penalty: 0.5}]", CLASSES, golden_ridge_dual, 1e-4);
}

static void svm_equals_sklearn(void)
{
    check_fitted("[" FEW ", linear_svm: {cost: 0.2, tolerance: 1e-6}]", CLASSES, golden_svm, 1e-4);
    check_fitted("[" MANY ", linear_svm: {cost: 0.1, tolerance: 1e-6}]", CLASSES, golden_svm_wide,
                 1e-4);
}

/* VLFeat's arc tangent is an approximation. */
static void dense_sift_equals_definition(void)
{
    golden_check("[dense_sift: {step: 2, bin_size: 2, window: 1.5}]", image_shape, golden_images,
                 (struct shape){2 * 2 * 3 * 128, 1, 1}, golden_dense_sift, 5e-3);
}

/* What lies in the second strip of an image is described as in an image of its own. */
static void dense_sift_in_strips(void)
{
    enum { WIDTH = 12, HEIGHT = 150, BEFORE = 56, PART = 40, ROW = 128 };
    static float pixels[HEIGHT * WIDTH];
    struct image_set all = {0}, part = {0};

    golden_noisy((struct shape){1, HEIGHT, WIDTH}, pixels);
    golden_run("[dense_sift]", (struct shape){1, HEIGHT, WIDTH}, pixels, &all);
    golden_run("[dense_sift]", (struct shape){1, PART, WIDTH}, pixels + BEFORE * WIDTH, &part);
    for (int row = 64 / 4; row <= 76 / 4; row++)
        for (int k = 0; k < ROW; k++)
            CU_ASSERT_DOUBLE_EQUAL(all.pixels[row * ROW + k],
                                   part.pixels[(row - BEFORE / 4) * ROW + k], 1e-6);
    image_set_release(&part);
    image_set_release(&all);
}

/* One tree that draws nothing is that of scikit-learn. */
static void tree_equals_sklearn(void)
{
    check_fitted("[" FEW ", random_forest: {trees: 1, depth: 2, leaf: 4, features: 20, bootstrap: "
                 "false}]",
                 CLASSES, golden_tree, 0);
}

/* Grown to the end, trees know what they learnt; with draws, most of them do. */
static void forests_know_their_images(void)
{
    static const char *const texts[] = {"[" FEW
                                        ", random_forest: {trees: 3, depth: 64, bootstrap: false}]",
                                        "[" FEW ", random_forest: {trees: 60}]"};

    for (int k = 0; k < 2; k++) {
        struct image_set one = {0}, four = {0};
        fit_and_run(texts[k], 1, &one);
        fit_and_run(texts[k], 4, &four);
        CU_ASSERT(memcmp(one.pixels, four.pixels, one.offsets[IMAGES] * sizeof(float)) == 0);
        for (int i = 0; i < IMAGES; i++) {
            const float *scores = image_set_at(&one, (size_t)i).pixels;
            CU_ASSERT(k == 0 ? scores[i % CLASSES] == 1 : scores[i % CLASSES] > 0.4F);
        }
        image_set_release(&four);
        image_set_release(&one);
    }
}

static void pca_equals_sklearn(void)
{
    check_fitted("[" FEW ", pca: {components: 6}]", 6, golden_pca, 2e-4);
    check_fitted("[" MANY ", pca: {components: 5, whiten: true}]", 5, golden_pca_dual, 2e-4);
}

static void lbp_equals_skimage(void)
{
    check_fitted("[lbp: {cells: 2}]", 2 * 4 * 10, golden_lbp, 1e-6);
    check_fitted("[lbp: {points: 5, radius: 1.7, codes: u2, cells: 1}]", 2 * 23, golden_lbp_u2,
                 1e-6);
    golden_check("[lbp: {points: 4, radius: 2, codes: all, cells: 3}]", image_shape, golden_images,
                 (struct shape){2 * 9 * 16, 1, 1}, golden_lbp_all, 1e-6);
}

/* All points of a flat image are as bright as the centre, but for those beyond its border. */
static void lbp_of_a_flat_image(void)
{
    float pixels[49], golden[10] = {0};

    for (int i = 0; i < 49; i++)
        pixels[i] = 0.1F;
    golden[8] = 25.0F / 49;
    golden[5] = 20.0F / 49;
    golden[3] = 4.0F / 49;
    golden_check("[lbp: {cells: 1}]", (struct shape){1, 7, 7}, pixels, (struct shape){10, 1, 1},
                 golden, 1e-6);
}

/* Two methods, the same eigenvectors. */
static void eigenvectors_agree(void)
{
    enum { N = 19 };
    double a[N * N], b[N * N], values[N], large[N], vectors[N * N], scratch[N];

    for (int i = 0; i < N; i++)
        for (int k = 0; k <= i; k++)
            a[i * N + k] = a[k * N + i] = cos(3.0 * i + 7 * k) + (i == k ? 2 + i : 0);
    memcpy(b, a, sizeof a);
    eigen_symmetric(N, a, values, vectors);
    eigen_symmetric_large(N, b, large, scratch);
    for (int i = 0; i < N; i++)
        CU_ASSERT_DOUBLE_EQUAL(values[i], large[i], 1e-12);
    for (int i = 0; i < N * N; i++)
        CU_ASSERT_DOUBLE_EQUAL(vectors[i], b[i], 1e-10);
}

static void products_equal_sums(void)
{
    enum { ROWS = 7, DEPTH = 5, COLUMNS = 19 };
    float x[ROWS * DEPTH], b[COLUMNS * DEPTH], packed[32 * DEPTH], y[ROWS * 32];
    double g[DEPTH * DEPTH];

    CU_ASSERT_FATAL(product_width(COLUMNS) == 32);
    for (int i = 0; i < ROWS * DEPTH; i++)
        x[i] = (float)(i % 11 - 4);
    for (int i = 0; i < COLUMNS * DEPTH; i++)
        b[i] = (float)(i % 7 - 3);
    product_pack(DEPTH, COLUMNS, b, packed);
    product_packed(ROWS, DEPTH, COLUMNS, x, packed, y);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < 32; c++) {
            float sum = 0;
            for (int k = 0; c < COLUMNS && k < DEPTH; k++)
                sum += x[r * DEPTH + k] * b[c * DEPTH + k];
            CU_ASSERT(y[r * 32 + c] == sum);
        }
    product_gram(ROWS, DEPTH, x, g, 2);
    for (int i = 0; i < DEPTH; i++)
        for (int k = 0; k < DEPTH; k++) {
            double sum = 0;
            for (int r = 0; r < ROWS; r++)
                sum += (double)(x[r * DEPTH + i] * x[r * DEPTH + k]);
            CU_ASSERT(g[i * DEPTH + k] == sum);
        }
}

/* 2 x 3 patches of 3 x 3 pixels in one channel, 7 centroids. */
static void counts_by_hand(void)
{
    golden_check_counts("[kmeans_features: {receptive_field: 3, centroids: 7}]",
                        (struct shape){1, 4, 5},
                        (struct operations){.multiply_adds = 6 * (9 + 81 + 9 + 63 + 7),
                                            .additions = 6 * (4 * 9 + 4 * 7) + 2 * 2 * 7,
                                            .multiplications = 6 * 9,
                                            .comparisons = 6 * 2 * 7,
                                            .divisions = 6 * (9 + 3 + 7 + 1)});
    golden_check_counts("[knn: {examples: 200}]", (struct shape){40, 1, 1},
                        (struct operations){.multiply_adds = 200 * 40,
                                            .additions = 200 * 40 + 10,
                                            .comparisons = 200,
                                            .divisions = 2,
                                            .lookups = 5});
    golden_check_counts("[ridge]", (struct shape){40, 1, 1},
                        (struct operations){.multiply_adds = 80});
    golden_check_counts("[pca: {components: 3}]", (struct shape){40, 1, 1},
                        (struct operations){.multiply_adds = 120, .additions = 120});
    /* 20 pixels of 8 points. */
    golden_check_counts("[lbp: {cells: 1}]", (struct shape){1, 4, 5},
                        (struct operations){.multiply_adds = 20 * 8 * 3,
                                            .additions = 20 * 8 * 3 + 20 * 8 + 20,
                                            .comparisons = 20 * (8 * 4 * 4 + 8 + 7 + 1),
                                            .divisions = 10,
                                            .lookups = 20 * (8 * 4 + 1)});
    golden_check_counts(
        "[random_forest: {trees: 7, depth: 5}]", (struct shape){40, 1, 1},
        (struct operations){.additions = 7, .comparisons = 35, .divisions = 2, .lookups = 70});
    /* 70 pixels, 3 taps; a row of 4 descriptors. */
    golden_check_counts("[dense_sift: {bin_size: 2, step: 1}]", (struct shape){1, 7, 10},
                        (struct operations){
                            .multiply_adds = 70 * (128 * 6 + 4) + 2 * 512,
                            .additions = 420,
                            .multiplications = 700,
                            .comparisons = 140 + 512,
                            .divisions = 140 + 1024 + 8,
                            .lookups = 140,
                        });
    golden_check_counts("[standardise]", (struct shape){40, 1, 1},
                        (struct operations){.additions = 40, .divisions = 40});
}

void classification_suite(void)
{
    CU_pSuite suite = CU_add_suite("classification", NULL, NULL);
    CU_add_test(suite, "products equal sums", products_equal_sums);
    CU_add_test(suite, "kmeans_features equal sklearn", kmeans_features_equal_sklearn);
    CU_add_test(suite, "knn equals sklearn", knn_equals_sklearn);
    CU_add_test(suite, "ridge equals sklearn", ridge_equals_sklearn);
    CU_add_test(suite, "linear_svm equals sklearn", svm_equals_sklearn);
    CU_add_test(suite, "eigenvectors agree", eigenvectors_agree);
    CU_add_test(suite, "pca equals sklearn", pca_equals_sklearn);
    CU_add_test(suite, "lbp equals skimage", lbp_equals_skimage);
    CU_add_test(suite, "lbp of a flat image", lbp_of_a_flat_image);
    CU_add_test(suite, "a tree equals sklearn's", tree_equals_sklearn);
    CU_add_test(suite, "forests know their images", forests_know_their_images);
    CU_add_test(suite, "dense_sift equals its definition", dense_sift_equals_definition);
    CU_add_test(suite, "dense_sift in strips", dense_sift_in_strips);
    CU_add_test(suite, "operations counted by hand", counts_by_hand);
}
