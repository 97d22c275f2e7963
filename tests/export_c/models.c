/*
 * Networks exported as C, for tests/export_c/run: every family for all that it serves, every layer
 * by itself, and graphs in which values have to outlive those that could take their place. Random
 * parameters, statistics and inputs; outputs by the engine `reference`; networks with stages of a
 * pipeline beside them, and with each guard. All but the narrowest in
 * 8-bit integers, too, as int8_NAME; outputs by quantized_run().
 *
 *     models FOLDER        writes NAME.h, NAME.c and NAME_test.c there, and prints each NAME
 */
#include "base/random.h"
#include "export/c_source.h"
#include "graph/apply.h"
#include "graph/program.h"
#include "guard/guarded_answer.h"
#include "guard/registry.h"
#include "networks/engines/registry.h"
#include "networks/layers/registry.h"
#include "tests/property/layer_cases.h"
#include "tests/unit/defaults.h"
#include "tests/unit/export/export_int8.h"
#include "tests/unit/export/export_stage_cases.h"

#include "tests/need.h" /* last, since it has a global 'error' */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLASSES = 7,
    NUMBERS = 2,
    NARROW = 8,
    EXAMPLES = 2,
    PARAMETERS = 64,
    MOST_NODES = 64,
    LEAST_WIDTH = 2
};

static const char *folder;
static void fill(float *values, size_t count, double from, double to, uint64_t seed)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = seed}, RANDOM_GENERATE, 0);

    for (size_t i = 0; i < count; i++)
        values[i] = (float)(from + (to - from) * random_uniform(&stream));
}

static float *floats(size_t count)
{
    float *values = NULL;

    need(memory_new(&values, count, sizeof *values, &error));
    return values;
}

/* What the engine `reference` makes of each example. */
static void answer_examples(const struct exported_network *exported, struct image_set *outputs)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));
    const struct network *network = exported->network;
    struct program program;
    struct executor executor;

    need(engine->start(&error));
    need(program_new(&program, network, engine, PRECISION_FLOAT32, 1, PROGRAM_INFER, &error));
    need(executor_new(&executor, &program, NULL, &error));
    program_pack(&program, exported->parameters, exported->statistics);
    for (size_t i = 0; i < EXAMPLES; i++) {
        memcpy(executor.input, image_set_at(exported->examples, i).pixels,
               shape_size(network->input) * sizeof(float));
        executor_forward(&executor, exported->parameters, exported->statistics,
                         (struct random_key){0}, 0);
        memcpy(image_set_at(outputs, i).pixels, executor.output,
               shape_size(network->output) * sizeof(float));
    }
    executor_release(&executor);
    program_release(&program);
}

/* Means around zero, variances around one. */
static void fill_statistics(const struct network *network, float *statistics)
{
    for (size_t i = 0; i < network->count; i++) {
        size_t half = network->nodes[i].statistics / 2;
        float *means = statistics + network->nodes[i].statistics_offset;
        fill(means, half, -0.3, 0.3, 10 + i);
        fill(means + half, half, 0.5, 2, 1000 + i);
    }
}

/* The same in integers. */
static void write_integers(struct exported_network *exported, struct image_set *outputs,
                           const char *name)
{
    struct quantized_network quantized;
    char name_int8[120];

    need(export_int8_new(&quantized, exported->network, exported->parameters, exported->statistics,
                         exported->examples, &error));
    need(export_int8_answer(&quantized, exported->network, exported->examples, outputs, &error));
    exported->quantized = &quantized;
    snprintf(name_int8, sizeof name_int8, "int8_%s", name);
    need(export_c(exported, folder, name_int8, &error));
    puts(name_int8);
    quantized_release(&quantized);
}

static void write_model(const struct component *family, const struct network *network,
                        struct answer answer, double from, double to, const char *name)
{
    static const struct exported_fact facts[] = {{"content_sha256", "0123456789abcdef"},
                                                 {"a comment",
                                                  "ends here */ or /* begins ?"
                                                  "?/ and goes \\\n on \xff \xc3\xa9"}};
    struct image_set examples = {0}, outputs = {0};
    float *parameters = floats(network->parameters), *noise = floats(network->parameters);
    float *statistics = floats(network->statistics);

