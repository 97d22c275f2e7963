/* hardware/systolic: cycles of SCALE-Sim v2 for whole networks, what stays on the chip, energy by
 * operations and bytes. */
#include "graph/network.h"
#include "tests/unit/answers.h"
#include "tests/unit/choose_family.h"
#include "tests/unit/defaults.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void systolic_suite(void);

extern const struct cost_model cost_model_systolic;

enum { CONFIG = 256, MOST_SIDE = 64 };

static const struct {
    double m, k, n, products, cycles[6]; /* array by flow */
} golden[] = {
#include "tests/golden/systolic.inc"
};

static const struct {
    const char *choice;
    struct shape input;
    int outputs;
    double parameters, multiply_adds;
} families[] = {
#include "tests/golden/families.inc"
};

enum { GOLDEN = sizeof golden / sizeof *golden, FAMILIES = sizeof families / sizeof *families };

static const struct {
    double rows, columns;
} arrays[] = {{32, 32}, {128, 64}};

static _Alignas(16) unsigned char config[CONFIG];
static struct error error;

static void set(const char *name, double value)
{
    settings_set(&cost_model_systolic.descriptor, config, name, value);
}

/* Row `c` of the golden cycles; the memory never holds it up. */
static void configure(int c)
{
    CU_ASSERT_FATAL(cost_model_systolic.descriptor.config_size <= sizeof config);
    memset(config, 0, sizeof config);
    defaults_fill(&cost_model_systolic.descriptor, config);
    set("rows", arrays[c / 3].rows);
    set("columns", arrays[c / 3].columns);
    set("dataflow", c % 3);
    set("clock_hz", 1e9);
    set("dram_bytes_per_s", 1e15);
    set("buffer_bytes", 1e12);
    set("busy_power_w", 1);
}

static void cost_of(const struct layer_work *layers, size_t count, struct hardware_cost *sum,
                    struct hardware_cost *by_layer)
{
    struct network_work network = {.layers = layers, .count = count};

    CU_ASSERT_EQUAL_FATAL(cost_model_systolic.cost(config, &network, sum, by_layer, &error),
                          STATUS_OK);
}

static void test_networks(void)
{
    for (int c = 0; c < 6; c++) {
        configure(c);
        for (size_t i = 0; i < GOLDEN; i++) {
            struct layer_work work = {.m = golden[i].m,
                                      .k = golden[i].k,
                                      .n = golden[i].n,
                                      .products = golden[i].products};
            struct hardware_cost cost;
            cost_of(&work, 1, &cost, NULL);
            CU_ASSERT_EQUAL(cost.cycles, golden[i].cycles[c]);
        }
    }
}

/* The cycles of one of the layer's products, in each row. */
static const double *golden_of(const struct layer_work *work)
{
    for (size_t i = 0; i < GOLDEN; i++)
        if (golden[i].products <= 1 && !(work->m < golden[i].m) && !(work->m > golden[i].m) &&
            !(work->k < golden[i].k) && !(work->k > golden[i].k) && !(work->n < golden[i].n) &&
            !(work->n > golden[i].n))
            return golden[i].cycles;
    return NULL;
}

static size_t check_network(const struct network *network)
{
    struct layer_work *work = calloc(network->count, sizeof *work);
    size_t met = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(work);
    network_work(network, work);
    for (size_t i = 0; i < network->count; i++) {
        const double *cycles = work[i].m > 0 ? golden_of(&work[i]) : NULL;
        CU_ASSERT((cycles != NULL) == (work[i].m > 0));
        for (int c = 0; cycles && c < 6; c++) {
            struct hardware_cost cost;
            configure(c);
            cost_of(&work[i], 1, &cost, NULL);
            CU_ASSERT_EQUAL(cost.cycles, cycles[c] * work[i].products);
        }
        met += cycles != NULL;
    }
    free(work);
    return met;
}

