/* Whole networks against an independent program: tests/golden/networks.h5, written by networks.py.
 */
#include "networks/engines/registry.h"
#include "tests/unit/engines.h"
#include "tests/unit/golden.h"
#include "tests/unit/graph.h"
#include "train/train.h"

#include <stdlib.h>

void networks_golden_suite(void);

enum { PHASES = 20, TEXT = 64, SETTINGS = 128 };

/* Of the largest value; of the length of all parameters, after 20 steps. */
static const double TOLERANCE = 1e-5, TRAINED = 1e-4;

/* A text of nodes, read. */
struct nodes {
    char texts[MOST_NODES][3][SETTINGS]; /* name, layer, settings */
    struct row rows[MOST_NODES];
    int count;
};

static int find_node(const struct nodes *nodes, const char *name)
{
    for (int i = 0; i < nodes->count; i++)
        if (strcmp(nodes->rows[i].name, name) == 0)
            return i;
    CU_ASSERT_STRING_EQUAL(name, "input");
    return -1;
}

/* "add1 add relu1,input factor=2" */
static void read_node(struct nodes *nodes, const char *line)
{
    char inputs[TEXT], *second;
    char(*texts)[SETTINGS] = nodes->texts[nodes->count];
    int length = 0;

    CU_ASSERT_FATAL(nodes->count < MOST_NODES);
    CU_ASSERT_EQUAL_FATAL(sscanf(line, "%63s %63s %63s%n", texts[0], texts[1], inputs, &length), 3);
    snprintf(texts[2], sizeof texts[2], "%.*s", (int)strcspn(line + length, "\n"), line + length);
    second = strchr(inputs, ',');
    if (second)
        *second++ = '\0';
    nodes->rows[nodes->count] =
        (struct row){texts[0],
                     texts[1],
                     texts[2],
                     {find_node(nodes, inputs), second ? find_node(nodes, second) : -2}};
    nodes->count++;
}