    network_initialise(network, (struct random_key){.seed = 3}, parameters, statistics);
    fill(noise, network->parameters, -0.1, 0.1, 1);
    for (size_t i = 0; i < network->parameters; i++)
        parameters[i] += noise[i];
    fill_statistics(network, statistics);
    need(image_set_new_uniform(&examples, EXAMPLES, network->input, &error));
    need(image_set_new_uniform(&outputs, EXAMPLES, network->output, &error));
    fill(examples.pixels, EXAMPLES * shape_size(network->input), from, to, 2);
    struct exported_network exported = {.name = "models",
                                        .family = family,
                                        .network = network,
                                        .parameters = parameters,
                                        .statistics = statistics,
                                        .answer = answer,
                                        .facts = facts,
                                        .fact_count = sizeof facts / sizeof *facts,
                                        .examples = &examples,
                                        .outputs = &outputs};
    answer_examples(&exported, &outputs);
    need(export_c(&exported, folder, name, &error));
    puts(name);
    if (network->input.width > LEAST_WIDTH)
        write_integers(&exported, &outputs, name);
    image_set_release(&examples);
    image_set_release(&outputs);
    memory_free(parameters);
    memory_free(noise);
    memory_free(statistics);
}

/* A family made narrow, for images of one size, where it takes these. */
static void write_family(const struct descriptor *kind, struct answer answer, struct shape input)
{
    static const char *const names[] = {"image", "features", "classes", "mask", "numbers", "map"};
    int64_t config[PARAMETERS] = {0};
    struct component family = {.kind = kind, .config = config};
    struct network network;
    char name[100];

    defaults_fill(kind, config);
    for (const struct field *field = kind->fields; field->name; field++)
        if (strcmp(field->name, "width") == 0)
            config[field->offset / sizeof(int64_t)] = NARROW;
    if (family_check_sides(&family, input, NULL) != STATUS_OK)
        return;
    need(network_new(&network, &family, input, answer, &error));
    snprintf(name, sizeof name, "%s_%s_%d", kind->name, names[answer.content], input.width);
    write_model(&family, &network, answer, 0, 1, name);
    network_release(&network);
}

static enum status write_stages(void *context, const char *name,
                                const struct exported_network *exported,
                                const struct exported_network *integers, struct error *failure)
{
    char name_int8[120];

    (void)context;
    snprintf(name_int8, sizeof name_int8, "int8_%s", name);
    PASS(export_c(exported, folder, name, failure));
    PASS(export_c(integers, folder, name_int8, failure));
    printf("%s\n%s\n", name, name_int8);
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------- guards -- */

enum { GUARDED = 4 };

static const struct guard_case {
    const char *name, *guard, *family;
    struct answer answer;
    bool pipeline; /* images are handed on to it, not to a wider network */
} guard_cases[] = {
    {"guard_classes", "confidence", "lenet5", {CONTENT_SCORES, CLASSES}, false},
    {"guard_classes_twice", "disagreement", "lenet5", {CONTENT_SCORES, CLASSES}, true},
    {"guard_mask", "confidence", "fcn", {CONTENT_MASK, CLASSES}, true},
    {"guard_mask_twice", "disagreement", "fcn", {CONTENT_MASK, CLASSES}, false},
    {"guard_numbers", "disagreement", "regressor", {CONTENT_NUMBERS, NUMBERS}, false},
    {"guard_flatness", "flatness", "dncnn", {CONTENT_IMAGE, 1}, true},
    {"guard_residual", "residual", "dncnn", {CONTENT_IMAGE, 1}, false},
    {"guard_image_twice", "disagreement", "dncnn", {CONTENT_IMAGE, 1}, true},
};

/* One of the two networks. */
struct guarded_one {
    int64_t config[PARAMETERS];
    struct component family;
    struct network network;
    float *parameters, *statistics;
    struct image_set outputs;
};

static void make_one(struct guarded_one *one, const struct guard_case *item, int width,
                     const struct image_set *examples)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));

    memset(one, 0, sizeof *one);
    one->family = (struct component){.kind = registry_find(families_registry(), item->family),
                                     .config = one->config};
    defaults_fill(one->family.kind, one->config);
    for (const struct field *field = one->family.kind->fields; field->name; field++)
        if (strcmp(field->name, "width") == 0)
            one->config[field->offset / sizeof(int64_t)] = width;
    need(network_new(&one->network, &one->family, examples->shapes[0], item->answer, &error));
    one->parameters = floats(one->network.parameters);
    one->statistics = floats(one->network.statistics);
    network_initialise(&one->network, (struct random_key){.seed = 3}, one->parameters,
                       one->statistics);
    fill_statistics(&one->network, one->statistics);
    need(engine->start(&error));
    need(network_scores(&one->family, engine, PRECISION_FLOAT32, one->parameters, one->statistics,
                        examples, item->answer, 1, &one->outputs, &error));
}

static void release_one(struct guarded_one *one)
{
    image_set_release(&one->outputs);
    memory_free(one->parameters);
    memory_free(one->statistics);
    network_release(&one->network);
}

