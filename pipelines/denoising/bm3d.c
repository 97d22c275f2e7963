/*
 * BM3D: blocks that look alike are stacked and filtered together, twice.
 *
 * K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image denoising by sparse 3-D transform-domain
 * collaborative filtering", IEEE Transactions on Image Processing 16(8), 2007. For each block of a
 * grid, the blocks nearby that are most like it are found (block_match.h) and stacked to a group.
 *
 * 1. Each group's 3-D transform loses what is below a threshold, lambda sigma; the blocks go back
 *    to their places. A pixel becomes the mean of all blocks that it is in, weighted by 1 / (number
 *    of coefficients that stayed) and Kaiser's window.
 * 2. The same again with the first result to go by: it tells which blocks are alike, and the power
 *    p of each coefficient, of which Wiener's filter keeps p / (p + sigma^2); the weight is
 *    1 / (sum of the squared factors).
 *
 * The settings are those of the authors' program: `normal` is their profile "np", `fast` "lc",
 * `strong` "vn", which they take where sigma > 40 (Y. Hou et al., "Comments on 'Image denoising by
 * sparse 3-D transform-domain collaborative filtering'", IEEE TIP 20(1), 2011). An image of three
 * channels is filtered in the opponent colour space, where blocks are compared by the intensity
 * alone (K. Dabov et al., "Color image denoising via sparse 3D collaborative filtering with
 * grouping constraint in luminance-chrominance space", ICIP 2007); channels of others one by one.
 * Here the grid reaches the right and lower border by as many mirrored pixels as it lacks, where
 * theirs has a narrower last step; and blocks are compared by their pixels, not by coefficients.
 *
 * Bands of the grid are computed at once by several threads, each into memory of its own, and added
 * in their order. Cost for each pixel in profile normal: about 5200
 * operations for each search, 3400 for the first filter, 11000 for the second.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "interfaces/stage.h"
#include "math/border.h"
#include "pipelines/denoising/block_filter.h"
#include "pipelines/denoising/block_match.h"
#include "pipelines/denoising/noise_level.h"
#include "pipelines/stage_shapes.h"

#include <math.h>
#include <string.h>

enum profile { PROFILE_AUTO, PROFILE_NORMAL, PROFILE_FAST, PROFILE_STRONG };

struct bm3d {
    double sigma;
    int64_t profile;
};

static const char *const profiles[] = {"auto", "normal", "fast", "strong", NULL};

static const struct field fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct bm3d, sigma), .minimum = 0, .maximum = 1000,
     .default_value = "0", .unit = "grey levels (0..255)",
     .help = "standard deviation of the noise; 0: estimated for each image, from the finest "
             "wavelet details"},
    {"profile", FIELD_CHOICE, offsetof(struct bm3d, profile), .default_value = "auto",
     .choices = profiles,
     .help = "sizes, steps and thresholds, as published: normal; strong, for much noise; fast, a "
             "coarser grid; auto: strong where sigma is above 40, else normal"},
    {0},
};

/* The published settings of one step. */
struct step_settings {
    int side, step, radius, most;
    double limit; /* mean squared difference of matches, grey levels (0..255) */
};

static const struct step_settings settings[][2] = {
    [PROFILE_NORMAL] = {{8, 3, 19, 16, 3000}, {8, 3, 19, 32, 400}},
    [PROFILE_FAST] = {{8, 6, 12, 16, 3000}, {8, 5, 12, 16, 400}},
    [PROFILE_STRONG] = {{8, 4, 19, 32, 25000}, {11, 6, 19, 32, 3500}},
};

enum { CHANNELS = 3, WAVE = 4 }; /* WAVE: bands for each thread, before they are added */

struct bm3d_step {
    struct match_grid grid;
    struct block_filter filter;
    float lambda; /* the threshold, in standard deviations */
};

/* All that is the same for many images. */
struct bm3d_plan {
    enum profile profile;
    double sigma; /* grey levels from 0 to 1; 0: to be estimated */
    struct bm3d_step normal[2], strong[2];
};

static void step_init(struct bm3d_step *step, enum profile profile, bool wiener)
{
    const struct step_settings *s = &settings[profile][wiener];
    double limit = s->limit * s->side * s->side / (255.0 * 255.0);

    match_grid_init(&step->grid, s->side, s->step, s->radius, s->most, (float)limit);
    block_filter_init(&step->filter, s->side, wiener, 2);
    step->lambda = profile == PROFILE_STRONG ? 2.8F : 2.7F;
}

