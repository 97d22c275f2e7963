/*
 * Features that are learnt by k-means, for classifying small images.
 *
 * A. Coates, H. Lee, A. Y. Ng, "An analysis of single-layer networks in unsupervised feature
 * learning", AISTATS 2011, with k-means and the triangle activation.
 *
 * Patches drawn from the hand-labelled images lose brightness and contrast, (v - mean) /
 * sqrt(variance + 10) for values between 0 and 255, are whitened, and clustered. In an image, every
 * patch is treated so; its feature k is max(0, mean(z) - z_k), where z_k is the distance from
 * centroid k. Features are summed over the four quadrants of the image; the upper and left ones
 * have the patch in the middle. They are ordered [quadrant row][quadrant column][centroid].
 *
 * The variance divides by n - 1, as in the authors' program. Their next step, features of mean 0
 * and variance 1, is the stage `standardise`.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "math/product.h"
#include "pipelines/features/kmeans.h"
#include "pipelines/features/patches.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    BLOCK = 32, /* patches at a time */
    PATCHES = 2,
    CENTROIDS = 3 /* parts of random_index() */
};

struct kmeans_features {
    int64_t centroids, receptive_field, patches, iterations;
    double contrast, whitening;
};

#define OF(name) offsetof(struct kmeans_features, name)
static const struct field fields[] = {
    {"centroids", FIELD_INTEGER, OF(centroids), .minimum = 1, .maximum = 65536,
     .default_value = "1600", .help = "centroids; there are four times as many features"},
    {"receptive_field", FIELD_INTEGER, OF(receptive_field), .minimum = 2, .maximum = 16,
     .default_value = "6", .unit = "pixels", .help = "side of a patch"},
    {"patches", FIELD_INTEGER, OF(patches), .minimum = 1, .maximum = 100000000,
     .default_value = "400000", .help = "patches to learn from; all of them where there are fewer"},
    {"iterations", FIELD_INTEGER, OF(iterations), .minimum = 1, .maximum = 10000,
     .default_value = "50", .help = "passes of k-means at most"},
    {"contrast", FIELD_REAL, OF(contrast), .minimum = 1e-6, .maximum = 1e6, .default_value = "10",
     .unit = "grey levels squared", .help = "added to the variance of a patch"},
    {"whitening", FIELD_REAL, OF(whitening), .minimum = 1e-9, .maximum = 1e6,
     .default_value = "0.1", .help = "added to the eigenvalues of the patches' covariance"},
    {0},
};

/* What was learnt: values[] holds mean[depth], whitening[depth][depth], centroids[count][depth]. */
struct codebook {
    size_t depth, count, numbers;
    float *values, *whitening, *centroids; /* the last two packed for products */
    float *squares;                        /* of the centroids' lengths; beyond, -FLT_MAX */
    float memory[];
};

static struct patch_form form_of(const struct kmeans_features *kmeans, struct shape in)
{
    return (struct patch_form){in.channels, (int)kmeans->receptive_field, kmeans->contrast};
}

static enum status kmeans_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    const struct kmeans_features *kmeans = config;
    int side = (int)kmeans->receptive_field;

    (void)answer;
    if (in.height < side || in.width < side)
        return error_set(error, STATUS_CONFIG,
                         "images of %d x %d pixels are too small; expected at least %d x %d, one "
                         "receptive field",
                         in.height, in.width, side, side);
    if (in.channels > 16)
        return error_set(error, STATUS_CONFIG, "expected at most 16 channels, found %d",
                         in.channels);
    *out = (struct shape){4 * (int)kmeans->centroids, 1, 1};
    return STATUS_OK;
}

static enum status codebook_new(struct codebook **codebook, size_t depth, size_t count,
                                struct error *error)
{
    size_t numbers = depth + depth * depth + count * depth;
    size_t whitening = product_width(depth) * depth, width = product_width(count);
    size_t floats = numbers + whitening + width * depth + width;

