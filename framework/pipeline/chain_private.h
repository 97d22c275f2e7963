/* Shared by the files of framework/pipeline alone. */
#ifndef UNDERSTUDY_PIPELINE_CHAIN_PRIVATE_H
#define UNDERSTUDY_PIPELINE_CHAIN_PRIVATE_H

#include "pipeline/chain.h"

/* An unfitted chain with zeroed configurations. */
MUST_CHECK enum status chain_begin(struct chain *chain, const struct component_list *stages,
                                   int class_count, struct error *error);

/* Release what the stages learnt; the chain can be fitted anew. */
void chain_forget(struct chain *chain);

#endif
