/*
 * One network's answers, timed on demand, for tests/bench/inference:
 *
 *     inference FOLDER NAME SETTING CONTENT COUNT CHANNELS HEIGHT WIDTH BATCH [PRECISION]
 *
 * SETTING is what `network:` says in an experiment file, CONTENT and COUNT what the network
 * answers. Parameters and inputs are random. Writes FOLDER/NAME.onnx, NAME.c and NAME.h, and
 * NAME.input, the images as plain float32, then prints the multiply-adds of an image and the shape
 * of the output. After that it reads lines, and answers each with one:
 *
 *     engine THREADS RUNS    seconds and processor seconds of so many runs of the default engine,
 *                            one after the other, everything having been made ready
 *     c FILE RUNS            of the exported C, of which FILE is a shared library
 *     write FILE             the output of the last run, as plain float32
 */
#include "base/clock.h"
#include "base/parallel.h"
#include "cli/support/startup.h"
#include "export/c_source.h"
#include "export/onnx.h"
#include "graph/family.h"
#include "graph/program.h"
#include "io/files/atomic_file.h"
#include "networks/engines/registry.h"
#include "train/train.h"

#include "tests/need.h" /* last, since it has a global 'error' */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SHARD = 16,
    MOST_THREADS = 4
}; /* images that one thread takes at a time, as in graph/apply.c */

typedef void exported_run(const float *input, float *output);

struct subject {
    const char *folder, *name;
    struct arena arena;
    struct component family;
    struct answer answer;
    struct network network;
    float *parameters, *statistics, *inputs, *outputs;
    size_t images, shard;
    const struct engine *engine;
    struct program program;
    struct executor executors[MOST_THREADS];
    exported_run *exported;
};

static void read_family(struct subject *subject, const char *setting)
{
    static const struct field fields[] = {
        {"family", FIELD_SELECT, 0, .registry = families_registry, .help = "kind of network"},
        {0},
    };
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    need(families_load(TEXTS("networks/families"), &found, &error));
    need(yaml_parse(&subject->arena, "network", setting, strlen(setting), &root, &found, &error));
    need(schema_read(fields, root, "network", &subject->family, &subject->arena, &found, &error));
    if (found.count) {
        error = found.items[0];
        need(error.code);
    }
}

/* Parameters as before a training, but for the zeros; values from 0 to 1. */
static void fill(struct subject *subject)
{
    const struct network *network = &subject->network;
    struct random_stream stream = random_stream((struct random_key){.seed = 5}, RANDOM_GENERATE, 0);
    size_t in = shape_size(network->input), out = shape_size(network->output);

    need(memory_new(&subject->parameters, network->parameters, sizeof(float), &error));
    need(memory_new(&subject->statistics, network->statistics, sizeof(float), &error));
    need(memory_new(&subject->inputs, subject->images * in, sizeof(float), &error));
    need(memory_new(&subject->outputs, subject->images * out, sizeof(float), &error));
    network_initialise(network, (struct random_key){.seed = 3}, subject->parameters,
                       subject->statistics);
    for (size_t i = 0; i < network->parameters; i++)
        subject->parameters[i] += (float)(0.02 * random_normal(&stream));
    for (size_t i = 0; i < network->statistics; i++)
        subject->statistics[i] += (float)(0.5 * random_uniform(&stream));
    for (size_t i = 0; i < subject->images * in; i++)
        subject->inputs[i] = (float)random_uniform(&stream);
}

static void write_file(const struct subject *subject, const char *ending, const void *bytes,
                       size_t length)
{
    struct span span = {.data = bytes, .length = length};
    char path[PATH_ROOM];

    need(atomic_file_write_soon(path_print(path, "%s/%s%s", subject->folder, subject->name, ending),
                                &span, 1, &error));
}

/* An example has to go along, whose output nobody looks at. */
static void export_network(struct subject *subject)
{
    struct image_set examples = {0}, outputs = {0};
    struct exported_network exported = {.name = subject->name,
                                        .family = &subject->family,
                                        .network = &subject->network,
                                        .parameters = subject->parameters,
                                        .statistics = subject->statistics,
                                        .answer = subject->answer,
                                        .examples = &examples,
                                        .outputs = &outputs};
    struct text model = {0};

    need(image_set_new_uniform(&examples, 1, subject->network.input, &error));
    need(image_set_new_uniform(&outputs, 1, subject->network.output, &error));
    need(export_onnx(&exported, &model, &error));
    write_file(subject, ".onnx", model.bytes, model.length);
    need(export_c(&exported, subject->folder, subject->name, &error));
    write_file(subject, ".input", subject->inputs,
               subject->images * shape_size(subject->network.input) * sizeof(float));
    image_set_release(&examples);
    image_set_release(&outputs);
    text_release(&model);
}

