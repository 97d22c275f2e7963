/* The course of a training: checkpoints and resuming, early stopping, averages, augmentation. */
#include "interfaces/engine.h"
#include "quantize/calibrate.h"
#include "tests/unit/train_bench.h"

enum { MOST_EPOCHS = 16, MOST_BYTES = 1 << 16 };

/* Everything that outlives a step, at work. */
static const char everything[] =
    "{epochs: 7, batch: 12, shard: 5, loss: charbonnier, optimizer: adamw, learning_rate: 0.02, "
    "weight_decay: 0.1, schedule: one_cycle, clip_norm: 0.05, average: 0.9, "
    "augment: [flip: {alternate: true}, rotate90, shift: {pixels: 2}, cutout: {size: 3}], "
    "early_stopping: {patience: 3}}";

/* A training that is stopped, killed, and taken up again. */
struct course {
    struct bench bench;
    double scores[MOST_EPOCHS]; /* that the epochs get, for early stopping */
    double losses[MOST_EPOCHS];
    float parameters[MOST_EPOCHS][64], statistics[MOST_EPOCHS][16]; /* as told */
    int64_t epoch;
    struct train_outcome outcome;
    struct random_stream stream;
    uint32_t pace;       /* a stop in so many steps, on average; 0: none */
    bool often;          /* every other step is due for a checkpoint */
    int64_t dies_at;     /* the epoch that is not survived; 0: none */
    int64_t saved_step;  /* 0: nothing is saved */
    size_t saved_length; /* bytes */
    unsigned char saved[MOST_BYTES];
    int loads, saves;
    struct activation_ranges ranges; /* with nodes: it is fine-tuned */
};

static enum status on_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                            const float *parameters, const float *statistics, struct error *error)
{
    struct course *course = context;
    const struct network *network = &course->bench.network;

    CU_ASSERT_FATAL(epoch <= epochs && epoch <= MOST_EPOCHS);
    course->epoch = epoch;
    course->losses[epoch - 1] = loss;
    if (network->parameters <= 64)
        memcpy(course->parameters[epoch - 1], parameters, network->parameters * sizeof(float));
    if (network->statistics && network->statistics <= 16)
        memcpy(course->statistics[epoch - 1], statistics, network->statistics * sizeof(float));
    if (epoch == course->dies_at)
        return error_set(error, STATUS_IO, "killed");
    if (course->pace && random_below(&course->stream, 3) == 0)
        return error_set(error, STATUS_INTERRUPTED, "stopped while the epoch is looked at");
    return STATUS_OK;
}

static double on_score(void *context)
{
    const struct course *course = context;
    return course->scores[course->epoch - 1];
}

static enum status on_save(void *context, int64_t step, const struct train_part *parts,
                           size_t count, struct error *error)
{
    struct course *course = context;

    (void)error;
    course->saved_step = step;
    course->saved_length = 0;
    course->saves++;
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_FATAL(course->saved_length + parts[i].size <= MOST_BYTES);
        if (parts[i].size)
            memcpy(course->saved + course->saved_length, parts[i].data, parts[i].size);
        course->saved_length += parts[i].size;
    }
    return STATUS_OK;
}

static enum status on_load(void *context, int64_t *step, const struct train_part *parts,
                           size_t count, struct error *error)
{
    struct course *course = context;
    size_t at = 0;

    (void)error;
    *step = course->saved_step;
    for (size_t i = 0; course->saved_step && i < count; i++) {
        CU_ASSERT_FATAL(at + parts[i].size <= course->saved_length);
        if (parts[i].size)
            memcpy(parts[i].data, course->saved + at, parts[i].size);
        at += parts[i].size;
    }
    CU_ASSERT(!course->saved_step || at == course->saved_length);
    course->loads += course->saved_step > 0;
    return STATUS_OK;
}

/* Asked after every step: also where this training is hit. */
static bool on_due(void *context)
{
    struct course *course = context;

    if (course->pace && random_below(&course->stream, course->pace) == 0)
        interrupt_request();
    return course->often && random_below(&course->stream, 2) == 0;
}

