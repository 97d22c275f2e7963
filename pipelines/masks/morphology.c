/*
 * Grey-level erosion and dilation: the smallest and the largest value in the window around each
 * pixel. The window is a disk (dx^2 + dy^2 <= radius^2, skimage.morphology.disk) or a square
 * (skimage.morphology.square). What lies beyond the border does not count; as the windows are
 * symmetric and convex, that is the same as the mirror image, which skimage.morphology looks at.
 * cv2.morphologyEx gives the same with the same window; its MORPH_ELLIPSE is another disk.
 *
 * A row's maxima over `side` neighbours come from log2(side) passes: of 1, 2, 4 … neighbours by
 * doubling, and of `side` by two overlapping ones (M. van Herk, 1992, needs 3 comparisons whatever
 * the side, but one after the other; these are side by side). A disk is the maximum of its rows,
 * each as wide as the disk is there: as a row is read, its maxima over wider and wider windows go
 * to the rows whose disks are that wide there. A square is first rows, then columns by the same
 * doubling. Erosion is the dilation of the negative. Rows come and go in rings of as many as the
 * window has, in cache, and the second dilation takes what the first one gives row by row.
 *
 * Cost, as counted: log2(side) + 1 comparisons a pixel, for each row of the disk; of the square,
 * log2(side) + side. What runs here needs less: of the disk as many as it has rows, and of each
 * width once; of the square, 2 log2(side) + 2. Stored costs stay.
 *
 * J. Serra, "Image analysis and mathematical morphology", 1982.
 */
#include "pipelines/masks/morphology.h"

#include "base/interrupt.h"
#include "base/vectors.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { ELEMENT_DISK, ELEMENT_SQUARE };

static const char *const elements[] = {"disk", "square", NULL};

const struct field morphology_fields[] = {
    {"radius", FIELD_INTEGER, offsetof(struct morphology, radius), .minimum = 1, .maximum = 50,
     .default_value = "1", .unit = "pixels",
     .help = "half the window's side, excluding the centre"},
    {"element", FIELD_CHOICE, offsetof(struct morphology, element), .default_value = "disk",
     .choices = elements, .help = "the window's form"},
    {0},
};

/* A dilation row by row: a ring has as many rows as the window, which start at cache lines. */
struct dilation {
    size_t stride;
    int width, radius, seen; /* rows taken */
    bool square;
    float *line, *ring;
};

/* Pixels on either side of the centre, in the disk's row dy. */
static int reach_of(int radius, int dy)
{
    int reach = 0;

    while ((reach + 1) * (reach + 1) + dy * dy <= radius * radius)
        reach++;
    return reach;
}

static inline float most(float a, float b)
{
    return a < b ? b : a;
}

/* into[x] = the larger of into[x] and other[x] */
WIDE_VECTORS static void row_most(float *into, const float *other, int length)
{
#pragma omp simd
    for (int x = 0; x < length; x++)
        into[x] = most(into[x], other[x]);
}

/* The same of four values; a[x] becomes it. */
WIDE_VECTORS static void row_most_of_4(float *a, const float *b, const float *c, const float *d,
                                       int length)
{
#pragma omp simd
    for (int x = 0; x < length; x++)
        a[x] = most(most(a[x], b[x]), most(c[x], d[x]));
}

/* to[x] = sign times the larger of a[x] and b[x] */
WIDE_VECTORS static void row_most_signed(const float *a, const float *b, float sign, int width,
                                         float *to)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        to[x] = sign * most(a[x], b[x]);
}

/* to[x] = sign * from[x]; an unknown class counts as background. */
WIDE_VECTORS static void row_signed(const float *from, float sign, int width, float *to)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        to[x] = isnan(from[x]) ? 0 : sign * from[x];
}

/* In a line of `length` values, from the largest of `done` neighbours to the largest of `side`: the
 * x-th of `to`, which may be the line, becomes that of line[x … x + side - 1]. */
static void line_widen(float *line, int length, int done, int side, float *to)
{
    for (; 4 * done < side; done *= 4)
        row_most_of_4(line, line + done, line + 2 * done, line + 3 * done, length - 4 * done + 1);
    for (; 2 * done < side; done *= 2)
        row_most(line, line + done, length - 2 * done + 1);
    row_most_signed(line, line + side - done, 1, length - side + 1, to);
}

enum { CACHE_LINE = 64 / sizeof(float) };

