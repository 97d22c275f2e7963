/* Noise in labels, kind by kind and in whole labelled sets; labels degraded anew as inputs. */
#include "trial/label_noise.h"
#include "trial/trial.h"

#include "base/memory.h"
#include "interfaces/label_noise.h"
#include "math/metrics.h"
#include "tests/unit/plans.h"
#include "tests/unit/settings.h"
#include "trial/training_set.h"

#include <math.h>

void label_noise_suite(void);

extern const struct label_noise label_noise_coding_error, label_noise_symmetric;

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static struct random_stream stream_of(uint64_t index)
{
    struct random_key key = {.seed = 5};
    return random_stream(key, RANDOM_LABEL_NOISE, index);
}

/* A coding error with its choice of mistake. */
static void *fault_new(int mistake)
{
    const struct descriptor *kind = &label_noise_coding_error.descriptor;
    void *config = NULL;

    OK(memory_new(&config, 1, kind->config_size, NULL));
    settings_set(kind, config, "rate", 1);
    settings_set(kind, config, "mistake", mistake);
    settings_set(kind, config, "low", 0.25);
    settings_set(kind, config, "high", 0.5);
    settings_set(kind, config, "first", 0);
    settings_set(kind, config, "second", 3);
    return config;
}

static void change(const struct label_noise *kind, const void *config, struct image label,
                   bool scores)
{
    struct random_stream stream = stream_of(0);
    kind->change(config, label, scores, &stream);
}

/* Every other class as often as the next, and never the label itself. */
static void symmetric_flips_are_even(void)
{
    enum { CLASSES = 5, DRAWS = 8000 };
    int counts[CLASSES] = {0};
    const double config = 0.3;

    for (int i = 0; i < DRAWS; i++) {
        float scores[CLASSES] = {0.1f, 0.2f, 0.9f, 0.2f, -1.0f};
        struct image label = {{CLASSES, 1, 1}, scores};
        struct random_stream stream = stream_of((uint64_t)i);
        label_noise_symmetric.change(&config, label, true, &stream);
        counts[metrics_argmax(scores, CLASSES)]++;
    }
    CU_ASSERT_EQUAL(counts[2], 0);
    for (int c = 0; c < CLASSES; c++) /* 2000 each, standard deviation 39 */
        CU_ASSERT(c == 2 || fabs(counts[c] - DRAWS / 4.0) < 160);
}

/* The named class wins, the first one's score stays among them, and ties do not hide it. */
static void a_named_class_is_the_largest(void)
{
    float scores[4] = {0.5f, 2, 2, -1}, tied[3] = {0, 0, 0};

    label_noise_name((struct image){{4, 1, 1}, scores}, 3);
    CU_ASSERT_EQUAL(metrics_argmax(scores, 4), 3);
    CU_ASSERT_EQUAL(scores[1], -1);
    CU_ASSERT_EQUAL(scores[0], 0.5f);
    label_noise_name((struct image){{3, 1, 1}, tied}, 2);
    CU_ASSERT_EQUAL(metrics_argmax(tied, 3), 2);
}

static void coding_errors_of_classes(void)
{
    static const struct {
        int mistake, from, to;
    } cases[] = {{0, 1, 2}, {0, 3, 0}, {2, 0, 3}, {2, 3, 0}, {2, 1, 1}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *config = fault_new(cases[i].mistake);
        float scores[4] = {0.1f, 0.2f, 0.3f, 0.4f};
        label_noise_name((struct image){{4, 1, 1}, scores}, cases[i].from);
        change(&label_noise_coding_error, config, (struct image){{4, 1, 1}, scores}, true);
        CU_ASSERT_EQUAL(metrics_argmax(scores, 4), cases[i].to);
        memory_free(config);
    }
}

