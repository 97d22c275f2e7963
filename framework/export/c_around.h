/*
 * Where values around a network lie while exported C computes them: those of the pipeline's stages
 * before and after it, and the network's own block (c_memory.h) beside them. With a guard, two
 * networks run, one after the other, and what the guard needs lies there, too.
 *
 * The first value is the caller's input, the last one the caller's output. All else shares one
 * static block, by when it is alive; steps that give one value for each value write over what they
 * read.
 */
#ifndef UNDERSTUDY_EXPORT_C_AROUND_H
#define UNDERSTUDY_EXPORT_C_AROUND_H

#include "export/c_memory.h"

enum c_network { C_SMALL, C_LARGE, C_NETWORKS }; /* one that is alone is C_SMALL */

struct c_around {
    struct c_place *in;  /* [steps before + 1]: what goes into each, then into the networks */
    struct c_place *out; /* [steps after + 1]: what goes into each, then the output */
    size_t *lines;       /* [steps before + steps after]: room for a row, in bytes */
    size_t networks[C_NETWORKS], mirrored, turned; /* bytes within the block */
    size_t bytes;                                  /* of all */
};

struct c_around_need {
    const struct stage_graph *before, *after; /* NULL: no steps */
    struct shape in, out;                     /* of the networks */
    size_t networks[C_NETWORKS];              /* bytes of their blocks */
    /* The first one runs a second time, on the mirrored image, and both its answers are kept until
     * they are compared. */
    bool twice;
    size_t alignment;
};

MUST_CHECK enum status c_around_new(struct c_around *around, const struct c_around_need *need,
                                    struct error *error);
void c_around_release(struct c_around *around);

#endif
