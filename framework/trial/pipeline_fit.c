/*
 * Tuning and fitting as a stage: computed, or as an earlier trial or run left it in the cache.
 *
 *     the tuning's entry   combination; notes, if any; learnt/S [numbers] of each stage S whose fit
 * is worth keeping
 *
 * There is an entry where something is chosen, or such a stage is fitted. Others are fitted anew
 * wherever they have to run.
 */
#include "trial/pipeline_fit.h"

#include "math/quality.h"
#include "trial/step_cache.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATH = 32 };

struct fitting {
    struct splits *splits;
    const struct trial *trial;
    const struct trial_options *options;
    char key[HASH_TEXT];  /* of TRIAL_TUNE */
    struct record record; /* as it was recalled */
    /* The fit that is under way. */
    struct fit_callbacks course;
    struct checkpoint checkpoint;
    struct text path;
    char checkpoint_key[HASH_TEXT];
};

/* Is there a stage that learns among [first, count)? */
static bool learns(const struct component_list *stages, size_t first)
{
    for (size_t s = first; s < stages->count; s++)
        if (component_learns(&stages->items[s]))
            return true;
    return false;
}

/* The manual split: the one use of ground truth before evaluation. */
static struct chain_examples examples_of(const struct fitting *fitting)
{
    const struct splits *splits = fitting->splits;
    const struct truth *truth = &splits->truth[SPLIT_MANUAL];

    return (struct chain_examples){
        .task = splits->task,
        .inputs = splits_pipeline_in(splits, SPLIT_MANUAL),
        .truth = truth->classes ? NULL : &truth->images,
        .classes = truth->classes,
        .answer = splits->answer,
        .names = splits_image_names(splits, SPLIT_MANUAL),
        .means = {.engine = (const void *)fitting->trial->experiment.train.engine.kind,
                  .loss = splits->task->loss,
                  .answers = &splits->answers.kept},
    };
}

bool pipeline_fit_choice(const struct record *record, const struct component_list *stages,
                         size_t *number)
{
    const struct record_value *value = record_value(record, "combination");

    if (!value || value->type != RECORD_INTEGER || value->integer < 0 ||
        (uint64_t)value->integer >= chain_combinations(stages))
        return false;
    *number = (size_t)value->integer;
    return true;
}

/* ---- what stood out */

static enum status note_tuning(struct splits *splits, const struct chain_tuning *tuning,
                               struct error *error)
{
    struct text *notes = &splits->notes;
    const struct split *manual = &splits->items[SPLIT_MANUAL];
    size_t images = manual->input.count;

    text_clear(notes);
    if (tuning->left_out) {
        text_append(notes,
                    "tuning: %zu of %zu combinations left out: what they give is not a number (",
                    tuning->left_out, tuning->count);
        exceptions_print(&tuning->undefined, manual->names, manual->pool_index, notes);
        text_append(notes, " of the training pool)");
    }
    if (tuning->capped.count) {
        text_append(notes,
                    "%stuning: PSNR of up to %zu of %zu manual images is at its cap, %d dB (",
                    notes->length ? "; " : "", tuning->capped.count, images, QUALITY_PSNR_MOST);
        exceptions_print(&tuning->capped, manual->names, manual->pool_index, notes);
        text_append(notes, " of the training pool)");
    }
    return text_status(notes, error);
}

enum status pipeline_fit_notes_record(const struct splits *splits, struct record *record,
                                      struct error *error)
{
    return splits->notes.length ? record_text(record, "notes", splits->notes.bytes, error)
                                : STATUS_OK;
}

enum status pipeline_fit_notes_recall(struct splits *splits, const struct record *record,
                                      struct error *error)
{
    const struct record_value *notes = record_value(record, "notes");

    text_clear(&splits->notes);
    if (notes)
        text_append(&splits->notes, "%s", notes->text);
    return text_status(&splits->notes, error);
}

/* ---- what a long fit tells and asks */

static bool on_due(void *context)
{
    const struct fitting *fitting = context;
    return checkpoint_due(&fitting->checkpoint);
}

static enum status on_save(void *context, int64_t step, const struct train_part *parts,
                           size_t count, struct error *error)
{
    struct fitting *fitting = context;
    return checkpoint_save(&fitting->checkpoint, step, parts, count, error);
}

