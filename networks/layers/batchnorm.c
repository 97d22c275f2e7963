/*
 * Batch normalisation (Ioffe, Szegedy, ICML 2015). For each channel, over the n values of the
 * shard (ghost batch normalisation: Hoffer, Hubara, Soudry, NIPS 2017):
 *
 *     y = scale xhat + shift,   xhat = (x - mean) / sqrt(variance + epsilon)
 *     dx = scale / sqrt(variance + epsilon) (dy - mean(dy) - xhat mean(dy xhat))
 *
 * with the biased variance (1/n). What is measured for inference is mean and unbiased variance
 * (1/(n-1)); the training loop merges it: running = (1 - momentum) running + momentum measured.
 * In inference the running values stand for mean and variance, and the layer is one multiply-add a
 * value. Statistics and saved values: [channels] means, then [channels] variances (saved: 1 /
 * sqrt).
 *
 * Sums are taken in double precision (math/lanes.h).
 */
#include "math/lanes.h"
#include "networks/layers/elementwise.h"

#include <math.h>

struct batchnorm {
    double epsilon, momentum;
    double scale_rate, shift_rate;
};

static const struct field fields[] = {
    {"epsilon", FIELD_REAL, offsetof(struct batchnorm, epsilon), .minimum = 1e-12, .maximum = 1,
     .default_value = "1e-5", .help = "added to the variance"},
    {"momentum", FIELD_REAL, offsetof(struct batchnorm, momentum), .minimum = 1e-6, .maximum = 1,
     .default_value = "0.1", .help = "weight of a new measurement in the running statistics"},
    {"scale_rate", FIELD_REAL, offsetof(struct batchnorm, scale_rate), .minimum = 0, .maximum = 1e6,
     .default_value = "1",
     .help = "how fast the scales learn, relative to other parameters; 0: they stay 1"},
    {"shift_rate", FIELD_REAL, offsetof(struct batchnorm, shift_rate), .minimum = 0, .maximum = 1e6,
     .default_value = "1", .help = "how fast the shifts learn, likewise; 0: they stay 0"},
    {0}};

static void batchnorm_plan(const void *config, int batch, const struct shape *in, struct shape out,
                           const struct engine *engine, struct layer_plan *plan)
{
    const struct batchnorm *batchnorm = config;

    (void)batch, (void)in, (void)engine;
    plan->parameters[0] = (struct layer_parameter){.name = "scale",
                                                   .dims = {out.channels, 1, 1, 1},
                                                   .initial = INITIAL_ONE,
                                                   .rate = (float)batchnorm->scale_rate};
    plan->parameters[1] = (struct layer_parameter){.name = "shift",
                                                   .dims = {out.channels, 1, 1, 1},
                                                   .initial = INITIAL_ZERO,
                                                   .rate = (float)batchnorm->shift_rate};
    plan->parameter_count = 2;
    plan->statistics = plan->saved = 2 * (size_t)out.channels;
    plan->momentum = batchnorm->momentum;
}

/* Adds (a[i] - mean)^2. */
static void add_squares(const float *a, size_t count, double mean, double *lanes)
{
    size_t whole = count / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += ((double)a[i + k] - mean) * ((double)a[i + k] - mean);
    for (size_t i = whole; i < count; i++)
        lanes[i - whole] += ((double)a[i] - mean) * ((double)a[i] - mean);
}

/* Adds a[i] (b[i] - mean). */
static void add_products(const float *a, const float *b, size_t count, double mean, double *lanes)
{
    size_t whole = count / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += (double)a[i + k] * ((double)b[i + k] - mean);
    for (size_t i = whole; i < count; i++)
        lanes[i - whole] += (double)a[i] * ((double)b[i] - mean);
}

/* y = slope (x - mean) + shift in one channel of all images. */
static void apply(const struct layer_call *call, size_t channel, float mean, float slope,
                  float shift)
{
    size_t plane = (size_t)call->out.height * (size_t)call->out.width;
    size_t image = shape_size(call->out);

    for (size_t n = 0; n < (size_t)call->batch; n++) {
        const float *x = call->x[0] + n * image + channel * plane;
        float *y = call->y + n * image + channel * plane;
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            y[i] = (x[i] - mean) * slope + shift;
    }
}

