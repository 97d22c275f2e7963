/* The median filter of 7 x 7, private to median.c. */
#ifndef UNDERSTUDY_PIPELINES_SMOOTHING_MEDIAN_7_H
#define UNDERSTUDY_PIPELINES_SMOOTHING_MEDIAN_7_H

#include <stddef.h>

enum { MEDIAN_7_COMPARISONS = 276 }; /* minima and maxima a pixel */

/* The medians of a row from the seven rows of the image around it, borders by reflection; scratch
 * memory: 7 (width + 6) floats. */
void median_row_7(const float *const rows[7], int width, float *scratch, float *out);

#endif
