#include "run/prepare.h"

#include "run/degrade.h"
#include "run/label_noise.h"
#include "run/labels.h"

#include <string.h>

static const struct dataset *dataset_of(const struct experiment *experiment)
{
    return (const struct dataset *)experiment->dataset.source.kind;
}

/* Every replicate sees other generated images; files are the same for all. */
static uint64_t generation_seed(struct random_key key)
{
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, UINT64_MAX);
    uint64_t high = random_u32(&stream);
    return high << 32 | random_u32(&stream);
}

/*
 * Images of the training pool that a generated set must make. Manual and unlabelled images
 * alternate behind the validation images (see draw_splits), so that each split grows without moving
 * another.
 */
static size_t pool_needed(const struct dataset_section *section)
{
    int64_t larger = section->manual > section->unlabelled ? section->manual : section->unlabelled;
    return (size_t)(section->validation + 2 * larger);
}

static enum status dataset_key(const struct experiment *experiment,
                               const struct dataset_request *request, char key[HASH_TEXT],
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};
    struct text text = {0};

    schema_print_component(&experiment->dataset.source, &text);
    TRY(text_status(&text, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, text.bytes, error));
    TRY(hash_text(&hash, request->directory, error));
    TRY(hash_number(&hash, request->seed, error));
    TRY(hash_number(&hash, request->train, error));
    TRY(hash_number(&hash, request->test, error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    text_release(&text);
    return status;
}

enum status prepare_data(const struct trial *trial, struct dataset_cache *cache,
                         const struct prepare_options *options, struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &trial->experiment;
    struct random_key key = {(uint64_t)experiment->seed, trial->replicate};
    const struct dataset *dataset = dataset_of(experiment);
    const struct dataset_section *section = &experiment->dataset;
    struct dataset_request request = {
        .directory = options->data,
        .seed = dataset->generated ? generation_seed(key) : 0,
        .train = dataset->generated ? pool_needed(section) : SIZE_MAX,
        .test = dataset->generated ? (size_t)section->test : SIZE_MAX,
        .threads = options->threads,
    };
    char wanted[HASH_TEXT];

    TRY(dataset_key(experiment, &request, wanted, error));
    if (strcmp(wanted, cache->key) == 0)
        return STATUS_OK;
    dataset_cache_release(cache);
    status = dataset->load(section->source.config, &request, &cache->content, error);
    if (status != STATUS_OK) {
        error_context(error, "data set '%s'", dataset->descriptor.name);
        return status;
    }
    memcpy(cache->key, wanted, sizeof wanted);
out:
    return status;
}

static enum status new_indices(struct split *split, size_t count, struct error *error)
{
    return memory_new(&split->pool_index, count, sizeof *split->pool_index, error);
}

/*
 * Which images fall where. Files: a random order of the training pool, validation from its front,
 * unlabelled behind, manual from its back; so each split's smaller size is part of its larger one,
 * and no size moves another split. With `overlap`, unlabelled may reach into manual. Generated
 * images are independent draws already: validation first, then unlabelled and manual in turn. The
 * test split is the front of a random order, the same for all replicates of a set of files; of a
 * generated set, each replicate has other images.
 */
static enum status draw_splits(struct prepared *prepared, size_t counts[SPLITS],
                               const struct experiment *experiment,
                               const struct dataset_content *content, struct random_key key,
                               struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t *order = NULL, *test = NULL;
    size_t train_count = content->train.images.count, test_count = content->test.images.count;
    struct random_stream stream = random_stream(key, RANDOM_SPLIT, POOL_TRAIN);
    struct random_key shared = {key.seed, 0};
    struct random_stream test_stream = random_stream(shared, RANDOM_SPLIT, POOL_TEST);
    bool generated = dataset_of(experiment)->generated;

    TRY(memory_new(&order, train_count, sizeof *order, error));
    TRY(memory_new(&test, test_count, sizeof *test, error));
    random_permutation(&stream, order, (uint32_t)train_count);
    random_permutation(&test_stream, test, (uint32_t)test_count);
    for (int s = 0; s < SPLITS; s++)
        TRY(new_indices(&prepared->splits[s], counts[s], error));
    size_t validation = counts[SPLIT_VALIDATION];
    for (size_t i = 0; i < counts[SPLIT_VALIDATION]; i++)
        prepared->splits[SPLIT_VALIDATION].pool_index[i] = generated ? (uint32_t)i : order[i];
    for (size_t i = 0; i < counts[SPLIT_UNLABELLED]; i++)
        prepared->splits[SPLIT_UNLABELLED].pool_index[i] =
            generated ? (uint32_t)(validation + 2 * i) : order[validation + i];
    for (size_t i = 0; i < counts[SPLIT_MANUAL]; i++)
        prepared->splits[SPLIT_MANUAL].pool_index[i] =
            generated ? (uint32_t)(validation + 2 * i + 1) : order[train_count - 1 - i];
    for (size_t i = 0; i < counts[SPLIT_TEST]; i++)
        prepared->splits[SPLIT_TEST].pool_index[i] = generated ? (uint32_t)i : test[i];
out:
    memory_free(order);
    memory_free(test);
    return status;
}

static enum status split_counts(const struct experiment *experiment,
                                const struct dataset_content *content, size_t counts[SPLITS],
                                struct error *error)
{
    const struct dataset_section *section = &experiment->dataset;
    size_t train = content->train.images.count, test = content->test.images.count;
    size_t manual = (size_t)section->manual, validation = (size_t)section->validation;
    size_t others = section->overlap ? validation : validation + manual;

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
    if (counts[SPLIT_TEST] > test || counts[SPLIT_TEST] == 0)
        return error_set(error, STATUS_CONFIG,
                         "dataset.test: %zu images asked for; data set '%s' has %zu for testing",
                         counts[SPLIT_TEST], section->source.kind->name, test);
    return STATUS_OK;
}

/* Input and truth of one split, cut out of its pool and degraded. */
static enum status fill_split(struct prepared *prepared, int name, size_t count,
                              const struct experiment *experiment,
                              const struct dataset_content *content, struct random_key key,
                              int threads, struct error *error)
{
    enum status status = STATUS_OK;
    struct split *split = &prepared->splits[name];
    struct truth *truth = &prepared->truth[name];
    uint32_t pool_number = name == SPLIT_TEST ? POOL_TEST : POOL_TRAIN;
    const struct dataset_pool *pool = name == SPLIT_TEST ? &content->test : &content->train;
    struct degrade_draws draws = {key, RANDOM_DEGRADE, pool_number, split->pool_index};

    TRY(image_set_select(&split->input, &pool->images, split->pool_index, count, error));
    if (prepared->task == TASK_DENOISE)
        TRY(image_set_copy(&truth->images, &split->input, error));
    TRY(degrade_images(&experiment->dataset.degrade, &split->input, &draws, NULL, threads, error));
    if (prepared->task == TASK_CLASSIFY) {
        TRY(memory_new(&truth->classes, count, sizeof *truth->classes, error));
        for (size_t i = 0; i < count; i++)
            truth->classes[i] = pool->classes[split->pool_index[i]];
    }
out:
    return status;
}

enum status prepare(struct prepared *prepared, const struct trial *trial,
                    struct dataset_cache *cache, const struct prepare_options *options,
                    struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &trial->experiment;
    struct random_key key = {(uint64_t)experiment->seed, trial->replicate};
    size_t counts[SPLITS];

    if (prepared->key[0] && strcmp(prepared->key, trial->keys[TRIAL_LABEL]) == 0)
        return STATUS_OK;
    prepared_release(prepared);
    TRY(prepare_data(trial, cache, options, error));
    prepared->task = (enum task)experiment->task;
    prepared->class_count = prepared->task == TASK_CLASSIFY ? cache->content.class_count : 0;
    memcpy(prepared->dataset_sha256, cache->content.sha256, HASH_TEXT);
    TRY(split_counts(experiment, &cache->content, counts, error));
    TRY(draw_splits(prepared, counts, experiment, &cache->content, key, error));
    for (int s = 0; s < SPLITS; s++)
        TRY(fill_split(prepared, s, counts[s], experiment, &cache->content, key, options->threads,
                       error));
    TRY(label_noise_draw(prepared, trial, error));
    TRY(label_noise_inputs(prepared, trial, &cache->content.train, options->threads, error));
    TRY(prepare_labels(prepared, trial, options, error));
    memcpy(prepared->key, trial->keys[TRIAL_LABEL], HASH_TEXT);
out:
    if (status != STATUS_OK)
        prepared_release(prepared);
    return status;
}

void truth_release(struct truth *truth)
{
    image_set_release(&truth->images);
    memory_free(truth->classes);
    memset(truth, 0, sizeof *truth);
}

void prepared_release(struct prepared *prepared)
{
    for (int s = 0; s < SPLITS; s++) {
        memory_free(prepared->splits[s].pool_index);
        image_set_release(&prepared->splits[s].input);
        image_set_release(&prepared->splits[s].network_in);
        image_set_release(&prepared->splits[s].label);
        image_set_release(&prepared->splits[s].pipeline_out);
        truth_release(&prepared->truth[s]);
    }
    memory_free(prepared->hit);
    chain_release(&prepared->chain);
    text_release(&prepared->chosen);
    text_release(&prepared->notes);
    memset(prepared, 0, sizeof *prepared);
}

void dataset_cache_release(struct dataset_cache *cache)
{
    dataset_content_release(&cache->content);
    memset(cache, 0, sizeof *cache);
}
