/*
 * The pipeline's part in preparing a trial: it is run on all images and scored; or what it gave
 * before comes from the cache. It is tuned and fitted (trial/pipeline_fit.h) only where it has to
 * run.
 */
#include "trial/labels.h"

#include "base/interrupt.h"
#include "base/work.h"
#include "interfaces/stage.h"
#include "trial/evaluation/pipeline_latency.h"
#include "trial/label_noise.h"
#include "trial/pipeline_fit.h"
#include "trial/step_cache.h"
#include "trial/weak_stages.h"

#include <math.h>

/* Beside the labels, for trials that take them from the cache: a fit for its time's sake alone may
 * take hours. */
static const char seconds_name[] = "timing.seconds_per_image";

static enum status label_split(struct splits *splits, const struct trial *trial,
                               enum split_name name, int threads, struct error *error)
{
    struct split *split = &splits->items[name];
    const struct chain *chain = &splits->chain;
    size_t first = splits->first, last = splits->last;
    const struct image_set *begin = splits_pipeline_in(splits, name);

    struct image_names names = splits_image_names(splits, name);

    PASS(interrupt_check(error));
    PASS(chain_run(chain, 0, first, first ? begin : &split->input, &names, threads,
                   &split->network_in, error));
    PASS(chain_run(chain, first, last, first ? &split->network_in : begin, &names, threads,
                   &split->label, error));
    if (name == SPLIT_UNLABELLED)
        PASS(label_noise_labels(splits, trial, error));
    return chain_run(chain, last, chain->count, &split->label, &names, threads,
                     &split->pipeline_out, error);
}

/* Images are told once for each part of the pipeline that they pass. */
static enum status label_splits(struct splits *splits, const struct trial *trial, int threads,
                                struct error *error)
{
    enum status status = STATUS_OK;
    size_t first = splits->first, last = splits->last, images = 0;
    size_t parts = (size_t)(first > 0) + (last > first) + (splits->chain.count > last);

    for (enum split_name s = 0; s < SPLITS; s++)
        images += splits->items[s].input.count;
    int work = work_gather(images * parts, "images");
    for (enum split_name s = 0; s < SPLITS; s++)
        TRY(label_split(splits, trial, s, threads, error));
out:
    work_end(work);
    return status;
}

/* Without truth there is no score, but still no answer may be something that is not a number: it
 * would not agree with itself. */
static enum status check_pipeline(struct splits *splits, enum split_name name, int threads,
                                  struct error *error)
{
    struct scores itself;

    PASS(splits_agreement_stored(splits, name, &splits->items[name].pipeline_out, "the pipeline",
                                 threads, &itself, error));
    scores_clear(&splits->pipeline[name]);
    scores_clear(&splits->degraded[name]);
    return STATUS_OK;
}

/* How good the degraded images and the pipeline are: the first use of the truth of the splits other
 * than manual (but for a `truth` under `label_noise`), and nothing that follows in training reads
 * these scores. */
static enum status score_pipeline(struct splits *splits, int threads, struct error *error)
{
    for (enum split_name s = 0; s < SPLITS; s++) {
        const struct split *split = &splits->items[s];
        if (truth_is_absent(&splits->truth[s])) {
            PASS(check_pipeline(splits, s, threads, error));
            continue;
        }
        PASS(splits_score_stored(splits, s, &split->pipeline_out, "the pipeline", threads,
                                 &splits->pipeline[s], NULL, error));
        if (splits->task->judges_input)
            PASS(splits_score_stored(splits, s, &split->input, "degradation", threads,
                                     &splits->degraded[s], NULL, error));
    }
    return STATUS_OK;
}

static enum status find_replaced(struct splits *splits, const struct experiment *experiment,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};

    TRY(experiment_replaced(experiment, &splits->first, &splits->last, &found, error));
    if (found.count) {
        *error = found.items[0];
        status = STATUS_CONFIG;
        goto out;
    }
    splits->stages = experiment->pipeline.stages.count;
    splits->label_content =
        stages_output(&experiment->pipeline.stages, splits->last, experiment_task(experiment));
out:
    diagnostics_release(&found);
    return status;
}

static enum status check_shape(const struct splits *splits, const struct experiment *experiment,
                               struct shape shape, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};

    TRY(chain_check(&experiment->pipeline.stages, splits->task, shape, splits->answer,
                    "pipeline.stages", &found, error));
    if (found.count) {
        *error = found.items[0];
        status = STATUS_CONFIG;
    }
out:
    diagnostics_release(&found);
    return status;
}

