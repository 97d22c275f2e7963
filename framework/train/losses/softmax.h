/* Softmax of one item's scores, for the losses that compare classes. Private to losses/. */
#ifndef UNDERSTUDY_TRAIN_LOSSES_SOFTMAX_H
#define UNDERSTUDY_TRAIN_LOSSES_SOFTMAX_H

#include <math.h>
#include <stddef.h>

/* Of values that lie `stride` floats apart. softmax(values / temperature)_i = exp((values_i -
 * largest) / temperature) / sum: taking the largest off changes nothing but keeps exp() from
 * overflowing. */
struct softmax {
    const float *values;
    size_t stride;
    double temperature, largest, sum;
};

static inline double softmax_value(const struct softmax *softmax, size_t i)
{
    return (double)softmax->values[i * softmax->stride];
}

static inline double softmax_exponential(const struct softmax *softmax, size_t i)
{
    return exp((softmax_value(softmax, i) - softmax->largest) / softmax->temperature);
}

static inline struct softmax softmax_of(const float *values, size_t size, size_t stride,
                                        double temperature)
{
    struct softmax softmax = {values, stride, temperature, (double)values[0], 0};

    for (size_t i = 1; i < size; i++) {
        double value = softmax_value(&softmax, i);
        softmax.largest = value > softmax.largest ? value : softmax.largest;
    }
    for (size_t i = 0; i < size; i++)
        softmax.sum += softmax_exponential(&softmax, i);
    return softmax;
}

static inline double softmax_at(const struct softmax *softmax, size_t i)
{
    return softmax_exponential(softmax, i) / softmax->sum;
}

/* -log of it, without taking the logarithm of something that may be 0. */
static inline double softmax_surprise(const struct softmax *softmax, size_t i)
{
    return log(softmax->sum) -
           (softmax_value(softmax, i) - softmax->largest) / softmax->temperature;
}

#endif
