/* What holds for every family that comes with the program. */
#include "base/memory.h"
#include "base/random.h"
#include "graph/family.h"
#include "graph/program.h"
#include "networks/engines/registry.h"
#include "tasks/registry.h"
#include "tests/unit/choose_family.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

void families_property_suite(void);

enum { CLASSES = 7, PARAMETERS = 64, BATCH = 2, NARROW = 8 };

/* A family with one choice of its parameters, for one task. */
struct chosen {
    struct component family;
    int64_t config[PARAMETERS];
    const struct task *task;
    const char *at; /* what is particular about it, for messages */
};

static struct shape target_of(const struct chosen *chosen, struct shape input)
{
    enum content labels = chosen->task->labels;
    bool classes = labels == CONTENT_SCORES || labels == CONTENT_MASK;

    return answer_outputs((struct answer){labels, classes ? CLASSES : 0}, input);
}

/* Build its network for such images. False where a condition on the images' sides refuses them;
 * any other refusal is a fault. */
static bool build(const struct chosen *chosen, struct shape input, struct network *network)
{
    struct error error = {0}, sides = {0};
    enum status status = network_new(
        network, &chosen->family, input,
        (struct answer){chosen->task->labels, target_of(chosen, input).channels}, &error);
    bool fits = family_check_sides(&chosen->family, input, &sides) == STATUS_OK;

    CU_ASSERT_EQUAL(status, fits ? STATUS_OK : STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, sides.message);
    if (status != STATUS_OK && fits)
        printf("%s (%s, %s, %d x %d): %s\n", chosen->family.kind->name,
               chosen->task->descriptor.name, chosen->at, input.height, input.width, error.message);
    return status == STATUS_OK;
}

/* Returns whether it takes images of these sides. */
static bool check_build(const struct chosen *chosen, struct shape input)
{
    struct network network = {0};

    if (!build(chosen, input, &network))
        return false;
    CU_ASSERT(shape_equal(network.output, target_of(chosen, input)));
    CU_ASSERT(network.parameters > 0);
    network_release(&network);
    return true;
}

/* With its defaults, and with each parameter by itself at its minimum and one above its default. */
static void check_parameters(struct chosen *chosen)
{
    static const struct shape inputs[] = {{1, 28, 28}, {3, 32, 32}};
    size_t refused = 0;

    chosen->at = "defaults";
    for (size_t k = 0; k < 2; k++)
        CU_ASSERT(check_build(chosen, inputs[k]));
    for (const struct field *field = chosen->family.kind->fields; field->name; field++) {
        int64_t *value = &chosen->config[field->offset / sizeof(int64_t)], kept = *value;
        chosen->at = field->name;
        *value = (int64_t)field->minimum;
        for (size_t k = 0; k < 2; k++)
            refused += !check_build(chosen, inputs[k]);
        *value = kept + (kept < (int64_t)field->maximum);
        check_build(chosen, inputs[1]);
        *value = kept;
    }
    CU_ASSERT_EQUAL(refused, 0);
}

/* Sides that are odd, and not the same: an output as large, or the reason why not. */
static void check_odd_sides(struct chosen *chosen)
{
    static const struct shape inputs[] = {{1, 29, 31}, {3, 33, 47}, {1, 28, 37}};

    chosen->at = "odd sides";
    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
        struct error error = {0};
        bool refused = !check_build(chosen, inputs[k]);
        if (refused)
            CU_ASSERT_EQUAL(family_check_sides(&chosen->family, inputs[k], &error), STATUS_CONFIG);
        CU_ASSERT_EQUAL(refused,
                        strstr(error.message, "the sides of images must be multiples of") != NULL);
    }
}

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
    CU_ASSERT_EQUAL_FATAL(memory_new(&values, count, sizeof *values, NULL), STATUS_OK);
    return values;
}

/* Each parameter is part of the way from input to output. */
static void check_gradients(const struct chosen *chosen, const struct network *network,
                            const float *gradients)
{
    for (size_t n = 0; n < network->count; n++)
        for (int p = 0; p < network->nodes[n].parameter_count; p++) {
            const struct layer_parameter *parameter = &network->nodes[n].parameters[p];
            const float *at = gradients + network->nodes[n].parameter_offset[p];
            bool finite = true, moved = false;
            for (size_t i = 0; i < layer_parameter_size(parameter); i++) {
                finite = finite && isfinite(at[i]);
                moved = moved || at[i] != 0;
            }
            CU_ASSERT(finite && moved);
            if (!finite || !moved)
                printf("%s: %s: no gradient of %s\n", chosen->family.kind->name,
                       network->nodes[n].name, parameter->name);
        }
}

