/* What holds for every filter in the registry. */
#include "filters/registry.h"
#include "interfaces/filter.h"

#include "base/memory.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void filters_property_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { ITEMS = 101, CLASSES = 3 };

static struct error error;

/* Labels, and predictions that are off by a draw each: one set of either task. */
struct world {
    struct image_set labels, answers, truth;
    uint8_t classes[ITEMS], true_classes[ITEMS];
    struct filter_input input;
    size_t asked; /* calls of out_of_fold() and course() */
};

static enum status answer(void *context, const struct filter_network *network, int folds,
                          struct image_set *predictions, struct error *problem)
{
    struct world *world = context;
    world->asked++;
    CU_ASSERT(folds >= 2 && network->epochs >= 1);
    return image_set_copy(predictions, &world->answers, problem);
}

/* The same scores after each epoch; of one class more, where that is asked for. */
static enum status follow(void *context, const struct filter_network *network,
                          const struct training_dynamics *course, float *values,
                          struct error *problem)
{
    struct world *world = context;

    (void)problem;
    world->asked++;
    CU_ASSERT(network->epochs >= 1 && course->class_count <= CLASSES + 1);
    for (size_t i = 0; i < ITEMS; i++) {
        float scores[CLASSES + 1] = {0};
        memcpy(scores, image_set_at(&world->answers, i).pixels, CLASSES * sizeof *scores);
        CU_ASSERT_FATAL(course->classes[i] < course->class_count);
        for (int64_t t = 0; t < network->epochs; t++)
            values[t * ITEMS + (int64_t)i] =
                course->measure(scores, course->class_count, course->classes[i]);
    }
    return STATUS_OK;
}

static void world_make(struct world *world, bool classify)
{
    struct random_stream stream = random_stream((struct random_key){1, 0}, RANDOM_DEGRADE, 0);
    struct shape shape = classify ? (struct shape){CLASSES, 1, 1} : (struct shape){1, 4, 4};

    memset(world, 0, sizeof *world);
    OK(image_set_new_uniform(&world->labels, ITEMS, shape, &error));
    for (size_t i = 0; i < ITEMS * shape_size(shape); i++)
        world->labels.pixels[i] = (float)random_uniform(&stream);
    OK(image_set_copy(&world->answers, &world->labels, &error));
    for (size_t i = 0; i < ITEMS * shape_size(shape); i++)
        world->answers.pixels[i] += (float)random_normal(&stream) / 3;
    for (size_t i = 0; classify && i < ITEMS; i++)
        world->classes[i] = (uint8_t)random_below(&stream, CLASSES);
    OK(image_set_copy(&world->truth, &world->labels, &error));
    for (size_t i = 0; i < ITEMS; i++) {
        world->truth.pixels[i * shape_size(shape)] += (float)random_normal(&stream);
        world->true_classes[i] = (uint8_t)random_below(&stream, CLASSES);
    }
    world->input = (struct filter_input){.inputs = &world->labels,
                                         .labels = &world->labels,
                                         .classes = classify ? world->classes : NULL,
                                         .class_count = classify ? CLASSES : 0,
                                         .key = {.seed = 5, .replicate = 1},
                                         .out_of_fold = answer,
                                         .course = follow,
                                         .context = world};
}

static void show_truth(struct world *world)
{
    world->input.true_labels = world->input.classes ? NULL : &world->truth;
    world->input.true_classes = world->input.classes ? world->true_classes : NULL;
}

static void world_release(struct world *world)
{
    image_set_release(&world->labels);
    image_set_release(&world->answers);
    image_set_release(&world->truth);
}

static void check_repeats(const struct filter *filter, const void *config,
                          const struct filter_input *input)
{
    uint8_t reasons[2][ITEMS] = {{0}};
    float scores[2][ITEMS] = {{0}};

    for (int run = 0; run < 2; run++) {
        struct filter_result result = {reasons[run], scores[run]};
        OK(filter->apply(config, input, &result, &error));
    }
    CU_ASSERT(memcmp(reasons[0], reasons[1], sizeof reasons[0]) == 0);
    CU_ASSERT(memcmp(scores[0], scores[1], sizeof scores[0]) == 0);
    for (int i = 0; i < ITEMS; i++)
        CU_ASSERT(reasons[0][i] < FILTER_REASONS);
}

