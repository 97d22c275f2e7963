/*
 * Linear support vector machine, one class against the rest.
 *
 * C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. Keerthi, S. Sundararajan, "A dual coordinate descent
 * method for large-scale linear SVM", ICML 2008: the solver of LIBLINEAR (Fan, Chang, Hsieh, Wang,
 * Lin, JMLR 9, 2008). For each class, with y = 1 for its examples and -1 for the rest, find the
 * weights w (the last belongs to a constant feature 1) that minimise
 *
 *     1/2 |w|^2 + cost sum_i max(0, 1 - y_i w.x_i)^2.
 *
 * The dual problem has one unknown a_i >= 0 an example, and w = sum_i y_i a_i x_i:
 *
 *     minimise 1/2 |w|^2 + sum_i a_i^2 / (4 cost) - sum_i a_i.
 *
 * A pass visits the examples in random order and solves for one a_i after another, which takes a
 * scalar product and, where a_i changes, an addition to w. Examples whose a_i will stay 0 are left
 * out of later passes. A class is done when its gradients, projected to a_i >= 0, differ by less
 * than `tolerance`, with all examples back in, or after 1000 passes, which a large cost can need.
 *
 * The score of a class is w.x. A class without examples gets one less than the smallest of the
 * other scores: it is never chosen, and the score is finite.
 *
 * LIBLINEAR itself is not used. It takes 16 bytes a feature beside ours, trains the classes one
 * after the other with the C library's rand(), and cannot be stopped.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "interfaces/stage.h"
#include "pipelines/feature_examples.h"
#include "pipelines/lanes.h"

enum {
    STREAM = 1, /* part of random_index(); the chain's folds are part 0 */
    MOST_PASSES = 1000,
};

struct linear_svm {
    double cost, tolerance;
};

static const struct field fields[] = {
    {"cost", FIELD_REAL, offsetof(struct linear_svm, cost), .minimum = 1e-6, .maximum = 1e6,
     .default_value = "1", .help = "cost of errors relative to the size of the weights (C)"},
    {"tolerance", FIELD_REAL, offsetof(struct linear_svm, tolerance), .minimum = 1e-6, .maximum = 1,
     .default_value = "0.01", .help = "tolerance of the solver (epsilon)"},
    {0},
};

struct svm {
    int length, classes;
    bool present[CLASSIFIER_MOST_CLASSES]; /* had examples */
    double weights[];                      /* [length + 1][classes], the constant feature's last */
};

/* What all classes' descents share, and room for each thread's unknowns. */
struct descents {
    const struct linear_svm *svm;
    const struct stage_examples *examples;
    int threads;
    size_t count, length;
    const float *rows;   /* [count][length] */
    double *curvatures;  /* [count], of the dual problem along a_i: |x_i|^2 + 1 + 1 / (2 cost) */
    double *a;           /* [threads][count] */
    uint32_t *order;     /* [threads][count] */
    double *w;           /* [threads][length + 1] */
    struct svm *machine; /* filled */
};

static void descents_release(struct descents *descents)
{
    memory_free(descents->curvatures);
    memory_free(descents->a);
    memory_free(descents->order);
    memory_free(descents->w);
}

typedef double wide __attribute__((vector_size(64)));
typedef double wide_memory __attribute__((vector_size(64), aligned(8), may_alias));

LANES_INLINE double weigh_features(const double *w, const float *x, size_t length)
{
    wide sums[2] = {{0}, {0}};
    double sum = w[length];
    size_t k = 0;

    for (; k + 2 * LANES <= length; k += 2 * LANES)
        for (size_t j = 0; j < 2; j++)
            sums[j] += *(const wide_memory *)(w + k + j * LANES) *
                       __builtin_convertvector(*(const lanes_memory *)(x + k + j * LANES), wide);
    sums[0] += sums[1];
    for (size_t j = 0; j < LANES; j++)
        sum += sums[0][j];
    for (; k < length; k++)
        sum += w[k] * (double)x[k];
    return sum;
}

LANES_INLINE void add_features(double *w, const float *x, size_t length, double factor)
{
    size_t k = 0;

    for (; k + LANES <= length; k += LANES)
        *(wide_memory *)(w + k) +=
            factor * __builtin_convertvector(*(const lanes_memory *)(x + k), wide);
    for (; k < length; k++)
        w[k] += factor * (double)x[k];
    w[length] += factor;
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t kept = *a;

    *a = *b;
    *b = kept;
}

/* The weights of one class; unfinished where a stop was asked for. */
LANES_INLINE void descend_dual(const struct descents *all, size_t class, double *a, uint32_t *order,
                               double *w)
{
    struct random_stream stream =
        random_stream(all->examples->key, RANDOM_FIT, random_index(STREAM, class));
    double largest_before = INFINITY, diagonal = 1 / (2 * all->svm->cost);
    size_t active = all->count;

    for (size_t k = 0; k <= all->length; k++)
        w[k] = 0;
    for (size_t i = 0; i < all->count; i++) {
        a[i] = 0;
        order[i] = (uint32_t)i;
    }
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        double largest = -INFINITY, smallest = INFINITY;
        for (size_t s = 0; s < active; s++)
            swap(order + s, order + s + random_below(&stream, (uint32_t)(active - s)));
        for (size_t s = 0; s < active;) {
            size_t i = order[s];
            const float *x = all->rows + i * all->length;
            double y = all->examples->classes[i] == class ? 1 : -1;
            if (interrupt_requested())
                return;
            double gradient = y * weigh_features(w, x, all->length) - 1 + diagonal * a[i];
            if (a[i] == 0 && gradient > largest_before) {
                swap(order + s, order + --active);
                continue;
            }
            s++;
            double projected = a[i] > 0 ? gradient : fmin(gradient, 0);
            largest = fmax(largest, projected);
            smallest = fmin(smallest, projected);
            if (fabs(projected) > 1e-12) {
                double before = a[i];
                a[i] = fmax(before - gradient / all->curvatures[i], 0);
                add_features(w, x, all->length, (a[i] - before) * y);
            }
        }
        if (largest - smallest > all->svm->tolerance) {
            largest_before = largest > 0 ? largest : INFINITY;
        } else if (active < all->count) {
            active = all->count;
            largest_before = INFINITY;
        } else {
            return;
        }
    }
}

