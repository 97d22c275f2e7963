/*
 * Engines: the heavy kernels, behind one table. The framework never names one.
 *
 * Kernels are single-threaded, allocate nothing, and give the same bits for the same input. Layouts
 * are NCHW; weights are [filters][channels / groups][kernel_height][kernel_width]; a dense layer's
 * weights are [outputs][inputs]. "+=" says that a kernel adds to what is there.
 */
#ifndef UNDERSTUDY_KINDS_ENGINE_H
#define UNDERSTUDY_KINDS_ENGINE_H

#include "io/schema.h"
#include "kinds/primitive.h"

struct engine {
    struct descriptor descriptor;
    /* Human-readable version of the library and, after start(), the kernels' instruction set. */
    const char *(*version)(void);
    const char *(*isa)(void);
    /*
     * "NAME=VALUE" that has to stand in the environment when the program starts, for the library to
     * use the kernels of `isa` ("avx2", "avx512"; NULL: the best that this processor has);
     * *setting is NULL where nothing is needed. Libraries look at it as they are loaded: cli/ sets
     * it and starts the program anew. STATUS_UNAVAILABLE where `isa` is unknown or cannot run here.
     */
    enum status (*environment)(const char *isa, const char **setting, struct error *error);
    /* Called once before use: pins the library to one thread. STATUS_UNAVAILABLE where it cannot
     * run here. */
    enum status (*start)(struct error *error);
    /* Floats of scratch memory that the three convolution kernels need. */
    size_t (*conv_scratch)(const struct conv_geometry *geometry);
    /* y = x * w + bias; bias may be NULL. */
    void (*conv_forward)(const struct conv_geometry *geometry, const float *x, const float *w,
                         const float *bias, float *y, float *scratch);
    /* dx += dy * w (transposed). */
    void (*conv_backward_data)(const struct conv_geometry *geometry, const float *dy,
                               const float *w, float *dx, float *scratch);
    /* dw += x * dy; dbias += sum dy (dbias may be NULL). */
    void (*conv_backward_weights)(const struct conv_geometry *geometry, const float *x,
                                  const float *dy, float *dw, float *dbias, float *scratch);
    /* y[batch][outputs] = x[batch][inputs] w^T + bias. */
    void (*dense_forward)(int batch, int inputs, int outputs, const float *x, const float *w,
                          const float *bias, float *y);
    void (*dense_backward_data)(int batch, int inputs, int outputs, const float *dy, const float *w,
                                float *dx); /* dx += */
    void (*dense_backward_weights)(int batch, int inputs, int outputs, const float *x,
                                   const float *dy, float *dw, float *dbias); /* += */
};

#endif
