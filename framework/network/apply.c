/*
 * A network over a set of images. Images are put in order of shape (an observer wants them as they
 * come), cut into shards of equal shape, and the shards are shared out among threads. A shard has
 * fewer than 16 images where those would take too much memory; how many depends on the shape alone,
 * so the bits do not depend on anything else.
 */
#include "network/network.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "network/executor_private.h"

#include <string.h>

enum {
    SHARD = 16,
    SHARD_FLOATS = 1 << 24, /* activations of a shard, where more than one image is in it */
};

struct form { /* one shape of image, and the network for it */
    struct shape shape;
    struct network network;
    int batch;
};

struct shard {
    size_t begin; /* in `order` */
    int count;
    const struct form *form;
};

struct worker {
    struct executor executor;
    float *x; /* a shard's images side by side, where they do not lie so already */
};

struct application {
    const struct component *family;
    const struct engine *engine;
    const float *parameters, *statistics;
    const struct image_set *in;
    int output_channels, threads;
    bool classify;
    activation_observer *observer;
    void *context;
    struct image_set *out;
    struct form *forms;
    size_t form_count, form_capacity;
    uint32_t *order; /* image indices */
    uint32_t *which; /* [image] its form */
    struct shard *shards;
    size_t shard_count;
    struct worker *workers;
};

static struct shape target_of(const struct application *a, struct shape in)
{
    return a->classify ? (struct shape){a->output_channels, 1, 1}
                       : (struct shape){a->output_channels, in.height, in.width};
}

static int batch_of(const struct network *network)
{
    size_t floats = shape_size(network->input);

    for (size_t i = 0; i < network->count; i++)
        floats += shape_size(network->nodes[i].out);
    size_t batch = floats ? SHARD_FLOATS / floats : SHARD;
    return batch < 1 ? 1 : batch > SHARD ? SHARD : (int)batch;
}

static enum status form_new(struct application *a, struct shape shape, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(memory_reserve(&a->forms, &a->form_capacity, a->form_count + 1, sizeof *a->forms, error));
    struct form *form = &a->forms[a->form_count];
    TRY(network_new(&form->network, a->family, shape, target_of(a, shape), error));
    a->form_count++;
    form->shape = shape;
    form->batch = batch_of(&form->network);
    if (form->network.parameters != a->forms[0].network.parameters)
        TRY(error_set(error, STATUS_CONFIG,
                      "%s: images of %d x %d and of %d x %d pixels need different parameters; only "
                      "networks of convolutions alone take images of several sizes",
                      a->family->kind->name, a->forms[0].shape.height, a->forms[0].shape.width,
                      shape.height, shape.width));
out:
    return status;
}

/* Networks for all shapes there are. */
static enum status find_forms(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(memory_new(&a->which, a->in->count, sizeof *a->which, error));
    for (size_t i = 0; i < a->in->count; i++) {
        size_t f = i > 0 ? a->which[i - 1] : 0;
        if (f >= a->form_count || !shape_equal(a->forms[f].shape, a->in->shapes[i]))
            for (f = 0; f < a->form_count; f++)
                if (shape_equal(a->forms[f].shape, a->in->shapes[i]))
                    break;
        if (f == a->form_count)
            TRY(form_new(a, a->in->shapes[i], error));
        a->which[i] = (uint32_t)f;
    }
out:
    return status;
}

/* Form by form, each form's images as they come; with an observer, all as they come. */
static enum status find_order(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;
    size_t n = 0;

    TRY(memory_new(&a->order, a->in->count, sizeof *a->order, error));
    for (size_t f = 0; f < (a->observer ? 1 : a->form_count); f++)
        for (size_t i = 0; i < a->in->count; i++)
            if (a->observer || a->which[i] == f)
                a->order[n++] = (uint32_t)i;
out:
    return status;
}

static enum status find_shards(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(memory_new(&a->shards, a->in->count, sizeof *a->shards, error));
    for (size_t i = 0; i < a->in->count; i++) {
        const struct form *form = &a->forms[a->which[a->order[i]]];
        struct shard *shard = &a->shards[a->shard_count];
        if (i == 0 || shard[-1].form != form || shard[-1].count == form->batch) {
            *shard = (struct shard){.begin = i, .form = form};
            a->shard_count++;
        } else {
            shard--;
        }
        shard->count++;
    }
out:
    return status;
}

static void employ(struct executor *executor, const struct form *form)
{
    if (executor->network == &form->network)
        return;
    executor->network = &form->network;
    executor->batch = form->batch;
    if (executor->memory)
        executor_bind(executor);
}

