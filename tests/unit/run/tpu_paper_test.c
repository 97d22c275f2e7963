/*
 * The TPU paper's six networks on its three machines, as the cost models have it: the table of
 * docs/costs.md, beside what the paper measured (Jouppi et al., ISCA 2017; Tables 1, 3, 4 and 6).
 *
 * The paper tells the number of layers with weights, of weights, of multiply-adds a weight byte and
 * of examples a batch, and no shapes. Here all layers of a network are alike: a square product (of
 * 3 x 3 windows for the two with convolutions), of as many rows an example as a weight is used for
 * it, multiply-adds a weight byte / batch. Layers without weights, hosts and limits of response
 * time are left out. On CPU and GPU a batch has 16 examples, as MLP0's within the limit (Table 4),
 * or fewer where the TPU's has.
 */
#include "hardware/machine.h"

#include "tests/unit/settings.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>

void tpu_paper_suite(void);

enum machine_at { CPU, GPU, TPU, MACHINES };
enum { NETWORKS = 6, MOST_LAYERS = 76 };

static const struct paper_network {
    const char *name;
    size_t layers;
    double window, weights, intensity, batch; /* Table 1 */
    struct {
        double tera_ops;         /* of the TPU: Table 3 */
        double gpu, tpu;         /* times the CPU's performance, a die: Table 6 */
    } measured, modelled;        /* modelled: as in docs/costs.md */
    double cpu_joule, gpu_joule; /* modelled energy an example, in the TPU's */
} networks[NETWORKS] = {
    {"MLP0", 5, 1, 20e6, 200, 200, {12.3, 2.5, 41.0}, {13.1, 3.10, 32.2}, 157, 34.2},
    {"MLP1", 4, 1, 5e6, 168, 168, {9.7, 0.3, 18.5}, {10.6, 0.941, 8.03}, 39.6, 28.5},
    {"LSTM0", 24, 1, 52e6, 64, 64, {3.7, 0.4, 3.5}, {4.34, 3.08, 10.6}, 54.0, 11.9},
    {"LSTM1", 37, 1, 34e6, 96, 96, {2.8, 1.2, 1.2}, {6.49, 3.04, 15.9}, 79.9, 17.8},
    {"CNN0", 16, 9, 8e6, 2888, 8, {86.0, 1.6, 40.3}, {61.6, 2.14, 47.3}, 190, 60.1},
    {"CNN1", 76, 9, 100e6, 1750, 32, {14.1, 2.7, 71.0}, {45.7, 2.12, 34.7}, 148, 47.1},
};

static struct error error;

static struct layer_work layer_of(const struct paper_network *network)
{
    double rows = network->intensity / network->batch;
    double channels = round(sqrt(network->weights / (double)network->layers / network->window));
    double depth = network->window * channels;

    return (struct layer_work){.name = network->name,
                               .operations = {.multiply_adds = rows * depth * channels},
                               .m = rows,
                               .k = depth,
                               .n = channels,
                               .products = 1,
                               .inputs = rows * channels,
                               .weights = depth * channels,
                               .outputs = rows * channels};
}

/* What an example costs, `batch` of them together. */
static struct hardware_cost cost_of(enum machine_at at, const struct paper_network *network,
                                    double batch)
{
    static const char *const names[] = {
        [CPU] = "haswell_e5_2699v3", [GPU] = "k80", [TPU] = "tpu_v1"};
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct machine machine;
    struct layer_work layers[MOST_LAYERS];
    struct hardware_cost cost;

    CU_ASSERT_EQUAL_FATAL(machine_load(TEXTS("experiments/hardware"), names[at],
                                       (struct yaml_mark){"", 0, 0}, "", &arena, &machine, &found,
                                       &error),
                          STATUS_OK);
    const struct cost_model *model = (const void *)machine.model.kind;
    settings_set(machine.model.kind, machine.model.config, "batch", batch);
    for (size_t i = 0; i < network->layers; i++)
        layers[i] = layer_of(network);
    struct network_work work = {layers, network->layers, layers->weights * (double)network->layers,
                                layers->inputs + layers->outputs};
    CU_ASSERT_EQUAL(model->cost(machine.model.config, &work, &cost, NULL, &error), STATUS_OK);
    arena_release(&arena);
    return cost;
}

