/*
 * CLAHE: histogram equalisation of the surroundings, with limited contrast.
 *
 * The image is cut into tiles. Each has a histogram of 256 grey levels; what exceeds the limit is
 * cut off and spread over all levels; its sums are the tile's table. A pixel gets the bilinear mean
 * of what the four nearest tiles' tables say. K. Zuiderveld, "Contrast limited adaptive histogram
 * equalization", in "Graphics gems IV", 1994.
 *
 * It equals OpenCV's createCLAHE on 8 bits, rounding included: values are rounded to grey levels
 * 0 … 255 first, and are such in the output. Where tiles do not fit, the image is mirrored on the
 * right and below, its last pixel not repeated. Each channel by itself. skimage's
 * equalize_adapthist has other tiles and another limit: on the test's scene it differs by 0.11 on
 * average. Cost: two table reads' worth of additions
 * a pixel, and 256 steps a tile.
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "pipelines/stage_shapes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { LEVELS = 256 };

struct clahe {
    double clip_limit;
    int64_t tiles;
};

static const struct field fields[] = {
    {"clip_limit", FIELD_REAL, offsetof(struct clahe, clip_limit), .minimum = 0, .maximum = 1000,
     .default_value = "2",
     .help = "a grey level counts at most so many times its even share; 0: no limit"},
    {"tiles", FIELD_INTEGER, offsetof(struct clahe, tiles), .minimum = 1, .maximum = 64,
     .default_value = "8", .help = "tiles in a row, and in a column"},
    {0},
};

struct tiling {
    int tiles, height, width, limit; /* of one tile; `limit`: values of a level, 0: none */
};

/* Where one side does not fit, both are extended to the next multiple. */
static struct tiling tiling_of(const struct clahe *clahe, struct shape in)
{
    int tiles = (int)clahe->tiles, below = in.height % tiles, right = in.width % tiles;
    struct tiling tiling = {tiles, in.height / tiles, in.width / tiles, 0};

    if (below || right) {
        tiling.height = (in.height + tiles - below) / tiles;
        tiling.width = (in.width + tiles - right) / tiles;
    }
    if (clahe->clip_limit > 0) {
        tiling.limit = (int)(clahe->clip_limit * tiling.height * tiling.width / LEVELS);
        tiling.limit = tiling.limit < 1 ? 1 : tiling.limit;
    }
    return tiling;
}

/* Between which tiles' tables a place is, and how near the second one. */
struct between {
    int first, second;
    float share;
};

struct clahe_buffers {
    float *tables;           /* of all tiles */
    int32_t *counts;         /* histograms of a row of tiles */
    struct between *columns; /* of each column */
    int32_t *levels;         /* of a row of pixels, and what is mirrored on the right */
};

static size_t clahe_scratch(const void *config, struct shape in)
{
    struct tiling tiling = tiling_of(config, in);
    size_t tiles = (size_t)tiling.tiles;

    return tiles * (tiles + 1) * LEVELS +
           (size_t)in.width * sizeof(struct between) / sizeof(float) + tiles * (size_t)tiling.width;
}

static struct clahe_buffers buffers_in(float *scratch, int tiles, int width)
{
    size_t row = (size_t)tiles * LEVELS;
    struct clahe_buffers buffers = {.tables = scratch};

    buffers.counts = (void *)(scratch + (size_t)tiles * row);
    buffers.columns = (void *)(buffers.counts + row);
    buffers.levels = (void *)(buffers.columns + width);
    return buffers;
}

/* "d c b | a b c d | c b a" */
static int mirrored(int index, int size)
{
    int period = 2 * size - 2;

    if (index < size)
        return index;
    if (period == 0)
        return 0;
    index %= period;
    return index < size ? index : period - index;
}

/* (Rounding is one instruction where AVX2 is.) */
WIDE_VECTORS static void row_levels(const float *row, int width, int32_t *levels)
{
#pragma omp simd
    for (int x = 0; x < width; x++) {
        float scaled = rintf(255 * row[x]), positive = scaled > 0 ? scaled : 0;
        levels[x] = (int32_t)(positive < 255 ? positive : 255);
    }
}

/* What exceeds the limit is spread over all levels, and its rest over evenly spaced ones. */
static void clip(int32_t *histogram, int limit)
{
    int excess = 0;

    for (int k = 0; k < LEVELS; k++) {
        int over = histogram[k] > limit ? histogram[k] - limit : 0;
        excess += over;
        histogram[k] -= over;
    }
    int rest = excess % LEVELS;
    for (int k = 0; k < LEVELS; k++)
        histogram[k] += excess / LEVELS;
    int step = rest && LEVELS / rest > 1 ? LEVELS / rest : 1;
    for (int k = 0; k < LEVELS && rest > 0; k += step, rest--)
        histogram[k]++;
}

/* A tile's table from its sums, in [0, 255]. */
WIDE_VECTORS static void scale_sums(const int32_t *sums, float scale, float *table)
{
#pragma omp simd
    for (int k = 0; k < LEVELS; k++) {
        float level = rintf((float)sums[k] * scale);
        table[k] = level > 255 ? 255 : level;
    }
}