static void plan_init(struct bm3d_plan *plan, const struct bm3d *bm3d)
{
    enum profile profile = (enum profile)bm3d->profile;

    plan->profile = profile;
    plan->sigma = bm3d->sigma / 255;
    for (int k = 0; k < 2; k++) {
        step_init(&plan->normal[k], profile == PROFILE_AUTO ? PROFILE_NORMAL : profile, k == 1);
        step_init(&plan->strong[k], profile == PROFILE_AUTO ? PROFILE_STRONG : profile, k == 1);
    }
}

/* A side of the image, continued so that the grid ends with it. */
static int fitted(int size, const struct match_grid *grid)
{
    int more = size - grid->side;

    if (more <= 0)
        return grid->side;
    return grid->side + (more + grid->step - 1) / grid->step * grid->step;
}

static struct shape fitted_shape(struct shape in, const struct match_grid *grid)
{
    return (struct shape){in.channels, fitted(in.height, grid), fitted(in.width, grid)};
}

static int grid_rows(struct shape fit, const struct match_grid *grid)
{
    return (fit.height - grid->side) / grid->step + 1;
}

static int grid_columns(struct shape fit, const struct match_grid *grid)
{
    return (fit.width - grid->side) / grid->step + 1;
}

/* What one thread works in. */
struct band {
    struct match_tile tile;
    lanes memory[2][FILTER_GROUP];
    int top, rows; /* of the plane, which its blocks may reach */
    float *sums, *weights;
};

/* One step of one image, or of one channel. */
struct pass {
    const struct bm3d_step *step;
    struct shape fit;
    float *noisy, *basic, *sums, *weights; /* [channels][height][width]; basic: step 2 */
    struct match_plane plane;
    float strength[CHANNELS];
    struct band *bands;
    size_t first; /* band of this wave */
};

/* Floats of a band's sums. */
static size_t band_size(const struct match_grid *grid, struct shape fit)
{
    size_t rows = (size_t)((MATCH_ROWS - 1) * grid->step + grid->side + 2 * grid->radius);

    if (rows > (size_t)fit.height)
        rows = (size_t)fit.height;
    return (size_t)fit.channels * rows * (size_t)fit.width + FILTER_SLACK;
}

static void filter_block(const struct pass *pass, struct band *band, size_t place,
                         const struct match_list *list)
{
    size_t places[MATCH_MOST], plane = shape_plane(pass->fit);
    size_t band_plane = (size_t)band->rows * (size_t)pass->fit.width;
    int count = 1;

    while (2 * count <= list->count)
        count *= 2;
    for (int m = 0; m < count; m++) {
        struct match_shift shift = pass->step->grid.shifts[list->shifts[m]];
        ptrdiff_t moved = (ptrdiff_t)shift.down * pass->fit.width + shift.right;
        places[m] = (size_t)((ptrdiff_t)place + moved);
    }
    for (size_t c = 0; c < (size_t)pass->fit.channels; c++) {
        struct block_group group = {
            .noisy = pass->noisy + c * plane,
            .basic = pass->basic ? pass->basic + c * plane : NULL,
            .stride = (size_t)pass->fit.width,
            .places = places,
            .count = count,
            .strength = pass->strength[c],
            .sums = band->sums + c * band_plane,
            .weights = band->weights + c * band_plane,
            .begin = (size_t)band->top * (size_t)pass->fit.width,
        };
        block_filter_run(&pass->step->filter, &group, band->memory);
    }
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Filter the blocks of a few rows of the grid. */
static void run_band(void *context, size_t index, int thread)
{
    const struct pass *pass = context;
    const struct match_grid *grid = &pass->step->grid;
    struct band *band = &pass->bands[index];
    int down = (int)(pass->first + index) * MATCH_ROWS, across = grid_columns(pass->fit, grid);
    int rows = least(MATCH_ROWS, grid_rows(pass->fit, grid) - down), top = down * grid->step;
    int bottom = top + (rows - 1) * grid->step + grid->side + grid->radius;

    (void)thread;
    band->top = top > grid->radius ? top - grid->radius : 0;
    band->rows = least(bottom, pass->fit.height) - band->top;
    size_t size = (size_t)pass->fit.channels * (size_t)band->rows * (size_t)pass->fit.width;
    memset(band->sums, 0, (size + FILTER_SLACK) * sizeof *band->sums);
    memset(band->weights, 0, (size + FILTER_SLACK) * sizeof *band->weights);
    for (int right = 0; right < across && !interrupt_requested(); right += MATCH_COLUMNS) {
        int columns = least(MATCH_COLUMNS, across - right);
        match_search(grid, &pass->plane, down, right, rows, columns, &band->tile);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) {
                size_t line = (size_t)((down + row) * grid->step);
                size_t place = line * (size_t)pass->fit.width;
                filter_block(pass, band, place + (size_t)((right + column) * grid->step),
                             &band->tile.lists[row][column]);
            }
    }
}

