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
 * the old p, just before that row of p is replaced. Hence the next iteration can follow a block of
 * rows behind: threads that share an image work on as many iterations, which changes no order of
 * sums, and reads p from memory once for all of them. Cost for each pixel and iteration: about 20
 * operations, a root, two divisions.
 */
#include "base/interrupt.h"
#include "base/parallel.h"
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

enum { MOST_BLOCKS = 32, BLOCK_ROWS = 8 }; /* BLOCK_ROWS: at least; more than iterations at once */

/* A channel on its way. */
struct tv_work {
    int height, width, blocks, at_once; /* iterations at once */
    int64_t iterations, step;
    const float *given;
    float *across, *down; /* p, [height][width] */
    float *result;        /* u of the first iteration of a round, the same */
    float *results;       /* of the others, [at_once - 1][height][width] */
    double *energies;     /* [at_once][width] by columns */
    float weight;
};

/* One iteration's own. */
struct tv_iteration {
    const struct tv_work *work;
    float *result;
    double *energy;
};

static int blocks_of(struct shape in)
{
    int blocks = in.height / BLOCK_ROWS;
    return blocks < 2 ? 1 : blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS;
}

/* At most half the blocks: an iteration's first block is long done when the next round begins. */
static int iterations_at_once(struct shape in, int threads)
{
    int most = blocks_of(in) / 2 < BLOCK_ROWS - 1 ? blocks_of(in) / 2 : BLOCK_ROWS - 1;

    if (most < 2 || threads < 2)
        return 1;
    return threads < most ? threads : most;
}

static size_t tv_shared_scratch(const void *config, struct shape in, int threads)
{
    size_t at_once = (size_t)iterations_at_once(in, threads);

    (void)config;
    return 1 + 2 * at_once * (size_t)in.width + (1 + at_once) * shape_plane(in);
}

static size_t tv_scratch(const void *config, struct shape in)
{
    return tv_shared_scratch(config, in, 1);
}

/* u of one row; `change` is div p. */
static void make_row(const struct tv_iteration *iteration, int y)
{
    const struct tv_work *w = iteration->work;
    size_t width = (size_t)w->width, at = (size_t)y * width;
    const float *across = w->across + at, *down = w->down + at;
    const float *above = y > 0 ? down - width : NULL, *given = w->given + at;
    float *result = iteration->result + at;

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
        iteration->energy[x] += (double)(change * change);
        result[x] = given[x] + change;
    }
}

/* p of one row, from u there and below. */
static void update_row(const struct tv_iteration *iteration, int y)
{
    const struct tv_work *w = iteration->work;
    size_t width = (size_t)w->width, at = (size_t)y * width, last = width - 1;
    const float *here = iteration->result + at, *below = y + 1 < w->height ? here + width : here;
    float *across = w->across + at, *down = w->down + at, weight = w->weight;
    float share = 0.25F / weight;

#pragma omp simd
    for (size_t x = 0; x < last; x++) {
        float right = here[x + 1] - here[x], lower = below[x] - here[x];
        float norm = sqrtf(lower * lower + right * right), scale = norm * share + 1;
        iteration->energy[x] += (double)(weight * norm);
        down[x] = (down[x] - 0.25F * lower) / scale;
        across[x] = (across[x] - 0.25F * right) / scale;
    }
    float lower = below[last] - here[last], norm = fabsf(lower), scale = norm * share + 1;
    iteration->energy[last] += (double)(weight * norm);
    down[last] = (down[last] - 0.25F * lower) / scale;
    across[last] /= scale;
}

static struct tv_iteration iteration_of(const struct tv_work *w, size_t number)
{
    size_t plane = (size_t)w->height * (size_t)w->width;

    return (struct tv_iteration){.work = w,
                                 .result = number ? w->results + (number - 1) * plane : w->result,
                                 .energy = w->energies + number * (size_t)w->width};
}

/* What iteration `number` of a round is at in this step, counted in blocks from its first round on;
 * -1: nothing. */