/* Each thread's executor has room for the largest form. */
static enum status hire_workers(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;
    size_t bytes = 0, floats = 0;
    struct executor executor = {.engine = a->engine, .lean = !a->observer};

    for (size_t f = 0; f < a->form_count; f++) {
        employ(&executor, &a->forms[f]);
        size_t needed = executor_bytes(&executor);
        size_t images = (size_t)a->forms[f].batch * shape_size(a->forms[f].shape);
        bytes = needed > bytes ? needed : bytes;
        floats = images > floats ? images : floats;
    }
    if (a->observer || a->threads < 1)
        a->threads = 1;
    if ((size_t)a->threads > a->shard_count)
        a->threads = (int)a->shard_count;
    TRY(memory_new(&a->workers, (size_t)a->threads, sizeof *a->workers, error));
    for (int t = 0; t < a->threads; t++) {
        struct worker *worker = &a->workers[t];
        worker->executor = (struct executor){.engine = a->engine, .lean = !a->observer};
        worker->executor.bytes = bytes;
        TRY(memory_new(&worker->executor.memory, bytes, 1, error));
        TRY(memory_new(&worker->x, floats, sizeof *worker->x, error));
    }
out:
    return status;
}

/* The shard's images in one piece. */
static const float *gather(const struct application *a, const struct shard *shard, float *x)
{
    const uint32_t *images = a->order + shard->begin;
    size_t size = shape_size(shard->form->shape);

    if (images[shard->count - 1] - images[0] == (uint32_t)shard->count - 1)
        return a->in->pixels + a->in->offsets[images[0]];
    for (int k = 0; k < shard->count; k++)
        memcpy(x + (size_t)k * size, a->in->pixels + a->in->offsets[images[k]], size * sizeof *x);
    return x;
}

static void run_shard(void *context, size_t index, int thread)
{
    const struct application *a = context;
    const struct shard *shard = &a->shards[index];
    struct worker *worker = &a->workers[thread];
    size_t size = shape_size(shard->form->network.output);

    if (interrupt_requested())
        return;
    employ(&worker->executor, shard->form);
    const float *y =
        executor_forward(&worker->executor, a->parameters, a->statistics,
                         gather(a, shard, worker->x), shard->count, (struct random_key){0}, 0);
    for (int k = 0; k < shard->count; k++)
        memcpy(a->out->pixels + a->out->offsets[a->order[shard->begin + (size_t)k]],
               y + (size_t)k * size, size * sizeof *y);
}

static enum status observe(const struct application *a, const struct shard *shard,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct network *network = &shard->form->network;

    for (size_t node = 0; node < network->count; node++)
        TRY(a->observer(a->context, network, node, shard->begin, shard->count,
                        a->workers[0].executor.activations[node], error));
out:
    return status;
}

static enum status run_all(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;

    if (!a->observer)
        parallel_for(a->threads, a->shard_count, run_shard, a);
    for (size_t s = 0; a->observer && s < a->shard_count; s++) {
        run_shard(a, s, 0);
        TRY(interrupt_check(error));
        TRY(observe(a, &a->shards[s], error));
    }
    TRY(interrupt_check(error));
out:
    return status;
}

static enum status make_outputs(const struct application *a, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;

    TRY(memory_new(&shapes, a->in->count, sizeof *shapes, error));
    for (size_t i = 0; i < a->in->count; i++)
        shapes[i] = target_of(a, a->in->shapes[i]);
    TRY(image_set_new(a->out, a->in->count, shapes, error));
out:
    memory_free(shapes);
    return status;
}

static void application_release(struct application *a)
{
    for (int t = 0; a->workers && t < a->threads; t++) {
        executor_release(&a->workers[t].executor);
        memory_free(a->workers[t].x);
    }
    memory_free(a->workers);
    memory_free(a->shards);
    memory_free(a->order);
    memory_free(a->which);
    for (size_t f = 0; f < a->form_count; f++)
        network_release(&a->forms[f].network);
    memory_free(a->forms);
}

enum status network_apply(const struct component *family, const struct engine *engine,
                          const float *parameters, const float *statistics,
                          const struct image_set *in, int output_channels, bool classify,
                          int threads, activation_observer *observer, void *context,
                          struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct application a = {.family = family,
                            .engine = engine,
                            .parameters = parameters,
                            .statistics = statistics,
                            .in = in,
                            .output_channels = output_channels,
                            .threads = threads,
                            .classify = classify,
                            .observer = observer,
                            .context = context,
                            .out = out};

    memset(out, 0, sizeof *out);
    TRY(find_forms(&a, error));
    TRY(find_order(&a, error));
    TRY(find_shards(&a, error));
    TRY(hire_workers(&a, error));
    TRY(make_outputs(&a, error));
    TRY(run_all(&a, error));
out:
    application_release(&a);
    if (status != STATUS_OK)
        image_set_release(out);
    return status;
}
