/*
 * Answers against the truth: what is true of each image comes from a folder or a CSV file, read as
 * the data set `recorded` reads it (docs/recorded_data.md), with the settings of the experiment
 * where that has recorded data itself.
 */
#ifndef UNDERSTUDY_DEPLOY_COMPARE_H
#define UNDERSTUDY_DEPLOY_COMPARE_H

#include "deploy/apply_files.h"

struct compare {
    const struct model *model;
    struct arena arena;
    struct dataset_content content;
    bool *wanted;         /* [images] */
    double *scores;       /* [images][METRICS], NaN: none */
    size_t count, truths; /* images; those whose truth is known and that were answered */
};

/* `truth`: a folder, or a CSV with columns input and truth. STATUS_DATA where it cannot be read. */
MUST_CHECK enum status compare_open(struct compare *compare, const struct model *model,
                                    const struct apply_request *request, const char *truth,
                                    struct error *error);
/* One answer; `answer` stays as it is. */
MUST_CHECK enum status compare_image(struct compare *compare, size_t index, struct image answer,
                                     struct error *error);
/* CSV: name and the task's metrics, a row for each image that has truth, then the mean. Metrics of
 * a set alone, as kappa, are left out. STATUS_DATA where no image has truth. */
MUST_CHECK enum status compare_print(const struct compare *compare, struct text *csv,
                                     struct error *error);
void compare_release(struct compare *compare);

#endif