static struct exported_network exported_of(const struct guarded_one *one, struct answer answer)
{
    return (struct exported_network){.name = "models",
                                     .family = &one->family,
                                     .network = &one->network,
                                     .parameters = one->parameters,
                                     .statistics = one->statistics,
                                     .answer = answer,
                                     .outputs = &one->outputs};
}

/* A threshold between the least and the largest doubt; who is handed on by it. */
static double find_threshold(const double doubts[GUARDED], bool handed[GUARDED])
{
    double least = doubts[0], most = doubts[0], threshold;

    for (size_t i = 1; i < GUARDED; i++) {
        least = doubts[i] < least ? doubts[i] : least;
        most = doubts[i] > most ? doubts[i] : most;
    }
    threshold = (least + most) / 2;
    for (size_t i = 0; i < GUARDED; i++)
        handed[i] = doubts[i] > threshold;
    return threshold;
}

static void write_guard(const struct guard_case *item, struct guarded_one *small,
                        struct guarded_one *large, const struct image_set *examples)
{
    const struct guard *by = guard_of(registry_find(registry_guards(), item->guard));
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));
    const struct guarded_network network = {&small->family,    engine,
                                            PRECISION_FLOAT32, small->parameters,
                                            small->statistics, item->answer};
    const char *last = small->network.nodes[small->network.count - 1].layer->descriptor.name;
    struct exported_network exported = exported_of(small, item->answer);
    const struct exported_network other = exported_of(large, item->answer);
    struct image_set answers;
    double doubts[GUARDED];
    bool handed[GUARDED];

    need(guarded_answer(by, &network, examples, 1, &answers, doubts, &error));
    image_set_release(&answers);
    struct exported_guard guard = {.by = item->guard,
                                   .twice = by->twice,
                                   .probabilities = strcmp(last, "softmax") == 0,
                                   .threshold = find_threshold(doubts, handed),
                                   .large = item->pipeline ? NULL : &other,
                                   .doubts = doubts,
                                   .handed = handed,
                                   .pipeline_gives = "what the wider network gave"};
    for (size_t i = 0; i < GUARDED; i++)
        if (handed[i])
            memcpy(image_set_at(&small->outputs, i).pixels, image_set_at(&large->outputs, i).pixels,
                   shape_size(small->network.output) * sizeof(float));
    exported.guard = &guard;
    exported.examples = examples;
    need(export_c(&exported, folder, item->name, &error));
    puts(item->name);
}

static void write_guards(void)
{
    for (size_t g = 0; g < sizeof guard_cases / sizeof *guard_cases; g++) {
        struct guarded_one small, large;
        struct image_set examples;
        need(image_set_new_uniform(&examples, GUARDED, (struct shape){1, 32, 32}, &error));
        for (size_t i = 0; i < GUARDED; i++) /* of more and more contrast */
            fill(image_set_at(&examples, i).pixels, 32 * 32, 0, 0.3 + 0.2 * (double)i, g);
        make_one(&small, &guard_cases[g], NARROW / 2, &examples);
        make_one(&large, &guard_cases[g], NARROW, &examples);
        write_guard(&guard_cases[g], &small, &large, &examples);
        release_one(&small);
        release_one(&large);
        image_set_release(&examples);
    }
}

static void write_families(void)
{
    static const struct answer answers[] = {{CONTENT_IMAGE, 0},
                                            {CONTENT_SCORES, CLASSES},
                                            {CONTENT_MASK, CLASSES},
                                            {CONTENT_NUMBERS, NUMBERS},
                                            {CONTENT_MAP, NUMBERS}};
    struct diagnostics found = {0};

    need(families_load(TEXTS("networks/families"), &found, &error));
    for (size_t f = 0; f < families_registry()->count; f++)
        for (size_t a = 0; a < sizeof answers / sizeof *answers; a++) {
            const struct descriptor *kind = families_registry()->rows[f];
            if (!family_serves(kind, answers[a].content))
                continue;
            write_family(kind, answers[a], (struct shape){3, 32, 32});
            if (content_is_spatial(answers[a].content))
                write_family(kind, answers[a], (struct shape){1, 29, 31});
        }
    need(export_stage_cases_each(write_stages, NULL, &error));
    write_guards();
    diagnostics_release(&found);
    families_release();
}

/* A node of a graph made by hand: -1 is the network's input. */
struct model_node {
    const char *layer, *settings;
    int from[2];
};

static union {
    double alignment;
    unsigned char bytes[256];
} configs[MOST_NODES];

