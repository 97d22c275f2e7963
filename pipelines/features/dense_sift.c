/*
 * Dense SIFT descriptors, by VLFeat.
 *
 * D. Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 60(2), 2004; on a grid
 * instead of keypoints: A. Bosch, A. Zisserman, X. Munoz, "Image classification using random
 * forests and ferns", ICCV 2007.
 *
 * At every `step` pixels, the gradients around are summed into 4 x 4 bins of 8 directions, weighted
 * by a Gaussian around the middle and by their distance from the bin. The 128 numbers are divided
 * by their length, cut at 0.2, and divided again. Features are ordered [channel][row][column][bin
 * row][bin column][direction].
 *
 * VLFeat keeps some twenty numbers a pixel. Large images are cut into strips of rows, which overlap
 * by what their descriptors see. VLFeat allocates by itself.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"

#include <limits.h>
#include <string.h>
#include <vl/dsift.h>

enum { BINS = 4, NUMBERS = BINS * BINS * 8, STRIP = 64 /* rows of pixels */ };

struct dense_sift {
    int64_t step, bin_size;
    double window;
};

static const struct field fields[] = {
    {"step", FIELD_INTEGER, offsetof(struct dense_sift, step), .minimum = 1, .maximum = 256,
     .default_value = "4", .unit = "pixels", .help = "distance between descriptors"},
    {"bin_size", FIELD_INTEGER, offsetof(struct dense_sift, bin_size), .minimum = 1, .maximum = 64,
     .default_value = "3", .unit = "pixels",
     .help = "side of a bin; a descriptor needs 3 of them and a pixel"},
    {"window", FIELD_REAL, offsetof(struct dense_sift, window), .minimum = 0.1, .maximum = 100,
     .default_value = "2", .unit = "bins", .help = "standard deviation of the Gaussian"},
    {0},
};

/* From the first bin's middle to the last one's, both included. */
static int span(const struct dense_sift *sift)
{
    return (BINS - 1) * (int)sift->bin_size + 1;
}

static int descriptors_along(const struct dense_sift *sift, int side)
{
    return (side - span(sift)) / (int)sift->step + 1;
}

static enum status sift_shape(const void *config, struct shape in, struct answer answer,
                              struct shape *out, struct error *error)
{
    const struct dense_sift *sift = config;
    int side = span(sift);

    (void)answer;
    if (in.height < side || in.width < side)
        return error_set(error, STATUS_CONFIG,
                         "images of %d x %d pixels are too small for bins of %d pixels; expected "
                         "at least %d x %d",
                         in.height, in.width, (int)sift->bin_size, side, side);
    double count = (double)in.channels * descriptors_along(sift, in.height) *
                   descriptors_along(sift, in.width);
    if (count * NUMBERS > INT_MAX)
        return error_set(error, STATUS_CONFIG, "too many features: %.0f descriptors of %d numbers",
                         count, NUMBERS);
    *out = (struct shape){(int)count * NUMBERS, 1, 1};
    return STATUS_OK;
}

/* Descriptors of rows [first, last) of the grid. */
static void describe_rows(const struct dense_sift *sift, const float *plane, struct shape shape,
                          int first, int last, float *out)
{
    int step = (int)sift->step, bin = (int)sift->bin_size;
    int begin = first * step, end = (last - 1) * step + span(sift);
    int top = begin > bin ? begin - bin : 0;
    int bottom = end + bin < shape.height ? end + bin : shape.height;
    VlDsiftFilter *filter = vl_dsift_new_basic(shape.width, bottom - top, step, bin);

    vl_dsift_set_window_size(filter, sift->window);
    vl_dsift_set_bounds(filter, 0, begin - top, shape.width - 1, end - 1 - top);
    vl_dsift_process(filter, plane + (size_t)top * (size_t)shape.width);
    memcpy(out, vl_dsift_get_descriptors(filter),
           (size_t)vl_dsift_get_keypoint_num(filter) * NUMBERS * sizeof *out);
    vl_dsift_delete(filter);
}

static void sift_run(const void *config, const void *state, struct image in, struct image out,
                     float *scratch)
{
    const struct dense_sift *sift = config;
    int rows = descriptors_along(sift, in.shape.height), strip = STRIP / (int)sift->step;
    size_t row = (size_t)descriptors_along(sift, in.shape.width) * NUMBERS;

    (void)state, (void)scratch;
    strip = strip < 1 ? 1 : strip;
    for (int c = 0; c < in.shape.channels; c++)
        for (int first = 0; first < rows && !interrupt_requested(); first += strip) {
            int last = first + strip < rows ? first + strip : rows;
            const float *plane = in.pixels + (size_t)c * shape_plane(in.shape);
            float *to = out.pixels + ((size_t)c * (size_t)rows + (size_t)first) * row;
            describe_rows(sift, plane, in.shape, first, last, to);
        }
}

/* Read off VLFeat's loops: gradients, length and direction of each pixel; two convolutions for each
 * bin and direction; lengths of descriptors, cut, and lengths again. Overlaps are left out. */
static struct operations sift_count(const void *config, struct shape in, struct answer answer)
{
    const struct dense_sift *sift = config;
    double pixels = (double)shape_size(in), taps = 2 * (double)sift->bin_size - 1;
    double descriptors = (double)in.channels * descriptors_along(sift, in.height) *
                         descriptors_along(sift, in.width);
    double numbers = descriptors * NUMBERS;

    (void)answer;
    return (struct operations){
        .multiply_adds = pixels * (2 * NUMBERS * taps + 4) + 2 * numbers,
        .additions = pixels * 6,
        .multiplications = pixels * 10,
        .comparisons = pixels * 2 + numbers,
        .divisions = pixels * 2 + 2 * numbers + 2 * descriptors,
        .lookups = pixels * 2,
    };
}

const struct stage stage_dense_sift = {
    .descriptor = {"dense_sift", "SIFT descriptors on a grid",
                   "Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60(2), "
                   "2004; Bosch, Zisserman, Munoz, ICCV 2007; VLFeat",
                   fields, sizeof(struct dense_sift), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_FEATURES,
    .shape = sift_shape,
    .run = sift_run,
    .scalar = true,
    .count = sift_count,
};
