#include "pipelines/features/patches.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "math/eigen.h"
#include "math/product.h"

#include <math.h>
#include <string.h>

static void normalise_patch(double contrast, size_t depth, float *patch)
{
    double sum = 0, squares = 0;

    for (size_t k = 0; k < depth; k++)
        sum += (double)patch[k];
    double mean = sum / (double)depth;
    for (size_t k = 0; k < depth; k++)
        squares += ((double)patch[k] - mean) * ((double)patch[k] - mean);
    double deviation = sqrt(squares * 255 * 255 / (double)(depth - 1) + contrast);
    for (size_t k = 0; k < depth; k++)
        patch[k] = (float)(255 * ((double)patch[k] - mean) / deviation);
}

void patch_take(const struct patch_form *form, struct image image, int y, int x, float *patch)
{
    size_t side = (size_t)form->side, width = (size_t)image.shape.width;
    size_t plane = shape_plane(image.shape);
    const float *corner = image.pixels + (size_t)y * width + (size_t)x;
    float *to = patch;

    for (int c = 0; c < form->channels; c++)
        for (size_t row = 0; row < side; row++, to += side)
            memcpy(to, corner + (size_t)c * plane + row * width, side * sizeof *to);
    normalise_patch(form->contrast, patch_depth(form), patch);
}

static size_t patches_in(const struct patch_form *form, struct shape shape)
{
    return (size_t)(shape.height - form->side + 1) * (size_t)(shape.width - form->side + 1);
}

static void take_all(const struct patch_form *form, const struct image_set *images, float *patches)
{
    for (size_t i = 0; i < images->count; i++) {
        struct image image = image_set_at(images, i);
        for (int y = 0; y + form->side <= image.shape.height; y++)
            for (int x = 0; x + form->side <= image.shape.width; x++) {
                patch_take(form, image, y, x, patches);
                patches += patch_depth(form);
            }
    }
}

static void take_some(const struct patch_form *form, const struct image_set *images, size_t count,
                      struct random_stream *stream, float *patches)
{
    for (size_t i = 0; i < count; i++) {
        size_t number = random_below(stream, (uint32_t)images->count);
        struct image image = image_set_at(images, number);
        uint32_t rows = (uint32_t)(image.shape.height - form->side + 1);
        uint32_t columns = (uint32_t)(image.shape.width - form->side + 1);
        int y = (int)random_below(stream, rows), x = (int)random_below(stream, columns);
        patch_take(form, image, y, x, patches + i * patch_depth(form));
    }
}

enum status patches_draw(const struct patch_form *form, const struct image_set *images, size_t most,
                         struct random_stream *stream, float **patches, size_t *count,
                         struct error *error)
{
    size_t all = 0;

    for (size_t i = 0; i < images->count && all <= most; i++)
        all += patches_in(form, images->shapes[i]);
    *count = all < most ? all : most;
    PASS(memory_new(patches, *count * patch_depth(form), sizeof **patches, error));
    if (all <= most)
        take_all(form, images, *patches);
    else
        take_some(form, images, *count, stream, *patches);
    for (size_t i = 0; i < *count * patch_depth(form); i++)
        if (!isfinite((*patches)[i])) {
            memory_free(*patches);
            *patches = NULL;
            return error_set(error, STATUS_DATA, "there are pixels that are not finite");
        }
    return STATUS_OK;
}

/* The mean of each number; it is subtracted from the patches in `centred`. */
static void centre(const float *patches, size_t count, size_t depth, float *mean, float *centred)
{
    for (size_t k = 0; k < depth; k++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += (double)patches[i * depth + k];
        mean[k] = (float)(sum / (double)count);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < depth; k++)
            centred[i * depth + k] = patches[i * depth + k] - mean[k];
}

/* V diag(1 / sqrt(values + epsilon)) V^T; eigenvectors are rows. */
static void inverse_root(size_t n, const double *values, const double *vectors, double epsilon,
                         float *root)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            double sum = 0;
            for (size_t v = 0; v < n; v++)
                sum += vectors[v * n + i] * vectors[v * n + k] /
                       sqrt((values[v] > 0 ? values[v] : 0) + epsilon);
            root[i * n + k] = root[k * n + i] = (float)sum;
        }
}

enum status patches_whitening(const float *patches, size_t count, size_t depth, double epsilon,
                              int threads, float *mean, float *whitening, struct error *error)
{
    enum status status = STATUS_OK;
    double *covariance = NULL, *vectors = NULL, *values = NULL;
    float *centred = NULL;

    TRY(memory_new(&centred, count * depth, sizeof *centred, error));
    TRY(memory_new(&covariance, depth * depth, sizeof *covariance, error));
    TRY(memory_new(&vectors, depth * depth, sizeof *vectors, error));
    TRY(memory_new(&values, depth, sizeof *values, error));
    centre(patches, count, depth, mean, centred);
    product_gram(count, depth, centred, covariance, threads);
    TRY(interrupt_check(error));
    for (size_t i = 0; i < depth * depth; i++)
        covariance[i] /= (double)(count > 1 ? count - 1 : 1);
    eigen_symmetric(depth, covariance, values, vectors);
    inverse_root(depth, values, vectors, epsilon, whitening);
out:
    memory_free(centred);
    memory_free(covariance);
    memory_free(vectors);
    memory_free(values);
    return status;
}
