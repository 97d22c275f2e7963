/*
 * Inference on plain values of few channels.
 *
 * oneDNN lays channels out in blocks of 16 (with AVX-512). Networks of 8 to 11 channels would carry
 * up to twice the values that there are, and be brought from one layout to the other between
 * layers. These kernels leave values plain, and compute what oneDNN's compute in the
 * same order: the bits are the same. A test compares them.
 */
#include "networks/engines/onednn/kernel.h"

#include "networks/engines/direct.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A convolution between as many channels is left to others (convolution.c), which want plain
 * values, and so would be these. Measured with AVX-512: networks of 8 channels were 1.3 to 1.8
 * times as fast; with AVX2 they were slower, and from 12 channels on it made no difference. */
bool onednn_stays_plain(const struct kernel_context *kernel_context, const struct layout *layout,
                        int channels)
{
    int rounded = onednn_round(kernel_context, channels);

    return kernel_context->precision == PRECISION_FLOAT32 && !kernel_context->training &&
           !onednn_takes_all && !layout->form && kernel_context->block == 16 && rounded == 16 &&
           rounded * rounded > 2 * channels * channels && direct_is_wide();
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
                               bool relu, const int operands[4])
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

/* onednn_stays_plain() has seen to it that the processor has them. */
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

void onednn_run_narrow(const struct kernel_step *step, int batch, void *const *operands)
{
    if (step->own == OWN_CONVOLUTION)
        direct_forward_by_pixel(&step->geometry, operands[0], operands[2], operands[4], step->relu,
                                operands[1], operands[3]);
    else
        run_batchnorm(step, batch, operands);
}