static void coding_errors_of_images(void)
{
    static const float moved[6] = {1, 1, 2, 1, 1, 2},
                       cut[6] = {0.25f, 0.25f, 0.3f, 0.5f, 0.5f, 0.5f};
    float image[6] = {1, 2, 3, 4, 5, 6}, values[6] = {-1, 0.2f, 0.3f, 0.5f, 0.7f, 2};
    void *shift = fault_new(0), *clamp = fault_new(1);

    change(&label_noise_coding_error, shift, (struct image){{1, 2, 3}, image}, false);
    CU_ASSERT(memcmp(image, moved, sizeof moved) == 0);
    change(&label_noise_coding_error, clamp, (struct image){{2, 1, 3}, values}, false);
    CU_ASSERT(memcmp(values, cut, sizeof cut) == 0);
    memory_free(shift);
    memory_free(clamp);
}

/* A trial of a plan, with everything that is labelled for it. */
struct bench {
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct dataset_cache cache;
    struct splits splits;
};

static const char classify[] =
    "experiment: noise\ntask: classify\nseed: 3\n"
    "dataset: {name: digits, manual: 30, unlabelled: 400, validation: 5, test: 20}\n"
    "pipeline: {stages: [hog, linear_svm]}\nnetwork: {family: lenet5}\n";
static const char denoise[] = "experiment: noise\ntask: denoise\nseed: 3\n"
                              "dataset: {name: digits, manual: 4, unlabelled: 200, validation: 3,\n"
                              "          test: 4, degrade: [gaussian_noise: {sigma: 40}]}\n"
                              "pipeline: {stages: [median]}\nnetwork: {family: dncnn}\n";

static enum status try_bench(struct bench *bench, const char *yaml, const char *override)
{
    struct trial_options options = {.data = "data/raw", .threads = 2};

    memset(bench, 0, sizeof *bench);
    plans_families();
    CU_ASSERT_EQUAL_FATAL(plans_try(&bench->plan, yaml, &override, override != NULL, true), 0);
    OK(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error));
    return trial_prepare(&bench->splits, &bench->trial, &bench->cache, &options, &error);
}

static void begin(struct bench *bench, const char *yaml, const char *override)
{
    OK(try_bench(bench, yaml, override));
}

static void release(struct bench *bench)
{
    splits_release(&bench->splits);
    dataset_cache_release(&bench->cache);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
    families_release();
}

static bool same_image(const struct image_set *a, const struct image_set *b, size_t i)
{
    struct image left = image_set_at(a, i), right = image_set_at(b, i);
    return memcmp(left.pixels, right.pixels, shape_size(left.shape) * sizeof(float)) == 0;
}

static bool same_set(const struct image_set *a, const struct image_set *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = same_image(a, b, i);
    return same;
}

/* All splits but `unlabelled` are as they are without noise. */
static void others_are_untouched(const struct bench *noisy, const struct bench *plain)
{
    for (int s = 0; s < SPLITS; s++) {
        const struct split *a = &noisy->splits.items[s], *b = &plain->splits.items[s];
        if (s == SPLIT_UNLABELLED)
            continue;
        CU_ASSERT(same_set(&a->input, &b->input));
        CU_ASSERT(same_set(&a->label, &b->label));
        CU_ASSERT(same_set(&a->pipeline_out, &b->pipeline_out));
    }
}

static size_t hits(const struct bench *bench)
{
    size_t count = 0;
    for (size_t i = 0; i < bench->splits.items[SPLIT_UNLABELLED].input.count; i++)
        count += bench->splits.hit[i] != 0;
    return count;
}

static int class_at(const struct bench *bench, size_t i)
{
    const struct image_set *labels = &bench->splits.items[SPLIT_UNLABELLED].label;
    return metrics_argmax(image_set_at(labels, i).pixels, labels->shapes[i].channels);
}

