/* What holds for every stage: each row of the registry is tested the moment it exists. */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "graph/family.h"
#include "interfaces/stage.h"
#include "tasks/registry.h"
#include "tests/unit/pattern.h"
#include "train/stages/registry.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

void stages_suite(void);

extern const struct engine engine_openblas;

enum { COUNT = 24, CLASSES = 3, VARIANTS = 4 };
static const struct answer scores = {CONTENT_SCORES, CLASSES};

/* A stage with default settings, fitted where it learns, and inputs that it takes. */
struct trial {
    const struct stage *stage;
    struct arena arena;
    void *config, *state;
    struct image_set inputs;
    uint8_t classes[COUNT];
};

/* Images for image stages, of as many channels as they take, one pixel where they take that; masks,
 * maps; lists of numbers for the others. */
static struct shape input_shape(const struct stage *stage, const void *config, int variant)
{
    static const struct shape images[] = {{1, 28, 28}, {3, 17, 40}, {1, 64, 12}, {1, 1, 1}};
    static const int channels[][2] = {{1, 3}, {3, 1}};
    struct shape shape = images[variant % VARIANTS], out;

    if (!content_is_spatial(stage->input))
        return (struct shape){5 + 12 * (variant % VARIANTS), 1, 1};
    for (int k = 0; k < 2; k++) {
        shape.channels = channels[variant == 1][k];
        if (!(shape.height == 1 && stage->fit) &&
            stage->shape(config, shape, scores, &out, NULL) == STATUS_OK)
            return shape;
    }
    return images[0];
}

/* Classes 0, 1 and 2; or heights, 0 where there is no object. */
static void make_content(enum content content, struct image image)
{
    for (size_t i = 0; i < shape_size(image.shape); i++) {
        float value = image.pixels[i];
        if (content == CONTENT_MASK)
            image.pixels[i] = value > 0.8F ? 2 : value > 0.4F ? 1 : 0;
        else if (content == CONTENT_MAP)
            image.pixels[i] = value > 0.3F ? 9 * value : 0;
    }
}

/* Settings for stages whose required ones have no default. */
static const char *settings_of(const struct stage *stage)
{
    if (strcmp(stage->descriptor.name, "network") == 0)
        return "{family: lenet5, train: {epochs: 1, batch: 8, shard: 4}}";
    if (strcmp(stage->descriptor.name, "plugin") == 0)
        return "{library: " BUILD_FOLDER "/examples/rank.so, symbol: rank_stage, output: image}";
    if (strcmp(stage->descriptor.name, "exec") == 0)
        return "{command: [cat], output: image, multiply_adds: 1}";
    if (strcmp(stage->descriptor.name, "kmeans_features") == 0)
        return "{centroids: 13, patches: 500, iterations: 5}";
    if (strcmp(stage->descriptor.name, "pca") == 0)
        return "{components: 4}";
    if (strcmp(stage->descriptor.name, "ksvd") == 0)
        return "{learn: manual, atoms: 30, patches: 500, iterations: 2}";
    return "{}";
}

static struct stage_examples examples_of(const struct trial *trial)
{
    return (struct stage_examples){.inputs = &trial->inputs,
                                   .classes = trial->classes,
                                   .answer = {CONTENT_SCORES, CLASSES},
                                   .key = {7, 0},
                                   .engine = &engine_openblas,
                                   .loss = "cross_entropy",
                                   .threads = 2};
}

