/*
 * The images of the splits: how many each has, and what they are. Of images in files, those that
 * the splits take are decoded, and no others.
 */
#include "base/memory.h"
#include "math/quality.h"
#include "trial/degrade.h"
#include "trial/splits.h"

#include <stdio.h>
#include <string.h>

static const struct yaml_mark nowhere = {NULL, 0, 0};
static const char *const folders[] = {"dataset.train_folder", "dataset.test_folder"};

const struct dataset_pool *split_pool(const struct dataset_content *content, enum split_name name)
{
    return name == SPLIT_TEST && !content->undivided ? &content->test : &content->train;
}

/* The test images of a set whose pools are one are taken first. */
static enum status take_test(const struct dataset_section *section, struct pool_sizes *pools,
                             struct error *error)
{
    if (pools->test != SIZE_MAX)
        return STATUS_OK;
    if (section->test == COUNT_ALL)
        return error_set(error, STATUS_CONFIG,
                         "dataset.test: data set '%s' has no test images of their own; give their "
                         "number, or say which they are (`understudy describe dataset %s`)",
                         section->source.kind->name, section->source.kind->name);
    if ((size_t)section->test > pools->train)
        return error_set(error, STATUS_CONFIG,
                         "dataset.test: %zu images asked for; data set '%s' has %zu in all",
                         (size_t)section->test, section->source.kind->name, pools->train);
    pools->test = pools->train;
    pools->train -= (size_t)section->test;
    return STATUS_OK;
}

enum status split_counts(const struct dataset_section *section, const struct pool_sizes *pools,
                         size_t counts[SPLITS], struct error *error)
{
    size_t manual = (size_t)section->manual, validation = (size_t)section->validation;
    size_t others = section->overlap ? validation : validation + manual;
    struct pool_sizes left = *pools;
    enum status status = take_test(section, &left, error);
    size_t train = left.train, test = left.test;

    if (status != STATUS_OK)
        return status;
    counts[SPLIT_MANUAL] = manual;
    counts[SPLIT_VALIDATION] = validation;
    counts[SPLIT_UNLABELLED] = section->unlabelled == COUNT_ALL
                                   ? (train > others ? train - others : 0)
                                   : (size_t)section->unlabelled;
    counts[SPLIT_TEST] = section->test == COUNT_ALL ? test : (size_t)section->test;
    if (others + counts[SPLIT_UNLABELLED] > train || validation + manual > train)
        return error_set(error, STATUS_CONFIG,
                         "dataset: manual %zu + unlabelled %zu + validation %zu images are more "
                         "than the %zu that data set '%s' has for training%s",
                         manual, counts[SPLIT_UNLABELLED], validation, train,
                         section->source.kind->name,
                         section->overlap ? ", even though the first two may overlap" : "");
    if (counts[SPLIT_UNLABELLED] == 0)
        return error_set(error, STATUS_CONFIG,
                         "dataset: no image is left for `unlabelled` (%zu in the training pool)",
                         train);
    if (test == 0)
        return error_set(error, STATUS_CONFIG,
                         "dataset.test: data set '%s' has no images for testing",
                         section->source.kind->name);
    if (counts[SPLIT_TEST] > test)
        return error_set(error, STATUS_CONFIG,
                         "dataset.test: %zu images asked for; data set '%s' has %zu for testing",
                         counts[SPLIT_TEST], section->source.kind->name, test);
    return STATUS_OK;
}

struct image_names splits_image_names(const struct splits *splits, enum split_name name)
{
    const struct split *split = &splits->items[name];
    return (struct image_names){split->names, split->pool_index};
}

const char *splits_image(const struct splits *splits, enum split_name name, size_t i,
                         char text[SPLITS_IMAGE])
{
    const struct split *split = &splits->items[name];

    if (split->names)
        snprintf(text, SPLITS_IMAGE, "%.300s (%s)", split->names[i], split_names[name]);
    else
        snprintf(text, SPLITS_IMAGE, "image %u of the %s pool (%s)", (unsigned)split->pool_index[i],
                 name == SPLIT_TEST ? "test" : "training", split_names[name]);
    return text;
}

