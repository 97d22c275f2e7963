/*
 * Direct convolution at stride 1 for few channels, where matrix products spend their time on laying
 * values out: 1 to 16 channels are what small networks are made of.
 */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_DIRECT_H
#define UNDERSTUDY_NETWORKS_ENGINES_DIRECT_H

#include "interfaces/engine.h"

/* To be called first: the kernels of `isa`, "avx512" or "avx2", which give the same bits; NULL:
 * none, and nothing is taken. */
void direct_start(const char *isa);

/* Whether it has kernels for this convolution and its input's gradient. */
bool direct_can(const struct conv_geometry *geometry);
/* And is the faster way. */
bool direct_takes(const struct conv_geometry *geometry);

/* And sums up 16 pixels at a time. */
bool direct_is_wide(void);

/* As in struct engine. */
size_t direct_scratch(const struct conv_geometry *geometry);
void direct_forward(const struct conv_geometry *geometry, const float *x, const float *w,
                    const float *bias, float *y, float *scratch);
/* The same with the sums of oneDNN: all channels of the kernel's first pixel, of its second …, then
 * the bias (or NULL), then, if asked for, max(y, 0). */
void direct_forward_by_pixel(const struct conv_geometry *geometry, const float *x, const float *w,
                             const float *bias, bool relu, float *y, float *scratch);
void direct_backward_data(const struct conv_geometry *geometry, const float *dy, const float *w,
                          float *dx, float *scratch);
#endif
