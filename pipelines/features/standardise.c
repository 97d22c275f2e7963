/*
 * Features of mean 0 and variance 1.
 *
 * (x - mean) / sqrt(variance + epsilon), with mean and variance of each feature over the
 * hand-labelled images. The variance divides by n - 1; of a single image it is 0.
 *
 * A. Coates, H. Lee, A. Y. Ng, "An analysis of single-layer networks in unsupervised feature
 * learning", AISTATS 2011, does this before the classifier, with an epsilon of 0.01.
 */
#include "base/memory.h"
#include "interfaces/stage.h"
#include "pipelines/feature_examples.h"

#include <math.h>

struct standardise {
    double epsilon;
};

static const struct field fields[] = {
    {"epsilon", FIELD_REAL, offsetof(struct standardise, epsilon), .minimum = 1e-12, .maximum = 1e6,
     .default_value = "0.01", .help = "added to the variance"},
    {0},
};

struct moments {
    size_t length;
    float values[]; /* means[length], deviations[length] */
};

/* Image by image: features lie side by side. */
static void measure_moments(const struct image_set *inputs, double epsilon, double *sums,
                            struct moments *moments)
{
    size_t length = moments->length, count = inputs->count;
    double *squares = sums + length;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < length; k++)
            sums[k] += (double)inputs->pixels[i * length + k];
    for (size_t k = 0; k < length; k++)
        sums[k] /= (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < length; k++) {
            double difference = (double)inputs->pixels[i * length + k] - sums[k];
            squares[k] += difference * difference;
        }
    for (size_t k = 0; k < length; k++) {
        double variance = squares[k] / (double)(count > 1 ? count - 1 : 1);
        moments->values[k] = (float)sums[k];
        moments->values[length + k] = (float)sqrt(variance + epsilon);
    }
}

static enum status standardise_fit(const void *config, const struct stage_examples *examples,
                                   void **state, struct error *error)
{
    enum status status = STATUS_OK;
    const struct standardise *standardise = config;
    struct moments *moments = NULL;
    double *sums = NULL;

    *state = NULL;
    PASS(examples_uniform(examples, error));
    size_t length = shape_size(examples->inputs->shapes[0]);
    TRY(memory_new(&sums, 2 * length, sizeof *sums, error));
    TRY(memory_new(&moments, 1, sizeof *moments + 2 * length * sizeof(float), error));
    moments->length = length;
    measure_moments(examples->inputs, standardise->epsilon, sums, moments);
    *state = moments;
out:
    memory_free(sums);
    return status;
}

static void standardise_run(const void *config, const void *state, struct image in,
                            struct image out, float *scratch)
{
    const struct moments *moments = state;
    const float *means = moments->values, *deviations = means + moments->length;

    (void)config, (void)scratch;
    for (size_t k = 0; k < moments->length; k++)
        out.pixels[k] = (in.pixels[k] - means[k]) / deviations[k];
}

static struct operations standardise_count(const void *config, struct shape in,
                                           struct answer answer)
{
    double length = (double)shape_size(in);

    (void)config, (void)answer;
    return (struct operations){.additions = length, .divisions = length};
}

const struct stage stage_standardise = {
    .descriptor = {"standardise", "features of mean 0 and variance 1",
                   "Coates, Lee, Ng, An analysis of single-layer networks in unsupervised feature "
                   "learning, AISTATS 2011",
                   fields, sizeof(struct standardise), 1},
    .input = CONTENT_FEATURES,
    .output = CONTENT_FEATURES,
    .shape = features_as_input,
    .fit = standardise_fit,
    .release = memory_free,
    .run = standardise_run,
    .scalar = true,
    .count = standardise_count,
};