static void build(struct nodes *nodes, struct graph *graph, const char *text, struct shape input,
                  struct shape output)
{
    nodes->count = 0;
    for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
        read_node(nodes, text);
    enum status status = graph_build(graph, nodes->rows, (size_t)nodes->count, input, output);
    if (status != STATUS_OK)
        puts(graph->error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static struct shape image_of(const struct hdf5_array *array)
{
    CU_ASSERT_EQUAL_FATAL(array->rank, 4);
    return (struct shape){(int)array->dims[1], (int)array->dims[2], (int)array->dims[3]};
}

static float *floats(size_t count)
{
    float *values = NULL;
    CU_ASSERT_EQUAL_FATAL(memory_new(&values, count, sizeof *values, NULL), STATUS_OK);
    return values;
}

struct stepper {
    const struct golden *golden;
    struct nodes nodes;
    struct graph graph;
    struct program program;
    struct executor executor;
    float *parameters, *statistics, *gradients;
};

static void compare(const struct stepper *s, const char *name, const float *values, size_t count)
{
    golden_compare(s->golden, name, values, count, TOLERANCE);
}

static void step_backward(struct stepper *s)
{
    const struct network *network = &s->graph.network;
    size_t images = (size_t)s->program.batch;

    golden_give(s->golden, "dy", s->executor.output_gradient, images * shape_size(network->output));
    poison(&s->executor, true);
    executor_backward(&s->executor, s->parameters, s->gradients);
    if (network->parameters)
        compare(s, "gradients", s->gradients, network->parameters);
    if (network->statistics)
        compare(s, "statistics", s->executor.batch_statistics, network->statistics);
    if (golden_has(s->golden, "dx"))
        compare(s, "dx", s->executor.nodes[0].gradient, images * shape_size(network->input));
}

static void step_use(struct stepper *s, const struct engine *engine, enum program_use use)
{
    const struct network *network = &s->graph.network;
    struct hdf5_array x = golden_array(s->golden, "x");
    int batch = (int)x.dims[0];

    CU_ASSERT_EQUAL_FATAL(
        program_new(&s->program, network, engine, PRECISION_FLOAT32, batch, use, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&s->executor, &s->program, NULL, NULL), STATUS_OK);
    program_pack(&s->program, s->parameters, s->statistics);
    memcpy(s->executor.input, x.values, golden_size(&x) * sizeof(float));
    for (int round = 0; round < 2; round++) { /* nothing is left of the first */
        poison(&s->executor, false);
        executor_forward(&s->executor, s->parameters, s->statistics, (struct random_key){0}, 0);
        compare(s, use == PROGRAM_TRAIN ? "y" : "inferred", s->executor.output,
                (size_t)batch * shape_size(network->output));
        if (use == PROGRAM_TRAIN)
            step_backward(s);
    }
    executor_release(&s->executor);
    program_release(&s->program);
}

static void check_step(struct golden *golden, const struct engine *engine)
{
    struct hdf5_array x = golden_array(golden, "x"), y = golden_array(golden, "y");
    struct stepper s = {.golden = golden};

    golden->about = engine->descriptor.name;
    build(&s.nodes, &s.graph, golden_text(golden, "nodes"), image_of(&x), image_of(&y));
    const struct network *network = &s.graph.network;
    s.parameters = floats(network->parameters);
    s.gradients = floats(network->parameters);
    s.statistics = floats(network->statistics);
    golden_give(golden, "parameters", s.parameters, network->parameters);
    if (network->statistics)
        golden_give(golden, "running", s.statistics, network->statistics);
    for (int use = PROGRAM_TRAIN; use <= PROGRAM_OBSERVE; use++)
        step_use(&s, engine, (enum program_use)use);
    memory_free(s.parameters);
    memory_free(s.gradients);
    memory_free(s.statistics);
    network_release(&s.graph.network);
}

/* Calls `check` for every case of a group of the file, with every engine. */
static void every_case(const char *group, void (*check)(struct golden *, const struct engine *))
{
    const struct registry *engines = registry_engines();
    struct arena arena = {0};
    struct hdf5 file = {0};
    const char **names = NULL;
    size_t count = 0;
    char path[128];

    CU_ASSERT_EQUAL_FATAL(hdf5_open(&file, "tests/golden/networks.h5", false, NULL), STATUS_OK);
    snprintf(path, sizeof path, "/%s", group);
    CU_ASSERT_EQUAL_FATAL(hdf5_list(&file, path, &arena, &names, &count, NULL), STATUS_OK);
    CU_ASSERT(count > 0);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", group, names[i]);
        struct golden golden = {.file = &file, .arena = &arena, .group = path};
        for (size_t e = 0; e < engines->count; e++)
            if (engine_there(engine_of(engines->rows[e])))
                check(&golden, engine_of(engines->rows[e]));
    }
    hdf5_abandon(&file);
    arena_release(&arena);
}

static void test_steps(void)
{
    every_case("steps", check_step);
}

static const struct random_key KEY = {.seed = 2019};

/* A training that starts from the file's parameters. */
struct course {
    const float *start;
    size_t size;
};

static enum status begin(void *context, int64_t *step, const struct train_part *parts, size_t count,
                         struct error *error)
{
    const struct course *course = context;

    (void)error;
    *step = 0;
    CU_ASSERT_FATAL(count > 1 && parts[1].size == course->size * sizeof(float));
    memcpy(parts[1].data, course->start, parts[1].size);
    return STATUS_OK;
}

/* Items in such an order that the one pass over them takes them in the file's. */
static void order_images(const struct hdf5_array *array, const uint32_t *order,
                         struct image_set *set)
{
    size_t size = shape_size(image_of(array));

    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(set, array->dims[0], image_of(array), NULL),
                          STATUS_OK);
    for (size_t i = 0; i < set->count; i++)
        memcpy(set->pixels + order[i] * size, (const float *)array->values + i * size,
               size * sizeof(float));
}