/* What one step gives. */
struct step {
    float *output, *gradients, *statistics;
    size_t output_count;
};

static void step_release(struct step *step)
{
    memory_free(step->output);
    memory_free(step->gradients);
    memory_free(step->statistics);
}

static void make_step(const struct network *network, const struct engine *engine,
                      enum precision precision, const float *parameters, struct step *step)
{
    struct program program;
    struct executor executor;
    struct error error = {0};
    size_t in = BATCH * shape_size(network->input), out = BATCH * shape_size(network->output);

    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    if (program_new(&program, network, engine, precision, BATCH, PROGRAM_TRAIN, &error) !=
        STATUS_OK) {
        printf("%s\n", error.message);
        CU_FAIL_FATAL("there is no program");
    }
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &program, NULL, NULL), STATUS_OK);
    *step = (struct step){.output = floats(out),
                          .gradients = floats(network->parameters),
                          .statistics = floats(network->statistics),
                          .output_count = out};
    program_pack(&program, parameters, NULL);
    fill(executor.input, in, 0, 1, 2);
    executor_forward(&executor, parameters, NULL, (struct random_key){.seed = 3}, 0);
    memcpy(step->output, executor.output, out * sizeof(float));
    fill(executor.output_gradient, out, -1, 1, 3);
    executor_backward(&executor, parameters, step->gradients);
    if (network->statistics)
        memcpy(step->statistics, executor.batch_statistics, network->statistics * sizeof(float));
    executor_release(&executor);
    program_release(&program);
}

/* Euclidean distance of a to b, relative to the length of b. */
static double distance(const float *a, const float *b, size_t count)
{
    double difference = 0, length = 0;

    for (size_t i = 0; i < count; i++) {
        difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        length += (double)b[i] * (double)b[i];
    }
    return length > 0 ? sqrt(difference / length) : difference;
}

/* Rounding apart, every engine gives the same, parameter by parameter. A relu's kink and ties of
 * max pooling may fall to the other side: hence distances, not maxima. `rough`, where parameters
 * are another in their last bits, shows how much a family magnifies that: 27 normalisations over
 * few pixels in mobilenet do so a thousand times. */
static void check_engine(const struct chosen *chosen, const struct network *network,
                         const struct step *expected, const struct step *rough,
                         const struct step *got)
{
    double tolerance = 1e-4;
    double most = fmax(20 * tolerance,
                       10 * distance(rough->gradients, expected->gradients, network->parameters));
    bool right = distance(got->output, expected->output, expected->output_count) <= tolerance &&
                 distance(got->statistics, expected->statistics, network->statistics) <= tolerance;

    for (size_t n = 0; n < network->count; n++)
        for (int p = 0; p < network->nodes[n].parameter_count; p++) {
            size_t at = network->nodes[n].parameter_offset[p];
            double far = distance(got->gradients + at, expected->gradients + at,
                                  layer_parameter_size(&network->nodes[n].parameters[p]));
            if (!(far <= most))
                printf("%s: %s, %s: %g\n", chosen->family.kind->name, network->nodes[n].name,
                       network->nodes[n].parameters[p].name, far);
            right = right && far <= most;
        }
    CU_ASSERT(right);
}

/* Rounded to bfloat16: 8 bits of precision are left. */
static float rounded(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x7fffu + (bits >> 16 & 1)) & 0xffff0000u;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same_bits(const struct network *network, const struct step *a, const struct step *b)
{
    return memcmp(a->output, b->output, a->output_count * sizeof(float)) == 0 &&
           memcmp(a->gradients, b->gradients, network->parameters * sizeof(float)) == 0 &&
           (!network->statistics ||
            memcmp(a->statistics, b->statistics, network->statistics * sizeof(float)) == 0);
}

/* `got` is within `limit` of float32's, or within 3 times what `rough` is away from it. */
static bool near(const float *got, const float *rough, const float *expected, size_t count,
                 double limit)
{
    return distance(got, expected, count) <= fmax(limit, 3 * distance(rough, expected, count));
}