    PASS(memory_new(codebook, 1, sizeof **codebook + floats * sizeof(float), error));
    struct codebook *made = *codebook;
    made->depth = depth;
    made->count = count;
    made->numbers = numbers;
    made->values = made->memory;
    made->whitening = made->values + numbers;
    made->centroids = made->whitening + whitening;
    made->squares = made->centroids + width * depth;
    return STATUS_OK;
}

/* Make what products need of values[]. */
static void codebook_pack(struct codebook *codebook)
{
    size_t depth = codebook->depth;
    const float *whitening = codebook->values + depth;
    const float *centroids = whitening + depth * depth;

    product_pack(depth, depth, whitening, codebook->whitening);
    product_pack(depth, codebook->count, centroids, codebook->centroids);
    for (size_t c = 0; c < product_width(codebook->count); c++) {
        float sum = 0;
        for (size_t k = 0; c < codebook->count && k < depth; k++)
            sum += centroids[c * depth + k] * centroids[c * depth + k];
        codebook->squares[c] = c < codebook->count ? sum : -FLT_MAX;
    }
}

/* `rows` patches without their mean, whitened: to[rows][product_width(depth)]. */
static void whiten_rows(const struct codebook *codebook, size_t rows, float *patches, float *to)
{
    size_t depth = codebook->depth;

    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < depth; k++)
            patches[i * depth + k] -= codebook->values[k];
    product_packed(rows, depth, depth, patches, codebook->whitening, to);
}

/* In place; padding is left out. */
static enum status whiten_all(const struct codebook *codebook, size_t count, float *patches,
                              struct error *error)
{
    size_t depth = codebook->depth, width = product_width(depth);
    float *whitened = NULL;

    PASS(memory_new(&whitened, BLOCK * width, sizeof *whitened, error));
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t rows = count - first < BLOCK ? count - first : BLOCK;
        whiten_rows(codebook, rows, patches + first * depth, whitened);
        for (size_t i = 0; i < rows; i++)
            memcpy(patches + (first + i) * depth, whitened + i * width, depth * sizeof(float));
    }
    memory_free(whitened);
    return STATUS_OK;
}

static enum status learn(const struct kmeans_features *kmeans,
                         const struct stage_examples *examples, const struct patch_form *form,
                         struct codebook *codebook, struct error *error)
{
    enum status status = STATUS_OK;
    float *patches = NULL;
    size_t count = 0, depth = codebook->depth;
    float *whitening = codebook->values + depth;
    struct random_stream drawn =
        random_stream(examples->key, RANDOM_FIT, random_index(PATCHES, examples->number));
    struct random_stream first =
        random_stream(examples->key, RANDOM_FIT, random_index(CENTROIDS, examples->number));

    TRY(patches_draw(form, examples->inputs, (size_t)kmeans->patches, &drawn, &patches, &count,
                     error));
    if (count < codebook->count)
        TRY(error_set(error, STATUS_CONFIG,
                      "%zu centroids cannot be learnt from %zu patches; expected at least as many",
                      codebook->count, count));
    TRY(patches_whitening(patches, count, depth, kmeans->whitening, examples->threads,
                          codebook->values, whitening, error));
    product_pack(depth, depth, whitening, codebook->whitening);
    TRY(whiten_all(codebook, count, patches, error));
    struct kmeans clusters = {
        count, depth, patches, codebook->count, (int)kmeans->iterations, examples->threads};
    TRY(kmeans_fit(&clusters, &first, whitening + depth * depth, error));
    codebook_pack(codebook);
out:
    memory_free(patches);
    return status;
}

