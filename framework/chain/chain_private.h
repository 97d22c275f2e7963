/* Shared by the files of framework/pipeline alone. */
#ifndef UNDERSTUDY_CHAIN_CHAIN_PRIVATE_H
#define UNDERSTUDY_CHAIN_CHAIN_PRIVATE_H

#include "chain/chain.h"

/* An unfitted chain with zeroed configurations. */
MUST_CHECK enum status chain_begin(struct chain *chain, const struct component_list *stages,
                                   struct answer answer, struct error *error);

/* Examples, as the stage to be fitted first takes them. */
struct lesson {
    const struct image_set *inputs, *truth;
    struct image_names names; /* of the inputs */
    const uint8_t *classes;
    const struct chain_means *means;
    struct random_key key;
    int threads;
};

/* Fit stages [first, count) in order; the lesson's inputs are what stage `first` takes. */
MUST_CHECK enum status chain_fit_stages(struct chain *chain, size_t first,
                                        const struct lesson *lesson, struct error *error);

/* Release what the stages learnt; the chain can be fitted again. */
void chain_forget(struct chain *chain);

#endif
