/*
 * Writes ONNX models and what they should give, for programs that are not ours to compare with:
 *
 *     models FOLDER
 *
 * makes FOLDER/NAME.onnx for every case of tests/unit/export/export_cases.h, with inputs and
 * outputs as plain float32, and FOLDER/cases.tsv, a line for each pair:
 *
 *     model <tab> output's name <tab> any | fixed <tab> file, dims of the input <tab> … of the
 * output <tab> a step of the output <tab> how many steps it may be off
 *
 * Inputs are of the exported size, of another number of images, and, where that may be ("any"), of
 * another height and width. Their values are in [0, 1]; those of layers by themselves, in [-1, 1].
 * Outputs are those of the engine `reference`, and the step is 0. Layers, chains and families with
 * their defaults come again in 8-bit integers, as int8_NAME: outputs are those of quantized_run(),
 * and a step is what neighbouring integers of the output differ by.
 */
#include "base/memory.h"
#include "export/onnx.h"
#include "graph/program.h"
#include "io/files/atomic_file.h"
#include "networks/engines/registry.h"
#include "tests/unit/export/export_cases.h"
#include "tests/unit/export/export_int8.h"
#include "tests/unit/export/export_stage_cases.h"

#include <math.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runtimes scale sums in float32, and halves go to the even integer: a layer may be off by one
 * step. With random parameters that adds up to 13 steps (red_cnn) with ONNX Runtime 1.30. */
enum { CHAIN_STEPS = 1, FAMILY_STEPS = 20 };

struct models {
    const char *folder;
    FILE *list;
    size_t pairs;
};

static enum status write_file(const struct models *models, const char *name, const void *bytes,
                              size_t length, struct error *error)
{
    struct span span = {.data = bytes, .length = length};
    char path[PATH_ROOM];

    return atomic_file_write_soon(path_print(path, "%s/%s", models->folder, name), &span, 1, error);
}

/* A program for the network, and its input: values from `least` to 1. */
static enum status make_ready(const struct network *network,
                              const struct exported_network *exported, int batch, double least,
                              struct program *program, struct executor *executor,
                              struct error *error)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));
    struct random_stream stream =
        random_stream((struct random_key){.seed = (uint64_t)batch}, RANDOM_GENERATE, 1);
    size_t count = (size_t)batch * shape_size(network->input);

    PASS(engine->start(error));
    PASS(program_new(program, network, engine, PRECISION_FLOAT32, batch, PROGRAM_INFER, error));
    PASS(executor_new(executor, program, NULL, error));
    program_pack(program, exported->parameters, exported->statistics);
    for (size_t i = 0; i < count; i++)
        executor->input[i] = (float)(least + (1 - least) * random_uniform(&stream));
    return STATUS_OK;
}

static void print_dims(FILE *list, int batch, struct shape shape, bool flat)
{
    if (flat)
        fprintf(list, "%d,%d", batch, shape.channels);
    else
        fprintf(list, "%d,%d,%d,%d", batch, shape.channels, shape.height, shape.width);
}

/* Of `batch` images. */
static enum status answer_in_integers(const struct quantized_network *quantized,
                                      const struct network *network, int batch, const float *input,
                                      float *output, struct error *error)
{
    enum status status = STATUS_OK;
    size_t in = shape_size(network->input), out = shape_size(network->output);
    struct quantized_plan plan = {0};
    unsigned char *memory = NULL;

    TRY(quantized_plan_new(&plan, quantized, network, error));
    TRY(memory_new(&memory, plan.bytes, 1, error));
    for (size_t i = 0; i < (size_t)batch; i++)
        quantized_run(&plan, input + i * in, output + i * out, memory);
out:
    quantized_plan_release(&plan);
    memory_free(memory);
    return status;
}

/* How far apart outputs are that neighbouring integers stand for, at most; 0: there are none. */
static double step_of(const struct quantized_network *quantized)
{
    const struct network_node *node;
    const struct quantized_node *last;
    double most = 0;

    if (!quantized)
        return 0;
    last = &quantized->nodes[quantized->count - 1];
    node = quantized_layer(quantized, quantized->count - 1);
    if (last->kind != QUANTIZED_FLOAT)
        return (double)last->out.scale;
    if (!node->parameter_count) /* softmax: its slope is at most 1/4 */
        return (double)last->in[0].scale / 4;
    for (int c = 0; c < node->out.channels; c++)
        most =
            fmax(most,
                 fabs((double)quantized->folded.parameters[node->parameter_offset[0] + (size_t)c]));
    return (double)last->in[0].scale * most;
}

static enum status write_pair(struct models *models, const struct export_case *item,
                              const struct exported_network *exported, struct shape input,
                              int batch, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct program program = {0};
    struct executor executor = {0};
    float *output = NULL;
    char in[64], out[64];
    bool flat = !content_is_spatial(item->answer.content);
    const char *prefix = exported->quantized ? "int8_" : "";

    snprintf(in, sizeof in, "in%zu.f32", models->pairs);
    snprintf(out, sizeof out, "out%zu.f32", models->pairs++);
    TRY(export_case_network(item, input, &network, error));
    TRY(make_ready(&network, exported, batch, item->chain ? -1 : 0, &program, &executor, error));
    TRY(write_file(models, in, executor.input,
                   (size_t)batch * shape_size(network.input) * sizeof(float), error));
    executor_forward(&executor, exported->parameters, exported->statistics, (struct random_key){0},
                     0);
    TRY(memory_new(&output, (size_t)batch * shape_size(network.output), sizeof *output, error));
    memcpy(output, executor.output, (size_t)batch * shape_size(network.output) * sizeof(float));
    if (exported->quantized)
        TRY(answer_in_integers(exported->quantized, &network, batch, executor.input, output,
                               error));
    TRY(write_file(models, out, output, (size_t)batch * shape_size(network.output) * sizeof(float),
                   error));
    fprintf(models->list, "%s%s\t%s\t%s\t%s\t", prefix, item->name,
            onnx_output_name(item->answer.content), item->any_size ? "any" : "fixed", in);
    print_dims(models->list, batch, network.input, false);
    fprintf(models->list, "\t%s\t", out);
    print_dims(models->list, batch, network.output, flat);
    fprintf(models->list, "\t%.9g\t%d\n", step_of(exported->quantized),
            item->chain ? CHAIN_STEPS : FAMILY_STEPS);
out:
    memory_free(output);
    executor_release(&executor);
    program_release(&program);
    network_release(&network);
    return status;
}

