/*
 * The slope of SSIM by the pixels of one image, exact. Each window w of quality.c has the index
 *
 *     S = (2 ma mb + C1) (2 (x - ma mb) + C2) / ((ma^2 + mb^2 + C1) (q - ma^2 - mb^2 + C2))
 *
 * of the weighted sums ma, mb, q = sum w (a^2 + b^2), x = sum w a b. With the four factors N1, N2,
 * D1, D2 in that order,
 *
 *     dS/dx = 2 N1 / (D1 D2),    dS/dq = -S / D2,
 *     dS/dma = 2 mb (N2 - N1) / (D1 D2) - 2 ma S (1 / D1 - 1 / D2),
 *
 * and a pixel is seen by all windows over it:
 *
 *     dSSIM/da_p = mean over windows of w(p) (dS/dma + 2 a_p dS/dq + b_p dS/dx).
 *
 * Spreading the windows' output_gradient over their pixels is the same symmetric filter again, over
 * output_gradient with a border of zeros. Everything is in double precision. Cost: 7 x 2 x 11
 * operations a pixel.
 */
#include "math/quality_private.h"

#include <string.h>

enum {
    SIDE = QUALITY_SSIM_SIDE,
    BORDER = SIDE - 1, /* of zeros around the windows' output_gradient */
    SUMS = 4,          /* of a, b, a^2 + b^2, a b; filtered along rows */
    SLOPES = 3,        /* by ma, q, x */
};

/* One plane's buffers, one behind the other in the scratch memory. */
struct buffers {
    int height, width, rows, columns; /* of the plane; of the windows inside it */
    size_t wide, tall;                /* of the windows with their border */
    double *products;                 /* [SUMS][width], of one row */
    double *filtered;                 /* [SUMS][height][columns] */
    double *means;                    /* [SUMS][columns], of one row of windows */
    double *output_gradient;          /* [SLOPES][tall][wide] */
    double *spread;                   /* [SLOPES][tall][width] */
    double *pixels;                   /* [SLOPES][width], of one row */
};

static size_t lay_out(struct buffers *buffers, struct shape shape, double *memory)
{
    size_t height = (size_t)shape.height, width = (size_t)shape.width;
    size_t columns = width - BORDER, tall = height + BORDER, wide = width + BORDER, used = 0;

    *buffers = (struct buffers){shape.height,
                                shape.width,
                                shape.height - BORDER,
                                shape.width - BORDER,
                                wide,
                                tall,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0};
    double **const parts[] = {&buffers->products,        &buffers->filtered, &buffers->means,
                              &buffers->output_gradient, &buffers->spread,   &buffers->pixels};
    const size_t sizes[] = {SUMS * width,         SUMS * height * columns, SUMS * columns,
                            SLOPES * tall * wide, SLOPES * tall * width,   SLOPES * width};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *parts[i] = memory ? memory + used : NULL;
        used += sizes[i];
    }
    return used;
}

size_t quality_ssim_slope_scratch(struct shape shape)
{
    struct buffers buffers;

    if (shape.height < SIDE || shape.width < SIDE)
        return 0;
    return QUALITY_SLACK + QUALITY_DOUBLE * lay_out(&buffers, shape, NULL);
}

static void filter_rows(const struct buffers *buffers, const double *weights, const float *a,
                        const float *b)
{
    size_t width = (size_t)buffers->width, columns = (size_t)buffers->columns;
    double *as = buffers->products, *bs = as + width, *squares = bs + width;
    double *crosses = squares + width;

    for (int y = 0; y < buffers->height; y++) {
        for (size_t x = 0; x < width; x++) {
            double p = (double)a[(size_t)y * width + x], q = (double)b[(size_t)y * width + x];
            as[x] = p;
            bs[x] = q;
            squares[x] = p * p + q * q;
            crosses[x] = p * q;
        }
        for (size_t s = 0; s < SUMS; s++)
            quality_filter_along(buffers->products + s * width, weights, buffers->columns,
                                 buffers->filtered +
                                     (s * (size_t)buffers->height + (size_t)y) * columns);
    }
}

