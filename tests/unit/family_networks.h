/* Narrow networks of every family for every task that it serves, with parameters and images. */
#ifndef UNDERSTUDY_TESTS_FAMILY_NETWORKS_H
#define UNDERSTUDY_TESTS_FAMILY_NETWORKS_H

#include "graph/program.h"
#include "networks/engines/registry.h"
#include "tasks/registry.h"
#include "tests/unit/choose_family.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

enum { FAMILY_PARAMETERS = 64, FAMILY_CLASSES = 7, FAMILY_IMAGES = 3, FAMILY_WIDTH = 8 };

struct family_network {
    struct component family;
    int64_t config[FAMILY_PARAMETERS];
    const struct task *task;
    struct answer answer;
    struct network network;
    const struct engine *engine;
    float *parameters, *statistics;
    struct image_set images;
};

static inline void random_values(float *values, size_t count, double from, double to, uint64_t seed)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = seed}, RANDOM_GENERATE, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(from + (to - from) * random_uniform(&stream));
}

/* To be freed. */
static inline float *some_floats(size_t count)
{
    float *values = NULL;
    CU_ASSERT_EQUAL_FATAL(memory_new(&values, count ? count : 1, sizeof *values, NULL), STATUS_OK);
    return values;
}

/* Initial parameters, moved a little, since zeros would hide what is behind them; statistics that
 * batch normalisation has to use. */
static inline void random_parameters(const struct network *network, float **parameters,
                                     float **statistics)
{
    float *noise = some_floats(network->parameters);

    *parameters = some_floats(network->parameters);
    *statistics = some_floats(network->statistics);
    network_initialise(network, (struct random_key){.seed = 3}, *parameters, *statistics);
    random_values(noise, network->parameters, -0.02, 0.02, 1);
    for (size_t i = 0; i < network->parameters; i++)
        (*parameters)[i] += noise[i];
    memory_free(noise);
    for (size_t n = 0; n < network->count; n++) {
        const struct network_node *node = &network->nodes[n];
        float *at = *statistics + node->statistics_offset;
        random_values(at, node->statistics / 2, -0.3, 0.3, n);
        random_values(at + node->statistics / 2, node->statistics / 2, 0.5, 1.5, n + 1);
    }
}

/* The network's output for one image, by an engine in float32. */
static inline void infer_one(const struct network *network, const struct engine *engine,
                             const float *parameters, const float *statistics, const float *input,
                             float *output)
{
    struct program program;
    struct executor executor;

    CU_ASSERT_EQUAL_FATAL(
        program_new(&program, network, engine, PRECISION_FLOAT32, 1, PROGRAM_INFER, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &program, NULL, NULL), STATUS_OK);
    program_pack(&program, parameters, statistics);
    memcpy(executor.input, input, shape_size(network->input) * sizeof *input);
    executor_forward(&executor, parameters, statistics, (struct random_key){0}, 0);
    memcpy(output, executor.output, shape_size(network->output) * sizeof *output);
    executor_release(&executor);
    program_release(&program);
}

static inline const struct engine *started_engine(const char *name)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), name));
    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    return engine;
}

/* Images that are dark on the left and bright on the right, with noise on them. */
static inline void make_images(struct image_set *set, size_t count, struct shape shape)
{
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(set, count, shape, NULL), STATUS_OK);
    random_values(set->pixels, set->offsets[count], 0, 0.5, 5);
    for (size_t i = 0; i < set->offsets[count]; i++)
        set->pixels[i] += 0.5F * (float)(i % (size_t)shape.width) / (float)shape.width;
}

static inline void family_network_new(struct family_network *f, const struct descriptor *family,
                                      const struct task *task, struct shape input)
{
    enum content labels = task->labels;
    bool classes = labels == CONTENT_SCORES || labels == CONTENT_MASK;

    *f = (struct family_network){.family = {.kind = family, .config = f->config},
                                 .task = task,
                                 .engine = started_engine("openblas"),
                                 .answer = {labels, classes ? FAMILY_CLASSES : input.channels}};
    defaults_fill(family, f->config);
    for (const struct field *field = family->fields; field->name; field++)
        if (strcmp(field->name, "width") == 0)
            f->config[field->offset / sizeof(int64_t)] = FAMILY_WIDTH;
    CU_ASSERT_EQUAL_FATAL(network_new(&f->network, &f->family, input, f->answer, NULL), STATUS_OK);
    random_parameters(&f->network, &f->parameters, &f->statistics);
    make_images(&f->images, FAMILY_IMAGES, input);
}

static inline void family_network_release(struct family_network *f)
{
    image_set_release(&f->images);
    memory_free(f->parameters);
    memory_free(f->statistics);
    network_release(&f->network);
}

/* Every family for every task that it serves, for images of shape `input`. */
static inline void every_family_network(struct shape input, void (*check)(struct family_network *f))
{
    struct family_network f;

    load_families("networks/families");
    const struct registry *families = families_registry();
    CU_ASSERT(families->count > 0);
    for (size_t r = 0; r < families->count; r++)
        for (size_t t = 0; t < registry_tasks()->count; t++) {
            if (!family_serves(families->rows[r], task_at((int64_t)t)->labels))
                continue;
            family_network_new(&f, families->rows[r], task_at((int64_t)t), input);
            check(&f);
            family_network_release(&f);
        }
    families_release();
}

/* Euclidean distance of a to b, relative to the length of b. */
static inline double relative_distance(const float *a, const float *b, size_t count)
{
    double difference = 0, length = 0;

    for (size_t i = 0; i < count; i++) {
        difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        length += (double)b[i] * (double)b[i];
    }
    return length > 0 ? sqrt(difference / length) : difference;
}

#endif
