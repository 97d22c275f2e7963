/*
 * Softmax over the channels of each pixel (of a flat input: over all values):
 *
 *     y[c] = e^(x[c] - m) / sum over k of e^(x[k] - m),   m the largest x
 *     dx[c] = y[c] (dy[c] - sum over k of dy[k] y[k])
 *
 * Channels in their order, all pixels of one at a time. (Bridle, Probabilistic interpretation of
 * feedforward classification network outputs, 1990.)
 */
#include "math/exponential.h"
#include "networks/layers/elementwise.h"

static void softmax_plan(const void *config, int batch, const struct shape *in, struct shape out,
                         const struct engine *engine, struct layer_plan *plan)
{
    (void)config, (void)batch, (void)in, (void)engine;
    plan->scratch = 2 * shape_plane(out);
}

/* One image. `most` and `sum` have room for a plane. */
static void normalise(size_t channels, size_t plane, const float *x, float *y, float *most,
                      float *sum)
{
    for (size_t i = 0; i < plane; i++) {
        most[i] = x[i];
        sum[i] = 0;
    }
    for (size_t c = 1; c < channels; c++)
#pragma omp simd
        for (size_t i = 0; i < plane; i++) {
            float value = x[c * plane + i];
            most[i] = value > most[i] ? value : most[i];
        }
    for (size_t c = 0; c < channels; c++)
#pragma omp simd
        for (size_t i = 0; i < plane; i++) {
            float value = exponential(x[c * plane + i] - most[i]);
            y[c * plane + i] = value;
            sum[i] += value;
        }
    for (size_t i = 0; i < plane; i++)
        sum[i] = 1 / sum[i];
    for (size_t c = 0; c < channels; c++)
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            y[c * plane + i] *= sum[i];
}

static void softmax_forward(const struct layer_call *call)
{
    size_t plane = shape_plane(call->out), image = shape_size(call->out);

    for (size_t n = 0; n < (size_t)call->batch; n++)
        normalise((size_t)call->out.channels, plane, call->x[0] + n * image, call->y + n * image,
                  call->scratch, call->scratch + plane);
}

/* One image. */
static void spread(size_t channels, size_t plane, const float *y, const float *dy, float *dx,
                   float *mean)
{
    for (size_t i = 0; i < plane; i++)
        mean[i] = 0;
    for (size_t c = 0; c < channels; c++)
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            mean[i] += dy[c * plane + i] * y[c * plane + i];
    for (size_t c = 0; c < channels; c++)
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            dx[c * plane + i] += y[c * plane + i] * (dy[c * plane + i] - mean[i]);
}

static void softmax_backward(const struct layer_call *call)
{
    size_t plane = shape_plane(call->out), image = shape_size(call->out);

    for (size_t n = 0; call->dx[0] && n < (size_t)call->batch; n++)
        spread((size_t)call->out.channels, plane, call->y + n * image, call->dy + n * image,
               call->dx[0] + n * image, call->scratch);
}

static void softmax_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    double values = (double)shape_size(out), pixels = (double)shape_plane(out);

    (void)config, (void)in;
    work->operations = (struct operations){.comparisons = values - pixels,
                                           .additions = 2 * values - pixels,
                                           .exponentials = values,
                                           .divisions = pixels,
                                           .multiplications = values};
    work->inputs = work->outputs = values;
}

const struct layer layer_softmax = {
    .descriptor = {.name = "softmax",
                   .summary = "scores as probabilities, over the channels of each pixel",
                   .source = "Bridle, Probabilistic interpretation of feedforward classification "
                             "network outputs, Neurocomputing 1990",
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .plan = softmax_plan,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .count = softmax_count,
};
