#include "pipelines/denoising/sparse_denoise.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/vectors.h"
#include "math/border.h"
#include "pipelines/denoising/windows.h"

#include <string.h>

enum {
    BAND_ROWS = 16, /* rows of patches that one thread adds up */
    BANDS = 4,      /* of each thread, before they are added */
};

/* What one thread makes of some rows of patches. */
struct sparse_band {
    float *sums;           /* [channels][BAND_ROWS + side - 1][width] */
    float *values, *means; /* [SPARSE_BLOCK] patches, of channels */
    float energies[SPARSE_BLOCK];
    int columns[SPARSE_BLOCK];
    struct sparse_term *terms; /* of a code */
    struct sparse_work work;
};

/* An image on its way. */
struct sparse_image {
    const struct dictionary *dictionary;
    struct image_patches patches;
    struct sparse_goal goal;
    const float *pixels;
    float *sums;
    struct sparse_band *bands;
    size_t first; /* band of this wave */
};

static size_t rows_plane(const struct image_patches *patches)
{
    return (size_t)(BAND_ROWS + patches->side - 1) * (size_t)patches->fit.width;
}

static size_t bands_of(const struct image_patches *patches)
{
    return ((size_t)patches->rows + BAND_ROWS - 1) / BAND_ROWS;
}

static void take_patch(const struct sparse_image *image, int y, int x, float *patch, float *means)
{
    const struct image_patches *patches = &image->patches;
    size_t side = (size_t)patches->side, width = (size_t)patches->fit.width;
    const float *corner = image->pixels + (size_t)y * width + (size_t)x;
    float *to = patch;

    for (int c = 0; c < patches->fit.channels; c++, corner += shape_plane(patches->fit))
        for (size_t row = 0; row < side; row++, to += side)
            memcpy(to, corner + row * width, side * sizeof *to);
    image_patches_centre(patches, patch, means);
}

/* Add a patch and its means to the band's sums, `row` rows from its top. */
WIDE_VECTORS static void give_patch(const struct image_patches *patches, struct sparse_band *band,
                                    int row, int x, const float *patch, const float *means)
{
    size_t side = (size_t)patches->side, width = (size_t)patches->fit.width;

    for (int c = 0; c < patches->fit.channels; c++) {
        float *to = band->sums + (size_t)c * rows_plane(patches) + (size_t)row * width + (size_t)x;
        for (size_t i = 0; i < side; i++, patch += side, to += width)
            for (size_t k = 0; k < side; k++)
                to[k] += patch[k] + means[c];
    }
}

/* Denoise patches [x, end) of row y, at most SPARSE_BLOCK. What is but noise around its mean needs
 * no code. */
static void denoise_patches(const struct sparse_image *image, struct sparse_band *band, int y,
                            int row, int x, int end)
{
    const struct image_patches *patches = &image->patches;
    size_t depth = patches->depth, channels = (size_t)patches->fit.channels, count = 0;

    for (; x < end; x++) {
        float *patch = band->values + count * depth, *means = band->means + count * channels;
        take_patch(image, y, x, patch, means);
        band->energies[count] = sparse_dot(depth, patch, patch);
        band->columns[count] = x;
        if (band->energies[count] > image->goal.energy) {
            count++;
            continue;
        }
        memset(patch, 0, depth * sizeof *patch);
        give_patch(patches, band, row, x, patch, means);
    }
    sparse_products(image->dictionary, count, band->values, &band->work);
    for (size_t i = 0; i < count; i++) {
        float *patch = band->values + i * depth;
        size_t terms = sparse_code(image->dictionary, &image->goal, i, band->energies[i],
                                   &band->work, band->terms);
        memset(patch, 0, depth * sizeof *patch);
        sparse_add(image->dictionary, band->terms, terms, 1, patch);
        give_patch(patches, band, row, band->columns[i], patch, band->means + i * channels);
    }
}

static void denoise_rows(void *context, size_t index, int thread)
{
    const struct sparse_image *image = context;
    const struct image_patches *patches = &image->patches;
    struct sparse_band *band = &image->bands[index];
    int top = (int)(image->first + index) * BAND_ROWS, columns = patches->columns;
    int rows = patches->rows - top < BAND_ROWS ? patches->rows - top : BAND_ROWS;

    (void)thread;
    memset(band->sums, 0, (size_t)patches->fit.channels * rows_plane(patches) * sizeof(float));
    for (int row = 0; row < rows && !interrupt_requested(); row++)
        for (int x = 0; x < columns; x += SPARSE_BLOCK)
            denoise_patches(image, band, top + row, row, x,
                            columns - x < SPARSE_BLOCK ? columns : x + SPARSE_BLOCK);
}

