/*
 * Connected components of masks: the pixels of one class that hang together. A. Rosenfeld, J. L.
 * Pfaltz, "Sequential operations in digital picture processing", Journal of the ACM 13(4), 1966,
 * with disjoint sets. Cost: nearly linear; no memory beside the result.
 */
#ifndef UNDERSTUDY_MATH_COMPONENTS_H
#define UNDERSTUDY_MATH_COMPONENTS_H

#include <stdint.h>

enum { COMPONENTS_4 = 4, COMPONENTS_8 = 8 }; /* neighbours that hang together */

/* One row after the other, from the top: join pixels to the sets (math/union_find.h) of their
 * neighbours of the same class, above 0. Others are sets of their own. */
void components_join_row(const float *classes, int width, int y, int neighbours, uint32_t *parents);
/*
 * number[height * width] gets each pixel's component, from 1 in the raster order of their first
 * pixels; 0 where the class is 0, or NaN. Pixels belong together where they are neighbours and of
 * the same class. Returns how many there are. height * width is below 2^31.
 */
uint32_t components_find(const float *classes, int height, int width, int neighbours,
                         uint32_t *number);

#endif