/* A damaged checkpoint is reported and ignored. */
static enum status on_load(void *context, int64_t *step, const struct train_part *parts,
                           size_t count, struct error *error)
{
    struct fitting *fitting = context;
    const struct trial_options *options = fitting->options;
    struct error damage = {0};
    enum status status = checkpoint_load(&fitting->checkpoint, step, parts, count, &damage);

    if (status != STATUS_OK && status != STATUS_DATA) {
        *error = damage;
        return status;
    }
    if (options->resumed && (*step || status == STATUS_DATA))
        options->resumed(options->context, *step, status == STATUS_DATA ? &damage : NULL);
    return STATUS_OK;
}

/* The first stage's checkpoint lies beside the entry; those of others have keys of their own. */
static enum status checkpoint_place(struct fitting *fitting, size_t stage, struct error *error)
{
    enum status status = STATUS_OK;
    const struct component_list *stages = &fitting->trial->experiment.pipeline.stages;
    struct hash hash = {0};

    memcpy(fitting->checkpoint_key, fitting->key, HASH_TEXT);
    for (size_t s = 0; s < stage; s++)
        if (stage_of(stages->items[s].kind)->learnt) {
            TRY(hash_begin(&hash, error));
            TRY(hash_text(&hash, fitting->key, error));
            TRY(hash_number(&hash, stage, error));
            TRY(hash_end(&hash, fitting->checkpoint_key, error));
            break;
        }
    text_clear(&fitting->path);
    TRY(cache_make_path(fitting->options->steps->cache, TRIAL_TUNE, fitting->checkpoint_key,
                        ".checkpoint", &fitting->path, error));
    fitting->checkpoint.path = fitting->path.bytes;
    fitting->checkpoint.key = fitting->checkpoint_key;
out:
    hash_release(&hash);
    return status;
}

static bool leaves_checkpoints(const struct fitting *fitting)
{
    return fitting->options->steps && fitting->options->checkpoint;
}

static enum status course_of(void *context, size_t stage, const struct fit_callbacks **course,
                             struct error *error)
{
    struct fitting *fitting = context;
    const struct component_list *stages = &fitting->trial->experiment.pipeline.stages;

    fitting->course = (struct fit_callbacks){.context = fitting};
    *course = &fitting->course;
    if (!leaves_checkpoints(fitting) || !stage_of(stages->items[stage].kind)->learnt)
        return STATUS_OK;
    fitting->checkpoint = *fitting->options->checkpoint;
    PASS(checkpoint_place(fitting, stage, error));
    fitting->course.due = on_due;
    fitting->course.save = on_save;
    fitting->course.load = on_load;
    return STATUS_OK;
}

/* They stay where the fit was stopped, or where more memory would help. */
static enum status remove_checkpoints(struct fitting *fitting, struct error *error)
{
    const struct component_list *stages = &fitting->trial->experiment.pipeline.stages;

    for (size_t s = 0; leaves_checkpoints(fitting) && s < stages->count; s++)
        if (stage_of(stages->items[s].kind)->learnt) {
            PASS(checkpoint_place(fitting, s, error));
            checkpoint_remove(&fitting->checkpoint);
        }
    return STATUS_OK;
}

/* ---- the entry */

static const struct hdf5_array *kept_of(const struct record *record, size_t stage)
{
    char path[PATH];

    snprintf(path, sizeof path, "learnt/%zu", stage);
    const struct hdf5_array *array = record_find(record, path);
    return array && array->type == HDF5_FLOAT32 && array->rank == 1 ? array : NULL;
}

static struct stage_learnt recall_stage(void *context, size_t stage)
{
    const struct fitting *fitting = context;
    const struct hdf5_array *array = kept_of(&fitting->record, stage);

    return array ? (struct stage_learnt){array->values, array->dims[0]}
                 : (struct stage_learnt){NULL, 0};
}

/* `means` but for the engine and the loss. */
static enum status make(struct fitting *fitting, size_t number, bool fit, struct chain_means means,
                        struct error *error)
{
    struct splits *splits = fitting->splits;
    struct chain_examples examples = examples_of(fitting);

    means.engine = examples.means.engine;
    means.answers = examples.means.answers;
    means.loss = examples.means.loss;
    examples.means = means;
    chain_release(&splits->chain);
    text_clear(&splits->chosen);
    if (fit)
        trial_tell(fitting->options, PHASE_FIT);
    enum status status = chain_make(&splits->chain, &fitting->trial->experiment.pipeline.stages,
                                    number, fit, &examples, trial_random_key(fitting->trial),
                                    fitting->options->threads, &splits->chosen, error);
    if (status != STATUS_OK)
        error_context(error, "pipeline");
    return status;
}