/* The split that has image `index` of its pool. */
static enum split_name split_of(const struct splits *splits, const size_t counts[SPLITS],
                                const struct dataset_pool *pool,
                                const struct dataset_content *content, size_t index)
{
    for (enum split_name s = 0; s < SPLITS; s++)
        for (size_t i = 0; split_pool(content, s) == pool && i < counts[s]; i++)
            if (splits->items[s].pool_index[i] == index)
                return s;
    return pool == &content->test ? SPLIT_TEST : SPLIT_UNLABELLED;
}

/* Decode what the splits take of a pool. */
static enum status hold(const struct splits *splits, const size_t counts[SPLITS], bool test,
                        struct dataset_content *content, int threads, struct error *error)
{
    enum status status = STATUS_OK;
    struct dataset_pool *pool = test ? &content->test : &content->train;
    size_t count = dataset_pool_count(pool), faulty;
    const char *what = "image";
    bool *wanted = NULL;

    TRY(memory_new(&wanted, count, sizeof *wanted, error));
    for (enum split_name s = 0; s < SPLITS; s++)
        for (size_t i = 0; split_pool(content, s) == pool && i < counts[s]; i++)
            wanted[splits->items[s].pool_index[i]] = true;
    status = dataset_pool_hold(pool, wanted, threads, &content->notes, &faulty, error);
    if (status == STATUS_OK && pool->labels && splits->recorded) {
        what = "label of an image";
        status = dataset_answers_hold(pool->labels, count, wanted, threads, &content->notes,
                                      &faulty, error);
    }
    if (status == STATUS_OK && pool->truth) {
        what = "truth of an image";
        status = dataset_answers_hold(pool->truth, count, wanted, threads, &content->notes, &faulty,
                                      error);
    }
    if (status != STATUS_OK && faulty != SIZE_MAX)
        error_context(error, "%s %s", split_names[split_of(splits, counts, pool, content, faulty)],
                      what);
out:
    memory_free(wanted);
    return status;
}

enum status splits_hold(const struct splits *splits, const size_t counts[SPLITS],
                        struct dataset_content *content, int threads, struct error *error)
{
    for (int test = 0; test < 2; test++)
        PASS(hold(splits, counts, test, content, threads, error));
    return STATUS_OK;
}

static enum status name_split(struct splits *splits, enum split_name name, size_t count,
                              const struct dataset_pool *pool, struct error *error)
{
    struct split *split = &splits->items[name];

    if (!count || (!dataset_pool_name(pool, split->pool_index[0]) && !pool->containers))
        return STATUS_OK;
    PASS(memory_new(&split->names, count, sizeof *split->names, error));
    for (size_t i = 0; i < count; i++) {
        size_t index = split->pool_index[i];
        const char *own = dataset_pool_name(pool, index);
        if (own)
            PASS(arena_copy(&splits->arena, own, strlen(own), &split->names[i], error));
        else
            PASS(arena_print(&splits->arena, &split->names[i], error, "%s[%zu]",
                             pool->containers[index / pool->contained], index % pool->contained));
    }
    return STATUS_OK;
}

enum status splits_names(struct splits *splits, const size_t counts[SPLITS],
                         const struct dataset_content *content, struct error *error)
{
    for (enum split_name s = 0; s < SPLITS; s++)
        PASS(name_split(splits, s, counts[s], split_pool(content, s), error));
    return STATUS_OK;
}

static enum status check_side(const struct splits *splits, enum split_name name, size_t i,
                              struct shape shape, struct diagnostics *faults, struct error *error)
{
    char text[SPLITS_IMAGE];

    if (shape.height >= QUALITY_SSIM_SIDE && shape.width >= QUALITY_SSIM_SIDE)
        return STATUS_OK;
    return diagnostics_add(faults, nowhere, folders[name == SPLIT_TEST], error,
                           "%s is %d x %d pixels; SSIM needs at least %d x %d",
                           splits_image(splits, name, i, text), shape.width, shape.height,
                           QUALITY_SSIM_SIDE, QUALITY_SSIM_SIDE);
}

static enum status check_patch(const struct splits *splits, enum split_name name, size_t i,
                               int64_t size, struct shape shape, struct diagnostics *faults,
                               struct error *error)
{
    char text[SPLITS_IMAGE];