/*
 * In bfloat16 each value is rounded by up to 2^-9, so that outputs of families of few layers stay
 * within 2^-6 and their gradients within 2^-5; of more layers, within 2^-5 and 0.45 (a cosine of
 * 0.9), and so of those that give numbers: the means of normalised channels over an image, from
 * which they come, differ little between images. How much further a family magnifies rounding (27
 * normalisations over few pixels in mobilenet, of which two images are left at the end) is
 * measured: float32 with rounded parameters.
 */
static void check_bfloat16(const struct chosen *chosen, const struct network *network,
                           const struct engine *engine, const float *parameters,
                           const struct step *expected)
{
    struct step got, again, rough;
    bool shallow = network->count <= 16 && chosen->task->labels != CONTENT_NUMBERS;
    double outputs = shallow ? 0x1p-6 : 0x1p-5, gradients = shallow ? 0x1p-5 : 0.45;
    float *fewer = floats(network->parameters);

    for (size_t i = 0; i < network->parameters; i++)
        fewer[i] = rounded(parameters[i]);
    make_step(network, engine, PRECISION_FLOAT32, fewer, &rough);
    make_step(network, engine, PRECISION_BFLOAT16, parameters, &got);
    make_step(network, engine, PRECISION_BFLOAT16, parameters, &again);
    CU_ASSERT(same_bits(network, &got, &again));
    CU_ASSERT_FALSE(same_bits(network, &got, expected));
    bool right =
        near(got.output, rough.output, expected->output, got.output_count, outputs) &&
        near(got.statistics, rough.statistics, expected->statistics, network->statistics,
             outputs) &&
        near(got.gradients, rough.gradients, expected->gradients, network->parameters, gradients);
    if (!right)
        printf("%s in bfloat16: outputs are away by %g, gradients by %g\n",
               chosen->family.kind->name, distance(got.output, expected->output, got.output_count),
               distance(got.gradients, expected->gradients, network->parameters));
    CU_ASSERT(right);
    step_release(&got);
    step_release(&again);
    step_release(&rough);
    memory_free(fewer);
}

/* The network, made narrow, with initial parameters and statistics, to be freed; zeros are moved,
 * since they would hide what is behind them. */
static bool build_narrow(struct chosen *chosen, struct shape input, struct network *network,
                         float **parameters, float **statistics)
{
    const struct field *field = chosen->family.kind->fields;

    for (; field->name; field++)
        if (strcmp(field->name, "width") == 0)
            chosen->config[field->offset / sizeof(int64_t)] = NARROW;
    if (!build(chosen, input, network))
        return false;
    float *noise = floats(network->parameters);
    *parameters = floats(network->parameters);
    *statistics = floats(network->statistics);
    network_initialise(network, (struct random_key){.seed = 3}, *parameters, *statistics);
    fill(noise, network->parameters, 0, 0.02, 1);
    for (size_t i = 0; i < network->parameters; i++)
        (*parameters)[i] += noise[i];
    memory_free(noise);
    return true;
}

/* One step's forward and backward on every engine. */
static void check_step(struct chosen *chosen, struct shape input)
{
    const struct registry *engines = registry_engines();
    struct network network = {0};
    struct step expected, rough, got;
    float *parameters, *statistics;

    if (!build_narrow(chosen, input, &network, &parameters, &statistics))
        return;
    float *nearly = floats(network.parameters);
    make_step(&network, engine_of(registry_find(engines, "openblas")), PRECISION_FLOAT32,
              parameters, &expected);
    for (size_t i = 0; i < network.parameters; i++)
        nearly[i] = parameters[i] * (i % 2 ? 1 + 0x1p-21F : 1 - 0x1p-21F);
    make_step(&network, engine_of(registry_find(engines, "openblas")), PRECISION_FLOAT32, nearly,
              &rough);
    for (size_t i = 0; i < expected.output_count; i++)
        CU_ASSERT(isfinite(expected.output[i]));
    check_gradients(chosen, &network, expected.gradients);
    for (size_t e = 0; e < engines->count; e++) {
        const struct engine *engine = engine_of(engines->rows[e]);
        if (!engine->kernels)
            continue;
        make_step(&network, engine, PRECISION_FLOAT32, parameters, &got);
        check_engine(chosen, &network, &expected, &rough, &got);
        step_release(&got);
        if (engine_check(engine, PRECISION_BFLOAT16, NULL) == STATUS_OK)
            check_bfloat16(chosen, &network, engine, parameters, &expected);
    }
    step_release(&expected);
    step_release(&rough);
    memory_free(nearly);
    memory_free(parameters);
    memory_free(statistics);
    network_release(&network);
}

