/*
 * Two results files compared: what content_sha256 covers, and nothing else. Differences come as
 * CSV, a row each:
 *
 *     what,name,at,A,B
 *     content_sha256,,,<of A>,<of B>
 *     configuration,train.epochs,,2,3                  a field of /plan/resolved
 *     metric,network.test.ssim,trial 4,0.91,0.92       a value of /trials
 *     dataset,/curves/00004/train.loss,[1],0.5,0.25    the first value of it that differs
 *
 * Values are compared bit by bit; trials by their number. What one file lacks reads "(none)".
 */
#ifndef UNDERSTUDY_RESULTS_DIFF_H
#define UNDERSTUDY_RESULTS_DIFF_H

#include "base/hash.h"
#include "io/hdf5/hdf5.h"
#include "io/yaml/yaml.h"

enum diff_kind { DIFF_CONFIGURATION, DIFF_METRIC, DIFF_DATASET, DIFF_KINDS };

struct diff {
    char digests[2][HASH_TEXT]; /* of the contents, computed anew */
    bool altered[2];            /* the file's own content_sha256 says something else */
    bool equal;
    size_t counts[DIFF_KINDS]; /* fields, values and datasets that differ */
    size_t added;              /* of these values, whole columns that B alone has */
    size_t rows;               /* of them shown */
};

/* `most`: differences shown; 0: the first of each kind. STATUS_DATA where a file is damaged. */
MUST_CHECK enum status report_diff(struct hdf5 *const files[2], size_t most, struct text *csv,
                                   struct diff *diff, struct error *error);

/* Told of each field in which two resolved plans differ; either value may be NULL. */
typedef enum status diff_field(void *context, const char *path, const struct yaml_node *a,
                               const struct yaml_node *b, struct error *error);
/* Compare two texts as plan_resolved() makes them. STATUS_DATA where one is no YAML. */
MUST_CHECK enum status report_diff_plans(const char *a, const char *b, diff_field *found,
                                         void *context, struct error *error);

#endif
