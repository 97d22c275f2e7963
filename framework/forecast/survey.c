#include "forecast/survey.h"

#include "io/images/duplicates.h"
#include "plan/steps.h"
#include "trial/splits.h"

#include <stdio.h>
#include <string.h>

enum { PATH_LENGTH = 256 };

/* What some of the trials read. */
struct input {
    bool seen;
    bool known;                     /* how many images there are */
    struct pool_sizes pools;        /* where that is known */
    struct dataset_content content; /* once read; without pixels of images in files */
    bool read;
};

struct surveyor {
    struct survey *survey;
    const struct plan *plan;
    const struct survey_options *options;
    struct input *inputs;
};

static enum status add_fault(const struct surveyor *surveyor, const char *path, const char *message,
                             struct error *error)
{
    return diagnostics_add(&surveyor->survey->faults, experiment_mark(surveyor->plan->root, path),
                           path, error, "%s", message);
}

static enum status add_faults(const struct surveyor *surveyor, const struct diagnostics *faults,
                              struct error *error)
{
    for (size_t i = 0; i < faults->count; i++)
        PASS(add_fault(surveyor, faults->items[i].where.path, faults->items[i].message, error));
    return STATUS_OK;
}

/* ---- every image */

struct look {
    const struct surveyor *surveyor;
    const struct dataset_pool *pool;
    bool test;
    const char *answers; /* path of the field that names them */
    struct arena arena;
    struct duplicates twins;
};

static const char *path_of(bool test)
{
    return test ? "dataset.test_folder" : "dataset.train_folder";
}

static enum status add_twin(struct look *look, size_t index, struct image image,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};
    char digest[HASH_TEXT], number[64];
    const char *name = dataset_pool_name(look->pool, index), *copy;
    const uint64_t sides[] = {(uint64_t)image.shape.channels, (uint64_t)image.shape.height,
                              (uint64_t)image.shape.width};

    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, sides, sizeof sides, error));
    TRY(hash_bytes(&hash, image.pixels, shape_size(image.shape) * sizeof *image.pixels, error));
    TRY(hash_end(&hash, digest, error));
    TRY(arena_copy(&look->arena, digest, HASH_TEXT - 1, &copy, error));
    int length =
        snprintf(number, sizeof number, "%s image %zu", look->test ? "test" : "training", index);
    if (!name)
        TRY(arena_copy(&look->arena, number, (size_t)length, &name, error));
    TRY(duplicates_add(&look->twins, name, copy, look->test, error));
out:
    hash_release(&hash);
    return status;
}

static enum status heard(void *context, size_t index, const struct image *image,
                         const struct error *fault, struct error *error)
{
    struct look *look = context;

    if (fault && fault->code == STATUS_MEMORY) {
        *error = *fault;
        return STATUS_MEMORY;
    }
    if (fault)
        return add_fault(look->surveyor, path_of(look->test), fault->message, error);
    return add_twin(look, index, *image, error);
}

static enum status look_at_pool(struct look *look, struct error *error)
{
    const struct survey_options *options = look->surveyor->options;
    struct imagefiles_summary summary = {0};

    for (size_t i = 0; !look->pool->files.count && i < look->pool->images.count; i++)
        PASS(add_twin(look, i, image_set_at(&look->pool->images, i), error));
    PASS(imagefiles_each(&look->pool->files, options->threads, heard, look, &summary, error));
    dataset_pool_notes(look->pool, &summary, &look->surveyor->survey->notes);
    return STATUS_OK;
}

static enum status heard_answer(void *context, size_t index, const struct image *image,
                                const struct error *fault, struct error *error)
{
    const struct look *look = context;

    (void)index, (void)image;
    if (fault && fault->code == STATUS_MEMORY) {
        *error = *fault;
        return STATUS_MEMORY;
    }
    return fault ? add_fault(look->surveyor, look->answers, fault->message, error) : STATUS_OK;
}

/* What was recorded for a pool's images can be decoded, too. */
static enum status look_at_answers(struct look *look, const struct dataset_answers *answers,
                                   const char *path, struct error *error)
{
    const struct survey_options *options = look->surveyor->options;
    struct imagefiles_summary summary = {0};

    if (!answers)
        return STATUS_OK;
    look->answers = path;
    PASS(imagefiles_each(&answers->images.files, options->threads, heard_answer, look, &summary,
                         error));
    dataset_pool_notes(&answers->images, &summary, &look->surveyor->survey->notes);
    return STATUS_OK;
}

/* Images that are the same, pixel by pixel, though their files are not. */
static enum status tell_twins(struct look *look, const struct dataset_content *content,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct duplicate_pair pairs[DUPLICATES_SHOWN];
    struct text text = {0};
    size_t count = duplicates_find(&look->twins, true, pairs, DUPLICATES_SHOWN);

    if (count <= content->shared)
        goto out;
    text_append(&text, "%zu test image%s pixel by pixel equal to training images", count,
                count == 1 ? " is" : "s are");
    duplicates_show(pairs, count, &text);
    TRY(text_status(&text, error));
    if (content->may_share)
        text_append(&look->surveyor->survey->notes, "%s\n", text.bytes);
    else
        TRY(add_fault(look->surveyor, path_of(true), text.bytes, error));
out:
    text_release(&text);
    return status;
}

