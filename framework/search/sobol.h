/*
 * Sobol's sequence: points that fill the unit cube more evenly than random ones.
 *
 * Coordinate d of point i is the exclusive or of the direction numbers v_k, for each set bit k of
 * i's Gray code; v_k comes from a primitive polynomial of each dimension (Bratley, Fox 1988; Joe,
 * Kuo 2008). Every 2^m points from a multiple of 2^m on are a net: each of the 2^m slices along
 * any axis has one.
 *
 * Scrambled as Owen does (1995): bit k is flipped by a random bit that depends on the dimension and
 * on all bits above k, which keeps the net and makes every point uniform by itself. The random bits
 * are Philox's of (seed; dimension, k, bits above): point i depends on seed and i alone.
 */
#ifndef UNDERSTUDY_SEARCH_SOBOL_H
#define UNDERSTUDY_SEARCH_SOBOL_H

#include "base/random.h"

#include <stdbool.h>
#include <stddef.h>

/* Coordinate `dimension` (below 64) of point `index` (below 2^32), as a fraction of 2^32. */
uint32_t sobol_raw(uint32_t index, size_t dimension);
uint32_t sobol_scramble(struct random_key key, size_t dimension, uint32_t value);
/* In [0, 1). */
void sobol_point(struct random_key key, uint32_t index, bool scramble, size_t dimensions,
                 double *coordinates);

#endif
