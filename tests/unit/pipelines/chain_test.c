#include "base/interrupt.h"
#include "base/memory.h"
#include "chain/chain.h"
#include "tasks/registry.h"
#include "tests/unit/pattern.h"
#include "tests/unit/stages_text.h"

#include <CUnit/CUnit.h>

#include <string.h>

void chain_suite(void);

static const struct random_key key = {2019, 3};

enum { IMAGES = 6, CLASS_IMAGES = 40 };

/* Images, the same with noise, and classes: the direction of a bar. */
struct fixture {
    struct image_set clean, degraded;
    uint8_t classes[CLASS_IMAGES];
};

static void denoise_fixture(struct fixture *fixture)
{
    const struct shape shapes[IMAGES] = {{1, 20, 24}, {1, 20, 24}, {1, 15, 31},
                                         {1, 15, 31}, {1, 20, 24}, {1, 11, 11}};

    memset(fixture, 0, sizeof *fixture);
    CU_ASSERT_FATAL(image_set_new(&fixture->clean, IMAGES, shapes, NULL) == STATUS_OK);
    for (size_t i = 0; i < IMAGES; i++) {
        struct image image = image_set_at(&fixture->clean, i);
        for (int k = 0; k < image.shape.height * image.shape.width; k++)
            image.pixels[k] = (float)(k % image.shape.width) / (float)image.shape.width;
    }
    CU_ASSERT_FATAL(image_set_copy(&fixture->degraded, &fixture->clean, NULL) == STATUS_OK);
    for (size_t i = 0; i < IMAGES; i++) {
        struct image image = image_set_at(&fixture->degraded, i);
        struct random_stream stream = random_stream(key, RANDOM_DEGRADE, i);
        for (size_t k = 0; k < shape_size(image.shape); k++)
            image.pixels[k] += (float)(0.1 * random_normal(&stream));
    }
}

static void classify_fixture(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    CU_ASSERT_FATAL(image_set_new_uniform(&fixture->degraded, CLASS_IMAGES,
                                          (struct shape){1, 16, 16}, NULL) == STATUS_OK);
    for (size_t i = 0; i < CLASS_IMAGES; i++) {
        struct image image = image_set_at(&fixture->degraded, i);
        struct random_stream stream = random_stream(key, RANDOM_GENERATE, i);
        fixture->classes[i] = (uint8_t)(i % 3);
        for (int y = 0; y < 16; y++)
            for (int x = 0; x < 16; x++) {
                int place = i % 3 == 0 ? x : i % 3 == 1 ? y : (x + y) / 2;
                image.pixels[y * 16 + x] = (float)((place % 8 < 4) + 0.6 * random_normal(&stream));
            }
    }
}

static void fixture_release(struct fixture *fixture)
{
    image_set_release(&fixture->degraded);
    image_set_release(&fixture->clean);
}

static struct chain_examples examples_of(const struct fixture *fixture)
{
    struct chain_examples examples = {.inputs = &fixture->degraded,
                                      .task =
                                          task_find(fixture->clean.count ? "denoise" : "classify")};
    if (fixture->clean.count) {
        examples.truth = &fixture->clean;
    } else {
        examples.classes = fixture->classes;
        examples.answer = (struct answer){CONTENT_SCORES, 3};
    }
    return examples;
}

/* A chain from text; `chosen` may be NULL. */
static enum status make(struct chain *chain, const struct stages_text *stages,
                        const struct fixture *fixture, int threads, struct text *chosen,
                        struct error *error)
{
    struct chain_examples examples = examples_of(fixture);
    enum metric metric = fixture->clean.count ? METRIC_SSIM : METRIC_ACCURACY;
    return chain_tuned(chain, &stages->stages, metric, &examples, key, threads, chosen, error);
}

static double score_of(const char *text, const struct fixture *fixture)
{
    struct stages_text stages;
    struct chain chain = {0};
    struct image_set out = {0};
    struct scores scores;

    stages_text_read(&stages, text);
    CU_ASSERT_FATAL(make(&chain, &stages, fixture, 1, NULL, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, chain.count, &fixture->degraded, NULL, 1, &out, NULL) ==
                    STATUS_OK);
    CU_ASSERT_FATAL(metrics_images(&out, &fixture->clean, 1, &scores, NULL, NULL) == STATUS_OK);
    image_set_release(&out);
    chain_release(&chain);
    stages_text_release(&stages);
    return scores.values[METRIC_SSIM];
}