/* Mean and the sum of squared deviations of one channel. */
static double measure(const struct layer_call *call, size_t channel, double *mean)
{
    size_t plane = (size_t)call->out.height * (size_t)call->out.width;
    size_t image = shape_size(call->out), batch = (size_t)call->batch;
    const float *x = call->x[0] + channel * plane;
    double sums[LANES] = {0}, squares[LANES] = {0};

    for (size_t n = 0; n < batch; n++)
        lanes_add(x + n * image, plane, sums);
    *mean = lanes_sum(sums) / (double)(batch * plane);
    for (size_t n = 0; n < batch; n++)
        add_squares(x + n * image, plane, *mean, squares);
    return lanes_sum(squares);
}

static void batchnorm_forward(const struct layer_call *call)
{
    const struct batchnorm *batchnorm = call->config;
    size_t channels = (size_t)call->out.channels;
    double count = (double)call->batch * call->out.height * call->out.width;

    for (size_t c = 0; c < channels; c++) {
        double mean, inverse;
        if (call->training) {
            double squares = measure(call, c, &mean);
            inverse = 1 / sqrt(squares / count + batchnorm->epsilon);
            call->batch_statistics[c] = (float)mean;
            call->batch_statistics[channels + c] = (float)(squares / (count > 1 ? count - 1 : 1));
            call->saved[c] = (float)mean;
            call->saved[channels + c] = (float)inverse;
        } else {
            mean = (double)call->statistics[c];
            inverse = 1 / sqrt((double)call->statistics[channels + c] + batchnorm->epsilon);
        }
        apply(call, c, (float)mean, (float)((double)call->parameters[0][c] * inverse),
              call->parameters[1][c]);
    }
}

/* dx += slope dy + (tilt (x - mean) + offset) in one channel of all images. */
static void spread(const struct layer_call *call, size_t channel, float mean, float slope,
                   float tilt, float offset)
{
    size_t plane = (size_t)call->out.height * (size_t)call->out.width;
    size_t image = shape_size(call->out);

    for (size_t n = 0; n < (size_t)call->batch; n++) {
        size_t at = n * image + channel * plane;
        const float *x = call->x[0] + at, *dy = call->dy + at;
        float *dx = call->dx[0] + at;
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            dx[i] += slope * dy[i] + (tilt * (x[i] - mean) + offset);
    }
}

static void batchnorm_backward(const struct layer_call *call)
{
    size_t channels = (size_t)call->out.channels, image = shape_size(call->out);
    size_t plane = (size_t)call->out.height * (size_t)call->out.width;
    double count = (double)call->batch * (double)plane;

    for (size_t c = 0; c < channels; c++) {
        double mean = (double)call->saved[c], inverse = (double)call->saved[channels + c];
        double sums[LANES] = {0}, products[LANES] = {0};
        for (size_t n = 0; n < (size_t)call->batch; n++) {
            size_t at = n * image + c * plane;
            lanes_add(call->dy + at, plane, sums);
            add_products(call->dy + at, call->x[0] + at, plane, mean, products);
        }
        double dshift = lanes_sum(sums), dscale = lanes_sum(products) * inverse;
        call->gradients[0][c] += (float)dscale;
        call->gradients[1][c] += (float)dshift;
        if (!call->dx[0])
            continue;
        double slope = (double)call->parameters[0][c] * inverse;
        double tilt = -slope * inverse * dscale / count;
        spread(call, c, (float)mean, (float)slope, (float)tilt, (float)(-slope * dshift / count));
    }
}

static void batchnorm_count(const void *config, const struct shape *in, struct shape out,
                            struct layer_work *work)
{
    (void)config;
    work->operations.multiply_adds = (double)shape_size(out);
    work->inputs = (double)shape_size(in[0]);
    work->weights = 2 * (double)out.channels;
    work->outputs = (double)shape_size(out);
}

static void batchnorm_primitive(const void *config, const struct shape *in, struct shape out,
                                struct primitive *primitive)
{
    const struct batchnorm *batchnorm = config;

    (void)in, (void)out;
    primitive->kind = PRIMITIVE_BATCHNORM;
    primitive->epsilon = batchnorm->epsilon;
}

const struct layer layer_batchnorm = {
    .descriptor = {.name = "batchnorm",
                   .summary = "normalises each channel over the shard, then scales and shifts",
                   .source = "Ioffe, Szegedy, Batch normalization, ICML 2015",
                   .fields = fields,
                   .config_size = sizeof(struct batchnorm),
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .plan = batchnorm_plan,
    .forward = batchnorm_forward,
    .backward = batchnorm_backward,
    .primitive = batchnorm_primitive,
    .count = batchnorm_count,
};
