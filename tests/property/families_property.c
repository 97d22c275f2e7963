/* What holds for every family that comes with the program. */
#include "base/memory.h"
#include "base/random.h"
#include "kinds/registry.h"
#include "network/network.h"
#include "tests/unit/choose_family.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>

void families_property_suite(void);

enum { CLASSES = 7, PARAMETERS = 64, BATCH = 2, NARROW = 8 };

/* A family with one choice of its parameters, for one task. */
struct chosen {
    struct component family;
    int64_t config[PARAMETERS];
    enum task task;
    const char *at; /* what is particular about it, for messages */
};

static struct shape target_of(const struct chosen *chosen, struct shape input)
{
    return chosen->task == TASK_CLASSIFY ? (struct shape){CLASSES, 1, 1} : input;
}

/* Build its network for such images. False where a condition on the images' sides refuses them;
 * any other refusal is a fault. */
static bool build(const struct chosen *chosen, struct shape input, struct network *network)
{
    struct error error = {0}, sides = {0};
    enum status status =
        network_new(network, &chosen->family, input, target_of(chosen, input), &error);
    bool fits = family_check_sides(&chosen->family, input, &sides) == STATUS_OK;

    CU_ASSERT_EQUAL(status, fits ? STATUS_OK : STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, sides.message);
    if (status != STATUS_OK && fits)
        printf("%s (%s, %s, %d x %d): %s\n", chosen->family.kind->name, task_names[chosen->task],
               chosen->at, input.height, input.width, error.message);
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

/* One step's forward and backward, made narrow; initial zeros are moved, since they would hide
 * what is behind them. */
static void check_step(struct chosen *chosen, struct shape input, const struct engine *engine)
{
    const struct field *field = chosen->family.kind->fields;
    struct random_key key = {.seed = 3};
    struct network network = {0};
    struct executor executor = {0};

    for (; field->name; field++)
        if (strcmp(field->name, "width") == 0)
            chosen->config[field->offset / sizeof(int64_t)] = NARROW;
    if (!build(chosen, input, &network))
        return;
    size_t in = BATCH * shape_size(network.input), out = BATCH * shape_size(network.output);
    float *parameters = floats(network.parameters), *gradients = floats(network.parameters);
    float *statistics = floats(network.statistics), *x = floats(in), *dy = floats(out);
    float *noise = floats(network.parameters);
    network_initialise(&network, key, parameters, statistics);
    fill(noise, network.parameters, 0, 0.02, 1);
    for (size_t i = 0; i < network.parameters; i++)
        parameters[i] += noise[i];
    fill(x, in, 0, 1, 2);
    fill(dy, out, -1, 1, 3);
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &network, engine, BATCH, true, NULL), STATUS_OK);
    const float *y = executor_forward(&executor, parameters, statistics, x, BATCH, key, 0);
    for (size_t i = 0; i < out; i++)
        CU_ASSERT(isfinite(y[i]));
    executor_backward(&executor, parameters, x, dy, BATCH, gradients);
    check_gradients(chosen, &network, gradients);
    executor_release(&executor);
    float *const owned[] = {parameters, gradients, statistics, x, dy, noise};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        memory_free(owned[i]);
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
        CU_ASSERT(family_serves(family, TASK_DENOISE) || family_serves(family, TASK_CLASSIFY));
        CU_ASSERT_FATAL(family->config_size <= sizeof((struct chosen *)0)->config);
        for (int task = TASK_DENOISE; task <= TASK_CLASSIFY; task++) {
            struct chosen chosen = {.task = (enum task)task, .at = "defaults"};
            chosen.family = (struct component){.kind = family, .config = chosen.config};
            defaults_fill(family, chosen.config);
            if (family_serves(family, chosen.task))
                check(&chosen);
        }
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
    const struct engine *engine =
        (const struct engine *)registry_find(registry_engines(), "openblas");

    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    check_step(chosen, (struct shape){3, 32, 32}, engine);
    check_step(chosen, (struct shape){1, 29, 31}, engine);
}

static void test_steps(void)
{
    every_family(check_steps);
}

void families_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("families_property", NULL, NULL);
    CU_add_test(suite, "every family builds, and gives its target's shape", test_parameters);
    CU_add_test(suite, "odd sides pass, or are refused by the family", test_odd_sides);
    CU_add_test(suite, "one step forward and backward reaches every parameter", test_steps);
}
