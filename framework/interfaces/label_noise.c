#include "interfaces/label_noise.h"

#include "math/metrics.h"

#include <math.h>

void label_noise_name(struct image scores, int to)
{
    int count = scores.shape.channels, from = metrics_argmax(scores.pixels, count);
    float most = scores.pixels[from];

    scores.pixels[from] = scores.pixels[to];
    scores.pixels[to] = most;
    if (metrics_argmax(scores.pixels, count) != to) /* another one is as large */
        scores.pixels[to] = nextafterf(most, INFINITY);
}
