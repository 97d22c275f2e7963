/*
 * One image through a stage by several threads, as the stage allows (struct stage_sharing). The
 * bits are those of one thread.
 */
#ifndef UNDERSTUDY_CHAIN_SHARING_H
#define UNDERSTUDY_CHAIN_SHARING_H

#include "interfaces/stage.h"

/* A stage of a chain. */
struct shared_stage {
    const struct stage *stage;
    const void *config, *state;
};

/* Do more threads than one have something to do? */
bool sharing_possible(const struct shared_stage *shared);
/* Floats of scratch memory that all threads together need for an image of shape `in`. */
size_t sharing_scratch(const struct shared_stage *shared, struct shape in, int threads);
/* stage->run, shared where it can be. `scratch` starts where a double may lie. */
void sharing_run(const struct shared_stage *shared, struct image in, struct image out,
                 float *scratch, int threads);

#endif