static void add_band(const struct pass *pass, const struct band *band)
{
    size_t width = (size_t)pass->fit.width, size = (size_t)band->rows * width;

    for (size_t c = 0; c < (size_t)pass->fit.channels; c++) {
        size_t at = c * shape_plane(pass->fit) + (size_t)band->top * width;
        float *sums = pass->sums + at, *weights = pass->weights + at;
        const float *more = band->sums + c * size, *weigh = band->weights + c * size;
#pragma omp simd
        for (size_t i = 0; i < size; i++) {
            sums[i] += more[i];
            weights[i] += weigh[i];
        }
    }
}

/* The means, without what was added to the image, are left in pass->sums. */
static void run_pass(struct pass *pass, struct shape in, int threads, size_t wave)
{
    const struct match_grid *grid = &pass->step->grid;
    size_t size = shape_size(pass->fit);
    size_t bands = ((size_t)grid_rows(pass->fit, grid) + MATCH_ROWS - 1) / MATCH_ROWS;

    memset(pass->sums, 0, size * sizeof *pass->sums);
    memset(pass->weights, 0, size * sizeof *pass->weights);
    for (pass->first = 0; pass->first < bands; pass->first += wave) {
        size_t count = bands - pass->first < wave ? bands - pass->first : wave;
        parallel_for(threads, count, run_band, pass);
        for (size_t k = 0; k < count; k++)
            add_band(pass, &pass->bands[k]);
    }
    float *to = pass->sums;
    for (int c = 0; c < in.channels; c++)
        for (int y = 0; y < in.height; y++) {
            size_t at =
                ((size_t)c * (size_t)pass->fit.height + (size_t)y) * (size_t)pass->fit.width;
            for (int x = 0; x < in.width; x++, at++)
                *to++ = pass->sums[at] / pass->weights[at];
        }
}

/* Intensity, red against blue, green against both; and the noise's deviation in each. */
static const float opponent_noise[CHANNELS] = {0.57735027F, 0.70710678F, 0.61237244F};

static void to_opponent(struct image image, struct image out)
{
    size_t plane = shape_plane(image.shape);

#pragma omp simd
    for (size_t i = 0; i < plane; i++) {
        float red = image.pixels[i], green = image.pixels[plane + i];
        float blue = image.pixels[2 * plane + i];
        out.pixels[i] = (red + green + blue) * (1.0F / 3);
        out.pixels[plane + i] = 0.5F * (red - blue);
        out.pixels[2 * plane + i] = 0.25F * (red + blue) - 0.5F * green;
    }
}

static void from_opponent(const float *from, struct image out)
{
    size_t plane = shape_plane(out.shape);

#pragma omp simd
    for (size_t i = 0; i < plane; i++) {
        float mean = from[i], across = from[plane + i], rest = from[2 * plane + i];
        float both = mean + rest * (2.0F / 3);
        out.pixels[i] = both + across;
        out.pixels[plane + i] = mean - rest * (4.0F / 3);
        out.pixels[2 * plane + i] = both - across;
    }
}

/* Where the parts of an image's memory lie. */
struct bm3d_memory {
    size_t wave;
    size_t size; /* bytes of all */
    size_t noisy, basic, sums, weights, plane, bands, band_sums, band_floats;
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool take(struct bm3d_memory *memory, size_t count, size_t size, size_t *offset)
{
    size_t bytes;

    *offset = memory->size;
    return memory_multiply(count, size, &bytes) && memory_add_aligned(&memory->size, bytes);
}

static enum status memory_measure(const struct bm3d_plan *plan, struct shape in, int threads,
                                  struct bm3d_memory *memory, struct error *error)
{
    size_t plane = 0, fit_size = noise_level_scratch(in.height, in.width), bands = 1;

