#include "tests/property/layer_cases.h"

#include "networks/layers/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows end where the rest is zero: no second shape. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
const struct layer_case layer_cases[] = {
    {"add", "", 3, {4, 5, 6}},
    {"avgpool", "", 2, {3, 6, 8}},
    {"avgpool", "size=3 stride=2", 2, {3, 7, 8}},
    {"avgpool", "size=3 stride=2 padding=1", 2, {3, 7, 8}},
    {"avgpool", "size=5 stride=3 padding=2", 2, {2, 3, 7}},
    {"avgpool", "size=2 stride=3", 1, {2, 7, 8}},
    {"batchnorm", "", 4, {3, 5, 6}},
    {"batchnorm", "epsilon=0.01", 2, {5, 1, 1}},
    {"concat", "", 2, {3, 5, 4}},
    {"concat", "", 3, {2, 3, 5}, {5, 3, 5}},
    {"concat", "", 2, {7, 1, 1}, {1, 1, 1}},
    {"conv", "filters=4 kernel=3", 2, {3, 7, 6}},
    {"conv", "filters=1 kernel=3", 3, {5, 6, 9}},
    {"conv", "filters=6 kernel=5 bias=false", 2, {1, 8, 8}},
    {"conv", "filters=5 kernel=1", 2, {4, 5, 6}},
    {"conv", "filters=4 kernel=3 padding=valid", 2, {3, 7, 6}},
    {"conv", "filters=4 kernel=5 padding=valid", 1, {2, 5, 5}},
    {"conv", "filters=2 kernel=2 padding=valid", 2, {2, 5, 4}},
    {"conv", "filters=4 kernel=3 stride=2", 2, {3, 7, 6}},
    {"conv", "filters=3 kernel=3 stride=3 padding=valid", 2, {2, 8, 10}},
    {"conv", "filters=3 kernel=1 stride=2", 2, {4, 7, 6}},
    {"conv", "filters=3 kernel=3 dilation=2", 2, {3, 7, 6}},
    {"conv", "filters=3 kernel=3 dilation=3 stride=2", 1, {2, 9, 8}},
    {"conv", "filters=3 kernel=5 dilation=2", 1, {2, 3, 2}},
    {"conv", "filters=6 kernel=3 groups=2", 2, {4, 5, 6}},
    {"conv", "filters=6 kernel=3 groups=3 stride=2 bias=false", 2, {6, 7, 6}},
    {"conv", "filters=4 kernel=3 groups=4", 2, {4, 5, 6}},
    {"conv", "filters=32 kernel=3", 1, {32, 18, 20}},
    {"conv", "filters=32 kernel=3 stride=2", 1, {16, 19, 20}},
    {"dense", "outputs=5", 3, {7, 1, 1}},
    {"dense", "outputs=1 bias=false", 16, {9, 1, 1}},
    {"dense", "outputs=10", 1, {130, 1, 1}},
    {"depthwise", "kernel=3", 2, {3, 7, 6}},
    {"depthwise", "kernel=3 stride=2", 2, {4, 7, 6}},
    {"depthwise", "kernel=3 multiplier=3 padding=valid", 2, {2, 6, 7}},
    {"depthwise", "kernel=3 dilation=2 multiplier=2 bias=false", 1, {3, 7, 6}},
    {"depthwise", "kernel=5 stride=2 dilation=2", 1, {2, 9, 10}},
    {"depthwise", "kernel=2 stride=2 padding=valid", 2, {3, 7, 6}},
    {"depthwise", "kernel=1 multiplier=4", 2, {3, 4, 5}},
    {"depthwise", "kernel=3", 1, {33, 17, 18}},
    {"dropout", "", 3, {4, 5, 6}},
    {"dropout", "rate=0.1", 2, {50, 1, 1}},
    {"dropout", "rate=0", 2, {2, 3, 3}},
    {"flatten", "", 3, {4, 5, 6}},
    {"gelu", "", 3, {4, 5, 6}},
    {"gelu", "", 1, {1, 1, 1}},
    {"global_avgpool", "", 3, {4, 5, 6}},
    {"global_avgpool", "", 2, {7, 1, 1}},
    {"leaky_relu", "", 3, {4, 5, 6}},
    {"leaky_relu", "slope=0.3", 2, {3, 7, 3}},
    {"leaky_relu", "slope=1", 2, {9, 1, 1}},
    {"maxpool", "", 2, {3, 6, 8}},
    {"maxpool", "", 2, {3, 7, 5}},
    {"maxpool", "size=3 stride=2", 2, {3, 7, 8}},
    {"maxpool", "size=2 stride=3", 2, {3, 7, 8}},
    {"maxpool", "size=3 stride=2 padding=1", 2, {3, 7, 8}},
    {"maxpool", "size=2 padding=1", 2, {3, 7, 6}},
    {"maxpool", "size=5 stride=1 padding=2", 1, {2, 4, 3}},
    {"maxpool", "", 2, {5, 12, 23}},
    {"relu", "", 3, {4, 5, 6}},
    {"scale", "factor=-0.25", 3, {4, 5, 6}},
    {"sigmoid", "", 3, {4, 5, 6}},
    {"silu", "", 3, {4, 5, 6}},
    {"softmax", "", 3, {10, 1, 1}},
    {"softmax", "", 2, {5, 3, 7}},
    {"softmax", "", 2, {1, 3, 2}},
    {"transposed_conv", "filters=4 kernel=3", 2, {3, 5, 4}},
    {"transposed_conv", "filters=3 kernel=2 stride=2", 2, {4, 3, 5}},
    {"transposed_conv", "filters=2 kernel=4 stride=2 padding=1", 2, {3, 4, 5}},
    {"transposed_conv", "filters=3 kernel=3 padding=1 bias=false", 2, {2, 5, 6}},
    {"transposed_conv", "filters=2 kernel=3 padding=2", 1, {2, 5, 6}},
    {"transposed_conv", "filters=2 kernel=5 stride=3 padding=2", 2, {2, 3, 4}},
    {"transposed_conv", "filters=2 kernel=2 stride=3", 2, {3, 3, 2}},
    {"transposed_conv", "filters=3 kernel=1", 2, {4, 3, 5}},
    {"transposed_conv", "filters=16 kernel=2 stride=2", 1, {32, 9, 10}},
    {"upsample", "", 2, {3, 4, 5}},
    {"upsample", "factor=3", 2, {3, 4, 5}},
};
const size_t layer_case_count = sizeof layer_cases / sizeof *layer_cases;

