/*
 * Random numbers that depend on what they are for, never on when they are drawn.
 *
 * Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011): a block cipher turns a counter into four 32-bit words. The key is the experiment's
 * seed; the counter holds replicate, purpose, index and the block's number. Two streams that
 * differ in any of these are independent, so order and thread count cannot change a draw, and a
 * new consumer (a new purpose) never shifts another.
 */
#ifndef UNDERSTUDY_BASE_RANDOM_H
#define UNDERSTUDY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Never renumber: results would change. Append only. */
enum random_purpose {
    RANDOM_SPLIT = 1,        /* which image falls into which split */
    RANDOM_GENERATE,         /* generated images, by image */
    RANDOM_DEGRADE,          /* degradation noise, by step, pool and image */
    RANDOM_WEIGHTS,          /* initial parameters, by layer */
    RANDOM_SHUFFLE,          /* order of training items, by epoch */
    RANDOM_PATCH,            /* patch positions, by image */
    RANDOM_FILTER,           /* filters: folds and the random control */
    RANDOM_FIT,              /* fitting of pipeline stages */
    RANDOM_LAYER,            /* layers that draw (dropout), by step */
    RANDOM_AUGMENT,          /* augmentation, by item and epoch */
    RANDOM_SEARCH,           /* hyper-parameter search, by trial */
    RANDOM_VERIFY,           /* which trials are run again to be compared */
    RANDOM_LABEL_NOISE = 20, /* which labels are hit, and how, by source and image */
    RANDOM_REDEGRADE,        /* labels degraded again, by step, pool and image */
    RANDOM_EXPORT,           /* example inputs of exported networks, by number */
};

/* What a stream is derived from, apart from purpose and index; passed around by value. */
struct random_key {
    uint64_t seed;
    uint32_t replicate; /* below 65536 */
};

struct random_stream {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    int unread; /* words of `block` not yet handed out */
};

void random_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

struct random_stream random_stream(struct random_key key, enum random_purpose purpose,
                                   uint64_t index);
/* An index that names item `item` (below 2^40) of part `part` (below 2^24). */
uint64_t random_index(uint32_t part, uint64_t item);

uint32_t random_u32(struct random_stream *stream);
/* In [0, 1), 53 bits. */
double random_uniform(struct random_stream *stream);
/* In [0, bound), unbiased (Lemire 2019); bound > 0. */
uint32_t random_below(struct random_stream *stream, uint32_t bound);
/* Mean 0, variance 1 (Box, Muller 1958; one draw of the pair is used). */
double random_normal(struct random_stream *stream);
/* Fill `order` with a uniformly random permutation of 0 … count-1 (Fisher, Yates). */
void random_permutation(struct random_stream *stream, uint32_t *order, uint32_t count);

#endif
