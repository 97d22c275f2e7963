/* Layers against an independent program: tests/golden/layers.h5, written by layers.py. */
#include "networks/engines/registry.h"
#include "networks/layers/registry.h"
#include "tests/unit/engines.h"
#include "tests/unit/golden.h"
#include "tests/unit/graph.h"

/* One case of layers.h5. */
struct item {
    struct golden golden;
    struct layer_case layer;
    bool training;
};

static const double TOLERANCE = 1e-5; /* of the largest value */

static struct shape input_shape(const struct golden *golden, int k, int *batch)
{
    struct hdf5_array array = golden_array(golden, golden_x[k]);

    CU_ASSERT_EQUAL_FATAL(array.rank, 4);
    *batch = (int)array.dims[0];
    return (struct shape){(int)array.dims[1], (int)array.dims[2], (int)array.dims[3]};
}

static void read_item(struct item *item)
{
    const struct golden *golden = &item->golden;
    const struct layer *layer;

    item->layer.layer = golden_text(golden, "layer");
    item->layer.settings = golden_text(golden, "settings");
    item->golden.about = item->layer.settings;
    item->training = strcmp(golden_text(golden, "mode"), "training") == 0;
    layer = layer_of(registry_find(registry_layers(), item->layer.layer));
    CU_ASSERT_PTR_NOT_NULL_FATAL(layer);
    item->layer.in = input_shape(golden, 0, &item->layer.batch);
    if (layer->inputs == 2)
        item->layer.second = input_shape(golden, 1, &item->layer.batch);
}

static void compare(const struct golden *golden, const char *name, const float *values,
                    size_t count)
{
    golden_compare(golden, name, values, count, TOLERANCE);
}

static void compare_backward(const struct golden *golden, struct layer_bench *b)
{
    golden_give(golden, "dy", b->dy, b->out_size);
    layer_bench_backward(b);
    for (int k = 0; k < b->layer->inputs; k++)
        compare(golden, golden_dx[k], b->dx[k], b->in_size[k]);
    for (int k = 0; k < b->plan.parameter_count; k++)
        compare(golden, golden_dp[k], b->gradients[k], b->parameter_size[k]);
    if (b->plan.statistics)
        compare(golden, "statistics", b->batch_statistics, b->plan.statistics);
}

/* By the layer's own functions, with an engine's for plain values. */
static void check(struct item *item, const struct engine *engine)
{
    const struct golden *golden = &item->golden;
    struct layer_bench b;

    CU_ASSERT_EQUAL_FATAL(layer_bench_new(&b, &item->layer, engine, 0, NULL), STATUS_OK);
    b.training = item->training;
    for (int k = 0; k < b.layer->inputs; k++)
        golden_give(golden, golden_x[k], b.x[k], b.in_size[k]);
    for (int k = 0; k < b.plan.parameter_count; k++)
        golden_give(golden, golden_p[k], b.parameters[k], b.parameter_size[k]);
    if (b.plan.statistics)
        golden_give(golden, "statistics", b.statistics, b.plan.statistics);
    layer_bench_forward(&b);
    compare(golden, "y", b.y, b.out_size);
    if (item->training)
        compare_backward(golden, &b);
    layer_bench_release(&b);
}

/*
 * By a network of that layer. `hold` lets the input's gradient be looked at, in plain values; each
 * of the layer's inputs is picked out of it by a convolution with ones and zeros. `lay` brings it
 * into the engine's layout (depthwise convolutions are taken over for any number of channels),
 * `bring` into plain values.
 */
struct chain {
    const struct item *item;
    struct graph graph;
    struct program program;
    struct executor executor;
    size_t node; /* of the layer */
    float *parameters, *gradients, *statistics;
};

static float *floats(size_t count)
{
    float *values = NULL;
    CU_ASSERT_EQUAL_FATAL(memory_new(&values, count, sizeof *values, NULL), STATUS_OK);
    return values;
}

static struct shape input_of(const struct layer_case *layer, int k)
{
    return k == 1 && layer->second.channels ? layer->second : layer->in;
}

