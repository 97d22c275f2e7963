/*
 * Calibration: a trained network looks at images, no labels needed, and the range that 8 bits
 * should stand for is chosen for the input and for each layer's values (quantize/histogram.h).
 *
 * Two passes over the images: extreme values first, then, where the method needs them, histograms.
 * Memory does not grow with the images. The values are the float engine's, in image order, on one
 * thread: no bit depends on anything else. Images are seen whole, not in tiles: of large ones give
 * parts.
 */
#ifndef UNDERSTUDY_QUANTIZE_CALIBRATE_H
#define UNDERSTUDY_QUANTIZE_CALIBRATE_H

#include "graph/network.h"
#include "quantize/histogram.h"

struct activation_ranges {
    struct value_range input;
    struct value_range *nodes; /* [count], of the network as it was trained */
    size_t count;
    int weight_bits; /* of the integers that weights become, 2 to 8; 0: 8 */
};

/* STATUS_CONFIG where there are no images, STATUS_DIVERGED where a value is not finite. */
MUST_CHECK enum status calibrate_activations(const struct component *family,
                                             const struct engine *engine, const float *parameters,
                                             const float *statistics,
                                             const struct image_set *images, struct answer answer,
                                             const struct calibration *how,
                                             struct activation_ranges *ranges, struct error *error);
void activation_ranges_release(struct activation_ranges *ranges);

#endif
