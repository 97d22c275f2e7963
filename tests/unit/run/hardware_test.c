/* hardware/systolic: cycles against SCALE-Sim's own example, the rest by hand and by scaling. */
#include "interfaces/hardware.h"

#include "tests/unit/defaults.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void hardware_suite(void);

extern const struct cost_model cost_model_systolic;

enum { CONFIG = 256, OUTPUT = 0, WEIGHT = 1, INPUT = 2 };

static struct error error;
static _Alignas(16) unsigned char config[CONFIG];

static void set(const char *name, double value)
{
    settings_set(&cost_model_systolic.descriptor, config, name, value);
}

/* An array whose memory never holds it up. */
static void ideal(double rows, double columns, int flow)
{
    memset(config, 0, sizeof config);
    defaults_fill(&cost_model_systolic.descriptor, config);
    set("rows", rows);
    set("columns", columns);
    set("dataflow", flow);
    set("clock_hz", 1e9);
    set("dram_bytes_per_s", 1e15);
    set("buffer_bytes", 1e12);
    set("busy_power_w", 40);
    set("idle_power_w", 28);
}

static struct layer_work product(double m, double k, double n)
{
    return (struct layer_work){.name = "product",
                               .operations = {.multiply_adds = m * k * n},
                               .m = m,
                               .k = k,
                               .n = n,
                               .products = 1,
                               .inputs = m * k,
                               .weights = k * n,
                               .outputs = m * n};
}

static struct hardware_cost cost_of(const struct layer_work *layers, size_t count)
{
    struct hardware_cost cost;
    CU_ASSERT_EQUAL_FATAL(
        cost_model_systolic.cost(config, &(struct network_work){.layers = layers, .count = count},
                                 &cost, NULL, &error),
        STATUS_OK);
    return cost;
}

static struct hardware_cost cost_one(struct layer_work work)
{
    return cost_of(&work, 1);
}

static void test_scale_sim(void)
{
    static const double cycles[] = {[OUTPUT] = 45, [WEIGHT] = 63, [INPUT] = 115};

    for (int flow = OUTPUT; flow <= INPUT; flow++) {
        ideal(8, 8, flow);
        struct hardware_cost cost = cost_one(product(10, 9, 7));
        CU_ASSERT_EQUAL(cost.cycles, cycles[flow]);
        CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, cycles[flow] / 1e9, 1e-18);
        CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, 10 * 9 * 7 / (64 * cycles[flow]), 1e-12);
    }
}

/* A 3x3 convolution of 16 to 32 channels on 28x28, bytes, on a 16 x 16 array, weight stationary:
 * M = 784, K = 144, N = 32: 9 x 2 folds of 2*16 + 16 + 784 - 2 = 830 cycles, less 1: 14939. */
static void test_convolution_by_hand(void)
{
    struct layer_work work = product(784, 144, 32);
    work.inputs = 28 * 28 * 16;
    work.weights = 144 * 32 + 32;
    work.outputs = 28 * 28 * 32;
    ideal(16, 16, WEIGHT);
    set("clock_hz", 2e8);
    set("dram_bytes_per_s", 1e9);
    struct hardware_cost cost = cost_one(work);
    CU_ASSERT_EQUAL(cost.cycles, 14939);
    /* 12544 in + 4640 weights + 25088 out: 42.3 us of memory, hidden behind 74.7 us. */
    CU_ASSERT_EQUAL(cost.dram_bytes, 42272);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 14939 / 2e8, 1e-15);
    double utilisation = 784.0 * 144 * 32 / (256.0 * 14939);
    CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, utilisation, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_j, 14939 / 2e8 * (28 + 12 * utilisation), 1e-12);
    set("dram_j_per_byte", 1e-10);
    CU_ASSERT_DOUBLE_EQUAL(cost_one(work).energy_j, cost.energy_j + 42272e-10, 1e-12);
    /* The buffer does not hold inputs and outputs: inputs pass once for each of 2 column folds. */
    set("buffer_bytes", 20000);
    CU_ASSERT_EQUAL(cost_one(work).dram_bytes, 2 * 12544 + 25088 + 4640);
    /* Four groups are four products of their own. */
    work.products = 4;
    work.k = 36;
    work.n = 8;
    CU_ASSERT_EQUAL(cost_one(work).cycles, 4 * (3 * 1 * 830 - 1));
}

/* A dense layer of one image reads each weight once for one multiply-add: bound by memory. */
static void test_memory_bound(void)
{
    ideal(256, 256, WEIGHT);
    set("clock_hz", 7e8);
    set("dram_bytes_per_s", 34e9);
    struct layer_work work = product(1, 2048, 2048);
    struct hardware_cost cost = cost_one(work);
    CU_ASSERT_EQUAL(cost.dram_bytes, 2048 * 2048 + 2 * 2048);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, cost.dram_bytes / 34e9, 1e-15);
    CU_ASSERT(cost.latency_s > cost.cycles / 7e8);
    /* Between other layers only the weights are read: 123 us a batch. Computing takes 64 folds of
     * 766 cycles and one an image: the longer from 584 images on. (Without filling and draining it
     * would be TPU v1's published ridge, 1350.) */
    struct layer_work layers[] = {work, work, work};
    struct hardware_cost sum, by_layer[3];
    for (int batch = 500; batch <= 3000; batch += 500) {
        set("batch", batch);
        CU_ASSERT_EQUAL_FATAL(
            cost_model_systolic.cost(config, &(struct network_work){.layers = layers, .count = 3},
                                     &sum, by_layer, &error),
            STATUS_OK);
        double memory = 2048 * 2048 / 34e9 / batch, computing = by_layer[1].cycles / 7e8;
        CU_ASSERT_EQUAL(memory > computing, batch < 584);
        CU_ASSERT_DOUBLE_EQUAL(by_layer[1].latency_s, fmax(memory, computing), 1e-15);
    }
    CU_ASSERT_DOUBLE_EQUAL(by_layer[1].utilisation, 3000 / 3766.0, 1e-4);
}

