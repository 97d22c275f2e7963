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
 * each as wide as the disk is there; a square is first rows, then columns. Erosion is the dilation
 * of the negative. Cost: about log2(side) + 1 comparisons a pixel, for each row of the disk; of the
 * square, log2(side) + side.
 *
 * J. Serra, "Image analysis and mathematical morphology", 1982.
 */
#include "pipelines/masks/morphology.h"

#include "base/interrupt.h"
#include "base/vectors.h"

#include <math.h>
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

struct dilation {
    int height, width, radius;
    bool square;
    float sign; /* -1: an erosion */
    float *line;
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

WIDE_VECTORS static void row_negate(float *row, int width)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        row[x] = -row[x];
}

/* line[x] = the largest of line[x … x + side - 1] of a line of length + side - 1 values. */
static void line_most(float *line, int length, int side)
{
    int done = 1;

    for (; 2 * done <= side; done *= 2)
        row_most(line, line + done, length + side - 2 * done);
    if (done < side)
        row_most(line, line + side - done, length);
}

/* to[x] = sign * from[x]; an unknown class counts as background. */
WIDE_VECTORS static void row_signed(const float *from, float sign, int width, float *to)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        to[x] = isnan(from[x]) ? 0 : sign * from[x];
}

/* The row's largest values in `line`. */
static void dilate_row(const struct dilation *dilation, const float *from, int reach)
{
    int width = dilation->width;
    float *line = dilation->line, sign = dilation->sign;

    for (int x = 0; x < reach; x++)
        line[x] = line[reach + width + x] = -INFINITY;
    row_signed(from, sign, width, line + reach);
    line_most(line, width, 2 * reach + 1);
}

/* `from` may be `rows`, which may not be `to`; for disks, `rows` is not used. */
static void dilate(const struct dilation *dilation, const float *from, float *rows, float *to)
{
    int height = dilation->height, width = dilation->width, radius = dilation->radius;
    size_t stride = (size_t)width;

    for (int y = 0; dilation->square && y < height && !interrupt_requested(); y++) {
        dilate_row(dilation, from + (size_t)y * stride, radius);
        memcpy(rows + (size_t)y * stride, dilation->line, stride * sizeof *rows);
    }
    for (int y = 0; y < height && !interrupt_requested(); y++) {
        float *row = to + (size_t)y * stride;
        int first = y < radius ? -y : -radius;
        for (int dy = first; dy <= radius && y + dy < height; dy++) {
            const float *other = rows + (size_t)(y + dy) * stride;
            if (!dilation->square) {
                dilate_row(dilation, from + (size_t)(y + dy) * stride, reach_of(radius, dy));
                other = dilation->line;
            }
            if (dy == first)
                memcpy(row, other, stride * sizeof *row);
            else
                row_most(row, other, width);
        }
        if (dilation->sign < 0)
            row_negate(row, width);
    }
}

/* One plane between both, and a row with its border. */
size_t morphology_scratch(const void *config, struct shape in)
{
    const struct morphology *morphology = config;

    return shape_plane(in) + (size_t)in.width + 2 * (size_t)morphology->radius;
}

void morphology_run(const struct morphology *morphology, bool closing, struct image in,
                    struct image out, float *scratch)
{
    size_t plane = shape_plane(in.shape);
    struct dilation dilation = {.height = in.shape.height,
                                .width = in.shape.width,
                                .radius = (int)morphology->radius,
                                .square = morphology->element == ELEMENT_SQUARE,
                                .line = scratch + plane};

    for (int c = 0; c < in.shape.channels; c++) {
        float *to = out.pixels + (size_t)c * plane;
        dilation.sign = closing ? 1 : -1;
        dilate(&dilation, in.pixels + (size_t)c * plane, to, scratch);
        dilation.sign = -dilation.sign;
        dilate(&dilation, scratch, scratch, to);
    }
}

/* Comparisons of dilate_row(). */
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