    *memory = (struct bm3d_memory){0};
    if (in.channels != CHANNELS)
        in.channels = 1;
    for (int k = 0; k < 4; k++) {
        const struct match_grid *grid = k < 2 ? &plan->normal[k].grid : &plan->strong[k - 2].grid;
        struct shape fit = fitted_shape(in, grid);
        plane = larger(plane, match_plane_size(grid, fit.height, fit.width));
        fit_size = larger(fit_size, shape_size(fit) + FILTER_SLACK);
        memory->band_floats = larger(memory->band_floats, band_size(grid, fit));
        bands = larger(bands, ((size_t)grid_rows(fit, grid) + MATCH_ROWS - 1) / MATCH_ROWS);
    }
    memory->wave = threads > 1 ? (size_t)threads * WAVE : 1;
    if (memory->wave > bands)
        memory->wave = bands;
    size_t *const planes[] = {&memory->noisy, &memory->basic, &memory->sums, &memory->weights};
    bool fits =
        take(memory, plane, sizeof(float), &memory->plane) &&
        take(memory, memory->wave, sizeof(struct band), &memory->bands) &&
        take(memory, 2 * memory->wave * memory->band_floats, sizeof(float), &memory->band_sums);
    for (int k = 0; k < 4; k++)
        fits = fits && take(memory, fit_size, sizeof(float), planes[k]);
    if (!fits)
        return error_set(error, STATUS_MEMORY, "an image of %d x %d pixels is too large", in.width,
                         in.height);
    return STATUS_OK;
}

static void pass_place(struct pass *pass, const struct bm3d_memory *memory, char *block)
{
    float *sums = (float *)(void *)(block + memory->band_sums);

    pass->noisy = (float *)(void *)(block + memory->noisy);
    pass->basic = (float *)(void *)(block + memory->basic);
    pass->sums = (float *)(void *)(block + memory->sums);
    pass->weights = (float *)(void *)(block + memory->weights);
    pass->plane.values = (float *)(void *)(block + memory->plane);
    pass->bands = (struct band *)(void *)(block + memory->bands);
    for (size_t k = 0; k < memory->wave; k++) {
        pass->bands[k].sums = sums + 2 * k * memory->band_floats;
        pass->bands[k].weights = sums + (2 * k + 1) * memory->band_floats;
    }
}

/* Both steps, from an image of one channel or of opponent colours to pass->sums. */
static void denoise(const struct bm3d_step *steps, struct image image, float sigma, bool colour,
                    struct pass *pass, int threads, size_t wave)
{
    float *basic = pass->basic;

    for (int k = 0; k < 2; k++) {
        const struct match_grid *grid = &steps[k].grid;
        pass->step = &steps[k];
        pass->fit = fitted_shape(image.shape, grid);
        border_fit(image.pixels, image.shape, (struct image){pass->fit, pass->noisy});
        if (k == 1)
            border_fit(pass->sums, image.shape, (struct image){pass->fit, basic});
        pass->basic = k == 1 ? basic : NULL;
        match_plane_fill(&pass->plane, grid, k == 1 ? basic : pass->noisy, pass->fit.height,
                         pass->fit.width, pass->plane.values);
        for (int c = 0; c < CHANNELS; c++) {
            float noise = sigma * (colour ? opponent_noise[c] : 1);
            pass->strength[c] = k == 0 ? steps[k].lambda * noise : noise * noise;
        }
        run_pass(pass, image.shape, threads, wave);
    }
    pass->basic = basic;
}

static const struct bm3d_step *steps_for(const struct bm3d_plan *plan, double sigma)
{
    return sigma * 255 > 40 ? plan->strong : plan->normal;
}

static void denoise_colours(const struct bm3d_plan *plan, struct image in, struct image out,
                            struct pass *pass, int threads, size_t wave)
{
    double sigma = plan->sigma > 0 ? plan->sigma : noise_level_mean(in, pass->noisy);