/* Where there is a share to drop, it is dropped exactly, and what is dropped is no less suspect
 * than what is kept. */
static void check_share(const struct filter *filter, void *config, const struct filter_input *input)
{
    const struct field *field = filter->descriptor.fields;

    while (field && field->name && strcmp(field->name, "fraction") != 0)
        field++;
    if (!field || !field->name)
        return;
    for (int percent = 0; percent <= 90; percent += 9) {
        uint8_t reasons[ITEMS] = {0};
        float scores[ITEMS] = {0}, lowest = 1e30F, highest = -1e30F;
        struct filter_result result = {reasons, scores};
        double fraction = percent / 100.0;
        size_t count = 0;
        memcpy((char *)config + field->offset, &fraction, sizeof fraction);
        OK(filter->apply(config, input, &result, &error));
        for (int i = 0; i < ITEMS; i++) {
            count += reasons[i] != FILTER_KEPT;
            if (reasons[i] && scores[i] < lowest)
                lowest = scores[i];
            if (!reasons[i] && scores[i] > highest)
                highest = scores[i];
        }
        CU_ASSERT_EQUAL(count, (size_t)(fraction * ITEMS + 0.5));
        CU_ASSERT(count == 0 || lowest >= highest);
    }
}

static void check_memory_faults(const struct filter *filter, const void *config,
                                const struct filter_input *input)
{
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status != STATUS_OK && n < 100; n++) {
        uint8_t reasons[ITEMS] = {0};
        float scores[ITEMS] = {0};
        struct filter_result result = {reasons, scores};
        memory_fail_at(n);
        status = filter->apply(config, input, &result, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
}

/* Calls `check` for every filter and each task that it serves. */
static void for_all(void (*check)(const struct filter *filter, void *config,
                                  const struct filter_input *input))
{
    const struct registry *registry = registry_filters();

    CU_ASSERT(registry->count >= 9);
    for (size_t row = 0; row < registry->count; row++)
        for (int classify = 0; classify < 2; classify++) {
            const struct filter *filter = filter_of(registry->rows[row]);
            struct world world;
            void *config;
            CU_ASSERT(filter->serves & (SERVES_IMAGES | SERVES_SCORES));
            if (!(filter->serves & (classify ? SERVES_SCORES : SERVES_IMAGES)))
                continue;
            world_make(&world, classify);
            if (filter->sees_truth) /* shown to no other */
                show_truth(&world);
            OK(memory_new(&config, filter->descriptor.config_size + 1, 1, &error));
            defaults_fill(&filter->descriptor, config);
            check(filter, config, &world.input);
            memory_free(config);
            world_release(&world);
        }
}

/* What is said of it decides what its key depends on. */
static void check_trains(const struct filter *filter, const void *config,
                         const struct filter_input *input)
{
    uint8_t reasons[ITEMS] = {0};
    float scores[ITEMS] = {0};
    struct filter_result result = {reasons, scores};
    struct world *world = input->context;

    world->asked = 0;
    OK(filter->apply(config, input, &result, &error));
    CU_ASSERT_EQUAL(world->asked > 0, filter->trains);
    CU_ASSERT(!filter->sees_truth || strcmp(filter->descriptor.name, "oracle") == 0);
}

static void check_both(const struct filter *filter, void *config, const struct filter_input *input)
{
    check_repeats(filter, config, input);
    check_trains(filter, config, input);
    check_memory_faults(filter, config, input);
}

static void test_repeats(void)
{
    for_all(check_both);
}

static void test_share(void)
{
    for_all(check_share);
}

void filters_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("filters_property", NULL, NULL);
    CU_add_test(suite, "the same input gives the same mask; faults are told", test_repeats);
    CU_add_test(suite, "a share is dropped exactly, the most suspect first", test_share);
}