/* What stays on the chip: only the first layer reads, and only the last writes. */
static void test_network(void)
{
    struct layer_work layers[3] = {product(100, 9, 8), {.name = "relu"}, product(100, 72, 4)};
    struct hardware_cost by_layer[3], sum;

    layers[1].operations.comparisons = 800;
    layers[1].inputs = layers[1].outputs = 800;
    ideal(8, 8, OUTPUT);
    CU_ASSERT_EQUAL_FATAL(
        cost_model_systolic.cost(config, &(struct network_work){.layers = layers, .count = 3}, &sum,
                                 by_layer, &error),
        STATUS_OK);
    CU_ASSERT_EQUAL(by_layer[0].dram_bytes, 900 + 72);
    CU_ASSERT_EQUAL(by_layer[1].dram_bytes, 0);
    CU_ASSERT_EQUAL(by_layer[1].cycles, 100); /* 800 comparisons on 8 lanes */
    CU_ASSERT_EQUAL(by_layer[1].utilisation, 0);
    CU_ASSERT_EQUAL(by_layer[2].dram_bytes, 72 * 4 + 400);
    double energy = 0, latency = 0;
    for (int i = 0; i < 3; i++) {
        energy += by_layer[i].energy_j;
        latency += by_layer[i].latency_s;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum.energy_j, energy, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(sum.latency_s, latency, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(sum.utilisation, (100 * 9 * 8 + 100 * 72 * 4) / (64 * latency * 1e9),
                           1e-12);
    CU_ASSERT(sum.energy_j > 28 * latency && sum.energy_j < 40 * latency);
    CU_ASSERT_EQUAL(cost_of(layers, 0).energy_j, 0);
}

static void test_scaling(void)
{
    for (int flow = OUTPUT; flow <= INPUT; flow++) {
        struct layer_work work = product(4096, 512, 256);
        ideal(32, 32, flow);
        struct hardware_cost base = cost_one(work);
        set("clock_hz", 2e9);
        CU_ASSERT_DOUBLE_EQUAL(cost_one(work).latency_s, base.latency_s / 2, 1e-15);
        set("clock_hz", 1e9);
        double last = base.latency_s;
        for (int side = 64; side <= 256; side *= 2) { /* a larger array, as large as the product */
            set("rows", side);
            set("columns", side);
            double latency = cost_one(work).latency_s;
            CU_ASSERT(latency < last);
            last = latency;
        }
        set("rows", 32);
        set("columns", 32);
        last = 0;
        for (double bandwidth = 1e12; bandwidth >= 1e6; bandwidth /= 10) {
            set("dram_bytes_per_s", bandwidth);
            struct hardware_cost cost = cost_one(work);
            CU_ASSERT(cost.latency_s >= last && cost.cycles == base.cycles);
            CU_ASSERT(cost.utilisation > 0 && cost.utilisation <= 1);
            last = cost.latency_s;
        }
        last = INFINITY;
        for (int batch = 1; batch <= 64; batch *= 2) { /* weights are shared */
            set("batch", batch);
            double latency = cost_one(work).latency_s;
            CU_ASSERT(latency <= last);
            last = latency;
        }
        set("batch", 1);
        last = 0;
        for (double bytes = 1e9; bytes >= 1; bytes /= 10) {
            set("buffer_bytes", bytes);
            double traffic = cost_one(work).dram_bytes;
            CU_ASSERT(traffic >= last);
            last = traffic;
        }
        CU_ASSERT(last > base.dram_bytes);
    }
}

static void test_extremes(void)
{
    ideal(1, 1, OUTPUT);
    struct hardware_cost cost = cost_one(product(1, 1, 1));
    CU_ASSERT(cost.latency_s > 0 && cost.utilisation > 0 && cost.utilisation <= 1);
    CU_ASSERT_EQUAL(cost_one(product(10, 10, 10)).utilisation, 1);
    struct layer_work flatten = {.name = "flatten", .inputs = 10, .outputs = 10};
    ideal(8, 8, WEIGHT);
    struct layer_work layers[] = {product(4, 4, 4), flatten, product(4, 4, 4)};
    struct hardware_cost by_layer[3], sum;
    CU_ASSERT_EQUAL_FATAL(
        cost_model_systolic.cost(config, &(struct network_work){.layers = layers, .count = 3}, &sum,
                                 by_layer, &error),
        STATUS_OK);
    CU_ASSERT(by_layer[1].latency_s == 0 && by_layer[1].energy_j == 0);
    set("idle_power_w", 41);
    const char *field;
    CU_ASSERT_EQUAL(cost_model_systolic.check(config, &field, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(field, "idle_power_w");
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "expected at most busy_power_w"));
}

void hardware_suite(void)
{
    CU_pSuite suite = CU_add_suite("hardware", NULL, NULL);
    CU_add_test(suite, "cycles of SCALE-Sim's example", test_scale_sim);
    CU_add_test(suite, "a convolution by hand", test_convolution_by_hand);
    CU_add_test(suite, "a dense layer is bound by memory", test_memory_bound);
    CU_add_test(suite, "layers add up; what stays on the chip costs no traffic", test_network);
    CU_add_test(suite, "clock, size, bandwidth, batch and buffer", test_scaling);
    CU_add_test(suite, "the smallest array, empty layers, impossible power", test_extremes);
}