static void set_field(const struct field *field, const char *text, void *config)
{
    unsigned char *member = (unsigned char *)config + field->offset;
    bool yes = strcmp(text, "true") == 0;
    int64_t integer = strtoll(text, NULL, 10);
    double real = strtod(text, NULL);

    switch (field->type) {
    case FIELD_BOOLEAN: memcpy(member, &yes, sizeof yes); break;
    case FIELD_REAL: memcpy(member, &real, sizeof real); break;
    case FIELD_CHOICE:
        for (integer = 0; strcmp(field->choices[integer], text) != 0;)
            integer++;
        memcpy(member, &integer, sizeof integer);
        break;
    default: memcpy(member, &integer, sizeof integer); break;
    }
}

static const struct field *find_field(const struct descriptor *descriptor, const char *name)
{
    for (const struct field *f = descriptor->fields; f && f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    fprintf(stderr, "%s has no setting '%s'\n", descriptor->name, name);
    abort();
}

void layer_configure(const struct descriptor *descriptor, const char *settings, void *config)
{
    char minimum[32], name[64], value[64];
    int length;

    for (const struct field *f = descriptor->fields; f && f->name; f++) {
        snprintf(minimum, sizeof minimum, "%.0f", f->minimum + 1);
        set_field(f, f->default_value ? f->default_value : minimum, config);
    }
    while (sscanf(settings, " %63[^=]=%63s%n", name, value, &length) == 2) {
        set_field(find_field(descriptor, name), value, config);
        settings += length;
    }
}

static enum status buffer(struct layer_bench *bench, float **part, size_t count, size_t offset,
                          struct error *error)
{
    float *block;
    enum status status = memory_new(&block, count + offset + 1, sizeof *block, error);

    bench->blocks[bench->block_count++] = block;
    *part = block ? block + offset : NULL;
    return status;
}

static enum status make_buffers(struct layer_bench *b, size_t offset, struct error *error)
{
    enum status status = STATUS_OK;

    for (int k = 0; k < b->layer->inputs; k++) {
        TRY(buffer(b, &b->x[k], b->in_size[k], offset, error));
        TRY(buffer(b, &b->dx[k], b->in_size[k], offset, error));
    }
    TRY(buffer(b, &b->y, b->out_size, offset, error));
    TRY(buffer(b, &b->dy, b->out_size, offset, error));
    for (int k = 0; k < b->plan.parameter_count; k++) {
        const int *d = b->plan.parameters[k].dims;
        b->parameter_size[k] = (size_t)d[0] * (size_t)d[1] * (size_t)d[2] * (size_t)d[3];
        TRY(buffer(b, &b->parameters[k], b->parameter_size[k], offset, error));
        TRY(buffer(b, &b->gradients[k], b->parameter_size[k], offset, error));
    }
    TRY(buffer(b, &b->statistics, b->plan.statistics, offset, error));
    TRY(buffer(b, &b->batch_statistics, b->plan.statistics, offset, error));
    TRY(buffer(b, &b->saved, b->plan.saved, offset, error));
    TRY(buffer(b, &b->scratch, b->plan.scratch, offset, error));
out:
    return status;
}

enum status layer_bench_new(struct layer_bench *bench, const struct layer_case *item,
                            const struct engine *engine, size_t offset, struct error *error)
{
    enum status status = STATUS_OK;
    const struct descriptor *row = registry_find(registry_layers(), item->layer);

    memset(bench, 0, sizeof *bench);
    if (!row)
        TRY(error_set(error, STATUS_CONFIG, "no layer '%s'", item->layer));
    bench->layer = layer_of(row);
    bench->engine = engine;
    bench->batch = item->batch;
    layer_configure(row, item->settings, bench->config.bytes);
    for (int k = 0; k < bench->layer->inputs; k++) {
        bench->in[k] = k == 1 && item->second.channels ? item->second : item->in;
        bench->in_size[k] = (size_t)bench->batch * shape_size(bench->in[k]);
    }
    TRY(bench->layer->shape(bench->config.bytes, bench->in, &bench->out, error));
    if (bench->layer->plan)
        bench->layer->plan(bench->config.bytes, bench->batch, bench->in, bench->out, engine,
                           &bench->plan);
    bench->training = bench->plan.statistics > 0 || bench->plan.saved > 0;
    bench->out_size = (size_t)bench->batch * shape_size(bench->out);
    TRY(make_buffers(bench, offset, error));
out:
    if (status != STATUS_OK)
        layer_bench_release(bench);
    return status;
}

void layer_bench_release(struct layer_bench *bench)
{
    for (int i = 0; i < bench->block_count; i++)
        memory_free(bench->blocks[i]);
    memset(bench, 0, sizeof *bench);
}

/* Distinct values, a step apart and at least half a step from zero, in a random order. */
static void fill_distinct(struct random_stream *stream, float *values, size_t count)
{
    float step = 4.0F / (float)(count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = ((float)i - (float)count / 2 + (count % 2 ? 0.0F : 0.5F)) * step;
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below(stream, (uint32_t)i);
        float value = values[i - 1];
        values[i - 1] = values[j];
        values[j] = value;
    }
}

static void fill_normal(struct random_stream *stream, float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (float)random_normal(stream);
}

void layer_bench_fill(struct layer_bench *bench, uint64_t seed)
{
    struct random_key key = {.seed = seed};
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, 0);

    for (int k = 0; k < bench->layer->inputs; k++)
        fill_distinct(&stream, bench->x[k], bench->in_size[k]);
    fill_normal(&stream, bench->dy, bench->out_size);
    for (int k = 0; k < bench->plan.parameter_count; k++)
        fill_normal(&stream, bench->parameters[k], bench->parameter_size[k]);
    for (size_t s = 0; s < bench->plan.statistics; s++)
        bench->statistics[s] = (float)random_uniform(&stream) + 0.5F;
}

