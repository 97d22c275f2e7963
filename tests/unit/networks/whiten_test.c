/* Eigenvectors, and the whitening filters made of them. */
#include "base/random.h"
#include "graph/whiten.h"
#include "math/eigen.h"
#include "networks/engines/registry.h"
#include "tests/unit/graph.h"
#include "train/train.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

void whiten_suite(void);

enum { SIZE = 27 };

static void noise(double *values, size_t count, uint64_t seed)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = seed}, RANDOM_GENERATE, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = random_normal(&stream);
}

/* A v = lambda v, vectors orthonormal, values falling. */
static void test_eigen(void)
{
    static double a[SIZE * SIZE], kept[SIZE * SIZE], vectors[SIZE * SIZE], values[SIZE];

    noise(kept, (size_t)SIZE * SIZE, 1);
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < i; j++)
            kept[j * SIZE + i] = kept[i * SIZE + j];
    memcpy(a, kept, sizeof a);
    eigen_symmetric(SIZE, a, values, vectors);
    for (int v = 0; v < SIZE; v++) {
        for (int i = 0; i < SIZE; i++) {
            double image = 0;
            for (int k = 0; k < SIZE; k++)
                image += kept[i * SIZE + k] * vectors[v * SIZE + k];
            CU_ASSERT_DOUBLE_EQUAL(image, values[v] * vectors[v * SIZE + i], 1e-12);
        }
        for (int u = 0; u <= v; u++) {
            double product = 0;
            for (int k = 0; k < SIZE; k++)
                product += vectors[u * SIZE + k] * vectors[v * SIZE + k];
            CU_ASSERT_DOUBLE_EQUAL(product, u == v, 1e-12);
        }
        CU_ASSERT(v == 0 || values[v - 1] >= values[v]);
    }
}

static void test_eigen_known(void)
{
    double a[4] = {2, 1, 1, 2}, values[2], vectors[4], zero[4] = {0};

    eigen_symmetric(2, a, values, vectors);
    CU_ASSERT_DOUBLE_EQUAL(values[0], 3, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(values[1], 1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(vectors[0], sqrt(0.5), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(vectors[1], sqrt(0.5), 1e-15);
    eigen_symmetric(2, zero, values, vectors);
    CU_ASSERT(values[0] == 0 && values[1] == 0 && vectors[0] == 1 && vectors[3] == 1);
}

static const struct shape IMAGE = {3, 12, 10};
enum { IMAGES = 40, FILTERS = 24, PATCH = 12 }; /* 3 channels of 2 x 2 pixels */

/* Whitening filters, and something behind them that learns. */
static const struct row whitened[] = {
    {"white", "conv", "filters=24 kernel=2 padding=valid initial=whiten", {-1, -2}},
    {"relu1", "relu", "", {0, -2}},
    {"scores", "conv", "filters=2 kernel=1", {1, -2}},
};

static void image_noise(struct image_set *set)
{
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(set, IMAGES, IMAGE, NULL), STATUS_OK);
    size_t size = shape_size(IMAGE);
    for (size_t i = 0; i < IMAGES; i++) {
        struct random_stream stream =
            random_stream((struct random_key){.seed = 4}, RANDOM_GENERATE, i);
        float *pixels = set->pixels + i * size;
        for (size_t j = 0; j < size;
             j++) { /* neighbours in a row are much alike, means are not 0 */
            float fresh = (float)(0.5 + 0.6 * random_normal(&stream));
            pixels[j] = j % (size_t)IMAGE.width ? 0.6F * pixels[j - 1] + 0.4F * fresh : fresh;
        }
    }
}

static float *floats(size_t count)
{
    float *values = NULL;
    CU_ASSERT_EQUAL_FATAL(memory_new(&values, count, sizeof *values, NULL), STATUS_OK);
    return values;
}

/* y of a network of one node that has the first layer's parameters, for all images. */
static void filter(const struct image_set *images, const char *settings, const float *parameters,
                   struct shape out, float *y)
{
    const struct row row = {"conv", "conv", settings, {-1, -2}};
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));
    struct graph graph;
    struct program program;
    struct executor executor;

    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, &row, 1, IMAGE, out), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(program_new(&program, &graph.network, engine, PRECISION_FLOAT32, IMAGES,
                                      PROGRAM_INFER, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &program, NULL, NULL), STATUS_OK);
    memcpy(executor.input, images->pixels, images->offsets[IMAGES] * sizeof(float));
    executor_forward(&executor, parameters, NULL, (struct random_key){0}, 0);
    memcpy(y, executor.output, IMAGES * shape_size(out) * sizeof(float));
    executor_release(&executor);
    program_release(&program);
    network_release(&graph.network);
}