static void descend_plain(const struct descents *all, size_t class, double *a, uint32_t *order,
                          double *w)
{
    descend_dual(all, class, a, order, w);
}

static LANES_AVX2 void descend_avx2(const struct descents *all, size_t class, double *a,
                                    uint32_t *order, double *w)
{
    descend_dual(all, class, a, order, w);
}

static void learn_class(void *context, size_t class, int thread)
{
    const struct descents *all = context;
    struct svm *machine = all->machine;
    size_t classes = (size_t)machine->classes, t = (size_t)thread;
    double *w = all->w + t * (all->length + 1);

    for (size_t i = 0; i < all->count && !machine->present[class]; i++)
        machine->present[class] = all->examples->classes[i] == class;
    if (!machine->present[class])
        return;
    (lanes_avx2() ? descend_avx2 : descend_plain)(all, class, all->a + t * all->count,
                                                  all->order + t * all->count, w);
    for (size_t k = 0; k <= all->length; k++)
        machine->weights[k * classes + class] = w[k];
}

static enum status descents_new(struct descents *all, struct error *error)
{
    size_t threads = (size_t)all->threads;

    PASS(memory_new(&all->curvatures, all->count, sizeof *all->curvatures, error));
    PASS(memory_new(&all->a, threads * all->count, sizeof *all->a, error));
    PASS(memory_new(&all->order, threads * all->count, sizeof *all->order, error));
    PASS(memory_new(&all->w, threads * (all->length + 1), sizeof *all->w, error));
    for (size_t i = 0; i < all->count; i++) {
        all->curvatures[i] = 1 + 1 / (2 * all->svm->cost);
        for (size_t k = 0; k < all->length; k++) {
            double x = (double)all->rows[i * all->length + k];
            all->curvatures[i] += x * x;
        }
    }
    return STATUS_OK;
}

static enum status svm_fit(const void *config, const struct stage_examples *examples, void **state,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct svm *machine = NULL;
    struct descents all = {.svm = config,
                           .examples = examples,
                           .count = examples->inputs->count,
                           .rows = examples->inputs->pixels};
    struct shape scores;

    *state = NULL;
    TRY(examples_classified(examples, error));
    TRY(features_to_scores(config, examples->inputs->shapes[0], examples->answer, &scores, error));
    all.length = (size_t)examples->inputs->shapes[0].channels;
    size_t weights = (all.length + 1) * (size_t)scores.channels;
    TRY(memory_new(&machine, 1, sizeof *machine + weights * sizeof(double), error));
    machine->length = (int)all.length;
    machine->classes = scores.channels;
    all.machine = machine;
    all.threads = examples->threads < 1 ? 1 : examples->threads;
    TRY(descents_new(&all, error));
    parallel_count(all.threads, (size_t)scores.channels, "classes", learn_class, &all);
    TRY(interrupt_check(error));
    *state = machine;
    machine = NULL;
out:
    descents_release(&all);
    memory_free(machine);
    return status;
}

static void svm_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    const struct svm *machine = state;
    size_t length = (size_t)machine->length, classes = (size_t)machine->classes;
    const double *weights = machine->weights;
    double sums[CLASSIFIER_MOST_CLASSES], smallest = 0;
    bool any = false;

    (void)config, (void)scratch;
    for (size_t c = 0; c < classes; c++)
        sums[c] = weights[length * classes + c];
    for (size_t k = 0; k < length; k++)
        for (size_t c = 0; c < classes; c++)
            sums[c] += (double)in.pixels[k] * weights[k * classes + c];
    for (size_t c = 0; c < classes; c++)
        if (machine->present[c] && (!any || sums[c] < smallest)) {
            smallest = sums[c];
            any = true;
        }
    for (size_t c = 0; c < classes; c++)
        out.pixels[c] = (float)(machine->present[c] ? sums[c] : smallest - 1);
}

static struct operations svm_count(const void *config, struct shape in, struct answer answer)
{
    struct operations operations = {
        .multiply_adds = (double)in.channels * answer.count,
        .comparisons = answer.count,
    };

    (void)config;
    return operations;
}

const struct stage stage_linear_svm = {
    .descriptor = {"linear_svm", "linear support vector machine, one class against the rest",
                   "Hsieh, Chang, Lin, Keerthi, Sundararajan, A dual coordinate descent method for "
                   "large-scale linear SVM, ICML 2008",
                   fields, sizeof(struct linear_svm), 2},
    .input = CONTENT_FEATURES,
    .output = CONTENT_SCORES,
    .shape = features_to_scores,
    .fit = svm_fit,
    .release = memory_free,
    .run = svm_run,
    .scalar = true,
    .count = svm_count,
};
