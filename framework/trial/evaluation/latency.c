#include "trial/evaluation/latency.h"

#include "graph/program.h"
#include "math/border.h"
#include "trial/evaluation/pipeline_latency.h"
#include "trial/evaluation/repeats.h"
#include "trial/trial_network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double LONGEST = 4;               /* seconds that a batch may take */
static const size_t LARGEST = (size_t)1 << 30; /* bytes of a program's buffers */

const int speed_batches[LATENCY_BATCHES] = {1, 64};

void latencies_release(struct latencies *speeds)
{
    memory_free(speeds->items);
    arena_release(&speeds->arena);
    memset(speeds, 0, sizeof *speeds);
}

static bool same_network(const struct latency *a, const struct latency *b)
{
    size_t size = a->family->kind->config_size;

    return a->family->kind == b->family->kind && a->engine == b->engine &&
           a->precision == b->precision && shape_equal(a->input, b->input) &&
           shape_equal(a->output, b->output) &&
           (size == 0 || memcmp(a->family->config, b->family->config, size) == 0);
}

static const struct latency *recall(const struct latencies *speeds, const struct latency *speed)
{
    for (size_t i = 0; i < speeds->count; i++)
        if (same_network(&speeds->items[i], speed))
            return &speeds->items[i];
    return NULL;
}

/* With a copy of the family and its settings, which are the trial's. */
static enum status remember(struct latencies *speeds, const struct latency *speed,
                            struct error *error)
{
    size_t size = speed->family->kind->config_size;
    struct component *family;

    PASS(memory_reserve(&speeds->items, &speeds->capacity, speeds->count + 1, sizeof *speeds->items,
                        error));
    PASS(arena_new(&speeds->arena, &family, 1, sizeof *family, error));
    family->kind = speed->family->kind;
    PASS(arena_new(&speeds->arena, &family->config, size, 1, error));
    if (size)
        memcpy(family->config, speed->family->config, size);
    speeds->items[speeds->count] = *speed;
    speeds->items[speeds->count++].family = family;
    return STATUS_OK;
}

struct forward {
    struct executor *executor;
    const struct trained *trained;
};

static enum status forward_once(void *context, struct error *error)
{
    const struct forward *forward = context;

    (void)error;
    executor_forward(forward->executor, forward->trained->parameters, forward->trained->statistics,
                     (struct random_key){0}, 0);
    return STATUS_OK;
}

static enum status measure_batch(struct latency *speed, const struct network *network, int batch,
                                 struct image image, const struct trained *trained, double *latency,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct program program = {0};
    struct executor executor = {0};
    size_t input = shape_size(network->input);

    TRY(program_new(&program, network, speed->engine, (enum precision)speed->precision, batch,
                    PROGRAM_INFER, error));
    if (program.bytes > LARGEST)
        goto out;
    program_pack(&program, trained->parameters, trained->statistics);
    TRY(executor_new(&executor, &program, NULL, error));
    for (size_t i = 0; i < (size_t)batch; i++)
        border_fit(image.pixels, image.shape,
                   (struct image){network->input, executor.input + i * input});
    TRY(repeats_median(forward_once, &(struct forward){&executor, trained}, latency, error));
out:
    executor_release(&executor);
    program_release(&program);
    return status;
}

/* Batches in ascending order: the time of one tells whether the next would take too long. */
static enum status measure_network(struct latency *speed, const struct network *network,
                                   struct image image, const struct trained *trained,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    double image_seconds = 0;
    struct error shortage = {0};

    for (size_t b = 0; b < LATENCY_BATCHES; b++) {
        double *latency = &speed->latency[b];
        *latency = NAN;
        if (!(image_seconds * speed_batches[b] <= LONGEST))
            continue;
        status =
            measure_batch(speed, network, speed_batches[b], image, trained, latency, &shortage);
        if (status != STATUS_OK && status != STATUS_MEMORY) {
            *error = shortage;
            return status;
        }
        image_seconds = *latency / speed_batches[b];
    }
    return STATUS_OK;
}

/* What is timed, and how, whether or not it can be. */
static enum status record_way(struct record *record, struct shape shape, int workers,
                              struct error *error)
{
    PASS(record_integer(record, "timing.inference.height", shape.height, error));
    PASS(record_integer(record, "timing.inference.width", shape.width, error));
    PASS(record_integer(record, "timing.inference.threads", 1, error));
    return record_integer(record, "timing.inference.workers", workers, error);
}

static enum status record_latencies(struct record *record, const struct latency *speed,
                                    struct error *error)
{
    char name[64];

    for (size_t b = 0; b < LATENCY_BATCHES; b++) {
        int batch = speed_batches[b];
        snprintf(name, sizeof name, "timing.inference.batch_%d.latency_s", batch);
        PASS(record_real(record, name, speed->latency[b], error));
        snprintf(name, sizeof name, "timing.inference.batch_%d.images_per_second", batch);
        PASS(record_real(record, name, batch / speed->latency[b], error));
    }
    return record_real(record, "timing.network.seconds_per_image", speed->latency[0], error);
}

/* Measured once for all trials with these labels. */
static enum status record_pipeline(struct record *record, struct latencies *speeds,
                                   const struct splits *splits, struct error *error)
{
    if (strcmp(speeds->pipeline, splits->key) != 0) {
        PASS(pipeline_latency(splits, &speeds->pipeline_seconds, error));
        snprintf(speeds->pipeline, sizeof speeds->pipeline, "%s", splits->key);
    }
    return record_real(record, "timing.pipeline.seconds_per_image", speeds->pipeline_seconds,
                       error);
}

enum status latency_record(struct record *record, const struct trial_options *options,
                           const struct trial *trial, const struct splits *splits,
                           const struct trained *trained, struct error *error)
{
    enum status status = STATUS_OK;
    struct image image;
    struct network network = {0};
    struct latencies *speeds = options->latencies;
    const struct latency *known;
    struct error large;

    TRY(latency_image(splits, &image, error));
    TRY(record_way(record, image.shape, options->workers, error));
    TRY(record_pipeline(record, speeds, splits, error));
    TRY(trial_whole_network(trial, splits, image.shape, &network, error));
    if (network_check_size(&network, &large) != STATUS_OK)
        goto out; /* it is seen in tiles: no batch of it is ever computed */
    struct latency speed = {.family = &trial->experiment.network,
                            .input = network.input,
                            .output = network.output,
                            .engine = engine_of(trial->experiment.train.engine.kind),
                            .precision = trial->experiment.train.precision};
    known = recall(speeds, &speed);
    if (!known) {
        TRY(measure_network(&speed, &network, image, trained, error));
        TRY(remember(speeds, &speed, error));
        known = &speed;
    }
    TRY(record_latencies(record, known, error));
out:
    network_release(&network);
    return status;
}
