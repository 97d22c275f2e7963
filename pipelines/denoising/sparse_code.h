/*
 * Sparse coding: few atoms of a dictionary that add up to almost a patch.
 *
 * Orthogonal matching pursuit (Y. C. Pati, R. Rezaiifar, P. S. Krishnaprasad, "Orthogonal matching
 * pursuit", Asilomar Conference, 1993) takes the atom that correlates most with what is left, makes
 * what is left orthogonal to all atoms taken, and goes on. It needs no patches, only their products
 * with the atoms and those of the atoms with each other (batch OMP: R. Rubinstein, M. Zibulevsky,
 * M. Elad, "Efficient implementation of the K-SVD algorithm using batch orthogonal matching
 * pursuit", Technion CS-2008-08). Here the columns of the Cholesky factor are made for all atoms at
 * once: column k holds the products of every atom with the k-th atom taken, orthogonalised; its
 * rows are those of the factor, and products lose a multiple of it.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_SPARSE_CODE_H
#define UNDERSTUDY_PIPELINES_DENOISING_SPARSE_CODE_H

#include "base/error.h"
#include "interfaces/operations.h"

#include <stddef.h>
#include <stdint.h>

struct dictionary {
    size_t depth;         /* numbers of an atom, a multiple of 8 */
    size_t count, width;  /* atoms; product_width() of it */
    float *atoms;         /* [count][depth], of length 1; some may be 0 */
    float *packed, *gram; /* for dictionary_prepare(); gram: [count][width] */
};

MUST_CHECK enum status dictionary_new(struct dictionary *dictionary, size_t depth, size_t count,
                                      struct error *error);
void dictionary_release(struct dictionary *dictionary);
/* To be called whenever the atoms have changed. */
void dictionary_prepare(struct dictionary *dictionary);

struct sparse_term {
    uint32_t atom;
    float value;
};

/* When a code is good enough: what is left has at most this energy, or there are as many terms. */
struct sparse_goal {
    float energy;
    size_t terms;
};

enum { SPARSE_BLOCK = 32 }; /* patches at a time */

/* What one thread works in. */
struct sparse_work {
    float *products; /* [SPARSE_BLOCK][width] of patches and atoms */
    float *basis;    /* [terms][width] */
};

MUST_CHECK enum status sparse_work_new(struct sparse_work *work,
                                       const struct dictionary *dictionary, size_t terms,
                                       struct error *error);
void sparse_work_release(struct sparse_work *work);

/* The products of up to SPARSE_BLOCK patches, [rows][depth], into work->products. */
void sparse_products(const struct dictionary *dictionary, size_t rows, const float *patches,
                     struct sparse_work *work);
/* Code the patch whose products are in `row`, and whose squares sum up to `energy`. Returns the
 * number of terms; what is not a number has none. */
size_t sparse_code(const struct dictionary *dictionary, const struct sparse_goal *goal, size_t row,
                   float energy, struct sparse_work *work, struct sparse_term *terms);
/* patch += sign * what `terms` stand for. */
void sparse_add(const struct dictionary *dictionary, const struct sparse_term *terms, size_t count,
                float sign, float *patch);
/* x y over `depth` numbers, a multiple of 8. */
float sparse_dot(size_t depth, const float *x, const float *y);

/* Products with `atoms` atoms of `depth` numbers, and codes of `terms` terms, added up. */
struct operations sparse_count(double depth, double atoms, double terms);

#endif
