/*
 * What the layers conv, depthwise and transposed_conv have in common: settings, their fields, and
 * how a convolution goes to the engine.
 */
#ifndef UNDERSTUDY_NETWORKS_LAYERS_CONVOLUTION_H
#define UNDERSTUDY_NETWORKS_LAYERS_CONVOLUTION_H

#include "interfaces/layer.h"

/* The configuration of each of the three starts with this; what a layer has no field for is 0. */
struct convolution {
    int64_t filters, kernel, stride, dilation, groups;
    int64_t padding; /* enum convolution_padding; of transposed_conv: pixels */
    int64_t initial; /* enum convolution_initial */
    bool bias;
};

enum convolution_padding { PADDING_SAME, PADDING_VALID };
enum convolution_initial { INITIALLY_HE, INITIALLY_ZERO, INITIALLY_DIRAC, INITIALLY_WHITEN };

extern const char *const convolution_paddings[], *const convolution_initials[];

#define CONVOLUTION_FILTERS                                                                        \
    {                                                                                              \
        "filters", FIELD_INTEGER, offsetof(struct convolution, filters),                           \
            .minimum = 1, .maximum = 65536, .help = "channels that come out"                       \
    }
#define CONVOLUTION_KERNEL                                                                         \
    {                                                                                              \
        "kernel", FIELD_INTEGER, offsetof(struct convolution, kernel),                             \
            .minimum = 1, .maximum = 63, .unit = "pixels", .help = "side of the square kernel"     \
    }
#define CONVOLUTION_STRIDE                                                                         \
    {                                                                                              \
        "stride", FIELD_INTEGER, offsetof(struct convolution, stride),                             \
            .minimum = 1, .maximum = 63, .default_value = "1", .unit = "pixels",                   \
            .help = "distance of the places looked at"                                             \
    }
#define CONVOLUTION_PADDING                                                                        \
    {                                                                                              \
        "padding", FIELD_CHOICE, offsetof(struct convolution, padding),                            \
            .default_value = "same", .choices = convolution_paddings,                              \
            .help = "same: zeros around, size is kept; valid: inside only"                         \
    }
#define CONVOLUTION_DILATION                                                                       \
    {                                                                                              \
        "dilation", FIELD_INTEGER, offsetof(struct convolution, dilation),                         \
            .minimum = 1, .maximum = 63, .default_value = "1", .unit = "pixels",                   \
            .help = "distance of the kernel's taps"                                                \
    }
#define CONVOLUTION_BIAS                                                                           \
    {                                                                                              \
        "bias", FIELD_BOOLEAN, offsetof(struct convolution, bias),                                 \
            .default_value = "true", .help = "add a learned constant to each filter's output"      \
    }

/* Checked: that groups divide, that the kernel fits, that sizes can be represented. */
MUST_CHECK enum status convolution_shape(const struct convolution *convolution, struct shape in,
                                         struct shape *out, struct error *error);
/* Weights of `dims`, and a bias for each of `biases` channels (0: none). */
void convolution_parameters(struct layer_plan *plan, const int dims[4], int fan_in,
                            enum initialisation initial, int biases);
void convolution_plan(const struct convolution *convolution, int batch, struct shape in,
                      struct shape out, const struct engine *engine, struct layer_plan *plan);
void convolution_forward(const struct convolution *convolution, const struct layer_call *call);
void convolution_backward(const struct convolution *convolution, const struct layer_call *call);
void convolution_count(const struct convolution *convolution, struct shape in, struct shape out,
                       struct layer_work *work);
void convolution_primitive(const struct convolution *convolution, struct shape in, struct shape out,
                           struct primitive *primitive);

#endif
