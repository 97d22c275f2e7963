/*
 * Anisotropic diffusion: the image flows from bright to dark, but hardly across edges.
 *
 * P. Perona, J. Malik, "Scale-space and edge detection using anisotropic diffusion", IEEE PAMI
 * 12(7), 1990. In each iteration, channel by channel,
 *
 *     I <- I + step * sum over the four neighbours of c(d) d    with d = neighbour - I
 *
 *     c(d) = exp(-(d / kappa)^2)    or    1 / (1 + (d / kappa)^2)
 *
 * Nothing flows through the border. Up to step = 1/4 no new extremes arise. Each flow between two
 * neighbours is computed once, and taken from one what the other is given. Cost for each pixel and
 * iteration: two flows, each with an exponential or a division, and about eight other operations.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"
#include "math/exponential.h"
#include "pipelines/stage_shapes.h"

#include <string.h>

enum conduction { EXPONENTIAL, RATIONAL };

struct anisotropic {
    int64_t conduction, iterations;
    double kappa, step;
};

static const char *const conductions[] = {"exponential", "rational", NULL};

static const struct field fields[] = {
    {"conduction", FIELD_CHOICE, offsetof(struct anisotropic, conduction),
     .default_value = "exponential", .choices = conductions,
     .help = "how a difference d holds the flow back: exp(-(d / kappa)^2), or 1 / (1 + (d / "
             "kappa)^2), which prefers large regions to sharp edges"},
    {"kappa", FIELD_REAL, offsetof(struct anisotropic, kappa), .minimum = 0.01, .maximum = 1000,
     .default_value = "20", .unit = "grey levels (0..255)",
     .help = "differences well above it are edges"},
    {"step", FIELD_REAL, offsetof(struct anisotropic, step), .minimum = 0.001, .maximum = 0.25,
     .default_value = "0.2", .help = "share of the flow in one iteration"},
    {"iterations", FIELD_INTEGER, offsetof(struct anisotropic, iterations), .minimum = 1,
     .maximum = 10000, .default_value = "20", .help = "the more, the smoother"},
    {0},
};

/* Two rows: what flows down into the row from above, and out of it below. And flows along it. */
static size_t anisotropic_scratch(const void *config, struct shape in)
{
    (void)config;
    return 3 * (size_t)in.width;
}

/* What flows from b to a, of `count` pairs. */
static void find_flows(enum conduction conduction, const float *a, const float *b, float sharpness,
                       float step, size_t count, float *flows)
{
    if (conduction == EXPONENTIAL)
#pragma omp simd
        for (size_t x = 0; x < count; x++) {
            float difference = b[x] - a[x], ratio = difference * sharpness;
            flows[x] = step * difference * exponential(-(ratio * ratio));
        }
    else
#pragma omp simd
        for (size_t x = 0; x < count; x++) {
            float difference = b[x] - a[x], ratio = difference * sharpness;
            flows[x] = step * difference / (1 + ratio * ratio);
        }
}

/* One iteration, in place: a row's flows are all known before it is changed. */
static void diffuse(const struct anisotropic *settings, float *plane, int height, size_t width,
                    float *scratch)
{
    enum conduction conduction = (enum conduction)settings->conduction;
    float *above = scratch, *below = scratch + width, *along = scratch + 2 * width;
    float sharpness = (float)(255 / settings->kappa), step = (float)settings->step;

    memset(above, 0, width * sizeof *above);
    for (int y = 0; y < height && !interrupt_requested(); y++) {
        float *row = plane + (size_t)y * width;
        if (y + 1 < height)
            find_flows(conduction, row, row + width, sharpness, step, width, below);
        else
            memset(below, 0, width * sizeof *below);
        find_flows(conduction, row, row + 1, sharpness, step, width - 1, along);
#pragma omp simd
        for (size_t x = 0; x < width; x++)
            row[x] += below[x] - above[x];
#pragma omp simd
        for (size_t x = 0; x < width - 1; x++)
            row[x] += along[x];
#pragma omp simd
        for (size_t x = 1; x < width; x++)
            row[x] -= along[x - 1];
        float *old = above;
        above = below;
        below = old;
    }
}

/* What flows comes one pixel further in each iteration. */
static int anisotropic_reach(const void *config)
{
    return (int)((const struct anisotropic *)config)->iterations;
}

static void anisotropic_run(const void *config, const void *state, struct image in,
                            struct image out, float *scratch)
{
    const struct anisotropic *settings = config;
    size_t plane = shape_plane(in.shape);

    (void)state;
    memcpy(out.pixels, in.pixels, shape_size(in.shape) * sizeof *out.pixels);
    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        for (int64_t i = 0; i < settings->iterations && !interrupt_requested(); i++)
            diffuse(settings, out.pixels + c * plane, in.shape.height, (size_t)in.shape.width,
                    scratch);
}

static struct operations anisotropic_count(const void *config, struct shape in,
                                           struct answer answer)
{
    const struct anisotropic *settings = config;
    double height = in.height, width = in.width,
           flows = (height - 1) * width + height * (width - 1);
    double given = 2 * height * width + 2 * height * (width - 1);
    bool exponential = settings->conduction == EXPONENTIAL;
    struct operations once = {
        .additions = (exponential ? 2 : 1) * flows + given,
        .multiplications = (exponential ? 4 : 2) * flows,
        .multiply_adds = (exponential ? 0 : 1) * flows,
        .divisions = (exponential ? 0 : 1) * flows,
        .exponentials = (exponential ? 1 : 0) * flows,
    };

    (void)answer;
    return operations_repeat(once, (double)settings->iterations * in.channels);
}

const struct stage stage_anisotropic = {
    .descriptor = {"anisotropic", "diffusion that is held back at edges",
                   "Perona, Malik, Scale-space and edge detection using anisotropic diffusion, "
                   "IEEE PAMI 12(7), 1990",
                   fields, sizeof(struct anisotropic), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "kappa",
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .scratch = anisotropic_scratch,
    .run = anisotropic_run,
    .sharing = {.reach = anisotropic_reach},
    .count = anisotropic_count,
};