/* The eleven rows of `plane` from `first` on, weighted. */
static void filter_columns(const double *plane, size_t stride, int first, const double *weights,
                           double *out)
{
    const double *rows[SIDE];

    for (int k = 0; k < SIDE; k++)
        rows[k] = plane + (size_t)(first + k) * stride;
    quality_filter_across(rows, weights, (int)stride, out);
}

/* Index and output_gradient of one row of windows; returns the sum of the index. */
static double row_slopes(const struct buffers *buffers, double *by_mean, double *by_square,
                         double *by_cross)
{
    size_t columns = (size_t)buffers->columns;
    const double *as = buffers->means, *bs = as + columns, *squares = bs + columns;
    const double *crosses = squares + columns;
    double sum = 0;

    for (size_t x = 0; x < columns; x++) {
        double product = as[x] * bs[x], square = as[x] * as[x] + bs[x] * bs[x];
        double n1 = 2 * product + QUALITY_C1, n2 = 2 * (crosses[x] - product) + QUALITY_C2;
        double d1 = square + QUALITY_C1, d2 = squares[x] - square + QUALITY_C2;
        double both = 1 / (d1 * d2), index = n1 * n2 * both;
        by_cross[x] = 2 * n1 * both;
        by_square[x] = -index / d2;
        by_mean[x] = 2 * bs[x] * (n2 - n1) * both - 2 * as[x] * index * (1 / d1 - 1 / d2);
        sum += index;
    }
    return sum;
}

static double window_slopes(const struct buffers *buffers, const double *weights)
{
    size_t columns = (size_t)buffers->columns, plane = buffers->tall * buffers->wide;
    double sum = 0;

    memset(buffers->output_gradient, 0, SLOPES * plane * sizeof *buffers->output_gradient);
    for (int y = 0; y < buffers->rows; y++) {
        double *row = buffers->output_gradient + (size_t)(y + BORDER) * buffers->wide + BORDER;
        for (size_t s = 0; s < SUMS; s++)
            filter_columns(buffers->filtered + s * (size_t)buffers->height * columns, columns, y,
                           weights, buffers->means + s * columns);
        sum += row_slopes(buffers, row, row + plane, row + 2 * plane);
    }
    return sum;
}

/* From the windows' output_gradient to the pixels'. */
static void spread_slopes(const struct buffers *buffers, const double *weights, const float *a,
                          const float *b, double factor, float *da)
{
    size_t width = (size_t)buffers->width;
    double *by_mean = buffers->pixels, *by_square = by_mean + width, *by_cross = by_square + width;

    for (size_t i = 0; i < SLOPES * buffers->tall; i++)
        quality_filter_along(buffers->output_gradient + i * buffers->wide, weights, buffers->width,
                             buffers->spread + i * width);
    for (int y = 0; y < buffers->height; y++) {
        const float *p = a + (size_t)y * width, *q = b + (size_t)y * width;
        for (size_t s = 0; s < SLOPES; s++)
            filter_columns(buffers->spread + s * buffers->tall * width, width, y, weights,
                           buffers->pixels + s * width);
        for (size_t x = 0; x < width; x++)
            da[(size_t)y * width + x] =
                (float)(factor * (by_mean[x] + 2 * (double)p[x] * by_square[x] +
                                  (double)q[x] * by_cross[x]));
    }
}

double quality_ssim_slope(struct shape shape, const float *a, const float *b, double factor,
                          float *da, float *scratch)
{
    struct buffers buffers;
    size_t plane = (size_t)shape.height * (size_t)shape.width;
    double weights[QUALITY_HALF + 1], sum = 0;

    lay_out(&buffers, shape, quality_aligned(scratch));
    quality_weights(weights);
    double windows = (double)buffers.rows * buffers.columns * shape.channels;
    for (size_t c = 0; c < (size_t)shape.channels; c++) {
        const float *p = a + c * plane, *q = b + c * plane;
        filter_rows(&buffers, weights, p, q);
        sum += window_slopes(&buffers, weights);
        spread_slopes(&buffers, weights, p, q, factor / windows, da + c * plane);
    }
    return sum / windows;
}
