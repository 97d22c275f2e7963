/*
 * Local binary patterns.
 *
 * T. Ojala, M. Pietikainen, T. Maenpaa, "Multiresolution gray-scale and rotation invariant texture
 * classification with local binary patterns", PAMI 24(7), 2002; histograms of cells: T. Ahonen, A.
 * Hadid, M. Pietikainen, "Face description with local binary patterns", PAMI 28(12), 2006.
 *
 * Around each pixel, `points` points lie on a circle; each gives a bit, 1 where the image is at
 * least as bright there as in the middle. The codes of `riu2` are the number of ones in uniform
 * patterns, which have at most one run of them, and one for all others; those of `u2` tell uniform
 * patterns of different direction apart; `all` are the 2^points patterns themselves. The features
 * are the shares of the codes in each cell, [channel][cell row][cell column][code].
 *
 * Between pixels, brightness is bilinear; beyond the image it is 0. Codes are those of skimage,
 * except where a point is as bright as the middle: its formula rounds, so that bits of flat regions
 * are arbitrary. Here they are 1.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { MOST_POINTS = 24, MOST_BITS = 12 /* for `all` */ };
enum codes { CODES_RIU2, CODES_U2, CODES_ALL };

static const char *const code_names[] = {"riu2", "u2", "all", NULL};

struct lbp {
    int64_t points, codes, cells;
    double radius;
};

static const struct field fields[] = {
    {"points", FIELD_INTEGER, offsetof(struct lbp, points), .minimum = 2, .maximum = MOST_POINTS,
     .default_value = "8", .help = "points on the circle (P); for all codes, 12 at most"},
    {"radius", FIELD_REAL, offsetof(struct lbp, radius), .minimum = 0.5, .maximum = 64,
     .default_value = "1", .unit = "pixels", .help = "radius of the circle (R)"},
    {"codes", FIELD_CHOICE, offsetof(struct lbp, codes), .default_value = "riu2",
     .help = "which patterns are told apart", .choices = code_names},
    {"cells", FIELD_INTEGER, offsetof(struct lbp, cells), .minimum = 1, .maximum = 64,
     .default_value = "4", .help = "cells along each side of the image"},
    {0},
};

/* A point on the circle: a pixel's distance, and the shares of those below and right of it. */
struct circle_point {
    int y, x;
    double down, right;
};

static size_t code_count(const struct lbp *lbp)
{
    size_t points = (size_t)lbp->points;

    switch ((enum codes)lbp->codes) {
    case CODES_RIU2: return points + 2;
    case CODES_U2: return points * (points - 1) + 3;
    default: return (size_t)1 << points;
    }
}

static enum status lbp_shape(const void *config, struct shape in, struct answer answer,
                             struct shape *out, struct error *error)
{
    const struct lbp *lbp = config;
    int cells = (int)lbp->cells;

    (void)answer;
    if (lbp->codes == CODES_ALL && lbp->points > MOST_BITS)
        return error_set(error, STATUS_CONFIG, "expected at most %d points for all codes, found %d",
                         MOST_BITS, (int)lbp->points);
    if (in.height < cells || in.width < cells)
        return error_set(error, STATUS_CONFIG,
                         "images of %d x %d pixels are too small for %d x %d cells", in.height,
                         in.width, cells, cells);
    size_t histograms = (size_t)in.channels * (size_t)(cells * cells);
    if (histograms > INT_MAX / code_count(lbp))
        return error_set(error, STATUS_CONFIG, "too many features: %zu histograms of %zu codes",
                         histograms, code_count(lbp));
    *out = (struct shape){(int)(histograms * code_count(lbp)), 1, 1};
    return STATUS_OK;
}

/* Coordinates are rounded to five decimals, so that points that should lie on pixels do. */
static void place_points(const struct lbp *lbp, struct circle_point *points)
{
    for (int i = 0; i < (int)lbp->points; i++) {
        double angle = 2 * 3.14159265358979323846 * i / (double)lbp->points;
        double y = rint(-lbp->radius * sin(angle) * 1e5) / 1e5;
        double x = rint(lbp->radius * cos(angle) * 1e5) / 1e5;
        points[i] = (struct circle_point){(int)floor(y), (int)floor(x), y - floor(y), x - floor(x)};
    }
}

static double pixel_or_black(const float *plane, struct shape shape, int y, int x)
{
    bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
    return inside ? (double)plane[(size_t)y * (size_t)shape.width + (size_t)x] : 0;
}

static double brightness(const float *plane, struct shape shape, int y, int x,
                         const struct circle_point *point)
{
    int v = y + point->y, u = x + point->x;
    double a = pixel_or_black(plane, shape, v, u), b = pixel_or_black(plane, shape, v, u + 1);
    double c = pixel_or_black(plane, shape, v + 1, u);
    double d = pixel_or_black(plane, shape, v + 1, u + 1);
    double above = a + point->right * (b - a), below = c + point->right * (d - c);

    return above + point->down * (below - above);
}

