/* Answers drawn as colour images: masks over the image that they are of, maps on a scale of
 * colours. */
#ifndef UNDERSTUDY_REPORT_CHARTS_OVERLAY_H
#define UNDERSTUDY_REPORT_CHARTS_OVERLAY_H

#include "math/image.h"

/* 0xRRGGBB of class `number`, where the data set names none. Class 0, the ground, has none. */
uint32_t overlay_colour(int number);
/*
 * `out` (3, h, w): the image in grey, tinted by each pixel's class; class 0 is left as it is. Where
 * the mask differs from `reference` (may have no pixels: nothing is compared), the pixel is red;
 * where either is NaN, it is dark. `colours` [count] may be NULL.
 */
void overlay_mask(struct image image, struct image mask, struct image reference,
                  const uint32_t *colours, size_t count, struct image out);
/* `out` (3, h, w): the map's first channel, `low` dark blue to `high` yellow (viridis); NaN is
 * black. */
void overlay_map(struct image map, float low, float high, struct image out);

#endif
