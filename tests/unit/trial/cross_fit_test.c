/* run/fits: how items are dealt to folds; what a fold's network sees; what is kept. */
#include "filters/own_network.h"
#include "trial/cross_fit.h"

#include "base/memory.h"
#include "interfaces/engine.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cross_fit_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { ITEMS = 90, CLASSES = 10 };

static struct error error;
static const struct random_key key = {7, 1};

static const char yaml[] =
    "experiment: fits\ntask: classify\nseed: 7\n"
    "dataset: {name: digits, manual: 40, unlabelled: 90, validation: 0, test: 20}\n"
    "pipeline: {stages: [hog, linear_svm]}\n"
    "network: {family: lenet5}\n"
    "train: {epochs: 9, batch: 16, shard: 8}\n"
    "grid: {filter: [{method: confident_learning, epochs: 1}, {method: argmax_disagreement,\n"
    "  epochs: 1}, {method: confident_learning, epochs: 2}, {method: confident_learning,\n"
    "  network: lenet5, epochs: 1}, {method: aum, epochs: 1}]}\n";

/* A trial of that plan, with items of its own. */
struct bench {
    struct plan plan;
    struct arena arena;
    struct trial trial;
    struct training_set items;
    struct cache cache;
    struct step_cache stages;
    struct cross_fit fits;
    size_t entries; /* of the cache, in the beginning */
};

/* Entries that were added since. */
static size_t entries(struct bench *bench)
{
    struct cache_usage usage[TRIAL_STEPS];
    OK(cache_usage(&bench->cache, usage, &error));
    return usage[TRIAL_FILTER].entries - bench->entries;
}

