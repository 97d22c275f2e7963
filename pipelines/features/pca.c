/*
 * Principal components.
 *
 * H. Hotelling, "Analysis of a complex of statistical variables into principal components", Journal
 * of Educational Psychology 24, 1933. Features lose their means over the hand-labelled images and
 * are projected on the directions in which these vary most; each direction's largest number is
 * positive. `whiten` divides by the standard deviations (of n - 1) along them, so that the
 * components have variance 1; a component that does not vary becomes 0.
 *
 * Directions are eigenvectors of the covariance or, where there are fewer images than features, are
 * made of those of the images' products (M. Turk, A. Pentland, "Eigenfaces for recognition",
 * Journal of Cognitive Neuroscience 3(1), 1991).
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "interfaces/stage.h"
#include "math/eigen.h"
#include "math/product.h"
#include "pipelines/feature_examples.h"

#include <math.h>
#include <string.h>

enum { MOST_EQUATIONS = 8192 };

struct pca {
    int64_t components;
    bool whiten;
};

static const struct field fields[] = {
    {"components", FIELD_INTEGER, offsetof(struct pca, components), .minimum = 1,
     .maximum = MOST_EQUATIONS, .default_value = "32", .help = "components to keep"},
    {"whiten", FIELD_BOOLEAN, offsetof(struct pca, whiten), .default_value = "false",
     .help = "whether components are scaled to variance 1"},
    {0},
};

struct components {
    size_t length, count, numbers;
    float values[]; /* means[length], directions[count][length] */
};

static enum status pca_shape(const void *config, struct shape in, struct answer answer,
                             struct shape *out, struct error *error)
{
    const struct pca *pca = config;

    PASS(features_as_input(config, in, answer, out, error));
    if (in.channels < pca->components)
        return error_set(error, STATUS_CONFIG, "there are %d components of %d features",
                         (int)pca->components, in.channels);
    out->channels = (int)pca->components;
    return STATUS_OK;
}

static enum status components_new(struct components **components, size_t length, size_t count,
                                  struct error *error)
{
    size_t numbers = length + count * length;

    PASS(memory_new(components, 1, sizeof **components + numbers * sizeof(float), error));
    (*components)->length = length;
    (*components)->count = count;
    (*components)->numbers = numbers;
    return STATUS_OK;
}

/* What the directions are made of. */
struct scatter {
    size_t images, length, order; /* order: the smaller of the two */
    bool dual;
    float *x;                         /* without means; transposed where it is dual */
    double *vectors, *values, *means; /* [order][order]; [order], and scratch; [length] */
};

static void scatter_release(struct scatter *scatter)
{
    memory_free(scatter->x);
    memory_free(scatter->vectors);
    memory_free(scatter->values);
    memory_free(scatter->means);
}

static enum status scatter_new(struct scatter *scatter, const struct image_set *inputs,
                               struct error *error)
{
    size_t images = inputs->count, length = shape_size(inputs->shapes[0]);

    scatter->images = images;
    scatter->length = length;
    scatter->dual = images < length;
    scatter->order = scatter->dual ? images : length;
    if (scatter->order > MOST_EQUATIONS)
        return error_set(error, STATUS_CONFIG,
                         "expected at most %d features, or as many images, found %zu of %zu",
                         MOST_EQUATIONS, length, images);
    PASS(memory_new(&scatter->x, images * length, sizeof(float), error));
    PASS(memory_new(&scatter->vectors, scatter->order * scatter->order, sizeof(double), error));
    PASS(memory_new(&scatter->values, 2 * scatter->order, sizeof(double), error));
    PASS(memory_new(&scatter->means, length, sizeof(double), error));
    for (size_t i = 0; i < images; i++)
        for (size_t k = 0; k < length; k++)
            scatter->means[k] += (double)inputs->pixels[i * length + k] / (double)images;
    for (size_t i = 0; i < images; i++)
        for (size_t k = 0; k < length; k++)
            scatter->x[scatter->dual ? k * images + i : i * length + k] =
                (float)((double)inputs->pixels[i * length + k] - scatter->means[k]);
    return STATUS_OK;
}

/* X^T u, of length 1, with its largest number positive. */
static void dual_direction(const struct scatter *scatter, const double *u, double *direction)
{
    double squares = 0, largest = 0;

    for (size_t k = 0; k < scatter->length; k++) {
        direction[k] = 0;
        for (size_t i = 0; i < scatter->images; i++)
            direction[k] += (double)scatter->x[k * scatter->images + i] * u[i];
        squares += direction[k] * direction[k];
        if (fabs(direction[k]) > fabs(largest))
            largest = direction[k];
    }
    double length = largest < 0 ? -sqrt(squares) : sqrt(squares);
    for (size_t k = 0; k < scatter->length && length != 0; k++)
        direction[k] /= length;
}