/* Does the chain take every image? Where sizes differ, one that it does not take is named. */
static enum status check_chain(const struct splits *splits, const struct experiment *experiment,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct shape last = splits->items[SPLIT_TEST].input.shapes[0];
    char name[SPLITS_IMAGE];

    TRY(check_shape(splits, experiment, last, error));
    for (enum split_name s = 0; s < SPLITS; s++)
        for (size_t i = 0; i < splits->items[s].input.count; i++) {
            struct shape shape = splits->items[s].input.shapes[i];
            if (shape_equal(shape, last))
                continue;
            last = shape;
            status = check_shape(splits, experiment, shape, error);
            if (status == STATUS_CONFIG)
                error_context(error, "%s", splits_image(splits, s, i, name));
            if (status != STATUS_OK)
                goto out;
        }
out:
    return status;
}

static enum status compute_labels(struct splits *splits, const struct trial *trial,
                                  const struct trial_options *options, const char *key,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    size_t number;

    trial_tell(options, PHASE_TUNE);
    TRY(pipeline_fit(splits, trial, options, false, &number, error));
    splits->combination = number;
    trial_tell(options, PHASE_LABEL);
    TRY(label_splits(splits, trial, options->threads, error));
    TRY(score_pipeline(splits, options->threads, error));
    if (splits->answers.notes.length)
        text_append(&splits->notes, "%s%s", splits->notes.length ? "; " : "",
                    splits->answers.notes.bytes);
    TRY(weak_stages_note(splits, &trial->experiment.pipeline.stages, options->threads,
                         &splits->notes, error));
    if (!options->steps)
        goto out;
    if (options->latencies)
        TRY(pipeline_latency(splits, &splits->pipeline_seconds, error));
    TRY(record_integer(&record, "combination", (int64_t)number, error));
    TRY(record_real(&record, seconds_name, splits->pipeline_seconds, error));
    TRY(pipeline_fit_notes_record(splits, &record, error));
    if (splits->answers.told)
        TRY(record_integer(&record, "deterministic", splits->answers.repeat, error));
    TRY(labels_record(splits, &record, error));
    TRY(step_cache_keep(options->steps, TRIAL_LABEL, key, &record, error));
out:
    record_release(&record);
    return status;
}

/* What was recalled goes into place; *fits is false where it does not belong there. */
static enum status place_labels(struct splits *splits, const struct trial *trial,
                                const struct trial_options *options, const struct record *record,
                                bool *fits, struct error *error)
{
    enum status status = STATUS_OK;
    struct error misfit = {0};
    size_t number;

    *fits = false;
    if (!pipeline_fit_choice(record, &trial->experiment.pipeline.stages, &number))
        goto out;
    status = labels_fill(splits, record, &misfit);
    if (status == STATUS_DATA) {
        labels_clear(splits);
        status = STATUS_OK;
        goto out;
    }
    if (status != STATUS_OK) {
        *error = misfit;
        goto out;
    }
    TRY(pipeline_fit(splits, trial, options, true, &number, error));
    splits->combination = number;
    TRY(pipeline_fit_notes_recall(splits, record, error));
    const struct record_value *repeat = record_value(record, "deterministic");
    const struct record_value *seconds = record_value(record, seconds_name);
    if (seconds && seconds->type == RECORD_REAL)
        splits->pipeline_seconds = seconds->real;
    splits->answers.told = repeat != NULL;
    splits->answers.repeat = repeat && repeat->integer;
    *fits = true;
out:
    return status;
}

enum status label_step(struct splits *splits, const struct trial *trial,
                       const struct trial_options *options, struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    bool found = false, claimed = false;
    char key[HASH_TEXT];

    splits->pipeline_seconds = NAN;
    answers_begin(&splits->answers, options->steps);
    TRY(find_replaced(splits, &trial->experiment, error));
    TRY(check_chain(splits, &trial->experiment, error));
    TRY(step_cache_key(trial, TRIAL_LABEL, splits->dataset_sha256, key, error));
    TRY(step_cache_recall(options->steps, TRIAL_LABEL, key, &record, &found, error));
    claimed = !found;
    if (found)
        TRY(place_labels(splits, trial, options, &record, &found, error));
    if (!found)
        TRY(compute_labels(splits, trial, options, key, error));
    claimed = false;
out:
    chain_rest(&splits->chain);
    if (claimed)
        step_cache_abandon(options->steps, key);
    record_release(&record);
    return status;
}

enum status label_step_pipeline(struct splits *splits, const struct trial *trial,
                                const struct trial_options *options, struct error *error)
{
    answers_begin(&splits->answers, options->steps);
    PASS(find_replaced(splits, &trial->experiment, error));
    PASS(check_chain(splits, &trial->experiment, error));
    return pipeline_fit(splits, trial, options, false, &splits->combination, error);
}
