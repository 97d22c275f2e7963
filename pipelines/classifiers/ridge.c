/*
 * Ridge regression of the classes.
 *
 * A. Hoerl, R. Kennard, "Ridge regression: biased estimation for nonorthogonal problems",
 * Technometrics 12(1), 1970. For each class, with y = 1 for its examples and -1 for the rest, find
 * the weights w and the intercept b that minimise
 *
 *     sum_i (y_i - w.x_i - b)^2 + penalty |w|^2.
 *
 * The score of a class is w.x + b. A class without examples has b = -1 and no weights.
 *
 * Features and y lose their means, so that b is not penalised; then Cholesky's method solves
 * (X^T X + penalty) w = X^T y or, where there are fewer examples than features,
 * w = X^T (X X^T + penalty)^-1 y, in double precision.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "interfaces/stage.h"
#include "math/cholesky.h"
#include "math/product.h"
#include "pipelines/feature_examples.h"

#include <string.h>

struct ridge {
    double penalty;
};

static const struct field fields[] = {
    {"penalty", FIELD_REAL, offsetof(struct ridge, penalty), .minimum = 1e-9, .maximum = 1e12,
     .default_value = "1", .help = "penalty for the size of the weights (alpha)"},
    {0},
};

enum { MOST_EQUATIONS = 20000 };

struct weights {
    size_t length, classes;
    double values[]; /* [length][classes], and intercepts[classes] */
};

/* The equations on their way to a solution. */
struct equations {
    size_t count, length, classes, order; /* examples; features; classes; the smaller of two */
    bool dual;                            /* order == count: unknowns of examples */
    float *x;                             /* [order == count ? length : count][order] */
    double *means, *shares;               /* of features; of y */
    double *matrix, *right;               /* [order][order], [order][classes] */
};

static void equations_release(struct equations *equations)
{
    memory_free(equations->x);
    memory_free(equations->means);
    memory_free(equations->shares);
    memory_free(equations->matrix);
    memory_free(equations->right);
}

static enum status equations_new(struct equations *e, const struct stage_examples *examples,
                                 struct error *error)
{
    e->count = examples->inputs->count;
    e->length = shape_size(examples->inputs->shapes[0]);
    e->classes = (size_t)examples->answer.count;
    e->dual = e->count < e->length;
    e->order = e->dual ? e->count : e->length;
    if (e->order > MOST_EQUATIONS)
        return error_set(error, STATUS_CONFIG,
                         "expected at most %d features, or as many images, found %zu of %zu",
                         MOST_EQUATIONS, e->length, e->count);
    PASS(memory_new(&e->x, e->count * e->length, sizeof *e->x, error));
    PASS(memory_new(&e->means, e->length, sizeof *e->means, error));
    PASS(memory_new(&e->shares, e->classes, sizeof *e->shares, error));
    PASS(memory_new(&e->matrix, e->order * e->order, sizeof *e->matrix, error));
    return memory_new(&e->right, e->order * e->classes, sizeof *e->right, error);
}

static void measure_means(struct equations *e, const struct stage_examples *examples)
{
    const float *x = examples->inputs->pixels;

    for (size_t i = 0; i < e->count; i++) {
        for (size_t k = 0; k < e->length; k++)
            e->means[k] += (double)x[i * e->length + k] / (double)e->count;
        e->shares[examples->classes[i]] += 2 / (double)e->count;
    }
    for (size_t c = 0; c < e->classes; c++)
        e->shares[c] -= 1;
}

/* x without means: rows of unknowns, as product_gram() takes them. */
static void fill_x(struct equations *e, const float *x)
{
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = 0; k < e->length; k++)
            e->x[e->dual ? k * e->count + i : i * e->length + k] =
                (float)((double)x[i * e->length + k] - e->means[k]);
}

static double centred_y(const struct equations *e, uint8_t class, size_t c)
{
    return (class == c ? 1 : -1) - e->shares[c];
}

