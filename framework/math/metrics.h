/* Scores of outputs against ground truth; how the outputs came about is not known here. */
#ifndef UNDERSTUDY_MATH_METRICS_H
#define UNDERSTUDY_MATH_METRICS_H

#include "base/text.h"
#include "math/image.h"

#define ROW(metric, name, title, unit, least, most, sense) METRIC_##metric,
enum metric {
#include "math/metrics.def"
    METRICS
};
#undef ROW
enum { METRICS_MAX_CLASSES = 256, METRICS_NAMED = 8 };

extern const char *const metric_names[]; /* by metric: "ssim", "psnr" …, ended by NULL */
/* How figures call them, and their units; "" where it is that of the answers. */
extern const char *const metric_titles[], *const metric_units[];
/* What a score can be, by metric: SSIM is a correlation. */
extern const double metric_least[], metric_most[];

/* How good a score is: larger is better, whatever the metric. Errors count with their sign turned.
 */
double metric_goodness(enum metric metric, double score);
/* The metric that a column is of, as "network.test.ssim"; false: none. */
bool metric_of_column(const char *column, enum metric *metric);
/* Is the score as good as the target, or better? */
bool metric_reaches(enum metric metric, double score, double target);

/* Images with exceptional scores. */
struct exceptions {
    size_t count;
    uint32_t images[METRICS_NAMED]; /* the first of them, ascending */
};

/*
 * Means over all images of a set. NaN: there is no such score (no image, another task), or there
 * are `undefined` images: a mean without some of the images would be of another set.
 */
struct scores {
    double values[METRICS];            /* NaN where the task does not have the metric, too */
    double parts[METRICS_MAX_CLASSES]; /* the task's main metric of each class, or each number; NaN
                                          where there is none */
    struct exceptions capped;          /* images whose PSNR is QUALITY_PSNR_MOST */
    struct exceptions undefined;       /* images without a score: a value of the output is NaN */
};

/* Where each image's own scores go, metric by metric: the caller's arrays [images]; NULL: they are
 * not wanted. Some are of a set alone, as kappa. */
struct image_scores {
    double *values[METRICS];
};

/* Those of no image: all NaN. */
void scores_clear(struct scores *scores);
/* SSIM and PSNR of outputs[i] against truth[i], averaged in index order. docs/scores.md tells what
 * scores that are not finite come to. `each` may be NULL. */
MUST_CHECK enum status metrics_images(const struct image_set *outputs,
                                      const struct image_set *truth, int threads,
                                      struct scores *scores, const struct image_scores *each,
                                      struct error *error);
/*
 * Accuracy of argmax of scores (classes, 1, 1) against classes, of an image 1 or 0; the first of
 * equals wins. An image with a score that is NaN has no argmax: it is undefined. And Cohen's kappa,
 * accuracy beyond chance, NaN where chance alone makes all labels right (one class on both sides):
 *
 *     kappa = (p - e) / (1 - e),    e = sum over classes c of p_c q_c,
 *
 * with the accuracy p and the shares p_c and q_c of class c in outputs and classes. J. Cohen, "A
 * coefficient of agreement for nominal scales", Educational and Psychological Measurement 20(1),
 * 1960. `each` may be NULL.
 */
void metrics_classes(const struct image_set *outputs, const uint8_t *classes, int class_count,
                     struct scores *scores, const struct image_scores *each);
/* Index of the largest value; the first of equals. */
int metrics_argmax(const float *values, int count);
double metrics_value(const struct scores *scores, enum metric metric);
/* Images without a score, and their like, are counted; the first few are named. */
void exceptions_add(struct exceptions *exceptions, size_t image);
/* Sum in the order of the values, by their number. */
double metrics_mean(const double *values, size_t count);
/* … of those that are not NaN; NaN where all are. */
double metrics_mean_known(const double *values, size_t count);
/* Hand each image's scores to who wants them. */
void metrics_tell(const struct image_scores *each, enum metric metric, const double *values,
                  size_t count);
/* "image a.png", "images 3, 5", "images 3, 5 … and 7 more": by their files where `files` is not
 * NULL (without folders, so that the same images elsewhere are told alike), else by their
 * `numbers`, where these are NULL by their places in the set. */
void exceptions_print(const struct exceptions *exceptions, const char *const *files,
                      const uint32_t *numbers, struct text *text);

#endif
