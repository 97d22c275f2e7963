/*
 * Image quality against ground truth, data range 1. Images are clipped to [0, 1] first, as a
 * file of them would be, unless it says otherwise.
 */
#ifndef UNDERSTUDY_MATH_QUALITY_H
#define UNDERSTUDY_MATH_QUALITY_H

#include "math/image.h"

enum { QUALITY_SSIM_SIDE = 11 }; /* pixels: the window's, and the least of an image's */
enum {
    QUALITY_PSNR_MOST = 100
}; /* dB: the images differ by 1e-5 of the range, 16 bits' rounding */

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

size_t quality_ssim_slope_scratch(struct shape shape);
/*
 * The same index of images as they are, not clipped, and its exact slope: da[i] = factor times its
 * derivative by a[i].
 */
double quality_ssim_slope(struct shape shape, const float *a, const float *b, double factor,
                          float *da, float *scratch);

/*
 * Peak signal-to-noise ratio in dB, of the mean squared error over all values, at most
 * QUALITY_PSNR_MOST: equal images score that, where the formula gives infinity (docs/scores.md says
 * why). NaN where a value is NaN.
 */
double quality_psnr(struct image a, struct image b);

#endif
