/*
 * What lies beyond an image's edge: its mirror image, the edge pixel included ("d c b a | a b c d |
 * d c b a", scipy.ndimage's mode `reflect`), however far one looks.
 */
#ifndef UNDERSTUDY_MATH_BORDER_H
#define UNDERSTUDY_MATH_BORDER_H

#include "math/image.h"

#include <stddef.h>

/* The index in [0, size) that stands for any `index`; size > 0. */
int border_reflect(int index, int size);

/* Number of values of a plane with `radius` more pixels on each side. */
size_t border_size(int height, int width, int radius);

/* Copy a plane to `padded`, rows of width + 2 radius values, and fill its border. */
void border_pad(const float *plane, int height, int width, int radius, float *padded);

/* Fill the `radius` values on both sides of a row whose `width` values start at row[radius]. */
void border_row(float *row, int width, int radius);

/* Copy the planes of an image of as many channels: what `to` lacks is cut, on the right and below;
 * what it has beyond is the mirror image. */
void border_fit(const float *from, struct shape is, struct image to);
/* The same for the part of the image that begins at (top, left). */
void border_window(const float *from, struct shape is, int top, int left, struct image to);

#endif