static uint32_t ones_in(uint32_t bits)
{
    uint32_t count = 0;

    for (; bits; bits &= bits - 1)
        count++;
    return count;
}

/* The number of a uniform pattern with `ones` ones, as skimage numbers them. */
static uint32_t uniform_number(uint32_t bits, uint32_t points, uint32_t ones)
{
    uint32_t first_one = 0, first_zero = 0;

    if (ones == 0 || ones == points)
        return ones == 0 ? 0 : points * (points - 1) + 1;
    while (!(bits >> first_one & 1))
        first_one++;
    while (bits >> first_zero & 1)
        first_zero++;
    uint32_t turn = first_one == 0 ? ones - first_zero : points - first_one;
    return 1 + (ones - 1) * points + turn;
}

static uint32_t code_of(const struct lbp *lbp, uint32_t bits)
{
    uint32_t points = (uint32_t)lbp->points, ones = ones_in(bits);
    uint32_t changes = (bits ^ bits >> 1) & ((1U << (points - 1)) - 1);

    if (lbp->codes == CODES_ALL)
        return bits;
    bool uniform = ones_in(changes) <= 2;
    if (lbp->codes == CODES_RIU2)
        return uniform ? ones : points + 1;
    return uniform ? uniform_number(bits, points, ones) : points * (points - 1) + 2;
}

static void count_codes(const struct lbp *lbp, const struct circle_point *points,
                        const float *plane, struct shape shape, const int box[4], uint32_t *counts)
{
    for (int y = box[0]; y < box[1] && !interrupt_requested(); y++)
        for (int x = box[2]; x < box[3]; x++) {
            double middle = pixel_or_black(plane, shape, y, x);
            uint32_t bits = 0;
            for (int i = 0; i < (int)lbp->points; i++)
                bits |= (uint32_t)(brightness(plane, shape, y, x, &points[i]) >= middle) << i;
            counts[code_of(lbp, bits)]++;
        }
}

/* The part of `side` pixels before cell `cell`. */
static int cell_edge(int cell, int side, int64_t cells)
{
    return (int)((int64_t)cell * side / cells);
}

static void lbp_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    const struct lbp *lbp = config;
    struct circle_point points[MOST_POINTS];
    uint32_t *counts = (uint32_t *)(void *)scratch;
    size_t codes = code_count(lbp), plane = shape_plane(in.shape);
    float *shares = out.pixels;
    int cells = (int)lbp->cells, height = in.shape.height, width = in.shape.width;

    (void)state;
    place_points(lbp, points);
    for (int c = 0; c < in.shape.channels; c++)
        for (int cell = 0; cell < cells * cells; cell++, shares += codes) {
            int v = cell / cells, u = cell % cells;
            const int box[4] = {cell_edge(v, height, cells), cell_edge(v + 1, height, cells),
                                cell_edge(u, width, cells), cell_edge(u + 1, width, cells)};
            double pixels = (double)(box[1] - box[0]) * (box[3] - box[2]);
            memset(counts, 0, codes * sizeof *counts);
            count_codes(lbp, points, in.pixels + (size_t)c * plane, in.shape, box, counts);
            for (size_t k = 0; k < codes; k++)
                shares[k] = (float)(counts[k] / pixels);
        }
}

static size_t lbp_scratch(const void *config, struct shape in)
{
    (void)in;
    return code_count(config);
}

/* Each point: four pixels, each checked against four borders, three interpolations, one comparison,
 * the bit; each pixel: changes, and its code. */
static struct operations lbp_count(const void *config, struct shape in, struct answer answer)
{
    const struct lbp *lbp = config;
    double pixels = (double)shape_size(in), points = (double)lbp->points;
    double numbers = (double)in.channels * (double)(lbp->cells * lbp->cells);
    bool all = lbp->codes == CODES_ALL;

    (void)answer;
    return (struct operations){
        .multiply_adds = pixels * points * 3,
        .additions = pixels * (points * 4 + 1),
        .comparisons = pixels * (17 * points + (all ? 0 : points)),
        .divisions = numbers * (double)code_count(lbp),
        .lookups = pixels * (4 * points + 1),
    };
}

const struct stage stage_lbp = {
    .descriptor = {"lbp", "histograms of local binary patterns",
                   "Ojala, Pietikainen, Maenpaa, Multiresolution gray-scale and rotation invariant "
                   "texture classification with local binary patterns, PAMI 24(7), 2002",
                   fields, sizeof(struct lbp), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_FEATURES,
    .shape = lbp_shape,
    .scratch = lbp_scratch,
    .run = lbp_run,
    .scalar = true,
    .count = lbp_count,
};
