/*
 * 1 - SSIM: what the task is judged by, made small directly. The index and its gradient are those
 * of math/quality.h, with the window of Wang, Bovik, Sheikh, Simoncelli 2004; outputs are taken as
 * they are, not clipped to [0, 1] as evaluation does, so that there is a slope everywhere. As a
 * loss: Zhao, Gallo, Frosio, Kautz, "Loss functions for image restoration with neural networks",
 * 2017. Cost: some 150 operations an output.
 */
#include "interfaces/training.h"
#include "math/quality.h"

static enum status ssim_check(const void *config, struct shape shape, const float *target,
                              struct error *error)
{
    (void)config;
    (void)target;
    if (shape.height < QUALITY_SSIM_SIDE || shape.width < QUALITY_SSIM_SIDE)
        return error_set(error, STATUS_CONFIG,
                         "'ssim' looks through a window of %d x %d pixels; images of %d x %d are "
                         "too small for it",
                         QUALITY_SSIM_SIDE, QUALITY_SSIM_SIDE, shape.height, shape.width);
    return STATUS_OK;
}

static double ssim_evaluate(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);
    double total = 0;

    for (int item = 0; item < call->count; item++) {
        size_t start = (size_t)item * size;
        total += 1 - quality_ssim_slope(call->shape, call->y + start, call->targets + start,
                                        -(double)call->scale, call->dy + start, call->scratch);
    }
    return total;
}

const struct loss loss_ssim = {
    .descriptor = {.name = "ssim",
                   .summary = "1 - SSIM, for images",
                   .source = "Wang, Bovik, Sheikh, Simoncelli 2004; Zhao et al. 2017",
                   .version = 1},
    .targets = LOSS_IMAGES,
    .check = ssim_check,
    .scratch = quality_ssim_slope_scratch,
    .evaluate = ssim_evaluate,
};
