/*
 * Grey: one channel of three, red, green and blue.
 *
 *     out = 0.299 red + 0.587 green + 0.114 blue
 *
 * which is luma after ITU-R BT.601, and cv2.cvtColor(image, cv2.COLOR_RGB2GRAY). What has one
 * channel already stays. Cost: three products a pixel.
 */
#include "base/interrupt.h"
#include "pipelines/stage_shapes.h"

#include <string.h>

static const float luma[] = {0.299F, 0.587F, 0.114F};

static enum status grey_shape(const void *config, struct shape in, struct answer answer,
                              struct shape *out, struct error *error)
{
    (void)config, (void)answer;
    if (in.channels != 1 && in.channels != 3)
        return error_set(error, STATUS_CONFIG, "takes images of 1 or 3 channels, not of %d",
                         in.channels);
    *out = (struct shape){1, in.height, in.width};
    return STATUS_OK;
}

static void grey_run(const void *config, const void *state, struct image in, struct image out,
                     float *scratch)
{
    size_t width = (size_t)in.shape.width, plane = shape_plane(in.shape);
    const float *red = in.pixels, *green = red + plane, *blue = green + plane;

    (void)config, (void)state, (void)scratch;
    if (in.shape.channels == 1) {
        memcpy(out.pixels, in.pixels, plane * sizeof *out.pixels);
        return;
    }
    for (size_t start = 0; start < plane && !interrupt_requested(); start += width)
        for (size_t i = start; i < start + width; i++)
            out.pixels[i] = luma[0] * red[i] + luma[1] * green[i] + luma[2] * blue[i];
}

static struct operations grey_count(const void *config, struct shape in, struct answer answer)
{
    double size = (double)shape_plane(in);

    (void)config, (void)answer;
    if (in.channels == 1)
        return (struct operations){.lookups = size}; /* copied */
    return (struct operations){.multiplications = size, .multiply_adds = 2 * size};
}

static enum status grey_graph(const void *config, struct shape in, struct stage_graph *graph,
                              struct error *error)
{
    struct stage_step step = {
        .kind = STEP_MIX, .in = in, .out = {1, in.height, in.width}, .weights = luma};

    (void)config;
    return in.channels == 1 ? STATUS_OK : stage_graph_add(graph, step, error);
}

const struct stage stage_grey = {
    .descriptor = {"grey", "one channel of three: luma", "ITU-R BT.601", NULL, 0, 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = grey_shape,
    .run = grey_run,
    .scalar = true,
    .count = grey_count,
    .graph = grey_graph,
};
