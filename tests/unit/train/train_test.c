/* The training loop on small problems: what it converges to, and that nothing but data and settings
 * sways its bits. */
#include "tests/unit/train_bench.h"

#include "train/registry.h"

#include <math.h>

static void test_fits(void)
{
    static const char *const trains[] = {
        "{epochs: 30, batch: 16, shard: 8, loss: mse, learning_rate: 0.01}",
        "{epochs: 30, batch: 16, shard: 8, loss: mse, learning_rate: 0.01, optimizer: sgd, "
        "schedule: cosine}",
    };
    for (size_t i = 0; i < 2; i++) {
        struct bench bench;
        open_waves(&bench, SMALL, trains[i], 64);
        CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_OK);
        CU_ASSERT_EQUAL(bench.epochs_seen, 30);
        CU_ASSERT(bench.last_loss < bench.first_loss / 20);
        bench_close(&bench);
    }
}

static void test_classifies(void)
{
    struct bench bench;
    struct shape input = {1, 2, 3}, target = {3, 1, 1};
    bench_open(&bench, "linear",
               "{epochs: 60, batch: 32, shard: 8, loss: cross_entropy, learning_rate: 0.05}", 90,
               input, target);
    CU_ASSERT_EQUAL_FATAL(memory_new(&bench.classes, 90, 1, NULL), STATUS_OK);
    struct random_stream stream = random_stream(KEY, RANDOM_GENERATE, 0);
    for (size_t i = 0; i < 90; i++) {
        bench.classes[i] = (uint8_t)(i % 3);
        for (size_t j = 0; j < 6; j++)
            bench.inputs.pixels[i * 6 + j] =
                (float)((j == i % 3 ? 1 : 0) + 0.1 * random_normal(&stream));
    }
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_OK);
    CU_ASSERT(bench.last_loss < 0.15);
    CU_ASSERT(bench.first_loss > 0.7);
    bench.classes[7] = 3;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(bench.error.message,
                           "item 7 is of class 3, and the network has 3 outputs");
    bench_close(&bench);
}

/* Solve the normal equations a x = b of size n by elimination (a is positive definite). */
static void solve(double *a, double *b, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = k + 1; i < n; i++) {
            double factor = a[i * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            b[i] -= factor * b[k];
        }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            b[k] -= a[k * n + j] * b[j];
        b[k] /= a[k * n + k];
    }
}

static void test_least_squares(void)
{
    enum { ITEMS = 48, INPUTS = 4, SIZE = INPUTS + 1 };
    struct bench bench;
    struct shape input = {4, 1, 1}, target = {1, 1, 1};
    double a[SIZE * SIZE] = {0}, b[SIZE] = {0};

    bench_open(&bench, "linear",
               "{epochs: 600, batch: 48, shard: 7, loss: mse, learning_rate: 0.05, optimizer: sgd}",
               ITEMS, input, target);
    struct random_stream stream = random_stream(KEY, RANDOM_GENERATE, 0);
    for (size_t i = 0; i < ITEMS; i++) {
        double row[SIZE] = {[INPUTS] = 1}, y = random_normal(&stream);
        for (size_t j = 0; j < INPUTS; j++) {
            bench.inputs.pixels[i * INPUTS + j] = (float)random_normal(&stream);
            row[j] = (double)bench.inputs.pixels[i * INPUTS + j];
            y += (double)j * row[j];
        }
        bench.targets.pixels[i] = (float)y;
        for (size_t j = 0; j < SIZE; j++) {
            b[j] += row[j] * (double)bench.targets.pixels[i];
            for (size_t k = 0; k < SIZE; k++)
                a[j * SIZE + k] += row[j] * row[k];
        }
    }
    solve(a, b, SIZE);
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(bench.network.parameters, SIZE);
    for (size_t j = 0; j < SIZE; j++) /* weights, then the bias */
        CU_ASSERT_DOUBLE_EQUAL((double)bench.parameters[j], b[j], 1e-4);
    bench_close(&bench);
}

static void test_threads(void)
{
    static const int threads[] = {1, 2, 3, 8};
    float *first = NULL;
    double loss = 0;

    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct bench bench;
        open_waves(&bench, NORMAL, "{epochs: 3, batch: 20, shard: 3, loss: mse}", 50);
        size_t parameters = bench.network.parameters, statistics = bench.network.statistics;
        CU_ASSERT_FATAL(statistics > 0);
        CU_ASSERT_EQUAL(bench_train(&bench, NULL, threads[i]), STATUS_OK);
        if (i == 0) {
            CU_ASSERT_EQUAL_FATAL(memory_new(&first, parameters + statistics, sizeof(float), NULL),
                                  STATUS_OK);
            memcpy(first, bench.parameters, parameters * sizeof(float));
            memcpy(first + parameters, bench.statistics, statistics * sizeof(float));
            loss = bench.last_loss;
        }
        CU_ASSERT(memcmp(first, bench.parameters, parameters * sizeof(float)) == 0);
        CU_ASSERT(memcmp(first + parameters, bench.statistics, statistics * sizeof(float)) == 0);
        CU_ASSERT(memcmp(&loss, &bench.last_loss, sizeof loss) == 0);
        bench_close(&bench);
    }
    memory_free(first);
}