static enum status trial_new(struct trial *trial, size_t row, int variant, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct yaml_node *node = NULL;

    memset(trial, 0, sizeof *trial);
    trial->stage = stage_of(registry_stages()->rows[row]);
    const struct descriptor *descriptor = &trial->stage->descriptor;
    TRY(arena_new(&trial->arena, &trial->config, 1, descriptor->config_size, error));
    const char *settings = settings_of(trial->stage);
    TRY(yaml_parse(&trial->arena, "settings", settings, strlen(settings), &node, &found, error));
    TRY(schema_read(descriptor->fields, node, "", trial->config, &trial->arena, &found, error));
    CU_ASSERT(found.count == 0);
    TRY(image_set_new_uniform(&trial->inputs, COUNT,
                              input_shape(trial->stage, trial->config, variant), error));
    for (size_t i = 0; i < COUNT; i++) {
        pattern_noisy(image_set_at(&trial->inputs, i), (int)i);
        make_content(trial->stage->input, image_set_at(&trial->inputs, i));
        trial->classes[i] = (uint8_t)(i % CLASSES);
    }
    if (trial->stage->fit) {
        struct stage_examples examples = examples_of(trial);
        TRY(trial->stage->fit(trial->config, &examples, &trial->state, error));
    }
    if (trial->stage->start)
        TRY(trial->stage->start(trial->config, &trial->state, error));
out:
    diagnostics_release(&found);
    return status;
}

static void trial_release(struct trial *trial)
{
    if (trial->state)
        trial->stage->release(trial->state);
    image_set_release(&trial->inputs);
    arena_release(&trial->arena);
}

static size_t scratch_size(const struct trial *trial)
{
    const struct stage *stage = trial->stage;
    return stage->scratch ? stage->scratch(trial->config, trial->inputs.shapes[0]) : 0;
}

struct job {
    const struct trial *trial;
    struct image_set outputs;
    float *scratch;
    size_t share;
};

static void run_one(void *context, size_t index, int thread)
{
    const struct job *job = context;
    const struct trial *trial = job->trial;
    trial->stage->run(trial->config, trial->state, image_set_at(&trial->inputs, index),
                      image_set_at(&job->outputs, index),
                      job->share ? job->scratch + (size_t)thread * job->share : NULL);
}

/* Run all inputs; outputs and scratch are filled with a marker before, which must not show. With
 * `stopped`, as if a stop had just been asked for. */
static void run_each(const struct trial *trial, int threads, bool stopped,
                     struct image_set *outputs)
{
    struct job job = {.trial = trial, .share = scratch_size(trial)};
    struct shape shape;