/* Flips hit their share, what a lower rate hits a higher one hits too, and nothing else changes. */
static void flips_hit_their_share(void)
{
    struct bench plain, few, many;
    size_t changed = 0, count = 400;

    begin(&plain, classify, NULL);
    begin(&few, classify, "label_noise=[symmetric: {rate: 0.2}]");
    begin(&many, classify, "label_noise=[symmetric: {rate: 0.4}]");
    CU_ASSERT_PTR_NULL(plain.splits.hit);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(!few.splits.hit[i] || many.splits.hit[i]);
        CU_ASSERT_EQUAL(few.splits.hit[i] != 0, class_at(&plain, i) != class_at(&few, i));
        CU_ASSERT(!few.splits.hit[i] || class_at(&few, i) == class_at(&many, i));
        changed += class_at(&plain, i) != class_at(&many, i);
    }
    CU_ASSERT_EQUAL(changed, hits(&many));
    CU_ASSERT(fabs((double)hits(&few) - 80) < 32); /* standard deviation 8 */
    CU_ASSERT(fabs((double)hits(&many) - 160) < 40);
    others_are_untouched(&many, &plain);
    CU_ASSERT(many.splits.pipeline[SPLIT_UNLABELLED].values[METRIC_ACCURACY] <
              plain.splits.pipeline[SPLIT_UNLABELLED].values[METRIC_ACCURACY]);
    CU_ASSERT_EQUAL(many.splits.pipeline[SPLIT_TEST].values[METRIC_ACCURACY],
                    plain.splits.pipeline[SPLIT_TEST].values[METRIC_ACCURACY]);
    release(&plain);
    release(&few);
    release(&many);
}

/* Flips of the truth: what is not flipped is right, whatever the pipeline says. */
static void flips_may_start_from_truth(void)
{
    struct bench bench, clean;
    size_t wrong = 0;

    begin(&bench, classify, "label_noise=[truth: {}, symmetric: {rate: 0.3}]");
    for (size_t i = 0; i < 400; i++) {
        bool right = class_at(&bench, i) == bench.splits.truth[SPLIT_UNLABELLED].classes[i];
        CU_ASSERT_EQUAL(bench.splits.hit[i], right ? 1 : 3);
        wrong += !right;
    }
    CU_ASSERT(fabs((double)wrong - 120) < 37); /* standard deviation 9 */
    release(&bench);
    begin(&clean, denoise, "label_noise=[truth: {rate: 0.5}]");
    for (size_t i = 0; i < 200; i++) {
        const struct image_set *truth = &clean.splits.truth[SPLIT_UNLABELLED].images;
        CU_ASSERT_EQUAL(same_image(&clean.splits.items[SPLIT_UNLABELLED].label, truth, i),
                        clean.splits.hit[i]);
    }
    CU_ASSERT(hits(&clean) > 60 && hits(&clean) < 140);
    release(&clean);
}

/* Other settings of the camera: those images are as `dataset.degrade` with these settings makes
 * them, pipeline and all; the others and the truth are as ever. */
static void operational_images_are_of_other_settings(void)
{
    struct bench plain, noisy, dark;
    static const char *const dark_steps =
        "dataset.degrade=[gaussian_noise: {sigma: 70}, exposure: {gain: 0.5}]";

    begin(&plain, denoise, NULL);
    begin(&dark, denoise, dark_steps);
    begin(&noisy, denoise,
          "label_noise=[operational: {rate: 0.3, degrade: [gaussian_noise: {sigma: 70}, "
          "exposure: {gain: 0.5}]}]");
    for (size_t i = 0; i < 200; i++) {
        const struct bench *as = noisy.splits.hit[i] ? &dark : &plain;
        const struct split *is = &noisy.splits.items[SPLIT_UNLABELLED];
        const struct split *like = &as->splits.items[SPLIT_UNLABELLED];
        CU_ASSERT(same_image(&is->input, &like->input, i));
        CU_ASSERT(same_image(&is->network_in, &like->network_in, i));
        CU_ASSERT(same_image(&is->label, &like->label, i));
    }
    CU_ASSERT(fabs((double)hits(&noisy) - 60) < 26);
    CU_ASSERT(same_set(&noisy.splits.truth[SPLIT_UNLABELLED].images,
                       &plain.splits.truth[SPLIT_UNLABELLED].images));
    others_are_untouched(&noisy, &plain);
    release(&plain);
    release(&noisy);
    release(&dark);
}