static void make_table(const struct tiling *tiling, int32_t *histogram, float *table)
{
    if (tiling->limit)
        clip(histogram, tiling->limit);
    for (int k = 1; k < LEVELS; k++)
        histogram[k] += histogram[k - 1];
    scale_sums(histogram, 255.0F / (float)(tiling->height * tiling->width), table);
}

/* Count the levels of a row of tiles, row by row of pixels. */
static void count_levels(struct image in, const struct tiling *tiling, int row,
                         const struct clahe_buffers *buffers)
{
    int32_t *levels = buffers->levels;
    int width = in.shape.width, end = tiling->tiles * tiling->width;

    memset(buffers->counts, 0, (size_t)tiling->tiles * LEVELS * sizeof *buffers->counts);
    for (int y = row * tiling->height; y < (row + 1) * tiling->height; y++) {
        if (interrupt_requested())
            return;
        row_levels(in.pixels + (size_t)mirrored(y, in.shape.height) * (size_t)width, width, levels);
        for (int x = width; x < end; x++)
            levels[x] = levels[mirrored(x, width)];
        for (int tile = 0; tile < tiling->tiles; tile++)
            for (int x = 0; x < tiling->width; x++)
                buffers->counts[tile * LEVELS + levels[tile * tiling->width + x]]++;
    }
}

static struct between between_at(int place, float inverse, int tiles)
{
    float at = (float)place * inverse - 0.5F;
    int first = (int)floorf(at);

    return (struct between){first < 0 ? 0 : first, first + 1 < tiles ? first + 1 : tiles - 1,
                            at - (float)first};
}

/* row[x] = the mean of four tables' levels: of two tiles above, of two below. */
static void mix_tables(const float *upper, const float *lower, float down,
                       const struct clahe_buffers *buffers, int width, float *row)
{
    const struct between *columns = buffers->columns;

    for (int x = 0; x < width; x++) {
        int left = columns[x].first * LEVELS + buffers->levels[x];
        int right = columns[x].second * LEVELS + buffers->levels[x];
        float share = columns[x].share, above = upper[left] * (1 - share) + upper[right] * share;
        float below = lower[left] * (1 - share) + lower[right] * share;
        row[x] = above * (1 - down) + below * down;
    }
}

WIDE_VECTORS static void row_values(float *row, int width)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        row[x] = rintf(row[x]) / 255;
}

static void look_up(struct image in, const struct tiling *tiling,
                    const struct clahe_buffers *buffers, float *out)
{
    int tiles = tiling->tiles, width = in.shape.width;

    for (int x = 0; x < width; x++)
        buffers->columns[x] = between_at(x, 1.0F / (float)tiling->width, tiles);
    for (int y = 0; y < in.shape.height && !interrupt_requested(); y++) {
        struct between rows = between_at(y, 1.0F / (float)tiling->height, tiles);
        const float *upper = buffers->tables + (size_t)(rows.first * tiles) * LEVELS;
        const float *lower = buffers->tables + (size_t)(rows.second * tiles) * LEVELS;
        size_t start = (size_t)y * (size_t)width;
        row_levels(in.pixels + start, width, buffers->levels);
        mix_tables(upper, lower, rows.share, buffers, width, out + start);
        row_values(out + start, width);
    }
}

static void clahe_run(const void *config, const void *state, struct image in, struct image out,
                      float *scratch)
{
    struct tiling tiling = tiling_of(config, in.shape);
    struct clahe_buffers buffers = buffers_in(scratch, tiling.tiles, in.shape.width);
    size_t plane = shape_plane(in.shape);

    (void)state;
    for (size_t c = 0; c < (size_t)in.shape.channels; c++) {
        struct image one = {{1, in.shape.height, in.shape.width}, in.pixels + c * plane};
        for (int tile = 0; tile < tiling.tiles * tiling.tiles; tile++) {
            if (tile % tiling.tiles == 0)
                count_levels(one, &tiling, tile / tiling.tiles, &buffers);
            make_table(&tiling, buffers.counts + tile % tiling.tiles * LEVELS,
                       buffers.tables + (size_t)tile * LEVELS);
        }
        look_up(one, &tiling, &buffers, out.pixels + c * plane);
    }
}

/* Where tiles are clipped, at most: every level is. */
static struct operations clahe_count(const void *config, struct shape in, struct answer answer)
{
    struct tiling tiling = tiling_of(config, in);
    double values = (double)shape_size(in);
    double steps = (double)in.channels * tiling.tiles * tiling.tiles * LEVELS;
    double seen = (double)in.channels * tiling.tiles * tiling.tiles * tiling.height * tiling.width;
    double clips = tiling.limit ? steps : 0;

    (void)answer;
    return (struct operations){
        /* levels, counts; sums; clipping; where a pixel is, 1 - shares */
        .additions = seen + steps + 4 * clips + 2 * values + 2 * values,
        .multiplications = seen + steps + values + values + 3 * values,
        .multiply_adds = 3 * values,
        .comparisons = 2 * seen + steps + clips + 2 * values + 2 * values,
        .divisions = values,
        .lookups = seen + 4 * values,
    };
}

const struct stage stage_clahe = {
    .descriptor = {"clahe", "contrast-limited adaptive histogram equalisation",
                   "Zuiderveld, Contrast limited adaptive histogram equalization, 1994", fields,
                   sizeof(struct clahe), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .scratch = clahe_scratch,
    .run = clahe_run,
    .count = clahe_count,
};
