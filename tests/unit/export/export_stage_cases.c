#include "tests/unit/export/export_stage_cases.h"

#include "base/random.h"
#include "graph/apply.h"
#include "interfaces/stage.h"
#include "networks/engines/registry.h"
#include "tests/property/layer_cases.h"
#include "tests/unit/export/export_int8.h"
#include "train/stages/registry.h"

enum { MOST_STAGES = 4, EXAMPLES = 3, CONFIG = 32, SETTINGS = 64 };

struct stage_row {
    const char *stage, *settings;
};

static const struct stage_case {
    const char *name;
    struct shape input;
    struct stage_row before[MOST_STAGES + 1], after[MOST_STAGES + 1];
} cases[] = {
    {"stages_colour",
     {3, 12, 11},
     {{"gamma", "gamma=0.7 gain=1.1"}, {"grey", ""}, {"normalise", "method=standard"}},
     {{"normalise", "method=minmax"}, {"threshold", "level=100"}}},
    {"stages_sizes",
     {2, 17, 13},
     {{"crop", "top=2 left=1 height=14 width=12"},
      {"resize", "height=9 width=20 method=bilinear"},
      {"normalise", ""}},
     {{"resize", "height=4 width=7 method=area"}, {"threshold", "level=128 dark=true"}}},
    {"stages_blur",
     {1, 9, 14},
     {{"resize", "factor=2 method=nearest"}, {"gaussian", "sigma=1.3"}},
     {{"gaussian", "sigma=4"}, {"resize", "height=9 width=14 method=area"}}},
    {"stages_mask", {1, 10, 9}, {{NULL, NULL}}, {{"threshold", "level=60 output=mask"}}},
    {"stages_dark",
     {1, 10, 9},
     {{"threshold", "level=90 dark=true"}},
     {{"threshold", "level=60 output=mask dark=true"}, {"crop", "top=1"}}},
    {"stages_first", {3, 8, 8}, {{"grey", ""}}, {{NULL, NULL}}},
};

/* The steps of stages, and how to run these. */
struct stage_row_made {
    const struct stage *stage;
    union {
        double alignment;
        unsigned char bytes[CONFIG * sizeof(double)];
    } config;
    struct shape in, out;
};

struct stages_made {
    struct stage_row_made rows[MOST_STAGES];
    size_t count;
    struct stage_graph graph;
};

static enum status make_stages(struct stages_made *made, const struct stage_row *rows,
                               struct shape in, struct arena *arena, struct error *error)
{
    *made = (struct stages_made){.graph = {.arena = arena}};
    for (; rows[made->count].stage; made->count++) {
        struct stage_row_made *row = &made->rows[made->count];
        row->stage = stage_of(registry_find(registry_stages(), rows[made->count].stage));
        layer_configure(&row->stage->descriptor, rows[made->count].settings, row->config.bytes);
        row->in = in;
        PASS(row->stage->shape(row->config.bytes, in, (struct answer){0}, &row->out, error));
        PASS(row->stage->graph(row->config.bytes, in, &made->graph, error));
        made->graph.steps[made->graph.count - 1].stage = row->stage->descriptor.name;
        in = row->out;
    }
    return STATUS_OK;
}

/* What the stages themselves make of the images. */
static enum status run_stages(const struct stages_made *made, const struct image_set *in,
                              struct image_set *out, struct error *error)
{
    PASS(image_set_copy(out, in, error));
    for (size_t s = 0; s < made->count; s++) {
        const struct stage_row_made *row = &made->rows[s];
        size_t floats = row->stage->scratch ? row->stage->scratch(row->config.bytes, row->in) : 0;
        struct image_set next = {0};
        float *scratch = NULL;
        PASS(image_set_new_uniform(&next, in->count, row->out, error));
        PASS(memory_new(&scratch, floats, sizeof *scratch, error));
        for (size_t i = 0; i < in->count; i++)
            row->stage->run(row->config.bytes, NULL, image_set_at(out, i), image_set_at(&next, i),
                            scratch);
        memory_free(scratch);
        image_set_release(out);
        *out = next;
    }
    return STATUS_OK;
}

static void fill(float *values, size_t count, double from, double to, uint64_t seed)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = seed}, RANDOM_GENERATE, 0);

    for (size_t i = 0; i < count; i++)
        values[i] = (float)(from + (to - from) * random_uniform(&stream));
}

