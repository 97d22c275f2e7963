/* How much the network changes the image: the mean absolute difference of its answer from its
 * input. Where it removes noise, an image that it changes much is one with much noise, or one that
 * it takes for noise. */
#include "interfaces/guard.h"

#include <math.h>

static double doubt(const struct guard_view *view)
{
    size_t count = shape_size(view->output.shape);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += fabs((double)view->output.pixels[i] - (double)view->input.pixels[i]);
    return sum / (double)count;
}

const struct guard guard_residual = {
    .descriptor = {.name = "residual",
                   .summary = "mean absolute difference of the answer from its input",
                   .version = 1},
    .serves = SERVES_IMAGES,
    .keeps_size = true,
    .doubt = doubt,
};