/* Mean product of two filters' outputs at the places that were looked at, every second; with -1 as
 * the second, the mean of the first. */
static double moment(const float *y, struct shape out, size_t a, int b)
{
    size_t plane = shape_plane(out), size = shape_size(out), count = 0;
    double sum = 0;

    for (size_t n = 0; n < IMAGES; n++)
        for (int v = 0; v < out.height; v += 2)
            for (int u = 0; u < out.width; u += 2, count++) {
                const float *at = y + n * size + (size_t)(v * out.width + u);
                sum += (double)at[a * plane] * (b < 0 ? 1 : (double)at[(size_t)b * plane]);
            }
    return sum / (double)count;
}

static void whiten_all(const struct network *network, const struct image_set *images,
                       float *parameters)
{
    uint32_t chosen[IMAGES];

    for (uint32_t i = 0; i < IMAGES; i++)
        chosen[i] = i;
    network_initialise(network, (struct random_key){.seed = 1}, parameters, NULL);
    CU_ASSERT_EQUAL_FATAL(network_whiten(network, images, chosen, IMAGES, parameters, NULL),
                          STATUS_OK);
}

/* What the filters give has mean 0 and the identity as its covariance, but for what is added to the
 * eigenvalues; every other filter is another's opposite. */
static void test_white(void)
{
    struct shape out = {FILTERS, IMAGE.height - 1, IMAGE.width - 1}, scores = {2, 11, 9};
    struct graph graph;
    struct image_set images;
    float *y = floats(IMAGES * shape_size(out));

    image_noise(&images);
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, whitened, 3, IMAGE, scores), STATUS_OK);
    float *parameters = floats(graph.network.parameters);
    whiten_all(&graph.network, &images, parameters);
    filter(&images, "filters=24 kernel=2 padding=valid", parameters, out, y);
    for (size_t a = 0; a < FILTERS; a++) {
        CU_ASSERT_DOUBLE_EQUAL(moment(y, out, a, -1), 0, 1e-5);
        for (size_t b = 0; b <= a; b++) {
            double sign = (a + b) % 2 ? -1 : 1;
            CU_ASSERT_DOUBLE_EQUAL(moment(y, out, a, (int)b), a / 2 == b / 2 ? sign : 0, 0.02);
        }
    }
    memory_free(parameters);
    memory_free(y);
    image_set_release(&images);
    network_release(&graph.network);
}

/* Images without any contrast give finite filters. */
static void test_white_flat(void)
{
    struct shape scores = {2, 11, 9};
    struct graph graph;
    struct image_set images;
    bool finite = true;

    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&images, IMAGES, IMAGE, NULL), STATUS_OK);
    for (size_t i = 0; i < images.offsets[IMAGES]; i++)
        images.pixels[i] = 0.25F;
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, whitened, 3, IMAGE, scores), STATUS_OK);
    float *parameters = floats(graph.network.parameters);
    whiten_all(&graph.network, &images, parameters);
    for (size_t i = 0; i < graph.network.parameters; i++)
        finite = finite && isfinite(parameters[i]);
    CU_ASSERT(finite);
    memory_free(parameters);
    image_set_release(&images);
    network_release(&graph.network);
}