static int64_t place_of(const struct tv_work *w, size_t number)
{
    int64_t place = w->step - (int64_t)number;
    bool wanted = place / w->blocks * w->at_once + (int64_t)number < w->iterations;

    return place >= 0 && wanted ? place : -1;
}

/*
 * One block of an iteration. It ends a row earlier than that of the iteration before, which is one
 * block ahead: p is new up to there, and the iteration before no longer looks at it.
 */
static void run_block(void *context, size_t number, int thread)
{
    const struct tv_work *w = context;
    struct tv_iteration iteration = iteration_of(w, number);
    int64_t place = place_of(w, number);
    int block = (int)(place % w->blocks), behind = (int)number;

    (void)thread;
    if (place < 0)
        return;
    int first = block ? w->height * block / w->blocks - behind : 0;
    int last = block + 1 < w->blocks ? w->height * (block + 1) / w->blocks - behind : w->height;
    if (block == 0) {
        memset(iteration.energy, 0, (size_t)w->width * sizeof *iteration.energy);
        make_row(&iteration, 0);
    }
    for (int y = first; y < last && !interrupt_requested(); y++) {
        if (y + 1 < w->height)
            make_row(&iteration, y + 1);
        update_row(&iteration, y);
    }
}

/* The number in its round of the iteration that ended in this step; -1: none. */
static int ended(const struct tv_work *w)
{
    for (int n = 0; n < w->at_once; n++) {
        int64_t place = place_of(w, (size_t)n);
        if (place >= 0 && (place + 1) % w->blocks == 0)
            return n;
    }
    return -1;
}

/* The energy of u as it was with the old p. */
static double energy_of(const struct tv_work *w, int number)
{
    const double *energy = iteration_of(w, (size_t)number).energy;
    double sum = 0;

    for (int x = 0; x < w->width; x++)
        sum += energy[x];
    return sum;
}

static void tv_plane(const struct tv *tv, struct tv_work *w)
{
    size_t size = (size_t)w->height * (size_t)w->width;
    double first = 0, before = 0;
    int last = 0;

    memset(w->across, 0, size * sizeof *w->across);
    memset(w->down, 0, size * sizeof *w->down);
    for (int64_t i = 0; i < tv->iterations && !interrupt_requested(); w->step++) {
        parallel_for(w->at_once, (size_t)w->at_once, run_block, w);
        int number = ended(w);
        if (number < 0)
            continue;
        double energy = energy_of(w, number);
        last = number;
        if (i == 0)
            first = energy;
        else if (fabs(before - energy) < tv->tolerance * first)
            break;
        before = energy;
        i++;
    }
    if (last > 0)
        memcpy(w->result, iteration_of(w, (size_t)last).result, size * sizeof *w->result);
}

static void tv_share(const void *config, struct image in, struct image out, float *scratch,
                     int threads)
{
    const struct tv *tv = config;
    size_t plane = shape_plane(in.shape), at_once = (size_t)iterations_at_once(in.shape, threads);
    float *energies = scratch + (uintptr_t)scratch % sizeof(double) / sizeof(float);
    float *planes = energies + 2 * at_once * (size_t)in.shape.width;

    for (size_t c = 0; c < (size_t)in.shape.channels; c++) {
        struct tv_work work = {
            .height = in.shape.height,
            .width = in.shape.width,
            .blocks = at_once > 1 ? blocks_of(in.shape) : 1,
            .at_once = (int)at_once,
            .iterations = tv->iterations,
            .given = in.pixels + c * plane,
            .across = planes,
            .down = planes + plane,
            .result = out.pixels + c * plane,
            .results = planes + 2 * plane,
            .energies = (double *)(void *)energies,
            .weight = (float)(tv->weight / 255),
        };
        tv_plane(tv, &work);
    }
}

static void tv_run(const void *config, const void *state, struct image in, struct image out,
                   float *scratch)
{
    (void)state;
    tv_share(config, in, out, scratch, 1);
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
    .sharing = {.run = tv_share, .scratch = tv_shared_scratch},
    .count = tv_count,
};