/* X^T y, or y. */
static void fill_right(struct equations *e, const uint8_t *classes)
{
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = 0; !e->dual && k < e->length; k++)
            for (size_t c = 0; c < e->classes; c++)
                e->right[k * e->classes + c] +=
                    (double)e->x[i * e->length + k] * centred_y(e, classes[i], c);
    for (size_t i = 0; e->dual && i < e->count; i++)
        for (size_t c = 0; c < e->classes; c++)
            e->right[i * e->classes + c] = centred_y(e, classes[i], c);
}

static void take_weights(const struct equations *e, struct weights *weights)
{
    size_t classes = e->classes;
    double *intercepts = weights->values + e->length * classes;

    if (!e->dual)
        memcpy(weights->values, e->right, e->length * classes * sizeof(double));
    for (size_t k = 0; e->dual && k < e->length; k++)
        for (size_t i = 0; i < e->count; i++)
            for (size_t c = 0; c < classes; c++)
                weights->values[k * classes + c] +=
                    (double)e->x[k * e->count + i] * e->right[i * classes + c];
    memcpy(intercepts, e->shares, classes * sizeof(double));
    for (size_t k = 0; k < e->length; k++)
        for (size_t c = 0; c < classes; c++)
            intercepts[c] -= e->means[k] * weights->values[k * classes + c];
}

static enum status ridge_fit(const void *config, const struct stage_examples *examples,
                             void **state, struct error *error)
{
    enum status status = STATUS_OK;
    const struct ridge *ridge = config;
    struct equations e = {0};
    struct weights *weights = NULL;

    *state = NULL;
    PASS(examples_classified(examples, error));
    TRY(equations_new(&e, examples, error));
    size_t numbers = (e.length + 1) * e.classes;
    TRY(memory_new(&weights, 1, sizeof *weights + numbers * sizeof(double), error));
    weights->length = e.length;
    weights->classes = e.classes;
    measure_means(&e, examples);
    fill_x(&e, examples->inputs->pixels);
    fill_right(&e, examples->classes);
    product_gram(e.dual ? e.length : e.count, e.order, e.x, e.matrix, examples->threads);
    TRY(interrupt_check(error));
    for (size_t i = 0; i < e.order; i++)
        e.matrix[i * e.order + i] += ridge->penalty;
    bool solved = cholesky_factor(e.order, e.matrix, examples->threads);
    TRY(interrupt_check(error));
    if (!solved)
        TRY(error_set(error, STATUS_DIVERGED,
                      "the equations cannot be solved; expected finite features, or a larger "
                      "penalty"));
    cholesky_solve(e.order, e.matrix, e.classes, e.right);
    take_weights(&e, weights);
    *state = weights;
    weights = NULL;
out:
    memory_free(weights);
    equations_release(&e);
    return status;
}

static void ridge_run(const void *config, const void *state, struct image in, struct image out,
                      float *scratch)
{
    const struct weights *weights = state;
    size_t length = weights->length, classes = weights->classes;
    double sums[CLASSIFIER_MOST_CLASSES];

    (void)config, (void)scratch;
    memcpy(sums, weights->values + length * classes, classes * sizeof *sums);
    for (size_t k = 0; k < length; k++)
        for (size_t c = 0; c < classes; c++)
            sums[c] += (double)in.pixels[k] * weights->values[k * classes + c];
    for (size_t c = 0; c < classes; c++)
        out.pixels[c] = (float)sums[c];
}

static struct operations ridge_count(const void *config, struct shape in, struct answer answer)
{
    (void)config;
    return (struct operations){.multiply_adds = (double)shape_size(in) * answer.count};
}

const struct stage stage_ridge = {
    .descriptor = {"ridge", "ridge regression, one class against the rest",
                   "Hoerl, Kennard, Ridge regression: biased estimation for nonorthogonal "
                   "problems, Technometrics 12(1), 1970",
                   fields, sizeof(struct ridge), 1},
    .input = CONTENT_FEATURES,
    .output = CONTENT_SCORES,
    .shape = features_to_scores,
    .fit = ridge_fit,
    .release = memory_free,
    .run = ridge_run,
    .scalar = true,
    .count = ridge_count,
};