static void test_shards(void)
{
    static const char *const trains[] = {
        "{epochs: 4, batch: 20, shard: 20, loss: mse, optimizer: sgd}",
        "{epochs: 4, batch: 20, shard: 3, loss: mse, optimizer: sgd}",
        "{epochs: 4, batch: 20, shard: 1, loss: mse, optimizer: sgd}",
    };
    struct bench whole;
    open_waves(&whole, SMALL, trains[0], 50);
    CU_ASSERT_EQUAL(bench_train(&whole, NULL, 1), STATUS_OK);
    for (size_t t = 1; t < 3; t++) {
        struct bench bench;
        open_waves(&bench, SMALL, trains[t], 50);
        CU_ASSERT_EQUAL(bench_train(&bench, NULL, 1), STATUS_OK);
        for (size_t i = 0; i < whole.network.parameters; i++)
            CU_ASSERT_DOUBLE_EQUAL((double)bench.parameters[i], (double)whole.parameters[i], 1e-5);
        CU_ASSERT_DOUBLE_EQUAL(bench.last_loss, whole.last_loss, 1e-6);
        bench_close(&bench);
    }
    bench_close(&whole);
}

/* Statistics that do not change from item to item are what the running ones come to. */
static void test_statistics(void)
{
    struct bench bench;
    open_waves(&bench, NORMAL, "{epochs: 1, batch: 7, shard: 2, loss: mse, learning_rate: 0}", 21);
    for (size_t i = 64; i < 21 * 64; i++)
        bench.inputs.pixels[i] = bench.inputs.pixels[i - 64];
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 1), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(bench.network.statistics, 8);
    float three[8];
    memcpy(three, bench.statistics, sizeof three);
    bench.settings.epochs = 60; /* 180 steps: 0.9^180 is 6e-9 */
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 1), STATUS_OK);
    for (size_t i = 0; i < 8; i++) {
        double start = i < 4 ? 0 : 1, end = (double)bench.statistics[i];
        CU_ASSERT_DOUBLE_EQUAL((double)three[i], end + 0.729 * (start - end), 1e-5);
        CU_ASSERT(fabs(end - start) > 1e-4);
    }
    bench_close(&bench);
}

/* Leaving items out is the same as never having had them. */
static void test_dropped(void)
{
    uint8_t dropped[30] = {0};
    uint32_t kept[30];
    size_t count = 0;
    struct image_set inputs, targets;
    struct bench all, some;

    for (size_t i = 0; i < 30; i++) {
        dropped[i] = i % 3 == 1;
        if (!dropped[i])
            kept[count++] = (uint32_t)i;
    }
    open_waves(&all, SMALL, "{epochs: 2, batch: 8, shard: 4, loss: mse}", 30);
    open_waves(&some, SMALL, "{epochs: 2, batch: 8, shard: 4, loss: mse}", 30);
    CU_ASSERT_EQUAL_FATAL(image_set_select(&inputs, &some.inputs, kept, count, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(image_set_select(&targets, &some.targets, kept, count, NULL), STATUS_OK);
    image_set_release(&some.inputs);
    image_set_release(&some.targets);
    some.inputs = inputs;
    some.targets = targets;
    CU_ASSERT_EQUAL(bench_train(&all, dropped, 2), STATUS_OK);
    CU_ASSERT_EQUAL(bench_train(&some, NULL, 1), STATUS_OK);
    CU_ASSERT(memcmp(all.parameters, some.parameters, all.network.parameters * sizeof(float)) == 0);

    memset(dropped, 1, sizeof dropped);
    CU_ASSERT_EQUAL(bench_train(&all, dropped, 1), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(all.error.message,
                           "nothing to train on: the filter dropped all 30 items");
    some.inputs.count = 0;
    CU_ASSERT_EQUAL(bench_train(&some, NULL, 1), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(some.error.message, "nothing to train on: no items");
    some.inputs.count = count;
    bench_close(&some);
    bench_close(&all);
}

static void test_steps(void)
{
    struct bench bench;
    open_waves(&bench, SMALL, "{epochs: 2, minimum_steps: 10, batch: 8, shard: 4, loss: mse}", 20);
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 1), STATUS_OK);
    CU_ASSERT_EQUAL(bench.epochs_seen, 2); /* of two passes, three steps each */
    float first[8];
    memcpy(first, bench.parameters, sizeof first);
    bench.settings.epochs = 4;
    bench.settings.minimum_steps = 0;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 1), STATUS_OK);
    CU_ASSERT_EQUAL(bench.epochs_seen, 4); /* the same four passes, so the same network */
    CU_ASSERT_EQUAL(memcmp(first, bench.parameters, sizeof first), 0);
    bench.settings.loss.kind = registry_find(registry_losses(), "cross_entropy");
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 1), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(bench.error.message, "train.loss: 'cross_entropy' compares classes, and "
                                                "the labels are values");
    bench_close(&bench);
}

