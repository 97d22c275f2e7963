/* The stage `network`: networks that are trained, kept and run as a part of pipelines. */
#include "base/work.h"
#include "chain/chain.h"
#include "graph/family.h"
#include "interfaces/stage.h"
#include "tasks/registry.h"
#include "tests/unit/pattern.h"
#include "tests/unit/stages_text.h"
#include "train/train.h"
#include "unit/answers.h"

#include <math.h>

void network_stage_suite(void);

extern const struct engine engine_openblas;

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { COUNT = 48, CLASSES = 3 };

static const struct random_key key = {2019, 1};
static struct error error;

/* Images of three patterns with noise around them; in denoising the patterns are the truth. */
struct bench {
    struct stages_text stages;
    struct image_set inputs, truth;
    uint8_t classes[COUNT];
    struct chain_examples examples;
};

static void bench_new(struct bench *bench, const char *text, struct shape shape, bool classify)
{
    stages_text_read(&bench->stages, text);
    OK(image_set_new_uniform(&bench->inputs, COUNT, shape, NULL));
    OK(image_set_new_uniform(&bench->truth, COUNT, shape, NULL));
    for (size_t i = 0; i < COUNT; i++) {
        struct random_stream stream = random_stream(key, RANDOM_GENERATE, i);
        struct image image = image_set_at(&bench->inputs, i);
        bench->classes[i] = (uint8_t)(i * 7 % CLASSES);
        for (size_t k = 0; k < shape_size(shape); k++) {
            size_t y = k / (size_t)shape.width % (size_t)shape.height, x = k % (size_t)shape.width;
            float clean = (bench->classes[i] ? (bench->classes[i] == 1 ? x : y) : x + y) / 4 % 2
                              ? 0.75F
                              : 0.25F;
            image_set_at(&bench->truth, i).pixels[k] = clean;
            image.pixels[k] = clean + (float)(0.2 * random_normal(&stream));
        }
    }
    bench->examples = (struct chain_examples){
        .task = task_find(classify ? "classify" : "denoise"),
        .inputs = &bench->inputs,
        .truth = classify ? NULL : &bench->truth,
        .classes = classify ? bench->classes : NULL,
        .answer = {classify ? CONTENT_SCORES : CONTENT_IMAGE, classify ? CLASSES : 0},
        .means = {.engine = &engine_openblas, .loss = classify ? "cross_entropy" : "mse"}};
}

static void bench_release(struct bench *bench)
{
    image_set_release(&bench->inputs);
    image_set_release(&bench->truth);
    stages_text_release(&bench->stages);
}

