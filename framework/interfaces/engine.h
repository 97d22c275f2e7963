/*
 * Engines: the heavy kernels, behind one table. The framework never names one.
 *
 * There are two ways to use one. Every engine has functions for convolutions and products of plain
 * values, which layers call. An engine may also make whole primitives ready, in layouts of its own
 * (struct kernel_maker); what it leaves goes the first way.
 *
 * Kernels are single-threaded, allocate nothing, and give the same bits for the same input. Plain
 * layouts are NCHW; weights are [filters][channels / groups][kernel_height][kernel_width]; a dense
 * layer's weights are [outputs][inputs]. "+=" says that a kernel adds to what is there.
 */
#ifndef UNDERSTUDY_INTERFACES_ENGINE_H
#define UNDERSTUDY_INTERFACES_ENGINE_H

#include "interfaces/primitive.h"
#include "io/schema/schema.h"

extern const char *const precision_names[]; /* NULL at the end */

enum precision {
    PRECISION_FLOAT32,
    PRECISION_BFLOAT16, /* values and products; parameters, statistics and sums stay float32 */
};

/* How the values of a node lie in memory, for all images of a shard. */
struct layout {
    size_t bytes;
    enum precision precision; /* of an element */
    const void *form;         /* the engine's own; NULL: plain, float32 in NCHW */
    bool kept_plain;          /* the engine's values, plain where its own form would be no faster */
};

/* A primitive made ready for fixed shapes. Immutable, shared by threads; sizes are in bytes. */
struct kernel {
    struct layout layout;     /* of what it gives */
    enum precision precision; /* of what it computes with; its layout may be another */
    size_t packed;            /* parameters in the order in which it wants them */
    size_t saved;             /* kept from forward to backward */
    size_t scratch;           /* contents not kept */
};

/* Where a bound kernel finds everything; addresses stay. */
struct kernel_buffers {
    void *x[2], *y;
    void *dx[2]; /* = ; NULL: not wanted */
    void *dy;    /* may be overwritten */
    void *packed, *saved, *scratch;
    float *statistics; /* out, when training: means and unbiased variances, plain */
};

struct bound_kernel; /* a kernel and one thread's buffers */

/* Kernels that an engine prepares once a training; their layouts are its own affair. */
struct kernel_maker {
    /* STATUS_UNAVAILABLE where the processor does not have the precision. */
    enum status (*check)(enum precision precision, struct error *error);
    /* For tests: true makes it take over also what it leaves because others are faster. */
    void (*take_all)(bool all);
    /* For tests: false makes it keep no values plain (layout.kept_plain). */
    void (*keep_plain)(bool may);
    /* A kernel_context owns all kernels made in it; they are for shards of exactly `batch` images.
     */
    enum status (*open)(enum precision precision, bool training, int batch, void **kernel_context,
                        struct error *error);
    void (*close)(void *kernel_context);
    /*
     * *kernel = NULL where the engine leaves a primitive of these shapes to the layer's own
     * functions. `in` are the layouts that the values come in; dx is wanted in the same.
     */
    enum status (*prepare)(void *kernel_context, const struct primitive *primitive,
                           const struct shape *in, struct shape out, const struct layout *layouts,
                           const bool *wants_dx, struct kernel **kernel, struct error *error);
    /* Values of `shape` from one layout to another: x to y, forward alone. */
    enum status (*prepare_reorder)(void *kernel_context, struct shape shape,
                                   const struct layout *from, const struct layout *to,
                                   struct kernel **kernel, struct error *error);
    /* Fill packed[kernel->packed] from plain parameters, and plain statistics when not training. */
    void (*pack)(const struct kernel *kernel, const float *const *parameters,
                 const float *statistics, void *packed);
    enum status (*bind)(const struct kernel *kernel, const struct kernel_buffers *buffers,
                        struct bound_kernel **bound, struct error *error);
    void (*unbind)(struct bound_kernel *bound);
    void (*forward)(struct bound_kernel *bound);
    /* Parameters' gradients go to gradients[] (=), plain. */
    void (*backward)(struct bound_kernel *bound, float *const *gradients);
};

struct engine {
    struct descriptor descriptor;
    /* Human-readable version of the library and, after start(), the kernels' instruction set. */
    const char *(*version)(void);
    const char *(*isa)(enum precision precision);
    /*
     * "NAME=VALUE", a line each, that has to stand in the environment when the program starts, for
     * the library to use the kernels of `isa` ("avx2", "avx512"; NULL: the best that this processor
     * has); *setting is NULL where nothing is needed. Libraries look at it as they are loaded: cli/
     * sets it and starts the program anew. STATUS_UNAVAILABLE where `isa` is unknown or cannot run
     * here.
     */
    enum status (*environment)(const char *isa, const char **setting, struct error *error);
    /* Called once before use: pins the library to one thread. STATUS_UNAVAILABLE where it cannot
     * run here. */
    enum status (*start)(struct error *error);
    /* Address space in bytes that the library takes for itself on each thread that computes, and
     * without which it never returns; 0: none. See engine_take_room(). */
    size_t thread_room;
    /* Make the library take it for `threads` threads, now that it is there; NULL where it has none.
     */
    void (*take_room)(int threads);
    /* NULL: none; float32 alone, by the functions below and the layers' own. */
    const struct kernel_maker *kernels;
    /* Floats of scratch memory that the three convolution kernels need. */
    size_t (*conv_scratch)(const struct conv_geometry *geometry);
    /* y = x * w + bias; bias may be NULL. */
    void (*conv_forward)(const struct conv_geometry *geometry, const float *x, const float *w,
                         const float *bias, float *y, float *scratch);
    /* dx += dy * w (transposed). */
    void (*conv_backward_data)(const struct conv_geometry *geometry, const float *dy,
                               const float *w, float *dx, float *scratch);
    /* dw += x * dy; dbias += sum dy (dbias may be NULL). */
    void (*conv_backward_weights)(const struct conv_geometry *geometry, const float *x,
                                  const float *dy, float *dw, float *dbias, float *scratch);
    /* y[batch][outputs] = x[batch][inputs] w^T + bias. */
    void (*dense_forward)(int batch, int inputs, int outputs, const float *x, const float *w,
                          const float *bias, float *y);
    void (*dense_backward_data)(int batch, int inputs, int outputs, const float *dy, const float *w,
                                float *dx); /* dx += */
    void (*dense_backward_weights)(int batch, int inputs, int outputs, const float *x,
                                   const float *dy, float *dw, float *dbias); /* += */
};
DESCRIPTOR_OF(engine);

/* STATUS_UNAVAILABLE where the engine does not have the precision, or this processor. */
MUST_CHECK enum status engine_check(const struct engine *engine, enum precision precision,
                                    struct error *error);
/* Let the library take its address space for `threads` threads that compute, and hold it: later
 * something else might be there. STATUS_MEMORY where there is too little. To be called before the
 * first thread computes, with no thread beside that allocates much. */
MUST_CHECK enum status engine_take_room(const struct engine *engine, int threads,
                                        struct error *error);
/* Of a value between layers; parameters are float32 in each. */
double precision_bytes(enum precision precision);
/* What to tell people where `precision` is slower than float32 on a processor with or without tile
 * registers (processor_has(PROCESSOR_AMX)); NULL: it is not. */
const char *precision_slower(enum precision precision, bool tiles);
/* "engine_version: …", "engine_isa: …": the engine as it runs on this machine; starts it. */
MUST_CHECK enum status engine_print(const struct engine *engine, enum precision precision,
                                    struct text *text, struct error *error);

#endif
