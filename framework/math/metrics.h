/* Scores of outputs against ground truth; how the outputs came about is not known here. */
#ifndef UNDERSTUDY_MATH_METRICS_H
#define UNDERSTUDY_MATH_METRICS_H

#include "math/image.h"

enum task { TASK_DENOISE, TASK_CLASSIFY };
enum metric { METRIC_SSIM, METRIC_PSNR, METRIC_ACCURACY };
enum { METRICS_MAX_CLASSES = 256 };

extern const char *const task_names[];   /* "denoise", "classify", NULL */
extern const char *const metric_names[]; /* "ssim", "psnr", "accuracy", NULL */

struct scores {
    double ssim, psnr; /* means over images; NaN in classification */
    double accuracy;   /* share of right labels, 0 … 1; NaN in denoising */
    double class_accuracy[METRICS_MAX_CLASSES]; /* NaN where the class has no image */
};

/* SSIM and PSNR of outputs[i] against truth[i], averaged in index order. */
MUST_CHECK enum status metrics_images(const struct image_set *outputs,
                                      const struct image_set *truth, int threads,
                                      struct scores *scores, struct error *error);
/* Accuracy of argmax of scores (classes, 1, 1) against classes; the first of equals wins. */
void metrics_classes(const struct image_set *outputs, const uint8_t *classes, int class_count,
                     struct scores *scores);
/* Index of the largest value; the first of equals. */
int metrics_argmax(const float *values, int count);
double metrics_value(const struct scores *scores, enum metric metric);

#endif