static void make(struct chain *chain, const struct bench *bench, int threads)
{
    enum status status = chain_make(chain, &bench->stages.stages, 0, true, &bench->examples, key,
                                    threads, NULL, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

static const char classifier[] =
    "[median, network: {family: lenet5, train: {epochs: 6, batch: 8, shard: 4}}]";

static const char denoiser[] =
    "[network: {family: dncnn, depth: 3, width: 8, patch: {size: 12, per_image: 2},"
    " train: {epochs: 12, batch: 8, shard: 4, learning_rate: 5e-3}}, gaussian: {sigma: 0.2}]";

static void learns_classes(void)
{
    struct bench bench;
    struct chain chain;
    struct image_set out = {0};
    size_t right = 0;

    bench_new(&bench, classifier, (struct shape){1, 16, 16}, true);
    make(&chain, &bench, 1);
    OK(chain_run(&chain, 0, chain.count, &bench.inputs, NULL, 1, &out, &error));
    for (size_t i = 0; i < COUNT; i++) {
        CU_ASSERT(shape_equal(out.shapes[i], (struct shape){CLASSES, 1, 1}));
        right += metrics_argmax(image_set_at(&out, i).pixels, CLASSES) == bench.classes[i];
    }
    CU_ASSERT(right >= COUNT * 9 / 10);
    image_set_release(&out);
    chain_release(&chain);
    bench_release(&bench);
}

static double distance(const struct image_set *a, const struct image_set *b)
{
    double sum = 0;
    for (size_t i = 0; i < a->offsets[a->count]; i++)
        sum += pow((double)a->pixels[i] - (double)b->pixels[i], 2);
    return sum / (double)a->offsets[a->count];
}

/* Trained on patches, run on images of two sizes, with a stage behind it. */
static void learns_images(void)
{
    const struct shape shapes[] = {{1, 20, 31}, {1, 31, 20}};
    struct bench bench;
    struct chain chain;
    struct image_set out = {0}, mixed = {0};

    bench_new(&bench, denoiser, (struct shape){1, 16, 20}, false);
    make(&chain, &bench, 2);
    OK(chain_run(&chain, 0, chain.count, &bench.inputs, NULL, 2, &out, &error));
    CU_ASSERT(distance(&out, &bench.truth) < 0.5 * distance(&bench.inputs, &bench.truth));
    image_set_release(&out);
    OK(image_set_new(&mixed, 2, shapes, &error));
    OK(chain_run(&chain, 0, chain.count, &mixed, NULL, 2, &out, &error));
    CU_ASSERT(shape_equal(out.shapes[1], shapes[1]));
    image_set_release(&out);
    image_set_release(&mixed);
    chain_release(&chain);
    bench_release(&bench);
}

static const char segmenter[] =
    "[network: {family: fcn, depth: 3, width: 8, patch: {size: 12, per_image: 2},"
    " train: {epochs: 12, batch: 8, shard: 4, learning_rate: 5e-3, loss: dice}}]";

/* Of bright pixels class 1, of one row nothing is known. */
static void learns_masks(void)
{
    const struct shape shape = {1, 16, 20};
    struct bench bench;
    struct chain chain;
    struct image_set out = {0};
    size_t right = 0, pixels = COUNT * shape_size(shape);

    bench_new(&bench, segmenter, shape, false);
    for (size_t i = 0; i < pixels; i++)
        bench.truth.pixels[i] = bench.truth.pixels[i] > 0.5F;
    for (size_t i = 0; i < COUNT; i++)
        for (int x = 0; x < shape.width; x++)
            image_set_at(&bench.truth, i).pixels[x] = NAN;
    bench.examples.task = task_find("segment");
    bench.examples.answer = (struct answer){CONTENT_MASK, 2};
    bench.examples.means.loss = "cross_entropy";
    make(&chain, &bench, 2);
    OK(chain_run(&chain, 0, chain.count, &bench.inputs, NULL, 2, &out, &error));
    CU_ASSERT(shape_equal(out.shapes[0], shape));
    for (size_t i = 0; i < pixels; i++)
        right += out.pixels[i] == bench.truth.pixels[i];
    CU_ASSERT(right >= pixels * 15 / 16 * 8 / 10);
    image_set_release(&out);
    chain_release(&chain);
    bench_release(&bench);
}

/* The numbers that the chain's stage `s` learnt. */
static struct stage_learnt numbers(const struct chain *chain, size_t s)
{
    return chain->stages[s]->learnt(chain->states[s]);
}

static bool same(struct stage_learnt a, struct stage_learnt b)
{
    return a.count == b.count && memcmp(a.values, b.values, a.count * sizeof *a.values) == 0;
}

static void same_bits(void)
{
    struct bench bench;
    struct chain one, three;

    bench_new(&bench, classifier, (struct shape){1, 16, 16}, true);
    make(&one, &bench, 1);
    make(&three, &bench, 3);
    CU_ASSERT(same(numbers(&one, 1), numbers(&three, 1)));
    chain_release(&one);
    chain_release(&three);
    bench_release(&bench);
}

/* A network that learns from the stage, of the same family, by the same key, on the same images,
 * does not go its way; nor do two stages of one pipeline. */
static void own_draws(void)
{
    static const char two[] = "[network: {family: dncnn, depth: 2, width: 2, train: {epochs: 1}},"
                              " network: {family: dncnn, depth: 2, width: 2, train: {epochs: 1}}]";
    struct bench bench;
    struct chain chain;
    struct network network = {0};
    float *parameters = NULL, *statistics = NULL;

    bench_new(&bench, two, (struct shape){1, 16, 16}, false);
    make(&chain, &bench, 1);
    const struct component *family = bench.stages.stages.items[0].config; /* its first member */
    OK(network_new(&network, family, (struct shape){1, 16, 16}, (struct answer){CONTENT_IMAGE, 1},
                   &error));
    OK(memory_new(&parameters, network.parameters, sizeof *parameters, &error));
    OK(memory_new(&statistics, network.statistics, sizeof *statistics, &error));
    network_initialise(&network, key, parameters, statistics);
    const float *first = numbers(&chain, 0).values, *second = numbers(&chain, 1).values;
    size_t near = 0, nearer = 0, weights = 2 * 9;
    for (size_t i = 0; i < weights; i++) { /* one epoch of 1e-3: no weight has gone far */
        near += fabs((double)first[i] - (double)parameters[i]) < 0.01;
        nearer += fabs((double)first[i] - (double)second[i]) < 0.01;
    }
    CU_ASSERT(near < weights / 2);
    CU_ASSERT(nearer < weights / 2);
    memory_free(parameters);
    memory_free(statistics);
    network_release(&network);
    chain_release(&chain);
    bench_release(&bench);
}

struct memory {
    struct stage_learnt learnt;
    size_t asked, steps, saved, loaded;
    float kept[1 << 16]; /* a checkpoint's parts, one behind the other */
    size_t sizes[TRAIN_MOST_PARTS];
    int64_t step, stop;
    struct fit_callbacks course;
    double share;
};

static struct stage_learnt recall(void *context, size_t stage)
{
    struct memory *memory = context;
    memory->asked += stage == 1;
    return memory->learnt;
}

/* What was kept is not learnt again: the examples' classes are not looked at. */
static void is_recalled(void)
{
    static struct memory memory;
    struct bench bench;
    struct chain first, second;

    bench_new(&bench, classifier, (struct shape){1, 16, 16}, true);
    make(&first, &bench, 1);
    memory = (struct memory){.learnt = numbers(&first, 1)};
    bench.examples.means.recall = recall;
    bench.examples.means.context = &memory;
    bench.examples.classes = NULL;
    make(&second, &bench, 1);
    CU_ASSERT_EQUAL(memory.asked, 1);
    CU_ASSERT(same(numbers(&first, 1), numbers(&second, 1)));
    CU_ASSERT(shape_equal(second.learnt[1], (struct shape){1, 16, 16}));
    chain_release(&second);
    memory.learnt.count -= 5;
    CU_ASSERT_EQUAL(
        chain_make(&second, &bench.stages.stages, 0, true, &bench.examples, key, 1, NULL, &error),
        STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "numbers were kept of a network that has"));
    chain_release(&first);
    bench_release(&bench);
}

/* ---- stopped and taken up again */

static bool on_due(void *context)
{
    struct memory *memory = context;
    struct work work;

    CU_ASSERT_TRUE_FATAL(work_look(&work));
    CU_ASSERT_STRING_EQUAL(work.unit, "images");
    CU_ASSERT(work.share > memory->share && work.done > 0);
    memory->share = work.share;
    return ++memory->steps >= (size_t)memory->stop && memory->stop > 0;
}

/* Remember the state, and end the training where it is to stop. */
static enum status on_save(void *context, int64_t step, const struct train_part *parts,
                           size_t count, struct error *failure)
{
    struct memory *memory = context;
    char *to = (char *)memory->kept;

    memory->step = step;
    memory->saved++;
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_FATAL(to + parts[i].size <= (char *)memory->kept + sizeof memory->kept);
        if (parts[i].size)
            memcpy(to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    return error_set(failure, STATUS_INTERRUPTED, "stopped");
}

static enum status on_load(void *context, int64_t *step, const struct train_part *parts,
                           size_t count, struct error *failure)
{
    struct memory *memory = context;
    const char *from = (const char *)memory->kept;

    (void)failure;
    *step = memory->step;
    for (size_t i = 0; memory->step && i < count; i++) {
        if (parts[i].size)
            memcpy(parts[i].data, from, parts[i].size);
        from += parts[i].size;
    }
    memory->loaded += memory->step > 0;
    return STATUS_OK;
}

static enum status course_of(void *context, size_t stage, const struct fit_callbacks **course,
                             struct error *failure)
{
    struct memory *memory = context;

    (void)failure;
    CU_ASSERT_EQUAL(stage, 0);
    memory->course = (struct fit_callbacks){on_due, on_save, on_load, memory};
    *course = &memory->course;
    return STATUS_OK;
}

static void is_resumed(void)
{
    static struct memory memory;
    struct bench bench;
    struct chain calm, chain;

    bench_new(&bench, denoiser, (struct shape){1, 16, 20}, false);
    make(&calm, &bench, 1);
    memory = (struct memory){.stop = 50};
    bench.examples.means.course = course_of;
    bench.examples.means.context = &memory;
    CU_ASSERT_EQUAL(
        chain_make(&chain, &bench.stages.stages, 0, true, &bench.examples, key, 1, NULL, &error),
        STATUS_INTERRUPTED);
    CU_ASSERT(memory.saved >= 1 && memory.step == 50);
    CU_ASSERT(memory.share > 0 && memory.share < 0.5);
    memory.stop = 0;
    make(&chain, &bench, 2);
    CU_ASSERT_EQUAL(memory.loaded, 1);
    CU_ASSERT_EQUAL(memory.share, 1);
    CU_ASSERT(same(numbers(&calm, 0), numbers(&chain, 0)));
    chain_release(&calm);
    chain_release(&chain);
    bench_release(&bench);
}

/* Tuned values of a stage behind it are scored by networks that have not seen the fold. */
static void is_tuned_with(void)
{
    struct bench bench;
    struct chain_tuning tuning;

    bench_new(&bench,
              "[network: {family: dncnn, depth: 2, width: 4, train: {epochs: 12, batch: 8,"
              " shard: 4, learning_rate: 5e-3}}, gaussian: {sigma: {tune: [6, 0.2]}}]",
              (struct shape){1, 16, 20}, false);
    OK(chain_tune(&bench.stages.stages, METRIC_PSNR, &bench.examples, key, 1, &tuning, &error));
    CU_ASSERT(tuning.best == 1 && tuning.count == 2 && tuning.left_out == 0);
    bench_release(&bench);
}

static void fail(const char *text, struct shape shape, bool classify, const char *message)
{
    struct bench bench;
    struct chain chain;

    bench_new(&bench, text, shape, classify);
    CU_ASSERT_EQUAL(
        chain_make(&chain, &bench.stages.stages, 0, true, &bench.examples, key, 1, NULL, &error),
        STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, message);
    bench_release(&bench);
}

static void refusals(void)
{
    const struct shape other = {1, 20, 20};
    struct bench bench;
    struct chain chain;
    struct image_set set = {0}, out = {0};

    fail(denoiser, (struct shape){1, 11, 20}, false,
         "stage 1 'network': patch.size: a patch of 12 pixels does not fit in image 0, an image of "
         "20 x 11");
    bench_new(&bench, classifier, (struct shape){1, 16, 16}, true);
    make(&chain, &bench, 1);
    OK(image_set_new_uniform(&set, 1, other, &error));
    CU_ASSERT_EQUAL(chain_run(&chain, 0, chain.count, &set, NULL, 1, &out, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "stage 2 'network': learnt from images of another size than 20 x 20; "
                           "only networks of convolutions alone take several");
    image_set_release(&set);
    chain_release(&chain);
    bench.examples.classes = NULL;
    CU_ASSERT_EQUAL(
        chain_make(&chain, &bench.stages.stages, 0, true, &bench.examples, key, 1, NULL, &error),
        STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(
        error.message,
        "stage 2 'network': expected hand-labelled images to learn from, found none");
    bench_release(&bench);
}

/* By hand: dncnn of 2 layers, 4 wide, on 16 x 20 pixels of 1 channel. */
static void counts(void)
{
    struct bench bench;
    struct chain chain;
    double pixels = 16 * 20;

    bench_new(&bench, "[network: {family: dncnn, depth: 2, width: 4}]", (struct shape){1, 16, 20},
              false);
    OK(chain_make(&chain, &bench.stages.stages, 0, false, &bench.examples, key, 1, NULL, &error));
    struct operations counted = chain_count(&chain, 0, 1, (struct shape){1, 16, 20});
    CU_ASSERT_EQUAL(counted.multiply_adds, pixels * (9 * 4 + 9 * 4));
    CU_ASSERT_EQUAL(counted.comparisons, pixels * 4); /* relu */
    CU_ASSERT_EQUAL(counted.divisions, 0);
    CU_ASSERT_EQUAL(counted.exponentials, 0);
    CU_ASSERT_EQUAL(counted.lookups, 0);
    chain_release(&chain);
    bench_release(&bench);
}

static int begin(void)
{
    struct diagnostics found = {0};
    return families_load(TEXTS("networks/families"), &found, NULL) != STATUS_OK ||
           found.count > 0 || engine_openblas.start(NULL) != STATUS_OK;
}

static int end(void)
{
    families_release();
    return 0;
}

void network_stage_suite(void)
{
    CU_pSuite suite = CU_add_suite("network_stage", begin, end);
    CU_add_test(suite, "it learns classes", learns_classes);
    CU_add_test(suite, "it learns images, from patches, for any size", learns_images);
    CU_add_test(suite, "it learns masks", learns_masks);
    CU_add_test(suite, "the same bits with 1 and 3 threads", same_bits);
    CU_add_test(suite, "its draws are its own", own_draws);
    CU_add_test(suite, "what was learnt is recalled", is_recalled);
    CU_add_test(suite, "it stops and goes on with the same bits", is_resumed);
    CU_add_test(suite, "values are tuned by cross-validation", is_tuned_with);
    CU_add_test(suite, "refusals", refusals);
    CU_add_test(suite, "operation counts", counts);
}
