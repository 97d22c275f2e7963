/* The Gaussian blur for other stages. */
#ifndef UNDERSTUDY_PIPELINES_SMOOTHING_GAUSSIAN_H
#define UNDERSTUDY_PIPELINES_SMOOTHING_GAUSSIAN_H

#include "interfaces/operations.h"
#include "math/image.h"

#include <stddef.h>

/* How many pixels away from its own a pixel's window reaches. */
int gaussian_blur_radius(double sigma);

/* Floats of scratch memory that gaussian_blur() needs for an image of shape `in`. */
size_t gaussian_blur_scratch(double sigma, struct shape in);

/* Blur each channel of `in` into `out`, of the same shape; sigma > 0, in pixels. */
void gaussian_blur(double sigma, struct image in, struct image out, float *scratch);

/* What gaussian_blur() does to one image. */
struct operations gaussian_blur_operations(double sigma, struct shape in);

#endif