/* All examples in one batch, as one pair. Steps after integers take what one of these differs from
 * the next by further: their outputs are compared by what they are without integers. */
static enum status write_stages(void *context, const char *name,
                                const struct exported_network *exported,
                                const struct exported_network *integers, struct error *error)
{
    enum status status = STATUS_OK;
    struct models *models = context;
    const struct image_set *in = exported->examples, *out = exported->outputs;
    bool mask = exported_content(exported) == CONTENT_MASK;
    struct text model = {0};
    char file[160], in_name[64], out_name[64];

    (void)integers;
    snprintf(file, sizeof file, "%s.onnx", name);
    snprintf(in_name, sizeof in_name, "in%zu.f32", models->pairs);
    snprintf(out_name, sizeof out_name, "out%zu.f32", models->pairs++);
    TRY(export_onnx(exported, &model, error));
    TRY(write_file(models, file, model.bytes, model.length, error));
    TRY(write_file(models, in_name, in->pixels, in->offsets[in->count] * sizeof(float), error));
    TRY(write_file(models, out_name, out->pixels, out->offsets[out->count] * sizeof(float), error));
    fprintf(models->list, "%s\t%s\t%s\t%s\t", name, mask ? "mask" : onnx_output_name(CONTENT_IMAGE),
            strstr(name, "sizes") || strstr(name, "blur") || strstr(name, "dark") ? "fixed" : "any",
            in_name);
    print_dims(models->list, (int)in->count, in->shapes[0], false);
    fprintf(models->list, "\t%s\t", out_name);
    print_dims(models->list, (int)out->count, out->shapes[0], false);
    fprintf(models->list, "\t0\t0\n");
out:
    text_release(&model);
    return status;
}

static enum status write_one(struct models *models, const struct export_case *item,
                             const struct exported_network *exported, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape input = exported->network->input;
    struct text model = {0};
    char name[160];

    snprintf(name, sizeof name, "%s%s.onnx", exported->quantized ? "int8_" : "", item->name);
    TRY(export_onnx(exported, &model, error));
    TRY(write_file(models, name, model.bytes, model.length, error));
    TRY(write_pair(models, item, exported, input, 1, error));
    TRY(write_pair(models, item, exported, input, 3, error));
    if (item->any_size)
        TRY(write_pair(models, item, exported, item->other, 2, error));
out:
    text_release(&model);
    return status;
}

/* Ranges come from other inputs of the same kind. */
static enum status write_integers(struct models *models, const struct export_case *item,
                                  const struct exported_network *exported, struct error *error)
{
    enum { IMAGES = 4 };
    enum status status = STATUS_OK;
    struct exported_network written = *exported;
    struct quantized_network quantized = {0};
    struct image_set inputs = {0};
    double least = item->chain ? -1 : 0;
    struct random_stream stream =
        random_stream((struct random_key){.seed = 77}, RANDOM_GENERATE, 1);

    TRY(image_set_new_uniform(&inputs, IMAGES, exported->network->input, error));
    for (size_t i = 0; i < inputs.offsets[IMAGES]; i++)
        inputs.pixels[i] = (float)(least + (1 - least) * random_uniform(&stream));
    TRY(export_int8_new(&quantized, exported->network, exported->parameters, exported->statistics,
                        &inputs, error));
    written.quantized = &quantized;
    TRY(write_one(models, item, &written, error));
out:
    image_set_release(&inputs);
    quantized_release(&quantized);
    return status;
}

static enum status write_model(void *context, const struct export_case *item,
                               const struct exported_network *exported, struct error *error)
{
    PASS(write_one(context, item, exported, error));
    if (!item->chain && !strstr(item->name, "_defaults_"))
        return STATUS_OK;
    return write_integers(context, item, exported, error);
}

int main(int count, char **arguments)
{
    struct diagnostics found = {0};
    struct error error = {0};
    struct models models = {.folder = count > 1 ? arguments[1] : "."};
    char path[PATH_ROOM];

    models.list = fopen(path_print(path, "%s/cases.tsv", models.folder), "w");
    enum status status = families_load(TEXTS("networks/families"), &found, &error);
    if (status == STATUS_OK && models.list)
        status = export_cases_each(write_model, &models, &error);
    if (status == STATUS_OK && models.list)
        status = export_stage_cases_each(write_stages, &models, &error);
    if (status != STATUS_OK)
        fprintf(stderr, "models: %s\n", error.message);
    bool written = models.list && fclose(models.list) == 0;
    diagnostics_release(&found);
    families_release();
    return status == STATUS_OK && written ? 0 : 1;
}