    CU_ASSERT_FATAL(trial->stage->shape(trial->config, trial->inputs.shapes[0], scores, &shape,
                                        NULL) == STATUS_OK);
    CU_ASSERT_FATAL(image_set_new_uniform(&job.outputs, COUNT, shape, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(memory_new(&job.scratch, (size_t)threads, job.share * sizeof(float), NULL) ==
                    STATUS_OK);
    for (size_t i = 0; i < job.outputs.offsets[COUNT]; i++)
        job.outputs.pixels[i] = NAN;
    for (size_t i = 0; i < (size_t)threads * job.share; i++)
        job.scratch[i] = NAN;
    if (stopped)
        interrupt_request();
    parallel_for(threads, COUNT, run_one, &job);
    interrupt_clear();
    memory_free(job.scratch);
    *outputs = job.outputs;
}

static void run_all(const struct trial *trial, int threads, struct image_set *outputs)
{
    if (!trial->stage->run_all) {
        run_each(trial, threads, false, outputs);
        return;
    }
    struct stage_call call = {
        .in = &trial->inputs, .answer = {CONTENT_SCORES, CLASSES}, .threads = threads};
    CU_ASSERT_FATAL(trial->stage->run_all(trial->config, trial->state, &call, outputs, NULL) ==
                    STATUS_OK);
}

typedef void check_function(struct trial *trial);

static void for_every_stage(check_function *check)
{
    for (size_t row = 0; row < registry_stages()->count; row++)
        for (int variant = 0; variant < VARIANTS; variant++) {
            struct trial trial;
            CU_ASSERT_FATAL(trial_new(&trial, row, variant, NULL) == STATUS_OK);
            check(&trial);
            trial_release(&trial);
        }
}

static void check_described(struct trial *trial)
{
    const struct descriptor *descriptor = &trial->stage->descriptor;
    CU_ASSERT(descriptor->summary && descriptor->summary[0]);
    CU_ASSERT(descriptor->version >= 1);
    CU_ASSERT(trial->stage->shape && trial->stage->count);
    CU_ASSERT(!trial->stage->run != !trial->stage->run_all);
    CU_ASSERT((!trial->stage->fit && !trial->stage->start) == !trial->stage->release);
    CU_ASSERT(!trial->stage->fit || !trial->stage->start);
    CU_ASSERT(!trial->stage->learnt == !trial->stage->recall);
    CU_ASSERT(trial->stage->fit || !trial->stage->learnt);
}

static void described(void)
{
    for_every_stage(check_described);
}

/* Every output is written, and is finite. */
static void check_finite(struct trial *trial)
{
    struct image_set outputs;
    run_all(trial, 1, &outputs);
    for (size_t i = 0; i < outputs.offsets[COUNT]; i++)
        if (!isfinite(outputs.pixels[i])) {
            CU_FAIL("an output is not finite");
            fprintf(stderr, "%s\n", trial->stage->descriptor.name);
            break;
        }
    image_set_release(&outputs);
}

static void finite(void)
{
    for_every_stage(check_finite);
}

static void check_content(struct trial *trial)
{
    struct shape in = trial->inputs.shapes[0], out;
    CU_ASSERT_FATAL(trial->stage->shape(trial->config, in, scores, &out, NULL) == STATUS_OK);
    struct component component = {.kind = &trial->stage->descriptor, .config = trial->config};
    enum content content = stage_output(&component, trial->stage->input, task_find("classify"));
    if (content_is_spatial(content))
        CU_ASSERT(out.channels >= 1 && out.height >= 1 && out.width >= 1)
    else
        CU_ASSERT(out.height == 1 && out.width == 1 && out.channels >= 1)
    if (content == CONTENT_SCORES)
        CU_ASSERT(out.channels == CLASSES)
}

static void content(void)
{
    for_every_stage(check_content);
}

static void check_threads(struct trial *trial)
{
    struct image_set one, three;
    run_all(trial, 1, &one);
    run_all(trial, 3, &three);
    CU_ASSERT(memcmp(one.pixels, three.pixels, one.offsets[COUNT] * sizeof(float)) == 0);
    image_set_release(&three);
    image_set_release(&one);
}

static void threads(void)
{
    for_every_stage(check_threads);
}

/* Once a stop was asked for, a stage ends at once, and in order. */
static void check_stops(struct trial *trial)
{
    struct image_set outputs = {0};

    if (!trial->stage->run)
        return;
    run_each(trial, 1, true, &outputs);
    image_set_release(&outputs);
}

static void stops(void)
{
    for_every_stage(check_stops);
}

static bool is_flat(struct image image)
{
    size_t plane = (size_t)image.shape.height * (size_t)image.shape.width;
    for (size_t i = 0; i < shape_size(image.shape); i++)
        if (!(fabs((double)image.pixels[i] - (double)image.pixels[i / plane * plane]) <= 1e-5))
            return false;
    return true;
}

/* What makes images from images finds nothing in a flat one, at its borders neither: each channel
 * comes out flat. */
static void check_flat(struct trial *trial)
{
    struct image_set outputs;
    const struct stage *stage = trial->stage;

    if (stage->input != CONTENT_IMAGE || stage->output != CONTENT_IMAGE)
        return;
    for (size_t i = 0; i < trial->inputs.offsets[COUNT]; i++)
        trial->inputs.pixels[i] = 0.7F;
    run_all(trial, 1, &outputs);
    bool flat = is_flat(image_set_at(&outputs, 0));
    CU_ASSERT(flat);
    if (!flat)
        fprintf(stderr, "%s: a flat image does not stay flat\n", stage->descriptor.name);
    image_set_release(&outputs);
}

static void flat_images_stay_flat(void)
{
    for_every_stage(check_flat);
}

/* Fitting twice on the same examples gives the same machine. */
static void check_refit(struct trial *trial)
{
    struct image_set first, second;
    struct stage_examples examples = examples_of(trial);

    if (!trial->stage->fit)
        return;
    run_all(trial, 1, &first);
    trial->stage->release(trial->state);
    trial->state = NULL;
    CU_ASSERT_FATAL(trial->stage->fit(trial->config, &examples, &trial->state, NULL) == STATUS_OK);
    run_all(trial, 1, &second);
    CU_ASSERT(memcmp(first.pixels, second.pixels, first.offsets[COUNT] * sizeof(float)) == 0);
    image_set_release(&second);
    image_set_release(&first);
}

/* What was learnt, kept and recalled, is as good; numbers of another stage are refused. */
static void check_recall(struct trial *trial)
{
    struct image_set first, second;
    const struct stage *stage = trial->stage;
    void *recalled = NULL;

    if (!stage->learnt)
        return;
    struct stage_learnt learnt = stage->learnt(trial->state), less = learnt;
    CU_ASSERT_FATAL(stage->recall(trial->config, trial->inputs.shapes[0], scores, &engine_openblas,
                                  learnt, &recalled, NULL) == STATUS_OK);
    run_all(trial, 1, &first);
    stage->release(trial->state);
    trial->state = recalled;
    run_all(trial, 1, &second);
    CU_ASSERT(memcmp(first.pixels, second.pixels, first.offsets[COUNT] * sizeof(float)) == 0);
    less = stage->learnt(trial->state);
    less.count--;
    CU_ASSERT(stage->recall(trial->config, trial->inputs.shapes[0], scores, &engine_openblas, less,
                            &recalled, NULL) == STATUS_DATA);
    CU_ASSERT_PTR_NULL(recalled);
    image_set_release(&second);
    image_set_release(&first);
}

static void fits_are_recalled(void)
{
    for_every_stage(check_recall);
}

static void fitting_repeats(void)
{
    for_every_stage(check_refit);
}

static void check_counts(struct trial *trial)
{
    if (trial->stage->recorded)
        return; /* nobody knows */
    struct operations counted = trial->stage->count(trial->config, trial->inputs.shapes[0], scores);
    double kinds[] = {counted.multiply_adds, counted.additions, counted.multiplications,
                      counted.comparisons,   counted.divisions, counted.exponentials,
                      counted.lookups};
    double sum = 0;
    if (strcmp(trial->stage->descriptor.name, "plugin") == 0)
        return; /* the example does not say */
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        CU_ASSERT(kinds[k] >= 0 && isfinite(kinds[k]));
        sum += kinds[k];
    }
    CU_ASSERT(sum > 0);
}

static void counts(void)
{
    for_every_stage(check_counts);
}

static void failed_allocations(void)
{
    for (size_t row = 0; row < registry_stages()->count; row++) {
        enum status status = STATUS_MEMORY;
        for (size_t n = 1; status == STATUS_MEMORY && n < 1000; n++) {
            struct trial trial;
            memory_fail_at(n);
            status = trial_new(&trial, row, 0, NULL);
            memory_fail_at(0);
            trial_release(&trial);
        }
        CU_ASSERT(status == STATUS_OK);
    }
}

static int load_families(void)
{
    struct diagnostics found = {0};
    return families_load(TEXTS("networks/families"), &found, NULL) != STATUS_OK ||
           found.count > 0 || engine_openblas.start(NULL) != STATUS_OK;
}

static int release_families(void)
{
    families_release();
    return 0;
}

void stages_suite(void)
{
    CU_pSuite suite = CU_add_suite("stages", load_families, release_families);
    CU_add_test(suite, "every stage says what it is", described);
    CU_add_test(suite, "every stage's shape fits its content", content);
    CU_add_test(suite, "every output is written and finite", finite);
    CU_add_test(suite, "the same bits with 1 and 3 threads", threads);
    CU_add_test(suite, "every stage stops when it is asked to", stops);
    CU_add_test(suite, "flat images stay flat", flat_images_stay_flat);
    CU_add_test(suite, "fitting repeats", fitting_repeats);
    CU_add_test(suite, "what was learnt is recalled", fits_are_recalled);
    CU_add_test(suite, "operations are counted", counts);
    CU_add_test(suite, "failed allocations", failed_allocations);
}
