/*
 * Crop: a rectangle of the image, of all its channels: image[top : top + height,
 * left : left + width]. Masks stay masks, maps stay maps. Cost: each value is copied.
 */
#include "base/interrupt.h"
#include "pipelines/stage_shapes.h"

#include <limits.h>
#include <string.h>

struct crop {
    int64_t top, left, height, width;
};

static const struct field fields[] = {
    {"top", FIELD_INTEGER, offsetof(struct crop, top), .minimum = 0, .maximum = INT_MAX,
     .default_value = "0", .unit = "pixels", .help = "rows that go above"},
    {"left", FIELD_INTEGER, offsetof(struct crop, left), .minimum = 0, .maximum = INT_MAX,
     .default_value = "0", .unit = "pixels", .help = "columns that go on the left"},
    {"height", FIELD_INTEGER, offsetof(struct crop, height), .minimum = 0, .maximum = INT_MAX,
     .default_value = "0", .unit = "pixels", .help = "rows that stay; 0: all that follow"},
    {"width", FIELD_INTEGER, offsetof(struct crop, width), .minimum = 0, .maximum = INT_MAX,
     .default_value = "0", .unit = "pixels", .help = "columns that stay; 0: all that follow"},
    {0},
};

static enum status crop_shape(const void *config, struct shape in, struct answer answer,
                              struct shape *out, struct error *error)
{
    const struct crop *crop = config;
    int64_t height = crop->height ? crop->height : in.height - crop->top;
    int64_t width = crop->width ? crop->width : in.width - crop->left;

    (void)answer;
    if (height < 1 || width < 1 || crop->top + height > in.height || crop->left + width > in.width)
        return error_set(error, STATUS_CONFIG,
                         "the rectangle does not lie in an image of %d x %d pixels", in.height,
                         in.width);
    *out = (struct shape){in.channels, (int)height, (int)width};
    return STATUS_OK;
}

static void crop_run(const void *config, const void *state, struct image in, struct image out,
                     float *scratch)
{
    const struct crop *crop = config;
    size_t width = (size_t)out.shape.width;

    (void)state, (void)scratch;
    for (int c = 0; c < in.shape.channels; c++)
        for (int y = 0; y < out.shape.height && !interrupt_requested(); y++) {
            size_t row = (size_t)c * (size_t)in.shape.height + (size_t)(crop->top + y);
            memcpy(out.pixels + ((size_t)c * (size_t)out.shape.height + (size_t)y) * width,
                   in.pixels + row * (size_t)in.shape.width + crop->left,
                   width * sizeof *out.pixels);
        }
}

static struct operations crop_count(const void *config, struct shape in, struct answer answer)
{
    struct shape out = {0};

    if (crop_shape(config, in, answer, &out, NULL) != STATUS_OK)
        return (struct operations){0};
    return (struct operations){.lookups = (double)shape_size(out)};
}

static enum status crop_graph(const void *config, struct shape in, struct stage_graph *graph,
                              struct error *error)
{
    const struct crop *crop = config;
    struct stage_step step = {.kind = STEP_RESAMPLE, .in = in};

    PASS(crop_shape(config, in, (struct answer){0}, &step.out, error));
    PASS(stage_graph_side(graph, step.out.height, (size_t)step.out.height, &step.rows, error));
    PASS(stage_graph_side(graph, step.out.width, (size_t)step.out.width, &step.columns, error));
    for (int y = 0; y < step.out.height; y++)
        step_side_add(&step.rows, y, (int)crop->top + y, 1);
    for (int x = 0; x < step.out.width; x++)
        step_side_add(&step.columns, x, (int)crop->left + x, 1);
    return stage_graph_add(graph, step, error);
}

const struct stage stage_crop = {
    .descriptor = {"crop", "a rectangle of the image", NULL, fields, sizeof(struct crop), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_as_input,
    .shape = crop_shape,
    .run = crop_run,
    .count = crop_count,
    .graph = crop_graph,
};
