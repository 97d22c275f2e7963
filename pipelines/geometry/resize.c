/*
 * Resize: the image with another number of rows and columns.
 *
 * One output pixel is so many input pixels wide as the sides' quotient says; that is its scale s.
 *
 *     nearest   the input pixel at floor(s x)
 *     bilinear  between the two nearest pixel centres, at s (x + 1/2) - 1/2
 *     area      the mean over [s x, s (x + 1)], parts of pixels included
 *
 * along columns, then along rows; beyond the border is the border's pixel. It equals cv2.resize
 * with INTER_NEAREST, INTER_LINEAR and INTER_AREA, to 3e-6, but where `area` enlarges: there OpenCV
 * interpolates, and this takes the mean still; and where s x is a whole number that OpenCV, by its
 * roundings, misses: then its nearest pixel is the one before. Masks stay masks by `nearest`; by
 * the others they become images. Cost: two products for each value of two rows; by `area`, as many
 * as there are input values.
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "pipelines/stage_shapes.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { METHOD_NEAREST, METHOD_BILINEAR, METHOD_AREA };

static const char *const methods[] = {"nearest", "bilinear", "area", NULL};

struct resize {
    int64_t height, width;
    double factor;
    int64_t method;
};

static const struct field fields[] = {
    {"height", FIELD_INTEGER, offsetof(struct resize, height), .minimum = 0, .maximum = INT_MAX,
     .default_value = "0", .unit = "pixels",
     .help = "rows of the output; 0: in proportion to the width, or to the factor"},
    {"width", FIELD_INTEGER, offsetof(struct resize, width), .minimum = 0, .maximum = INT_MAX,
     .default_value = "0", .unit = "pixels",
     .help = "columns of the output; 0: in proportion to the height, or to the factor"},
    {"factor", FIELD_REAL, offsetof(struct resize, factor), .minimum = 0.001, .maximum = 1000,
     .default_value = "1", .help = "of both sides, where neither height nor width is given"},
    {"method", FIELD_CHOICE, offsetof(struct resize, method), .default_value = "bilinear",
     .choices = methods,
     .help = "the nearest pixel, between the nearest, or the mean over a pixel"},
    {0},
};

/* The input pixels that an output pixel is made of. */
struct resize_source {
    int first, last;
    double ahead, behind, inside; /* weights of the first, of the last, and of those between */
};

static enum content resize_gives(const void *config, enum content in)
{
    return ((const struct resize *)config)->method == METHOD_NEAREST
               ? content_as_input(config, in)
               : content_unless_mask(config, in);
}

static double side_of(double side)
{
    return side < 1 ? 1 : rint(side);
}

static enum status resize_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    const struct resize *resize = config;
    double height = (double)resize->height, width = (double)resize->width;

    (void)answer;
    if ((height > 0 || width > 0) && resize->factor != 1)
        return error_set(error, STATUS_CONFIG,
                         "expected height and width, or a factor, but both are given");
    if (height < 1)
        height = side_of(width > 0 ? in.height * width / in.width : in.height * resize->factor);
    if (width < 1)
        width =
            side_of(resize->height > 0 ? in.width * height / in.height : in.width * resize->factor);
    if (height > INT_MAX || width > INT_MAX || in.channels * height * width > INT_MAX)
        return error_set(error, STATUS_CONFIG,
                         "makes images of %d x %.0f x %.0f values, which are too many", in.channels,
                         height, width);
    *out = (struct shape){in.channels, (int)height, (int)width};
    return STATUS_OK;
}

static struct resize_source one_source(int pixel, int size)
{
    int place = pixel < 0 ? 0 : pixel < size ? pixel : size - 1;

    return (struct resize_source){place, place, 1, 0, 0};
}

static struct resize_source bilinear_source(int place, double scale, int size)
{
    double centre = (place + 0.5) * scale - 0.5, first = floor(centre), share = centre - first;

    if (first < 0 || first >= size - 1 || share == 0)
        return one_source((int)first, size);
    return (struct resize_source){(int)first, (int)first + 1, 1 - share, share, 0};
}

/* Parts of less than a thousandth of a pixel are roundings, as in OpenCV. */
static struct resize_source area_source(int place, double scale, int size)
{
    double start = place * scale, end = fmin(start + scale, size);
    int first = (int)floor(start + 1e-3), last = (int)ceil(end - 1e-3) - 1;
    double covered = end - start;

    first = first < size ? first : size - 1;
    last = last < first ? first : last;
    if (first == last)
        return one_source(first, size);
    return (struct resize_source){first, last, (first + 1 - start) / covered,
                                  (end - last) / covered, 1 / covered};
}

static struct resize_source source_of(int64_t method, int place, int in, int out)
{
    double scale = (double)in / out;

    switch (method) {
    case METHOD_NEAREST: return one_source((int)((int64_t)place * in / out), in);
    case METHOD_BILINEAR: return bilinear_source(place, scale, in);
    default: return area_source(place, scale, in);
    }
}

static float weight_of(const struct resize_source *source, int k)
{
    return (float)(k == source->first  ? source->ahead
                   : k == source->last ? source->behind
                                       : source->inside);
}

/* What the output's columns are made of, one array for each member of their sources: loops over
 * them read a few bytes a pixel, and are vectors. */
struct resize_columns {
    int32_t *first, *last;
    float *ahead, *behind, *inside;
};

/* The columns' sources, and a row of the input's width. */
static size_t resize_scratch(const void *config, struct shape in)
{
    struct shape out = {0};

    if (resize_shape(config, in, (struct answer){0}, &out, NULL) != STATUS_OK)
        return 0;
    return (size_t)in.width + 5 * (size_t)out.width;
}