static enum status kmeans_features_fit(const void *config, const struct stage_examples *examples,
                                       void **state, struct error *error)
{
    enum status status = STATUS_OK;
    const struct kmeans_features *kmeans = config;
    const struct image_set *inputs = examples->inputs;
    struct codebook *codebook = NULL;
    struct shape shape;

    *state = NULL;
    if (inputs->count < 1)
        return error_set(error, STATUS_CONFIG,
                         "expected hand-labelled images to learn from, found none");
    for (size_t i = 0; i < inputs->count; i++)
        PASS(kmeans_shape(config, inputs->shapes[i], examples->answer, &shape, error));
    struct patch_form form = form_of(kmeans, inputs->shapes[0]);
    TRY(codebook_new(&codebook, patch_depth(&form), (size_t)kmeans->centroids, error));
    TRY(learn(kmeans, examples, &form, codebook, error));
    *state = codebook;
    codebook = NULL;
out:
    memory_free(codebook);
    return status;
}

static struct stage_learnt kmeans_learnt(const void *state)
{
    const struct codebook *codebook = state;
    return (struct stage_learnt){codebook->values, codebook->numbers};
}

static enum status kmeans_recall(const void *config, struct shape in, struct answer answer,
                                 const struct engine *engine, struct stage_learnt learnt,
                                 void **state, struct error *error)
{
    const struct kmeans_features *kmeans = config;
    struct patch_form form = form_of(kmeans, in);
    struct codebook *codebook = NULL;

    (void)answer, (void)engine;
    *state = NULL;
    PASS(codebook_new(&codebook, patch_depth(&form), (size_t)kmeans->centroids, error));
    size_t numbers = codebook->numbers;
    if (learnt.count == numbers) {
        memcpy(codebook->values, learnt.values, numbers * sizeof(float));
        codebook_pack(codebook);
        *state = codebook;
        return STATUS_OK;
    }
    memory_free(codebook);
    return error_set(error, STATUS_DATA, "expected %zu numbers, found %zu", numbers, learnt.count);
}

/* Scratch: patches[BLOCK][depth], whitened[BLOCK][width], distances[BLOCK][width of centroids], a
 * row's sums[centroids]. */
static size_t kmeans_scratch(const void *config, struct shape in)
{
    const struct kmeans_features *kmeans = config;
    struct patch_form form = form_of(kmeans, in);
    size_t depth = patch_depth(&form);

    return BLOCK * (depth + product_width(depth) + product_width((size_t)kmeans->centroids)) +
           (size_t)kmeans->centroids;
}

/* Where a row's sums are. */
static size_t row_place(const struct codebook *codebook)
{
    return BLOCK *
           (codebook->depth + product_width(codebook->depth) + product_width(codebook->count));
}

/* z[k] = sqrt(|x|^2 - 2 x.c + |c|^2) of the products x.c; their mean. */
WIDE_VECTORS
static float distances(const struct codebook *codebook, const float *x, float *z)
{
    size_t width = product_width(codebook->count);
    float square = 0, sums[8] = {0};

    for (size_t k = 0; k < codebook->depth; k++)
        square += x[k] * x[k];
    for (size_t c = 0; c < width; c += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            float far = square - 2 * z[c + lane] + codebook->squares[c + lane];
            z[c + lane] = sqrtf(far < 0 ? 0 : far);
            sums[lane] += z[c + lane];
        }
    float sum =
        ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
    return sum / (float)codebook->count;
}

WIDE_VECTORS
static void add_triangles(size_t count, float mean, const float *restrict z, float *restrict sums)
{
    size_t whole = count / 8 * 8;

    for (size_t c = 0; c < whole; c += 8)
        for (size_t lane = 0; lane < 8; lane++)
            sums[c + lane] += mean - z[c + lane] < 0 ? 0 : mean - z[c + lane];
    for (size_t c = whole; c < count; c++)
        sums[c] += mean - z[c] < 0 ? 0 : mean - z[c];
}

