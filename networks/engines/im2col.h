/*
 * Lowering: a convolution as matrix products ("im2col": Chellapilla, Puri, Simard 2006), for
 * engines that have a matrix product alone. One group of one image at a time.
 *
 * Three forms, one description. The columns matrix has a row for each tap of the kernel and a
 * column for each output pixel; its rows lie `stride` floats apart.
 *
 * - A 1x1 kernel at stride 1: the image is the matrix; nothing is copied.
 * - Stride 1: only the kernel's columns are laid out, [channel][kernel column][row][output column],
 *   with rows of zeros above and below. What kernel row i sees starts i dilated rows further on, so
 *   that one product a kernel row, all added up, gives the output. A k x k kernel copies every
 *   value k times instead of k^2 times.
 * - Otherwise: every tap is laid out, [channel][kernel row][kernel column][output pixel], and there
 *   is one product.
 *
 * Packed weights of a group are [product][depth][filter].
 */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_IM2COL_H
#define UNDERSTUDY_NETWORKS_ENGINES_IM2COL_H

#include "interfaces/engine.h"

struct im2col {
    int products; /* matrix products to be added up */
    int depth;    /* rows of the matrix that a product reads */
    int pixels;   /* columns: output pixels */
    size_t step;  /* floats from one product's matrix to the next one's */
    size_t stride;
    size_t size; /* floats of the matrix; 0: the image itself */
    bool rows;   /* the second form */
};

struct im2col im2col_plan(const struct conv_geometry *geometry);

/* The matrix of a group's channels x, laid out in `buffer` (of `size` floats) or x itself. */
const float *im2col_input(const struct conv_geometry *geometry, const struct im2col *im2col,
                          const float *x, float *buffer);
/* The transpose, for the third form: adds the matrix's values to the pixels they came from. */
void im2col_input_add(const struct conv_geometry *geometry, const float *columns, float *dx);

/* All groups' weights, packed; `size` of the weights stays the same. */
void im2col_weights(const struct conv_geometry *geometry, const struct im2col *im2col,
                    const float *w, float *packed);
/* The transpose: w += packed. */
void im2col_weights_add(const struct conv_geometry *geometry, const struct im2col *im2col,
                        const float *packed, float *w);

/*
 * At stride 1 the gradient of the input is a convolution too: of dy, with the kernel turned by 180
 * degrees and channels and filters exchanged. False where that does not hold.
 */
bool im2col_mirror(const struct conv_geometry *geometry, struct conv_geometry *mirror);
/* Weights of `geometry`, packed for its mirror and the mirror's im2col. */
void im2col_mirrored_weights(const struct conv_geometry *geometry, const struct im2col *im2col,
                             const float *w, float *packed);

#endif
