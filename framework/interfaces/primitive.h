/*
 * Primitives: the computations that layers have in common with libraries for neural networks. A
 * layer says which one it is; an engine may take it over and lay its values out as it likes.
 */
#ifndef UNDERSTUDY_INTERFACES_PRIMITIVE_H
#define UNDERSTUDY_INTERFACES_PRIMITIVE_H

#include "math/image.h"

enum primitive_kind {
    PRIMITIVE_NONE,            /* the layer's own functions alone */
    PRIMITIVE_CONV,            /* parameters: weights, bias if `bias` */
    PRIMITIVE_TRANSPOSED_CONV, /* the same; `geometry` is of the convolution whose transpose it is
                                */
    PRIMITIVE_DENSE,           /* the same; of all values of an image */
    PRIMITIVE_MAXPOOL,         /* windows of `geometry` */
    PRIMITIVE_AVGPOOL,         /* the same; padding does not count */
    PRIMITIVE_BATCHNORM,       /* parameters: scale, shift; statistics: means, variances */
    PRIMITIVE_ELEMENTWISE,     /* `activation` */
    PRIMITIVE_UPSAMPLE,        /* repetition of pixels */
    PRIMITIVE_ADD,             /* two inputs of one shape */
    PRIMITIVE_RESCALE,         /* parameters: scale, offset, of each channel */
    PRIMITIVE_CONCAT,          /* two inputs, one behind the other along the channels */
};

enum activation {
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU, /* slope `alpha` below zero */
    ACTIVATION_GELU,       /* x Phi(x), exact, by erf */
    ACTIVATION_SILU,       /* x sigmoid(x) */
    ACTIVATION_SIGMOID,
};

/* Windows over an image: of convolutions and poolings. */
struct conv_geometry {
    int batch;
    struct shape in, out;
    int kernel_height, kernel_width;
    int stride, padding, dilation;
    int groups;
};

struct primitive {
    enum primitive_kind kind;
    struct conv_geometry geometry; /* convolutions, poolings; `batch` is not used */
    bool bias;
    double epsilon; /* of batch normalisation */
    enum activation activation;
    double alpha;
    bool relu; /* max(x, 0) follows and is part of it; set by who prepares, not by the layer */
};

#endif
