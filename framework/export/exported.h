/*
 * A trained network on its way out: what every form of it, ONNX or C, is written from.
 *
 * Everything is borrowed from the caller.
 */
#ifndef UNDERSTUDY_EXPORT_EXPORTED_H
#define UNDERSTUDY_EXPORT_EXPORTED_H

#include "math/image.h"
#include "quantize/quantized.h"

struct exported_fact { /* what goes along for people: experiment, content_sha256, scores … */
    const char *name, *value;
};

struct exported_network {
    const char *name;               /* of the experiment */
    const struct component *family; /* the same network for images of other sizes comes from it */
    const struct network *network;  /* for images of the size that it is exported for */
    const float *parameters, *statistics; /* flat, as in struct network */
    /* The same network in 8-bit integers, made from `network`: it is what is exported. NULL: in
     * float32. */
    const struct quantized_network *quantized;
    struct answer answer;              /* masks are its class numbers, the network gives scores */
    const struct exported_fact *facts; /* [fact_count] */
    size_t fact_count;
    /* Inputs of the network's input shape, in [0, 1], and what the network answers (before argmax);
     * a few. In float32 the engine `reference` computes the answers, in integers
     * quantized_scores(). */
    const struct image_set *examples, *outputs;
};

/* What is written: the same, or, in integers, its folded network, node for node, without
 * statistics. STATUS_CONFIG where that was quantised for images of another size, or sums would be
 * too long. */
MUST_CHECK enum status exported_written(const struct exported_network *exported,
                                        struct exported_network *written, struct error *error);

#endif