/* Two sources draw apart, and a coding error's label is the moved one. */
static void sources_are_independent(void)
{
    struct bench alone, both;
    size_t first = 0, second = 0, together = 0;

    begin(&alone, denoise, "label_noise=[coding_error: {rate: 0.5}]");
    begin(&both, denoise,
          "label_noise=[coding_error: {rate: 0.5}, coding_error: {rate: 0.5, mistake: "
          "wrong_clamp}]");
    for (size_t i = 0; i < 200; i++) {
        unsigned hit = both.splits.hit[i];
        CU_ASSERT_EQUAL(alone.splits.hit[i], hit & 1);
        first += hit & 1;
        second += hit >> 1;
        together += hit == 3;
        const struct image_set *labels = &both.splits.items[SPLIT_UNLABELLED].label;
        CU_ASSERT_EQUAL(same_image(labels, &alone.splits.items[SPLIT_UNLABELLED].label, i),
                        hit < 2);
    }
    CU_ASSERT(first > 70 && first < 130 && second > 70 && second < 130);
    CU_ASSERT(together > 25 && together < 75);
    release(&alone);
    release(&both);
}

/* Before anything runs, where the data set's classes are known. */
static void a_class_that_is_not_there_is_told(void)
{
    static const char *const override[] = {
        "label_noise=[coding_error: {rate: 0.1, mistake: swapped_classes, second: 12}]"};
    struct plan_options options = {.overrides = override, .override_count = 1, .home = "."};
    struct diagnostics found = {0};
    struct plan plan;

    plans_families();
    OK(plan_load_text(&plan, "test.yaml", classify, strlen(classify), &options, &found, &error));
    CU_ASSERT_EQUAL_FATAL(found.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(found.items[0].message, "there is no class 12; expected 0 to 9"));
    diagnostics_release(&found);
    plan_release(&plan);
}

/* What is hit is stored, for filters to be judged by. */
static void hits_are_recorded(void)
{
    struct bench bench;
    struct record record = {0};

    begin(&bench, classify, "label_noise=[symmetric: {rate: 0.2}, coding_error: {rate: 0}]");
    OK(label_noise_record(&bench.splits, &bench.trial, &record, &error));
    const struct hdf5_array *stored = record_find(&record, "label_noise/hit");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stored);
    CU_ASSERT_EQUAL(stored->dims[0], 400);
    CU_ASSERT(memcmp(stored->values, bench.splits.hit, 400) == 0);
    CU_ASSERT_EQUAL(record_value(&record, "label_noise.hits")->integer, (int64_t)hits(&bench));
    CU_ASSERT_EQUAL(record_value(&record, "label_noise[0].symmetric.hits")->integer,
                    (int64_t)hits(&bench));
    CU_ASSERT_EQUAL(record_value(&record, "label_noise[1].coding_error.hits")->integer, 0);
    record_release(&record);
    release(&bench);
}

/* Noise is a matter of labels, training inputs one of what follows: keys before stay. */
static void keys_change_where_they_should(void)
{
    struct bench plain, noisy, anew;

    begin(&plain, denoise, NULL);
    begin(&noisy, denoise, "label_noise=[coding_error: {rate: 0.1}]");
    begin(&anew, denoise, "train.input=redegraded");
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        CU_ASSERT_EQUAL(strcmp(plain.trial.keys[s], noisy.trial.keys[s]) == 0, s < TRIAL_LABEL);
        CU_ASSERT_EQUAL(strcmp(plain.trial.keys[s], anew.trial.keys[s]) == 0, s < TRIAL_FILTER);
    }
    release(&plain);
    release(&noisy);
    release(&anew);
}

