/* A results file's network, made ready for framework/export. */
#ifndef UNDERSTUDY_DEPLOY_EXPORTING_H
#define UNDERSTUDY_DEPLOY_EXPORTING_H

#include "deploy/model.h"
#include "export/exported.h"

struct exporting {
    struct model model; /* opened as MODEL_NETWORK */
    struct network network;
    struct quantized_network quantized; /* where integers are asked for */
    struct image_set examples, outputs;
    struct exported_fact *facts; /* in the model's arena */
    struct exported_network exported;
};

struct exporting_options {
    int height, width; /* of the images; 0: as it was trained */
    bool int8;         /* in 8-bit integers, by the ranges that the file holds */
};

/*
 * The network of `path`, with facts for people and a few examples: images drawn by the experiment's
 * seed, and what the engine `reference` or the network in integers answers. STATUS_CONFIG where the
 * network does not take the size, STATUS_DATA where integers are asked for and the file holds no
 * ranges.
 */
MUST_CHECK enum status exporting_open(struct exporting *exporting, const char *path,
                                      const struct exporting_options *wanted,
                                      const struct model_options *options,
                                      struct diagnostics *found, struct error *error);
void exporting_release(struct exporting *exporting);

/* Append what does not go along: the pipeline's stages before and after the network, a line each;
 * nothing where it replaces the whole pipeline. */
void exporting_left(const struct exporting *exporting, struct text *text);

#endif