static void read_settings(const char *yaml, struct arena *arena, struct train_settings *settings)
{
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    CU_ASSERT_EQUAL_FATAL(yaml_parse(arena, "test", yaml, strlen(yaml), &root, &found, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(schema_read(train_fields, root, "", settings, arena, &found, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
}

/* Training begins with the filters of its own items, keeps their weights to the bit, and moves the
 * rest; weight decay and momentum included. */
static void test_kept(void)
{
    struct shape scores = {2, 11, 9};
    struct arena arena = {0};
    struct graph graph;
    struct image_set images, targets;
    struct train_settings settings;
    size_t weights = (size_t)FILTERS * PATCH;

    read_settings("{epochs: 3, batch: 8, loss: mse, learning_rate: 0.01, weight_decay: 0.1, "
                  "optimizer: {sgd: {momentum: 0.9}}, engine: openblas}",
                  &arena, &settings);
    CU_ASSERT_EQUAL_FATAL(engine_of(settings.engine.kind)->start(NULL), STATUS_OK);
    image_noise(&images);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&targets, IMAGES, scores, NULL), STATUS_OK);
    for (size_t i = 0; i < targets.offsets[IMAGES]; i++)
        targets.pixels[i] = 1;
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, whitened, 3, IMAGE, scores), STATUS_OK);
    float *before = floats(graph.network.parameters), *after = floats(graph.network.parameters);
    whiten_all(&graph.network, &images, before);
    struct train_items items = {.inputs = &images, .targets = &targets};
    CU_ASSERT_EQUAL(train_network(&graph.network, &settings, &items, (struct random_key){.seed = 1},
                                  2, NULL, after, NULL, NULL),
                    STATUS_OK);
    CU_ASSERT_EQUAL(memcmp(before, after, weights * sizeof *after), 0);
    for (size_t i = weights + FILTERS; i < graph.network.parameters; i++)
        CU_ASSERT_NOT_EQUAL(before[i], after[i]);
    memory_free(before);
    memory_free(after);
    image_set_release(&images);
    image_set_release(&targets);
    network_release(&graph.network);
    arena_release(&arena);
}

static void test_white_place(void)
{
    static const struct row second[] = {
        {"conv1", "conv", "filters=3 kernel=3", {-1, -2}},
        {"conv2", "conv", "filters=24 kernel=3 initial=whiten", {0, -2}},
    };
    struct shape out = {FILTERS, IMAGE.height, IMAGE.width};
    struct graph graph;

    CU_ASSERT_EQUAL(graph_build(&graph, second, 2, IMAGE, out), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(graph.error.message,
                           "conv2: initial 'whiten' needs a layer that reads the network's input");
    network_release(&graph.network);
}

/* Filters that are not more than the channels pass one each on; the others are drawn. */
static void test_dirac(void)
{
    static const struct row row = {
        "conv", "conv", "filters=5 kernel=3 bias=false initial=dirac", {-1, -2}};
    struct shape out = {5, IMAGE.height, IMAGE.width};
    size_t plane = shape_plane(IMAGE), passed = 3 * plane;
    struct graph graph;
    struct image_set images;
    float *y = floats(IMAGES * shape_size(out));

    image_noise(&images);
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, &row, 1, IMAGE, out), STATUS_OK);
    float *parameters = floats(graph.network.parameters);
    network_initialise(&graph.network, (struct random_key){.seed = 1}, parameters, NULL);
    filter(&images, "filters=5 kernel=3 bias=false", parameters, out, y);
    for (size_t n = 0; n < IMAGES; n++) {
        const float *x = images.pixels + n * passed, *at = y + n * shape_size(out);
        CU_ASSERT_EQUAL(memcmp(x, at, passed * sizeof *x), 0);
        CU_ASSERT_NOT_EQUAL(memcmp(x, at + passed, plane * sizeof *x), 0);
    }
    for (size_t i = (size_t)3 * 27; i < (size_t)5 * 27; i++)
        CU_ASSERT_NOT_EQUAL(parameters[i], 0);
    memory_free(parameters);
    memory_free(y);
    image_set_release(&images);
    network_release(&graph.network);
}

void whiten_suite(void)
{
    CU_pSuite suite = CU_add_suite("whiten", NULL, NULL);
    CU_add_test(suite, "eigenvectors of a random symmetric matrix", test_eigen);
    CU_add_test(suite, "eigenvectors that are known", test_eigen_known);
    CU_add_test(suite, "patches are white behind the filters", test_white);
    CU_add_test(suite, "images without contrast", test_white_flat);
    CU_add_test(suite, "whitening filters are not trained, what follows is", test_kept);
    CU_add_test(suite, "whitening is for the network's input", test_white_place);
    CU_add_test(suite, "half-identity filters pass channels on", test_dirac);
}
