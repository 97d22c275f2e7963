/*
 * Operational settings that were not the usual ones while some images were recorded and labelled:
 * another exposure, more noise, an optic out of focus. These images are degraded as `degrade` says,
 * in the place of `dataset.degrade`, with the same draws; the pipeline, tuned for the usual ones,
 * labels them as well as it can, and the network is trained on what the pipeline saw. Ground truth
 * stays the scene as the usual exposure would show it.
 */
#include "data/registry.h"
#include "interfaces/label_noise.h"

#include <stddef.h>

struct operational {
    double rate;
    struct component_list degrade;
};

static const struct field fields[] = {
    {"rate", FIELD_REAL, offsetof(struct operational, rate), .minimum = 0, .maximum = 1,
     .help = "share of the unlabelled images that are recorded this way"},
    {"degrade", FIELD_COMPONENTS, offsetof(struct operational, degrade),
     .registry = registry_degradations,
     .help = "how these images are degraded, in order, instead of by 'dataset.degrade'"},
    {0},
};

static double rate(const void *config)
{
    return ((const struct operational *)config)->rate;
}

static const struct component_list *degrade(const void *config)
{
    return &((const struct operational *)config)->degrade;
}

const struct label_noise label_noise_operational = {
    .descriptor =
        {
            .name = "operational",
            .summary = "images recorded and labelled with unusual settings",
            .fields = fields,
            .config_size = sizeof(struct operational),
            .version = 1,
        },
    .serves = SERVES_ALL,
    .rate = rate,
    .degrade = degrade,
};