/* Standard deviation of a - b, and how far it goes with c - d: their correlation. */
static double correlation(const struct image_set *a, const struct image_set *b,
                          const struct image_set *c, const struct image_set *d, double *deviation)
{
    size_t count = a->offsets[a->count];
    double xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < count; i++) {
        double x = (double)a->pixels[i] - (double)b->pixels[i];
        double y = (double)c->pixels[i] - (double)d->pixels[i];
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    *deviation = sqrt(xx / (double)count);
    return xy / sqrt(xx * yy);
}

/* The input is the label with noise of the same strength, and not with the noise that the pipeline
 * saw; threads change nothing. */
static void labels_are_degraded_anew(void)
{
    struct bench bench;
    struct training_set items, again;
    struct random_key key = {3, 0};
    double deviation;

    begin(&bench, denoise, "dataset.degrade=[gaussian_noise: {sigma: 40, clip: false}]");
    bench.trial.experiment.train.input = INPUT_REDEGRADED;
    const struct split *split = &bench.splits.items[SPLIT_UNLABELLED];
    OK(training_set_make(&items, &bench.trial.experiment, &bench.splits, key, 1, &error));
    OK(training_set_make(&again, &bench.trial.experiment, &bench.splits, key, 3, &error));
    CU_ASSERT(same_set(&items.targets, &split->label));
    CU_ASSERT(same_set(&items.inputs, &again.inputs));
    double shared = correlation(&items.inputs, &items.targets, &split->input,
                                &bench.splits.truth[SPLIT_UNLABELLED].images, &deviation);
    CU_ASSERT_DOUBLE_EQUAL(deviation, 40 / 255.0, 0.002);
    CU_ASSERT_DOUBLE_EQUAL(shared, 0, 0.01);
    training_set_release(&items);
    training_set_release(&again);
    release(&bench);
}

/* Wherever memory runs out, it is told, and nothing leaks or is half done. */
static void memory_may_run_out(void)
{
    static const char noise[] =
        "label_noise=[operational: {rate: 0.3, degrade: [blur: {sigma: 1}]}, symmetric: {rate: "
        "0.3}]";
    enum status status = STATUS_MEMORY;
    struct trial_options options = {.data = "data/raw", .threads = 1};
    struct bench bench;

    begin(&bench, classify, noise);
    for (size_t n = 1; status != STATUS_OK && n < 2000; n += 7) {
        splits_release(&bench.splits);
        memory_fail_at(n);
        status = trial_prepare(&bench.splits, &bench.trial, &bench.cache, &options, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        CU_ASSERT(status == STATUS_OK || !bench.splits.hit);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    release(&bench);
}

void label_noise_suite(void)
{
    CU_pSuite suite = CU_add_suite("label_noise", NULL, NULL);

    CU_add_test(suite, "symmetric flips are even over the other classes", symmetric_flips_are_even);
    CU_add_test(suite, "a class that is named has the largest score", a_named_class_is_the_largest);
    CU_add_test(suite, "coding errors of classes", coding_errors_of_classes);
    CU_add_test(suite, "coding errors of images", coding_errors_of_images);
    CU_add_test(suite, "flips hit their share, and nothing else", flips_hit_their_share);
    CU_add_test(suite, "flips may start from truth", flips_may_start_from_truth);
    CU_add_test(suite, "operational images are as under the other settings",
                operational_images_are_of_other_settings);
    CU_add_test(suite, "sources draw apart", sources_are_independent);
    CU_add_test(suite, "a class that the data set lacks is told",
                a_class_that_is_not_there_is_told);
    CU_add_test(suite, "what was hit is recorded", hits_are_recorded);
    CU_add_test(suite, "keys change from the labels on, or from the items on",
                keys_change_where_they_should);
    CU_add_test(suite, "memory may run out anywhere", memory_may_run_out);
    CU_add_test(suite, "labels are degraded anew, with noise of their own",
                labels_are_degraded_anew);
}
