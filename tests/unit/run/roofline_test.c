/* hardware/roofline: layers by hand, on a machine of round numbers. */
#include "interfaces/hardware.h"

#include "tests/unit/defaults.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void roofline_suite(void);

extern const struct cost_model cost_model_roofline;

enum { CONFIG = 512, FLOAT32 = 0, INT8 = 2, CHANNELS = 0, OUTPUTS = 1 };

static struct error error;
static _Alignas(16) unsigned char config[CONFIG];

static void set(const char *name, double value)
{
    settings_set(&cost_model_roofline.descriptor, config, name, value);
}

static void set_list(const char *name, double *items, size_t count)
{
    const struct field *field = cost_model_roofline.descriptor.fields;
    struct real_list list = {items, count};

    while (strcmp(field->name, name) != 0)
        field++;
    memcpy(config + field->offset, &list, sizeof list);
}

/* 8 lanes, 1e9 multiply-adds a second, DRAM that never holds it up. */
static void plain(void)
{
    CU_ASSERT_FATAL(cost_model_roofline.descriptor.config_size <= CONFIG);
    memset(config, 0, sizeof config);
    defaults_fill(&cost_model_roofline.descriptor, config);
    set("clock_hz", 1e9);
    set("float32_per_s", 1e9);
    set("int8_per_s", 4e9);
    set("lanes", 8);
    set("divisions_per_s", 1e8);
    set("lookups_per_s", 5e8);
    set("dram_bytes_per_s", 1e15);
    set("busy_power_w", 10);
    set("idle_power_w", 4);
}

static struct layer_work convolution(double m, double k, double n)
{
    return (struct layer_work){.name = "conv",
                               .operations = {.multiply_adds = m * k * n},
                               .m = m,
                               .k = k,
                               .n = n,
                               .products = 1,
                               .inputs = m * k / 9,
                               .weights = k * n,
                               .outputs = m * n};
}

static struct hardware_cost cost_one(struct layer_work work)
{
    struct hardware_cost cost;
    CU_ASSERT_EQUAL_FATAL(
        cost_model_roofline.cost(config, &(struct network_work){.layers = &work, .count = 1}, &cost,
                                 NULL, &error),
        STATUS_OK);
    return cost;
}

/* 16 to 32 channels on 28 x 28: 784 x 144 x 32 = 3,612,672 multiply-adds at 1e9 a second. */
static void test_compute_bound(void)
{
    plain();
    struct hardware_cost cost = cost_one(convolution(784, 144, 32));
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 3612672e-9, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.cycles, 3612672, 1e-6);
    /* In and out once, weights once: 4 bytes each. */
    CU_ASSERT_EQUAL(cost.dram_bytes, 4 * (784 * 16 + 784 * 32 + 144 * 32));
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_j, 36126.72e-6, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.idle_energy_j, 14450.688e-6, 1e-12);
    /* A bias is one more instruction for each output. */
    struct layer_work biased = convolution(784, 144, 32);
    biased.operations.additions = 784 * 32;
    CU_ASSERT_DOUBLE_EQUAL(cost_one(biased).latency_s, 3612672e-9 + 25088e-9, 1e-15);
    /* Integers: four times as fast, a quarter of the bytes. */
    set("format", INT8);
    cost = cost_one(convolution(784, 144, 32));
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 903168e-9, 1e-15);
    CU_ASSERT_EQUAL(cost.dram_bytes, 784 * 16 + 784 * 32 + 144 * 32);
    CU_ASSERT_EQUAL(cost_model_roofline.value_bytes(config), 1);
}

/* A dense layer of 1024 x 1024 reads 4 MiB of weights once. */
static void test_memory_bound(void)
{
    struct layer_work work = convolution(1, 1024, 1024);

    plain();
    work.inputs = 1024;
    set("dram_bytes_per_s", 1e9);
    struct hardware_cost cost = cost_one(work);
    CU_ASSERT_EQUAL(cost.dram_bytes, 4194304 + 8192);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 4202496e-9, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, 1048576.0 / 4202496, 1e-12);
    set("batch", 4); /* four images share the weights */
    cost = cost_one(work);
    CU_ASSERT_EQUAL(cost.dram_bytes, 1048576 + 8192);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 1056768e-9, 1e-15);
}

