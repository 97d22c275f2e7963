#include "networks/layers/elementwise.h"

enum status same_shape(const void *config, const struct shape *in, struct shape *out,
                       struct error *error)
{
    (void)config, (void)error;
    *out = in[0];
    return STATUS_OK;
}

size_t elementwise_values(const struct layer_call *call)
{
    return (size_t)call->batch * shape_size(call->out);
}

void accumulate(const float *from, size_t count, float *to)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

void elementwise_count(struct operations each, struct shape out, struct layer_work *work)
{
    work->operations = operations_repeat(each, (double)shape_size(out));
    work->inputs = work->outputs = (double)shape_size(out);
}
