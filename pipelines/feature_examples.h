/* Checks shared by stages that take lists of features. Private to pipelines/. */
#ifndef UNDERSTUDY_PIPELINES_FEATURE_EXAMPLES_H
#define UNDERSTUDY_PIPELINES_FEATURE_EXAMPLES_H

#include "interfaces/stage.h"

/* Are there examples, all with the same number of features? */
MUST_CHECK enum status examples_uniform(const struct stage_examples *examples, struct error *error);
/* … and with classes? */
MUST_CHECK enum status examples_classified(const struct stage_examples *examples,
                                           struct error *error);

/* `shape` of stages that give as many features as they take. */
enum status features_as_input(const void *config, struct shape in, struct answer answer,
                              struct shape *out, struct error *error);
/* `shape` of stages that give a score for each class. */
enum { CLASSIFIER_MOST_CLASSES = 256 };
enum status features_to_scores(const void *config, struct shape in, struct answer answer,
                               struct shape *out, struct error *error);

#endif