/* Narrow layers fill their lanes badly: 1, 3 and 8 channels take the time of 8, 9 that of 16. */
static void test_narrow(void)
{
    static const double narrow[][2] = {{1, 8}, {3, 8}, {8, 8}, {9, 16}, {16, 16}};

    plain();
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        double n = narrow[i][0];
        /* One channel fills the lanes of one group no better. */
        struct hardware_cost cost = cost_one(convolution(100, 9, n));
        CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 900 * narrow[i][1] * 1e-9, 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, n / narrow[i][1], 1e-12);
    }
    /* Depthwise, 12 groups of one channel: the groups lie in the lanes, 16 of them. */
    struct layer_work work = convolution(100, 9, 1);
    work.products = 12;
    work.operations.multiply_adds *= 12;
    CU_ASSERT_DOUBLE_EQUAL(cost_one(work).latency_s, 900 * 16 * 1e-9, 1e-15);
    /* Three groups of four channels: each in its own lanes. */
    work = convolution(100, 9, 4);
    work.products = 3;
    CU_ASSERT_DOUBLE_EQUAL(cost_one(work).latency_s, 900 * 3 * 8 * 1e-9, 1e-15);
    /* Threads take all outputs: 100 x 3 = 300 of 512, of 10 images 3000 of 3072. */
    set("padded", OUTPUTS);
    set("lanes", 512);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(convolution(100, 9, 3)).latency_s, 9 * 512e-9, 1e-15);
    set("batch", 10);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(convolution(100, 9, 3)).latency_s, 9 * 307.2e-9, 1e-15);
}

/* Layers that are no products: instructions of full lanes, and bytes. */
static void test_other_layers(void)
{
    struct layer_work pool = {.operations = {.comparisons = 3000}, .inputs = 4000, .outputs = 1000};
    struct layer_work norm = {
        .operations = {.multiply_adds = 4000}, .inputs = 4000, .weights = 20, .outputs = 4000};
    struct layer_work softmax = {.operations = {.comparisons = 9,
                                                .additions = 19,
                                                .divisions = 10,
                                                .exponentials = 10,
                                                .lookups = 5},
                                 .inputs = 10,
                                 .outputs = 10};
    struct layer_work concat = {.inputs = 500, .outputs = 500};

    plain();
    CU_ASSERT_DOUBLE_EQUAL(cost_one(pool).latency_s, 3000e-9, 1e-15);
    CU_ASSERT_EQUAL(cost_one(pool).utilisation, 0);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(norm).latency_s, 4000e-9, 1e-15);
    /* 28 + 10 divisions of 10 ns + 10 exponentials of 20 + 5 reads of 2 ns */
    CU_ASSERT_DOUBLE_EQUAL(cost_one(softmax).latency_s, (28 + 100 + 200 + 10) * 1e-9, 1e-15);
    set("exponentials_per_s", 2e8);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(softmax).latency_s, (28 + 100 + 50 + 10) * 1e-9, 1e-15);
    set("dram_bytes_per_s", 1e9);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(concat).latency_s, 4000e-9, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(pool).latency_s, 20000e-9, 1e-15);
    set("layer_overhead_s", 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(concat).latency_s, 5000e-9, 1e-15);
    set("batch", 10);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(concat).latency_s, 4100e-9, 1e-15);
}

/* Three layers of 1000 values, whose middle one lies in a cache of 8,000 bytes, or in the next. */
static void test_caches(void)
{
    static double sizes[] = {8000, 20000}, rates[] = {4e9, 2e9}, joules[] = {1e-12, 5e-12};
    struct layer_work layers[3] = {{.inputs = 1000, .outputs = 1000},
                                   {.inputs = 1000, .outputs = 1000},
                                   {.inputs = 1000, .outputs = 1000}};
    struct hardware_cost by_layer[3], sum;

    plain();
    set("dram_bytes_per_s", 1e9);
    set_list("cache_bytes", sizes, 2);
    set_list("cache_bytes_per_s", rates, 2);
    CU_ASSERT_EQUAL(cost_model_roofline.cost(config,
                                             &(struct network_work){.layers = layers, .count = 3},
                                             &sum, by_layer, &error),
                    STATUS_OK);
    /* The image comes from DRAM, the answer goes there: 4000 B at 1 B/ns, 4000 at 4. */
    CU_ASSERT_DOUBLE_EQUAL(by_layer[0].latency_s, 5000e-9, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].latency_s, 2000e-9, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[2].latency_s, 5000e-9, 1e-15);
    CU_ASSERT_EQUAL(sum.dram_bytes, 8000);
    /* 10 weights beside them: all of it in the second level, 8,000 B and 40 B at 2 B/ns. */
    layers[1].weights = 10;
    CU_ASSERT_EQUAL(cost_model_roofline.cost(config,
                                             &(struct network_work){.layers = layers, .count = 3},
                                             &sum, by_layer, &error),
                    STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].latency_s, 4020e-9, 1e-15);
    CU_ASSERT_EQUAL(by_layer[1].dram_bytes, 0);
    /* The last layer's 4,000 weights drive those of the others out: they come from DRAM. */
    layers[2].weights = 4000;
    CU_ASSERT_EQUAL(cost_model_roofline.cost(config,
                                             &(struct network_work){.layers = layers, .count = 3},
                                             &sum, by_layer, &error),
                    STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].latency_s, 4040e-9, 1e-15);
    CU_ASSERT_EQUAL(by_layer[1].dram_bytes, 40);
    /* Two images a batch: 16,000 bytes of values, and the weights once for both. */
    set("batch", 2);
    CU_ASSERT_EQUAL(cost_model_roofline.cost(config,
                                             &(struct network_work){.layers = layers, .count = 3},
                                             &sum, by_layer, &error),
                    STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].latency_s, 4020e-9, 1e-15);
    CU_ASSERT_EQUAL(by_layer[1].dram_bytes, 20);
    /* Energy: idle, 3 pJ an operation, 5 pJ a byte of level two, 100 pJ one of DRAM. */
    set("operation_j", 3e-12);
    set("dram_j_per_byte", 100e-12);
    set_list("cache_j_per_byte", joules, 2);
    layers[1].operations =
        (struct operations){.comparisons = 100, .exponentials = 2, .divisions = 1, .lookups = 1};
    CU_ASSERT_EQUAL(cost_model_roofline.cost(config,
                                             &(struct network_work){.layers = layers, .count = 3},
                                             &sum, by_layer, &error),
                    STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].idle_energy_j, 4 * by_layer[1].latency_s, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].energy_j - by_layer[1].idle_energy_j,
                           142 * 3e-12 + 8000 * 5e-12 + 20 * 100e-12, 1e-18);
}

