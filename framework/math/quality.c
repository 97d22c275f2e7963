/*
 * Structural similarity and peak signal-to-noise ratio.
 *
 * SSIM (Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to
 * structural similarity", IEEE Transactions on Image Processing 13(4), 2004) compares two images
 * a and b under a sliding Gaussian window w:
 *
 *     SSIM = (2 ma mb + C1) (2 sab + C2) / ((ma^2 + mb^2 + C1) (saa + sbb + C2))
 *
 * with the means m = sum w x, the covariances sxy = sum w x y - mx my, C1 = 0.01^2, C2 = 0.03^2.
 * Since only the sum saa + sbb is needed, four weighted sums do: of a, b, a^2 + b^2 and a b.
 *
 * The window is separable: each row is filtered along x once, the results of the last eleven rows
 * stay in a ring, and are combined along y. Everything is in double precision, because a variance
 * is a small difference of large numbers. Cost: 4 x 2 x (5 additions + 6 products) a pixel.
 */
#include "math/quality_private.h"

#include "base/interrupt.h"

#include <math.h>
#include <stdint.h>

enum {
    SUMS = 4, /* of a, b, a^2 + b^2, a b */
};

static double clip(float value)
{
    return value < 0 ? 0 : value > 1 ? 1 : (double)value;
}

size_t quality_ssim_scratch(struct shape shape)
{
    return QUALITY_SLACK +
           QUALITY_DOUBLE * (size_t)SUMS * (QUALITY_SSIM_SIDE + 2) * (size_t)shape.width;
}

double *quality_aligned(float *scratch)
{
    uintptr_t misplaced = (uintptr_t)scratch % 64;
    return (double *)(void *)((char *)scratch + (misplaced ? 64 - misplaced : 0));
}

void quality_weights(double weights[QUALITY_HALF + 1])
{
    double sum = 0;

    for (int k = 0; k <= QUALITY_HALF; k++) {
        weights[k] = exp(-0.5 * k * k / (1.5 * 1.5));
        sum += k ? 2 * weights[k] : weights[k];
    }
    for (int k = 0; k <= QUALITY_HALF; k++)
        weights[k] /= sum;
}

/* The four products of one row of both images: products[SUMS][width]. */
static void row_products(const float *a, const float *b, int width, double *products)
{
    double *as = products, *bs = as + width, *squares = bs + width, *crosses = squares + width;

#pragma omp simd
    for (int x = 0; x < width; x++) {
        double p = clip(a[x]), q = clip(b[x]);
        as[x] = p;
        bs[x] = q;
        squares[x] = p * p + q * q;
        crosses[x] = p * q;
    }
}

void quality_filter_along(const double *row, const double weights[QUALITY_HALF + 1], int count,
                          double *out)
{
#pragma omp simd
    for (int x = 0; x < count; x++) {
        const double *c = row + x + QUALITY_HALF;
        out[x] = weights[0] * c[0] + weights[1] * (c[-1] + c[1]) + weights[2] * (c[-2] + c[2]) +
                 weights[3] * (c[-3] + c[3]) + weights[4] * (c[-4] + c[4]) +
                 weights[5] * (c[-5] + c[5]);
    }
}

void quality_filter_across(const double *const rows[QUALITY_SSIM_SIDE],
                           const double weights[QUALITY_HALF + 1], int count, double *out)
{
#pragma omp simd
    for (int x = 0; x < count; x++)
        out[x] = weights[0] * rows[5][x] + weights[1] * (rows[4][x] + rows[6][x]) +
                 weights[2] * (rows[3][x] + rows[7][x]) + weights[3] * (rows[2][x] + rows[8][x]) +
                 weights[4] * (rows[1][x] + rows[9][x]) + weights[5] * (rows[0][x] + rows[10][x]);
}

/* Sum of the index over one row of windows; means[SUMS][count] is overwritten. */
static double row_similarity(double *means, int count)
{
    const double c1 = QUALITY_C1, c2 = QUALITY_C2;
    double *as = means, *bs = as + count, *squares = bs + count, *crosses = squares + count;
    double sum = 0;

#pragma omp simd
    for (int x = 0; x < count; x++) {
        double product = as[x] * bs[x], square = as[x] * as[x] + bs[x] * bs[x];
        as[x] = ((2 * product + c1) * (2 * (crosses[x] - product) + c2)) /
                ((square + c1) * (squares[x] - square + c2));
    }
    for (int x = 0; x < count; x++)
        sum += as[x];
    return sum;
}

static double plane_ssim(const float *a, const float *b, int height, int width, double *products)
{
    int count = width - 2 * QUALITY_HALF;
    size_t wide = (size_t)width, row_size = SUMS * (size_t)count;
    double *ring = products + SUMS * wide, *means = ring + QUALITY_SSIM_SIDE * row_size;
    double weights[QUALITY_HALF + 1], sum = 0;

    quality_weights(weights);
    for (int y = 0; y < height && !interrupt_requested(); y++) {
        double *filtered = ring + (size_t)(y % QUALITY_SSIM_SIDE) * row_size;
        row_products(a + (size_t)y * wide, b + (size_t)y * wide, width, products);
        for (size_t s = 0; s < SUMS; s++)
            quality_filter_along(products + s * wide, weights, count, filtered + s * (size_t)count);
        if (y < QUALITY_SSIM_SIDE - 1)
            continue;
        for (size_t s = 0; s < SUMS; s++) {
            const double *rows[QUALITY_SSIM_SIDE];
            for (int k = 0; k < QUALITY_SSIM_SIDE; k++)
                rows[k] =
                    ring + (size_t)((y + 1 + k) % QUALITY_SSIM_SIDE) * row_size + s * (size_t)count;
            quality_filter_across(rows, weights, count, means + s * (size_t)count);
        }
        sum += row_similarity(means, count);
    }
    return sum / ((double)count * (height - 2 * QUALITY_HALF));
}

double quality_ssim(struct image a, struct image b, float *scratch)
{
    double *aligned = quality_aligned(scratch);
    size_t plane = (size_t)a.shape.height * (size_t)a.shape.width;
    double sum = 0;

    for (size_t c = 0; c < (size_t)a.shape.channels; c++)
        sum += plane_ssim(a.pixels + c * plane, b.pixels + c * plane, a.shape.height, a.shape.width,
                          aligned);
    return sum / a.shape.channels;
}

double quality_psnr(struct image a, struct image b)
{
    size_t size = shape_size(a.shape);
    double sum = 0;

    for (size_t i = 0; i < size; i++) {
        double difference = clip(a.pixels[i]) - clip(b.pixels[i]);
        sum += difference * difference;
    }
    if (isnan(sum))
        return sum;
    double psnr = sum > 0 ? -10 * log10(sum / (double)size) : INFINITY;
    return psnr < QUALITY_PSNR_MOST ? psnr : QUALITY_PSNR_MOST;
}
