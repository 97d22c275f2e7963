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
/* And is the faster way; to the input's gradient. */
bool direct_takes(const struct conv_geometry *geometry);
bool direct_takes_backward(const struct conv_geometry *geometry);

/* And sums up 16 pixels at a time. */
bool direct_is_wide(void);

/* As in struct engine. */
size_t direct_scratch(const struct conv_geometry *geometry);
void direct_forward(const struct conv_geometry *geometry, const float *x, const float *w,
                    const float *bias, float *y, float *scratch);
void direct_backward_data(const struct conv_geometry *geometry, const float *dy, const float *w,
                          float *dx, float *scratch);

/* In which order an output value is summed up: blocks of channels one after the other, in a block
 * pixel by pixel of the kernel, at a pixel channel by channel. */
struct direct_sums {
    size_t block;   /* channels; 1: channel by channel */
    bool rows;      /* instead, blocks are the rows of the kernel, each channel by channel */
    bool backwards; /* from the kernel's last pixel to its first */
    size_t apart; /* blocks that are summed up from zero on, and then added to those before; 0: all
                   * are one sum */
    bool bias_last; /* the bias (which may be NULL) is added in the end, not in the beginning */
    bool relu;      /* then max(y, 0) */
    bool mirrored;  /* the weights are those of the convolution whose mirror (im2col.h) it is */
    bool adds;      /* to what is in y; there is no bias */
};
void direct_convolve(const struct conv_geometry *geometry, const struct direct_sums *sums,
                     const float *x, const float *w, const float *bias, float *y, float *scratch);
#endif
