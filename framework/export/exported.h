/*
 * A trained network on its way out, with the pipeline's stages beside it as far as these have
 * graphs: what every form of it, ONNX or C, is written from.
 *
 * Everything is borrowed from the caller.
 */
#ifndef UNDERSTUDY_EXPORT_EXPORTED_H
#define UNDERSTUDY_EXPORT_EXPORTED_H

#include "interfaces/stage_graph.h"
#include "math/image.h"
#include "quantize/quantized.h"

struct exported_fact { /* what goes along for people: experiment, content_sha256, scores … */
    const char *name, *value;
};

/* A guard (interfaces/guard.h): the network's answer is kept unless it is to be doubted. */
struct exported_guard {
    const char *by;     /* its name */
    bool twice;         /* the network answers the mirrored image, too */
    bool probabilities; /* the network ends in shares of 1 */
    double threshold;
    /* What doubted images are handed on to: a network that takes and gives the same; NULL: the
     * pipeline, by a function of the user's. */
    const struct exported_network *large;
    const double *doubts;       /* of each example */
    const bool *handed;         /* is it handed on? */
    const char *pipeline_gives; /* what the examples have in the pipeline's place, for people */
};

struct exported_network {
    const char *name;               /* of the experiment */
    const struct component *family; /* the same network for images of other sizes comes from it */
    const struct network *network;  /* for images of the size that it is exported for */
    const float *parameters, *statistics; /* flat, as in struct network */
    /* The same network in 8-bit integers, made from `network`: it is what is exported. NULL: in
     * float32. */
    const struct quantized_network *quantized;
    struct answer answer; /* of the network: masks are its class numbers, it gives scores */
    /* What is done to the image before the network sees it, and to its answer; NULL: nothing. */
    const struct stage_graph *before, *after;
    enum content after_content;         /* what `after` ends in */
    const struct exported_guard *guard; /* NULL: none */
    const struct exported_fact *facts;  /* [fact_count] */
    size_t fact_count;
    /* Inputs of exported_input(), in [0, 1], and what comes of them (before argmax); a few. In
     * float32 the engine `reference` computes the network's answers, in integers
     * quantized_scores(). */
    const struct image_set *examples, *outputs;
    const char *examples_are; /* what they are, for people; NULL: nobody knows */
};

/* Steps before the network, and after it. */
static inline size_t exported_before(const struct exported_network *exported)
{
    return exported->before ? exported->before->count : 0;
}
static inline size_t exported_after(const struct exported_network *exported)
{
    return exported->after ? exported->after->count : 0;
}
/* Shapes of what goes in and comes out, the steps around the network included; and what comes
 * out. */
struct shape exported_input(const struct exported_network *exported);
struct shape exported_output(const struct exported_network *exported);
enum content exported_content(const struct exported_network *exported);
/* Does it end in scores of classes? */
bool exported_has_classes(const struct exported_network *exported);

/* What is written: the same, or, in integers, its folded network, node for node, without
 * statistics. STATUS_CONFIG where that was quantised for images of another size, or sums would be
 * too long. */
MUST_CHECK enum status exported_written(const struct exported_network *exported,
                                        struct exported_network *written, struct error *error);

#endif
