/*
 * The OpenBLAS engine: convolutions lowered to matrix products (im2col.h), one image at a time, by
 * single-threaded sgemm; those of few channels, but for the gradient of the weights, directly
 * (direct.h).
 *
 * Small networks are what this program is about: 4 to 64 filters on images of some thousand pixels.
 * For products of about a million multiply-adds or less, OpenBLAS has kernels (with AVX-512) that
 * read both matrices where they lie instead of packing them first, which are up to twice as fast
 * here. Hence output pixels are cut into blocks where that brings a product below the limit and
 * leaves blocks that are long enough. Blocks depend on shapes alone, so bits do, too.
 *
 * OpenBLAS finds the processor out by a table of models; for one newer than itself it falls back to
 * kernels of 2004, a fifth as fast. It reads OPENBLAS_CORETYPE as it is loaded: see environment.
 * Fixing the kernels by instruction set also makes bits agree between processors.
 *
 * Goto, van de Geijn, Anatomy of high-performance matrix multiplication, TOMS 2008.
 */
#include "networks/engines/openblas.h"

#include "base/processor.h"
#include "base/vectors.h"
#include "math/lanes.h"
#include "networks/engines/direct.h"
#include "networks/engines/im2col.h"

#include <stdlib.h>
#include <string.h>

#include <cblas.h>

enum {
    SMALL_PRODUCT = 1000000 / 2, /* multiply-adds; half the library's limit, measured best */
    SHORTEST_BLOCK = 128,        /* pixels */
    BLOCK_STEP = 32,
    ALIGNMENT = 16, /* floats of a cache line */
};

/* The pool of buffers, which the library keeps to itself: one that lacks these takes its buffers at
 * the first product. */
extern void *blas_memory_alloc(int procedure) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

static const char *openblas_version(void)
{
    return openblas_get_config();
}

static const char *openblas_isa(enum precision precision)
{
    (void)precision;
    return openblas_get_corename();
}

static enum status openblas_environment(const char *isa, const char **setting, struct error *error)
{
    *setting = NULL;
#if defined(__x86_64__)
    bool avx512 = processor_has(PROCESSOR_AVX512), avx2 = processor_has(PROCESSOR_AVX2);
    bool want512 = isa && strcmp(isa, "avx512") == 0, want2 = isa && strcmp(isa, "avx2") == 0;

    if (isa && !want512 && !want2)
        return error_set(error, STATUS_UNAVAILABLE,
                         "openblas: unknown instruction set '%s'; known are avx2 and avx512", isa);
    if ((want512 && !avx512) || (want2 && !avx2))
        return error_set(error, STATUS_UNAVAILABLE,
                         "openblas: this processor does not have the instruction set '%s'", isa);
    /* It must not have threads: they would be stopped and restarted at every fork. */
    *setting = "OPENBLAS_NUM_THREADS=1";
    enum processor_isa limit;
    enum status status = processor_limit(&limit, error);
    if (status != STATUS_OK || (!isa && limit == PROCESSOR_AMX && getenv("OPENBLAS_CORETYPE")))
        return status;
    if (want512 || (!isa && avx512))
        *setting = "OPENBLAS_NUM_THREADS=1\nOPENBLAS_CORETYPE=SkylakeX";
    else if (want2 || avx2)
        *setting = "OPENBLAS_NUM_THREADS=1\nOPENBLAS_CORETYPE=Haswell";
    return STATUS_OK;
#else
    if (isa)
        return error_set(error, STATUS_UNAVAILABLE,
                         "openblas: an instruction set can be chosen on x86-64 only");
    return STATUS_OK;
#endif
}

