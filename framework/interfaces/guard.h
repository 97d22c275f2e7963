/*
 * Guards: how much a network's answer for one image is to be doubted, told from the answer itself
 * when the network is in use. Where the doubt is above a threshold, the image is handed on to
 * something larger (guard/threshold.h).
 */
#ifndef UNDERSTUDY_INTERFACES_GUARD_H
#define UNDERSTUDY_INTERFACES_GUARD_H

#include "interfaces/content.h"
#include "io/schema/schema.h"

/* One image and what the network gave for it. */
struct guard_view {
    struct image input;
    struct image output; /* of classes and masks the scores of each class */
    struct image turned; /* for the mirrored input, mirrored back; of guards that run `twice` */
    struct answer answer;
    bool probabilities; /* the scores of classes are shares of 1 already */
};

struct guard {
    struct descriptor descriptor;
    unsigned serves; /* what the network gives: SERVES_IMAGES | … */
    bool twice;      /* the network answers the mirrored image, too */
    bool keeps_size; /* needs answers of the input's shape */
    /* The larger, the less the answer is to be trusted. NaN where the answer is not a number:
     * always handed on. */
    double (*doubt)(const struct guard_view *view);
};
DESCRIPTOR_OF(guard);

#endif
