/* Losses, optimisers, schedules, augmentations one by one: what holds for every row of their
 * registries, and known cases. Values of an independent program: training_golden_test.c. */
#include "base/memory.h"
#include "interfaces/augmentation.h"
#include "interfaces/training.h"
#include "train/registry.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct random_key KEY = {.seed = 2019, .replicate = 1};

/* A row's settings, read from YAML. */
struct bench {
    struct arena arena;
    double config[32];
};

static const void *find(struct bench *bench, const struct registry *registry, const char *name,
                        const char *yaml)
{
    const struct descriptor *row = registry_find(registry, name);
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    memset(bench, 0, sizeof *bench);
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    CU_ASSERT_FATAL(row->config_size <= sizeof bench->config);
    CU_ASSERT_EQUAL_FATAL(
        yaml_parse(&bench->arena, "test", yaml, strlen(yaml), &root, &found, NULL), STATUS_OK);
    if (row->fields)
        CU_ASSERT_EQUAL_FATAL(
            schema_read(row->fields, root, "", bench->config, &bench->arena, &found, NULL),
            STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    return row;
}

/* Every optimiser leaves parameters with no gradient and no decay where they are, and those outside
 * its range. */
static void test_optimizers_rest(void)
{
    const struct registry *registry = registry_optimizers();
    CU_ASSERT(registry->count >= 3);
    for (size_t r = 0; r < registry->count; r++) {
        struct bench bench;
        const struct optimizer *optimizer = find(&bench, registry, registry->rows[r]->name, "{}");
        float p[3] = {1, 2, 3}, gradients[3] = {0, 5, 7}, state[24] = {0};
        uint8_t decays[3] = {0, 0, 0};
        CU_ASSERT_FATAL(optimizer->slots <= 8);
        optimizer->step(bench.config, 1, 0.1, 0.1, 0, 2, 3, decays, gradients, p, state);
        CU_ASSERT(p[0] == 1 && p[1] < 2 && p[2] == 3);
        decays[0] = 1; /* the decay alone draws it towards zero */
        optimizer->step(bench.config, 2, 0.1, 0.1, 0, 1, 3, decays, gradients, p, state);
        CU_ASSERT(p[0] > 0 && p[0] < 1);
        arena_release(&bench.arena);
    }
}

/* The state of parameters that get no gradients any more, as of dead units, ends at zero and is
 * never subnormal, which would make steps a hundred times slower. */
static void test_optimizers_come_to_rest(void)
{
    const struct registry *registry = registry_optimizers();

    for (size_t r = 0; r < registry->count; r++) {
        struct bench bench;
        const struct optimizer *optimizer = find(&bench, registry, registry->rows[r]->name, "{}");
        float p[4] = {1, 2, 3, 4}, state[32] = {0}, some[4] = {1, 1e-3F, -1e-6F, 1e-19F};
        float none[4] = {0};
        uint8_t decays[4] = {0};
        size_t subnormal = 0;
        for (int64_t step = 1; step < 110000; step++) {
            optimizer->step(bench.config, step, 1e-3, 0, 0, 4, 4, decays, step < 3 ? some : none, p,
                            state);
            for (int i = 0; i < 4 * optimizer->slots; i++)
                subnormal += fpclassify(state[i]) == FP_SUBNORMAL;
        }
        CU_ASSERT_EQUAL(subnormal, 0);
        for (int i = 0; i < 4 * optimizer->slots; i++)
            CU_ASSERT_EQUAL(state[i], 0);
        arena_release(&bench.arena);
    }
}

enum { ITEMS = 3, SIDE = 12, SIZE = 2 * SIDE * SIDE };

/* Value of `count` items from item `first` on. */
/* What a loss is tried with. */
enum tried { TRY_VALUES, TRY_CLASSES, TRY_MASKS };

static double evaluate(const struct loss *loss, struct loss_call call, size_t first, int count)
{
    size_t size = shape_size(call.shape);
    bool masks = loss->targets == LOSS_MASKS || loss->targets == LOSS_CLASSES;

    call.count = count;
    call.y += first * size;
    call.dy += first * size;
    call.targets =
        call.targets ? call.targets + first * (masks ? shape_plane(call.shape) : size) : NULL;
    call.classes = call.classes ? call.classes + first : NULL;
    return loss->evaluate(&call);
}

/* dy is the slope of the loss, for every loss, with whatever it takes; some values are not known,
 * but for images and scores. */
static void check_slopes(const struct loss *loss, const void *config, enum tried tried)
{
    static const uint8_t labels[ITEMS] = {4, 0, 2};
    static float y[ITEMS * SIZE], t[ITEMS * SIZE], dy[ITEMS * SIZE], unused[ITEMS * SIZE];
    struct shape image = {2, SIDE, SIDE}, scores = {5, 1, 1};
    bool large = tried == TRY_MASKS || loss->targets == LOSS_VALUES || loss->targets == LOSS_IMAGES;
    bool partly = tried == TRY_MASKS || loss->targets == LOSS_VALUES;
    struct loss_call call = {.config = config,
                             .shape = large ? image : scores,
                             .y = y,
                             .targets = tried == TRY_CLASSES ? NULL : t,
                             .classes = tried == TRY_CLASSES ? labels : NULL,
                             .scale = 0.25f,
                             .dy = dy};
    size_t count = ITEMS * shape_size(call.shape);
    struct random_stream stream = random_stream(KEY, RANDOM_GENERATE, 0);
    double total = 0;

    if (loss->scratch)
        CU_ASSERT_EQUAL_FATAL(
            memory_new(&call.scratch, loss->scratch(call.shape), sizeof(float), NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        y[i] = (float)random_normal(&stream);
        t[i] = (float)random_normal(&stream);
        t[i] = tried == TRY_MASKS ? (float)(t[i] > 0) : t[i];
        t[i] = partly && i % 5 == 0 ? (float)NAN : t[i];
    }
    double value = evaluate(loss, call, 0, ITEMS);
    call.dy = unused;
    call.scale = 1;
    for (size_t item = 0; item < ITEMS; item++) /* the sum is of the items' */
        total += evaluate(loss, call, item, 1);
    CU_ASSERT_DOUBLE_EQUAL(total, value, 1e-12);
    CU_ASSERT(value > 0);
    for (size_t i = 0; i < count; i += large ? 13 : 1) {
        float old = y[i], step = 0.00390625f;
        y[i] = old + step;
        double high = evaluate(loss, call, 0, ITEMS), up = (double)y[i];
        y[i] = old - step;
        double slope = (high - evaluate(loss, call, 0, ITEMS)) / (up - (double)y[i]);
        y[i] = old;
        CU_ASSERT_DOUBLE_EQUAL((double)dy[i], 0.25 * slope, 1e-4);
    }
    y[7] = NAN;
    CU_ASSERT(!isfinite(evaluate(loss, call, 0, ITEMS)));
    memory_free(call.scratch);
}

static void test_losses(void)
{
    const struct registry *registry = registry_losses();
    CU_ASSERT(registry->count >= 8);
    for (size_t r = 0; r < registry->count; r++) {
        struct bench bench;
        const struct loss *loss = find(&bench, registry, registry->rows[r]->name, "{}");
        if (loss->targets != LOSS_CLASSES && loss->targets != LOSS_MASKS)
            check_slopes(loss, bench.config, TRY_VALUES);
        if (loss->targets == LOSS_CLASSES || loss->targets == LOSS_SCORES)
            check_slopes(loss, bench.config, TRY_CLASSES);
        if (loss->targets == LOSS_CLASSES || loss->targets == LOSS_MASKS)
            check_slopes(loss, bench.config, TRY_MASKS);
        arena_release(&bench.arena);
    }
}

static double value_of(const char *name, const char *settings, struct shape shape, const float *y,
                       const float *t, uint8_t class, float *dy)
{
    struct bench bench;
    const struct loss *loss = find(&bench, registry_losses(), name, settings);
    double scratch[16];
    struct loss_call call = {.config = bench.config,
                             .count = 1,
                             .shape = shape,
                             .y = y,
                             .targets = t,
                             .classes = t ? NULL : &class,
                             .scale = 1,
                             .dy = dy,
                             .scratch = (float *)(void *)scratch};
    double value = loss->evaluate(&call);
    arena_release(&bench.arena);
    return value;
}

static void test_loss_values(void)
{
    static const float y[4] = {1, 2, 3, 4}, t[4] = {1, 0, 3, 8};
    static const float even[4] = {2, 2, 2, 2}, wide[4] = {1000, 0, -1000, 0};
    struct shape four = {4, 1, 1};
    float dy[4];

    CU_ASSERT_DOUBLE_EQUAL(value_of("mse", "{}", four, y, t, 0, dy), 5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL((double)dy[1], 1, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(value_of("l1", "{}", four, y, t, 0, dy), 1.5, 1e-12);
    CU_ASSERT(dy[0] == 0 && dy[1] == 0.25f && dy[3] == -0.25f);
    CU_ASSERT_DOUBLE_EQUAL(value_of("charbonnier", "{epsilon: 0.75}", four, y, even, 0, dy),
                           (1.25 + 0.75 + 1.25 + sqrt(4.5625)) / 4, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL((double)dy[0], -0.2, 1e-6); /* -1 / 1.25 / 4 */
    CU_ASSERT_DOUBLE_EQUAL(value_of("cross_entropy", "{}", four, even, NULL, 1, dy), log(4), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL((double)dy[1], -0.75, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(value_of("cross_entropy", "{}", four, wide, NULL, 1, dy), 1000, 1e-9);
    /* smoothing 1: every class alike; the mean of 0, 1000, 2000, 1000 */
    CU_ASSERT_DOUBLE_EQUAL(value_of("cross_entropy", "{smoothing: 1}", four, wide, NULL, 1, dy),
                           1000, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(value_of("soft_cross_entropy", "{}", four, wide, NULL, 1, dy), 1000,
                           1e-9);
    CU_ASSERT_DOUBLE_EQUAL(
        value_of("soft_cross_entropy", "{scores: probabilities}", four, wide, t, 0, dy),
        (2000 * 3 + 1000 * 8) / 12.0, 1e-3);
    CU_ASSERT_DOUBLE_EQUAL((double)dy[3], -8 / 12.0, 1e-6);
}

/* Where nothing is known there is nothing to learn, whatever the outputs. */
static void test_nothing_known(void)
{
    static const char *const names[] = {"mse",           "l1",  "charbonnier", "huber",
                                        "cross_entropy", "dice"};
    static const float y[4] = {1, -2, 3, NAN}, t[4] = {NAN, NAN, NAN, NAN};
    struct shape two = {2, 1, 2};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        float dy[4] = {1, 1, 1, 1};
        CU_ASSERT_EQUAL(value_of(names[i], "{}", two, y, t, 0, dy), 0);
        CU_ASSERT(dy[0] == 0 && dy[1] == 0 && dy[2] == 0 && dy[3] == 0);
    }
}

static void test_weights(void)
{
    struct shape three = {3, 1, 1}, one = {1, 8, 8};

    for (int i = 0; i < 2; i++) {
        struct bench bench;
        struct error error = {0};
        const char *name = i ? "dice" : "cross_entropy";
        const struct loss *loss = find(&bench, registry_losses(), name, "{weights: [1, 2]}");
        CU_ASSERT_EQUAL(loss->check(bench.config, three, NULL, &error), STATUS_CONFIG);
        CU_ASSERT_STRING_EQUAL(error.message, "'weights' has 2 factors, and there are 3 classes");
        CU_ASSERT_EQUAL(loss->check(bench.config, one, NULL, &error), STATUS_OK);
        arena_release(&bench.arena);
        loss = find(&bench, registry_losses(), name, "{weights: [0, 0, 0]}");
        CU_ASSERT_EQUAL(loss->check(bench.config, three, NULL, &error), STATUS_CONFIG);
        CU_ASSERT_STRING_EQUAL(error.message, "'weights' are all 0");
        arena_release(&bench.arena);
        loss = find(&bench, registry_losses(), name, "{}");
        CU_ASSERT_EQUAL(loss->check(bench.config, three, NULL, &error), STATUS_OK);
        arena_release(&bench.arena);
    }
}

/* What a loss refuses, and how. */
static void test_loss_checks(void)
{
    static const float negative[3] = {0.5f, -0.25f, 0.75f}, nothing[3] = {0, 0, 0};
    struct shape three = {3, 1, 1}, small = {1, 11, 10}, enough = {1, 11, 11};
    struct error error = {0};
    struct bench bench;
    const struct loss *loss = find(&bench, registry_losses(), "ssim", "{}");

    CU_ASSERT_EQUAL(loss->check(bench.config, enough, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(loss->check(bench.config, small, NULL, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "'ssim' looks through a window of 11 x 11 pixels; images "
                                          "of 11 x 10 are too small for it");
    arena_release(&bench.arena);
    loss = find(&bench, registry_losses(), "soft_cross_entropy", "{scores: probabilities}");
    CU_ASSERT_EQUAL(loss->check(bench.config, three, NULL, &error), STATUS_OK);
    CU_ASSERT_EQUAL(loss->check(bench.config, three, negative, &error), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "'scores: probabilities': the pipeline gives -0.25 for class 1");
    CU_ASSERT_EQUAL(loss->check(bench.config, three, nothing, &error), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "'scores: probabilities': the pipeline gives 0 for every class");
    arena_release(&bench.arena);
    loss = find(&bench, registry_losses(), "soft_cross_entropy", "{}");
    CU_ASSERT_EQUAL(loss->check(bench.config, three, negative, &error), STATUS_OK);
    arena_release(&bench.arena);
}

static void test_schedules(void)
{
    static const struct {
        const char *name, *settings;
    } cases[] = {
        {"constant", "{}"},           {"cosine", "{}"},
        {"cosine", "{warmup: 0.99}"}, {"one_cycle", "{}"},
        {"one_cycle", "{warmup: 0}"}, {"one_cycle", "{warmup: 1, down: linear}"},
        {"step", "{every: 1}"},       {"step", "{at: [0, 1]}"},
    };
    CU_ASSERT(registry_schedules()->count >= 4);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct bench bench;
        const struct schedule *schedule =
            find(&bench, registry_schedules(), cases[c].name, cases[c].settings);
        for (int64_t epochs = 1; epochs < 200; epochs = epochs * 3 + 1)
            for (int64_t steps = epochs; steps <= 3 * epochs; steps += epochs)
                for (int64_t step = 0; step < steps; step++) {
                    double factor = schedule->factor(bench.config, step, steps, epochs);
                    CU_ASSERT(factor >= 0 && factor <= 1);
                }
        arena_release(&bench.arena);
    }
}

enum { WIDE = 5, TALL = 5, DRAWS = 400 };

/* Apply to a two-channel image of distinct values, as item `item` in pass `pass`. */
static void change(const struct augmentation *kind, const struct bench *bench, uint64_t item,
                   int64_t pass, float *pixels)
{
    struct shape shape = {2, TALL, WIDE};
    float scratch[2 * TALL * WIDE];
    struct random_stream stream = random_stream(KEY, RANDOM_AUGMENT, (uint64_t)pass << 32 | item);
    struct augmentation_call call = {.config = bench->config,
                                     .pass = pass,
                                     .stream = &stream,
                                     .item = random_stream(KEY, RANDOM_AUGMENT, item),
                                     .scratch = scratch};

    for (size_t i = 0; i < 2 * TALL * WIDE; i++)
        pixels[i] = (float)(i + 1);
    kind->apply(&call, (struct image){shape, pixels});
}

/* Every augmentation: the same draws, the same change; both channels alike; values stay finite. */
static void test_augmentations(void)
{
    const struct registry *registry = registry_augmentations();
    CU_ASSERT(registry->count >= 4);
    for (size_t r = 0; r < registry->count; r++) {
        struct bench bench;
        const struct augmentation *kind = find(&bench, registry, registry->rows[r]->name, "{}");
        int changed = 0;
        for (uint64_t item = 0; item < DRAWS; item++) {
            float once[2 * TALL * WIDE], twice[2 * TALL * WIDE];
            change(kind, &bench, item, 1, once);
            change(kind, &bench, item, 1, twice);
            CU_ASSERT_EQUAL(memcmp(once, twice, sizeof once), 0);
            for (size_t i = 0; i < TALL * WIDE; i++)
                CU_ASSERT(once[i] == 0 ? once[i + TALL * WIDE] == 0
                                       : once[i + TALL * WIDE] == once[i] + TALL * WIDE);
            changed += once[0] != 1 || once[1] != 2 || once[7] != 8 || once[24] != 25;
        }
        CU_ASSERT(changed > DRAWS / 4);
        arena_release(&bench.arena);
    }
}

static void test_flip(void)
{
    struct bench bench;
    const struct augmentation *kind = find(&bench, registry_augmentations(), "flip", "{}");
    float pixels[2 * TALL * WIDE], next[2 * TALL * WIDE];
    int flipped = 0, first = 0;

    for (uint64_t item = 0; item < DRAWS; item++) {
        change(kind, &bench, item, 1, pixels);
        CU_ASSERT(pixels[0] == 1 || (pixels[0] == WIDE && pixels[WIDE] == 2 * WIDE &&
                                     pixels[WIDE - 1] == 1 && pixels[2] == 3));
        flipped += pixels[0] != 1;
    }
    CU_ASSERT(flipped > DRAWS * 2 / 5 && flipped < DRAWS * 3 / 5);
    arena_release(&bench.arena);
    kind = find(&bench, registry_augmentations(), "flip", "{alternate: true}");
    for (uint64_t item = 0; item < DRAWS; item++)
        for (int64_t pass = 1; pass < 6; pass++) {
            change(kind, &bench, item, pass, pixels);
            change(kind, &bench, item, pass + 1, next);
            CU_ASSERT_EQUAL(pixels[0] == 1, next[0] != 1);
            first += pass == 1 && pixels[0] != 1;
        }
    CU_ASSERT(first > DRAWS * 2 / 5 && first < DRAWS * 3 / 5);
    arena_release(&bench.arena);
}

static void test_shift(void)
{
    struct bench bench;
    const struct augmentation *kind =
        find(&bench, registry_augmentations(), "shift", "{pixels: 1, fill: zero}");
    struct shape shape = {1, 1, 5};
    struct error error = {0};
    int seen[3][3] = {{0}};

    for (uint64_t item = 0; item < DRAWS; item++) {
        float p[2 * TALL * WIDE];
        change(kind, &bench, item, 1, p);
        /* the centre, 13, says from where it was shifted */
        int from = (int)p[12] - 1, dy = 2 - from / WIDE, dx = 2 - from % WIDE;
        CU_ASSERT_FATAL(dy >= -1 && dy <= 1 && dx >= -1 && dx <= 1);
        seen[dy + 1][dx + 1]++;
        for (int y = 0; y < TALL; y++)
            for (int x = 0; x < WIDE; x++) {
                bool inside = y - dy >= 0 && y - dy < TALL && x - dx >= 0 && x - dx < WIDE;
                float expected = inside ? (float)((y - dy) * WIDE + x - dx + 1) : 0;
                CU_ASSERT_EQUAL(p[y * WIDE + x], expected);
            }
    }
    for (int i = 0; i < 9; i++)
        CU_ASSERT(seen[i / 3][i % 3] > DRAWS / 18 && seen[i / 3][i % 3] < DRAWS / 5);
    CU_ASSERT_EQUAL(kind->check(bench.config, shape, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "'shift' by up to 1 pixels moves images of 1 x 5 out of view");
    arena_release(&bench.arena);
    kind = find(&bench, registry_augmentations(), "shift", "{pixels: 2}");
    for (uint64_t item = 0; item < DRAWS; item++) { /* mirrored, the edge pixel twice */
        float p[2 * TALL * WIDE];
        change(kind, &bench, item, 1, p);
        int from = (int)p[12] - 1, dx = 2 - from % WIDE;
        if (dx == 2)
            CU_ASSERT(p[11] == p[12] && p[10] == p[13]);
        CU_ASSERT(dx < 1 || p[10] - p[11] == (dx == 2 ? 1.0f : 0.0f));
    }
    arena_release(&bench.arena);
}

static void test_cutout(void)
{
    static const char *const settings[] = {"{size: 3}", "{size: 3, fill: mean}"};
    for (size_t s = 0; s < 2; s++) {
        struct bench bench;
        const struct augmentation *kind =
            find(&bench, registry_augmentations(), "cutout", settings[s]);
        int counts[10] = {0};
        for (uint64_t item = 0; item < DRAWS; item++) {
            float p[2 * TALL * WIDE];
            int cut = 0;
            change(kind, &bench, item, 1, p);
            for (int i = 0; i < TALL * WIDE; i++) {
                bool same = p[i] == (float)(i + 1);
                CU_ASSERT(same || p[i] == (s ? 13.0f : 0.0f));
                /* the mean is the centre's own value */
                cut += !same;
            }
            CU_ASSERT_FATAL(cut <= 9);
            counts[cut]++;
        }
        /* 9, 12 and 4 of 25 centres; the mean is the middle pixel's own value */
        CU_ASSERT(counts[9] + counts[8] > DRAWS / 4 && counts[4] + counts[3] > DRAWS / 20);
        CU_ASSERT(s || counts[9] + counts[6] + counts[4] == DRAWS);
        CU_ASSERT_TRUE(kind->input_only);
        arena_release(&bench.arena);
    }
}

static void test_rotate90(void)
{
    struct bench bench;
    const struct augmentation *kind = find(&bench, registry_augmentations(), "rotate90", "{}");
    struct shape oblong = {1, 4, 5};
    struct error error = {0};
    int seen[4] = {0};

    for (uint64_t item = 0; item < DRAWS; item++) {
        float p[2 * TALL * WIDE];
        change(kind, &bench, item, 1, p);
        int turns = p[0] == 1 ? 0 : p[0] == 5 ? 1 : p[0] == 25 ? 2 : 3;
        static const float right[] = {5, 25, 21, 1}, below[] = {21, 1, 5, 25};
        CU_ASSERT(p[WIDE - 1] == right[turns] && p[20] == below[turns] && p[12] == 13);
        seen[turns]++;
    }
    for (int i = 0; i < 4; i++)
        CU_ASSERT(seen[i] > DRAWS / 6);
    CU_ASSERT_EQUAL(kind->check(bench.config, oblong, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "'rotate90' turns square images; these are of 4 x 5 pixels");
    arena_release(&bench.arena);
}

void training_parts_suite(void);

void training_parts_suite(void)
{
    CU_pSuite suite = CU_add_suite("training_parts", NULL, NULL);
    CU_add_test(suite, "optimisers keep to their range", test_optimizers_rest);
    CU_add_test(suite, "optimisers come to rest", test_optimizers_come_to_rest);
    CU_add_test(suite, "losses' gradients are their output_gradient", test_losses);
    CU_add_test(suite, "losses of known cases", test_loss_values);
    CU_add_test(suite, "losses where nothing is known", test_nothing_known);
    CU_add_test(suite, "factors of classes", test_weights);
    CU_add_test(suite, "what losses refuse", test_loss_checks);
    CU_add_test(suite, "schedules stay in range", test_schedules);
    CU_add_test(suite, "augmentations depend on their draws alone", test_augmentations);
    CU_add_test(suite, "flip, at random and in turns", test_flip);
    CU_add_test(suite, "shift by every distance, zeros and mirror", test_shift);
    CU_add_test(suite, "cutout of a square, clipped at edges", test_cutout);
    CU_add_test(suite, "rotate90 by every quarter", test_rotate90);
}
