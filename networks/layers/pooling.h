/*
 * What max pooling and average pooling have in common: windows of size x size pixels, `stride`
 * pixels apart, that start `padding` pixels outside of the image; those that would stick out
 * further are left out. Every window sees a pixel of the image.
 */
#ifndef UNDERSTUDY_NETWORKS_LAYERS_POOLING_H
#define UNDERSTUDY_NETWORKS_LAYERS_POOLING_H

#include "interfaces/layer.h"

struct pooling {
    int64_t size, stride, padding;
};

extern const struct field pooling_fields[];

/* struct layer's `shape`. */
enum status pooling_shape(const void *config, const struct shape *in, struct shape *out,
                          struct error *error);
/* With batch 0. */
struct conv_geometry pooling_geometry(const void *config, struct shape in, struct shape out);
/* Pixels that the windows of one image see, all channels. */
double pooling_pixels(const struct conv_geometry *geometry);

struct pooling_span {
    int from, to;
};

/* The rows (or columns) that window number `window` along an axis of `size` pixels sees. */
static inline struct pooling_span pooling_span(const struct conv_geometry *g, int window, int size)
{
    int from = window * g->stride - g->padding, to = from + g->kernel_height;
    return (struct pooling_span){from > 0 ? from : 0, to < size ? to : size};
}

#endif
