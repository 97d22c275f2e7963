/*
 * Threshold: what is not above a level becomes black, the rest stays as it is; or a mask says where
 * the image is above it.
 *
 *     out = in where decides > level, else 0        (output: image)
 *     out = 1  where decides > level, else 0        (output: mask)
 *
 * Here `decides` is the image; with sigma, a blurred copy (its Gaussian is that of gaussian.c). A
 * bright pixel that stands alone in the dark then goes, and a dark one inside of a stroke stays.
 * The estimate "keep or kill" is the hard threshold of D. L. Donoho, I. M. Johnstone, "Ideal
 * spatial adaptation by wavelet shrinkage", Biometrika 81, 1994, on pixels in place of
 * coefficients.
 *
 * The level is one number (fixed); Otsu's for all values of the image (otsu.c); or, adaptive, the
 * mean of the surroundings less an offset: (G_window * decides) - offset, which is
 * skimage.filters.threshold_local(image, method="gaussian", param=window, offset=offset). OpenCV's
 * adaptiveThreshold rounds to 8 bits, cuts its Gaussian at the block and repeats the edge's pixels
 * beyond the border: of the test's scene, 0.7% of the pixels differ.
 * Where the image is flat, roundings decide, unless there is an offset.
 *
 * dark: the objects are what is not above the level; what is above it becomes white.
 *
 * Cost: a comparison a value; the blurs; for Otsu, a histogram.
 */
#include "base/interrupt.h"
#include "pipelines/masks/otsu.h"
#include "pipelines/smoothing/gaussian.h"
#include "pipelines/stage_shapes.h"

enum { METHOD_FIXED, METHOD_OTSU, METHOD_ADAPTIVE };
enum { OUTPUT_IMAGE, OUTPUT_MASK };

static const char *const methods[] = {"fixed", "otsu", "adaptive", NULL};
static const char *const outputs[] = {"image", "mask", NULL};

struct threshold {
    double level, sigma, window, offset;
    int64_t method, output;
    bool dark;
};

static const struct field fields[] = {
    {"level", FIELD_REAL, offsetof(struct threshold, level), .minimum = 0, .maximum = 255,
     .default_value = "128", .unit = "grey levels (0..255)",
     .help = "values up to the level become 0; others stay"},
    {"sigma", FIELD_REAL, offsetof(struct threshold, sigma), .minimum = 0, .maximum = 50,
     .default_value = "0", .unit = "pixels",
     .help = "standard deviation of a Gaussian blur that is compared with the level instead; 0: no "
             "blur"},
    {"method", FIELD_CHOICE, offsetof(struct threshold, method), .default_value = "fixed",
     .choices = methods, .unsaid = true,
     .help = "the level: as given, Otsu's, or the surroundings' mean less the offset"},
    {"output", FIELD_CHOICE, offsetof(struct threshold, output), .default_value = "image",
     .choices = outputs, .unsaid = true,
     .help = "the image, black where it is not above the level; or a mask of what is"},
    {"window", FIELD_REAL, offsetof(struct threshold, window), .minimum = 0.5, .maximum = 50,
     .default_value = "10", .unit = "pixels", .unsaid = true,
     .help = "adaptive: standard deviation of the Gaussian that weights the surroundings"},
    {"offset", FIELD_REAL, offsetof(struct threshold, offset), .minimum = -255, .maximum = 255,
     .default_value = "0", .unit = "grey levels", .unsaid = true,
     .help = "adaptive: taken off the surroundings' mean"},
    {"dark", FIELD_BOOLEAN, offsetof(struct threshold, dark), .default_value = "false",
     .unsaid = true,
     .help = "dark objects on bright ground: what is above the level becomes white, and the mask "
             "is of what is not"},
    {0},
};

static enum content threshold_gives(const void *config, enum content in)
{
    return ((const struct threshold *)config)->output == OUTPUT_MASK
               ? CONTENT_MASK
               : content_unless_mask(config, in);
}