/* `direction` has room for one. */
static void take_directions(const struct scatter *scatter, bool whiten, double *direction,
                            struct components *components)
{
    size_t length = scatter->length;
    double divisor = (double)(scatter->images > 1 ? scatter->images - 1 : 1);

    for (size_t k = 0; k < length; k++)
        components->values[k] = (float)scatter->means[k];
    for (size_t c = 0; c < components->count; c++) {
        const double *vector = scatter->vectors + c * scatter->order;
        double variance = scatter->values[c] / divisor, scale = 1;
        bool flat = !(scatter->values[c] > 1e-12 * scatter->values[0]);
        if (scatter->dual)
            dual_direction(scatter, vector, direction);
        else
            memcpy(direction, vector, length * sizeof *direction);
        if (whiten || flat)
            scale = flat ? 0 : 1 / sqrt(variance);
        for (size_t k = 0; k < length; k++)
            components->values[(c + 1) * length + k] = (float)(scale * direction[k]);
    }
}

static enum status pca_fit(const void *config, const struct stage_examples *examples, void **state,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct pca *pca = config;
    struct scatter scatter = {0};
    struct components *components = NULL;
    double *direction = NULL;

    *state = NULL;
    PASS(examples_uniform(examples, error));
    TRY(scatter_new(&scatter, examples->inputs, error));
    if (scatter.order < (size_t)pca->components)
        TRY(error_set(error, STATUS_CONFIG, "%d components cannot be learnt from %zu images",
                      (int)pca->components, scatter.images));
    TRY(components_new(&components, scatter.length, (size_t)pca->components, error));
    TRY(memory_new(&direction, scatter.length, sizeof *direction, error));
    product_gram(scatter.dual ? scatter.length : scatter.images, scatter.order, scatter.x,
                 scatter.vectors, examples->threads);
    eigen_symmetric_large(scatter.order, scatter.vectors, scatter.values,
                          scatter.values + scatter.order);
    TRY(interrupt_check(error));
    take_directions(&scatter, pca->whiten, direction, components);
    *state = components;
    components = NULL;
out:
    memory_free(direction);
    memory_free(components);
    scatter_release(&scatter);
    return status;
}

static struct stage_learnt pca_learnt(const void *state)
{
    const struct components *components = state;
    return (struct stage_learnt){components->values, components->numbers};
}

static enum status pca_recall(const void *config, struct shape in, struct answer answer,
                              const struct engine *engine, struct stage_learnt learnt, void **state,
                              struct error *error)
{
    const struct pca *pca = config;
    struct components *components = NULL;
    size_t length = shape_size(in), count = (size_t)pca->components;

    (void)answer, (void)engine;
    *state = NULL;
    if (learnt.count != length + count * length)
        return error_set(error, STATUS_DATA, "expected %zu numbers, found %zu",
                         length + count * length, learnt.count);
    PASS(components_new(&components, length, count, error));
    memcpy(components->values, learnt.values, learnt.count * sizeof(float));
    *state = components;
    return STATUS_OK;
}

static void pca_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    const struct components *components = state;
    size_t length = components->length;
    const float *means = components->values;

    (void)config, (void)scratch;
    for (size_t c = 0; c < components->count; c++) {
        const float *direction = means + (c + 1) * length;
        double sum = 0;
        for (size_t k = 0; k < length; k++)
            sum += ((double)in.pixels[k] - (double)means[k]) * (double)direction[k];
        out.pixels[c] = (float)sum;
    }
}

static struct operations pca_count(const void *config, struct shape in, struct answer answer)
{
    const struct pca *pca = config;
    double products = (double)shape_size(in) * (double)pca->components;

    (void)answer;
    return (struct operations){.multiply_adds = products, .additions = products};
}

const struct stage stage_pca = {
    .descriptor = {"pca", "principal components of features",
                   "Hotelling, Analysis of a complex of statistical variables into principal "
                   "components, Journal of Educational Psychology 24, 1933",
                   fields, sizeof(struct pca), 1},
    .input = CONTENT_FEATURES,
    .output = CONTENT_FEATURES,
    .shape = pca_shape,
    .fit = pca_fit,
    .release = memory_free,
    .learnt = pca_learnt,
    .recall = pca_recall,
    .run = pca_run,
    .scalar = true,
    .count = pca_count,
};
