/* A trained network over a set of images. */
#ifndef UNDERSTUDY_GRAPH_APPLY_H
#define UNDERSTUDY_GRAPH_APPLY_H

#include "graph/network.h"

/* Looks at a node's activations of `count` images, the first of which is image `first`. */
typedef enum status activation_observer(void *context, const struct network *network, size_t node,
                                        size_t first, int count, const float *values,
                                        struct error *error);

/*
 * Answers (of inference) for images of any mix of sizes; `out` is made here. An image whose sides
 * the family does not take is continued by its mirror image, and the output cut (an observer sees
 * the activations uncut). Runs on `threads`
 * threads in shards of 16 of equal shape; bits do not depend on the threads. `observer` (may be
 * NULL) is called in image order, on one thread.
 */
MUST_CHECK enum status network_apply(const struct component *family, const struct engine *engine,
                                     enum precision precision, const float *parameters,
                                     const float *statistics, const struct image_set *in,
                                     struct answer answer, int threads,
                                     activation_observer *observer, void *context,
                                     struct image_set *out, struct error *error);
/* The same where answers are masks, but the scores of all classes at each pixel, as they come. */
MUST_CHECK enum status network_scores(const struct component *family, const struct engine *engine,
                                      enum precision precision, const float *parameters,
                                      const float *statistics, const struct image_set *in,
                                      struct answer answer, int threads, struct image_set *out,
                                      struct error *error);

/* The number of the class with the largest score at a pixel, the first of equals; NaN where a score
 * is. `scores` are `plane` apart. */
float network_class_at(const float *scores, int classes, size_t plane);

/* What computes answers in place of an engine. */
struct apply_method {
    /* Make ready for images of one shape, in shards of up to `batch`, on `threads` threads. What is
     * made does not outlive the network. Closed also where this fails, unless *made is NULL. */
    enum status (*open)(void *context, const struct network *network, int batch, int threads,
                        void **made, struct error *error);
    /* Where thread `thread` puts a shard's images. */
    float *(*input)(void *made, int thread);
    /* The answers for the first `count` of them, valid until the thread's next call. */
    const float *(*run)(void *made, int thread, int count);
    void (*close)(void *made);
};

/* network_apply() without observer, or with `scores` network_scores(), by another method. */
MUST_CHECK enum status network_apply_by(const struct component *family,
                                        const struct apply_method *method, void *context,
                                        const struct image_set *in, struct answer answer,
                                        int threads, bool scores, struct image_set *out,
                                        struct error *error);

#endif
