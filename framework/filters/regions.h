/*
 * Regions of masks: what label filters drop in place of whole images. A region is an object, the
 * pixels of one class above 0 that hang together at their edges; or the ground, class 0, as far as
 * it lies in one of the squares that the mask is laid out with. So an object that is missing lies
 * in some square of the ground. Pixels of which nothing is known belong to no region.
 */
#ifndef UNDERSTUDY_FILTERS_REGIONS_H
#define UNDERSTUDY_FILTERS_REGIONS_H

#include "interfaces/filter.h"

enum { REGION_TILE = 8 }; /* pixels, side of the squares */

struct regions {
    size_t count;
    uint32_t *item, *pixels; /* [count]: the label that it is part of, how large it is */
    uint32_t *of;            /* [pixels of all labels]; UINT32_MAX: in none */
};

/* Those of all masks, one mask after the other, in the raster order of their first pixels. */
MUST_CHECK enum status regions_find(struct regions *regions, const struct image_set *masks,
                                    int tile, struct error *error);
/* means[r]: of `values`, one a pixel of the labels, the mean over the region's. NaN is left out; 0
 * where nothing is left. */
MUST_CHECK enum status region_means(const struct regions *regions, const float *values,
                                    size_t pixels, float *means, struct error *error);
/* Safe on {0}. */
void regions_release(struct regions *regions);

#endif
