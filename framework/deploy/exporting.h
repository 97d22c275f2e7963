/* A results file's network, made ready for framework/export. */
#ifndef UNDERSTUDY_DEPLOY_EXPORTING_H
#define UNDERSTUDY_DEPLOY_EXPORTING_H

#include "deploy/export_stages.h"
#include "export/exported.h"

struct exporting {
    struct model model; /* opened as MODEL_NETWORK */
    struct export_stages stages;
    struct network network;
    struct quantized_network quantized; /* where integers are asked for */
    struct image_set examples, outputs;
    struct exported_fact *facts; /* in the model's arena */
    struct exported_network exported;
    /* With a guard: the network that it hands on to, owned, or NULL for the pipeline. */
    struct exporting *large;
    struct exported_guard guard;
    double *doubts; /* [examples.count] */
    bool *handed;
};

struct exporting_options {
    enum model_part part; /* MODEL_HYBRID: with the stages beside it; or MODEL_NETWORK; with
                             exporting_guard_open(), MODEL_GUARDED */
    int height, width;    /* of the images; 0: as it was trained */
    bool int8;            /* in 8-bit integers, by the ranges that the file holds */
};

/*
 * The network of `path`, with the stages beside it that have graphs, facts for people and a few
 * examples, and what comes of them by the engine `reference` or the network in integers. Examples
 * are test images that the file holds, where what goes in is what goes into the pipeline; else
 * images drawn by the experiment's seed. STATUS_CONFIG where the
 * network does not take the size, STATUS_DATA where integers are asked for and the file holds no
 * ranges.
 */
MUST_CHECK enum status exporting_open(struct exporting *exporting, const char *path,
                                      const struct exporting_options *wanted,
                                      const struct model_options *options,
                                      struct diagnostics *found, struct error *error);
/*
 * The pair of networks that `path` keeps for its guard, or the small one and the pipeline, in the
 * form of exporting_open(): examples are images that are kept, and images that are handed on, as
 * far as there are both. STATUS_UNAVAILABLE where integers are asked for.
 */
MUST_CHECK enum status exporting_guard_open(struct exporting *exporting, const char *path,
                                            const struct exporting_options *wanted,
                                            const struct model_options *options,
                                            struct diagnostics *found, struct error *error);
void exporting_release(struct exporting *exporting);

/* Append which stages of the pipeline before and after the network go along, a line each, and which
 * do not; nothing where it replaces the whole pipeline. */
void exporting_inside(const struct exporting *exporting, struct text *text);
void exporting_left(const struct exporting *exporting, struct text *text);

#endif
