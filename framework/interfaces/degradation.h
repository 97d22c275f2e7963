/* Degradations: what the camera and the weather do to a clean image. */
#ifndef UNDERSTUDY_INTERFACES_DEGRADATION_H
#define UNDERSTUDY_INTERFACES_DEGRADATION_H

#include "base/random.h"
#include "io/schema/schema.h"
#include "math/image.h"

struct degradation {
    struct descriptor descriptor;
    /* Floats of scratch memory for one image; NULL: none. */
    size_t (*scratch)(const void *config, struct shape shape);
    /* Change the image in place. Every draw comes from `stream`, which belongs to this image and
     * this step alone. Not clipped unless the degradation says so. */
    void (*apply)(const void *config, struct image image, struct random_stream *stream,
                  float *scratch);
};
DESCRIPTOR_OF(degradation);

#endif