static enum status read_all(struct surveyor *surveyor, struct input *input,
                            const struct component *source, struct error *error)
{
    enum status status = STATUS_OK;
    const struct dataset *dataset = dataset_of(source->kind);
    struct diagnostics faults = {0};
    struct look look = {.surveyor = surveyor};
    struct error fault;
    struct dataset_request request = {.directory = surveyor->options->data,
                                      .train = SIZE_MAX,
                                      .test = SIZE_MAX,
                                      .threads = surveyor->options->threads,
                                      .faults = &faults};

    input->read = dataset->load(source->config, &request, &input->content, &fault) == STATUS_OK;
    if (!input->read && fault.code == STATUS_MEMORY) {
        *error = fault;
        TRY(fault.code);
    }
    if (!input->read)
        TRY(add_fault(surveyor, "dataset.name", fault.message, error));
    TRY(add_faults(surveyor, &faults, error));
    input->content.faulty = faults.count > 0;
    if (!input->read)
        goto out;
    if (input->content.notes.length)
        text_append(&surveyor->survey->notes, "%s", input->content.notes.bytes);
    for (int test = 0; test < 2; test++) {
        look.test = test;
        look.pool = test ? &input->content.test : &input->content.train;
        TRY(look_at_pool(&look, error));
        TRY(look_at_answers(&look, look.pool->labels, "dataset.labels", error));
        TRY(look_at_answers(&look, look.pool->truth, "dataset.truth", error));
    }
    TRY(tell_twins(&look, &input->content, error));
    input->pools = pool_sizes(&input->content);
    input->known = input->pools.train && input->pools.test; /* else already reported as missing */
out:
    duplicates_release(&look.twins);
    arena_release(&look.arena);
    diagnostics_release(&faults);
    return status;
}

/* ---- what a plan reads */

static struct pool_sizes listed_sizes(const struct dataset_listing *listing)
{
    size_t test_truth = listing->undivided ? listing->train_truth : listing->test_truth;

    return (struct pool_sizes){
        .train = listing->train,
        .test = listing->undivided ? SIZE_MAX : listing->test,
        .train_truth = listing->train_truth == SIZE_MAX ? listing->train : listing->train_truth,
        .test_truth = test_truth == SIZE_MAX ? listing->test : test_truth,
    };
}

static enum status see(struct surveyor *surveyor, struct input *input,
                       const struct component *source, struct error *error)
{
    enum status status = STATUS_OK;
    const struct dataset *dataset = dataset_of(source->kind);
    const struct survey_options *options = surveyor->options;
    struct dataset_listing listing = {
        .train = SIZE_MAX, .test = SIZE_MAX, .train_truth = SIZE_MAX, .test_truth = SIZE_MAX};
    struct diagnostics faults = {0};
    struct text *notes = &surveyor->survey->notes;

    input->seen = true;
    if (dataset->list)
        TRY(dataset->list(source->config, options->data, &listing, &faults, error));
    input->known = listing.train != SIZE_MAX && listing.test != SIZE_MAX;
    input->pools = listed_sizes(&listing);
    if (listing.absent[0] && options->published(options->context, listing.absent)) {
        text_append(notes,
                    "the data are not downloaded yet and were not checked: run `make data "
                    "SETS=%s`\n",
                    listing.absent);
        goto out;
    }
    if (options->read) {
        TRY(read_all(surveyor, input, source, error));
        goto out;
    }
    TRY(add_faults(surveyor, &faults, error));
    if (listing.notes.length)
        text_append(notes, "%s", listing.notes.bytes);
out:
    diagnostics_release(&faults);
    text_release(&listing.notes);
    return status;
}

/* "dataset.test: 9 images …" as a fault of that field. */
static enum status add_counts(const struct surveyor *surveyor, const char *message,
                              struct error *error)
{
    char path[PATH_LENGTH];
    size_t length = strcspn(message, ":");

    snprintf(path, sizeof path, "%.*s", (int)length, message);
    return add_fault(surveyor, path, message[length] ? message + length + 2 : message, error);
}

static enum status check_trial(struct surveyor *surveyor, const struct trial *trial,
                               const struct input *input, struct error *error)
{
    enum status status = STATUS_OK;
    size_t counts[SPLITS];
    struct diagnostics faults = {0};
    struct error fault;

    if (!input->known)
        return STATUS_OK;
    TRY(split_truth_check(&trial->experiment, &input->pools, &faults, error));
    if (split_counts(&trial->experiment.dataset, &input->pools, counts, &fault) != STATUS_OK)
        TRY(add_counts(surveyor, fault.message, error));
    else if (input->read && !faults.count)
        TRY(splits_check(trial, &input->content, &faults, error));
    TRY(add_faults(surveyor, &faults, error));
out:
    diagnostics_release(&faults);
    return status;
}

enum status survey_plan(struct survey *survey, struct plan *plan,
                        const struct survey_options *options, struct error *error)
{
    enum status status = STATUS_OK;
    struct surveyor surveyor = {survey, plan, options, NULL};
    struct arena arena = {0};
    struct trial trial;
    bool all = !plan_same(plan, "dataset");

    TRY(memory_new(&surveyor.inputs, plan_inputs(plan), sizeof *surveyor.inputs, error));
    for (size_t i = 0; i < plan->trial_count; i++) {
        struct input *input = &surveyor.inputs[plan_input(plan, i)];
        if (i && !all && !options->read)
            break;
        arena_release(&arena);
        TRY(plan_trial(plan, i, &arena, &trial, error));
        const struct component *source = &trial.experiment.dataset.source;
        if (dataset_of(source->kind)->generated)
            continue;
        if (!input->seen)
            TRY(see(&surveyor, input, source, error));
        TRY(check_trial(&surveyor, &trial, input, error));
    }
    TRY(text_status(&survey->notes, error));
out:
    for (size_t i = 0; surveyor.inputs && i < plan_inputs(plan); i++)
        dataset_content_release(&surveyor.inputs[i].content);
    memory_free(surveyor.inputs);
    arena_release(&arena);
    return status;
}

void survey_release(struct survey *survey)
{
    diagnostics_release(&survey->faults);
    text_release(&survey->notes);
}