static void load(struct bench *bench, bool keep)
{
    const char *results = getenv("UNDERSTUDY_TEST_DIR"); /* empty; the tests share it */
    struct diagnostics found = {0};
    struct plan_options options = {.home = "."};
    struct random_stream stream = random_stream(key, RANDOM_DEGRADE, 0);

    memset(bench, 0, sizeof *bench);
    OK(families_load(TEXTS("networks/families"), &found, &error));
    OK(plan_load_text(&bench->plan, "fits.yaml", yaml, strlen(yaml), &options, &found, &error));
    for (size_t i = 0; i < found.count; i++)
        printf("%s: %s\n", found.items[i].where.path, found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    OK(plan_trial(&bench->plan, 0, &bench->arena, &bench->trial, &error));
    OK(engine_of(bench->trial.experiment.train.engine.kind)->start(&error));
    OK(image_set_new_uniform(&bench->items.inputs, ITEMS, (struct shape){1, 28, 28}, &error));
    OK(image_set_new_uniform(&bench->items.targets, ITEMS, (struct shape){CLASSES, 1, 1}, &error));
    OK(memory_new(&bench->items.classes, ITEMS, 1, &error));
    bench->items.answer = (struct answer){CONTENT_SCORES, CLASSES};
    OK(memory_new(&bench->items.source, ITEMS, sizeof(size_t), &error));
    for (size_t i = 0; i < ITEMS; i++) {
        struct image image = image_set_at(&bench->items.inputs, i);
        bench->items.source[i] = i;
        bench->items.classes[i] = (uint8_t)(i % CLASSES);
        for (size_t p = 0; p < 28 * 28; p++)
            image.pixels[p] = (float)random_uniform(&stream) * 0.1F;
        for (size_t x = 0; x < 28; x++) /* a bar for each class */
            image.pixels[(2 * (i % CLASSES) + 3) * 28 + x] += 0.8F;
        image_set_at(&bench->items.targets, i).pixels[bench->items.classes[i]] = 1;
    }
    bench->fits = (struct cross_fit){&bench->plan, &bench->trial, &bench->items, "", NULL, 2};
    if (!keep)
        return;
    OK(cache_open(&bench->cache, results, &error));
    bench->stages.cache = &bench->cache;
    bench->fits.steps = &bench->stages;
    bench->entries = entries(bench);
}

static void release(struct bench *bench)
{
    cache_close(&bench->cache);
    training_set_release(&bench->items);
    arena_release(&bench->arena);
    plan_release(&bench->plan);
    families_release();
}

static void test_deal_classes(void)
{
    struct bench bench;
    uint32_t fold[ITEMS], again[ITEMS];
    int counts[4][CLASSES] = {{0}}, sizes[4] = {0};

    load(&bench, false);
    OK(cross_fit_deal(&bench.items, key, 4, fold, &error));
    OK(cross_fit_deal(&bench.items, key, 4, again, &error));
    CU_ASSERT(memcmp(fold, again, sizeof fold) == 0);
    for (size_t i = 0; i < ITEMS; i++) {
        CU_ASSERT_FATAL(fold[i] < 4);
        counts[fold[i]][bench.items.classes[i]]++;
        sizes[fold[i]]++;
    }
    for (int k = 0; k < 4; k++) {
        CU_ASSERT(sizes[k] == 22 || sizes[k] == 23);
        for (int c = 0; c < CLASSES; c++)
            CU_ASSERT(counts[k][c] == 2 || counts[k][c] == 3);
    }
    OK(cross_fit_deal(&bench.items, (struct random_key){8, 1}, 4, again, &error));
    CU_ASSERT(memcmp(fold, again, sizeof fold) != 0);
    CU_ASSERT_EQUAL(cross_fit_deal(&bench.items, key, 91, fold, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "filter.folds: 91 folds of only 90 images");
    release(&bench);
}

/* Three patches an image: they stay together, and folds have images evenly. */
static void test_deal_patches(void)
{
    struct bench bench;
    uint32_t fold[ITEMS];
    int images[4] = {0};

    load(&bench, false);
    memory_free(bench.items.classes);
    bench.items.classes = NULL;
    for (size_t i = 0; i < ITEMS; i++)
        bench.items.source[i] = i / 3;
    OK(cross_fit_deal(&bench.items, key, 4, fold, &error));
    for (size_t i = 0; i < ITEMS; i += 3) {
        CU_ASSERT(fold[i] == fold[i + 1] && fold[i] == fold[i + 2]);
        images[fold[i]]++;
    }
    for (int k = 0; k < 4; k++)
        CU_ASSERT(images[k] == 7 || images[k] == 8);
    CU_ASSERT_EQUAL(cross_fit_deal(&bench.items, key, 31, fold, &error), STATUS_CONFIG);
    release(&bench);
}

static void predict(const struct bench *bench, int64_t epochs, struct image_set *predictions)
{
    struct filter_network network = {.epochs = epochs};
    enum status status =
        cross_fit_out_of_fold((void *)(uintptr_t)&bench->fits, &network, 3, predictions, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
}

/* A fold's predictions do not depend on its own labels, and do on the others'. */
static void test_out_of_fold(void)
{
    struct bench bench;
    struct image_set before = {0}, after = {0};
    uint32_t fold[ITEMS];
    bool moved = false;

    load(&bench, false);
    OK(cross_fit_deal(&bench.items, (struct random_key){7, 0}, 3, fold, &error));
    predict(&bench, 2, &before);
    for (size_t i = 0; i < ITEMS; i++) {
        double sum = 0;
        for (int c = 0; c < CLASSES; c++)
            sum += (double)image_set_at(&before, i).pixels[c];
        CU_ASSERT_DOUBLE_EQUAL(sum, 1, 1e-5);
    }
    /* Two of one fold change places: the classes are dealt as before. */
    size_t a = 0, b = 1;
    while (fold[a] != fold[b])
        b++;
    uint8_t class = bench.items.classes[a];
    bench.items.classes[a] = bench.items.classes[b];
    bench.items.classes[b] = class;
    uint32_t then[ITEMS];
    OK(cross_fit_deal(&bench.items, (struct random_key){7, 0}, 3, then, &error));
    predict(&bench, 2, &after);
    for (size_t i = 0; i < ITEMS; i++) {
        bool same = memcmp(image_set_at(&before, i).pixels, image_set_at(&after, i).pixels,
                           CLASSES * sizeof(float)) == 0;
        if (memcmp(fold, then, sizeof fold) == 0 && fold[i] == fold[a])
            CU_ASSERT_TRUE(same);
        moved = moved || !same;
    }
    CU_ASSERT_TRUE(moved);
    image_set_release(&before);
    image_set_release(&after);
    release(&bench);
}

/* Each fold is kept: of a second time, nothing is trained, and the bits are the same. */
static void test_kept(void)
{
    struct bench bench;
    struct image_set first = {0}, second = {0};

    load(&bench, true);
    predict(&bench, 1, &first);
    CU_ASSERT_EQUAL(entries(&bench), 3);
    predict(&bench, 1, &second);
    CU_ASSERT_EQUAL(entries(&bench), 3);
    CU_ASSERT(memcmp(first.pixels, second.pixels, ITEMS * CLASSES * sizeof(float)) == 0);
    /* Recalled, not computed anew: other labels in memory are not looked at. */
    bench.items.targets.pixels[0] += 1;
    image_set_release(&second);
    predict(&bench, 1, &second);
    CU_ASSERT(memcmp(first.pixels, second.pixels, ITEMS * CLASSES * sizeof(float)) == 0);
    image_set_release(&second);
    predict(&bench, 2, &second);
    CU_ASSERT_EQUAL(entries(&bench), 6);
    image_set_release(&first);
    image_set_release(&second);
    CU_ASSERT_EQUAL(bench.stages.computed[TRIAL_FILTER], 0); /* parts are not counted */
    release(&bench);
}

/* Filters that ask for the same networks share them; another network is another key. */
static void test_shared(void)
{
    struct bench bench;
    struct text texts[3] = {{0}};

    load(&bench, false);
    for (size_t i = 0; i < 3; i++) {
        static const size_t trials[] = {0, 1, 3};
        struct arena arena = {0};
        struct trial trial;
        OK(plan_trial(&bench.plan, trials[i], &arena, &trial, &error));
        OK(plan_fit_text(&bench.plan, &trial, filter_own_network(&trial.experiment.filter),
                         &texts[i], &error));
        arena_release(&arena);
    }
    CU_ASSERT_STRING_EQUAL(texts[0].bytes, texts[1].bytes);
    CU_ASSERT_PTR_NULL(strstr(texts[0].bytes, "filter"));
    CU_ASSERT_PTR_NULL(strstr(texts[0].bytes, "train.epochs"));
    CU_ASSERT_PTR_NOT_NULL(strstr(texts[0].bytes, "train.batch: 16"));
    CU_ASSERT_PTR_NOT_NULL(strstr(texts[0].bytes, "network.family: lenet5"));
    CU_ASSERT_PTR_NULL(strstr(texts[2].bytes, "network.family"));
    CU_ASSERT_PTR_NOT_NULL(strstr(texts[2].bytes, "\nfamily: lenet5"));
    for (size_t i = 0; i < 3; i++)
        text_release(&texts[i]);
    release(&bench);
}

static float of_label(const float *scores, int class_count, uint8_t class)
{
    float best = scores[class == 0];
    for (int c = 0; c < class_count; c++)
        best = c != class && scores[c] > best ? scores[c] : best;
    return scores[class] - best;
}

/* A course with one class more than labels have: margins grow, and are kept. */
static void test_course(void)
{
    enum { EPOCHS = 6 };
    struct bench bench;
    uint8_t classes[ITEMS];
    float values[EPOCHS * ITEMS], again[EPOCHS * ITEMS];
    double sums[EPOCHS] = {0};
    struct filter_network network = {.epochs = EPOCHS};
    struct training_dynamics course = {"margin", classes, CLASSES + 1, of_label};

    load(&bench, true);
    memcpy(classes, bench.items.classes, sizeof classes);
    OK(cross_fit_course(&bench.fits, &network, &course, values, &error));
    CU_ASSERT_EQUAL(entries(&bench), 1);
    for (size_t t = 0; t < EPOCHS; t++)
        for (size_t i = 0; i < ITEMS; i++)
            sums[t] += (double)values[t * ITEMS + i];
    CU_ASSERT(sums[EPOCHS - 1] > sums[0]);
    OK(cross_fit_course(&bench.fits, &network, &course, again, &error));
    CU_ASSERT(memcmp(values, again, sizeof values) == 0);
    CU_ASSERT_EQUAL(entries(&bench), 1);
    classes[3] = CLASSES; /* other classes are another course */
    OK(cross_fit_course(&bench.fits, &network, &course, again, &error));
    CU_ASSERT_EQUAL(entries(&bench), 2);
    CU_ASSERT(memcmp(values, again, sizeof values) != 0);
    release(&bench);
}

void cross_fit_suite(void)
{
    CU_pSuite suite = CU_add_suite("cross_fit", NULL, NULL);
    CU_add_test(suite, "classes are dealt evenly", test_deal_classes);
    CU_add_test(suite, "patches of an image stay together", test_deal_patches);
    CU_add_test(suite, "a fold's labels are not seen", test_out_of_fold);
    CU_add_test(suite, "folds are kept", test_kept);
    CU_add_test(suite, "filters share networks", test_shared);
    CU_add_test(suite, "the course of a training", test_course);
}
