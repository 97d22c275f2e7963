#include "networks/layers/pooling.h"

const struct field pooling_fields[] = {
    {"size", FIELD_INTEGER, offsetof(struct pooling, size), .minimum = 1, .maximum = 64,
     .default_value = "2", .unit = "pixels", .help = "side of the square window"},
    {"stride", FIELD_INTEGER, offsetof(struct pooling, stride), .minimum = 0, .maximum = 64,
     .default_value = "0", .unit = "pixels",
     .help = "distance between windows; 0: the window's size"},
    {"padding", FIELD_INTEGER, offsetof(struct pooling, padding), .minimum = 0, .maximum = 32,
     .default_value = "0", .unit = "pixels",
     .help =
         "how far windows reach beyond the edge, where pixels are ignored; at most half of size"},
    {0}};

enum status pooling_shape(const void *config, const struct shape *in, struct shape *out,
                          struct error *error)
{
    const struct pooling *pooling = config;
    int size = (int)pooling->size, padding = (int)pooling->padding;
    int stride = (int)(pooling->stride ? pooling->stride : pooling->size);

    if (padding > size / 2)
        return error_set(error, STATUS_CONFIG,
                         "padding %d is more than half of a window of %d x %d pixels", padding,
                         size, size);
    if (in[0].height < size - 2 * padding || in[0].width < size - 2 * padding)
        return error_set(error, STATUS_CONFIG,
                         "a window of %d x %d pixels does not fit into an input of %d x %d", size,
                         size, in[0].height, in[0].width);
    *out = (struct shape){in[0].channels, (in[0].height - size + 2 * padding) / stride + 1,
                          (in[0].width - size + 2 * padding) / stride + 1};
    return STATUS_OK;
}

struct conv_geometry pooling_geometry(const void *config, struct shape in, struct shape out)
{
    const struct pooling *pooling = config;
    int size = (int)pooling->size;

    return (struct conv_geometry){.in = in,
                                  .out = out,
                                  .kernel_height = size,
                                  .kernel_width = size,
                                  .stride = (int)(pooling->stride ? pooling->stride : size),
                                  .padding = (int)pooling->padding,
                                  .dilation = 1,
                                  .groups = 1};
}

/* The same along one axis. */
static double axis_pixels(const struct conv_geometry *g, int windows, int size)
{
    double sum = 0;
    for (int w = 0; w < windows; w++) {
        struct pooling_span span = pooling_span(g, w, size);
        sum += span.to - span.from;
    }
    return sum;
}

double pooling_pixels(const struct conv_geometry *g)
{
    return g->out.channels * axis_pixels(g, g->out.height, g->in.height) *
           axis_pixels(g, g->out.width, g->in.width);
}