static void test_families(void)
{
    size_t met = 0;

    load_families("networks/families");
    for (size_t i = 0; i < FAMILIES; i++) {
        struct arena arena = {0};
        struct component family = choose_family(families[i].choice, &arena);
        struct shape input = families[i].input, target = {families[i].outputs, 1, 1};
        struct network network = {0};
        if (family_serves(family.kind, CONTENT_IMAGE) || family_serves(family.kind, CONTENT_MASK))
            target = (struct shape){families[i].outputs, input.height, input.width};
        if (input.height <= MOST_SIDE) {
            CU_ASSERT_EQUAL_FATAL(
                network_new(&network, &family, input, answer_like(target), &error), STATUS_OK);
            met += check_network(&network);
            network_release(&network);
        }
        arena_release(&arena);
    }
    families_release();
    CU_ASSERT(met > 200);
}

/* Three layers of 100 values each; the one in the middle is a product whose sums of 300 values are
 * alive at once, because an older layer's values wait for a later one. */
static void test_residency(void)
{
    struct layer_work layers[] = {{.inputs = 100, .outputs = 100, .live = 200},
                                  {.m = 100,
                                   .k = 1,
                                   .n = 1,
                                   .products = 1,
                                   .inputs = 100,
                                   .weights = 1,
                                   .outputs = 100,
                                   .live = 300},
                                  {.inputs = 100, .outputs = 100, .live = 200}};
    static const struct {
        double buffer, bytes[3];
    } cases[] = {
        {301, {100, 1, 100}},   /* all stays */
        {250, {200, 201, 200}}, /* the second does not fit: the first writes, the third reads */
        {150, {200, 201, 200}}, /* none fits */
    };
    struct hardware_cost sum, by_layer[3];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        configure(1);
        set("buffer_bytes", cases[i].buffer);
        cost_of(layers, 3, &sum, by_layer);
        for (size_t k = 0; k < 3; k++)
            CU_ASSERT_EQUAL(by_layer[k].dram_bytes, cases[i].bytes[k]);
    }
}

/* 40 x 50 by 50 x 70 on 32 x 32: by the counts of the article, two passes of each operand but the
 * stationary one. */
static void test_energy(void)
{
    static const double buffer[] = {50 * 40 * 3 + 50 * 70 * 2 + 40 * 70,
                                    50 * 40 * 3 + 50 * 70 + 40 * 70 * 2,
                                    50 * 40 + 50 * 70 * 2 + 40 * 70 * 2};
    struct layer_work layers[] = {
        {.m = 40,
         .k = 50,
         .n = 70,
         .products = 1,
         .inputs = 2000,
         .weights = 3500,
         .outputs = 2800},
        {.operations = {.comparisons = 2800}, .inputs = 2800, .outputs = 2800}};
    struct hardware_cost sum, by_layer[2];

    for (int c = 0; c < 3; c++) {
        configure(c);
        set("busy_power_w", 0);
        cost_of(layers, 2, &sum, by_layer);
        CU_ASSERT(isnan(sum.energy_j) && isnan(sum.idle_energy_j));
        set("operation_j", 1e-12);
        set("buffer_j_per_byte", 1e-11);
        set("dram_j_per_byte", 1e-10);
        cost_of(layers, 2, &sum, by_layer);
        double energy = 40 * 50 * 70 * 1e-12 + buffer[c] * 1e-11 + (2000 + 3500) * 1e-10;
        CU_ASSERT_DOUBLE_EQUAL(by_layer[0].energy_j, energy, 1e-18);
        CU_ASSERT_DOUBLE_EQUAL(by_layer[1].energy_j, 2800e-12 + 5600e-11 + 2800e-10, 1e-18);
        set("idle_power_w", 2);
        cost_of(layers, 2, &sum, by_layer);
        CU_ASSERT_DOUBLE_EQUAL(by_layer[0].energy_j, energy + 2 * by_layer[0].latency_s, 1e-18);
        CU_ASSERT_DOUBLE_EQUAL(sum.idle_energy_j, 2 * sum.latency_s, 1e-18);
    }
}

void systolic_suite(void)
{
    CU_pSuite suite = CU_add_suite("systolic", NULL, NULL);
    CU_add_test(suite, "SCALE-Sim's cycles of AlexNet, ResNet-18, MobileNet", test_networks);
    CU_add_test(suite, "SCALE-Sim's cycles of the families", test_families);
    CU_add_test(suite, "what stays on the chip between layers", test_residency);
    CU_add_test(suite, "energy by operations and bytes", test_energy);
}
