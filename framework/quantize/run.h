/*
 * Running a quantised network: for images of one shape by a plan, or over a set of images.
 *
 *     quantized_plan_new → (memory of plan.bytes for each thread) quantized_run → … →
 *     quantized_plan_release
 */
#ifndef UNDERSTUDY_QUANTIZE_RUN_H
#define UNDERSTUDY_QUANTIZE_RUN_H

#include "quantize/quantized.h"

/* Of a node, for images of the plan's shape. */
struct quantized_step {
    struct shape in[LAYER_MAX_INPUTS], out;
    size_t offset; /* of its integers in the memory; of QUANTIZED_SAME, its input's */
};

struct quantized_plan {
    const struct quantized_network *quantized;
    struct shape input, output;
    struct quantized_step *steps; /* [quantized->count] */
    size_t input_offset, scratch_offset;
    size_t bytes; /* of memory for one image */
};

/*
 * `network` is of the family and parameters that were quantised, for images of any shape, and may
 * be released afterwards; the quantised network has to live as long as the plan. STATUS_CONFIG
 * where images of that shape need other parameters, or are too large for sums of 32 bits.
 */
MUST_CHECK enum status quantized_plan_new(struct quantized_plan *plan,
                                          const struct quantized_network *quantized,
                                          const struct network *network, struct error *error);
void quantized_plan_release(struct quantized_plan *plan);

/* One image: input[plan->input] and output[plan->output] are real numbers. `memory`: plan->bytes,
 * aligned to MEMORY_ALIGNMENT, contents not kept. */
void quantized_run(const struct quantized_plan *plan, const float *input, float *output,
                   void *memory);

/* As network_apply(), with the quantised network in place of an engine: images of any mix of sizes,
 * large ones in tiles, on `threads` threads; bits do not depend on the threads. */
MUST_CHECK enum status quantized_apply(const struct quantized_network *quantized,
                                       const struct component *family, const struct image_set *in,
                                       struct answer answer, int threads, struct image_set *out,
                                       struct error *error);
/* As network_scores(). */
MUST_CHECK enum status quantized_scores(const struct quantized_network *quantized,
                                        const struct component *family, const struct image_set *in,
                                        struct answer answer, int threads, struct image_set *out,
                                        struct error *error);

#endif
