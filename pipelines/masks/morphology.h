/* Openings and closings, of images and of masks. */
#ifndef UNDERSTUDY_PIPELINES_MASKS_MORPHOLOGY_H
#define UNDERSTUDY_PIPELINES_MASKS_MORPHOLOGY_H

#include "interfaces/operations.h"
#include "io/schema/schema.h"
#include "math/image.h"

struct morphology {
    int64_t radius, element;
};

extern const struct field morphology_fields[];

/* As struct stage has them. */
int morphology_reach(const void *config);
size_t morphology_scratch(const void *config, struct shape in);

/* Smallest values, then largest ones of these: an opening; with `closing`, the other way round. */
void morphology_run(const struct morphology *morphology, bool closing, struct image in,
                    struct image out, float *scratch);

struct operations morphology_count(const struct morphology *morphology, struct shape in);

#endif