/* Stages are float32 and come one image at a time, whatever the networks do. */
static void test_program(void)
{
    const struct layer_work stages[2] = {
        {.name = "median", .operations = {.comparisons = 14112}, .inputs = 784, .outputs = 784},
        {.name = "gaussian", .operations = {.multiply_adds = 3136}, .inputs = 784, .outputs = 784}};
    struct hardware_cost cost;

    plain();
    set("format", INT8);
    set("batch", 8);
    set("layer_overhead_s", 1e-6);
    CU_ASSERT_EQUAL(cost_model_roofline.program(config, stages, 2, &cost, &error), STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 17248e-9 + 2e-6, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_j, 10 * cost.latency_s, 1e-18);
    CU_ASSERT_EQUAL(cost.dram_bytes, 4 * 784 * 4);
    CU_ASSERT_EQUAL(cost_model_roofline.program(config, NULL, 0, &cost, &error), STATUS_OK);
    CU_ASSERT_EQUAL(cost.latency_s, 0);
}

/* 1000 additions and 10 divisions, where the first cache gives 2e9 bytes a second: eight bytes
 * each. */
static void test_operands(void)
{
    struct layer_work stage = {.name = "stage", .operations = {.additions = 1000, .divisions = 10}};
    double sizes[] = {32768}, rates[] = {2e9};
    struct hardware_cost cost;

    plain();
    set_list("cache_bytes", sizes, 1);
    set_list("cache_bytes_per_s", rates, 1);
    CU_ASSERT_EQUAL(cost_model_roofline.program(config, &stage, 1, &cost, &error), STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 1000 * 4e-9 + 10 * 1e-8, 1e-15);
    /* A network's layers have theirs from the layer before. */
    CU_ASSERT_DOUBLE_EQUAL(cost_one(stage).latency_s, 1000 * 1e-9 + 10 * 1e-8, 1e-15);
    /* One value after another leaves seven of eight lanes empty, and takes two instructions;
     * threads of a GPU it fills. */
    stage.scalar = true;
    CU_ASSERT_EQUAL(cost_model_roofline.program(config, &stage, 1, &cost, &error), STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 8 * (2 * 1000 * 1e-9 + 10 * 1e-8), 1e-15);
    set("padded", OUTPUTS);
    CU_ASSERT_EQUAL(cost_model_roofline.program(config, &stage, 1, &cost, &error), STATUS_OK);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 1000 * 4e-9 + 10 * 1e-8, 1e-15);
}

/* Power that nobody told makes no energy of 0. */
static void test_unknown_power(void)
{
    plain();
    set("idle_power_w", 0);
    struct hardware_cost cost = cost_one(convolution(100, 9, 8));
    CU_ASSERT(isnan(cost.idle_energy_j) && cost.energy_j > 0);
    set("busy_power_w", 0);
    cost = cost_one(convolution(100, 9, 8));
    CU_ASSERT(isnan(cost.energy_j) && cost.latency_s > 0);
    set("operation_j", 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(convolution(100, 9, 8)).energy_j, 7200e-12, 1e-21);
}

void roofline_suite(void)
{
    CU_pSuite suite = CU_add_suite("roofline", NULL, NULL);
    CU_add_test(suite, "a convolution bound by arithmetic", test_compute_bound);
    CU_add_test(suite, "a dense layer bound by memory", test_memory_bound);
    CU_add_test(suite, "narrow channels waste lanes", test_narrow);
    CU_add_test(suite, "layers that are no products", test_other_layers);
    CU_add_test(suite, "caches, and energy by operations and bytes", test_caches);
    CU_add_test(suite, "pipelines", test_program);
    CU_add_test(suite, "operands of stages, and stages that fill no vectors", test_operands);
    CU_add_test(suite, "unknown power", test_unknown_power);
}
