/* hardware/row_stationary: against what was measured on Eyeriss, and by hand. */
#include "hardware/machine.h"
#include "tests/unit/scratch.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void row_stationary_suite(void);

extern const struct cost_model cost_model_row_stationary;

static struct error error;

/* A square convolution; the output has `side` rows. */
static struct layer_work convolution(double side, double kernel, double channels, double filters,
                                     double stride, double groups)
{
    double k = kernel * kernel * channels / groups, input = (side - 1) * stride + kernel;

    return (struct layer_work){.name = "conv",
                               .m = side * side,
                               .k = k,
                               .n = filters / groups,
                               .products = groups,
                               .rows = side,
                               .kernel = kernel,
                               .stride = stride,
                               .operations = {.multiply_adds = side * side * k * filters},
                               .inputs = input * input * channels,
                               .weights = k * filters,
                               .outputs = side * side * filters};
}

static struct {
    struct arena arena;
    struct machine machine;
} eyeriss;

static void load(void)
{
    struct diagnostics found = {0};

    CU_ASSERT_EQUAL_FATAL(machine_load(TEXTS("experiments/hardware"), "eyeriss",
                                       (struct yaml_mark){"test", 1, 1}, "hardware[0]",
                                       &eyeriss.arena, &eyeriss.machine, &found, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
}

static void set(const char *name, double value)
{
    settings_set(&cost_model_row_stationary.descriptor,
                 (void *)(uintptr_t)eyeriss.machine.model.config, name, value);
}

static struct hardware_cost cost_of(const struct layer_work *layers, size_t count,
                                    struct hardware_cost *by_layer)
{
    struct network_work network = {.layers = layers, .count = count};
    struct hardware_cost cost;

    CU_ASSERT_EQUAL_FATAL(cost_model_row_stationary.cost(eyeriss.machine.model.config, &network,
                                                         &cost, by_layer, &error),
                          STATUS_OK);
    return cost;
}

enum { ALEXNET = 5 };

/* Latencies of four images, with loading, as measured (JSSC 2017, table V). */
static const double alexnet_ms[ALEXNET] = {20.9, 41.9, 23.6, 18.4, 10.5};

static void alexnet(struct layer_work layers[ALEXNET])
{
    layers[0] = convolution(55, 11, 3, 96, 4, 1);
    layers[1] = convolution(27, 5, 96, 256, 1, 2);
    layers[2] = convolution(13, 3, 256, 384, 1, 1);
    layers[3] = convolution(13, 3, 384, 384, 1, 2);
    layers[4] = convolution(13, 3, 384, 256, 1, 2);
}

/* 34.7 images a second at 278 mW, of which DRAM has no part. */
static void test_alexnet(void)
{
    struct layer_work layers[ALEXNET];
    struct hardware_cost by_layer[ALEXNET];

    load();
    alexnet(layers);
    struct hardware_cost cost = cost_of(layers, ALEXNET, by_layer);
    for (size_t i = 0; i < ALEXNET; i++)
        CU_ASSERT(fabs(4e3 * by_layer[i].latency_s / alexnet_ms[i] - 1) < 0.25);
    CU_ASSERT(fabs(1 / cost.latency_s / 34.7 - 1) < 0.1);
    set("dram_energy", 0);
    cost = cost_of(layers, ALEXNET, NULL);
    CU_ASSERT(fabs(cost.energy_j / cost.latency_s / 0.278 - 1) < 0.1);
    CU_ASSERT_DOUBLE_EQUAL(cost.idle_energy_j, 0.125 * cost.latency_s, 1e-12);
    arena_release(&eyeriss.arena);
}

/* VGG-16 in batches of three: 0.7 images a second and 236 mW were measured. The model is twice as
 * fast: wide layers take many passes, and it leaves out that the array fills anew in each. */
static void test_vgg(void)
{
    enum { LAYERS = 13 };
    static const struct {
        double side, channels, filters;
    } plan[LAYERS] = {{224, 3, 64},   {224, 64, 64},  {112, 64, 128}, {112, 128, 128},
                      {56, 128, 256}, {56, 256, 256}, {56, 256, 256}, {28, 256, 512},
                      {28, 512, 512}, {28, 512, 512}, {14, 512, 512}, {14, 512, 512},
                      {14, 512, 512}};
    struct layer_work layers[LAYERS];

    for (size_t i = 0; i < LAYERS; i++)
        layers[i] = convolution(plan[i].side, 3, plan[i].channels, plan[i].filters, 1, 1);
    load();
    set("batch", 3);
    double per_second = 1 / cost_of(layers, LAYERS, NULL).latency_s;
    CU_ASSERT(per_second > 0.7 && per_second < 0.7 * 2.1);
    arena_release(&eyeriss.arena);
}

/* One image of 5 x 5, one filter of 3 x 3: a pass of three rows. The filter takes 9 / 4 cycles,
 * each element 9, and the inputs' bus 25. Weights wait for nothing; 25 inputs and 9 outputs pass
 * the link before and after. */
static void test_by_hand(void)
{
    struct layer_work layer = convolution(3, 3, 1, 1, 1, 1);

    load();
    set("batch", 1);
    struct hardware_cost cost = cost_of(&layer, 1, NULL);
    double seconds = 27.25 / 200e6 + 34 * 2 / 480e6;
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, seconds, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cost.cycles, seconds * 200e6, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(cost.dram_bytes, 2 * (34 + 9), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, 81 / (168 * cost.cycles), 1e-12);
    /* Registers 5 x 81; 9 elements get 5 inputs and 3 weights, 9 sums go up twice: 2 x 90; buffer
     * 6 x (25 + 9 + 2 x 9); DRAM 200 x 43. */
    double energy = 1.5e-12 * (405 + 180 + 312 + 8600) + 0.125 * seconds;
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_j, energy, 1e-18);
    /* Groups are computed one after the other. */
    struct layer_work groups = convolution(3, 3, 7, 7, 1, 7);
    CU_ASSERT_DOUBLE_EQUAL(cost_of(&groups, 1, NULL).latency_s, 7 * seconds, 1e-14);
    /* A sum of two images reads and writes the DRAM; an activation nothing. */
    struct layer_work others[] = {{.inputs = 200, .outputs = 100}, {.inputs = 100, .outputs = 100}};
    struct hardware_cost by_layer[2];
    cost = cost_of(others, 2, by_layer);
    CU_ASSERT_DOUBLE_EQUAL(by_layer[0].latency_s, 600 / 480e6, 1e-15);
    CU_ASSERT_EQUAL(by_layer[1].latency_s, 0);
    arena_release(&eyeriss.arena);
}

static void test_scaling(void)
{
    struct layer_work layers[] = {convolution(13, 3, 256, 384, 1, 1),
                                  convolution(20, 15, 3, 8, 1, 1),
                                  convolution(1, 1, 9216, 100, 1, 1)};

    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        load();
        double last = INFINITY;
        for (double bytes = 5e4; bytes < 1e7; bytes *= 4) {
            set("buffer_bytes", bytes);
            double latency = cost_of(&layers[i], 1, NULL).latency_s;
            CU_ASSERT(latency <= last);
            last = latency;
        }
        for (double width = 4; width < 1000; width *= 4) {
            set("network_values", width);
            set("input_network_values", width / 4);
            double latency = cost_of(&layers[i], 1, NULL).latency_s;
            CU_ASSERT(latency <= last);
            last = latency;
        }
        set("dram_bytes_per_s", 1e15);
        struct hardware_cost cost = cost_of(&layers[i], 1, NULL);
        CU_ASSERT(cost.latency_s < last && cost.utilisation > 0 && cost.utilisation <= 1);
        arena_release(&eyeriss.arena);
    }
}

static void test_nothing_fits(void)
{
    struct layer_work layer = convolution(224, 3, 3, 64, 1, 1);
    struct network_work network = {.layers = &layer, .count = 1};
    struct hardware_cost cost;

    load();
    set("buffer_bytes", 500);
    CU_ASSERT_EQUAL(
        cost_model_row_stationary.cost(eyeriss.machine.model.config, &network, &cost, NULL, &error),
        STATUS_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "conv: no pass fits"));
    arena_release(&eyeriss.arena);
}

void row_stationary_suite(void)
{
    CU_pSuite suite = CU_add_suite("row_stationary", NULL, NULL);
    CU_add_test(suite, "AlexNet as measured", test_alexnet);
    CU_add_test(suite, "VGG-16 is not as measured", test_vgg);
    CU_add_test(suite, "a pass by hand", test_by_hand);
    CU_add_test(suite, "more memory and wider links never take longer", test_scaling);
    CU_add_test(suite, "nothing fits", test_nothing_fits);
}
