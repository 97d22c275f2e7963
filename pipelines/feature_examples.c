#include "pipelines/feature_examples.h"

enum status examples_uniform(const struct stage_examples *examples, struct error *error)
{
    if (examples->inputs->count < 1 || examples->inputs->count > INT32_MAX)
        return error_set(error, STATUS_CONFIG,
                         "expected hand-labelled images to learn from, found none");
    if (!image_set_uniform(examples->inputs))
        return error_set(error, STATUS_CONFIG,
                         "images of different sizes cannot be compared; "
                         "expected the same number of features for all");
    return STATUS_OK;
}

enum status examples_classified(const struct stage_examples *examples, struct error *error)
{
    if (!examples->classes || examples->inputs->count < 1)
        return error_set(error, STATUS_CONFIG,
                         "expected hand-labelled images with classes to learn from, found none");
    return examples_uniform(examples, error);
}

enum status features_as_input(const void *config, struct shape in, struct answer answer,
                              struct shape *out, struct error *error)
{
    (void)config, (void)answer;
    if (in.height != 1 || in.width != 1 || in.channels < 1)
        return error_set(error, STATUS_CONFIG, "expected a list of features, found %d x %d x %d",
                         in.channels, in.height, in.width);
    *out = in;
    return STATUS_OK;
}

enum status features_to_scores(const void *config, struct shape in, struct answer answer,
                               struct shape *out, struct error *error)
{
    if (answer.count < 1 || answer.count > CLASSIFIER_MOST_CLASSES)
        return error_set(error, STATUS_CONFIG, "expected between 1 and %d classes, found %d",
                         CLASSIFIER_MOST_CLASSES, answer.count);
    PASS(features_as_input(config, in, answer, out, error));
    *out = (struct shape){answer.count, 1, 1};
    return STATUS_OK;
}
