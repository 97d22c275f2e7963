/*
 * Cross-entropy with soft labels: how sure the pipeline was is learnt too. For an item of n scores
 * y and the pipeline's scores s
 *
 *     L = -sum_i t_i log p_i,    p = softmax(y),    dL/dy_i = p_i - t_i,
 *
 * where the target t is softmax(s / temperature) of raw scores (the margins of a support vector
 * machine, say), or s / sum_i s_i of scores that are probabilities already. A high temperature
 * makes targets even, one near 0 makes them the class of the largest score. Manual and true labels
 * are classes: t is 1 for the class, 0 for the others. Reference: Hinton, Vinyals, Dean,
 * "Distilling the knowledge in a neural network", 2015. Cost: four exponentials a score.
 */
#include "interfaces/training.h"
#include "train/losses/softmax.h"

enum { SCORES_RAW, SCORES_PROBABILITIES };

struct soft_cross_entropy {
    int64_t scores;
    double temperature;
};

static const char *const kinds[] = {
    [SCORES_RAW] = "raw", [SCORES_PROBABILITIES] = "probabilities", NULL};

static const struct field fields[] = {
    {"scores", FIELD_CHOICE, offsetof(struct soft_cross_entropy, scores), .default_value = "raw",
     .choices = kinds,
     .help = "what the pipeline's scores are: raw (turned into probabilities by softmax), or "
             "probabilities (divided by their sum)"},
    {"temperature", FIELD_REAL, offsetof(struct soft_cross_entropy, temperature), .minimum = 1e-3,
     .maximum = 1000, .default_value = "1",
     .help = "divisor of raw scores; higher values make the probabilities more equal"},
    {0},
};

static double sum_of(const float *values, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)values[i];
    return sum;
}

static enum status soft_cross_entropy_check(const void *config, struct shape shape,
                                            const float *target, struct error *error)
{
    const struct soft_cross_entropy *settings = config;
    size_t size = shape_size(shape);

    for (size_t i = 0; target && settings->scores == SCORES_PROBABILITIES && i < size; i++)
        if (!(target[i] >= 0))
            return error_set(error, STATUS_DATA,
                             "'scores: probabilities': the pipeline gives %g for class %zu",
                             (double)target[i], i);
    if (target && settings->scores == SCORES_PROBABILITIES && !(sum_of(target, size) > 0))
        return error_set(error, STATUS_DATA,
                         "'scores: probabilities': the pipeline gives 0 for every class");
    return STATUS_OK;
}

/* The item's target into `t`; `scores` NULL: of class `class`. */
static void item_target(const struct soft_cross_entropy *settings, size_t size, const float *scores,
                        size_t class, float *t)
{
    if (!scores) {
        for (size_t i = 0; i < size; i++)
            t[i] = i == class ? 1 : 0;
    } else if (settings->scores == SCORES_PROBABILITIES) {
        double sum = sum_of(scores, size);
        for (size_t i = 0; i < size; i++)
            t[i] = (float)((double)scores[i] / sum);
    } else {
        struct softmax softmax = softmax_of(scores, size, 1, settings->temperature);
        for (size_t i = 0; i < size; i++)
            t[i] = (float)softmax_at(&softmax, i);
    }
}

static double soft_cross_entropy_evaluate(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);
    double total = 0;

    for (int item = 0; item < call->count; item++) {
        size_t start = (size_t)item * size;
        float *t = call->scratch;
        struct softmax softmax = softmax_of(call->y + start, size, 1, 1);
        item_target(call->config, size, call->targets ? call->targets + start : NULL,
                    call->targets ? 0 : call->classes[item], t);
        for (size_t i = 0; i < size; i++) {
            double slope = softmax_at(&softmax, i) - (double)t[i];
            call->dy[start + i] = (float)((double)call->scale * slope);
            total += (double)t[i] * softmax_surprise(&softmax, i);
        }
    }
    return total;
}

const struct loss loss_soft_cross_entropy = {
    .descriptor = {.name = "soft_cross_entropy",
                   .summary = "cross-entropy with the pipeline's scores as targets, for classes",
                   .source = "Hinton, Vinyals, Dean 2015",
                   .fields = fields,
                   .config_size = sizeof(struct soft_cross_entropy),
                   .version = 1},
    .targets = LOSS_SCORES,
    .check = soft_cross_entropy_check,
    .scratch = shape_size,
    .evaluate = soft_cross_entropy_evaluate,
};