static void add_rows(const struct sparse_image *image, size_t number)
{
    const struct image_patches *patches = &image->patches;
    const struct sparse_band *band = &image->bands[number];
    size_t width = (size_t)patches->fit.width, top = (image->first + number) * BAND_ROWS;
    size_t below = (size_t)patches->fit.height - top, rows = rows_plane(patches) / width;

    for (size_t c = 0; c < (size_t)patches->fit.channels; c++) {
        float *sums = image->sums + c * shape_plane(patches->fit) + top * width;
        const float *more = band->sums + c * rows_plane(patches);
        size_t size = (rows < below ? rows : below) * width;
#pragma omp simd
        for (size_t i = 0; i < size; i++)
            sums[i] += more[i];
    }
}

/* The mean of all patches around each pixel, and of itself. */
static void average(const struct sparse_image *image, struct image in, float weight, float *out)
{
    const struct image_patches *patches = &image->patches;
    struct shape fit = patches->fit;

    for (int c = 0; c < in.shape.channels; c++)
        for (int y = 0; y < in.shape.height; y++) {
            size_t at = ((size_t)c * (size_t)fit.height + (size_t)y) * (size_t)fit.width;
            int over = windows_over(y, fit.height, patches->side);
            for (int x = 0; x < in.shape.width; x++, at++)
                *out++ = (weight * image->pixels[at] + image->sums[at]) /
                         (weight + (float)(over * windows_over(x, fit.width, patches->side)));
        }
}

void sparse_denoise(const struct sparse_denoiser *denoiser, const struct dictionary *dictionary,
                    const struct image_patches *patches, const struct sparse_goal *goal,
                    float weight, struct image in, struct image out)
{
    size_t bands = bands_of(patches);
    struct sparse_image image = {
        .dictionary = dictionary,
        .patches = *patches,
        .goal = *goal,
        .pixels = in.pixels,
        .sums = out.pixels,
        .bands = denoiser->band,
    };

    if (!shape_equal(patches->fit, in.shape)) {
        border_fit(in.pixels, in.shape, (struct image){patches->fit, denoiser->fit[0]});
        image.pixels = denoiser->fit[0];
        image.sums = denoiser->fit[1];
    }
    memset(image.sums, 0, shape_size(patches->fit) * sizeof *image.sums);
    for (image.first = 0; image.first < bands; image.first += denoiser->bands) {
        size_t left = bands - image.first, count = left < denoiser->bands ? left : denoiser->bands;
        parallel_for(denoiser->threads, count, denoise_rows, &image);
        for (size_t k = 0; k < count; k++)
            add_rows(&image, k);
    }
    average(&image, in, weight, out.pixels);
}

static enum status band_new(struct sparse_band *band, const struct dictionary *dictionary,
                            size_t sums, size_t terms, size_t channels, struct error *error)
{
    PASS(memory_new(&band->sums, sums, sizeof *band->sums, error));
    PASS(memory_new(&band->values, SPARSE_BLOCK * dictionary->depth, sizeof(float), error));
    PASS(memory_new(&band->means, SPARSE_BLOCK * channels, sizeof *band->means, error));
    PASS(memory_new(&band->terms, terms, sizeof *band->terms, error));
    return sparse_work_new(&band->work, dictionary, terms, error);
}

enum status sparse_denoiser_new(struct sparse_denoiser *denoiser,
                                const struct dictionary *dictionary, int side, size_t terms,
                                const struct image_set *images, int threads, struct error *error)
{
    enum status status = STATUS_OK;
    size_t fit = 0, sums = 0, bands = 0, most = threads > 1 ? (size_t)threads * BANDS : 1;
    size_t channels = images->count ? (size_t)images->shapes[0].channels : 0;

    *denoiser = (struct sparse_denoiser){.threads = threads};
    for (size_t i = 0; i < images->count; i++) {
        struct image_patches patches = image_patches_of(images->shapes[i], side);
        if (!shape_equal(patches.fit, images->shapes[i]) && shape_size(patches.fit) > fit)
            fit = shape_size(patches.fit);
        if (channels * rows_plane(&patches) > sums)
            sums = channels * rows_plane(&patches);
        if (bands_of(&patches) > bands)
            bands = bands_of(&patches);
    }
    denoiser->bands = bands < most ? bands : most;
    for (int k = 0; k < 2; k++)
        TRY(memory_new(&denoiser->fit[k], fit, sizeof *denoiser->fit[k], error));
    TRY(memory_new(&denoiser->band, denoiser->bands, sizeof *denoiser->band, error));
    for (size_t b = 0; b < denoiser->bands; b++)
        TRY(band_new(&denoiser->band[b], dictionary, sums, terms, channels, error));
out:
    if (status != STATUS_OK)
        sparse_denoiser_release(denoiser);
    return status;
}

void sparse_denoiser_release(struct sparse_denoiser *denoiser)
{
    for (size_t b = 0; denoiser->band && b < denoiser->bands; b++) {
        struct sparse_band *band = &denoiser->band[b];
        memory_free(band->sums);
        memory_free(band->values);
        memory_free(band->means);
        memory_free(band->terms);
        sparse_work_release(&band->work);
    }
    memory_free(denoiser->band);
    memory_free(denoiser->fit[0]);
    memory_free(denoiser->fit[1]);
    *denoiser = (struct sparse_denoiser){0};
}
