/*
 * Symmetric flips: a label becomes one of the other classes, each as likely as the next. The usual
 * model of label noise, and the kindest to networks: it is spread, where a pipeline's own errors
 * depend on the image.
 */
#include "interfaces/label_noise.h"
#include "math/metrics.h"

#include <stddef.h>

struct symmetric {
    double rate;
};

static const struct field fields[] = {
    {"rate", FIELD_REAL, offsetof(struct symmetric, rate), .minimum = 0, .maximum = 1,
     .help = "share of the labels that are changed to another class"},
    {0},
};

static double rate(const void *config)
{
    return ((const struct symmetric *)config)->rate;
}

static void change(const void *config, struct image label, bool scores,
                   struct random_stream *stream)
{
    int count = label.shape.channels, from = metrics_argmax(label.pixels, count);

    (void)config;
    (void)scores;
    if (count < 2)
        return;
    int to = (int)random_below(stream, (uint32_t)count - 1);
    label_noise_name(label, to < from ? to : to + 1);
}

const struct label_noise label_noise_symmetric = {
    .descriptor =
        {
            .name = "symmetric",
            .summary = "labels changed to another class, all equally likely",
            .source = "Angluin, Laird, Learning from noisy examples, Machine Learning 2, 1988",
            .fields = fields,
            .config_size = sizeof(struct symmetric),
            .version = 1,
        },
    .serves = SERVES_SCORES,
    .rate = rate,
    .change = change,
};