static void read_settings(struct golden *golden, const char *name, const struct engine *engine,
                          struct train_settings *settings)
{
    const char *yaml = golden_text(golden, name);
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    CU_ASSERT_EQUAL_FATAL(yaml_parse(golden->arena, name, yaml, strlen(yaml), &root, &found, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        schema_read(train_fields, root, "", settings, golden->arena, &found, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
    settings->engine.kind = &engine->descriptor;
}

/* The distance from the file's values, relative to their length. */
static void compare_length(const struct golden *golden, const char *name, const float *values,
                           size_t count)
{
    struct hdf5_array array = golden_array(golden, name);
    const float *expected = array.values;
    double apart = 0, length = 0;
    char text[512];

    CU_ASSERT_EQUAL_FATAL(golden_size(&array), count);
    for (size_t i = 0; i < count; i++) {
        double difference = (double)values[i] - (double)expected[i];
        apart += difference * difference;
        length += (double)expected[i] * (double)expected[i];
    }
    snprintf(text, sizeof text, "%s by %s: %s differs by %.3g", golden->group, golden->about, name,
             sqrt(apart / length));
    CU_assertImplementation(sqrt(apart) <= TRAINED * sqrt(length), __LINE__, text, __FILE__, "",
                            CU_FALSE);
}

static void train(struct golden *golden, const struct network *network,
                  const struct train_items *items, const char *optimizer,
                  const struct train_settings *settings)
{
    struct hdf5_array start = golden_array(golden, "start");
    struct course course = {start.values, start.dims[0]};
    struct train_sink sink = {.context = &course, .load = begin};
    float *parameters = floats(network->parameters), *statistics = floats(network->statistics);
    char name[TEXT];

    CU_ASSERT_EQUAL_FATAL(network->parameters, course.size);
    CU_ASSERT_EQUAL_FATAL(items->inputs->count, PHASES * (size_t)settings->batch);
    CU_ASSERT_EQUAL(
        train_network(network, settings, items, KEY, 2, &sink, parameters, statistics, NULL),
        STATUS_OK);
    snprintf(name, sizeof name, "%s_parameters", optimizer);
    compare_length(golden, name, parameters, network->parameters);
    snprintf(name, sizeof name, "%s_statistics", optimizer);
    if (network->statistics)
        compare_length(golden, name, statistics, network->statistics);
    memory_free(parameters);
    memory_free(statistics);
}

static void check_training(struct golden *golden, const struct engine *engine)
{
    static const char *const optimizers[] = {"nesterov", "adam"};
    struct hdf5_array inputs = golden_array(golden, "inputs"), classes = {0}, targets = {0};
    struct random_stream stream = random_stream(KEY, RANDOM_SHUFFLE, 1);
    struct image_set x = {0}, t = {0};
    struct nodes nodes;
    struct graph graph;
    uint32_t order[PHASES * 16];
    uint8_t labels[PHASES * 16];
    size_t count = inputs.dims[0];
    bool classify = golden_has(golden, "classes");

    golden->about = engine->descriptor.name;
    CU_ASSERT_FATAL(count <= sizeof labels);
    random_permutation(&stream, order, (uint32_t)count);
    order_images(&inputs, order, &x);
    if (classify) {
        classes = golden_array(golden, "classes");
        for (size_t i = 0; i < count; i++)
            labels[order[i]] = ((const uint8_t *)classes.values)[i];
    } else {
        targets = golden_array(golden, "targets");
        order_images(&targets, order, &t);
    }
    struct shape scores = {strcmp(golden->group, "trainings/lenet") == 0 ? 10 : 5, 1, 1};
    build(&nodes, &graph, golden_text(golden, "nodes"), image_of(&inputs),
          classify ? scores : image_of(&targets));
    struct train_items items = {
        .inputs = &x, .targets = classify ? NULL : &t, .classes = classify ? labels : NULL};
    for (size_t o = 0; o < sizeof optimizers / sizeof *optimizers; o++) {
        struct train_settings settings;
        read_settings(golden, optimizers[o], engine, &settings);
        train(golden, &graph.network, &items, optimizers[o], &settings);
    }
    network_release(&graph.network);
    image_set_release(&x);
    image_set_release(&t);
}

static void test_trainings(void)
{
    every_case("trainings", check_training);
}

void networks_golden_suite(void)
{
    CU_pSuite suite = CU_add_suite("networks_golden", NULL, NULL);
    CU_add_test(suite, "whole networks forward and backward as PyTorch computes them", test_steps);
    CU_add_test(suite, "networks after 20 steps as PyTorch trains them", test_trainings);
}
