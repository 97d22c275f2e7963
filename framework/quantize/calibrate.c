#include "quantize/calibrate.h"

#include "graph/apply.h"

#include <string.h>

struct observation {
    struct activation_ranges *ranges;
    struct value_histogram *histograms; /* [ranges->count]; NULL in the first pass */
};

/* The first call of all tells how many nodes there are. */
static enum status observe_range(void *context, const struct network *network, size_t node,
                                 size_t first, int count, const float *values, struct error *error)
{
    struct activation_ranges *ranges = ((struct observation *)context)->ranges;
    size_t size = (size_t)count * shape_size(network->nodes[node].out);

    (void)first;
    if (!ranges->nodes) {
        PASS(memory_new(&ranges->nodes, network->count, sizeof *ranges->nodes, error));
        ranges->count = network->count;
    }
    if (!value_range_add(&ranges->nodes[node], values, size))
        return error_set(error, STATUS_DIVERGED, "%s: the trained network gives no finite values",
                         network->nodes[node].name);
    return STATUS_OK;
}

static enum status observe_histogram(void *context, const struct network *network, size_t node,
                                     size_t first, int count, const float *values,
                                     struct error *error)
{
    const struct observation *seen = context;

    (void)first, (void)error;
    value_histogram_add(&seen->histograms[node], values,
                        (size_t)count * shape_size(network->nodes[node].out));
    return STATUS_OK;
}

static enum status choose_input(const struct image_set *images, const struct calibration *how,
                                struct value_range *range, struct error *error)
{
    enum status status = STATUS_OK;
    struct value_histogram *histogram = NULL;
    size_t size = images->offsets[images->count];

    if (!value_range_add(range, images->pixels, size))
        return error_set(error, STATUS_DIVERGED, "an image has values that are not finite");
    TRY(memory_new(&histogram, 1, sizeof *histogram, error));
    histogram->range = *range;
    if (how->method != CALIBRATION_MIN_MAX)
        value_histogram_add(histogram, images->pixels, size);
    *range = value_histogram_choose(histogram, how);
out:
    memory_free(histogram);
    return status;
}

enum status calibrate_activations(const struct component *family, const struct engine *engine,
                                  const float *parameters, const float *statistics,
                                  const struct image_set *images, struct answer answer,
                                  const struct calibration *how, struct activation_ranges *ranges,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct observation seen = {.ranges = ranges};
    struct image_set out = {0};

    memset(ranges, 0, sizeof *ranges);
    if (!images->count)
        return error_set(error, STATUS_CONFIG, "calibration needs at least one image");
    TRY(choose_input(images, how, &ranges->input, error));
    TRY(network_apply(family, engine, PRECISION_FLOAT32, parameters, statistics, images, answer, 1,
                      observe_range, &seen, &out, error));
    if (how->method == CALIBRATION_MIN_MAX)
        goto out;
    TRY(memory_new(&seen.histograms, ranges->count, sizeof *seen.histograms, error));
    for (size_t i = 0; i < ranges->count; i++)
        seen.histograms[i].range = ranges->nodes[i];
    image_set_release(&out);
    TRY(network_apply(family, engine, PRECISION_FLOAT32, parameters, statistics, images, answer, 1,
                      observe_histogram, &seen, &out, error));
    for (size_t i = 0; i < ranges->count; i++)
        ranges->nodes[i] = value_histogram_choose(&seen.histograms[i], how);
out:
    image_set_release(&out);
    memory_free(seen.histograms);
    if (status != STATUS_OK)
        activation_ranges_release(ranges);
    return status;
}

void activation_ranges_release(struct activation_ranges *ranges)
{
    memory_free(ranges->nodes);
    memset(ranges, 0, sizeof *ranges);
}
