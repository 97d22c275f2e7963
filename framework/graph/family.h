/*
 * Families of networks: YAML files in networks/families/, each with typed parameters and a list of
 * layers in which ${...} is an integer expression over the parameters and the built-in names
 * `channels` (of the input), `outputs` (channels of the target image, classes, or numbers) and
 * `images` (1 where the network gives images, else 0).
 *
 *     family: dncnn
 *     about: residual denoiser of plain 3x3 convolutions
 *     source: Zhang, Zuo, Chen, Meng, Zhang 2017
 *     tasks: [denoise]
 *     parameters:
 *       depth: {default: 4, minimum: 2, maximum: 64, help: number of convolutions}
 *       width: {default: 16, minimum: 1, maximum: 1024, help: filters of an inner convolution}
 *     layers:
 *       - conv: {filters: "${width}", kernel: 3}
 *       - relu
 *       - repeat: ${depth - 2}
 *         layers:
 *           - conv: {filters: "${width}", kernel: 3, bias: false}
 *           - batchnorm
 *           - relu
 *       - conv: {filters: "${outputs}", kernel: 3}
 *         name: residual
 *       - add: {}
 *         from: [residual, input]
 *
 * A layer takes the one before it unless `from` names others; `input` is the network's input.
 * Unnamed nodes are named after their kind and number: conv1, relu1, conv2 … in order. An entry
 * with `when: N` is left out where N is 0. An expression (graph/expression.h) is the whole of a
 * scalar; in a field that is true or false, 0 is false.
 *
 * Inside `repeat`, `round` is the round's number from 0; `as: stage` calls it `stage` instead, so
 * that a repeat within can read it beside its own. Names get the round's number from 1 behind them
 * (skip1, skip2 …; skip2_1 in a repeat within). `from: skip` means the nearest such layer before,
 * `from: "skip${depth - round}"` that of one round.
 *
 *     sides_multiple_of: ${2 ^ depth}
 *
 * beside `layers` says what must divide height and width of every image. In training others are
 * refused with that reason, not with what would not fit further on; a trained network is shown
 * whole images of any size (graph/apply.h).
 */
#ifndef UNDERSTUDY_GRAPH_FAMILY_H
#define UNDERSTUDY_GRAPH_FAMILY_H

#include "interfaces/content.h"
#include "interfaces/layer.h"

/* Read every *.yaml in the folders, once, before anything asks for the registry; of files of one
 * name the first folder's counts. Mistakes in the files go to `found`. */
MUST_CHECK enum status families_load(const struct text_list *folders, struct diagnostics *found,
                                     struct error *error);
void families_release(void);
/* Empty before families_load(). Each row's config is int64_t parameters in table order. A row's
 * version is a fingerprint of its layers: an edited family makes new keys. */
const struct registry *families_registry(void);
/* Can it give such labels? Features are served by what gives scores. */
bool family_serves(const struct descriptor *family, enum content labels);

/* An answer that stands for what only a data set knows, where layers are looked at without it. */
struct answer family_example_answer(enum content labels);

/* Raise the sides of an image to the next multiples of `sides_multiple_of`. STATUS_CONFIG where
 * that is no whole number of at least 1. */
MUST_CHECK enum status family_fit(const struct component *family, struct shape *input,
                                  struct error *error);
/* STATUS_CONFIG where the family's `sides_multiple_of` does not divide the input's sides. */
MUST_CHECK enum status family_check_sides(const struct component *family, struct shape input,
                                          struct error *error);

/* One node of an expanded family. */
struct node_spec {
    const char *name;
    struct component layer;
    int inputs[LAYER_MAX_INPUTS]; /* earlier nodes' indices; -1: the network's input */
};

/*
 * The layers of a family for its parameters, for images of so many channels and the answer's count
 * of outputs. STATUS_CONFIG names family, layer and line where an
 * expression or a layer's field is wrong. Everything lives in `arena`.
 */
MUST_CHECK enum status family_expand(const struct component *family, int channels,
                                     struct answer answer, struct arena *arena,
                                     struct node_spec **nodes, size_t *count, struct error *error);
/*
 * "network layers: DIGEST": the layers that the family's parameters come to, with their versions;
 * an edited family, or a layer's new version, makes another.
 */
MUST_CHECK enum status family_print_layers(const struct component *family, enum content labels,
                                           struct text *text, struct error *error);

#endif
