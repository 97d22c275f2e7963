/*
 * Labels as an expert gives them, in the place of the pipeline's. Followed by `symmetric` it is the
 * usual benchmark of label noise: ground truth of which a known share was made wrong.
 */
#include "interfaces/label_noise.h"

#include <stddef.h>

struct truth_labels {
    double rate;
};

static const struct field fields[] = {
    {"rate", FIELD_REAL, offsetof(struct truth_labels, rate), .minimum = 0, .maximum = 1,
     .default_value = "1", .help = "share of the unlabelled images that an expert labels"},
    {0},
};

static double rate(const void *config)
{
    return ((const struct truth_labels *)config)->rate;
}

const struct label_noise label_noise_truth = {
    .descriptor =
        {
            .name = "truth",
            .summary = "ground truth instead of the pipeline's labels, as input for other noise",
            .fields = fields,
            .config_size = sizeof(struct truth_labels),
            .version = 1,
        },
    .serves = SERVES_ALL,
    .truth = true,
    .rate = rate,
};
