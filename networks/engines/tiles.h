/*
 * The gradient of a convolution's weights in bfloat16, by products of tiles (AMX) over whole
 * batches of images: rows, however short, fill the tiles. Stride 1, dilation 1, one group.
 */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_TILES_H
#define UNDERSTUDY_NETWORKS_ENGINES_TILES_H

#include "interfaces/engine.h"

#include <stddef.h>
#include <stdint.h>

/* Whether there is such a kernel for the shape; where processor_has(PROCESSOR_AMX), it can be run.
 */
bool tiles_suit(const struct conv_geometry *g);

/* Bytes that tiles_weights() needs. */
size_t tiles_scratch(const struct conv_geometry *g, int images);

/* dw[out][in][kernel height][kernel width] and db[out] (or NULL) = the gradients, from
 * x[image][height][width][in] and dy[image][height][width][out] in bfloat16. Sums are in float32,
 * in an order that depends on the shapes alone. `scratch` is aligned to 64 bytes. */
void tiles_weights(const struct conv_geometry *g, int images, const uint16_t *x, const uint16_t *dy,
                   float *dw, float *db, void *scratch);

#endif
