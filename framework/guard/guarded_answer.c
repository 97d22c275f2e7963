#include "guard/guarded_answer.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "graph/apply.h"

#include <string.h>

int guarded_runs(const struct guard *guard)
{
    return guard->twice ? 2 : 1;
}

/* Left becomes right, in place. */
static void mirror(struct image_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct image image = image_set_at(set, i);
        size_t width = (size_t)image.shape.width, rows = shape_size(image.shape) / width;
        for (size_t r = 0; r < rows; r++)
            for (size_t x = 0; x < width / 2; x++) {
                float *row = image.pixels + r * width, kept = row[x];
                row[x] = row[width - 1 - x];
                row[width - 1 - x] = kept;
            }
    }
}

static enum status run(const struct guarded_network *network, const struct image_set *in,
                       int threads, struct image_set *raw, struct error *error)
{
    return network_scores(network->family, network->engine, network->precision, network->parameters,
                          network->statistics, in, network->answer, threads, raw, error);
}

static enum status run_mirrored(const struct guarded_network *network, const struct image_set *in,
                                int threads, struct image_set *raw, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set mirrored = {0};

    TRY(image_set_copy(&mirrored, in, error));
    mirror(&mirrored);
    TRY(run(network, &mirrored, threads, raw, error));
    if (content_is_spatial(network->answer.content))
        mirror(raw);
out:
    image_set_release(&mirrored);
    return status;
}

/* Does the network end in shares of 1? */
static enum status ends_in_softmax(const struct guarded_network *network, int channels, bool *ends,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct node_spec *nodes;
    size_t count;

    TRY(family_expand(network->family, channels, network->answer, &arena, &nodes, &count, error));
    *ends = count && strcmp(nodes[count - 1].layer.kind->name, "softmax") == 0;
out:
    arena_release(&arena);
    return status;
}

struct doubting {
    const struct guard *guard;
    const struct guarded_network *network;
    const struct image_set *in;
    struct image_set raw, turned;
    bool probabilities;
    double *doubts;
};

static void doubt_one(void *context, size_t index, int thread)
{
    const struct doubting *doubting = context;
    struct guard_view view = {.input = image_set_at(doubting->in, index),
                              .output = image_set_at(&doubting->raw, index),
                              .answer = doubting->network->answer,
                              .probabilities = doubting->probabilities};

    (void)thread;
    if (doubting->guard->twice)
        view.turned = image_set_at(&doubting->turned, index);
    doubting->doubts[index] = doubting->guard->doubt(&view);
}

static enum status check_shapes(const struct doubting *doubting, struct error *error)
{
    for (size_t i = 0; doubting->guard->keeps_size && i < doubting->in->count; i++)
        if (!shape_equal(doubting->in->shapes[i], doubting->raw.shapes[i]))
            return error_set(error, STATUS_CONFIG,
                             "guard '%s' needs answers of the input's shape; the network takes %d "
                             "x %d, %d and gives %d x %d, %d",
                             doubting->guard->descriptor.name, doubting->in->shapes[i].width,
                             doubting->in->shapes[i].height, doubting->in->shapes[i].channels,
                             doubting->raw.shapes[i].width, doubting->raw.shapes[i].height,
                             doubting->raw.shapes[i].channels);
    return STATUS_OK;
}

/* The scores of masks become class numbers; all else is the answer already. */
static enum status take_answer(const struct guarded_network *network, struct image_set *raw,
                               struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;

    if (network->answer.content != CONTENT_MASK) {
        *out = *raw;
        *raw = (struct image_set){0};
        goto out;
    }
    TRY(memory_new(&shapes, raw->count, sizeof *shapes, error));
    for (size_t i = 0; i < raw->count; i++)
        shapes[i] = answer_shape(network->answer, raw->shapes[i]);
    TRY(image_set_new(out, raw->count, shapes, error));
    for (size_t i = 0; i < raw->count; i++) {
        struct image scores = image_set_at(raw, i), mask = image_set_at(out, i);
        size_t plane = shape_plane(scores.shape);
        for (size_t p = 0; p < plane; p++)
            mask.pixels[p] = network_class_at(scores.pixels + p, scores.shape.channels, plane);
    }
out:
    memory_free(shapes);
    return status;
}

enum status guarded_answer(const struct guard *guard, const struct guarded_network *network,
                           const struct image_set *in, int threads, struct image_set *out,
                           double *doubts, struct error *error)
{
    enum status status = STATUS_OK;
    struct doubting doubting = {.guard = guard, .network = network, .in = in, .doubts = doubts};

    memset(out, 0, sizeof *out);
    if (!in->count)
        goto out;
    TRY(ends_in_softmax(network, in->shapes[0].channels, &doubting.probabilities, error));
    TRY(run(network, in, threads, &doubting.raw, error));
    TRY(check_shapes(&doubting, error));
    if (guard->twice)
        TRY(run_mirrored(network, in, threads, &doubting.turned, error));
    parallel_count(threads, in->count, "images", doubt_one, &doubting);
    TRY(interrupt_check(error));
    TRY(take_answer(network, &doubting.raw, out, error));
out:
    image_set_release(&doubting.raw);
    image_set_release(&doubting.turned);
    return status;
}
