/* The functions of the engine openblas, for engines that leave some work to it. */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_OPENBLAS_H
#define UNDERSTUDY_NETWORKS_ENGINES_OPENBLAS_H

#include "interfaces/engine.h"

extern const struct engine engine_openblas;

/* As in struct engine. */
/* Of struct engine, thread_room: a buffer of the library (its BUFFER_SIZE), for which it waits
 * for ever, and what the allocator adds. */
enum { OPENBLAS_THREAD_ROOM = (128 << 20) + (1 << 16) };
/* Of struct engine, take_room. */
void openblas_take_room(int threads);

size_t openblas_conv_scratch(const struct conv_geometry *g);
void openblas_conv_forward(const struct conv_geometry *g, const float *x, const float *w,
                           const float *bias, float *y, float *scratch);
void openblas_conv_backward_data(const struct conv_geometry *g, const float *dy, const float *w,
                                 float *dx, float *scratch);
void openblas_conv_backward_weights(const struct conv_geometry *g, const float *x, const float *dy,
                                    float *dw, float *dbias, float *scratch);
void openblas_dense_forward(int batch, int inputs, int outputs, const float *x, const float *w,
                            const float *bias, float *y);
void openblas_dense_backward_data(int batch, int inputs, int outputs, const float *dy,
                                  const float *w, float *dx);
void openblas_dense_backward_weights(int batch, int inputs, int outputs, const float *x,
                                     const float *dy, float *dw, float *dbias);

#endif