static enum status go(struct course *course, int threads)
{
    struct bench *bench = &course->bench;
    struct train_items items = {.inputs = &bench->inputs, .targets = &bench->targets};
    struct train_sink sink = {.epoch = on_epoch,
                              .context = course,
                              .score = on_score,
                              .due = on_due,
                              .save = on_save,
                              .load = on_load,
                              .outcome = &course->outcome};

    if (course->ranges.nodes)
        return train_fine_tune(&bench->network, &bench->settings, &items, KEY, threads,
                               &course->ranges, &sink, bench->parameters, bench->statistics,
                               &bench->error);
    return train_network(&bench->network, &bench->settings, &items, KEY, threads, &sink,
                         bench->parameters, bench->statistics, &bench->error);
}

static void course_open(struct course *course, const char *family, const char *train)
{
    memset(course, 0, sizeof *course);
    open_waves(&course->bench, family, train, 30);
    course->stream = random_stream(KEY, RANDOM_SEARCH, 0);
    for (int64_t e = 0; e < MOST_EPOCHS; e++)
        course->scores[e] = e < 4 ? (double)e : 3.0 - 0.1 * (double)e;
}

static void same_result(const struct course *a, const struct course *b)
{
    const struct network *network = &a->bench.network;

    CU_ASSERT_EQUAL(
        memcmp(a->bench.parameters, b->bench.parameters, network->parameters * sizeof(float)), 0);
    CU_ASSERT_EQUAL(
        memcmp(a->bench.statistics, b->bench.statistics, network->statistics * sizeof(float)), 0);
    CU_ASSERT_EQUAL(memcmp(a->losses, b->losses, sizeof a->losses), 0);
    CU_ASSERT_EQUAL(a->outcome.epochs, b->outcome.epochs);
    CU_ASSERT_EQUAL(a->outcome.kept, b->outcome.kept);
}

/* However often and wherever it is stopped, the end has the same bits. */
static void test_resume(void)
{
    static const char *const trains[] = {
        everything,
        "{epochs: 4, minimum_steps: 30, batch: 8, shard: 3, loss: mse, schedule: cosine}",
        "{epochs: 3, batch: 30, shard: 30, loss: l1, optimizer: sgd, average: 0.99}",
    };
    static struct course calm, stopped;
    int resumed = 0;

    for (size_t t = 0; t < 3; t++)
        for (uint64_t seed = 0; seed < 5; seed++) {
            int hits = 0;
            enum status status = STATUS_INTERRUPTED;
            course_open(&calm, NORMAL, trains[t]);
            course_open(&stopped, NORMAL, trains[t]);
            CU_ASSERT_EQUAL(go(&calm, 2), STATUS_OK);
            CU_ASSERT_EQUAL(calm.saves, 0);
            stopped.stream = random_stream(KEY, RANDOM_SEARCH, seed);
            stopped.pace = 1 + (uint32_t)seed * 2;
            while (status == STATUS_INTERRUPTED && hits++ < 1000) {
                status = go(&stopped, 1 + hits % 3);
                interrupt_clear();
            }
            CU_ASSERT_EQUAL(status, STATUS_OK);
            CU_ASSERT_EQUAL(stopped.loads, stopped.saves);
            resumed += stopped.loads;
            same_result(&calm, &stopped);
            bench_close(&stopped.bench);
            bench_close(&calm.bench);
        }
    CU_ASSERT(resumed > 60);
}

static const char tuned[] =
    "{epochs: 3, minimum_steps: 20, batch: 8, shard: 3, loss: mse, learning_rate: 0.01, "
    "clip_norm: 0.5, average: 0.9, augment: [flip], early_stopping: {patience: 1}, "
    "quantize: {epochs: 4}}";

