/*
 * Writes ONNX models and what they should give, for programs that are not ours to compare with:
 *
 *     models FOLDER
 *
 * makes FOLDER/NAME.onnx for every case of tests/unit/export/export_cases.h, with inputs and
 * outputs as plain float32, and FOLDER/cases.tsv, a line for each pair:
 *
 *     model <tab> output's name <tab> any | fixed <tab> file, dims of the input <tab> … of the
 * output
 *
 * Inputs are of the exported size, of another number of images, and, where that may be ("any"), of
 * another height and width. Their values are in [0, 1]; those of layers by themselves, in [-1, 1].
 * Outputs are those of the engine `reference`.
 */
#include "base/memory.h"
#include "export/onnx.h"
#include "graph/program.h"
#include "io/files/atomic_file.h"
#include "networks/engines/registry.h"
#include "tests/unit/export/export_cases.h"

#include <stdio.h>
#include <stdlib.h>

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

static enum status write_pair(struct models *models, const struct export_case *item,
                              const struct exported_network *exported, struct shape input,
                              int batch, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct program program = {0};
    struct executor executor = {0};
    char in[64], out[64];
    bool flat = !content_is_spatial(item->answer.content);

    snprintf(in, sizeof in, "in%zu.f32", models->pairs);
    snprintf(out, sizeof out, "out%zu.f32", models->pairs++);
    TRY(export_case_network(item, input, &network, error));
    TRY(make_ready(&network, exported, batch, item->chain ? -1 : 0, &program, &executor, error));
    TRY(write_file(models, in, executor.input,
                   (size_t)batch * shape_size(network.input) * sizeof(float), error));
    executor_forward(&executor, exported->parameters, exported->statistics, (struct random_key){0},
                     0);
    TRY(write_file(models, out, executor.output,
                   (size_t)batch * shape_size(network.output) * sizeof(float), error));
    fprintf(models->list, "%s\t%s\t%s\t%s\t", item->name, onnx_output_name(item->answer.content),
            item->any_size ? "any" : "fixed", in);
    print_dims(models->list, batch, network.input, false);
    fprintf(models->list, "\t%s\t", out);
    print_dims(models->list, batch, network.output, flat);
    fputc('\n', models->list);
out:
    executor_release(&executor);
    program_release(&program);
    network_release(&network);
    return status;
}

static enum status write_model(void *context, const struct export_case *item,
                               const struct exported_network *exported, struct error *error)
{
    enum status status = STATUS_OK;
    struct models *models = context;
    struct shape input = exported->network->input;
    struct text model = {0};
    char name[160];

    snprintf(name, sizeof name, "%s.onnx", item->name);
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
    if (status != STATUS_OK)
        fprintf(stderr, "models: %s\n", error.message);
    bool written = models.list && fclose(models.list) == 0;
    diagnostics_release(&found);
    families_release();
    return status == STATUS_OK && written ? 0 : 1;
}