/* What was recalled becomes the chain; *fits is false where it is not of this pipeline. */
static enum status take(struct fitting *fitting, bool labelled, bool fit, size_t *number,
                        bool *fits, struct error *error)
{
    const struct component_list *stages = &fitting->trial->experiment.pipeline.stages;
    struct chain_means means = {.recall = recall_stage, .context = fitting};
    struct error misfit = {0};
    size_t chosen = *number;

    *fits =
        pipeline_fit_choice(&fitting->record, stages, &chosen) && (!labelled || chosen == *number);
    for (size_t s = 0; fit && s < stages->count; s++)
        *fits = *fits && (!component_keeps(&stages->items[s]) || kept_of(&fitting->record, s));
    if (!*fits)
        return STATUS_OK;
    enum status status = make(fitting, chosen, fit, means, &misfit);
    if (status == STATUS_DATA) {
        *fits = false;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        *error = misfit;
    else
        status = pipeline_fit_notes_recall(fitting->splits, &fitting->record, error);
    *number = chosen;
    return status;
}

static enum status keep(struct fitting *fitting, size_t number, struct error *error)
{
    enum status status = STATUS_OK;
    const struct chain *chain = &fitting->splits->chain;
    struct record record = {0};
    char path[PATH];

    TRY(record_integer(&record, "combination", (int64_t)number, error));
    TRY(pipeline_fit_notes_record(fitting->splits, &record, error));
    for (size_t s = 0; s < chain->count; s++) {
        if (!chain->stages[s]->learnt || !chain->states[s])
            continue;
        struct stage_learnt learnt = chain->stages[s]->learnt(chain->states[s]);
        union {
            const float *values;
            void *array;
        } view = {.values = learnt.values}; /* is copied, not written to */
        struct hdf5_array array = {
            .type = HDF5_FLOAT32, .rank = 1, .dims = {learnt.count}, .values = view.array};
        snprintf(path, sizeof path, "learnt/%zu", s);
        TRY(record_array(&record, path, &array, error));
    }
    TRY(step_cache_keep(fitting->options->steps, TRIAL_TUNE, fitting->key, &record, error));
out:
    record_release(&record);
    return status;
}

static enum status compute(struct fitting *fitting, bool labelled, bool fit, size_t *number,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &fitting->trial->experiment;
    struct chain_means means = {.course = course_of, .context = fitting};
    struct chain_examples examples = examples_of(fitting);
    struct chain_tuning tuning;

    if (!labelled) {
        status =
            chain_tune(&experiment->pipeline.stages, experiment_metric(experiment), &examples,
                       trial_random_key(fitting->trial), fitting->options->threads, &tuning, error);
        if (status != STATUS_OK) {
            error_context(error, "pipeline");
            goto out;
        }
        *number = tuning.best;
        TRY(note_tuning(fitting->splits, &tuning, error));
    }
    status = make(fitting, *number, fit, means, error);
    if (status == STATUS_DIVERGED && remove_checkpoints(fitting, NULL) != STATUS_OK)
        goto out; /* one that is left is of a training that diverges again */
    if (status != STATUS_OK)
        goto out;
    TRY(keep(fitting, *number, error));
    TRY(remove_checkpoints(fitting, error));
out:
    return status;
}

enum status pipeline_fit(struct splits *splits, const struct trial *trial,
                         const struct trial_options *options, bool labelled, size_t *number,
                         struct error *error)
{
    enum status status = STATUS_OK;
    const struct component_list *stages = &trial->experiment.pipeline.stages;
    struct fitting fitting = {.splits = splits, .trial = trial, .options = options};
    bool fit = learns(stages, labelled ? splits->last : 0);
    bool chooses = !labelled && chain_combinations(stages) > 1;
    bool found = false, claimed = false;

    if (!labelled)
        *number = 0;
    if (!chooses && !(fit && chain_keeps(stages, 0)))
        return make(&fitting, *number, fit, (struct chain_means){0}, error);
    TRY(step_cache_key(trial, TRIAL_TUNE, splits->dataset_sha256, fitting.key, error));
    TRY(step_cache_recall(options->steps, TRIAL_TUNE, fitting.key, &fitting.record, &found, error));
    claimed = !found;
    if (found)
        TRY(take(&fitting, labelled, fit, number, &found, error));
    if (!found)
        TRY(compute(&fitting, labelled, fit, number, error));
    claimed = false;
out:
    if (claimed)
        step_cache_abandon(options->steps, fitting.key);
    record_release(&fitting.record);
    text_release(&fitting.path);
    return status;
}
