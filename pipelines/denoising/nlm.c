/*
 * Non-local means: each pixel becomes the mean of the pixels whose surroundings look like its own.
 *
 * A. Buades, B. Coll, J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005; the
 * same, "Non-local means denoising", Image Processing On Line 1, 2011. With d^2(p, q) the mean
 * squared difference, over the channels too, of the square patches around p and q, the weight of q
 * is
 *
 *     w(p, q) = exp(-max(d^2(p, q) - 2 sigma^2, 0) / h^2)
 *
 * for all q of a square around p: two patches that are equal but for noise of deviation sigma
 * differ by 2 sigma^2 on average. A pixel's own weight is 1. No small weight is cut off. Where h is
 * not given it is 0.4 sigma, as the authors have it for most noise (IPOL 1, 2011), and sigma, where
 * it is not given either, is estimated (noise_level.h).
 *
 * The patches' distances are computed for one displacement t at a time (J. Darbon, A. Cunha, T. F.
 * Chan, S. Osher, G. J. Jensen, "Fast nonlocal filtering applied to electron cryomicroscopy", ISBI
 * 2008): they are sums over a window of the image of |I(p) - I(p + t)|^2, so that a row's sums
 * follow from those of the row above by one row more and one less, whatever the patch. And as
 * w(p, p + t) = w(p + t, p), half of the displacements do (J. Froment, "Parameter-free fast
 * pixelwise non-local means denoising", IPOL 4, 2014). Sums over rows that come and go are double:
 * nothing is left behind by large values that have gone. Cost for each pixel and half displacement:
 * an exponential, and 2 patch_radius + 2 channels + 11 other operations.
 *
 * scikit-image's fast mode leaves out the first row and column of each patch and weights below
 * exp(-5), and takes exponentials roughly; with that it differs by less than 0.005 on images from 0
 * to 1, without it by 0.02, or 0.2 where sigma is large. OpenCV's fastNlMeansDenoising has 8 bits
 * and no sigma; it gives the same grey levels, or the next (tests/golden/quality.py compare).
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "math/border.h"
#include "math/exponential.h"
#include "pipelines/denoising/noise_level.h"

#include <math.h>
#include <string.h>

struct nlm {
    int64_t patch_radius, search_radius;
    double h, sigma;
};

static const struct field fields[] = {
    {"patch_radius", FIELD_INTEGER, offsetof(struct nlm, patch_radius), .minimum = 0, .maximum = 10,
     .default_value = "2", .unit = "pixels",
     .help = "half the side of the compared patches, excluding the centre"},
    {"search_radius", FIELD_INTEGER, offsetof(struct nlm, search_radius), .minimum = 1,
     .maximum = 40, .default_value = "10", .unit = "pixels",
     .help = "half the side of the searched square, excluding the centre"},
    {"h", FIELD_REAL, offsetof(struct nlm, h), .minimum = 0, .maximum = 1000, .default_value = "0",
     .unit = "grey levels (0..255)",
     .help = "filtering strength: patches that differ by h (root mean square) weigh 1/e; 0: 0.4 "
             "sigma, with a sigma of 0 estimated for each image, from the finest wavelet details. "
             "With a sigma of 0 that is not to be estimated, about 0.8 of the noise"},
    {"sigma", FIELD_REAL, offsetof(struct nlm, sigma), .minimum = 0, .maximum = 1000,
     .default_value = "0", .unit = "grey levels (0..255)",
     .help =
         "standard deviation of the noise; its effect on the distance of patches is subtracted"},
    {0},
};

static enum status nlm_shape(const void *config, struct shape in, struct answer answer,
                             struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

static const double LEAST_H = 0.01; /* what a float can tell */

struct nlm_geometry {
    int channels, height, width;
    int patch, search, margin; /* margin: of the padded planes, patch + search */
    size_t stride, plane;      /* of the padded planes */
    size_t line;               /* floats of the longest row of differences */
    float scale, free;         /* exponent = min(free - scale * sum, 0) */
};

static struct nlm_geometry geometry_of(const struct nlm *nlm, struct shape in)
{
    int patch = (int)nlm->patch_radius, search = (int)nlm->search_radius, margin = patch + search;
    double side = 2.0 * patch + 1, h = fmax(nlm->h, LEAST_H) / 255, sigma = nlm->sigma / 255;

    return (struct nlm_geometry){
        .channels = in.channels,
        .height = in.height,
        .width = in.width,
        .patch = patch,
        .search = search,
        .margin = margin,
        .stride = (size_t)in.width + 2 * (size_t)margin,
        .plane = border_size(in.height, in.width, margin),
        .line = (size_t)in.width + 2 * (size_t)margin,
        .scale = (float)(1 / (h * h * side * side * in.channels)),
        .free = (float)(2 * sigma * sigma / (h * h)),
    };
}

