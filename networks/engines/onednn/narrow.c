/*
 * Inference on plain values, where oneDNN's blocks would be filled badly.
 *
 * oneDNN lays channels out in blocks of 8 (with AVX2) or 16 (AVX-512). Of 17 channels it computes
 * 24, twice the products that there are, and values are brought from one layout to the other
 * between layers that differ in theirs. These kernels leave values plain, and compute what oneDNN's
 * compute in the same order: the bits are the same. A test compares them.
 */
#include "networks/engines/onednn/kernel.h"

#include "networks/engines/direct.h"

#include <assert.h>
#include <math.h>
#include <string.h>

bool onednn_may_stay_plain(const struct kernel_context *kernel_context)
{
    return kernel_context->precision == PRECISION_FLOAT32 && !kernel_context->training &&
           onednn_keeps_plain && !onednn_takes_all && kernel_context->fused;
}

/* With AVX-512 (measured with blocks of few filters only): networks of 8 to 11 channels were 1.3 to
 * 1.8 times as fast; from 12 on it made no difference. */
static bool pays_wide(const struct conv_geometry *g, int in, int out)
{
    return in <= 16 && out == 16 && out * out > 2 * g->out.channels * g->out.channels &&
           direct_is_wide();
}

/*
 * With AVX2, in the time of a multiply-add of oneDNN's best. Measured (AMD Zen 3, 3x3 kernels, 8 to
 * 64 channels, 128 x 128 pixels): it computes four blocks of filters at once at its best, three as
 * well, but two, and one all the more, leave the units waiting for sums. Ours take 1.13 as long,
 * whatever the numbers of channels and filters, in spans of 8 pixels.
 */
bool onednn_plain_pays(const struct kernel_context *kernel_context, const struct conv_geometry *g,
                       int in, int out)
{
    static const double blocks_at_once[] = {0, 2.1, 2.5, 3};
    int block = kernel_context->block, blocks = out / block, width = g->out.width;

    if (block == 16)
        return pays_wide(g, in, out);
    double theirs = (double)in * block * (blocks / 4 * 4 + blocks_at_once[blocks % 4]) * width;
    double ours = 1.13 * g->in.channels * g->out.channels * ((width + 7) / 8 * 8);
    return block == 8 && ours < theirs;
}

void onednn_give_plain(struct onednn_kernel *kernel, int y)
{
    kernel->kernel.layout =
        (struct layout){.bytes = dnnl_memory_desc_get_size(&kernel->operands[y].md),
                        .precision = PRECISION_FLOAT32,
                        .kept_plain = true};
}

static struct kernel_step *append(struct onednn_kernel *kernel, enum own_step own,
                                  const int *operands, int count)
{
    struct kernel_step *step = &kernel->steps[kernel->step_count++];

    assert(kernel->step_count <= MAX_STEPS && count <= MAX_ARGUMENTS);
    *step = (struct kernel_step){.own = own, .phase = PHASE_FORWARD, .count = count};
    for (int a = 0; a < count; a++)
        step->arguments[a].operand = operands[a];
    return step;
}

void onednn_narrow_convolution(struct onednn_kernel *kernel, const struct conv_geometry *geometry,
                               bool transposed, bool relu, const int operands[4])
{
    size_t bytes = direct_scratch(geometry) * sizeof(float);
    dnnl_dims_t dims = {(dnnl_dim_t)bytes};
    dnnl_memory_desc_t room;

    dnnl_memory_desc_init_by_tag(&room, 1, dims, dnnl_u8, dnnl_a);
    kernel->scratchpad = bytes > kernel->scratchpad ? bytes : kernel->scratchpad;
    int all[] = {operands[0], operands[1], operands[2],
                 onednn_operand(kernel, &room, PLACE_SCRATCHPAD), operands[3]};
    struct kernel_step *step = append(kernel, OWN_CONVOLUTION, all, operands[3] < 0 ? 4 : 5);
    step->geometry = *geometry;
    step->transposed = transposed;
    step->relu = relu;
}

void onednn_narrow_batchnorm(struct onednn_kernel *kernel, struct shape shape,
                             const struct primitive *primitive, const int operands[6])
{
    struct kernel_step *step = append(kernel, OWN_BATCHNORM, operands, 6);

    step->geometry.in = shape;
    step->epsilon = (float)primitive->epsilon;
    step->relu = primitive->relu;
}

