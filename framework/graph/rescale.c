#include "graph/rescale.h"

#include <math.h>
#include <string.h>

extern const struct layer layer_rescale;

enum status rescale_append(struct arena *arena, struct node_spec **specs, size_t *count,
                           struct error *error)
{
    struct node_spec *longer;

    PASS(arena_new(arena, &longer, *count + 1, sizeof *longer, error));
    memcpy(longer, *specs, *count * sizeof *longer);
    longer[*count] = (struct node_spec){.name = "rescale",
                                        .layer = {.kind = &layer_rescale.descriptor},
                                        .inputs = {(int)*count - 1, -1}};
    *specs = longer;
    (*count)++;
    return STATUS_OK;
}

bool rescale_ends(const struct network *network)
{
    return network->count && network->nodes[network->count - 1].layer == &layer_rescale;
}

static const struct network_node *last_node(const struct network *network)
{
    return &network->nodes[network->count - 1];
}

/* Mean and standard deviation of a channel; false where it has no known value. */
static bool measure(const struct image_set *targets, const uint32_t *chosen, size_t count,
                    size_t channel, double *mean, double *deviation)
{
    double sum = 0, squares = 0, known = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < count; k++) {
            struct image image = image_set_at(targets, chosen[k]);
            size_t plane = shape_plane(image.shape);
            for (size_t i = 0; i < plane; i++) {
                double value = (double)image.pixels[channel * plane + i];
                if (isnan(value))
                    continue;
                sum += pass ? 0 : value;
                known += pass ? 0 : 1;
                squares += pass ? (value - *mean) * (value - *mean) : 0;
            }
        }
        if (known == 0)
            return false;
        *mean = sum / known;
    }
    *deviation = sqrt(squares / known);
    return true;
}

void rescale_fit(const struct network *network, const struct image_set *targets,
                 const uint32_t *chosen, size_t count, float *parameters)
{
    double mean, deviation;

    if (!targets || !rescale_ends(network))
        return;
    const struct network_node *node = last_node(network);
    float *scale = parameters + node->parameter_offset[0];
    float *offset = parameters + node->parameter_offset[1];
    for (size_t c = 0; c < (size_t)node->out.channels; c++) {
        if (!measure(targets, chosen, count, c, &mean, &deviation))
            continue;
        offset[c] = (float)mean;
        scale[c] = (float)deviation > 0 ? (float)deviation : 1;
    }
}

void rescale_undo(const struct network *network, const float *parameters, float *values)
{
    const struct network_node *node = last_node(network);
    const float *scale = parameters + node->parameter_offset[0];
    const float *offset = parameters + node->parameter_offset[1];
    size_t plane = shape_plane(node->out);

    for (size_t c = 0; c < (size_t)node->out.channels; c++)
        for (size_t i = 0; i < plane; i++)
            values[c * plane + i] = (values[c * plane + i] - offset[c]) / scale[c];
}

void rescale_slopes(const struct network *network, const float *parameters, float *slopes)
{
    const struct network_node *node = last_node(network);
    const float *scale = parameters + node->parameter_offset[0];
    size_t plane = shape_plane(node->out);

    for (size_t c = 0; c < (size_t)node->out.channels; c++)
        for (size_t i = 0; i < plane; i++)
            slopes[c * plane + i] /= scale[c];
}