/* Where the parts of the scratch memory lie. */
struct nlm_work {
    double *columns; /* [line] sums over 2 patch + 1 rows of squared differences */
    float *ring;     /* [2 patch + 1][line] those rows */
    float *sums;     /* [line] `columns`, then the weights */
    float *weights;  /* [height][width] sums of weights */
    float *padded;   /* [channels][plane] */
};

static size_t nlm_scratch(const void *config, struct shape in)
{
    struct nlm_geometry g = geometry_of(config, in);
    size_t rows = 2 * (size_t)g.patch + 1, noise = noise_level_scratch(in.height, in.width);
    /* one more, so that `columns` can be put where a double may lie */
    size_t size =
        1 + 2 * g.line + (rows + 1) * g.line + shape_plane(in) + (size_t)g.channels * g.plane;

    return size > noise ? size : noise;
}

static struct nlm_work work_of(const struct nlm_geometry *g, float *scratch)
{
    size_t skip = (uintptr_t)scratch % sizeof(double) / sizeof(float);
    float *after = scratch + skip + 2 * g->line;
    size_t rows = 2 * (size_t)g->patch + 1;

    return (struct nlm_work){
        .columns = (double *)(void *)(scratch + skip),
        .ring = after,
        .sums = after + rows * g->line,
        .weights = after + (rows + 1) * g->line,
        .padded = after + (rows + 1) * g->line + (size_t)g->height * (size_t)g->width,
    };
}

/* The squared differences of a row and the one displaced, `count` values, summed over channels. */
WIDE_VECTORS static void row_differences(const struct nlm_geometry *g, const float *row,
                                         ptrdiff_t shift, size_t count, float *differences)
{
    memset(differences, 0, count * sizeof *differences);
    for (size_t c = 0; c < (size_t)g->channels; c++) {
        const float *a = row + c * g->plane, *b = a + shift;
#pragma omp simd
        for (size_t x = 0; x < count; x++) {
            float difference = a[x] - b[x];
            differences[x] += difference * difference;
        }
    }
}

WIDE_VECTORS static void columns_add(double *columns, const float *differences, size_t count)
{
#pragma omp simd
    for (size_t x = 0; x < count; x++)
        columns[x] += (double)differences[x];
}

WIDE_VECTORS static void columns_subtract(double *columns, const float *differences, size_t count)
{
#pragma omp simd
    for (size_t x = 0; x < count; x++)
        columns[x] -= (double)differences[x];
}

/* The weights of `count` pixels, from columns that begin `patch` to their left, into work->sums. */
WIDEST_VECTORS static void patch_weights(const struct nlm_geometry *g, const struct nlm_work *work,
                                         size_t count)
{
    size_t side = 2 * (size_t)g->patch + 1;
    float *sums = work->sums, scale = g->scale, allowance = g->free;

#pragma omp simd
    for (size_t x = 0; x < count; x++)
        sums[x] = (float)work->columns[x];
    for (size_t k = 1; k < side; k++) {
        const double *columns = work->columns + k;
#pragma omp simd
        for (size_t x = 0; x < count; x++)
            sums[x] += (float)columns[x];
    }
#pragma omp simd
    for (size_t x = 0; x < count; x++) {
        float exponent = allowance - scale * sums[x];
        sums[x] = exponential(exponent < 0 ? exponent : 0);
    }
}

/* Give `count` pixels of the output, from (y, x) on, others of the padded planes by weight. */
WIDE_VECTORS static void row_give(const struct nlm_geometry *g, const struct nlm_work *work,
                                  size_t pixel, const float *weights, const float *values,
                                  size_t count, float *out)
{
    size_t plane = (size_t)g->height * (size_t)g->width;
    float *total = work->weights + pixel;

#pragma omp simd
    for (size_t x = 0; x < count; x++)
        total[x] += weights[x];
    for (size_t c = 0; c < (size_t)g->channels; c++) {
        const float *from = values + c * g->plane;
        float *to = out + c * plane + pixel;
#pragma omp simd
        for (size_t x = 0; x < count; x++)
            to[x] += weights[x] * from[x];
    }
}

/*
 * All pairs of pixels that lie (dy, dx) apart, of which at least one is in the image: dy > 0, or
 * dy = 0 and dx > 0. The first of a pair has its row from -dy on, its column from `left` on.
 */
