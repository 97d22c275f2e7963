#include "trial/splits.h"

#include "trial/degrade.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 3 }; /* faults in a message */

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
    TRY(hash_number(&hash, request->labels, error));
    TRY(hash_number(&hash, request->train, error));
    TRY(hash_number(&hash, request->test, error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    text_release(&text);
    return status;
}

/* Once, where somebody listens. */
static void tell_notes(struct text *notes, const struct trial_options *options)
{
    char line[1024];

    if (!options->note || !notes->length)
        return;
    for (const char *at = notes->bytes; *at;) {
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        options->note(options->context, line);
        at += length + (at[length] == '\n');
    }
    text_clear(notes);
}

enum status splits_data(const struct trial *trial, struct dataset_cache *cache,
                        const struct trial_options *options, struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &trial->experiment;
    struct random_key key = trial_random_key(trial);
    const struct dataset *dataset = dataset_of(experiment->dataset.source.kind);
    const struct dataset_section *section = &experiment->dataset;
    struct dataset_request request = {
        .directory = options->data,
        .seed = dataset->generated ? generation_seed(key) : 0,
        .train = dataset->generated ? pool_needed(section) : SIZE_MAX,
        .test = dataset->generated ? (size_t)section->test : SIZE_MAX,
        .labels = experiment_task(experiment)->labels,
        .threads = options->threads,
    };
    char wanted[HASH_TEXT];

    TRY(dataset_key(experiment, &request, wanted, error));
    if (strcmp(wanted, cache->key) == 0)
        goto out;
    dataset_cache_release(cache);
    trial_tell(options, PHASE_READ);
    status = dataset->load(section->source.config, &request, &cache->content, error);
    if (status != STATUS_OK) {
        error_context(error, "data set '%s'", dataset->descriptor.name);
        return status;
    }
    memcpy(cache->key, wanted, sizeof wanted);
out:
    if (status == STATUS_OK)
        tell_notes(&cache->content.notes, options);
    return status;
}

static enum status new_indices(struct split *split, size_t count, struct error *error)
{
    return memory_new(&split->pool_index, count, sizeof *split->pool_index, error);
}

/* Those of `from` [count] that are not `taken`, in their order, `most` at most; each is taken. */
static size_t take(const uint32_t *from, size_t count, bool *taken, uint32_t *to, size_t most)
{
    size_t found = 0;

    for (size_t i = 0; i < count && found < most; i++)
        if (!taken[from[i]]) {
            taken[from[i]] = true;
            to[found++] = from[i];
        }
    return found;
}

/* Manual images come from the back of the order, those without truth passed over. */
static size_t take_manual(const struct dataset_pool *pool, const uint32_t *order, size_t count,
                          bool *taken, uint32_t *to, size_t most)
{
    size_t found = 0;

    for (size_t i = count; i-- > 0 && found < most;)
        if (!taken[order[i]] && dataset_pool_has_truth(pool, order[i])) {
            taken[order[i]] = true;
            to[found++] = order[i];
        }
    return found;
}

/*
 * Which images fall where. Files: a random order of the training pool, validation from its front,
 * unlabelled behind, manual from its back; so each split's smaller size is part of its larger one,
 * and no size moves another split. With `overlap`, unlabelled may reach into manual. Generated
 * images are independent draws already: validation first, then unlabelled and manual in turn. The
 * test split is the front of a random order, the same for all replicates of a set of files; of a
 * generated set, each replicate has other images. Of an undivided set the others are drawn from
 * what the test split leaves. Where some images have no truth, manual passes them over, and
 * validation passes manual over.
 */
static enum status draw_files(struct splits *splits, const size_t counts[SPLITS], bool overlap,
                              const struct dataset_content *content, const uint32_t *order,
                              const uint32_t *test, struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    const struct dataset_pool *pool = &content->train;
    size_t train = dataset_pool_count(pool), manual;
    uint32_t *to[SPLITS];
    bool *taken = NULL;

    for (int s = 0; s < SPLITS; s++)
        to[s] = splits->items[s].pool_index;
    TRY(memory_new(&taken, train, sizeof *taken, error));
    for (size_t i = 0; i < counts[SPLIT_TEST]; i++) {
        to[SPLIT_TEST][i] = test[i];
        if (content->undivided)
            taken[test[i]] = true;
    }
    manual = take_manual(pool, order, train, taken, to[SPLIT_MANUAL], counts[SPLIT_MANUAL]);
    if (manual < counts[SPLIT_MANUAL])
        TRY(diagnostics_add(faults, (struct yaml_mark){NULL, 0, 0}, "dataset.manual", error,
                            "%zu asked for; the %zu test images leave %zu that have ground truth",
                            counts[SPLIT_MANUAL], counts[SPLIT_TEST], manual));
    take(order, train, taken, to[SPLIT_VALIDATION], counts[SPLIT_VALIDATION]);
    for (size_t i = 0; overlap && i < counts[SPLIT_MANUAL]; i++)
        taken[to[SPLIT_MANUAL][i]] = false;
    take(order, train, taken, to[SPLIT_UNLABELLED], counts[SPLIT_UNLABELLED]);
out:
    memory_free(taken);
    return status;
}

static void draw_generated(struct splits *splits, const size_t counts[SPLITS])
{
    uint32_t validation = (uint32_t)counts[SPLIT_VALIDATION];

    for (uint32_t i = 0; i < counts[SPLIT_VALIDATION]; i++)
        splits->items[SPLIT_VALIDATION].pool_index[i] = i;
    for (uint32_t i = 0; i < counts[SPLIT_UNLABELLED]; i++)
        splits->items[SPLIT_UNLABELLED].pool_index[i] = validation + 2 * i;
    for (uint32_t i = 0; i < counts[SPLIT_MANUAL]; i++)
        splits->items[SPLIT_MANUAL].pool_index[i] = validation + 2 * i + 1;
    for (uint32_t i = 0; i < counts[SPLIT_TEST]; i++)
        splits->items[SPLIT_TEST].pool_index[i] = i;
}

static enum status draw_splits(struct splits *splits, size_t counts[SPLITS],
                               const struct experiment *experiment,
                               const struct dataset_content *content, struct random_key key,
                               struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t *order = NULL, *test = NULL;
    size_t train_count = dataset_pool_count(&content->train);
    size_t test_count = dataset_pool_count(split_pool(content, SPLIT_TEST));
    struct random_stream stream = random_stream(key, RANDOM_SPLIT, POOL_TRAIN);
    struct random_key shared = {key.seed, 0};
    struct random_stream test_stream = random_stream(shared, RANDOM_SPLIT, POOL_TEST);

    for (int s = 0; s < SPLITS; s++)
        TRY(new_indices(&splits->items[s], counts[s], error));
    if (dataset_of(experiment->dataset.source.kind)->generated) {
        draw_generated(splits, counts);
        goto out;
    }
    TRY(memory_new(&order, train_count, sizeof *order, error));
    TRY(memory_new(&test, test_count, sizeof *test, error));
    random_permutation(&stream, order, (uint32_t)train_count);
    random_permutation(&test_stream, test, (uint32_t)test_count);
    TRY(draw_files(splits, counts, experiment->dataset.overlap, content, order, test, faults,
                   error));
out:
    memory_free(order);
    memory_free(test);
    return status;
}

/* Which images of a data set the splits take. */
static enum status draw(struct splits *splits, const struct trial *trial,
                        const struct dataset_content *content, size_t counts[SPLITS],
                        struct diagnostics *faults, struct error *error)
{
    const struct experiment *experiment = &trial->experiment;
    struct random_key key = trial_random_key(trial);
    struct pool_sizes pools = pool_sizes(content);

    splits->task = experiment_task(experiment);
    splits->answer.content = splits->task->labels;
    splits->recorded = experiment_begins_recorded(experiment);
    PASS(split_counts(&experiment->dataset, &pools, counts, error));
    PASS(split_truth_check(experiment, &pools, faults, error));
    PASS(splits_answers_check(splits, content, faults, error));
    if (faults->count)
        return STATUS_OK;
    PASS(draw_splits(splits, counts, experiment, content, key, faults, error));
    if (faults->count)
        return STATUS_OK;
    PASS(splits_names(splits, counts, content, error));
    return splits_shapes(splits, experiment, content, counts, faults, error);
}

enum status splits_check(const struct trial *trial, const struct dataset_content *content,
                         struct diagnostics *faults, struct error *error)
{
    struct splits splits = {.key = ""};
    size_t counts[SPLITS];
    enum status status = draw(&splits, trial, content, counts, faults, error);

    splits_release(&splits);
    return status;
}

/* Numbers have names, of the data set's settings or its own. */
static enum status name_parts(struct splits *splits, const struct dataset_content *content,
                              const struct dataset *dataset, struct error *error)
{
    const char *const *names = content->names ? content->names : dataset->number_names;
    int count = splits->answer.count;

    if ((splits->answer.content != CONTENT_NUMBERS && splits->answer.content != CONTENT_MAP) ||
        !names)
        return STATUS_OK;
    PASS(arena_new(&splits->arena, &splits->part_names, (size_t)count, sizeof *splits->part_names,
                   error));
    for (int c = 0; c < count; c++)
        PASS(arena_copy(&splits->arena, names[c], strlen(names[c]), &splits->part_names[c], error));
    return STATUS_OK;
}

/* The first few in one message. */
static enum status refuse(const struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    for (size_t i = 0; i < faults->count && i < SHOWN; i++)
        text_append(&text, "%s%s", i ? "; " : "", faults->items[i].message);
    if (faults->count > SHOWN)
        text_append(&text, "; and %zu more, which `understudy check --data` lists",
                    faults->count - SHOWN);
    TRY(text_status(&text, error));
    TRY(error_set(error, STATUS_CONFIG, "%s", text.bytes));
out:
    text_release(&text);
    return status;
}

enum status splits_draw(struct splits *splits, const struct trial *trial,
                        struct dataset_cache *cache, const struct trial_options *options,
                        size_t counts[SPLITS], struct error *error)
{
    enum status status = STATUS_OK;
    struct dataset_content *content = &cache->content;
    struct diagnostics faults = {0};

    TRY(splits_data(trial, cache, options, error));
    TRY(draw(splits, trial, content, counts, &faults, error));
    if (faults.count)
        TRY(refuse(&faults, error));
    TRY(splits_hold(splits, counts, content, options->threads, error));
    tell_notes(&content->notes, options);
    splits->answer.count = splits->task->labels == CONTENT_IMAGE ? 0 : content->count;
    TRY(name_parts(splits, content, dataset_of(trial->experiment.dataset.source.kind), error));
    memcpy(splits->dataset_sha256, content->sha256, HASH_TEXT);
    for (int c = 0; c < splits->answer.count; c++) {
        if (content->names)
            text_append(&splits->label_names, "%s%s", c ? ", " : "", content->names[c]);
        if (content->units)
            text_append(&splits->label_units, "%s%s", c ? ", " : "", content->units[c]);
        if (content->colours)
            text_append(&splits->label_colours, "%s#%06x", c ? ", " : "",
                        (unsigned)content->colours[c]);
    }
    TRY(text_status(&splits->label_names, error));
    TRY(text_status(&splits->label_units, error));
    TRY(text_status(&splits->label_colours, error));
out:
    diagnostics_release(&faults);
    return status;
}

enum status splits_decoded(const struct trial *trial, struct dataset_cache *cache,
                           const struct trial_options *options, struct error *error)
{
    struct splits splits = {.key = ""};
    size_t counts[SPLITS];
    enum status status = splits_draw(&splits, trial, cache, options, counts, error);

    splits_release(&splits);
    return status;
}

struct answer splits_label(const struct splits *splits)
{
    const struct image_set *labels = &splits->items[SPLIT_TEST].label;
    int channels = labels->shapes[0].channels;

    return (struct answer){splits->label_content,
                           splits->label_content == CONTENT_MASK ? splits->answer.count : channels};
}

const char *splits_part(const struct splits *splits, int part, char text[SPLITS_PART])
{
    bool numbers =
        splits->answer.content == CONTENT_NUMBERS || splits->answer.content == CONTENT_MAP;

    if (splits->part_names)
        snprintf(text, SPLITS_PART, "%s", splits->part_names[part]);
    else
        snprintf(text, SPLITS_PART, "%s_%d", numbers ? "number" : "class", part);
    return text;
}

bool splits_serve(const struct splits *splits, const struct trial *trial)
{
    return splits->key[0] && strcmp(splits->key, trial->keys[TRIAL_LABEL]) == 0;
}

void splits_release(struct splits *splits)
{
    for (int s = 0; s < SPLITS; s++) {
        memory_free(splits->items[s].pool_index);
        memory_free(splits->items[s].names);
        image_set_release(&splits->items[s].input);
        image_set_release(&splits->items[s].recorded);
        image_set_release(&splits->items[s].network_in);
        image_set_release(&splits->items[s].label);
        image_set_release(&splits->items[s].pipeline_out);
        truth_release(&splits->truth[s]);
    }
    memory_free(splits->hit);
    arena_release(&splits->arena);
    chain_release(&splits->chain);
    text_release(&splits->chosen);
    text_release(&splits->notes);
    answers_release(&splits->answers);
    text_release(&splits->label_names);
    text_release(&splits->label_units);
    text_release(&splits->label_colours);
    memset(splits, 0, sizeof *splits);
}

void dataset_cache_release(struct dataset_cache *cache)
{
    dataset_content_release(&cache->content);
    memset(cache, 0, sizeof *cache);
}