static enum status threshold_shape(const void *config, struct shape in, struct answer answer,
                                   struct shape *out, struct error *error)
{
    if (((const struct threshold *)config)->output == OUTPUT_MASK)
        return shape_of_plane(config, in, answer, out, error);
    return shape_as_input(config, in, answer, out, error);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* One blur's memory at a time; where both are asked for, behind the image of the first. */
static size_t threshold_scratch(const void *config, struct shape in)
{
    const struct threshold *threshold = config;
    bool adaptive = threshold->method == METHOD_ADAPTIVE, blurs = threshold->sigma > 0;
    size_t first = blurs ? gaussian_blur_scratch(threshold->sigma, in) : 0;
    size_t second = adaptive ? gaussian_blur_scratch(threshold->window, in) : 0;

    return (adaptive && blurs ? shape_size(in) : 0) + larger(first, second);
}

/* One row; `levels` may be `out`. */
static void compare(const struct threshold *threshold, const float *in, const float *decides,
                    const float *levels, float level, size_t width, float *out)
{
    float offset = (float)(threshold->offset / 255);
    bool dark = threshold->dark;

    for (size_t x = 0; x < width; x++) {
        bool above = decides[x] > (levels ? levels[x] - offset : level);
        if (threshold->output == OUTPUT_MASK)
            out[x] = above != dark ? 1 : 0;
        else
            out[x] = above != dark ? in[x] : dark ? 1 : 0;
    }
}

static void threshold_run(const void *config, const void *state, struct image in, struct image out,
                          float *scratch)
{
    const struct threshold *threshold = config;
    bool adaptive = threshold->method == METHOD_ADAPTIVE;
    size_t width = (size_t)in.shape.width, size = shape_size(in.shape);
    double level = threshold->level / 255;
    struct image decides = in;

    (void)state;
    if (threshold->sigma > 0) {
        decides = adaptive ? (struct image){in.shape, scratch} : out;
        scratch += adaptive ? size : 0;
        gaussian_blur(threshold->sigma, in, decides, scratch);
    }
    if (adaptive)
        gaussian_blur(threshold->window, decides, out, scratch);
    else if (threshold->method == METHOD_OTSU)
        level = otsu_level(decides);
    for (size_t i = 0; i < size && !interrupt_requested(); i += width)
        compare(threshold, in.pixels + i, decides.pixels + i, adaptive ? out.pixels + i : NULL,
                (float)level, width, out.pixels + i);
}

static struct operations threshold_count(const void *config, struct shape in, struct answer answer)
{
    const struct threshold *threshold = config;
    double values = (double)shape_size(in);
    struct operations operations = {.comparisons = values};

    (void)answer;
    if (threshold->sigma > 0)
        operations = operations_add(operations, gaussian_blur_operations(threshold->sigma, in));
    if (threshold->method == METHOD_OTSU)
        operations = operations_add(operations, otsu_operations(in));
    if (threshold->method == METHOD_ADAPTIVE) {
        operations = operations_add(operations, gaussian_blur_operations(threshold->window, in));
        operations.additions += values;
    }
    return operations;
}

/* By a given level alone, without a blur. */
static enum status threshold_graph(const void *config, struct shape in, struct stage_graph *graph,
                                   struct error *error)
{
    const struct threshold *threshold = config;
    bool mask = threshold->output == OUTPUT_MASK, dark = threshold->dark;
    struct stage_step step = {.kind = STEP_SELECT,
                              .in = in,
                              .out = in,
                              .level = (float)(threshold->level / 255),
                              .above = mask != dark ? 1 : 0,
                              .below = mask && dark ? 1 : 0,
                              .keeps_above = !mask && !dark,
                              .keeps_below = !mask && dark};

    if (threshold->method != METHOD_FIXED || threshold->sigma > 0)
        return error_set(error, STATUS_UNAVAILABLE,
                         "only a fixed level without a blur (sigma: 0) can be exported");
    return stage_graph_add(graph, step, error);
}

const struct stage stage_threshold = {
    .descriptor = {"threshold",
                   "pixels that are not above a level, optionally after a blur, become black",
                   "Donoho, Johnstone, Ideal spatial adaptation by wavelet shrinkage, 1994", fields,
                   sizeof(struct threshold), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = threshold_gives,
    .shape = threshold_shape,
    .scratch = threshold_scratch,
    .run = threshold_run,
    .count = threshold_count,
    .graph = threshold_graph,
};