/* To as many digits as the table has. */
static void expect(const char *network, const char *what, double value, double told)
{
    bool same = fabs(value - told) <= 0.006 * told;

    CU_ASSERT(same);
    if (!same)
        printf("%s, %s: %.3g; docs/costs.md has %g\n", network, what, value, told);
}

static void the_table(void)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        const struct paper_network *network = &networks[i];
        double small = fmin(16, network->batch);
        struct hardware_cost cpu = cost_of(CPU, network, small), gpu = cost_of(GPU, network, small),
                             tpu = cost_of(TPU, network, network->batch);
        double operations =
            2 * layer_of(network).operations.multiply_adds * (double)network->layers;
        const char *name = network->name;

        expect(name, "TPU, TOPS", 1e-12 * operations / tpu.latency_s, network->modelled.tera_ops);
        expect(name, "GPU : CPU", cpu.latency_s / gpu.latency_s, network->modelled.gpu);
        expect(name, "TPU : CPU", cpu.latency_s / tpu.latency_s, network->modelled.tpu);
        expect(name, "CPU : TPU, J", cpu.energy_j / tpu.energy_j, network->cpu_joule);
        expect(name, "GPU : TPU, J", gpu.energy_j / tpu.energy_j, network->gpu_joule);
    }
}

/* Examples a second of MLP0 in Table 4, with the host's share: the model is a bound. */
static void batches_of_mlp0(void)
{
    static const struct {
        enum machine_at at;
        double batch, measured, modelled;
    } rows[] = {{CPU, 16, 5482, 10160},  {CPU, 64, 13194, 33120},  {GPU, 16, 13461, 31500},
                {GPU, 64, 36465, 68930}, {TPU, 200, 225e3, 327e3}, {TPU, 250, 280e3, 405e3}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double rate = 1 / cost_of(rows[i].at, &networks[0], rows[i].batch).latency_s;
        expect("MLP0", "examples a second", rate, rows[i].modelled);
        CU_ASSERT(rate > rows[i].measured && rate < 2.6 * rows[i].measured);
    }
}

/* Geometric means over the networks. What the talk quotes is the paper's weighted mean for its own
 * mix, 29.2 times a CPU's performance, per watt of thermal design power of servers without their
 * hosts (Table 2): 504 W of two CPUs, (861 - 504) W of four TPUs, (1838 - 504) W of eight GPUs. */
static void performance_per_watt(void)
{
    const double cpu_w = 504.0 / 2, tpu_w = (861.0 - 504) / 4, gpu_w = (1838.0 - 504) / 8;
    double tpu = 1, gpu = 1, cpu_joule = 1, gpu_joule = 1, measured = 1;

    for (size_t i = 0; i < NETWORKS; i++) {
        tpu *= pow(networks[i].modelled.tpu, 1.0 / NETWORKS);
        gpu *= pow(networks[i].modelled.gpu, 1.0 / NETWORKS);
        measured *= pow(networks[i].measured.tpu, 1.0 / NETWORKS);
        cpu_joule *= pow(networks[i].cpu_joule, 1.0 / NETWORKS);
        gpu_joule *= pow(networks[i].gpu_joule, 1.0 / NETWORKS);
    }
    CU_ASSERT_DOUBLE_EQUAL(29.2 * cpu_w / tpu_w, 83, 1);         /* the talk's 80 */
    CU_ASSERT_DOUBLE_EQUAL(29.2 / 1.9 * gpu_w / tpu_w, 29, 0.5); /* its 30 */
    CU_ASSERT_DOUBLE_EQUAL(measured * cpu_w / tpu_w, 41, 0.5);   /* the paper's other mean */
    expect("mean", "TPU : CPU", tpu, 20.4);
    expect("mean", "GPU : CPU", gpu, 2.22);
    expect("mean", "performance/Watt, TPU : CPU", tpu * cpu_w / tpu_w, 57.6);
    expect("mean", "performance/Watt, TPU : GPU", tpu / gpu * gpu_w / tpu_w, 17.0);
    expect("mean", "CPU : TPU, J", cpu_joule, 95);
    expect("mean", "GPU : TPU, J", gpu_joule, 28.9);
}

void tpu_paper_suite(void)
{
    CU_pSuite suite = CU_add_suite("tpu_paper", NULL, NULL);
    CU_add_test(suite, "six networks on three machines", the_table);
    CU_add_test(suite, "batches of one", batches_of_mlp0);
    CU_add_test(suite, "performance a watt", performance_per_watt);
}