static void test_diverges(void)
{
    struct bench bench;
    open_waves(&bench, SMALL, "{epochs: 5, batch: 20, shard: 4, loss: mse, optimizer: sgd}", 20);
    bench.settings.learning_rate = 1e30;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(bench.error.message,
                           "epoch 2: the loss is not finite; first at layer 'conv2'");
    CU_ASSERT_EQUAL(bench.epochs_seen, 1);
    bench.settings.learning_rate = INFINITY;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(bench.error.message,
                           "epoch 1: the weights of layer 'conv1' are not finite");
    bench.targets.pixels[0] = INFINITY;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(bench.error.message,
                           "epoch 1: the loss is not finite, though all activations are");
    bench_close(&bench);
}

static void test_stops(void)
{
    struct bench bench;
    open_waves(&bench, SMALL, "{epochs: 5, batch: 20, shard: 4, loss: mse}", 20);
    bench.interrupt_at = 2;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_INTERRUPTED);
    CU_ASSERT_EQUAL(bench.epochs_seen, 2);
    interrupt_clear();
    bench.interrupt_at = 0;
    bench.quit = true;
    CU_ASSERT_EQUAL(bench_train(&bench, NULL, 2), STATUS_IO);
    CU_ASSERT_EQUAL(bench.epochs_seen, 1);
    CU_ASSERT_STRING_EQUAL(bench.error.message, "the disk is full");
    bench_close(&bench);
}

static void test_out_of_memory(void)
{
    struct bench bench;
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    open_waves(&bench, NORMAL, "{epochs: 1, batch: 20, shard: 4, loss: mse}", 20);
    while (status == STATUS_MEMORY && n < 1000) {
        memory_fail_at(++n);
        status = bench_train(&bench, NULL, 2);
        memory_fail_at(0);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(n > 10);
    bench_close(&bench);
}

static void test_settings(void)
{
    struct bench bench = {0};
    read_settings(&bench, train_fields, "{}", &bench.settings);
    CU_ASSERT_EQUAL(bench.settings.labels, LABELS_PIPELINE);
    CU_ASSERT_EQUAL(bench.settings.epochs, 20);
    CU_ASSERT_EQUAL(bench.settings.minimum_steps, 0);
    CU_ASSERT_EQUAL(bench.settings.batch, 128);
    CU_ASSERT_EQUAL(bench.settings.shard, 16);
    CU_ASSERT_STRING_EQUAL(bench.settings.optimizer.kind->name, "adam");
    CU_ASSERT_STRING_EQUAL(bench.settings.schedule.kind->name, "constant");
    CU_ASSERT_PTR_NULL(bench.settings.loss.kind);
    CU_ASSERT(bench.settings.learning_rate == 1e-3 && bench.settings.weight_decay == 0);
#ifdef UNDERSTUDY_ONEDNN
    CU_ASSERT_STRING_EQUAL(bench.settings.engine.kind->name, "onednn");
#else
    CU_ASSERT_STRING_EQUAL(bench.settings.engine.kind->name, "openblas");
#endif
    read_settings(&bench, train_fields, "{labels: truth}", &bench.settings);
    CU_ASSERT_EQUAL(bench.settings.labels, LABELS_TRUTH);
    arena_release(&bench.arena);
}

void train_suite(void);

void train_suite(void)
{
    CU_pSuite suite = CU_add_suite("train", NULL, NULL);
    CU_add_test(suite, "a small network learns to smooth", test_fits);
    CU_add_test(suite, "a linear network learns to classify", test_classifies);
    CU_add_test(suite, "a linear network finds the least-squares answer", test_least_squares);
    CU_add_test(suite, "bits do not depend on the threads", test_threads);
    CU_add_test(suite, "the shard's size changes rounding only", test_shards);
    CU_add_test(suite, "running statistics follow the batches'", test_statistics);
    CU_add_test(suite, "dropped items are as if never there", test_dropped);
    CU_add_test(suite, "minimum_steps adds epochs; the loss fits the task", test_steps);
    CU_add_test(suite, "divergence is named", test_diverges);
    CU_add_test(suite, "interrupts and a failing sink end it", test_stops);
    CU_add_test(suite, "out of memory anywhere", test_out_of_memory);
    CU_add_test(suite, "settings' defaults", test_settings);
}
