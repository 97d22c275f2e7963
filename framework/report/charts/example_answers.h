/* Example images as people see them: what an answer is worth, masks and maps in colours, classes by
 * name. For the figure of examples and the report. */
#ifndef UNDERSTUDY_REPORT_CHARTS_EXAMPLE_ANSWERS_H
#define UNDERSTUDY_REPORT_CHARTS_EXAMPLE_ANSWERS_H

#include "report/charts/example_images.h"

enum { EXAMPLES_CLASS = 32 };

/* The colours of classes. */
struct examples_palette {
    uint32_t *colours;
    size_t count;
};

/* The first of what is shown, and which one the answers are compared with: what is true, where that
 * is known, else the input and the pipeline's answer. */
int examples_first(const struct examples *examples);
int examples_reference(const struct examples *examples);

/* The k-th answer that is shown against that: SSIM, mean IoU or mean absolute error; NaN where
 * there is no such score, as for an image smaller than SSIM's window. `scratch` as quality_ssim()
 * needs it. */
MUST_CHECK enum status examples_score(const struct examples *examples, int which, size_t k,
                                      float *scratch, double *value, struct error *error);
/* As it is shown; `room` [3][height][width] of the largest. */
struct image examples_shown(const struct examples *examples, const struct examples_palette *palette,
                            int which, size_t k, float *room);
/* The colours that the trial's data set gave its classes; none where it gave none. */
MUST_CHECK enum status examples_colours(const struct results *results, struct examples *examples,
                                        struct examples_palette *palette, struct error *error);
/* What the data set calls its classes, ended by NULL; *names is NULL where it does not. */
MUST_CHECK enum status examples_class_names(const struct results *results,
                                            struct examples *examples, const struct points *points,
                                            const char *const **names, struct error *error);
/* "cat", where class 3 has that name, else "3". */
void examples_class(const char *const *names, double class, char text[EXAMPLES_CLASS]);

#endif
