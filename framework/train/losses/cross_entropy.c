/*
 * Cross-entropy of softmax. For an item of n scores y and the class c
 *
 *     L = log(sum_i exp(y_i - m)) - (y_c - m),    m = max_i y_i,
 *     dL/dy_i = exp(y_i - m) / sum_j exp(y_j - m) - [i = c].
 *
 * Taking m off changes nothing but keeps exp() from overflowing. A score that is not a number makes
 * the loss not a number. Reference: Bridle, "Probabilistic interpretation of feedforward
 * classification network outputs", 1990. Cost: two exponentials a score.
 */
#include "kinds/training.h"

#include <math.h>

static double item_loss(size_t size, const float *y, size_t class, float scale, float *dy)
{
    double largest = (double)y[0], sum = 0;

    for (size_t i = 1; i < size; i++)
        largest = (double)y[i] > largest ? (double)y[i] : largest;
    for (size_t i = 0; i < size; i++)
        sum += exp((double)y[i] - largest);
    for (size_t i = 0; i < size; i++) {
        double probability = exp((double)y[i] - largest) / sum;
        dy[i] = (float)((double)scale * (probability - (i == class ? 1 : 0)));
    }
    return log(sum) - ((double)y[class] - largest);
}

static double cross_entropy_evaluate(const void *config, int count, size_t size, const float *y,
                                     const float *targets, const uint8_t *classes, float scale,
                                     float *dy)
{
    double total = 0;

    (void)config;
    (void)targets;
    for (int item = 0; item < count; item++) {
        size_t start = (size_t)item * size;
        total += item_loss(size, y + start, classes[item], scale, dy + start);
    }
    return total;
}

const struct loss loss_cross_entropy = {
    .descriptor = {.name = "cross_entropy",
                   .summary = "cross-entropy of softmax, for classes",
                   .source = "Bridle 1990",
                   .version = 1},
    .classes = true,
    .evaluate = cross_entropy_evaluate,
};
