/*
 * Kernels of oneDNN: a kernel is a short list of oneDNN primitives over operands, each of which
 * knows its memory descriptor and where it will lie once the kernel is bound.
 *
 * Private to networks/engines/onednn/.
 */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_ONEDNN_KERNEL_H
#define UNDERSTUDY_NETWORKS_ENGINES_ONEDNN_KERNEL_H

#include "interfaces/engine.h"

#include <dnnl.h>

enum place {
    PLACE_X0,
    PLACE_X1,
    PLACE_Y,
    PLACE_DX0,
    PLACE_DX1,
    PLACE_DY,
    PLACE_PACKED,     /* this and the next two: room is made in order */
    PLACE_SAVED,      /* written in no other way: what is never written stays zero */
    PLACE_SCRATCH,    /* from one step to the next */
    PLACE_SCRATCHPAD, /* within one step */
    PLACE_STATISTICS,
    PLACE_RUNNING,    /* plain statistics, to pack */
    PLACE_PARAMETER0, /* plain, to pack */
    PLACE_PARAMETER1,
    PLACE_GRADIENT0, /* plain, known when the kernel runs */
    PLACE_GRADIENT1,
};

enum phase { PHASE_PACK, PHASE_FORWARD, PHASE_BACKWARD };

enum { MAX_OPERANDS = 64, MAX_STEPS = 20, MAX_ARGUMENTS = 12, MAX_DESCRIPTORS = 32 };

struct operand {
    dnnl_memory_desc_t md;
    enum place place;
    size_t offset; /* bytes */
};

struct argument {
    int name; /* DNNL_ARG_… */
    int operand;
};

/* Steps of our own; their operands are those of the functions that make them. */
enum own_step {
    OWN_TILES,       /* onednn_tiles() */
    OWN_CONVOLUTION, /* onednn_narrow_convolution() */
    OWN_BATCHNORM,   /* onednn_narrow_batchnorm() */
    OWN_COPY,        /* onednn_narrow_copy() */
    OWN_BIAS,        /* onednn_narrow_bias() */
};

struct kernel_step {
    dnnl_primitive_t primitive; /* NULL: `own` */
    enum own_step own;
    struct conv_geometry geometry;
    float epsilon;
    bool relu, transposed;
    enum phase phase;
    int count;
    struct argument arguments[MAX_ARGUMENTS];
};

struct kernel_context {
    enum precision precision;
    bool training;
    int batch;
    dnnl_data_type_t type;    /* of values */
    dnnl_format_tag_t values; /* how images lie */
    int block;                /* their channels are rounded up to a multiple of this */
    bool fused;               /* sums are of fused multiply-adds */
    struct onednn_kernel *kernels;
};

struct onednn_kernel {
    struct kernel kernel;
    struct onednn_kernel *next;
    struct kernel_context *kernel_context;
    struct operand operands[MAX_OPERANDS];
    struct kernel_step steps[MAX_STEPS];
    dnnl_primitive_desc_t descriptors[MAX_DESCRIPTORS];
    int operand_count, step_count, descriptor_count;
    size_t scratchpad; /* bytes; lies behind what is in PLACE_SCRATCH */
    bool slow;         /* only a reference implementation was found, and others are faster */
    bool alone;        /* no other implementation is available: allow a reference one */
};

/* Take over also what others do faster; for tests. */
extern bool onednn_takes_all;
/* Where kernels of our own are faster, leave values plain; false for tests. */
extern bool onednn_keeps_plain;

/* The one engine, made by onednn_start(). */
extern dnnl_engine_t onednn_device;

/* STATUS_MEMORY or STATUS_UNAVAILABLE, naming `what`, unless the call succeeded. */
MUST_CHECK enum status onednn_check(dnnl_status_t result, const char *what, struct error *error);

/* A new kernel of the kernel_context. */
MUST_CHECK enum status onednn_kernel_new(struct kernel_context *kernel_context,
                                         struct onednn_kernel **kernel, struct error *error);
/* Forget everything that was prepared. */
void onednn_kernel_clear(struct onednn_kernel *kernel);
/* Take the newest kernel back out of its kernel_context. */
void onednn_kernel_drop(struct kernel_context *kernel_context);

/* Descriptors. `plain` is NCHW float32 of the shape; `values` is the kernel_context's own layout,
 * whose channels are rounded up. */
void onednn_plain(const struct kernel_context *kernel_context, struct shape shape,
                  dnnl_memory_desc_t *md);
void onednn_values(const struct kernel_context *kernel_context, struct shape shape,
                   dnnl_memory_desc_t *md);
void onednn_vector(size_t count, dnnl_memory_desc_t *md);
int onednn_round(const struct kernel_context *kernel_context, int channels);
/* So few channels that rounding up to blocks would more than double the work: plain values, which
 * they come in, are better kept; in float32 alone, since nobody else computes in bfloat16. */
bool onednn_narrow(const struct kernel_context *kernel_context, const struct layout *layout,
                   int channels);
/* Inference in float32, for which there are kernels of our own that work on plain values and give
 * the bits that oneDNN's give in blocks. */
bool onednn_may_stay_plain(const struct kernel_context *kernel_context);
/* They are faster than oneDNN's, for a convolution whose channels and filters that would round up
 * to `in` and `out`. */
