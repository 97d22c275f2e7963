/* What holds for every filter in the registry. */
#include "filters/regions.h"
#include "filters/registry.h"
#include "interfaces/filter.h"

#include "base/memory.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void filters_property_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { ITEMS = 101, CLASSES = 3, MOST_UNITS = 2000 };

static struct error error;

/* Labels, and predictions that are off by a draw each: one set of labels of any content. */
struct world {
    struct image_set labels, answers, truth;
    struct regions regions;
    size_t units; /* items, or regions */
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

static enum status relabel(void *context, const struct filter_change *change,
                           struct image_set *labels, struct error *problem)
{
    const struct world *world = context;
    struct random_stream stream =
        random_stream((struct random_key){2, 0}, RANDOM_DEGRADE, (uint64_t)change->number);
    bool masks = world->input.content == CONTENT_MASK;

    PASS(image_set_copy(labels, &world->labels, problem));
    for (size_t i = 0; change->noise > 0 && i < labels->offsets[ITEMS]; i++)
        labels->pixels[i] = masks ? (float)(random_u32(&stream) % CLASSES)
                                  : labels->pixels[i] + (float)random_normal(&stream) / 9;
    return STATUS_OK;
}

/* Masks in the place of images: some pixels are not known. */
static void world_mask(struct world *world, struct random_stream *stream)
{
    struct shape shape = {CLASSES, 4, 4};

    for (size_t i = 0; i < world->labels.offsets[ITEMS]; i++) {
        world->truth.pixels[i] = (float)(random_u32(stream) % CLASSES);
        world->labels.pixels[i] = i % 7 ? (float)(random_u32(stream) % CLASSES) : (float)NAN;
    }
    image_set_release(&world->answers);
    OK(image_set_new_uniform(&world->answers, ITEMS, shape, &error));
    for (size_t i = 0; i < world->answers.offsets[ITEMS]; i++)
        world->answers.pixels[i] = (float)random_uniform(stream);
    OK(regions_find(&world->regions, &world->labels, REGION_TILE, &error));
    world->units = world->regions.count;
    CU_ASSERT_FATAL(world->units > ITEMS && world->units <= MOST_UNITS);
}

static void world_make(struct world *world, enum content content)
{
    bool classify = content == CONTENT_SCORES;
    struct random_stream stream = random_stream((struct random_key){1, 0}, RANDOM_DEGRADE, 0);
    struct shape shape =
        content_is_spatial(content) ? (struct shape){1, 4, 4} : (struct shape){CLASSES, 1, 1};

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
    world->units = ITEMS;
    if (content == CONTENT_MASK)
        world_mask(world, &stream);
    world->input =
        (struct filter_input){.inputs = &world->labels,
                              .labels = &world->labels,
                              .content = content,
                              .regions = content == CONTENT_MASK ? &world->regions : NULL,
                              .relabel = relabel,
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
    regions_release(&world->regions);
}

static void check_repeats(const struct filter *filter, const void *config,
                          const struct filter_input *input)
{
    uint8_t reasons[2][MOST_UNITS] = {{0}};
    float scores[2][MOST_UNITS] = {{0}};

    for (int run = 0; run < 2; run++) {
        struct filter_result result = {reasons[run], scores[run]};
        OK(filter->apply(config, input, &result, &error));
    }
    CU_ASSERT(memcmp(reasons[0], reasons[1], sizeof reasons[0]) == 0);
    CU_ASSERT(memcmp(scores[0], scores[1], sizeof scores[0]) == 0);
    for (size_t i = 0; i < filter_units(input); i++)
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
        uint8_t reasons[MOST_UNITS] = {0};
        float scores[MOST_UNITS] = {0}, lowest = 1e30F, highest = -1e30F;
        struct filter_result result = {reasons, scores};
        double fraction = percent / 100.0;
        size_t count = 0;
        memcpy((char *)config + field->offset, &fraction, sizeof fraction);
        OK(filter->apply(config, input, &result, &error));
        for (size_t i = 0; i < filter_units(input); i++) {
            count += reasons[i] != FILTER_KEPT;
            if (reasons[i] && scores[i] < lowest)
                lowest = scores[i];
            if (!reasons[i] && scores[i] > highest)
                highest = scores[i];
        }
        CU_ASSERT_EQUAL(count, (size_t)(fraction * (double)filter_units(input) + 0.5));
        CU_ASSERT(count == 0 || lowest >= highest);
    }
}

static void check_memory_faults(const struct filter *filter, const void *config,
                                const struct filter_input *input)
{
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status != STATUS_OK && n < 100; n++) {
        uint8_t reasons[MOST_UNITS] = {0};
        float scores[MOST_UNITS] = {0};
        struct filter_result result = {reasons, scores};
        memory_fail_at(n);
        status = filter->apply(config, input, &result, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
}

/* Calls `check` for every filter and each content of labels that it serves. */
static void for_all(void (*check)(const struct filter *filter, void *config,
                                  const struct filter_input *input))
{
    const struct registry *registry = registry_filters();

    CU_ASSERT(registry->count >= 11);
    for (size_t row = 0; row < registry->count; row++)
        for (int content = 0; content < CONTENTS; content++) {
            const struct filter *filter = filter_of(registry->rows[row]);
            struct world world;
            void *config;
            CU_ASSERT(filter->serves & SERVES_ALL);
            if (!(filter->serves >> content & 1))
                continue;
            world_make(&world, (enum content)content);
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
    uint8_t reasons[MOST_UNITS] = {0};
    float scores[MOST_UNITS] = {0};
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
