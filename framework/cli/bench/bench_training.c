/* How fast training is: the framework's own training loop on random images, its sink reading the
 * clock after each epoch. */
#include "cli/bench/bench.h"

#include "base/clock.h"
#include "base/resident.h"
#include "math/statistics.h"

#include <string.h>

enum {
    WARM_UP = 1, /* epochs that are not counted */
    LEAST_EPOCHS = 3,
    MOST_EPOCHS = 2000,
    MOST_MINIBATCHES = 16, /* in an epoch */
};

static const double EPOCH_OPERATIONS = 1e10; /* what an epoch is to hold, roughly */
static const double PEAK_EVERY = 0.2, PEAK_SECONDS = 0.005;

struct subject { /* what is trained, and on which data */
    struct arena arena;
    struct train_settings settings;
    struct image_set inputs, targets;
    uint8_t *classes;
    float *parameters, *statistics;
};

struct stopwatch {
    const struct bench_setting *setting;
    enum precision precision;
    double begin;         /* of this epoch */
    double spent;         /* in epochs that count */
    double peak_at;       /* when the peak was last measured */
    bool enough;          /* the training was ended because all is known */
    size_t epochs, peaks; /* measured */
    double seconds[MOST_EPOCHS], peak[MOST_EPOCHS];
};

const struct field *bench_field(const struct field *fields, const char *name)
{
    while (fields->name && strcmp(fields->name, name) != 0)
        fields++;
    return fields->name ? fields : NULL;
}

/* As an experiment's `train:` section would read. Nothing is learnt from random labels, and the
 * rate is small enough for nothing to overflow. */
static enum status read_settings(const struct bench_setting *setting, struct subject *subject,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct text yaml = {0};
    struct yaml_node *root = NULL;

    text_append(&yaml, "epochs: 1000000\nbatch: %d\nlearning_rate: 1e-4\noptimizer: sgd\n",
                setting->reference->batch);
    text_append(&yaml, "engine: %s\nprecision: %s\nloss: %s\n", setting->engine, setting->precision,
                setting->reference->classes ? "cross_entropy" : "mse");
    if (setting->shard)
        text_append(&yaml, "shard: %lld\n", (long long)setting->shard);
    TRY(text_status(&yaml, error));
    TRY(yaml_parse(&subject->arena, "bench", yaml.bytes, yaml.length, &root, &found, error));
    TRY(schema_read(train_fields, root, "train", &subject->settings, &subject->arena, &found,
                    error));
    if (found.count) {
        *error = found.items[0];
        status = error->code;
    }
out:
    text_release(&yaml);
    diagnostics_release(&found);
    return status;
}

static void fill(struct image_set *set, uint64_t index)
{
    struct random_stream stream = random_stream((struct random_key){0}, RANDOM_GENERATE, index);
    for (size_t i = 0; i < set->offsets[set->count]; i++)
        set->pixels[i] = (float)random_uniform(&stream);
}

static enum status make_items(const struct bench_setting *setting, struct subject *subject,
                              struct error *error)
{
    const struct bench_network *reference = setting->reference;
    double step = 6 * bench_multiply_adds(setting->network) * reference->batch;
    double minibatches = EPOCH_OPERATIONS / step;

    if (minibatches > MOST_MINIBATCHES)
        minibatches = MOST_MINIBATCHES;
    size_t count = (size_t)(minibatches < 1 ? 1 : minibatches) * (size_t)reference->batch;
    PASS(image_set_new_uniform(&subject->inputs, count, reference->input, error));
    fill(&subject->inputs, 0);
    if (reference->classes) {
        PASS(memory_new(&subject->classes, count, 1, error));
        for (size_t i = 0; i < count; i++)
            subject->classes[i] = (uint8_t)(i % (size_t)reference->target.channels);
    } else {
        PASS(image_set_new_uniform(&subject->targets, count, reference->target, error));
        fill(&subject->targets, 1);
    }
    PASS(memory_new(&subject->parameters, setting->network->parameters, sizeof(float), error));
    return memory_new(&subject->statistics, setting->network->statistics, sizeof(float), error);
}

static void release(struct subject *subject)
{
    memory_free(subject->statistics);
    memory_free(subject->parameters);
    memory_free(subject->classes);
    image_set_release(&subject->targets);
    image_set_release(&subject->inputs);
    arena_release(&subject->arena);
}

/* Of struct train_sink. The peak is measured between epochs, since the clock rate changes with
 * load and heat. */
static enum status see_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                             const float *parameters, const float *statistics, struct error *error)
{
    struct stopwatch *watch = context;
    double now = clock_seconds();

    (void)epochs, (void)loss, (void)parameters, (void)statistics;
    if (epoch > WARM_UP) {
        watch->seconds[watch->epochs++] = now - watch->begin;
        watch->spent += now - watch->begin;
    }
    if (watch->peaks == 0 || now - watch->peak_at >= PEAK_EVERY) {
        watch->peak_at = now;
        watch->peak[watch->peaks++] =
            bench_peak(watch->precision, watch->setting->threads, PEAK_SECONDS, BENCH_WALL);
    }
    watch->enough = (watch->epochs >= LEAST_EPOCHS && watch->spent >= watch->setting->seconds) ||
                    watch->epochs == MOST_EPOCHS || watch->peaks == MOST_EPOCHS;
    if (watch->enough)
        return error_set(error, STATUS_INTERRUPTED, "enough is measured");
    watch->begin = clock_seconds();
    return STATUS_OK;
}

static enum status train(const struct bench_setting *setting, const struct subject *subject,
                         struct stopwatch *watch, struct error *error)
{
    struct train_items items = {.inputs = &subject->inputs,
                                .targets = setting->reference->classes ? NULL : &subject->targets,
                                .classes = subject->classes};
    struct train_sink sink = {.epoch = see_epoch, .context = watch};
    enum status status =
        train_network(setting->network, &subject->settings, &items, (struct random_key){0},
                      setting->threads, &sink, subject->parameters, subject->statistics, error);

    return watch->enough ? STATUS_OK : status;
}

enum status bench_training(const struct bench_setting *setting, struct bench_result *result,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct subject subject = {0};
    static struct stopwatch watch; /* large */

    memset(&watch, 0, sizeof watch);
    watch.setting = setting;
    resident_restart();
    result->memory_before_mib = resident_memory().now;
    TRY(read_settings(setting, &subject, error));
    watch.precision = (enum precision)subject.settings.precision;
    TRY(make_items(setting, &subject, error));
    TRY(train(setting, &subject, &watch, error));
    result->images_per_second =
        (double)subject.inputs.count / statistics_median(watch.seconds, watch.epochs);
    result->peak_gflops = statistics_median(watch.peak, watch.peaks);
    result->memory_mib = resident_memory().peak;
out:
    release(&subject);
    return status;
}