void onednn_narrow_bias(struct onednn_kernel *kernel, struct shape shape, bool relu,
                        const int operands[2])
{
    struct kernel_step *step = append(kernel, OWN_BIAS, operands, 2);

    step->geometry.out = shape;
    step->relu = relu;
}

void onednn_narrow_copy(struct onednn_kernel *kernel, struct shape in, struct shape out,
                        const int operands[2])
{
    const dnnl_memory_desc_t *part = &kernel->operands[operands[1]].md;
    int begin = onednn_alias(kernel, operands[1], part, (size_t)part->offset0 * sizeof(float));
    struct kernel_step *step = append(kernel, OWN_COPY, (int[]){operands[0], begin}, 2);

    step->geometry.in = in;
    step->geometry.out = out;
}

/* onednn_may_stay_plain() has seen to it that the processor has them. */
#if defined __x86_64__
#define FUSED __attribute__((target("avx2,fma")))
#else
#define FUSED
#endif

/* (x - mean) * slope + shift with one rounding, then max(y, 0) if asked for. */
FUSED static void normalise(const float *x, size_t count, float mean, float slope, float shift,
                            bool relu, float *y)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = fmaf(x[i] - mean, slope, shift);
    if (!relu)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = y[i] > 0 ? y[i] : 0;
}

static void run_batchnorm(const struct kernel_step *step, int batch, void *const *operands)
{
    const float *x = operands[0], *scale = operands[2], *shift = operands[3];
    const float *means = operands[4], *variances = operands[5];
    size_t plane = shape_plane(step->geometry.in), channels = (size_t)step->geometry.in.channels;
    float *y = operands[1];

    for (size_t n = 0; n < (size_t)batch * channels; n++) {
        size_t c = n % channels;
        normalise(x + n * plane, plane, means[c], scale[c] / sqrtf(variances[c] + step->epsilon),
                  shift[c], step->relu, y + n * plane);
    }
}

/* oneDNN's layout: [image][block of channels][pixel][channel of the block]. */
static void run_bias(const struct kernel_step *step, const struct kernel_context *kernel_context,
                     void *const *operands)
{
    struct shape shape = step->geometry.out;
    size_t block = (size_t)kernel_context->block, blocks = (size_t)shape.channels / block;
    float *y = operands[0];

    for (size_t b = 0; b < (size_t)kernel_context->batch * blocks; b++) {
        const float *bias = (const float *)operands[1] + b % blocks * block;
        for (size_t p = 0; p < shape_plane(shape); p++, y += block)
#pragma omp simd
            for (size_t c = 0; c < block; c++) {
                float sum = y[c] + bias[c];
                y[c] = step->relu && !(sum > 0) ? 0 : sum;
            }
    }
}

static void run_copy(const struct kernel_step *step, int batch, void *const *operands)
{
    size_t in = shape_size(step->geometry.in), out = shape_size(step->geometry.out);

    for (size_t n = 0; n < (size_t)batch; n++)
        memcpy((float *)operands[1] + n * out, (const float *)operands[0] + n * in,
               in * sizeof(float));
}

/* Block by block, as oneDNN does. With AVX-512 it adds the bias in the end. So it does to what is
 * transposed, where it goes through kernels from behind, and sums up several blocks at once in
 * narrow images only (jit_avx2_conv_bwd_data_kernel_f32::init_conf). */
static void run_convolution(const struct kernel_step *step, int block, void *const *operands)
{
    int width = step->geometry.in.width;
    size_t together = width < 15 ? 4 : width < 40 ? 2 : 1;
    struct direct_sums sums = {.block = (size_t)block,
                               .backwards = step->transposed,
                               .apart = step->transposed ? together : 0,
                               .bias_last = step->transposed || block == 16,
                               .relu = step->relu,
                               .mirrored = step->transposed};

    direct_convolve(&step->geometry, &sums, operands[0], operands[2], operands[4], operands[1],
                    operands[3]);
}

void onednn_run_narrow(const struct kernel_step *step, const struct kernel_context *kernel_context,
                       void *const *operands)
{
    if (step->own == OWN_CONVOLUTION)
        run_convolution(step, kernel_context->block, operands);
    else if (step->own == OWN_BATCHNORM)
        run_batchnorm(step, kernel_context->batch, operands);
    else if (step->own == OWN_BIAS)
        run_bias(step, kernel_context, operands);
    else
        run_copy(step, kernel_context->batch, operands);
}
