/* A small network, items to train it on, and what its training tells: for tests of train/. */
#ifndef UNDERSTUDY_TESTS_TRAIN_BENCH_H
#define UNDERSTUDY_TESTS_TRAIN_BENCH_H

#include "base/interrupt.h"
#include "base/memory.h"
#include "graph/family.h"
#include "train/train.h"
#include "unit/answers.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct random_key KEY = {.seed = 2019, .replicate = 1};

/* A trained network, and what it was trained on. */
struct bench {
    struct arena arena;
    struct diagnostics found;
    struct component family;
    struct network network;
    struct image_set inputs, targets;
    uint8_t *classes;
    struct train_settings settings;
    float *parameters, *statistics;
    int64_t epochs_seen;
    double first_loss, last_loss;
    int64_t interrupt_at; /* epoch after which to ask for a stop; 0: never */
    bool quit;            /* the sink fails */
    struct error error;
};

/* YAML text read by a table into `record`. */
static inline void read_settings(struct bench *bench, const struct field *fields, const char *yaml,
                                 void *record)
{
    struct yaml_node *root = NULL;
    CU_ASSERT_EQUAL_FATAL(
        yaml_parse(&bench->arena, "test", yaml, strlen(yaml), &root, &bench->found, &bench->error),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        schema_read(fields, root, "", record, &bench->arena, &bench->found, &bench->error),
        STATUS_OK);
    for (size_t i = 0; i < bench->found.count; i++)
        puts(bench->found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(bench->found.count, 0);
}

/* A bench with data still to be filled in, a network for `count` items of `input`, `target`. */
static inline void bench_open(struct bench *bench, const char *family, const char *train,
                              size_t count, struct shape input, struct shape target)
{
    struct choice {
        struct component family;
    } choice = {0};
    static const struct field fields[] = {
        {"network", FIELD_COMPONENT, 0, .registry = families_registry, .help = "the network"},
        {0},
    };
    char yaml[256];

    memset(bench, 0, sizeof *bench);
    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("tests/unit/families"), &bench->found, &bench->error),
                          STATUS_OK);
    snprintf(yaml, sizeof yaml, "network: {%s}", family);
    read_settings(bench, fields, yaml, &choice);
    bench->family = choice.family;
    read_settings(bench, train_fields, train, &bench->settings);
    const struct engine *engine = engine_of(bench->settings.engine.kind);
    CU_ASSERT_EQUAL_FATAL(engine->start(&bench->error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        network_new(&bench->network, &choice.family, input, answer_like(target), NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&bench->inputs, count, input, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&bench->targets, count, target, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        memory_new(&bench->parameters, bench->network.parameters, sizeof(float), NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        memory_new(&bench->statistics, bench->network.statistics, sizeof(float), NULL), STATUS_OK);
}

static inline void bench_close(struct bench *bench)
{
    memory_free(bench->statistics);
    memory_free(bench->parameters);
    memory_free(bench->classes);
    image_set_release(&bench->targets);
    image_set_release(&bench->inputs);
    network_release(&bench->network);
    diagnostics_release(&bench->found);
    arena_release(&bench->arena);
    families_release();
}

static inline enum status see_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                                    const float *parameters, const float *statistics,
                                    struct error *error)
{
    struct bench *bench = context;

    CU_ASSERT(epoch == bench->epochs_seen + 1 && epoch <= epochs);
    CU_ASSERT(parameters == bench->parameters && statistics == bench->statistics);
    if (epoch == 1)
        bench->first_loss = loss;
    bench->last_loss = loss;
    bench->epochs_seen = epoch;
    if (epoch == bench->interrupt_at)
        interrupt_request();
    if (bench->quit)
        return error_set(error, STATUS_IO, "the disk is full");
    return STATUS_OK;
}

static inline enum status bench_train(struct bench *bench, const uint8_t *dropped, int threads)
{
    struct train_items items = {.inputs = &bench->inputs,
                                .targets = bench->classes ? NULL : &bench->targets,
                                .classes = bench->classes,
                                .dropped = dropped};
    struct train_sink sink = {.epoch = see_epoch, .context = bench};

    bench->epochs_seen = 0;
    return train_network(&bench->network, &bench->settings, &items, KEY, threads, &sink,
                         bench->parameters, bench->statistics, &bench->error);
}

/* Smooth waves as targets, the same with noise as inputs. */
static inline void fill_waves(struct bench *bench)
{
    size_t size = shape_size(bench->network.input);
    for (size_t i = 0; i < bench->inputs.count; i++) {
        struct random_stream stream = random_stream(KEY, RANDOM_GENERATE, i);
        double phase = 6 * random_uniform(&stream), pace = 0.2 + 0.3 * random_uniform(&stream);
        for (size_t j = 0; j < size; j++) {
            double clean = 0.5 + 0.3 * sin(phase + pace * (double)j);
            bench->targets.pixels[i * size + j] = (float)clean;
            bench->inputs.pixels[i * size + j] = (float)(clean + 0.05 * random_normal(&stream));
        }
    }
}

static inline void open_waves(struct bench *bench, const char *family, const char *train,
                              size_t count)
{
    struct shape shape = {1, 8, 8};
    bench_open(bench, family, train, count, shape, shape);
    fill_waves(bench);
}

#define SMALL "small: {width: 4}"
#define NORMAL "small: {width: 4, batchnorm: 1}"

#endif