static void displacement(const struct nlm_geometry *g, const struct nlm_work *work, int dy, int dx,
                         float *out)
{
    int left = dx > 0 ? -dx : 0, rows = 2 * g->patch + 1;
    size_t count = (size_t)(g->width + (dx > 0 ? dx : -dx)), wide = count + 2 * (size_t)g->patch;
    ptrdiff_t shift = (ptrdiff_t)g->stride * dy + dx;
    const float *origin = work->padded + (size_t)g->margin * g->stride + (size_t)g->margin;

    memset(work->columns, 0, wide * sizeof *work->columns);
    memset(work->ring, 0, (size_t)rows * g->line * sizeof *work->ring);
    for (int y = -dy - 2 * g->patch, slot = 0; y < g->height; y++, slot = (slot + 1) % rows) {
        if (interrupt_requested())
            return;
        float *differences = work->ring + (size_t)slot * g->line;
        const float *row = origin + (ptrdiff_t)g->stride * y + left;
        columns_subtract(work->columns, differences, wide);
        row_differences(g, row + (ptrdiff_t)g->stride * g->patch - g->patch, shift, wide,
                        differences);
        columns_add(work->columns, differences, wide);
        if (y < -dy)
            continue;
        patch_weights(g, work, count);
        if (y >= 0)
            row_give(g, work, (size_t)y * (size_t)g->width, work->sums - left, row - left + shift,
                     (size_t)g->width, out);
        if (y + dy < g->height) /* the second of the pair, in columns that begin at left + dx */
            row_give(g, work, (size_t)(y + dy) * (size_t)g->width, work->sums - (left + dx),
                     row - (left + dx), (size_t)g->width, out);
    }
}

/* The settings, where they are left to the image. */
static void nlm_choose(const void *config, struct image in, float *scratch, void *chosen)
{
    struct nlm *nlm = chosen;

    *nlm = *(const struct nlm *)config;
    if (nlm->h > 0)
        return;
    if (nlm->sigma == 0)
        nlm->sigma = 255 * noise_level_mean(in, scratch);
    nlm->h = fmax(0.4 * nlm->sigma, LEAST_H);
}

static size_t nlm_choose_scratch(const void *config, struct shape in, int threads)
{
    (void)config, (void)threads;
    return noise_level_scratch(in.height, in.width);
}

static int nlm_reach(const void *config)
{
    const struct nlm *nlm = config;
    return (int)(nlm->patch_radius + nlm->search_radius);
}

static void nlm_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    struct nlm chosen;

    nlm_choose(config, in, scratch, &chosen);
    struct nlm_geometry g = geometry_of(&chosen, in.shape);
    struct nlm_work work = work_of(&g, scratch);
    size_t plane = shape_plane(in.shape);

    (void)state;
    for (size_t c = 0; c < (size_t)g.channels; c++)
        border_pad(in.pixels + c * plane, g.height, g.width, g.margin, work.padded + c * g.plane);
    memcpy(out.pixels, in.pixels, shape_size(in.shape) * sizeof *out.pixels);
    for (size_t i = 0; i < plane; i++)
        work.weights[i] = 1;
    for (int dy = 0; dy <= g.search; dy++)
        for (int dx = dy ? -g.search : 1; dx <= g.search; dx++)
            displacement(&g, &work, dy, dx, out.pixels);
    for (size_t c = 0; c < (size_t)g.channels; c++)
        for (size_t i = 0; i < plane; i++)
            out.pixels[c * plane + i] /= work.weights[i];
}

/* Exact: rows and columns of pairs, and of the differences that their patches need. */
static struct operations nlm_count(const void *config, struct shape in, struct answer answer)
{
    const struct nlm *nlm = config;
    struct nlm_geometry g = geometry_of(config, in);
    struct operations noise = {0};
    double patch = g.patch, channels = g.channels, differences = 0, weights = 0, given = 0;
    double pixels = (double)shape_plane(in);

    (void)answer;
    for (int dy = 0; dy <= g.search; dy++)
        for (int dx = dy ? -g.search : 1; dx <= g.search; dx++) {
            double rows = g.height + dy, count = g.width + (dx > 0 ? dx : -dx);
            differences += (rows + 2 * patch) * (count + 2 * patch);
            weights += rows * count;
            given += 2 * pixels;
        }
    if (nlm->h == 0 && nlm->sigma == 0)
        noise = operations_repeat(noise_level_count(in.height, in.width), channels);
    struct operations sum = {
        .multiply_adds = channels * differences + weights + channels * given,
        .additions = (channels + 2) * differences + 2 * patch * weights + given,
        .comparisons = weights,
        .divisions = channels * pixels,
        .exponentials = weights,
    };
    return operations_add(sum, noise);
}

const struct stage stage_nlm = {
    .descriptor = {"nlm", "non-local means: the mean of pixels with similar surroundings",
                   "Buades, Coll, Morel, A non-local algorithm for image denoising, CVPR 2005, and "
                   "IPOL 1, 2011; Darbon et al., ISBI 2008; Froment, IPOL 4, 2014",
                   fields, sizeof(struct nlm), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "h",
    .shape = nlm_shape,
    .scratch = nlm_scratch,
    .run = nlm_run,
    .sharing = {.reach = nlm_reach,
                .columns = true,
                .choose = nlm_choose,
                .scratch = nlm_choose_scratch},
    .count = nlm_count,
};
