/* What layers have in common that give one value for each value, whatever its place. */
#ifndef UNDERSTUDY_NETWORKS_LAYERS_ELEMENTWISE_H
#define UNDERSTUDY_NETWORKS_LAYERS_ELEMENTWISE_H

#include "interfaces/layer.h"

/* struct layer's `shape`: what comes out is as large as what goes in. */
enum status same_shape(const void *config, const struct shape *in, struct shape *out,
                       struct error *error);
/* Values of the whole batch. */
size_t elementwise_values(const struct layer_call *call);
/* to += from */
void accumulate(const float *from, size_t count, float *to);
/* `each`: the work on one value. */
void elementwise_count(struct operations each, struct shape out, struct layer_work *work);

#endif