static size_t stride_of(int width)
{
    return ((size_t)width + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

/* Row y of the ring; y > -2 radius - 2. */
static float *ring_row(const struct dilation *dilation, int y)
{
    int side = 2 * dilation->radius + 1;

    return dilation->ring + (size_t)((y + side) % side) * dilation->stride;
}

/* The line's largest values, of ever wider windows, go to the rows that see them there. */
static void disk_take(const struct dilation *dilation, int y)
{
    int width = dilation->width, radius = dilation->radius, side = 1;
    float *line = dilation->line;

    memcpy(ring_row(dilation, y + radius), line + radius, (size_t)width * sizeof *line);
    for (int dy = radius; dy >= 0; dy--) {
        int reach = reach_of(radius, dy);
        float *above = ring_row(dilation, y - dy), *below = ring_row(dilation, y + dy);
        if (side < 2 * reach + 1)
            line_widen(line, width + 2 * radius, side, 2 * reach + 1, line);
        side = 2 * reach + 1;
        row_most(above, line + radius - reach, width);
        if (dy > 0 && dy < radius)
            row_most(below, line + radius - reach, width);
    }
}

/* Row y of the ring has the largest of ever more rows from y on, as in line_widen(). Returns of how
 * many. */
static int square_take(const struct dilation *dilation, int y)
{
    int width = dilation->width, side = 2 * dilation->radius + 1, done = 1;

    line_widen(dilation->line, width + side - 1, 1, side, ring_row(dilation, y));
    for (; 4 * done < side; done *= 4)
        row_most_of_4(ring_row(dilation, y - 4 * done + 1), ring_row(dilation, y - 3 * done + 1),
                      ring_row(dilation, y - 2 * done + 1), ring_row(dilation, y - done + 1),
                      width);
    for (; 2 * done < side; done *= 2)
        row_most(ring_row(dilation, y - 2 * done + 1), ring_row(dilation, y - done + 1), width);
    return done;
}

/* A row of largest values is what is larger in two rows. */
struct dilated {
    const float *first, *second;
};

/* Take the row in the line. Returns the dilated row that is `radius` before. */
static struct dilated dilate_row(struct dilation *dilation)
{
    int y = dilation->seen++, radius = dilation->radius;

    for (int x = 0; x < radius; x++)
        dilation->line[x] = dilation->line[dilation->width + 2 * radius - 1 - x] = -INFINITY;
    if (dilation->square) {
        int done = square_take(dilation, y);
        return (struct dilated){ring_row(dilation, y - 2 * radius),
                                ring_row(dilation, y - done + 1)};
    }
    disk_take(dilation, y);
    return (struct dilated){ring_row(dilation, y - radius), ring_row(dilation, y - radius)};
}

static void row_fill(float *row, size_t count)
{
    for (size_t x = 0; x < count; x++)
        row[x] = -INFINITY;
}

/* Of two windows, one after the other. */
int morphology_reach(const void *config)
{
    return 2 * (int)((const struct morphology *)config)->radius;
}

/* Two rings, from a cache line on, and a row with its border. */
size_t morphology_scratch(const void *config, struct shape in)
{
    size_t radius = (size_t)((const struct morphology *)config)->radius;

    return CACHE_LINE + (2 * (2 * radius + 1) + 1) * stride_of(in.width) + 2 * radius;
}

/* The smallest values are the largest of the negative. Either way, the second dilation is of the
 * first one's negative. Rows beyond the border are such that they do not count. */
static void open_plane(struct dilation pair[2], int height, bool closing, const float *in,
                       float *out)
{
    int radius = pair->radius, width = pair->width;
    float *inner = pair->line + radius;

    for (int k = 0; k < 2; k++) {
        pair[k].seen = 0;
        row_fill(pair[k].ring, (2 * (size_t)radius + 1) * pair[k].stride);
    }
    for (int y = 0; y < height + 2 * radius && !interrupt_requested(); y++) {
        if (y < height)
            row_signed(in + (size_t)y * (size_t)width, closing ? 1 : -1, width, inner);
        else
            row_fill(inner, (size_t)width);
        if (y < height + radius) {
            struct dilated row = dilate_row(&pair[0]);
            row_most_signed(row.first, row.second, -1, width, inner);
        }
        if (y < radius)
            continue;
        struct dilated row = dilate_row(&pair[1]);
        if (y >= 2 * radius)
            row_most_signed(row.first, row.second, closing ? -1 : 1, width,
                            out + (size_t)(y - 2 * radius) * (size_t)width);
    }
}

void morphology_run(const struct morphology *morphology, bool closing, struct image in,
                    struct image out, float *scratch)
{
    size_t plane = shape_plane(in.shape), stride = stride_of(in.shape.width);
    size_t ring = (2 * (size_t)morphology->radius + 1) * stride;
    float *rings = scratch + -((uintptr_t)scratch / sizeof *scratch) % CACHE_LINE;
    struct dilation pair[2];

    for (int k = 0; k < 2; k++)
        pair[k] = (struct dilation){.stride = stride,
                                    .width = in.shape.width,
                                    .radius = (int)morphology->radius,
                                    .square = morphology->element == ELEMENT_SQUARE,
                                    .ring = rings + (size_t)k * ring,
                                    .line = rings + 2 * ring};
    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        open_plane(pair, in.shape.height, closing, in.pixels + c * plane, out.pixels + c * plane);
}

/* Comparisons of a row's maxima, one row of the window alone. */
static double count_row(int width, int reach)
{
    int side = 2 * reach + 1, done = 1;
    double comparisons = 0;

    for (; 2 * done <= side; done *= 2)
        comparisons += width + side - 2 * done;
    return done < side ? comparisons + width : comparisons;
}

struct operations morphology_count(const struct morphology *morphology, struct shape in)
{
    int radius = (int)morphology->radius;
    bool square = morphology->element == ELEMENT_SQUARE;
    double rows = square ? in.height * count_row(in.width, radius) : 0;

    for (int dy = -radius; dy <= radius; dy++) {
        int inside = in.height - (dy < 0 ? -dy : dy); /* rows that have such a neighbour */
        double row = in.width + (square ? 0 : count_row(in.width, reach_of(radius, dy)));
        rows += inside > 0 ? inside * row : 0;
    }
    return (struct operations){.comparisons = 2 * in.channels * rows};
}
