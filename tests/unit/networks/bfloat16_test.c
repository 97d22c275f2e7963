/* Training in bfloat16, where an engine and the processor have it. */
#include "cli/support/plan_text.h"
#include "networks/engines/registry.h"
#include "tests/unit/engines.h"
#include "tests/unit/graph.h"
#include "train/train.h"

#include <math.h>

void bfloat16_suite(void);

enum { ITEMS = 192, CLASSES = 4 };

static const struct shape IMAGE = {1, 12, 12}, SCORES = {CLASSES, 1, 1};
static const struct random_key KEY = {.seed = 2019};

enum { NODES = 10 };

static const struct row classifier[NODES] = {
    {"conv1", "conv", "filters=16 kernel=3 bias=false", {-1, -2}},
    {"norm1", "batchnorm", "", {0, -2}},
    {"relu1", "relu", "", {1, -2}},
    {"pool1", "maxpool", "", {2, -2}},
    {"conv2", "conv", "filters=16 kernel=3", {3, -2}}, /* blocks, as tiles want them */
    {"relu2", "relu", "", {4, -2}},
    {"conv3", "conv", "filters=20 kernel=3", {5, -2}},
    {"relu3", "relu", "", {6, -2}},
    {"pool2", "global_avgpool", "", {7, -2}},
    {"scores", "dense", "outputs=4", {8, -2}},
};

/* The same, with groups that fill no block. */
static const struct row grouped[NODES] = {
    {"conv1", "conv", "filters=16 kernel=3 bias=false", {-1, -2}},
    {"norm1", "batchnorm", "", {0, -2}},
    {"relu1", "relu", "", {1, -2}},
    {"pool1", "maxpool", "", {2, -2}},
    {"conv2", "conv", "filters=12 kernel=3 groups=4", {3, -2}},
    {"relu2", "relu", "", {4, -2}},
    {"conv3", "conv", "filters=20 kernel=3 groups=2", {5, -2}},
    {"relu3", "relu", "", {6, -2}},
    {"pool2", "global_avgpool", "", {7, -2}},
    {"scores", "dense", "outputs=4", {8, -2}},
};

/* Stripes in noise, their direction is the class. */
struct stripes {
    struct arena arena;
    struct graph graph;
    struct image_set images;
    uint8_t classes[ITEMS];
    struct train_settings settings;
    double first, last; /* mean losses of the epochs */
};

static void draw(struct stripes *s)
{
    static const double ways[CLASSES][2] = {{1, 0}, {0, 1}, {0.7, 0.7}, {0.7, -0.7}};

    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&s->images, ITEMS, IMAGE, NULL), STATUS_OK);
    for (size_t i = 0; i < ITEMS; i++) {
        struct random_stream stream = random_stream(KEY, RANDOM_GENERATE, i);
        const double *way = ways[s->classes[i] = (uint8_t)(i % CLASSES)];
        double phase = 6 * random_uniform(&stream);
        float *pixels = image_set_at(&s->images, i).pixels;
        for (int y = 0; y < IMAGE.height; y++)
            for (int x = 0; x < IMAGE.width; x++)
                *pixels++ = (float)(0.5 + 0.3 * sin(phase + 1.5 * (way[0] * x + way[1] * y)) +
                                    0.2 * random_normal(&stream));
    }
}

