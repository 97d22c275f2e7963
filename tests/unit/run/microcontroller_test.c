/* hardware/microcontroller: against published latencies, most of which its machines' numbers are
 * not from. */
#include "hardware/machine.h"
#include "tests/unit/scratch.h"
#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void microcontroller_suite(void);

extern const struct cost_model cost_model_microcontroller;

enum { MOST = 64 };

/* The layers of a network that is put together by hand. */
struct sketch {
    struct layer_work layers[MOST];
    size_t count;
};

static void add(struct sketch *sketch, struct layer_work layer)
{
    CU_ASSERT_FATAL(sketch->count < MOST);
    sketch->layers[sketch->count++] = layer;
}

/* A convolution with biases that keeps a plane of so many pixels, or a stride-th of each side;
 * `taps`: of a channel's kernel. */
static void convolve(struct sketch *sketch, double pixels, double taps, double channels,
                     double filters, double groups)
{
    double k = taps * channels / groups, n = filters / groups;

    add(sketch, (struct layer_work){.m = pixels,
                                    .k = k,
                                    .n = n,
                                    .products = groups,
                                    .operations = {.multiply_adds = pixels * k * filters},
                                    .inputs = pixels * channels,
                                    .weights = k * filters + filters,
                                    .outputs = pixels * filters});
}

static void value_by_value(struct sketch *sketch, double inputs, double outputs)
{
    add(sketch, (struct layer_work){.inputs = inputs, .outputs = outputs});
}

/* ResNet-8 for CIFAR-10: image classification. */
static void image_classification(struct sketch *sketch)
{
    double side = 32, channels = 16;

    convolve(sketch, side * side, 9, 3, channels, 1);
    for (double filters = 16; filters <= 64; filters *= 2) {
        side = 32 * 16 / filters;
        convolve(sketch, side * side, 9, channels, filters, 1);
        convolve(sketch, side * side, 9, filters, filters, 1);
        if (filters > channels)
            convolve(sketch, side * side, 1, channels, filters, 1);
        value_by_value(sketch, 2 * side * side * filters, side * side * filters);
        channels = filters;
    }
    value_by_value(sketch, 64 * 64, 64);
    convolve(sketch, 1, 1, 64, 10, 1);
}

/* DS-CNN on spectra of 49 x 10: keyword spotting. */
static void keyword_spotting(struct sketch *sketch)
{
    convolve(sketch, 125, 40, 1, 64, 1);
    for (int block = 0; block < 4; block++) {
        convolve(sketch, 125, 9, 64, 64, 64);
        convolve(sketch, 125, 1, 64, 64, 1);
    }
    value_by_value(sketch, 125 * 64, 64);
    convolve(sketch, 1, 1, 64, 12, 1);
}

/* MobileNet of a quarter of the width on images of 96 x 96: visual wake words. */
static void visual_wake_words(struct sketch *sketch)
{
    static const struct {
        double filters, side;
    } blocks[] = {{16, 48}, {32, 24}, {32, 24}, {64, 12}, {64, 12}, {128, 6}, {128, 6},
                  {128, 6}, {128, 6}, {128, 6}, {128, 6}, {256, 3}, {256, 3}};
    double channels = 8;

    convolve(sketch, 48 * 48, 9, 3, 8, 1);
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        double pixels = blocks[b].side * blocks[b].side;
        convolve(sketch, pixels, 9, channels, channels, channels);
        convolve(sketch, pixels, 1, channels, blocks[b].filters, 1);
        channels = blocks[b].filters;
    }
    value_by_value(sketch, 9 * 256, 256);
    convolve(sketch, 1, 1, 256, 2, 1);
}

/* Dense layers with a waist of 8: anomaly detection. */
static void anomaly_detection(struct sketch *sketch)
{
    static const double sizes[] = {640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640};

    for (size_t i = 1; i < sizeof sizes / sizeof *sizes; i++)
        convolve(sketch, 1, 1, sizes[i - 1], sizes[i], 1);
}

/* What Lai, Suda and Chandra measured: three convolutions with pooling, 5 x 5 taps. */
static void cmsis_cifar10(struct sketch *sketch)
{
    convolve(sketch, 32 * 32, 25, 3, 32, 1);
    value_by_value(sketch, 32 * 32 * 32, 16 * 16 * 32);
    convolve(sketch, 16 * 16, 25, 32, 32, 1);
    value_by_value(sketch, 16 * 16 * 32, 8 * 8 * 32);
    convolve(sketch, 8 * 8, 25, 32, 64, 1);
    value_by_value(sketch, 8 * 8 * 64, 4 * 4 * 64);
    convolve(sketch, 1, 1, 1024, 10, 1);
}

