/*
 * How noisy an image is: the standard deviation of white Gaussian noise, by the median of the
 * magnitudes of the finest diagonal wavelet details, which hold little else.
 *
 * D. L. Donoho, I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81(3),
 * 1994: sigma = median |d| / 0.6745, where 0.6745 is the median of |x| for standard normal x. The
 * details are those of Daubechies' wavelet of two vanishing moments, of the image continued by its
 * mirror image, without those that are 0, as in skimage.restoration.estimate_sigma.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_NOISE_LEVEL_H
#define UNDERSTUDY_PIPELINES_DENOISING_NOISE_LEVEL_H

#include "interfaces/operations.h"
#include "math/image.h"

/* Floats of scratch memory. */
size_t noise_level_scratch(int height, int width);
/* Of one plane; 0 where all details are 0. */
double noise_level(const float *plane, int height, int width, float *scratch);
/* The same from the details, which are left without those that are 0. */
double noise_level_of_details(float *details, size_t size);
/* The mean over the image's channels. */
double noise_level_mean(struct image image, float *scratch);
/* Below a ten thousandth of a grey level there is none: single precision would not show it. */
bool noise_level_is_none(double sigma);
/* What noise_level() does. */
struct operations noise_level_count(int height, int width);
struct operations noise_level_of_details_count(double details);

#endif
