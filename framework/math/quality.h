/*
 * Image quality against ground truth, data range 1. Both images are clipped to [0, 1] first, as a
 * file of them would be.
 */
#ifndef UNDERSTUDY_MATH_QUALITY_H
#define UNDERSTUDY_MATH_QUALITY_H

#include "math/image.h"

/* Floats of scratch memory that quality_ssim() needs for images of this shape. */
size_t quality_ssim_scratch(struct shape shape);

/*
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004): Gaussian window of 11 x 11, sigma
 * 1.5, K1 0.01, K2 0.03, population covariance, mean over the windows that lie inside the image,
 * then over the channels.
 * Equal to scikit-image's structural_similarity(gaussian_weights=True, sigma=1.5,
 * use_sample_covariance=False, data_range=1). Both sides must be at least 11.
 */
double quality_ssim(struct image a, struct image b, float *scratch);

/* Peak signal-to-noise ratio in dB, of the mean squared error over all values; infinite where the
 * images are equal. */
double quality_psnr(struct image a, struct image b);

#endif
