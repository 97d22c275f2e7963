/*
 * Learning a dictionary from patches: K-SVD.
 *
 * M. Aharon, M. Elad, A. Bruckstein, "K-SVD: an algorithm for designing overcomplete dictionaries
 * for sparse representation", IEEE Transactions on Signal Processing 54(11), 2006. All patches are
 * coded (sparse_code.h); then each atom d in turn, and the values g that it has in those patches
 * that use it, become what fits these best, given all else. Of the singular value decomposition
 * that would say so, one step of the power method is taken: d = E g / |E g|, g = E^T d, where E is
 * what these patches lack without the atom (Rubinstein, Zibulevsky, Elad, Technion CS-2008-08). An
 * atom that fewer than four patches use, or that is almost another one, becomes the patch that is
 * coded worst.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_DICTIONARY_LEARN_H
#define UNDERSTUDY_PIPELINES_DENOISING_DICTIONARY_LEARN_H

#include "interfaces/stage.h"
#include "pipelines/denoising/sparse_code.h"

/* What learning needs for up to `most` patches. */
struct learner {
    size_t most, depth, terms;
    int threads;
    float *patches, *rests, *energies; /* [most][depth], [most][depth], [most] */
    struct sparse_term *codes;         /* [most][terms] */
    uint16_t *counts;                  /* [most] terms of each patch */
    uint32_t *uses, *starts;           /* [most * terms] places in `codes`, by atom; [atoms + 1] */
    bool *replaced;                    /* [atoms] */
    double *sum;                       /* [depth] */
    struct sparse_work *work;          /* [threads] */
};

MUST_CHECK enum status learner_new(struct learner *learner, const struct dictionary *dictionary,
                                   size_t most, size_t terms, int threads, struct error *error);
void learner_release(struct learner *learner);

/* From the first `count` patches; the atoms that are there are the first guess. Bits do not depend
 * on threads. Ends at once where a stop is asked for. */
void dictionary_learn(struct dictionary *dictionary, struct learner *learner, size_t count,
                      const struct sparse_goal *goal, int iterations);

/* What that takes at most. */
struct operations dictionary_learn_count(double depth, double atoms, double terms, double patches,
                                         double iterations);

#endif
