/* What holds for every cost model. */
#include "base/memory.h"
#include "hardware/registry.h"
#include "interfaces/hardware.h"
#include "tests/unit/defaults.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

void cost_models_property_suite(void);

enum { LAYERS = 3 };

/* A convolution with its bias, a rectifier, a dense layer. */
static const struct layer_work layers[LAYERS] = {
    {.name = "conv1",
     .operations = {.multiply_adds = 784.0 * 9 * 16, .additions = 784 * 16},
     .m = 784,
     .k = 9,
     .n = 16,
     .products = 1,
     .rows = 28,
     .kernel = 3,
     .stride = 1,
     .inputs = 784,
     .weights = 9 * 16 + 16,
     .outputs = 784 * 16},
    {.name = "relu1",
     .operations = {.comparisons = 784 * 16},
     .inputs = 784 * 16,
     .outputs = 784 * 16},
    {.name = "dense1",
     .operations = {.multiply_adds = 784.0 * 16 * 10},
     .m = 1,
     .k = 784 * 16,
     .n = 10,
     .products = 1,
     .rows = 1,
     .kernel = 1,
     .stride = 1,
     .inputs = 784 * 16,
     .weights = 784 * 16 * 10,
     .outputs = 10},
};

static bool is_cost(const struct hardware_cost *cost)
{
    const double values[] = {cost->latency_s, cost->energy_j,      cost->dram_bytes,
                             cost->cycles,    cost->idle_energy_j, cost->utilisation};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (!(values[i] >= 0) || !isfinite(values[i]))
            return false;
    return cost->utilisation <= 1;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

static void check_model(const struct cost_model *model, const void *config)
{
    struct hardware_cost cost, again, by_layer[LAYERS], sum = {0}, one;
    struct error error = {0};

    CU_ASSERT_EQUAL(model->cost(config, &(struct network_work){.layers = layers, .count = LAYERS},
                                &cost, by_layer, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL(model->cost(config, &(struct network_work){.layers = layers, .count = LAYERS},
                                &again, NULL, &error),
                    STATUS_OK);
    CU_ASSERT(memcmp(&cost, &again, sizeof cost) == 0);
    CU_ASSERT(is_cost(&cost) && cost.latency_s > 0);
    for (size_t i = 0; i < LAYERS; i++) {
        CU_ASSERT(is_cost(&by_layer[i]));
        sum.latency_s += by_layer[i].latency_s;
        sum.energy_j += by_layer[i].energy_j;
        sum.dram_bytes += by_layer[i].dram_bytes;
        sum.cycles += by_layer[i].cycles;
    }
    CU_ASSERT(is_near(sum.latency_s, cost.latency_s) && is_near(sum.energy_j, cost.energy_j));
    CU_ASSERT(is_near(sum.dram_bytes, cost.dram_bytes) && is_near(sum.cycles, cost.cycles));
    CU_ASSERT(cost.idle_energy_j <= cost.energy_j);
    CU_ASSERT(model->value_bytes(config) > 0);
    CU_ASSERT_EQUAL(model->cost(config, &(struct network_work){.layers = layers, .count = 1}, &one,
                                NULL, &error),
                    STATUS_OK);
    CU_ASSERT(one.latency_s <= cost.latency_s);
    CU_ASSERT_EQUAL(
        model->cost(config, &(struct network_work){.layers = NULL, .count = 0}, &one, NULL, &error),
        STATUS_OK);
    CU_ASSERT(is_cost(&one) && one.latency_s == 0);
}

/* Without, energy may be unknown. */
static void set_power(const struct descriptor *model, void *config)
{
    for (const struct field *field = model->fields; field->name; field++)
        if (strcmp(field->name, "busy_power_w") == 0)
            settings_set(model, config, field->name, 2);
    settings_set(model, config, "idle_power_w", 1);
}

static void every_model(void)
{
    const struct registry *registry = registry_cost_models();

    for (size_t r = 0; r < registry->count; r++) {
        const struct descriptor *row = registry->rows[r];
        void *config;
        CU_ASSERT_FATAL(memory_new(&config, row->config_size + 1, 1, NULL) == STATUS_OK);
        defaults_fill(row, config);
        set_power(row, config);
        check_model(cost_model_of(row), config);
        memory_free(config);
    }
}

/* Programs: the more of anything, the longer; what nobody knows stays unknown. */
static void check_program(const struct cost_model *model, const void *config)
{
    static const size_t counts[] = {
        offsetof(struct operations, multiply_adds),   offsetof(struct operations, additions),
        offsetof(struct operations, multiplications), offsetof(struct operations, comparisons),
        offsetof(struct operations, divisions),       offsetof(struct operations, exponentials),
        offsetof(struct operations, lookups)};
    struct error error = {0};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct layer_work stage = {.name = "stage", .inputs = 784, .outputs = 784};
        struct hardware_cost none, some, unknown;
        CU_ASSERT_EQUAL(model->program(config, &stage, 1, &none, &error), STATUS_OK);
        double *count = (double *)(void *)((char *)&stage.operations + counts[i]);
        *count = 1e18;
        CU_ASSERT_EQUAL(model->program(config, &stage, 1, &some, &error), STATUS_OK);
        CU_ASSERT(is_cost(&none) && is_cost(&some));
        CU_ASSERT(some.latency_s > none.latency_s && some.energy_j > none.energy_j);
        CU_ASSERT_EQUAL(some.dram_bytes, none.dram_bytes);
        *count = NAN;
        CU_ASSERT_EQUAL(model->program(config, &stage, 1, &unknown, &error), STATUS_OK);
        CU_ASSERT(isnan(unknown.latency_s) && isnan(unknown.energy_j));
    }
}

static void every_program(void)
{
    const struct registry *registry = registry_cost_models();
    int met = 0;

    for (size_t r = 0; r < registry->count; r++) {
        const struct cost_model *model = cost_model_of(registry->rows[r]);
        void *config;
        if (!model->program)
            continue;
        CU_ASSERT_FATAL(memory_new(&config, model->descriptor.config_size, 1, NULL) == STATUS_OK);
        defaults_fill(&model->descriptor, config);
        settings_set(&model->descriptor, config, "busy_power_w", 2);
        settings_set(&model->descriptor, config, "idle_power_w", 1);
        check_program(model, config);
        memory_free(config);
        met++;
    }
    CU_ASSERT(met > 0);
}

void cost_models_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("cost_models_property", NULL, NULL);
    CU_add_test(suite, "costs are finite, repeat, and are the sum over layers", every_model);
    CU_add_test(suite, "programs: more takes longer, unknown stays unknown", every_program);
}