/* Tuning over a grid keeps the values that score best one by one. */
static void tuning_picks_the_best(void)
{
    static const char *const sigmas[] = {"0.05", "2", "0.6", "2"};
    struct fixture fixture;
    struct stages_text stages;
    struct chain chain = {0};
    struct text chosen = {0};
    double best = -1;
    char text[96], expected[96] = "";

    denoise_fixture(&fixture);
    for (int radius = 1; radius <= 2; radius++)
        for (int s = 0; s < 4; s++) {
            snprintf(text, sizeof text, "[median: {radius: %d}, gaussian: {sigma: %s}]", radius,
                     sigmas[s]);
            double score = score_of(text, &fixture);
            if (score > best) {
                best = score;
                snprintf(expected, sizeof expected, "median: {radius: %d}\ngaussian: {sigma: %s}\n",
                         radius, sigmas[s]);
            }
        }
    stages_text_read(&stages, "[median: {radius: {tune: [1, 2]}}, "
                              "gaussian: {sigma: {tune: [0.05, 2, 0.6, 2]}}]");
    CU_ASSERT(make(&chain, &stages, &fixture, 2, &chosen, NULL) == STATUS_OK);
    CU_ASSERT_STRING_EQUAL(chosen.bytes, expected);
    text_release(&chosen);
    chain_release(&chain);
    stages_text_release(&stages);
    fixture_release(&fixture);
}

/* All combinations equal: the first is kept. */
static void first_of_equals(void)
{
    struct fixture fixture;
    struct stages_text stages;
    struct chain chain = {0};
    struct text chosen = {0};

    denoise_fixture(&fixture);
    stages_text_read(&stages, "[gaussian: {sigma: {tune: [0.02, 0.03, 0.01]}}]");
    CU_ASSERT(make(&chain, &stages, &fixture, 1, &chosen, NULL) == STATUS_OK);
    CU_ASSERT_STRING_EQUAL(chosen.bytes, "gaussian: {sigma: 0.02}\n");
    text_release(&chosen);
    chain_release(&chain);
    stages_text_release(&stages);
    fixture_release(&fixture);
}

static const char learning[] = "[median, hog: {cell_size: {tune: [8, 4]}}, "
                               "linear_svm: {cost: {tune: [0.0001, 1, 100]}}]";

/* The outputs and choices of a tuned, fitted chain. */
static void learn(const struct fixture *fixture, int threads, struct text *chosen,
                  struct image_set *out)
{
    struct stages_text stages;
    struct chain chain = {0};

    stages_text_read(&stages, learning);
    CU_ASSERT_FATAL(make(&chain, &stages, fixture, threads, chosen, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, chain.count, &fixture->degraded, NULL, threads, out,
                              NULL) == STATUS_OK);
    chain_release(&chain);
    stages_text_release(&stages);
}

static void learning_is_deterministic(void)
{
    struct fixture fixture;
    struct text chosen[2] = {{0}, {0}};
    struct image_set out[2] = {{0}, {0}};
    struct scores scores;

    classify_fixture(&fixture);
    learn(&fixture, 1, &chosen[0], &out[0]);
    learn(&fixture, 3, &chosen[1], &out[1]);
    CU_ASSERT_STRING_EQUAL(chosen[0].bytes, chosen[1].bytes);
    CU_ASSERT(memcmp(out[0].pixels, out[1].pixels, out[0].offsets[CLASS_IMAGES] * sizeof(float)) ==
              0);
    metrics_classes(&out[0], fixture.classes, 3, &scores, NULL);
    CU_ASSERT(scores.values[METRIC_ACCURACY] > 0.9);
    for (int i = 0; i < 2; i++) {
        text_release(&chosen[i]);
        image_set_release(&out[i]);
    }
    fixture_release(&fixture);
}