static struct layer_call call_of(const struct layer_bench *b)
{
    struct layer_call call = {.config = b->config.bytes,
                              .engine = b->engine,
                              .batch = b->batch,
                              .inputs = b->layer->inputs,
                              .out = b->out,
                              .training = b->training,
                              .y = b->y,
                              .dy = b->dy,
                              .statistics = b->statistics,
                              .batch_statistics = b->batch_statistics,
                              .saved = b->saved,
                              .scratch = b->scratch};

    for (int k = 0; k < b->layer->inputs; k++) {
        call.in[k] = b->in[k];
        call.x[k] = b->x[k];
        call.dx[k] = b->dx[k];
    }
    for (int k = 0; k < b->plan.parameter_count; k++) {
        call.parameters[k] = b->parameters[k];
        call.gradients[k] = b->gradients[k];
    }
    call.stream = random_stream((struct random_key){.seed = 7}, RANDOM_LAYER, 0);
    return call;
}

void layer_bench_forward(struct layer_bench *bench)
{
    struct layer_call call = call_of(bench);
    bench->layer->forward(&call);
}

void layer_bench_backward(struct layer_bench *bench)
{
    struct layer_call call = call_of(bench);

    for (int k = 0; k < bench->layer->inputs; k++)
        memset(bench->dx[k], 0, bench->in_size[k] * sizeof(float));
    for (int k = 0; k < bench->plan.parameter_count; k++)
        memset(bench->gradients[k], 0, bench->parameter_size[k] * sizeof(float));
    bench->layer->backward(&call);
}