static struct resize_columns columns_of(int64_t method, int in, int out, float *scratch)
{
    size_t width = (size_t)out;
    struct resize_columns columns = {.first = (void *)scratch,
                                     .last = (void *)(scratch + width),
                                     .ahead = scratch + 2 * width,
                                     .behind = scratch + 3 * width,
                                     .inside = scratch + 4 * width};

    for (int x = 0; x < out; x++) {
        struct resize_source source = source_of(method, x, in, out);
        columns.first[x] = source.first;
        columns.last[x] = source.last;
        columns.ahead[x] = (float)source.ahead;
        columns.behind[x] = (float)source.behind;
        columns.inside[x] = (float)source.inside;
    }
    return columns;
}

/* line[x] = the weighted sum of two rows. */
WIDE_VECTORS static void rows_between(const float *a, float ahead, const float *b, float behind,
                                      size_t width, float *line)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++)
        line[x] = ahead * a[x] + behind * b[x];
}

WIDE_VECTORS static void row_mixed(const float *row, float weight, size_t width, float *line)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++)
        line[x] += weight * row[x];
}

/* The mean of the rows, which is in `line` unless there is one row alone. */
static const float *mix_rows(const float *plane, size_t width, struct resize_source rows,
                             float *line)
{
    const float *first = plane + (size_t)rows.first * width;

    if (rows.first == rows.last)
        return first;
    rows_between(first, (float)rows.ahead, first + width, weight_of(&rows, rows.first + 1), width,
                 line);
    for (int y = rows.first + 2; y <= rows.last; y++)
        row_mixed(plane + (size_t)y * width, weight_of(&rows, y), width, line);
    return line;
}

static void mix_pixels(const float *line, const struct resize_columns *columns, int width,
                       float *row)
{
    for (int x = 0; x < width; x++) {
        int first = columns->first[x], last = columns->last[x];
        float sum = line[first];
        if (first < last) {
            sum *= columns->ahead[x];
            for (int k = first + 1; k < last; k++)
                sum += columns->inside[x] * line[k];
            sum += columns->behind[x] * line[last];
        }
        row[x] = sum;
    }
}

static void resize_run(const void *config, const void *state, struct image in, struct image out,
                       float *scratch)
{
    const struct resize *resize = config;
    int height = out.shape.height, width = out.shape.width;
    struct resize_columns columns = columns_of(resize->method, in.shape.width, width, scratch);

    (void)state;
    for (int line = 0; line < out.shape.channels * height && !interrupt_requested(); line++) {
        const float *plane = in.pixels + (size_t)(line / height) * shape_plane(in.shape);
        const float *mixed =
            mix_rows(plane, (size_t)in.shape.width,
                     source_of(resize->method, line % height, in.shape.height, height),
                     scratch + 5 * (size_t)width);
        mix_pixels(mixed, &columns, width, out.pixels + (size_t)line * (size_t)width);
    }
}

/* Products and sums along one side, for one value of each output place; `reads` of the input. */
static struct operations count_side(int64_t method, int in, int out, double *reads)
{
    struct operations operations = {0};

    *reads = 0;
    for (int place = 0; place < out; place++) {
        struct resize_source source = source_of(method, place, in, out);
        *reads += source.last - source.first + 1;
        operations.multiplications += source.first < source.last;
        operations.multiply_adds += source.last - source.first;
    }
    return operations;
}

/* What follows from the sizes alone (places and weights) is not counted. */
static struct operations resize_count(const void *config, struct shape in, struct answer answer)
{
    const struct resize *resize = config;
    struct shape out = {0};
    double across = 0, along = 0;

    if (resize_shape(config, in, answer, &out, NULL) != STATUS_OK)
        return (struct operations){0};
    struct operations rows = count_side(resize->method, in.height, out.height, &across);
    struct operations columns = count_side(resize->method, in.width, out.width, &along);
    struct operations operations =
        operations_add(operations_repeat(rows, (double)in.channels * in.width),
                       operations_repeat(columns, (double)in.channels * out.height));
    operations.lookups = in.channels * (across * in.width + along * out.height);
    return operations;
}

static enum status side_graph(int64_t method, int in, int out, struct stage_graph *graph,
                              struct step_side *side, struct error *error)
{
    size_t weights = 0;

    for (int place = 0; place < out; place++) {
        struct resize_source source = source_of(method, place, in, out);
        weights += (size_t)(source.last - source.first + 1);
    }
    PASS(stage_graph_side(graph, out, weights, side, error));
    for (int place = 0; place < out; place++) {
        struct resize_source source = source_of(method, place, in, out);
        for (int k = source.first; k <= source.last; k++)
            step_side_add(side, place, k, weight_of(&source, k));
    }
    return STATUS_OK;
}

static enum status resize_graph(const void *config, struct shape in, struct stage_graph *graph,
                                struct error *error)
{
    int64_t method = ((const struct resize *)config)->method;
    struct stage_step step = {.kind = STEP_RESAMPLE, .in = in};

    PASS(resize_shape(config, in, (struct answer){0}, &step.out, error));
    PASS(side_graph(method, in.height, step.out.height, graph, &step.rows, error));
    PASS(side_graph(method, in.width, step.out.width, graph, &step.columns, error));
    return stage_graph_add(graph, step, error);
}

const struct stage stage_resize = {
    .descriptor = {"resize", "the image with another number of rows and columns", NULL, fields,
                   sizeof(struct resize), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = resize_gives,
    .shape = resize_shape,
    .scratch = resize_scratch,
    .run = resize_run,
    .count = resize_count,
    .graph = resize_graph,
};