/* Trained, and ready to be fine-tuned with values of so many levels' width. */
static void tuning_open(struct course *course, const char *train)
{
    struct bench *bench = &course->bench;
    struct calibration how = {CALIBRATION_MIN_MAX, 100};
    struct activation_ranges ranges;

    course_open(course, NORMAL, train);
    CU_ASSERT_EQUAL_FATAL(go(course, 2), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        calibrate_activations(&bench->family, engine_of(bench->settings.engine.kind),
                              bench->parameters, bench->statistics, &bench->inputs,
                              (struct answer){CONTENT_IMAGE, 1}, &how, &ranges, &bench->error),
        STATUS_OK);
    ranges.weight_bits = (int)bench->settings.quantize.bits;
    course->ranges = ranges;
    memset(course->losses, 0, sizeof course->losses);
}

static void tuning_close(struct course *course)
{
    activation_ranges_release(&course->ranges);
    bench_close(&course->bench);
}

/* Fine-tuning has the same bits on any number of threads, however often it is stopped; statistics
 * stay. */
static void test_fine_tuning(void)
{
    static struct course calm, stopped;
    float statistics[16];

    for (uint64_t seed = 0; seed < 4; seed++) {
        int hits = 0;
        enum status status = STATUS_INTERRUPTED;
        tuning_open(&calm, tuned);
        tuning_open(&stopped, tuned);
        size_t size = calm.bench.network.statistics * sizeof *statistics;
        CU_ASSERT_FATAL(size > 0 && size <= sizeof statistics);
        memcpy(statistics, calm.bench.statistics, size);
        CU_ASSERT_EQUAL(go(&calm, 3), STATUS_OK);
        CU_ASSERT_EQUAL(memcmp(statistics, calm.bench.statistics, size), 0);
        CU_ASSERT_EQUAL(calm.outcome.epochs, 4);
        CU_ASSERT_EQUAL(calm.outcome.items, 4 * 2 * 30); /* passes as the training made */
        stopped.stream = random_stream(KEY, RANDOM_SEARCH, seed);
        stopped.pace = 1 + (uint32_t)seed * 2;
        while (status == STATUS_INTERRUPTED && hits++ < 1000) {
            status = go(&stopped, 1 + hits % 3);
            interrupt_clear();
        }
        CU_ASSERT_EQUAL(status, STATUS_OK);
        CU_ASSERT(stopped.loads > 0);
        same_result(&calm, &stopped);
        tuning_close(&stopped);
        tuning_close(&calm);
    }
}

/* With few bits the loss is far above that of the training, and falls. */
static void test_fine_tuning_learns(void)
{
    static struct course course;

    tuning_open(&course, "{epochs: 12, batch: 8, shard: 4, loss: mse, learning_rate: 0.01, "
                         "quantize: {bits: 2, epochs: 16, learning_rate: 1}}");
    CU_ASSERT_EQUAL(go(&course, 2), STATUS_OK);
    CU_ASSERT(course.losses[15] < 0.7 * course.losses[0]);
    tuning_close(&course);
}

/* An engine that asks for a stop in the middle of a step, after so many convolutions; 0: never. */
extern const struct engine engine_reference;
static size_t left_until_stop;

static void restless(void)
{
    if (left_until_stop && --left_until_stop == 0)
        interrupt_request();
}

static void restless_forward(const struct conv_geometry *geometry, const float *x, const float *w,
                             const float *bias, float *y, float *scratch)
{
    engine_reference.conv_forward(geometry, x, w, bias, y, scratch);
    restless();
}

static void restless_backward(const struct conv_geometry *geometry, const float *x, const float *dy,
                              float *dw, float *dbias, float *scratch)
{
    engine_reference.conv_backward_weights(geometry, x, dy, dw, dbias, scratch);
    restless();
}