static void make_ready(struct subject *subject, const char *precision)
{
    const struct field *field = train_fields;

    while (strcmp(field->name, "engine") != 0)
        field++;
    subject->engine = engine_of(registry_find(registry_engines(), field->default_value));
    subject->shard = subject->images < SHARD ? subject->images : SHARD;
    need(subject->engine->start(&error));
    need(program_new(&subject->program, &subject->network, subject->engine,
                     strcmp(precision, "bfloat16") ? PRECISION_FLOAT32 : PRECISION_BFLOAT16,
                     (int)subject->shard, PROGRAM_INFER, &error));
    program_pack(&subject->program, subject->parameters, subject->statistics);
    for (size_t t = 0; t < MOST_THREADS; t++)
        need(executor_new(&subject->executors[t], &subject->program, NULL, &error));
}

static double multiply_adds(const struct network *network)
{
    double sum = 0;

    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        struct layer_work work = {0};
        node->layer->count(node->config, node->in, node->out, &work);
        sum += work.m > 0 ? work.operations.multiply_adds : 0;
    }
    return sum;
}

static void run_shard(void *context, size_t index, int thread)
{
    struct subject *subject = context;
    struct executor *executor = &subject->executors[thread];
    size_t in = shape_size(subject->network.input), out = shape_size(subject->network.output);
    size_t first = index * subject->shard;

    memcpy(executor->input, subject->inputs + first * in, subject->shard * in * sizeof(float));
    executor_forward(executor, subject->parameters, subject->statistics, (struct random_key){0}, 0);
    memcpy(subject->outputs + first * out, executor->output, subject->shard * out * sizeof(float));
}

static void run_exported(const struct subject *subject)
{
    size_t in = shape_size(subject->network.input), out = shape_size(subject->network.output);

    for (size_t i = 0; i < subject->images; i++)
        subject->exported(subject->inputs + i * in, subject->outputs + i * out);
}

static void load_exported(struct subject *subject, const char *file)
{
    char symbol[128];
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    snprintf(symbol, sizeof symbol, "%s_run", subject->name);
    void *found = library ? dlsym(library, symbol) : NULL;
    if (!found) {
        fprintf(stderr, "inference: %s\n", dlerror());
        exit(1);
    }
    memcpy(&subject->exported, &found, sizeof found);
}

static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* threads 0: the exported C. */
static void time_runs(struct subject *subject, int threads, int runs)
{
    double begin = clock_seconds(), spent = processor_seconds();

    for (int r = 0; r < runs; r++)
        if (threads)
            parallel_for(threads, subject->images / subject->shard, run_shard, subject);
        else
            run_exported(subject);
    printf("%.9f %.9f\n", clock_seconds() - begin, processor_seconds() - spent);
}

static void serve(struct subject *subject)
{
    char line[4096], file[4096];
    int threads, runs;

    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "engine %d %d", &threads, &runs) == 2 && threads > 0 &&
            threads <= MOST_THREADS) {
            time_runs(subject, threads, runs);
        } else if (sscanf(line, "c %4095s %d", file, &runs) == 2) {
            load_exported(subject, file);
            time_runs(subject, 0, runs);
        } else if (sscanf(line, "write %4095s", file) == 1) {
            struct span span = {.data = (const unsigned char *)subject->outputs,
                                .length = subject->images * shape_size(subject->network.output) *
                                          sizeof(float)};
            need(atomic_file_write_soon(file, &span, 1, &error));
            puts("written");
        } else {
            puts("?");
        }
        fflush(stdout);
    }
}

int main(int count, char **arguments)
{
    static struct subject subject;
    int settled = startup_settle(count, arguments, true);

    if (settled || count < 10) {
        fprintf(stderr, "usage: inference FOLDER NAME SETTING CONTENT COUNT CHANNELS HEIGHT WIDTH "
                        "BATCH [PRECISION]\n");
        return 2;
    }
    subject.folder = arguments[1];
    subject.name = arguments[2];
    read_family(&subject, arguments[3]);
    for (enum content content = 0; content < CONTENT_ANSWER; content++)
        if (strcmp(content_labels[content], arguments[4]) == 0)
            subject.answer = (struct answer){content, atoi(arguments[5])};
    need(network_new(&subject.network, &subject.family,
                     (struct shape){atoi(arguments[6]), atoi(arguments[7]), atoi(arguments[8])},
                     subject.answer, &error));
    subject.images = (size_t)atoi(arguments[9]);
    fill(&subject);
    export_network(&subject);
    make_ready(&subject, count > 10 ? arguments[10] : "float32");
    struct shape out = subject.network.output;
    printf("%.0f %d %d %d\n", multiply_adds(&subject.network), out.channels, out.height, out.width);
    fflush(stdout);
    serve(&subject);
    return 0;
}
