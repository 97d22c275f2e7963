/*
 * Linear support vector machine, one class against the rest, by LIBLINEAR.
 *
 * R.-E. Fan, K.-W. Chang, C.-J. Hsieh, X.-R. Wang, C.-J. Lin, "LIBLINEAR: a library for large
 * linear classification", JMLR 9, 2008. For each class, with y = 1 for its examples and -1 for the
 * rest, find the weights w (the last belongs to a constant feature 1) that minimise
 *
 *     1/2 |w|^2 + cost sum_i max(0, 1 - y_i w.x_i)^2.
 *
 * The score of a class is w.x. A class without examples gets one less than the smallest of the
 * other scores: it is never chosen, and the score is finite.
 *
 * Solved in the dual by coordinate descent (C.-J. Hsieh et al., ICML 2008), not in the primal:
 * LIBLINEAR's primal solver calls the system's BLAS, whose bits vary with processor and thread
 * count. The dual solver visits examples in an order drawn by rand(), a global of the C library:
 * it is seeded from the key before each fit, and one fit runs at a time. The solver stops after
 * 1000 passes over the examples even when `tolerance` is not reached, which a large cost can cause.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "interfaces/stage.h"
#include "pipelines/feature_examples.h"

#include <linear.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

enum { STREAM = 1 /* part of random_index(); the chain's folds are part 0 */ };

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

/* The examples in LIBLINEAR's form: rows of (index from 1, value), ended by index -1. */
struct rows {
    struct feature_node *nodes, **starts;
    double *classes;
};

static void rows_release(struct rows *rows)
{
    memory_free(rows->nodes);
    memory_free(rows->starts);
    memory_free(rows->classes);
}

/* Zeros are left out. */
static enum status rows_new(struct rows *rows, const struct stage_examples *examples, int length,
                            struct error *error)
{
    const struct image_set *inputs = examples->inputs;
    size_t count = inputs->count, nodes = 2 * count, used = 0;

    for (size_t i = 0; i < inputs->offsets[count]; i++)
        nodes += inputs->pixels[i] != 0;
    PASS(memory_new(&rows->nodes, nodes, sizeof *rows->nodes, error));
    PASS(memory_new(&rows->starts, count, sizeof(struct feature_node *), error));
    PASS(memory_new(&rows->classes, count, sizeof *rows->classes, error));
    for (size_t i = 0; i < count; i++) {
        const float *features = image_set_at(inputs, i).pixels;
        rows->starts[i] = rows->nodes + used;
        rows->classes[i] = examples->classes[i];
        for (int k = 0; k < length; k++)
            if (features[k] != 0)
                rows->nodes[used++] = (struct feature_node){k + 1, (double)features[k]};
        rows->nodes[used++] = (struct feature_node){length + 1, 1};
        rows->nodes[used++] = (struct feature_node){-1, 0};
    }
    return STATUS_OK;
}

/* LIBLINEAR orders classes by first appearance, and keeps one set of weights for two classes. */
static void machine_copy(struct svm *machine, const struct model *model)
{
    int columns = model->nr_class == 2 ? 1 : model->nr_class;

    for (int c = 0; c < model->nr_class; c++) {
        int class = model->label[c];
        machine->present[class] = true;
        for (int k = 0; k <= machine->length; k++) {
            double weight = model->w[(size_t)k * (size_t)columns + (size_t)(c % columns)];
            machine->weights[(size_t)k * (size_t)machine->classes + (size_t) class] =
                c < columns ? weight : -weight;
        }
    }
}

static jmp_buf way_out; /* used under the lock, too */

/* LIBLINEAR prints every ten iterations, and has no other way to be stopped. What it leaves behind
 * is not freed: the program ends. */
static void print_nothing(const char *text)
{
    (void)text;
    if (interrupt_requested())
        longjmp(way_out, 1);
}

/* LIBLINEAR's globals (its printer, rand()) are used under one lock. NULL: a stop was asked for. */
static struct model *train_alone(const struct problem *problem, const struct parameter *parameter,
                                 uint32_t seed)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct model *volatile model = NULL;

    pthread_mutex_lock(&lock);
    set_print_string_function(print_nothing);
    srand(seed);
    if (setjmp(way_out) == 0)
        model = train(problem, parameter);
    pthread_mutex_unlock(&lock);
    return model;
}

static enum status svm_fit(const void *config, const struct stage_examples *examples, void **state,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct linear_svm *svm = config;
    struct svm *machine = NULL;
    struct model *model = NULL;
    struct rows rows = {0};
    struct shape scores;
    struct random_stream stream = random_stream(examples->key, RANDOM_FIT, random_index(STREAM, 0));

    *state = NULL;
    TRY(examples_classified(examples, error));
    TRY(features_to_scores(config, examples->inputs->shapes[0], examples->answer, &scores, error));
    int length = examples->inputs->shapes[0].channels;
    size_t weights = ((size_t)length + 1) * (size_t)scores.channels;
    TRY(memory_new(&machine, 1, sizeof *machine + weights * sizeof(double), error));
    machine->length = length;
    machine->classes = scores.channels;
    TRY(rows_new(&rows, examples, length, error));
    struct problem problem = {(int)examples->inputs->count, length + 1, rows.classes, rows.starts,
                              1};
    struct parameter parameter = {
        .solver_type = L2R_L2LOSS_SVC_DUAL, .eps = svm->tolerance, .C = svm->cost};
    const char *complaint = check_parameter(&problem, &parameter);
    if (complaint)
        TRY(error_set(error, STATUS_CONFIG, "LIBLINEAR rejects this: %s", complaint));
    model = train_alone(&problem, &parameter, random_u32(&stream));
    if (!model)
        TRY(error_set(error, STATUS_INTERRUPTED, "stopped on request"));
    machine_copy(machine, model);
    *state = machine;
    machine = NULL;
out:
    if (model)
        free_and_destroy_model(&model);
    rows_release(&rows);
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
                   "Fan, Chang, Hsieh, Wang, Lin, LIBLINEAR: a library for large linear "
                   "classification, JMLR 9, 2008",
                   fields, sizeof(struct linear_svm), 1},
    .input = CONTENT_FEATURES,
    .output = CONTENT_SCORES,
    .shape = features_to_scores,
    .fit = svm_fit,
    .release = memory_free,
    .run = svm_run,
    .count = svm_count,
};