/* What was computed of a step that was not finished leaves nothing behind. */
static void test_stop_in_step(void)
{
    static struct course calm, stopped;
    struct engine engine = engine_reference;
    enum status status = STATUS_INTERRUPTED;
    size_t hits = 0;

    engine.conv_forward = restless_forward;
    engine.conv_backward_weights = restless_backward;
    course_open(&calm, NORMAL, everything);
    course_open(&stopped, NORMAL, everything);
    calm.bench.settings.engine.kind = stopped.bench.settings.engine.kind = &engine.descriptor;
    CU_ASSERT_EQUAL(go(&calm, 1), STATUS_OK);
    while (status == STATUS_INTERRUPTED && hits < 100) {
        left_until_stop = 5 + 3 * hits++;
        status = go(&stopped, 1);
        interrupt_clear();
    }
    left_until_stop = 0;
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(hits > 5 && stopped.loads > 2);
    same_result(&calm, &stopped);
    bench_close(&stopped.bench);
    bench_close(&calm.bench);
}

/* A kill leaves the last checkpoint that was due, not the last step. */
static void test_killed(void)
{
    static struct course calm, killed;

    course_open(&calm, NORMAL, everything);
    course_open(&killed, NORMAL, everything);
    CU_ASSERT_EQUAL(go(&calm, 2), STATUS_OK);
    killed.often = true;
    for (killed.dies_at = 2; killed.dies_at <= 6; killed.dies_at++) {
        CU_ASSERT_EQUAL(go(&killed, 1), STATUS_IO);
        CU_ASSERT(killed.saved_step > 0 && killed.saved_step <= 3 * killed.dies_at);
    }
    killed.dies_at = 0;
    CU_ASSERT_EQUAL(go(&killed, 1), STATUS_OK);
    CU_ASSERT_EQUAL(killed.loads, 5);
    same_result(&calm, &killed);
    bench_close(&killed.bench);
    bench_close(&calm.bench);
}

/* A checkpoint that does not belong is refused. */
static void test_foreign_checkpoint(void)
{
    static struct course course;

    course_open(&course, NORMAL, everything);
    course.pace = 2;
    CU_ASSERT_EQUAL(go(&course, 1), STATUS_INTERRUPTED);
    interrupt_clear();
    course.saved_step += 1;
    CU_ASSERT_EQUAL(go(&course, 1), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(course.bench.error.message,
                           "the checkpoint belongs to another training");
    bench_close(&course.bench);
}

static void test_threads(void)
{
    static struct course one, more;

    course_open(&one, NORMAL, everything);
    CU_ASSERT_EQUAL(go(&one, 1), STATUS_OK);
    for (int threads = 2; threads <= 8; threads += 3) {
        course_open(&more, NORMAL, everything);
        CU_ASSERT_EQUAL(go(&more, threads), STATUS_OK);
        same_result(&one, &more);
        bench_close(&more.bench);
    }
    bench_close(&one.bench);
}

static void test_early_stopping(void)
{
    static const struct {
        const char *stopping;
        double scores[8];
        int64_t epochs, kept;
    } cases[] = {
        {"{patience: 2}", {1, 2, 3, 2, 2, 9, 9, 9}, 5, 3},
        {"{patience: 2}", {1, 2, 3, 2, 4, 3, 4, 9}, 7, 5}, /* 4 again is not better */
        {"{patience: 3, minimum_delta: 1}", {1, 1.5, 2, 2.9, 2.9, 2.9, 9, 9}, 6, 3},
        {"{patience: 9}", {1, 2, 3, 9, 2, 2, 2, 2}, 8, 4},
        {"{patience: 1}", {3, 2, 9, 9, 9, 9, 9, 9}, 2, 1},
        {"{patience: 2}", {(double)NAN, 1, (double)NAN, 0, 9, 9, 9, 9}, 4, 2},
        {"{}", {3, 2, 1, 0, 0, 0, 0, 0}, 8, 8},
    };
    static struct course course, shorter;

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char train[256];
        snprintf(train, sizeof train,
                 "{epochs: 8, batch: 12, shard: 5, loss: mse, early_stopping: %s}",
                 cases[c].stopping);
        course_open(&course, NORMAL, train);
        memcpy(course.scores, cases[c].scores, sizeof cases[c].scores);
        CU_ASSERT_EQUAL(go(&course, 2), STATUS_OK);
        CU_ASSERT_EQUAL(course.outcome.epochs, cases[c].epochs);
        CU_ASSERT_EQUAL(course.epoch, cases[c].epochs);
        CU_ASSERT_EQUAL(course.outcome.kept, cases[c].kept);
        /* what is kept is what training for so many epochs gives */
        course_open(&shorter, NORMAL, "{epochs: 1, batch: 12, shard: 5, loss: mse}");
        shorter.bench.settings.epochs = cases[c].kept;
        CU_ASSERT_EQUAL(go(&shorter, 1), STATUS_OK);
        CU_ASSERT_EQUAL(memcmp(course.bench.parameters, shorter.bench.parameters,
                               shorter.bench.network.parameters * sizeof(float)),
                        0);
        CU_ASSERT_EQUAL(memcmp(course.bench.statistics, shorter.bench.statistics,
                               shorter.bench.network.statistics * sizeof(float)),
                        0);
        bench_close(&shorter.bench);
        bench_close(&course.bench);
    }
}