/* The output of inference for `batch` images; to be freed. */
static float *infer(const struct network *network, const struct engine *engine, int batch,
                    const float *parameters, const float *statistics)
{
    struct program program;
    struct executor executor;
    size_t in = (size_t)batch * shape_size(network->input);
    size_t out = (size_t)batch * shape_size(network->output);
    float *output = floats(out);

    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        program_new(&program, network, engine, PRECISION_FLOAT32, batch, PROGRAM_INFER, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &program, NULL, NULL), STATUS_OK);
    program_pack(&program, parameters, statistics);
    fill(executor.input, in, 0, 1, 2);
    executor_forward(&executor, parameters, statistics, (struct random_key){0}, 0);
    memcpy(output, executor.output, out * sizeof(float));
    executor_release(&executor);
    program_release(&program);
    return output;
}

/* Engines choose layouts by the size of the batch, and reorder where these do not fit. */
static void check_inference(struct chosen *chosen, struct shape input)
{
    static const int batches[] = {1, 2, 16};
    const struct registry *engines = registry_engines();
    struct network network = {0};
    float *parameters, *statistics;

    if (!build_narrow(chosen, input, &network, &parameters, &statistics))
        return;
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        size_t count = (size_t)batches[b] * shape_size(network.output);
        float *expected = infer(&network, engine_of(registry_find(engines, "openblas")), batches[b],
                                parameters, statistics);
        for (size_t e = 0; e < engines->count; e++) {
            const struct engine *engine = engine_of(engines->rows[e]);
            if (!engine->kernels)
                continue;
            float *got = infer(&network, engine, batches[b], parameters, statistics);
            CU_ASSERT(distance(got, expected, count) <= 1e-4);
            memory_free(got);
        }
        memory_free(expected);
    }
    memory_free(parameters);
    memory_free(statistics);
    network_release(&network);
}

/* Every family for every task that it serves. */
static void every_family(void (*check)(struct chosen *chosen))
{
    load_families("networks/families");
    const struct registry *registry = families_registry();
    CU_ASSERT(registry->count > 0);
    for (size_t r = 0; r < registry->count; r++) {
        const struct descriptor *family = registry->rows[r];
        size_t served = 0;
        CU_ASSERT_FATAL(family->config_size <= sizeof((struct chosen *)0)->config);
        for (size_t t = 0; t < registry_tasks()->count; t++) {
            struct chosen chosen = {.task = task_at((int64_t)t), .at = "defaults"};
            chosen.family = (struct component){.kind = family, .config = chosen.config};
            defaults_fill(family, chosen.config);
            if (!family_serves(family, chosen.task->labels))
                continue;
            served++;
            check(&chosen);
        }
        CU_ASSERT(served > 0);
    }
    families_release();
}

static void test_parameters(void)
{
    every_family(check_parameters);
}

static void test_odd_sides(void)
{
    every_family(check_odd_sides);
}

static void check_steps(struct chosen *chosen)
{
    check_step(chosen, (struct shape){3, 32, 32});
    check_step(chosen, (struct shape){1, 29, 31});
}

static void test_steps(void)
{
    every_family(check_steps);
}

static void check_inferences(struct chosen *chosen)
{
    check_inference(chosen, (struct shape){3, 32, 32});
    check_inference(chosen, (struct shape){1, 28, 28});
}

static void test_inference(void)
{
    every_family(check_inferences);
}

void families_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("families_property", NULL, NULL);
    CU_add_test(suite, "every family builds, and gives its target's shape", test_parameters);
    CU_add_test(suite, "odd sides pass, or are refused by the family", test_odd_sides);
    CU_add_test(suite, "one step reaches every parameter, the same on every engine", test_steps);
    CU_add_test(suite, "inference is the same on every engine", test_inference);
}