static double multiply_adds(const struct sketch *sketch)
{
    double sum = 0;
    for (size_t i = 0; i < sketch->count; i++)
        sum += sketch->layers[i].operations.multiply_adds;
    return sum;
}

static struct machine load(const char *name, struct arena *arena)
{
    struct machine machine;
    struct diagnostics found = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(machine_load(TEXTS("experiments/hardware"), name,
                                       (struct yaml_mark){"test", 1, 1}, "hardware[0]", arena,
                                       &machine, &found, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    CU_ASSERT_PTR_EQUAL(machine.model.kind, &cost_model_microcontroller.descriptor);
    return machine;
}

static struct hardware_cost cost_of(const struct machine *machine, const struct sketch *sketch)
{
    struct network_work work = {.layers = sketch->layers, .count = sketch->count};
    struct hardware_cost cost;
    struct error error = {0};

    CU_ASSERT_EQUAL_FATAL(
        cost_model_microcontroller.cost(machine->model.config, &work, &cost, NULL, &error),
        STATUS_OK);
    return cost;
}

enum { NETWORKS = 4 };

static void (*const networks[NETWORKS])(struct sketch *) = {image_classification, visual_wake_words,
                                                            keyword_spotting, anomaly_detection};
static const double published_multiply_adds[NETWORKS] = {12501632, 7489664, 2656768, 264192};

/* Of MLPerf Tiny. The machines' numbers are from three networks of the submissions with
 * X-CUBE-AI 7.3 of STMicroelectronics; all others are only compared. */
static const struct submission {
    const char *kernels, *machine;
    double megahertz; /* of the chip: cycles are the same on another clock */
    double per_second[NETWORKS], off[NETWORKS];
} submissions[] = {
#include "tests/golden/mlperf_tiny.inc"
};

static double modelled_seconds(const char *name, void (*draw)(struct sketch *), double megahertz,
                               double expected_multiply_adds)
{
    struct arena arena = {0};
    struct sketch sketch = {.count = 0};
    struct machine machine = load(name, &arena);

    draw(&sketch);
    CU_ASSERT_EQUAL(multiply_adds(&sketch), expected_multiply_adds);
    double seconds = cost_of(&machine, &sketch).cycles / (megahertz * 1e6);
    arena_release(&arena);
    return seconds;
}

static void test_submissions(void)
{
    for (size_t i = 0; i < sizeof submissions / sizeof *submissions; i++)
        for (size_t n = 0; n < NETWORKS; n++) {
            const struct submission *row = &submissions[i];
            double seconds = modelled_seconds(row->machine, networks[n], row->megahertz,
                                              published_multiply_adds[n]);
            double off = 100 * (seconds * row->per_second[n] - 1);
            CU_ASSERT(fabs(off - row->off[n]) <= 0.55);
            if (!(fabs(off - row->off[n]) <= 0.55))
                printf("%s, %s, network %zu: %.1f %%\n", row->kernels, row->machine, n, off);
        }
}

/* Three networks solve for three numbers, but for their rounding. */
static void test_calibration(void)
{
    static const struct {
        const char *machine;
        double megahertz, per_second[NETWORKS];
    } rows[] = {{"cortex_m7", 280, {18.401, 0, 59.667, 547.706}},
                {"cortex_m4", 120, {4.407, 0, 13.323, 131.950}}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t n = 0; n < NETWORKS; n++)
            if (rows[i].per_second[n] > 0)
                CU_ASSERT_DOUBLE_EQUAL(rows[i].per_second[n] *
                                           modelled_seconds(rows[i].machine, networks[n],
                                                            rows[i].megahertz,
                                                            published_multiply_adds[n]),
                                       1, 0.001);
}

/* The first CMSIS-NN, of 2018, took 99.1 ms: today's kernels are faster. */
static void test_first_kernels(void)
{
    double seconds = modelled_seconds("cortex_m7", cmsis_cifar10, 216, 12298240);

    CU_ASSERT_DOUBLE_EQUAL(seconds, 61.4e-3, 0.05e-3);
}

/* Measured for the other networks of the same submissions: power is not one number, but nearly. */
static void test_energy(void)
{
    static const struct {
        const char *machine;
        void (*network)(struct sketch *);
        double joules;
    } rows[] = {{"cortex_m7", visual_wake_words, 7978.465e-6},
                {"cortex_m7", anomaly_detection, 266.486e-6},
                {"cortex_m4", image_classification, 10681.623e-6},
                {"cortex_m4", visual_wake_words, 10066.628e-6},
                {"cortex_m4", anomaly_detection, 322.977e-6}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct sketch sketch = {.count = 0};
        struct machine machine = load(rows[i].machine, &arena);
        rows[i].network(&sketch);
        struct hardware_cost cost = cost_of(&machine, &sketch);
        CU_ASSERT(fabs(cost.energy_j / rows[i].joules - 1) < 0.15);
        CU_ASSERT(isnan(cost.idle_energy_j));
        arena_release(&arena);
    }
}

/* A made-up machine: 2 cycles a multiply-add, 10 an output, 3 a weight. */
static struct {
    struct arena arena;
    struct machine machine;
} bench;

static void set(const char *name, double value)
{
    settings_set(&cost_model_microcontroller.descriptor,
                 (void *)(uintptr_t)bench.machine.model.config, name, value);
}

static void test_by_hand(void)
{
    struct sketch sketch = {.count = 0};

    bench.machine = load("cortex_m7", &bench.arena);
    set("clock_hz", 1000);
    set("cycles_per_multiply_add", 2);
    set("cycles_per_output", 10);
    set("cycles_per_weight", 3);
    set("busy_power_w", 5);
    set("idle_power_w", 1);
    convolve(&sketch, 16, 9, 3, 4, 1); /* 1728 multiply-adds, 64 outputs, 112 weights */
    struct hardware_cost cost = cost_of(&bench.machine, &sketch);
    CU_ASSERT_EQUAL(cost.cycles, 2 * 1728 + 10 * 64 + 3 * 112);
    CU_ASSERT_DOUBLE_EQUAL(cost.latency_s, 4.432, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.utilisation, 3456 / 4432.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.energy_j, 5 * 4.432, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(cost.idle_energy_j, 4.432, 1e-12);
    CU_ASSERT_EQUAL(cost.dram_bytes, 0);
    value_by_value(&sketch, 64, 64); /* folded */
    CU_ASSERT_EQUAL(cost_of(&bench.machine, &sketch).cycles, 4432);
    value_by_value(&sketch, 64, 16); /* pooled */
    CU_ASSERT_EQUAL(cost_of(&bench.machine, &sketch).cycles, 4432 + 160);
    /* Lanes: 27 values are 4 blocks of 8, 4 filters one of 8. */
    set("input_lanes", 8);
    set("output_lanes", 8);
    sketch.count = 1;
    CU_ASSERT_EQUAL(cost_of(&bench.machine, &sketch).cycles, 2 * 16 * 32 * 8 + 10 * 64 + 3 * 112);
    /* Each of 12 channels by itself: two blocks of 8 channels, one value of 8. */
    sketch.count = 0;
    convolve(&sketch, 16, 9, 12, 12, 12);
    CU_ASSERT_EQUAL(cost_of(&bench.machine, &sketch).cycles,
                    2 * 16 * 9 * 8 * 16 + 10 * 16 * 12 + 3 * (108 + 12));
    arena_release(&bench.arena);
}

static const char *reason(double values, double parameters)
{
    static struct error error;
    struct network_work work = {.peak_values = values, .parameters = parameters};
    struct hardware_cost cost;

    enum status fits = cost_model_microcontroller.fits(bench.machine.model.config, &work, &error);
    CU_ASSERT_EQUAL(
        cost_model_microcontroller.cost(bench.machine.model.config, &work, &cost, NULL, &error),
        STATUS_OK);
    CU_ASSERT_EQUAL(isnan(cost.latency_s) != 0, fits != STATUS_OK);
    return fits == STATUS_OK ? "" : error.message;
}

static void test_fits(void)
{
    bench.machine = load("cortex_m7", &bench.arena);
    set("sram_bytes", 1000);
    set("flash_bytes", 2000);
    set("bytes_per_value", 2);
    CU_ASSERT_STRING_EQUAL(reason(500, 1000), "");
    CU_ASSERT_STRING_EQUAL(reason(501, 1),
                           "1002 bytes of activations are alive at once; sram_bytes is 1000");
    CU_ASSERT_STRING_EQUAL(reason(1, 1001), "the parameters are 2002 bytes; flash_bytes is 2000");
    arena_release(&bench.arena);
}

void microcontroller_suite(void)
{
    CU_pSuite suite = CU_add_suite("microcontroller", NULL, NULL);
    CU_add_test(suite, "the networks that the numbers are from", test_calibration);
    CU_add_test(suite, "other networks, chips and kernels", test_submissions);
    CU_add_test(suite, "kernels of 2018", test_first_kernels);
    CU_add_test(suite, "energies of other networks", test_energy);
    CU_add_test(suite, "cycles by hand", test_by_hand);
    CU_add_test(suite, "what does not fit", test_fits);
}
