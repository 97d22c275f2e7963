/*
 * Sources of noise in labels, beside the pipeline's own errors: what goes wrong while the
 * unlabelled images are recorded and labelled. Each hits a share of them, by lot. Manual,
 * validation and test images are never touched.
 *
 * A source changes the image that the pipeline (and the network in training) sees, or the label
 * that it gave, or both. It knows no splits and no ground truth: where `truth` is set, the runner
 * puts that in the label's place.
 */
#ifndef UNDERSTUDY_INTERFACES_LABEL_NOISE_H
#define UNDERSTUDY_INTERFACES_LABEL_NOISE_H

#include "base/random.h"
#include "interfaces/content.h"
#include "io/schema/schema.h"
#include "math/image.h"

struct label_noise {
    struct descriptor descriptor;
    unsigned serves; /* labels: SERVES_IMAGES | … */
    bool truth; /* the label becomes ground truth; needs a network that takes over the pipeline to
                 * its end */
    /* Share of the images that it hits, 0 … 1: the setting `rate`. */
    double (*rate)(const void *config);
    /* Settings against each other and the labels; `class_count` is 0 where labels are images, -1
     * where it is not known yet. NULL: nothing can be wrong. */
    enum status (*check)(const void *config, int class_count, struct error *error);
    /* What happens to the clean image in the place of `dataset.degrade`, with the same draws; NULL:
     * the image is recorded as ever. */
    const struct component_list *(*degrade)(const void *config);
    /* Change the label in place: an image, or scores whose largest is the class. Every draw comes
     * from `stream`, which belongs to this image and this source alone. NULL: the label stays. */
    void (*change)(const void *config, struct image label, bool scores,
                   struct random_stream *stream);
    /* The same for masks; `room` [pixels] is the caller's, its contents are not kept. */
    void (*change_mask)(const void *config, struct image mask, uint32_t *room,
                        struct random_stream *stream);
};
DESCRIPTOR_OF(label_noise);

/* Make `to` the label, the scores keeping their values as far as that goes: it changes places with
 * the largest. */
void label_noise_name(struct image scores, int to);

#endif