    if (shape.height >= size && shape.width >= size)
        return STATUS_OK;
    return diagnostics_add(faults, nowhere, "dataset.patch.size", error,
                           "a patch of %d pixels does not fit in %s, which is %d x %d", (int)size,
                           splits_image(splits, name, i, text), shape.width, shape.height);
}

static enum status check_same(const struct splits *splits, enum split_name name, size_t i,
                              struct shape first, struct shape shape, struct diagnostics *faults,
                              struct error *error)
{
    char one[SPLITS_IMAGE], other[SPLITS_IMAGE];

    if (shape_equal(first, shape))
        return STATUS_OK;
    return diagnostics_add(faults, nowhere, "dataset.patch", error,
                           "images of different sizes need 'patch: {size: …}' to be trained on: %s "
                           "is %d x %d pixels, %s %d x %d",
                           splits_image(splits, name, 0, one), first.width, first.height,
                           splits_image(splits, name, i, other), shape.width, shape.height);
}

enum status splits_shapes(const struct splits *splits, const struct experiment *experiment,
                          const struct dataset_content *content, const size_t counts[SPLITS],
                          struct diagnostics *faults, struct error *error)
{
    int64_t patch = experiment->dataset.patch.size;
    enum split_name trained =
        experiment->train.labels == LABELS_MANUAL ? SPLIT_MANUAL : SPLIT_UNLABELLED;

    for (enum split_name s = 0; content_is_spatial(splits->task->labels) && s < SPLITS; s++) {
        const struct dataset_pool *pool = split_pool(content, s);
        const uint32_t *index = splits->items[s].pool_index;
        for (size_t i = 0; i < counts[s]; i++) {
            struct shape shape = dataset_pool_shape(pool, index[i]);
            if (shape_plane(shape) == 0)
                continue; /* damaged, and reported */
            if (task_has_metric(splits->task, METRIC_SSIM))
                PASS(check_side(splits, s, i, shape, faults, error));
            if (s == trained && patch > 0)
                PASS(check_patch(splits, s, i, patch, shape, faults, error));
            else if (s == trained)
                PASS(check_same(splits, s, i, dataset_pool_shape(pool, index[0]), shape, faults,
                                error));
        }
    }
    return STATUS_OK;
}

/* Of which images truth is known. */
static enum status mask_truth(struct truth *truth, const struct dataset_pool *pool,
                              const uint32_t *indices, size_t count, struct error *error)
{
    PASS(memory_new(&truth->known, count, sizeof *truth->known, error));
    for (size_t i = 0; i < count; i++) {
        truth->known[i] = dataset_pool_has_truth(pool, indices[i]);
        truth->known_count += truth->known[i];
    }
    return STATUS_OK;
}

/* Input and truth of one split, cut out of its pool and degraded. */
static enum status fill_split(struct splits *splits, enum split_name name, size_t count,
                              const struct experiment *experiment,
                              const struct dataset_content *content, struct random_key key,
                              int threads, struct error *error)
{
    struct split *split = &splits->items[name];
    struct truth *truth = &splits->truth[name];
    uint32_t pool_number = name == SPLIT_TEST ? POOL_TEST : POOL_TRAIN;
    const struct dataset_pool *pool = split_pool(content, name);
    struct degrade_draws draws = {key, RANDOM_DEGRADE, pool_number, split->pool_index};

    PASS(dataset_pool_select(pool, split->pool_index, count, &split->input, error));
    PASS(splits->task->truth(truth, pool, split->pool_index, count, &split->input, splits->answer,
                             error));
    if (pool->truth)
        PASS(mask_truth(truth, pool, split->pool_index, count, error));
    if (splits->recorded)
        PASS(splits->task->recorded(&split->recorded, pool, split->pool_index, count, &split->input,
                                    splits->answer, error));
    return degrade_images(&experiment->dataset.degrade, &split->input, &draws, NULL, threads,
                          error);
}

enum status splits_images(struct splits *splits, const struct experiment *experiment,
                          const size_t counts[SPLITS], const struct dataset_content *content,
                          struct random_key key, int threads, struct error *error)
{
    for (enum split_name s = 0; s < SPLITS; s++)
        PASS(fill_split(splits, s, counts[s], experiment, content, key, threads, error));
    return STATUS_OK;
}