static void write_graph(const struct model_node *nodes, size_t count, struct shape input,
                        const char *name)
{
    static const struct descriptor by_hand = {.name = "a graph by hand"};
    struct component family = {.kind = &by_hand};
    struct node_spec specs[MOST_NODES];
    struct network network = {0};

    memset(configs, 0, sizeof configs);
    for (size_t i = 0; i < count; i++) {
        const struct descriptor *kind = registry_find(registry_layers(), nodes[i].layer);
        layer_configure(kind, nodes[i].settings, configs[i].bytes);
        specs[i] = (struct node_spec){.name = nodes[i].layer,
                                      .layer = {.kind = kind, .config = configs[i].bytes},
                                      .inputs = {nodes[i].from[0], nodes[i].from[1]}};
    }
    /* The output's shape is not known beforehand: a first try tells. */
    if (network_build(&network, specs, count, input, (struct shape){1, 1, 1}, &error) !=
        STATUS_OK) {
        struct shape output = network.output;
        network_release(&network);
        network = (struct network){0};
        need(network_build(&network, specs, count, input, output, &error));
    }
    struct answer answer = {CONTENT_FEATURES, network.output.channels};
    write_model(&family, &network, answer, -2, 2, name);
    network_release(&network);
}

/* All cases of one layer that fit such images, on the same input, their values one behind the
 * other. Returns the number of nodes. */
static size_t join_cases(const struct descriptor *kind, struct shape input,
                         struct model_node nodes[MOST_NODES])
{
    bool flat = strcmp(kind->name, "dense") == 0;
    int joined = -1;
    size_t count = 0;

    if (flat)
        nodes[count++] = (struct model_node){"flatten", "", {-1, -1}};
    for (size_t i = 0; i < layer_case_count; i++) {
        const struct layer_case *item = &layer_cases[i];
        const struct layer *layer = layer_of(kind);
        struct shape in[] = {input, input}, out;
        if (flat)
            in[0] = (struct shape){(int)shape_size(input), 1, 1};
        if (strcmp(item->layer, kind->name) != 0)
            continue;
        layer_configure(kind, item->settings, configs[0].bytes);
        if (layer->shape(configs[0].bytes, in, &out, NULL) != STATUS_OK)
            continue;
        int from = flat ? 0 : -1, made = (int)count;
        nodes[count++] = (struct model_node){kind->name, item->settings, {from, from}};
        nodes[count++] = (struct model_node){"flatten", "", {made, -1}};
        if (joined >= 0)
            nodes[count++] = (struct model_node){"concat", "", {joined, made + 1}};
        joined = (int)count - 1;
    }
    return joined < 0 ? 0 : count;
}

static void write_layers(void)
{
    static const struct shape inputs[] = {{6, 9, 8}, {6, 3, 2}};
    struct model_node nodes[MOST_NODES];
    char name[100];

    for (size_t r = 0; r < registry_layers()->count; r++)
        for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
            const struct descriptor *kind = registry_layers()->rows[r];
            size_t count = join_cases(kind, inputs[k], nodes);
            snprintf(name, sizeof name, "layer_%s_%d", kind->name, inputs[k].width);
            if (count)
                write_graph(nodes, count, inputs[k], name);
        }
}

/* Who reads what later must find it there. */
static void write_graphs(void)
{
    static const struct model_node skip[] = {{"conv", "filters=3 kernel=3", {-1}},
                                             {"relu", "", {0}},
                                             {"gelu", "", {0}},
                                             {"add", "", {1, 2}},
                                             {"add", "", {3, 0}},
                                             {"sigmoid", "", {4}},
                                             {"concat", "", {5, 1}}},
                                   views[] = {{"dropout", "", {-1}}, {"relu", "", {0}},
                                              {"dropout", "", {1}},  {"silu", "", {2}},
                                              {"flatten", "", {1}},  {"flatten", "", {3}},
                                              {"dropout", "", {4}},  {"add", "", {5, 6}},
                                              {"dropout", "", {7}}},
                                   input[] = {{"conv", "filters=3 kernel=3", {-1}},
                                              {"add", "", {0, -1}},
                                              {"scale", "factor=2", {-1}},
                                              {"add", "", {1, 2}},
                                              {"add", "", {3, 3}},
                                              {"softmax", "", {4}}},
                                   unread[] = {{"conv", "filters=9 kernel=3", {-1}},
                                               {"conv", "filters=2 kernel=3", {-1}},
                                               {"relu", "", {0}},
                                               {"relu", "", {1}}};
    struct shape shape = {3, 6, 5};

    write_graph(skip, sizeof skip / sizeof *skip, shape, "graph_skip");
    write_graph(views, sizeof views / sizeof *views, shape, "graph_views");
    write_graph(input, sizeof input / sizeof *input, shape, "graph_input");
    write_graph(unread, sizeof unread / sizeof *unread, shape, "graph_unread");
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: models FOLDER\n");
        return 2;
    }
    folder = arguments[1];
    write_families();
    write_layers();
    write_graphs();
    return 0;
}