/* Told and kept are the averages, of parameters and statistics alike; training goes its own way. */
static void test_average(void)
{
    static const char train[] = "{epochs: 10, batch: 30, shard: 5, loss: mse, average: 0.4}";
    static struct course plain, averaged;
    double mean[16] = {0};

    course_open(&plain, NORMAL, train);
    course_open(&averaged, NORMAL, train);
    plain.bench.settings.average = 0;
    CU_ASSERT_EQUAL(go(&plain, 1), STATUS_OK);
    CU_ASSERT_EQUAL(go(&averaged, 1), STATUS_OK);
    CU_ASSERT_EQUAL(memcmp(plain.losses, averaged.losses, sizeof plain.losses), 0);
    CU_ASSERT_EQUAL_FATAL(plain.bench.network.statistics, 8);
    for (size_t i = 0; i < 8; i++)
        mean[i] = i < 4 ? 0 : 1; /* means, variances at first */
    for (int step = 1; step <= 10; step++) {
        double decay = fmin(0.4, (1.0 + step) / (10.0 + step));
        for (size_t i = 0; i < 8; i++) {
            mean[i] += (1 - decay) * ((double)plain.statistics[step - 1][i] - mean[i]);
            CU_ASSERT_DOUBLE_EQUAL((double)averaged.statistics[step - 1][i], mean[i], 1e-6);
        }
    }
    CU_ASSERT_EQUAL(memcmp(averaged.bench.statistics, averaged.statistics[9], 8 * sizeof(float)),
                    0);
    CU_ASSERT_NOT_EQUAL(memcmp(averaged.bench.parameters, plain.bench.parameters,
                               plain.bench.network.parameters * sizeof(float)),
                        0);
    bench_close(&averaged.bench);
    bench_close(&plain.bench);
}

static void test_clipping_diverges(void)
{
    static struct course course;

    course_open(&course, SMALL,
                "{epochs: 2, batch: 30, shard: 30, loss: mse, clip_norm: 1, average: 0.9}");
    for (size_t i = 0; i < 30 * 64; i++)
        course.bench.inputs.pixels[i] *= 1e20f; /* the loss is finite, in double precision */
    CU_ASSERT_EQUAL(go(&course, 1), STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(course.bench.error.message,
                           "epoch 1: the gradients of the weights of layer 'conv1' are not finite");
    bench_close(&course.bench);
}

/* A loss that looks at what the items have become: inputs (times a number), and targets. */
static struct {
    float factor;
    size_t items, moved, cut;
    bool cutout;
} seen;

static double look(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);

    for (int item = 0; item < call->count; item++) {
        const float *y = call->y + (size_t)item * size, *t = call->targets + (size_t)item * size;
        size_t lost = 0;
        for (size_t i = 0; i < size; i++) {
            bool same = fabsf(y[i] - seen.factor * t[i]) < 1e-6f;
            CU_ASSERT(same || (seen.cutout && y[i] == 0));
            lost += !same;
        }
        seen.items++;
        seen.moved += t[0] != 1;
        seen.cut += lost > 0;
    }
    memset(call->dy, 0, (size_t)call->count * size * sizeof *call->dy);
    return 1;
}