/* Asked to stop, a stage leaves an image unfinished, and the chain says so instead of giving it. */
static void check_stop(const struct fixture *fixture, const char *text)
{
    struct stages_text stages;
    struct chain chain = {0};
    struct image_set out = {0}, left = {0}, again = {0};
    struct error error = {0};
    float *scratch = NULL;

    stages_text_read(&stages, text);
    CU_ASSERT_FATAL(make(&chain, &stages, fixture, 1, NULL, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(chain_run(&chain, 0, 1, &fixture->degraded, NULL, 1, &out, NULL) == STATUS_OK);
    struct image first = image_set_at(&fixture->degraded, 0);
    size_t floats = chain.stages[0]->scratch(chain.configs[0], first.shape);
    CU_ASSERT_FATAL(memory_new(&scratch, floats, sizeof *scratch, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(image_set_copy(&left, &fixture->degraded, NULL) == STATUS_OK);
    interrupt_request();
    chain.stages[0]->run(chain.configs[0], NULL, first, image_set_at(&left, 0), scratch);
    CU_ASSERT(chain_run(&chain, 0, 1, &fixture->degraded, NULL, 2, &again, &error) ==
              STATUS_INTERRUPTED);
    interrupt_clear();
    size_t bytes = shape_size(first.shape) * sizeof(float);
    CU_ASSERT(memcmp(left.pixels, out.pixels, bytes) != 0);
    CU_ASSERT_EQUAL(again.count, 0);
    CU_ASSERT(chain_run(&chain, 0, 1, &fixture->degraded, NULL, 2, &again, NULL) == STATUS_OK);
    CU_ASSERT(memcmp(again.pixels, out.pixels, out.offsets[out.count] * sizeof(float)) == 0);
    memory_free(scratch);
    image_set_release(&again);
    image_set_release(&left);
    image_set_release(&out);
    chain_release(&chain);
    stages_text_release(&stages);
}

static void stopped_in_an_image(void)
{
    static const char *const slow[] = {"[nlm: {search_radius: 2}]", "[bilateral: {}]",
                                       "[gaussian: {sigma: 1}]",    "[wiener: {}]",
                                       "[median: {radius: 1}]",     "[median: {radius: 2}]",
                                       "[median: {radius: 3}]"};
    struct fixture fixture;
    struct scores scores;

    denoise_fixture(&fixture);
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        check_stop(&fixture, slow[i]);
    interrupt_request();
    CU_ASSERT(metrics_images(&fixture.degraded, &fixture.clean, 2, &scores, NULL, NULL) ==
              STATUS_INTERRUPTED);
    interrupt_clear();
    fixture_release(&fixture);
}

/* Two parts after one another give the bits of the whole, wherever the cut. */
static void parts_compose(void)
{
    struct fixture fixture;
    struct stages_text stages;
    struct chain chain = {0};
    struct image_set whole = {0};

    classify_fixture(&fixture);
    stages_text_read(&stages, "[median, gaussian: {sigma: 0.5}, hog, linear_svm]");
    CU_ASSERT_FATAL(make(&chain, &stages, &fixture, 2, NULL, NULL) == STATUS_OK);
    CU_ASSERT(chain_run(&chain, 0, 4, &fixture.degraded, NULL, 2, &whole, NULL) == STATUS_OK);
    for (size_t cut = 0; cut <= 4; cut++) {
        struct image_set half = {0}, rest = {0};
        struct shape shape;
        CU_ASSERT_FATAL(chain_run(&chain, 0, cut, &fixture.degraded, NULL, 1, &half, NULL) ==
                        STATUS_OK);
        CU_ASSERT_FATAL(chain_run(&chain, cut, 4, &half, NULL, 3, &rest, NULL) == STATUS_OK);
        CU_ASSERT_FATAL(rest.offsets[CLASS_IMAGES] == whole.offsets[CLASS_IMAGES]);
        CU_ASSERT(memcmp(rest.pixels, whole.pixels, whole.offsets[CLASS_IMAGES] * sizeof(float)) ==
                  0);
        CU_ASSERT(chain_shape(&chain, 0, cut, fixture.degraded.shapes[0], &shape, NULL) ==
                  STATUS_OK);
        CU_ASSERT(shape_equal(shape, half.shapes[0]));
        struct operations a = chain_count(&chain, 0, cut, fixture.degraded.shapes[0]);
        struct operations b = chain_count(&chain, cut, 4, shape);
        struct operations all = chain_count(&chain, 0, 4, fixture.degraded.shapes[0]);
        CU_ASSERT(a.multiply_adds + b.multiply_adds == all.multiply_adds);
        CU_ASSERT(a.comparisons + b.comparisons == all.comparisons);
        image_set_release(&rest);
        image_set_release(&half);
    }
    image_set_release(&whole);
    chain_release(&chain);
    stages_text_release(&stages);
    fixture_release(&fixture);
}

static void errors_while_running(void)
{
    struct fixture fixture;
    struct stages_text stages;
    struct chain chain = {0};
    struct image_set other = {0}, out = {0};
    struct error error = {0};

    classify_fixture(&fixture);
    stages_text_read(&stages, "[hog, linear_svm]");
    CU_ASSERT_FATAL(make(&chain, &stages, &fixture, 1, NULL, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(image_set_new_uniform(&other, 1, (struct shape){1, 24, 16}, NULL) == STATUS_OK);
    CU_ASSERT(chain_run(&chain, 0, 2, &other, NULL, 1, &out, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "stage 2 'linear_svm': learnt from 496 features but finds "
                           "744; expected images of one size");
    image_set_release(&other);
    CU_ASSERT_FATAL(image_set_new_uniform(&other, 1, (struct shape){1, 2, 16}, NULL) == STATUS_OK);
    CU_ASSERT(chain_run(&chain, 0, 2, &other, NULL, 1, &out, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "stage 1 'hog': images of 2 x 16 pixels are too small for cells of "
                           "4 x 4; expected at least 4 x 4");
    CU_ASSERT(out.pixels == NULL && out.count == 0);
    image_set_release(&other);
    chain_release(&chain);
    stages_text_release(&stages);
    fixture_release(&fixture);
}

static void too_few_examples(void)
{
    struct fixture fixture;
    struct stages_text stages;
    struct chain chain = {0};
    struct error error = {0};

    classify_fixture(&fixture);
    fixture.degraded.count = 2;
    stages_text_read(&stages, learning);
    CU_ASSERT(make(&chain, &stages, &fixture, 1, NULL, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "tuning this pipeline needs at least 3 hand-labelled images, found 2");
    CU_ASSERT(chain.count == 0 && chain.configs == NULL);
    stages_text_release(&stages);
    fixture.degraded.count = 0;
    stages_text_read(&stages, "[hog, linear_svm]");
    CU_ASSERT(make(&chain, &stages, &fixture, 1, NULL, &error) == STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "stage 2 'linear_svm': expected hand-labelled images with classes to "
                           "learn from, found none");
    stages_text_release(&stages);
    fixture_release(&fixture);
}

/* chain_check() finds exactly `expected`, each as "path: message", one a line. */
static void check(const char *text, const char *name, struct shape in, const char *expected)
{
    struct stages_text stages;
    struct diagnostics found = {0};
    struct text all = {0};
    const struct task *task = task_find(name);

    stages_text_read(&stages, text);
    int count = task->labels == CONTENT_SCORES ? 10 : task->labels == CONTENT_IMAGE ? 0 : 2;
    CU_ASSERT(chain_check(&stages.stages, task, in, (struct answer){task->labels, count},
                          "pipeline.stages", &found, NULL) == STATUS_OK);
    text_append(&all, "%s", "");
    for (size_t i = 0; i < found.count; i++)
        text_append(&all, "%s: %s\n", found.items[i].where.path, found.items[i].message);
    CU_ASSERT_STRING_EQUAL(all.bytes, expected);
    if (strcmp(all.bytes, expected) != 0)
        fprintf(stderr, "%s\n", all.bytes);
    text_release(&all);
    diagnostics_release(&found);
    stages_text_release(&stages);
}

static void check_messages(void)
{
    const struct shape in = {1, 28, 28}, none = {0, 0, 0};

    check("[median, gaussian]", "denoise", in, "");
    check("[]", "denoise", in, "");
    check("[gaussian, hog, linear_svm]", "classify", in, "");
    check("[]", "classify", in,
          "pipeline.stages: the pipeline ends with an image; classification needs class scores at "
          "its end\n");
    check("[median, linear_svm]", "classify", none,
          "pipeline.stages[1].linear_svm: takes features, but 'median' before it gives an image\n");
    check("[linear_svm, median]", "classify", in,
          "pipeline.stages[0].linear_svm: takes features, but the data set gives an image\n"
          "pipeline.stages[1].median: takes images, but 'linear_svm' before it gives class scores\n"
          "pipeline.stages[1].median: the pipeline ends with an image; classification needs class "
          "scores at its end\n");
    check(
        "[hog]", "denoise", in,
        "pipeline.stages[0].hog: the pipeline ends with features; denoising needs an image at its "
        "end\n");
    check("[hog: {cell_size: 32}, linear_svm]", "classify", in,
          "pipeline.stages[0].hog: images of 28 x 28 pixels are too small for cells of 32 x 32; "
          "expected at least 32 x 32\n");
    check("[hog: {cell_size: {tune: [4, 8, 32]}}, linear_svm]", "classify", in,
          "pipeline.stages[0].hog: images of 28 x 28 pixels are too small for cells of 32 x 32; "
          "expected at least 32 x 32\n");
    check("[hog: {cell_size: 32}, linear_svm]", "classify", none, "");
}

/* Of a data set of two classes, two numbers, or maps of two numbers. */
static void check_the_end(void)
{
    const struct shape in = {1, 28, 28};

    check("[canny]", "segment", in, "");
    check("[resize: {factor: 0.5}, resize: {factor: 2}, canny]", "segment", in, "");
    check("[resize: {factor: 0.5}, canny]", "segment", in,
          "pipeline.stages[1].canny: the pipeline's answers are 14 x 14 for images of 28 x 28; "
          "segmentation keeps the size\n");
    check("[canny, connected_components: {output: numbers, numbers: [count, area]}]", "regress", in,
          "");
    check("[canny, connected_components: {output: numbers}]", "regress", in,
          "pipeline.stages[1].connected_components: the pipeline gives 1 number; the data set asks "
          "for 2\n");
    check("[canny, distance_transform]", "regress_map", in,
          "pipeline.stages[1].distance_transform: the pipeline gives 1 number; the data set asks "
          "for 2\n");
}

static void too_many_combinations(void)
{
    char text[512] = "[gaussian: {sigma: {tune: [1";
    for (int i = 0; i < 21; i++)
        strcat(text, ", 1");
    strcat(text, "]}}, gaussian: {sigma: {tune: [1");
    for (int i = 0; i < 21; i++)
        strcat(text, ", 1");
    strcat(text, "]}}, gaussian: {sigma: {tune: [1");
    for (int i = 0; i < 21; i++)
        strcat(text, ", 1");
    strcat(text, "]}}]");
    check(text, "denoise", (struct shape){1, 28, 28},
          "pipeline.stages[0].gaussian: the tuned values have 10648 combinations; expected at most "
          "10000\n");
}

/* Tuning, fitting and running with the n-th allocation failing, for every n. */
static void check_allocations(const char *text, const struct fixture *fixture, size_t least)
{
    struct stages_text stages;
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    stages_text_read(&stages, text);
    while (status == STATUS_MEMORY && n < 10000) {
        struct chain chain = {0};
        struct image_set out = {0};
        struct text chosen = {0};
        memory_fail_at(++n);
        status = make(&chain, &stages, fixture, 2, &chosen, NULL);
        if (status == STATUS_OK)
            status = chain_run(&chain, 0, chain.count, &fixture->degraded, NULL, 2, &out, NULL);
        memory_fail_at(0);
        image_set_release(&out);
        text_release(&chosen);
        chain_release(&chain);
    }
    CU_ASSERT(status == STATUS_OK);
    CU_ASSERT(n > least);
    stages_text_release(&stages);
}

static void failed_allocations(void)
{
    struct fixture fixture;

    denoise_fixture(&fixture);
    check_allocations("[median: {radius: {tune: [1, 3]}}, bilateral]", &fixture, 20);
    fixture_release(&fixture);
    classify_fixture(&fixture);
    check_allocations("[median, hog: {cell_size: 8}, linear_svm: {cost: {tune: [0.1, 1]}}]",
                      &fixture, 100);
    fixture_release(&fixture);
}

void chain_suite(void)
{
    CU_pSuite suite = CU_add_suite("chain", NULL, NULL);
    CU_add_test(suite, "tuning picks the best combination", tuning_picks_the_best);
    CU_add_test(suite, "tuning keeps the first of equals", first_of_equals);
    CU_add_test(suite, "cross-validation and fitting are deterministic", learning_is_deterministic);
    CU_add_test(suite, "a stop is answered in the middle of an image", stopped_in_an_image);
    CU_add_test(suite, "parts compose to the whole", parts_compose);
    CU_add_test(suite, "images that a stage cannot take are named", errors_while_running);
    CU_add_test(suite, "too few examples are refused", too_few_examples);
    CU_add_test(suite, "mistakes in a chain, exact messages", check_messages);
    CU_add_test(suite, "a chain's end gives what the data set asks for", check_the_end);
    CU_add_test(suite, "too many combinations are refused", too_many_combinations);
    CU_add_test(suite, "failed allocations", failed_allocations);
}
