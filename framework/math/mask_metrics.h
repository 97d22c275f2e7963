/* Scores of masks: the number of each pixel's class, against the true one. */
#ifndef UNDERSTUDY_MATH_MASK_METRICS_H
#define UNDERSTUDY_MATH_MASK_METRICS_H

#include "math/metrics.h"

/*
 * Both sets have images of shape (1, height, width). Pixels whose truth is NaN are left out. Where
 * an output is no class number (NaN, or not below `class_count`), there is no answer: it is wrong.
 * An image without a known pixel has no say; one that has some, and an answer for none of them, is
 * undefined. With truth T_c, output O_c and both B_c, in pixels of class c:
 *
 *     IoU = B_c / (T_c + O_c - B_c),    Dice = 2 B_c / (T_c + O_c),
 *
 * of an image the mean over the classes that occur in it, in truth or output; of a set the mean
 * over its images. `parts` has each class's mean IoU over the images where it occurs. Pixel
 * accuracy is the share of right pixels, in the same way. The pooled IoU counts the pixels of all
 * images together, as the PASCAL VOC challenge does: M. Everingham et al., "The PASCAL Visual
 * Object Classes challenge: a retrospective", IJCV 111(1), 2015.
 *
 * Boundary F1: a pixel is on its class's boundary where one of its four neighbours is of another
 * class (unknown pixels are of none). Precision is the share of the output's boundary pixels that
 * have one of the truth, of the same class, within a distance of 0.75 % of the image's diagonal,
 * rounded up to whole pixels; recall is the reverse. Their harmonic mean is averaged over the
 * classes that occur. A class without a boundary on both sides has 1, one that occurs or has a
 * boundary on one side alone has 0. G. Csurka, D. Larlus, F. Perronnin, "What is a good evaluation
 * measure for semantic segmentation?", BMVC 2013.
 *
 * Cost: 20 operations a pixel; a disc of the distance for each boundary pixel without a match.
 * `each` may be NULL.
 */
MUST_CHECK enum status metrics_masks(const struct image_set *outputs, const struct image_set *truth,
                                     int class_count, int threads, struct scores *scores,
                                     const struct image_scores *each, struct error *error);

#endif
