/*
 * Augmentation: training items are changed at random each time that they are seen, in ways that
 * leave their meaning alone. Knows neither networks nor where the items came from.
 */
#ifndef UNDERSTUDY_INTERFACES_AUGMENTATION_H
#define UNDERSTUDY_INTERFACES_AUGMENTATION_H

#include "base/random.h"
#include "io/schema/schema.h"
#include "math/image.h"

/* One item, in one pass over all of them. Draws depend on both and on nothing else. */
struct augmentation_call {
    const void *config;
    int64_t pass;                 /* from 1 */
    struct random_stream *stream; /* of this item in this pass */
    struct random_stream item;    /* of this item in all passes: starts anew with each call */
    float *scratch;               /* [shape of the image], contents not kept */
    float blank;                  /* what stands where there is nothing: 0, black; of labels that
                                     are no images NaN, not known */
};

struct augmentation {
    struct descriptor descriptor;
    bool input_only; /* the label is left as it is */
    /* STATUS_CONFIG where images of this size cannot be changed so; NULL: all can. */
    enum status (*check)(const void *config, struct shape shape, struct error *error);
    /* Change the image in place. What is drawn depends on height and width, not on channels or
     * pixels: a label that is an image is then changed with the same draws as its input. */
    void (*apply)(const struct augmentation_call *call, struct image image);
};
DESCRIPTOR_OF(augmentation);

#endif