/* Bit k of `plain`: input k comes in plain values. */
static void chain_build(struct chain *chain, int plain)
{
    const struct layer_case *item = &chain->item->layer;
    const struct layer *layer = layer_of(registry_find(registry_layers(), item->layer));
    struct row rows[6] = {{"hold", "dropout", "rate=0", {-1, -2}}};
    struct row last = {"layer", item->layer, item->settings, {-2, -2}};
    struct shape in[LAYER_MAX_INPUTS], input = item->in, out;
    char picks[LAYER_MAX_INPUTS][64];
    int count = 1;

    input.channels = 0;
    for (int k = 0; k < layer->inputs; k++) {
        in[k] = input_of(item, k);
        input.channels += in[k].channels;
        snprintf(picks[k], sizeof picks[k], "filters=%d kernel=1 bias=false", in[k].channels);
        rows[count] = (struct row){"pick", "conv", picks[k], {0, -2}};
        rows[count + 1] =
            plain & 1 << k ? (struct row){"bring", "dropout", "rate=0", {count, -2}}
                           : (struct row){"lay", "depthwise", "kernel=1 bias=false", {count, -2}};
        count += 2;
        last.from[k] = count - 1;
    }
    rows[count] = last;
    chain->node = (size_t)count;
    unsigned char config[256];
    layer_configure(&layer->descriptor, item->settings, config);
    CU_ASSERT_EQUAL_FATAL(layer->shape(config, in, &out, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(graph_build(&chain->graph, rows, chain->node + 1, input, out), STATUS_OK);
}

/* Ones where a filter is of the channel that it is to pass on; the layer's parameters. */
static void chain_fill(struct chain *chain)
{
    const struct network *network = &chain->graph.network;
    const struct network_node *node = &network->nodes[chain->node];
    const struct golden *golden = &chain->item->golden;
    size_t begin = 0, channels = (size_t)network->input.channels;

    chain->parameters = floats(network->parameters);
    chain->gradients = floats(network->parameters);
    chain->statistics = floats(network->statistics);
    for (size_t i = 1; i < chain->node; i++) {
        const struct network_node *from = &network->nodes[i];
        size_t filters = (size_t)from->out.channels;
        float *weights = chain->parameters + from->parameter_offset[0];
        bool pick = from->inputs[0] == 0;
        for (size_t f = 0; f < filters && from->parameter_count; f++)
            weights[pick ? f * channels + begin + f : f] = 1;
        begin += pick ? filters : 0;
    }
    for (int k = 0; k < node->parameter_count; k++)
        golden_give(golden, golden_p[k], chain->parameters + node->parameter_offset[k],
                    layer_parameter_size(&node->parameters[k]));
    if (node->statistics)
        golden_give(golden, "statistics", chain->statistics, node->statistics);
}

/* All inputs of the layer, one behind the other along the channels. */
static void chain_input(struct chain *chain)
{
    const struct layer_case *item = &chain->item->layer;
    const struct layer *layer = chain->graph.network.nodes[chain->node].layer;
    size_t whole = shape_size(chain->graph.network.input), begin = 0;

    for (int k = 0; k < layer->inputs; k++) {
        size_t part = shape_size(input_of(item, k));
        struct hdf5_array x = golden_array(&chain->item->golden, golden_x[k]);
        for (size_t n = 0; n < (size_t)item->batch; n++)
            memcpy(chain->executor.input + n * whole + begin, (float *)x.values + n * part,
                   part * sizeof(float));
        begin += part;
    }
}

static void chain_compare_dx(const struct chain *chain)
{
    const struct layer_case *item = &chain->item->layer;
    const struct layer *layer = chain->graph.network.nodes[chain->node].layer;
    const float *gradient = chain->executor.nodes[0].gradient;
    size_t whole = shape_size(chain->graph.network.input), begin = 0;

    CU_ASSERT_PTR_NULL_FATAL(chain->program.nodes[0].layout.form);
    for (int k = 0; k < layer->inputs; k++) {
        size_t part = shape_size(input_of(item, k));
        float *dx = floats((size_t)item->batch * part);
        for (size_t n = 0; n < (size_t)item->batch; n++)
            memcpy(dx + n * part, gradient + n * whole + begin, part * sizeof(float));
        compare(&chain->item->golden, golden_dx[k], dx, (size_t)item->batch * part);
        memory_free(dx);
        begin += part;
    }
}

static void chain_backward(struct chain *chain)
{
    const struct network_node *node = &chain->graph.network.nodes[chain->node];
    const struct golden *golden = &chain->item->golden;

    golden_give(golden, "dy", chain->executor.output_gradient,
                (size_t)chain->program.batch * shape_size(node->out));
    poison(&chain->executor, true);
    executor_backward(&chain->executor, chain->parameters, chain->gradients);
    chain_compare_dx(chain);
    for (int k = 0; k < node->parameter_count; k++)
        compare(golden, golden_dp[k], chain->gradients + node->parameter_offset[k],
                layer_parameter_size(&node->parameters[k]));
    if (node->statistics)
        compare(golden, "statistics", chain->executor.batch_statistics, node->statistics);
}

/* Whether the engine took the layer over. */
static bool chain_run(struct chain *chain, const struct engine *engine, enum program_use use)
{
    const struct network *network = &chain->graph.network;
    int batch = chain->item->layer.batch;

    CU_ASSERT_EQUAL_FATAL(
        program_new(&chain->program, network, engine, PRECISION_FLOAT32, batch, use, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&chain->executor, &chain->program, NULL, NULL), STATUS_OK);
    program_pack(&chain->program, chain->parameters, chain->statistics);
    chain_input(chain);
    for (int round = 0; round < 2; round++) { /* nothing is left of the first */
        poison(&chain->executor, false);
        executor_forward(&chain->executor, chain->parameters, chain->statistics,
                         (struct random_key){0}, 0);
        compare(&chain->item->golden, "y", chain->executor.output,
                (size_t)batch * shape_size(network->output));
        if (use == PROGRAM_TRAIN)
            chain_backward(chain);
    }
    const struct program_node *made = &chain->program.nodes[chain->node];
    bool taken = made->kernel || made->fused;
    executor_release(&chain->executor);
    program_release(&chain->program);
    return taken;
}

static void chain_release(struct chain *chain)
{
    memory_free(chain->parameters);
    memory_free(chain->gradients);
    memory_free(chain->statistics);
    network_release(&chain->graph.network);
}

/* Training where the case is of training; inference where that computes the same. */
static bool check_chain(struct item *item, const struct engine *engine, int plain)
{
    struct chain chain = {.item = item};
    char about[128];
    bool taken = true;

    snprintf(about, sizeof about, "{%s} by %s, plain: %d", item->layer.settings,
             engine->descriptor.name, plain);
    item->golden.about = about;
    chain_build(&chain, plain);
    chain_fill(&chain);
    bool differs = chain.graph.network.statistics > 0;
    for (int use = PROGRAM_TRAIN; use <= PROGRAM_OBSERVE; use++)
        if (use == PROGRAM_TRAIN ? item->training : !item->training || !differs)
            taken = chain_run(&chain, engine, (enum program_use)use) && taken;
    chain_release(&chain);
    item->golden.about = item->layer.settings;
    return taken;
}

/* Calls `each` for every case of the file. */
static void every_item(void (*each)(struct item *item, void *context), void *context)
{
    struct arena arena = {0};
    struct hdf5 file = {0};
    const char **groups = NULL;
    size_t count = 0;

    CU_ASSERT_EQUAL_FATAL(hdf5_open(&file, "tests/golden/layers.h5", false, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(hdf5_list(&file, "/", &arena, &groups, &count, NULL), STATUS_OK);
    CU_ASSERT(count > 0);
    for (size_t g = 0; g < count; g++) {
        struct item item = {.golden = {.file = &file, .arena = &arena, .group = groups[g]}};
        read_item(&item);
        each(&item, context);
    }
    hdf5_abandon(&file);
    arena_release(&arena);
}

static void each_own(struct item *item, void *context)
{
    const struct registry *layers = registry_layers(), *engines = registry_engines();
    bool *has_case = context;

    for (size_t e = 0; e < engines->count; e++)
        if (engine_there(engine_of(engines->rows[e])))
            check(item, engine_of(engines->rows[e]));
    for (size_t r = 0; r < layers->count; r++)
        has_case[r] |= strcmp(layers->rows[r]->name, item->layer.layer) == 0;
}

/* Every case with every engine; every layer has a case. */
static void test_own(void)
{
    const struct registry *layers = registry_layers();
    bool has_case[64] = {false};

    CU_ASSERT_FATAL(layers->count <= sizeof has_case);
    every_item(each_own, has_case);
    for (size_t r = 0; r < layers->count; r++)
        CU_ASSERT(has_case[r]);
}

/*
 * What an engine with kernels leaves to the layers' own functions, in float32 and by kernels for
 * AVX-512: groups and joints inside of a block of channels; strides together with dilation, and the
 * gradient of dilated depthwise convolutions, for which the library has nothing fast; and what
 * would not be faster: dense layers, convolutions most of whose work would be on channels that are
 * not there, and, where they read plain values, element-wise functions, and others of few channels.
 */
static const struct {
    const char *begins; /* "layer {settings} of CHANNELS" */
    int most;           /* channels */
    bool plain;         /* only where it reads plain values */
} left[] = {
    {"avgpool", 64, true},
    {"batchnorm", 1, false},
    {"batchnorm", 7, true},
    {"concat", 15, false},
    {"concat {} of 20", 20, false},
    {"conv", 6, false},
    {"conv {filters=1 kernel=5}", 16, false},
    {"conv {filters=3 kernel=3 dilation=3 stride=2}", 20, false},
    {"conv {filters=6 kernel=1}", 32, false},
    {"dense", 32, false},
    {"depthwise {kernel=1 multiplier=2}", 16, false},
    {"depthwise {kernel=3 dilation=2 padding=valid bias=false}", 4, false},
    {"depthwise {kernel=3 stride=2 multiplier=2}", 3, false},
    {"gelu", 64, true},
    {"global_avgpool", 64, true},
    {"leaky_relu", 64, true},
    {"maxpool", 64, true},
    {"relu", 64, true},
    {"sigmoid", 64, true},
    {"rescale", 64, false},
    {"silu", 64, true},
    {"transposed_conv", 6, false},
    {"transposed_conv {filters=1 kernel=4 stride=2 padding=1}", 16, false},
    {"upsample", 7, true},
};
enum { LEFT = sizeof left / sizeof *left };

struct chains {
    const struct engine *engine;
    bool all; /* told to take over also what is not worth it */
    bool met[LEFT];
};

static void each_chain(struct item *item, void *context)
{
    struct chains *chains = context;
    const struct engine *engine = chains->engine;
    const struct layer *layer = layer_of(registry_find(registry_layers(), item->layer.layer));
    bool known = !chains->all && engine->kernels && layer->primitive &&
                 strcmp(engine->isa(PRECISION_FLOAT32), "avx512_core") == 0;
    char text[128];

    snprintf(text, sizeof text, "%s {%s} of %d", item->layer.layer, item->layer.settings,
             item->layer.in.channels);
    for (int plain = 0; plain < 1 << layer->inputs; plain++) {
        bool taken = check_chain(item, engine, plain), expected = true;
        for (size_t i = 0; i < LEFT; i++)
            if (strncmp(text, left[i].begins, strlen(left[i].begins)) == 0 &&
                item->layer.in.channels <= left[i].most) {
                chains->met[i] = true;
                expected = expected && left[i].plain && !plain;
            }
        if (known && taken != expected)
            printf("%s, plain: %d: %s by %s\n", text, plain, taken ? "taken over" : "left",
                   engine->descriptor.name);
        CU_ASSERT(!known || taken == expected);
    }
}

/* Every case with every engine, as part of a network, its inputs in all layouts. */
static void test_chains(void)
{
    const struct registry *engines = registry_engines();

    for (size_t e = 0; e < engines->count; e++)
        if (engine_there(engine_of(engines->rows[e]))) {
            struct chains chains = {.engine = engine_of(engines->rows[e])};
            every_item(each_chain, &chains);
            chains.all = chains.engine->kernels != NULL;
            if (chains.all) {
                chains.engine->kernels->take_all(true);
                every_item(each_chain, &chains);
                chains.engine->kernels->take_all(false);
            }
            for (size_t i = 0; i < LEFT; i++)
                CU_ASSERT(chains.met[i]);
        }
}

void layers_golden_suite(void);

void layers_golden_suite(void)
{
    CU_pSuite suite = CU_add_suite("layers_golden", NULL, NULL);
    CU_add_test(suite, "layers forward and backward as PyTorch computes them", test_own);
    CU_add_test(suite, "the same as parts of networks, splits by the engine", test_chains);
}