/* The vectors that the library's kernels use, so that ours use the same; NULL: neither of them. */
static const char *vectors(void)
{
    static const char *const avx512[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    static const char *const avx2[] = {"Haswell", "Zen"};
    const char *name = openblas_get_corename();

    for (size_t k = 0; k < sizeof avx512 / sizeof *avx512; k++)
        if (strcmp(name, avx512[k]) == 0)
            return "avx512";
    for (size_t k = 0; k < sizeof avx2 / sizeof *avx2; k++)
        if (strcmp(name, avx2[k]) == 0)
            return "avx2";
    return NULL;
}

/* No more than its pool holds for certain, on whatever machine it was built for: to ask for more
 * would end the program. */
void openblas_take_room(int threads)
{
    void *buffers[64];
    int most = (int)(sizeof buffers / sizeof *buffers), count = threads < most ? threads : most;

    if (!blas_memory_alloc || !blas_memory_free)
        return;
    for (int i = 0; i < count; i++)
        buffers[i] = blas_memory_alloc(0);
    for (int i = count; i-- > 0;)
        blas_memory_free(buffers[i]);
}

static enum status openblas_start(struct error *error)
{
    (void)error;
    openblas_set_num_threads(1);
    direct_start(vectors());
    return STATUS_OK;
}

static size_t aligned(size_t floats)
{
    return (floats + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t weight_count(const struct conv_geometry *g)
{
    return (size_t)g->out.channels * (size_t)(g->in.channels / g->groups) *
           (size_t)(g->kernel_height * g->kernel_width);
}

/* Scratch memory is the columns matrix, of the forward pass or the backward pass, whichever is
 * larger; then packed weights. */
static size_t columns_size(const struct conv_geometry *g)
{
    struct conv_geometry mirror;
    size_t size = im2col_plan(g).size, back = 0;

    if (im2col_mirror(g, &mirror))
        back = im2col_plan(&mirror).size;
    else
        back = (size_t)(g->in.channels / g->groups * g->kernel_height * g->kernel_width) *
               (size_t)g->out.height * (size_t)g->out.width;
    return aligned(size > back ? size : back);
}

size_t openblas_conv_scratch(const struct conv_geometry *g)
{
    size_t size = columns_size(g) + aligned(weight_count(g));
    size_t direct = direct_takes(g) || direct_takes_backward(g) ? direct_scratch(g) : 0;
    return size > direct ? size : direct;
}

/* Pixels that one product takes. */
static int block_of(const struct im2col *l, int filters)
{
    int block = (int)(SMALL_PRODUCT / ((int64_t)filters * l->depth)) / BLOCK_STEP * BLOCK_STEP;
    return block < SHORTEST_BLOCK || block >= l->pixels ? l->pixels : block;
}

/* y[filters][pixels] += the products of one group of one image. */
static void multiply_block(const struct im2col *l, int filters, const float *packed,
                           const float *columns, float *y)
{
    int block = block_of(l, filters);

    for (int at = 0; at < l->pixels; at += block) {
        int count = l->pixels - at < block ? l->pixels - at : block;
        for (int p = 0; p < l->products; p++)
            cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, filters, count, l->depth, 1,
                        packed + (size_t)p * (size_t)l->depth * (size_t)filters, filters,
                        columns + (size_t)p * l->step + at, (int)l->stride, 1, y + at, l->pixels);
    }
}

/* y += x * packed weights, all images and groups. */
static void convolve(const struct conv_geometry *g, const struct im2col *l, const float *x,
                     const float *packed, float *y, float *columns)
{
    int filters = g->out.channels / g->groups;
    size_t in = shape_size(g->in) / (size_t)g->groups;
    size_t out = shape_size(g->out) / (size_t)g->groups;
    size_t weights = weight_count(g) / (size_t)g->groups;

    for (size_t n = 0; n < (size_t)g->batch * (size_t)g->groups; n++)
        multiply_block(l, filters, packed + n % (size_t)g->groups * weights,
                       im2col_input(g, l, x + n * in, columns), y + n * out);
}

static void fill(float *values, size_t count, float value)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        values[i] = value;
}

void openblas_conv_forward(const struct conv_geometry *g, const float *x, const float *w,
                           const float *bias, float *y, float *scratch)
{
    if (direct_takes(g)) {
        direct_forward(g, x, w, bias, y, scratch);
        return;
    }
    struct im2col l = im2col_plan(g);
    float *packed = scratch + columns_size(g);
    size_t pixels = (size_t)l.pixels, channels = (size_t)g->out.channels;

    for (size_t p = 0; p < (size_t)g->batch * channels; p++)
        fill(y + p * pixels, pixels, bias ? bias[p % channels] : 0);
    im2col_weights(g, &l, w, packed);
    convolve(g, &l, x, packed, y, scratch);
}

/* Gradient of the input where the kernel moves by more than one pixel: each pixel's gradient for
 * each tap, added up where the taps lie. */
static void scatter(const struct conv_geometry *g, const float *dy, const float *w, float *dx,
                    float *columns)
{
    int filters = g->out.channels / g->groups;
    int taps = g->in.channels / g->groups * g->kernel_height * g->kernel_width;
    int pixels = g->out.height * g->out.width;
    size_t in = shape_size(g->in) / (size_t)g->groups;
    size_t out = shape_size(g->out) / (size_t)g->groups;

    for (size_t n = 0; n < (size_t)g->batch * (size_t)g->groups; n++) {
        const float *weights =
            w + n % (size_t)g->groups * (size_t)filters * (size_t)taps; /* [filters][taps] */
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, taps, pixels, filters, 1, weights,
                    taps, dy + n * out, pixels, 0, columns, pixels);
        im2col_input_add(g, columns, dx + n * in);
    }
}

