/*
 * Total variation: the image that is close to the given one and has little gradient.
 *
 * L. I. Rudin, S. Osher, E. Fatemi, "Nonlinear total variation based noise removal algorithms",
 * Physica D 60, 1992. Channel by channel, u is to minimise
 *
 *     |u - f|^2 / 2 + weight * sum of |gradient of u|
 *
 * A. Chambolle, "An algorithm for total variation minimization and applications", Journal of
 * Mathematical Imaging and Vision 20, 2004: with a field p of two numbers a pixel, at first 0,
 *
 *     u = f + div p,    p <- (p - g / 4) / (1 + |g| / (4 weight))    with g the gradient of u
 *
 * by forward differences (0 at the border), and the divergence that belongs to them. It ends where
 * |u - f|^2 + weight * sum of |g| changes by less than `tolerance` of what it was at first, as in
 * skimage.restoration.denoise_tv_chambolle, whose numbers this gives (its `weight` is one 255th).
 * Sums are double, by columns first. A row of u is made once both it and the row above are known to
 * the old p, just before that row of p is replaced. Cost for each pixel and iteration: about 20
 * operations, a root, two divisions.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"
#include "pipelines/stage_shapes.h"

#include <math.h>
#include <string.h>

struct tv {
    double weight, tolerance;
    int64_t iterations;
};

static const struct field fields[] = {
    {"weight", FIELD_REAL, offsetof(struct tv, weight), .minimum = 0.01, .maximum = 10000,
     .default_value = "25.5", .unit = "grey levels (0..255)",
     .help = "the more, the smoother; about the noise's standard deviation"},
    {"tolerance", FIELD_REAL, offsetof(struct tv, tolerance), .minimum = 0, .maximum = 1,
     .default_value = "0.0002",
     .help = "ends where an iteration changes less than this share of the first energy"},
    {"iterations", FIELD_INTEGER, offsetof(struct tv, iterations), .minimum = 1, .maximum = 10000,
     .default_value = "200", .help = "ends after as many at the latest"},
    {0},
};

/* A channel on its way. */
struct tv_work {
    int height, width;
    const float *given;
    float *across, *down; /* p, [height][width] */
    float *result;        /* u, the same */
    double *energy;       /* [width] by columns */
    float weight;
};

static size_t tv_scratch(const void *config, struct shape in)
{
    (void)config;
    return 1 + 2 * (size_t)in.width + 2 * shape_plane(in);
}

/* u of one row; `change` is div p. */
static void make_row(const struct tv_work *w, int y)
{
    size_t width = (size_t)w->width, at = (size_t)y * width;
    const float *across = w->across + at, *down = w->down + at;
    const float *above = y > 0 ? down - width : NULL, *given = w->given + at;
    float *result = w->result + at;

#pragma omp simd
    for (size_t x = 0; x < width; x++)
        result[x] = -(down[x] + across[x]);
    if (above)
#pragma omp simd
        for (size_t x = 0; x < width; x++)
            result[x] += above[x];
#pragma omp simd
    for (size_t x = 1; x < width; x++)
        result[x] += across[x - 1];
#pragma omp simd
    for (size_t x = 0; x < width; x++) {
        float change = result[x];
        w->energy[x] += (double)(change * change);
        result[x] = given[x] + change;
    }
}

/* p of one row, from u there and below. */
static void update_row(const struct tv_work *w, int y)
{
    size_t width = (size_t)w->width, at = (size_t)y * width, last = width - 1;
    const float *here = w->result + at, *below = y + 1 < w->height ? here + width : here;
    float *across = w->across + at, *down = w->down + at, weight = w->weight;
    float share = 0.25F / weight;

#pragma omp simd
    for (size_t x = 0; x < last; x++) {
        float right = here[x + 1] - here[x], lower = below[x] - here[x];
        float norm = sqrtf(lower * lower + right * right), scale = norm * share + 1;
        w->energy[x] += (double)(weight * norm);
        down[x] = (down[x] - 0.25F * lower) / scale;
        across[x] = (across[x] - 0.25F * right) / scale;
    }
    float lower = below[last] - here[last], norm = fabsf(lower), scale = norm * share + 1;
    w->energy[last] += (double)(weight * norm);
    down[last] = (down[last] - 0.25F * lower) / scale;
    across[last] /= scale;
}

/* Returns the energy of u as it was with the old p. */
static double iterate(const struct tv_work *w)
{
    double sum = 0;

    memset(w->energy, 0, (size_t)w->width * sizeof *w->energy);
    make_row(w, 0);
    for (int y = 0; y < w->height && !interrupt_requested(); y++) {
        if (y + 1 < w->height)
            make_row(w, y + 1);
        update_row(w, y);
    }
    for (int x = 0; x < w->width; x++)
        sum += w->energy[x];
    return sum;
}

static void tv_plane(const struct tv *tv, const struct tv_work *w)
{
    size_t size = (size_t)w->height * (size_t)w->width;
    double first = 0, before = 0;

    memset(w->across, 0, size * sizeof *w->across);
    memset(w->down, 0, size * sizeof *w->down);
    for (int64_t i = 0; i < tv->iterations && !interrupt_requested(); i++) {
        double energy = iterate(w);
        if (i == 0)
            first = energy;
        else if (fabs(before - energy) < tv->tolerance * first)
            return;
        before = energy;
    }
}

static void tv_run(const void *config, const void *state, struct image in, struct image out,
                   float *scratch)
{
    const struct tv *tv = config;
    size_t plane = shape_plane(in.shape), width = (size_t)in.shape.width;
    float *energy = scratch + (uintptr_t)scratch % sizeof(double) / sizeof(float);

    (void)state;
    for (size_t c = 0; c < (size_t)in.shape.channels; c++) {
        struct tv_work work = {
            .height = in.shape.height,
            .width = in.shape.width,
            .given = in.pixels + c * plane,
            .result = out.pixels + c * plane,
            .energy = (double *)(void *)energy,
            .across = energy + 2 * width,
            .down = energy + 2 * width + plane,
            .weight = (float)(tv->weight / 255),
        };
        tv_plane(tv, &work);
    }
}

/* An upper bound: of all iterations. */
static struct operations tv_count(const void *config, struct shape in, struct answer answer)
{
    double values = (double)shape_size(in) * (double)((const struct tv *)config)->iterations;

    (void)answer;
    return (struct operations){
        .additions = (4 + 1 + 2 + 1) * values, /* div p, u, the gradient, the energy of the norm */
        .multiply_adds = (1 + 1 + 1 + 2) * values,
        .multiplications = 2 * values,
        .divisions = 3 * values,
    };
}

const struct stage stage_tv = {
    .descriptor = {"tv", "total variation: close to the image, with little gradient",
                   "Rudin, Osher, Fatemi, Physica D 60, 1992; Chambolle, An algorithm for total "
                   "variation minimization and applications, JMIV 20, 2004",
                   fields, sizeof(struct tv), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "weight",
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .scratch = tv_scratch,
    .run = tv_run,
    .count = tv_count,
};
