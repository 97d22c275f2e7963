/*
 * How flat the answer is: the share of neighbours, to the right and below, that differ by less than
 * a hundredth. Where an image has no structure, what noise a small network leaves is all that is
 * seen, and SSIM, which divides by the local variance, punishes it most: there the larger network
 * gains most (docs/taking_it_out.md has the measurement).
 */
#include "interfaces/guard.h"

#include <math.h>

static const double level = 0.01;

static double doubt(const struct guard_view *view)
{
    struct shape shape = view->output.shape;
    int rows = shape.channels * shape.height, width = shape.width;
    size_t flat = 0, pairs = 0;

    for (int r = 0; r < rows; r++)
        for (int x = 0; x < width; x++) {
            const float *at = view->output.pixels + (size_t)r * (size_t)width + x;
            const bool has[] = {x + 1 < width, r % shape.height + 1 < shape.height};
            const int step[] = {1, width};
            if (isnan(*at))
                return (double)NAN;
            for (int i = 0; i < 2; i++) {
                pairs += has[i];
                flat += has[i] && fabs((double)at[step[i]] - (double)*at) < level;
            }
        }
    return pairs ? (double)flat / (double)pairs : 1;
}

const struct guard guard_flatness = {
    .descriptor = {.name = "flatness",
                   .summary = "share of the answer's neighbouring pixels that differ by less than "
                              "1 %",
                   .version = 1},
    .serves = SERVES_IMAGES,
    .doubt = doubt,
};