static void test_augmented_items(void)
{
    static const char *const trains[] = {
        "{epochs: 3, batch: 12, shard: 5, augment: [flip, rotate90, shift: {pixels: 2}]}",
        "{epochs: 3, batch: 12, shard: 5, augment: [cutout: {size: 3}]}",
    };
    static const struct loss looker = {.descriptor = {.name = "look"}, .evaluate = look};
    static struct course course;

    for (int k = 0; k < 2; k++) {
        course_open(&course, "scale: {}", trains[k]);
        course.bench.settings.loss = (struct component){.kind = &looker.descriptor};
        for (size_t i = 0; i < 30 * 64; i++) { /* every pixel of an item is another number */
            course.bench.inputs.pixels[i] = (float)(i % 64 + 1);
            course.bench.targets.pixels[i] = course.bench.inputs.pixels[i];
        }
        network_initialise(&course.bench.network, KEY, course.bench.parameters, NULL);
        memset(&seen, 0, sizeof seen);
        seen.factor = course.bench.parameters[0];
        seen.cutout = k == 1;
        CU_ASSERT_EQUAL(course.bench.parameters[1], 0);
        CU_ASSERT_EQUAL(go(&course, 1), STATUS_OK);
        CU_ASSERT_EQUAL(seen.items, 90);
        CU_ASSERT(k == 0 ? seen.moved > 60 && seen.cut == 0 : seen.moved == 0 && seen.cut == 90);
        bench_close(&course.bench);
    }
}

static void test_refusals(void)
{
    static struct course course;

    course_open(&course, SMALL, "{loss: mse, augment: [shift: {pixels: 8}]}");
    CU_ASSERT_EQUAL(go(&course, 1), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(course.bench.error.message,
                           "train.augment: 'shift' by up to 8 pixels moves images of 8 x 8 out of "
                           "view");
    bench_close(&course.bench);
    course_open(&course, SMALL, "{loss: ssim}");
    CU_ASSERT_EQUAL(go(&course, 1), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(course.bench.error.message,
                           "train.loss: 'ssim' looks through a window of 11 x 11 pixels; images of "
                           "8 x 8 are too small for it");
    bench_close(&course.bench);
}

static void test_out_of_memory(void)
{
    static struct course course;
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    course_open(&course, NORMAL, everything);
    while (status == STATUS_MEMORY && n < 1000) {
        memory_fail_at(++n);
        status = go(&course, 2);
        memory_fail_at(0);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(n > 20);
    bench_close(&course.bench);
}

void train_course_suite(void);

void train_course_suite(void)
{
    CU_pSuite suite = CU_add_suite("train_course", NULL, NULL);
    CU_add_test(suite, "stopped at any step, it goes on with the same bits", test_resume);
    CU_add_test(suite, "fine-tuning goes on with the same bits", test_fine_tuning);
    CU_add_test(suite, "fine-tuning lowers the loss", test_fine_tuning_learns);
    CU_add_test(suite, "stopped in a step, it goes on with the same bits", test_stop_in_step);
    CU_add_test(suite, "killed, it goes on from the last checkpoint", test_killed);
    CU_add_test(suite, "a checkpoint of another training is refused", test_foreign_checkpoint);
    CU_add_test(suite, "bits do not depend on the threads", test_threads);
    CU_add_test(suite, "early stopping keeps the best epoch", test_early_stopping);
    CU_add_test(suite, "averages of parameters and statistics", test_average);
    CU_add_test(suite, "clipping names gradients that are not finite", test_clipping_diverges);
    CU_add_test(suite, "augmentation changes input and label alike", test_augmented_items);
    CU_add_test(suite, "what does not fit is refused", test_refusals);
    CU_add_test(suite, "out of memory anywhere", test_out_of_memory);
}