void openblas_conv_backward_data(const struct conv_geometry *g, const float *dy, const float *w,
                                 float *dx, float *scratch)
{
    struct conv_geometry mirror;

    if (direct_takes_backward(g)) {
        direct_backward_data(g, dy, w, dx, scratch);
        return;
    }
    if (!im2col_mirror(g, &mirror)) {
        scatter(g, dy, w, dx, scratch);
        return;
    }
    struct im2col l = im2col_plan(&mirror);
    float *packed = scratch + columns_size(g);
    im2col_mirrored_weights(g, &l, w, packed);
    convolve(&mirror, &l, dy, packed, dx, scratch);
}

WIDE_VECTORS static void bias_gradient(const struct conv_geometry *g, const float *dy, float *dbias)
{
    size_t pixels = (size_t)g->out.height * (size_t)g->out.width;
    size_t channels = (size_t)g->out.channels;

    for (size_t c = 0; c < channels; c++) {
        double sum = 0;
        for (size_t n = 0; n < (size_t)g->batch; n++) {
            double lanes[LANES] = {0};
            lanes_add(dy + (n * channels + c) * pixels, pixels, lanes);
            sum += lanes_sum(lanes);
        }
        dbias[c] += (float)sum;
    }
}

void openblas_conv_backward_weights(const struct conv_geometry *g, const float *x, const float *dy,
                                    float *dw, float *dbias, float *scratch)
{
    struct im2col l = im2col_plan(g);
    float *packed = scratch + columns_size(g);
    int filters = g->out.channels / g->groups;
    size_t groups = (size_t)g->groups, in = shape_size(g->in) / groups;
    size_t out = shape_size(g->out) / groups, product = (size_t)l.depth * (size_t)filters;

    memset(packed, 0, weight_count(g) * sizeof *packed);
    for (size_t n = 0; n < (size_t)g->batch * groups; n++) {
        const float *columns = im2col_input(g, &l, x + n * in, scratch);
        float *sum = packed + n % groups * (size_t)l.products * product;
        for (size_t p = 0; p < (size_t)l.products; p++)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, l.depth, filters, l.pixels, 1,
                        columns + p * l.step, (int)l.stride, dy + n * out, l.pixels, 1,
                        sum + p * product, filters);
    }
    im2col_weights_add(g, &l, packed, dw);
    if (dbias)
        bias_gradient(g, dy, dbias);
}

void openblas_dense_forward(int batch, int inputs, int outputs, const float *x, const float *w,
                            const float *bias, float *y)
{
    for (size_t n = 0; n < (size_t)batch; n++)
        for (size_t o = 0; o < (size_t)outputs; o++)
            y[n * (size_t)outputs + o] = bias ? bias[o] : 0;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, outputs, inputs, 1, x, inputs, w,
                inputs, 1, y, outputs);
}

void openblas_dense_backward_data(int batch, int inputs, int outputs, const float *dy,
                                  const float *w, float *dx)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, inputs, outputs, 1, dy, outputs,
                w, inputs, 1, dx, inputs);
}

void openblas_dense_backward_weights(int batch, int inputs, int outputs, const float *x,
                                     const float *dy, float *dw, float *dbias)
{
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, inputs, batch, 1, dy, outputs, x,
                inputs, 1, dw, inputs);
    for (size_t o = 0; dbias && o < (size_t)outputs; o++) {
        double sum = 0;
        for (size_t n = 0; n < (size_t)batch; n++)
            sum += (double)dy[n * (size_t)outputs + o];
        dbias[o] += (float)sum;
    }
}

const struct engine engine_openblas = {
    .descriptor = {.name = "openblas",
                   .summary = "convolutions as matrix products by OpenBLAS",
                   .source = "Goto, van de Geijn, Anatomy of high-performance matrix "
                             "multiplication, TOMS 2008",
                   .version = 2},
    .version = openblas_version,
    .isa = openblas_isa,
    .environment = openblas_environment,
    .start = openblas_start,
    .thread_room = OPENBLAS_THREAD_ROOM,
    .take_room = openblas_take_room,
    .conv_scratch = openblas_conv_scratch,
    .conv_forward = openblas_conv_forward,
    .conv_backward_data = openblas_conv_backward_data,
    .conv_backward_weights = openblas_conv_backward_weights,
    .dense_forward = openblas_dense_forward,
    .dense_backward_data = openblas_dense_backward_data,
    .dense_backward_weights = openblas_dense_backward_weights,
};