/* Add the features of a block of patches, [x, end) of row y. */
static void add_patches(const struct patch_form *form, const struct codebook *codebook,
                        struct image in, int y, int x, int end, float *sums, float *scratch)
{
    size_t depth = codebook->depth, rows = (size_t)(end - x);
    size_t width = product_width(depth), wide = product_width(codebook->count);
    float *whitened = scratch + BLOCK * depth, *z = whitened + BLOCK * width;

    for (size_t i = 0; i < rows; i++)
        patch_take(form, in, y, x + (int)i, scratch + i * depth);
    whiten_rows(codebook, rows, scratch, whitened);
    /* Products want rows without padding. */
    for (size_t i = 0; i < rows; i++)
        memcpy(scratch + i * depth, whitened + i * width, depth * sizeof *scratch);
    product_packed(rows, depth, codebook->count, scratch, codebook->centroids, z);
    for (size_t i = 0; i < rows; i++) {
        float mean = distances(codebook, scratch + i * depth, z + i * wide);
        add_triangles(codebook->count, mean, z + i * wide, sums);
    }
}

/* Add the features of patches [x, end) of row y. Sums of a row are taken apart: those of large
 * images keep their precision. */
static void add_row(const struct patch_form *form, const struct codebook *codebook, struct image in,
                    int y, int x, int end, float *sums, float *scratch)
{
    float *row = scratch + row_place(codebook);

    memset(row, 0, codebook->count * sizeof *row);
    for (int next; x < end; x = next) {
        next = end - x < BLOCK ? end : x + BLOCK;
        add_patches(form, codebook, in, y, x, next, row, scratch);
    }
    for (size_t c = 0; c < codebook->count; c++)
        sums[c] += row[c];
}

static void kmeans_run(const void *config, const void *state, struct image in, struct image out,
                       float *scratch)
{
    const struct codebook *codebook = state;
    struct patch_form form = form_of(config, in.shape);
    int rows = in.shape.height - form.side + 1, columns = in.shape.width - form.side + 1;
    int middle = (columns + 1) / 2;
    size_t count = codebook->count;

    memset(out.pixels, 0, 4 * count * sizeof *out.pixels);
    for (int y = 0; y < rows && !interrupt_requested(); y++) {
        float *sums = out.pixels + (y < (rows + 1) / 2 ? 0 : 2 * count);
        add_row(&form, codebook, in, y, 0, middle, sums, scratch);
        add_row(&form, codebook, in, y, middle, columns, sums + count, scratch);
    }
}

static struct operations kmeans_count(const void *config, struct shape in, struct answer answer)
{
    const struct kmeans_features *kmeans = config;
    struct patch_form form = form_of(kmeans, in);
    double depth = (double)patch_depth(&form), centroids = (double)kmeans->centroids;
    double rows = in.height - form.side + 1.0, columns = in.width - form.side + 1.0;
    struct operations patch = {
        /* variance; whitening; the length; products; distances */
        .multiply_adds = depth + depth * depth + depth + centroids * depth + centroids,
        /* sum, differences (twice), mean; |c|^2, mean distance, triangle, sum */
        .additions = 4 * depth + 4 * centroids,
        .multiplications = depth,
        .comparisons = 2 * centroids,
        .divisions = depth + 3 + centroids + 1,
    };

    (void)answer;
    struct operations all = operations_repeat(patch, rows * columns);
    all.additions += 2 * rows * centroids; /* of the rows' sums */
    return all;
}

const struct stage stage_kmeans_features = {
    .descriptor = {"kmeans_features", "distances from patches that k-means has learnt",
                   "Coates, Lee, Ng, An analysis of single-layer networks in unsupervised feature "
                   "learning, AISTATS 2011",
                   fields, sizeof(struct kmeans_features), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_FEATURES,
    .shape = kmeans_shape,
    .fit = kmeans_features_fit,
    .release = memory_free,
    .learnt = kmeans_learnt,
    .recall = kmeans_recall,
    .scratch = kmeans_scratch,
    .run = kmeans_run,
    .count = kmeans_count,
};