    if (noise_level_is_none(sigma)) {
        memcpy(out.pixels, in.pixels, shape_size(in.shape) * sizeof *out.pixels);
        return;
    }
    to_opponent(in, out);
    denoise(steps_for(plan, sigma), out, (float)sigma, true, pass, threads, wave);
    from_opponent(pass->sums, out);
}

static void denoise_image(const struct bm3d_plan *plan, struct image in, struct image out,
                          char *block, const struct bm3d_memory *memory, int threads)
{
    struct pass pass = {0};
    size_t plane = shape_plane(in.shape);

    pass_place(&pass, memory, block);
    if (in.shape.channels == CHANNELS) {
        denoise_colours(plan, in, out, &pass, threads, memory->wave);
        return;
    }
    for (size_t c = 0; c < (size_t)in.shape.channels && !interrupt_requested(); c++) {
        struct image channel = {{1, in.shape.height, in.shape.width}, in.pixels + c * plane};
        double sigma = plan->sigma > 0 ? plan->sigma : noise_level_mean(channel, pass.noisy);
        const float *result = channel.pixels;
        if (!noise_level_is_none(sigma)) {
            denoise(steps_for(plan, sigma), channel, (float)sigma, false, &pass, threads,
                    memory->wave);
            result = pass.sums;
        }
        memcpy(out.pixels + c * plane, result, plane * sizeof *out.pixels);
    }
}

struct bm3d_run {
    const struct bm3d_plan *plan;
    const struct image_set *in;
    struct image_set *out;
    char *blocks;
    size_t block; /* bytes of one thread's */
    int inside;   /* threads for each image */
};

static void run_image(void *context, size_t index, int thread)
{
    const struct bm3d_run *run = context;
    struct image in = image_set_at(run->in, index);
    struct bm3d_memory memory;

    if (interrupt_requested() ||
        memory_measure(run->plan, in.shape, run->inside, &memory, NULL) != STATUS_OK)
        return; /* was measured before */
    denoise_image(run->plan, in, image_set_at(run->out, index),
                  run->blocks + (size_t)thread * run->block, &memory, run->inside);
}

/* Many images: each by one thread. Few: one after the other, each by all threads. */
static enum status bm3d_run_all(const void *config, void *state, const struct stage_call *call,
                                struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = call->in->count;
    int outside = count >= 2 * (size_t)call->threads ? call->threads : 1;
    struct bm3d_run run = {.in = call->in, .out = out, .inside = outside > 1 ? 1 : call->threads};
    struct bm3d_plan *plan = NULL;

    (void)state;
    memset(out, 0, sizeof *out);
    TRY(memory_new(&plan, 1, sizeof *plan, error));
    plan_init(plan, config);
    run.plan = plan;
    for (size_t i = 0; i < count; i++) {
        struct bm3d_memory memory;
        TRY(memory_measure(plan, call->in->shapes[i], run.inside, &memory, error));
        run.block = larger(run.block, memory.size);
    }
    TRY(image_set_new(out, count, call->in->shapes, error));
    TRY(memory_new(&run.blocks, (size_t)outside, run.block, error));
    parallel_count(outside, count, "images", run_image, &run);
    TRY(interrupt_check(error)); /* then some images are unfinished */
out:
    memory_free(run.blocks);
    memory_free(plan);
    if (status != STATUS_OK)
        image_set_release(out);
    return status;
}

/* Of a step whose groups are full. */
static struct operations step_count(const struct bm3d_step *step, struct shape in, double channels)
{
    const struct match_grid *grid = &step->grid;
    struct shape fit = fitted_shape(in, grid);
    double blocks = (double)grid_rows(fit, grid) * grid_columns(fit, grid);
    struct operations filter = block_filter_count(&step->filter, grid->most);
    struct operations sum = operations_repeat(filter, blocks * channels);
    double pixels = (double)in.height * in.width * channels;

    sum = operations_add(sum, operations_repeat(match_count(grid), blocks));
    sum.divisions += pixels;
    return sum;
}

/* An upper bound: as if each block had as many matches as it may have. */
static struct operations bm3d_count(const void *config, struct shape in, struct answer answer)
{
    const struct bm3d *bm3d = config;
    struct operations sum = {0};
    enum profile profile = (enum profile)bm3d->profile;
    bool colour = in.channels == CHANNELS;

    (void)answer;
    if (profile == PROFILE_AUTO)
        profile = bm3d->sigma > 40 ? PROFILE_STRONG : PROFILE_NORMAL;
    for (int k = 0; k < 2; k++) {
        struct bm3d_step step;
        step_init(&step, profile, k == 1);
        sum = operations_add(sum, step_count(&step, in, colour ? CHANNELS : 1));
    }
    if (!colour)
        sum = operations_repeat(sum, in.channels);
    else {
        double pixels = (double)shape_plane(in);
        sum.additions += 9 * pixels;
        sum.multiplications += 6 * pixels;
    }
    if (bm3d->sigma == 0)
        sum = operations_add(
            sum, operations_repeat(noise_level_count(in.height, in.width), in.channels));
    return sum;
}

const struct stage stage_bm3d = {
    .descriptor = {"bm3d", "block matching: similar blocks are filtered together, twice",
                   "Dabov, Foi, Katkovnik, Egiazarian, Image denoising by sparse 3-D "
                   "transform-domain collaborative filtering, IEEE TIP 16(8), 2007; colour: the "
                   "same, ICIP 2007",
                   fields, sizeof(struct bm3d), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma",
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .run_all = bm3d_run_all,
    .count = bm3d_count,
};