/* One case while it is made. */
struct case_made {
    struct arena arena;
    struct stages_made before, after;
    struct network network;
    struct quantized_network quantized;
    float *parameters, *statistics;
    struct image_set examples, seen, given, outputs, given_int8, outputs_int8;
};

static void release(struct case_made *made)
{
    struct image_set *const sets[] = {&made->examples, &made->seen,       &made->given,
                                      &made->outputs,  &made->given_int8, &made->outputs_int8};

    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        image_set_release(sets[i]);
    quantized_release(&made->quantized);
    memory_free(made->parameters);
    memory_free(made->statistics);
    network_release(&made->network);
    arena_release(&made->arena);
}

static struct shape end_of(const struct stages_made *stages, struct shape in)
{
    return stages->count ? stages->rows[stages->count - 1].out : in;
}

static enum status make_network(struct case_made *made, const struct component *family,
                                struct shape input, struct error *error)
{
    struct answer answer = {CONTENT_IMAGE, 0};

    PASS(network_new(&made->network, family, input, answer, error));
    PASS(memory_new(&made->parameters, made->network.parameters, sizeof(float), error));
    PASS(memory_new(&made->statistics, made->network.statistics, sizeof(float), error));
    network_initialise(&made->network, (struct random_key){.seed = 3}, made->parameters,
                       made->statistics);
    return STATUS_OK;
}

/* By the engine `reference`, and in integers. */
static enum status answer(struct case_made *made, const struct component *family,
                          struct error *error)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));
    struct answer image = {CONTENT_IMAGE, 0};

    PASS(run_stages(&made->before, &made->examples, &made->seen, error));
    PASS(engine->start(error));
    PASS(network_scores(family, engine, PRECISION_FLOAT32, made->parameters, made->statistics,
                        &made->seen, image, 1, &made->given, error));
    PASS(run_stages(&made->after, &made->given, &made->outputs, error));
    PASS(export_int8_new(&made->quantized, &made->network, made->parameters, made->statistics,
                         &made->seen, error));
    PASS(quantized_scores(&made->quantized, family, &made->seen, image, 1, &made->given_int8,
                          error));
    return run_stages(&made->after, &made->given_int8, &made->outputs_int8, error);
}

static enum status visit_case(const struct stage_case *item, const struct component *family,
                              export_stage_visitor *visit, void *context, struct error *error)
{
    static const struct exported_fact facts[] = {{"experiment", "export_stage_cases"}};
    enum status status = STATUS_OK;
    struct case_made made = {0};

    TRY(image_set_new_uniform(&made.examples, EXAMPLES, item->input, error));
    fill(made.examples.pixels, made.examples.offsets[EXAMPLES], 0.1, 1, 2);
    TRY(make_stages(&made.before, item->before, item->input, &made.arena, error));
    TRY(make_network(&made, family, end_of(&made.before, item->input), error));
    TRY(make_stages(&made.after, item->after, made.network.output, &made.arena, error));
    TRY(answer(&made, family, error));
    struct exported_network exported = {
        .name = item->name,
        .family = family,
        .network = &made.network,
        .parameters = made.parameters,
        .statistics = made.statistics,
        .answer = {CONTENT_IMAGE, 0},
        .before = &made.before.graph,
        .after = &made.after.graph,
        .after_content = strstr(item->after[0].settings ? item->after[0].settings : "", "mask")
                             ? CONTENT_MASK
                             : CONTENT_IMAGE,
        .facts = facts,
        .fact_count = 1,
        .examples = &made.examples,
        .outputs = &made.outputs};
    struct exported_network integers = exported;
    integers.quantized = &made.quantized;
    integers.outputs = &made.outputs_int8;
    TRY(visit(context, item->name, &exported, &integers, error));
out:
    release(&made);
    return status == STATUS_OK ? status : error_context(error, "%s", item->name);
}

enum status export_stage_cases_each(export_stage_visitor *visit, void *context, struct error *error)
{
    int64_t config[SETTINGS];
    struct component family = {.kind = registry_find(families_registry(), "dncnn"),
                               .config = config};

    layer_configure(family.kind, "depth=3 width=4", config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        PASS(visit_case(&cases[i], &family, visit, context, error));
    return STATUS_OK;
}