static void stripes_open(struct stripes *s, const struct row rows[NODES],
                         const struct engine *engine, const char *train)
{
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    memset(s, 0, sizeof *s);
    draw(s);
    CU_ASSERT_EQUAL_FATAL(graph_build(&s->graph, rows, NODES, IMAGE, SCORES), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(yaml_parse(&s->arena, "test", train, strlen(train), &root, &found, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        schema_read(train_fields, root, "", &s->settings, &s->arena, &found, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
    s->settings.engine.kind = &engine->descriptor;
}

static void stripes_close(struct stripes *s)
{
    image_set_release(&s->images);
    network_release(&s->graph.network);
    arena_release(&s->arena);
}

static enum status see_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                             const float *parameters, const float *statistics, struct error *error)
{
    struct stripes *s = context;

    (void)epochs, (void)parameters, (void)statistics, (void)error;
    s->first = epoch == 1 ? loss : s->first;
    s->last = loss;
    return STATUS_OK;
}

/* The parameters at the end; the caller's. */
static float *train(struct stripes *s, enum precision precision, int threads)
{
    struct train_items items = {.inputs = &s->images, .classes = s->classes};
    struct train_sink sink = {.epoch = see_epoch, .context = s};
    float *parameters = NULL, statistics[32];

    s->settings.precision = precision;
    CU_ASSERT_EQUAL_FATAL(s->graph.network.statistics, sizeof statistics / sizeof *statistics);
    CU_ASSERT_EQUAL_FATAL(memory_new(&parameters, s->graph.network.parameters, sizeof(float), NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL(train_network(&s->graph.network, &s->settings, &items, KEY, threads, &sink,
                                  parameters, statistics, NULL),
                    STATUS_OK);
    return parameters;
}

/* Calls `check` with every engine that has bfloat16 here. */
static void every_engine(void (*check)(const struct engine *engine))
{
    const struct registry *engines = registry_engines();

    for (size_t e = 0; e < engines->count; e++) {
        const struct engine *engine = engine_of(engines->rows[e]);
        if (!engine_there(engine))
            continue;
        struct error error = {0};
        enum status status = engine_check(engine, PRECISION_BFLOAT16, &error);
        CU_ASSERT(status == STATUS_OK || status == STATUS_UNAVAILABLE);
        CU_ASSERT((status == STATUS_OK) == (error.message[0] == '\0'));
        if (status == STATUS_OK)
            check(engine);
    }
}

#define LEARN "{epochs: 12, batch: 32, loss: cross_entropy, learning_rate: 0.03}"

static void check_learning(const struct engine *engine)
{
    struct stripes s;

    stripes_open(&s, classifier, engine, LEARN);
    memory_free(train(&s, PRECISION_FLOAT32, 2));
    double first = s.first, last = s.last;
    memory_free(train(&s, PRECISION_BFLOAT16, 2));
    CU_ASSERT(last < 0.25 * first);
    CU_ASSERT_DOUBLE_EQUAL(s.first, first, 0.02 * first);
    CU_ASSERT_DOUBLE_EQUAL(s.last, last, 0.03 * first);
    stripes_close(&s);
}

/* What bfloat16 costs is not seen in the loss. */
static void test_learning(void)
{
    every_engine(check_learning);
}

static void check_threads(const struct engine *engine)
{
    struct stripes s;

    stripes_open(&s, grouped, engine, "{epochs: 2, batch: 64, loss: cross_entropy}");
    size_t bytes = s.graph.network.parameters * sizeof(float);
    float *one = train(&s, PRECISION_BFLOAT16, 1);
    for (int threads = 1; threads <= 3; threads++) {
        float *more = train(&s, PRECISION_BFLOAT16, threads);
        CU_ASSERT_EQUAL(memcmp(one, more, bytes), 0);
        memory_free(more);
    }
    memory_free(one);
    stripes_close(&s);
}

static void test_threads(void)
{
    every_engine(check_threads);
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* To the nearest value that bfloat16 has, as its upper bits. */
static uint32_t rounded(float value)
{
    return (bits_of(value) + 0x7fffu + (bits_of(value) >> 16 & 1)) >> 16;
}

/* Twenty steps so small that one alone would leave a bfloat16 as it was move the weights as they do
 * in float32. */
static void small_steps(const struct row rows[NODES], const struct engine *engine)
{
    struct stripes s;
    double product = 0, squares = 0, others = 0;
    size_t moved = 0, may_move = 0, away = 0;

    stripes_open(&s, rows, engine,
                 "{epochs: 1, batch: 192, minimum_steps: 20, loss: cross_entropy, "
                 "optimizer: {sgd: {momentum: 0}}, learning_rate: 2.0e-5}");
    const struct network *network = &s.graph.network;
    size_t count = network->parameters;
    float *start = train(&s, PRECISION_FLOAT32, 1), statistics[32];
    float *exact = train(&s, PRECISION_FLOAT32, 2), *end = train(&s, PRECISION_BFLOAT16, 2);
    network_initialise(network, KEY, start, statistics);
    for (size_t i = 0; i < count; i++) {
        double step = (double)end[i] - (double)start[i],
               other = (double)exact[i] - (double)start[i];
        product += step * other;
        squares += step * step;
        others += other * other;
        moved += end[i] < start[i] || end[i] > start[i];
        may_move += exact[i] < start[i] || exact[i] > start[i];
        away += rounded(end[i]) == rounded(start[i]);
    }
    CU_ASSERT(product > 0.99 * sqrt(squares * others));
    CU_ASSERT(moved > may_move * 9 / 10 && may_move > count / 2);
    CU_ASSERT(away > count * 9 / 10);
    memory_free(start);
    memory_free(exact);
    memory_free(end);
    stripes_close(&s);
}

static void check_small_steps(const struct engine *engine)
{
    small_steps(classifier, engine);
    small_steps(grouped, engine);
}

static void test_small_steps(void)
{
    every_engine(check_small_steps);
}

/* Told to people, whatever processor this is. */
static void test_slower(void)
{
    struct text text = {0};

    CU_ASSERT_PTR_NULL(precision_slower(PRECISION_FLOAT32, false));
    CU_ASSERT_PTR_NULL(precision_slower(PRECISION_BFLOAT16, true));
    plan_text_precision("train: {precision: float32}\n", false, &text);
    plan_text_precision("grid: {train.precision: [float32, bfloat16]}\n", true, &text);
    CU_ASSERT_EQUAL(text.length, 0);
    plan_text_precision("grid: {train.precision: [float32, bfloat16]}\n", false, &text);
    CU_ASSERT_EQUAL_FATAL(text_status(&text, NULL), STATUS_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "bfloat16 is slower than float32 on this processor"));
    text_release(&text);
}

void bfloat16_suite(void)
{
    CU_pSuite suite = CU_add_suite("bfloat16", NULL, NULL);
    CU_add_test(suite, "a small network learns as in float32", test_learning);
    CU_add_test(suite, "the same bits on any number of threads", test_threads);
    CU_add_test(suite, "where it is slower, that is told", test_slower);
    CU_add_test(suite, "weights keep what bfloat16 would round away", test_small_steps);
}