bool onednn_plain_pays(const struct kernel_context *kernel_context,
                       const struct conv_geometry *geometry, int in, int out);
/* Append a step of our own: y from x, weights and bias (or -1), all of them plain. `transposed`: by
 * the weights of the convolution whose mirror `geometry` is. */
void onednn_narrow_convolution(struct onednn_kernel *kernel, const struct conv_geometry *geometry,
                               bool transposed, bool relu, const int operands[4]);
/* y from x, scale, shift, means and variances. */
void onednn_narrow_batchnorm(struct onednn_kernel *kernel, struct shape shape,
                             const struct primitive *primitive, const int operands[6]);
/* y += bias, in blocks; `shape` has their channels. */
void onednn_narrow_bias(struct onednn_kernel *kernel, struct shape shape, bool relu,
                        const int operands[2]);
/* x, of shape `in`, to where the part y of images of shape `out` begins. */
void onednn_narrow_copy(struct onednn_kernel *kernel, struct shape in, struct shape out,
                        const int operands[2]);
/* The kernel's values are plain, but count as the engine's own: what reads them does what it would
 * do with blocks. */
void onednn_give_plain(struct onednn_kernel *kernel, int y);
/* A step of either kind; operands in their order. */
void onednn_run_narrow(const struct kernel_step *step, const struct kernel_context *kernel_context,
                       void *const *operands);
/* What lies in `layout`. */
void onednn_laid(const struct kernel_context *kernel_context, const struct layout *layout,
                 struct shape shape, dnnl_memory_desc_t *md);

/* A new operand; its index. PLACE_PACKED, _SAVED and _SCRATCH get room of their own. */
int onednn_operand(struct onednn_kernel *kernel, const dnnl_memory_desc_t *md, enum place place);
/* The same memory (from `offset` bytes into it), seen otherwise. */
int onednn_alias(struct onednn_kernel *kernel, int operand, const dnnl_memory_desc_t *md,
                 size_t offset);

/* Ask for a primitive; notes when only a reference implementation is there. `relu`: max(x, 0)
 * follows. */
MUST_CHECK enum status onednn_describe(struct onednn_kernel *kernel, const_dnnl_op_desc_t wanted,
                                       bool relu, const_dnnl_primitive_desc_t hint,
                                       dnnl_primitive_desc_t *descriptor, const char *what,
                                       struct error *error);
/* Append a step; the scratchpad is added to the arguments. */
MUST_CHECK enum status onednn_step(struct onednn_kernel *kernel, enum phase phase,
                                   const_dnnl_primitive_desc_t descriptor,
                                   const struct argument *arguments, int count,
                                   struct error *error);
/* Append a step of our own: dw (plain) and db (or -1) from x and dy, by tiles_weights(). */
void onednn_tiles(struct onednn_kernel *kernel, const struct conv_geometry *geometry, int x, int dy,
                  int dw, int db);
/* Append a copy from one operand to another, times `scale`; where they differ in size, of the part
 * that both have. */
MUST_CHECK enum status onednn_copy(struct onednn_kernel *kernel, enum phase phase, int from, int to,
                                   float scale, struct error *error);
/* An operand that holds what `operand` holds, as `md`: itself, or a copy in `place`. */
MUST_CHECK enum status onednn_as(struct onednn_kernel *kernel, enum phase phase, int operand,
                                 const dnnl_memory_desc_t *md, enum place place, int *found,
                                 struct error *error);
/* The name of the implementation found begins so. */
bool onednn_is_implementation(const_dnnl_primitive_desc_t descriptor, const char *begins);
const dnnl_memory_desc_t *onednn_query(const_dnnl_primitive_desc_t descriptor, dnnl_query_t what);

/* The parts of struct kernel_maker. */
void onednn_pack(const struct kernel *kernel, const float *const *parameters,
                 const float *statistics, void *packed);
MUST_CHECK enum status onednn_bind(const struct kernel *kernel,
                                   const struct kernel_buffers *buffers,
                                   struct bound_kernel **bound, struct error *error);
void onednn_unbind(struct bound_kernel *bound);
void onednn_forward(struct bound_kernel *bound);
void onednn_backward(struct bound_kernel *bound, float *const *gradients);

/* What is to be prepared. */
struct request {
    const struct primitive *primitive;
    const struct shape *in;
    struct shape out;
    const struct layout *layouts;
    const bool *wants_dx;
};

/* One function a kind of primitive; kernel->slow where it is better left alone. */
typedef enum status onednn_prepare(struct onednn_kernel *kernel, const struct request *request,
                                   struct error *error);
onednn_prepare onednn_prepare_convolution, onednn_prepare_dense, onednn_prepare_pooling,
    onednn_prepare_batchnorm, onednn_prepare_elementwise, onednn_prepare_upsample,
    onednn_prepare_add, onednn_prepare_concat;

enum precision onednn_precision(const dnnl_memory_desc_t *md);
/* Operand `y` is what the kernel gives. */
void onednn_give(struct onednn_kernel *kernel, const struct request *request, int y);
/* max(x, 0) in place, and backward: dy in place. */
MUST_CHECK enum status onednn_relu_forward(struct onednn_kernel *kernel, int y,
                                           struct error *error);
MUST_CHECK enum status onednn_relu_backward(struct onednn_kernel *kernel, int y, int dy,
                                            struct error *error);

#endif
