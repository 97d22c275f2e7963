/*
 * Filter and training as stages: computed, or as an earlier trial or run left them in the cache.
 *
 *     the filter's entry     reasons, scores      [items]
 *     fits of the filter     values (trial/cross_fit.h)
 *     the training's entry   its values and curves; filter/…; state/parameters, state/statistics
 */
#include "interfaces/filter.h"
#include "trial/evaluation.h"
#include "trial/step_cache.h"
#include "trial/training.h"

#include <string.h>

struct job {
    const struct trial *trial;
    const struct plan *plan;
    const struct splits *prepared;
    const struct network *network;
    const struct trial_options *options;
};

static struct random_key key_of(const struct trial *trial)
{
    struct random_key key = {(uint64_t)trial->experiment.seed, trial->replicate};
    return key;
}

/* An array of the record that is a row of `count` values; NULL: there is none. */
static const void *row(const struct record *record, const char *path, enum hdf5_type type,
                       size_t count)
{
    const struct hdf5_array *array = record_find(record, path);

    return array && array->type == type && array->rank == 1 && array->dims[0] == count
               ? array->values
               : NULL;
}

static enum status keep_row(struct record *record, const char *path, enum hdf5_type type,
                            void *values, size_t count, struct error *error)
{
    struct hdf5_array array = {.type = type, .rank = 1, .dims = {count}, .values = values};
    return record_array(record, path, &array, error);
}

/* What keeps everything is not worth an entry. */
static bool filters(const struct trial *trial)
{
    return trial->experiment.train.labels == LABELS_PIPELINE &&
           strcmp(trial->experiment.filter.kind->name, "none") != 0;
}

static enum status compute_filter(const struct job *job, const struct training_set *items,
                                  const char *key, uint8_t *reasons, float *scores,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = items->inputs.count;
    struct record record = {0};

    if (job->options->begins)
        job->options->begins(job->options->context, PHASE_FILTER);
    TRY(trial_filter(job->trial, job->plan, job->prepared, items, job->options, reasons, scores,
                     error));
    TRY(keep_row(&record, "reasons", HDF5_UINT8, reasons, count, error));
    TRY(keep_row(&record, "scores", HDF5_FLOAT32, scores, count, error));
    TRY(step_cache_keep(job->options->stages, TRIAL_FILTER, key, &record, error));
out:
    record_release(&record);
    return status;
}

static enum status filter_items(const struct job *job, const struct training_set *items,
                                uint8_t *reasons, float *scores, struct error *error)
{
    enum status status = STATUS_OK;
    struct step_cache *stages = job->options->stages;
    size_t count = items->inputs.count;
    struct record record = {0};
    bool found, claimed = false;
    char key[HASH_TEXT];

    if (!filters(job->trial))
        return STATUS_OK;
    TRY(step_cache_key(job->trial, TRIAL_FILTER, job->prepared->dataset_sha256, key, error));
    TRY(step_cache_recall(stages, TRIAL_FILTER, key, &record, &found, error));
    const uint8_t *kept = found ? row(&record, "reasons", HDF5_UINT8, count) : NULL;
    const float *told = found ? row(&record, "scores", HDF5_FLOAT32, count) : NULL;
    if (kept && told) {
        memcpy(reasons, kept, count);
        memcpy(scores, told, count * sizeof *scores);
        goto out;
    }
    claimed = !found;
    TRY(compute_filter(job, items, key, reasons, scores, error));
    claimed = false;
out:
    if (claimed)
        step_cache_abandon(stages, key);
    record_release(&record);
    return status;
}

static enum status compute_training(const struct job *job, const struct trial_options *options,
                                    struct trained *trained, struct record *record,
                                    struct error *error)
{
    enum status status = STATUS_OK;
    struct training_set items = {0};
    uint8_t *reasons = NULL;
    float *scores = NULL;

    TRY(training_set_make(&items, &job->trial->experiment, job->prepared, key_of(job->trial),
                          options->threads, error));
    TRY(memory_new(&reasons, items.inputs.count, sizeof *reasons, error));
    TRY(memory_new(&scores, items.inputs.count, sizeof *scores, error));
    TRY(filter_items(job, &items, reasons, scores, error));
    TRY(evaluation_filter(record, job->trial, job->prepared, &items, reasons, scores, error));
    if (options->begins)
        options->begins(options->context, PHASE_TRAIN);
    TRY(training_run(job->trial, job->prepared, job->network, &items, reasons, options, trained,
                     record, error));
out:
    training_set_release(&items);
    memory_free(reasons);
    memory_free(scores);
    return status;
}

/* The parameters out of the record, of which values and curves are left; *fits is false where they
 * are not this network's. */
static enum status take_state(struct record *record, const struct network *network,
                              struct trained *trained, bool *fits, struct error *error)
{
    enum status status = STATUS_OK;
    const float *parameters = row(record, "state/parameters", HDF5_FLOAT32, network->parameters);
    const float *statistics = row(record, "state/statistics", HDF5_FLOAT32, network->statistics);

    *fits = (parameters || !network->parameters) && (statistics || !network->statistics);
    if (!*fits)
        goto out;
    TRY(memory_new(&trained->parameters, network->parameters, sizeof(float), error));
    TRY(memory_new(&trained->statistics, network->statistics, sizeof(float), error));
    if (network->parameters)
        memcpy(trained->parameters, parameters, network->parameters * sizeof(float));
    if (network->statistics)
        memcpy(trained->statistics, statistics, network->statistics * sizeof(float));
    record_drop(record, "state/");
out:
    return status;
}

/* The checkpoint of a training that is kept lies beside its entry. */
static enum status train_and_keep(const struct job *job, const char *key, struct trained *trained,
                                  struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    const struct trial_options *options = job->options;
    const struct network *network = job->network;
    struct trial_options own = *options;
    struct checkpoint checkpoint = {.key = key};
    struct text path = {0};
    struct record state = {0};

    TRY(cache_make_path(options->stages->cache, TRIAL_TRAIN, key, ".checkpoint", &path, error));
    if (options->checkpoint) {
        checkpoint = *options->checkpoint;
        checkpoint.path = path.bytes;
        checkpoint.key = key;
        own.checkpoint = &checkpoint;
    }
    TRY(compute_training(job, &own, trained, record, error));
    TRY(record_merge(&state, record, error));
    TRY(keep_row(&state, "state/parameters", HDF5_FLOAT32, trained->parameters, network->parameters,
                 error));
    TRY(keep_row(&state, "state/statistics", HDF5_FLOAT32, trained->statistics, network->statistics,
                 error));
    TRY(step_cache_keep(options->stages, TRIAL_TRAIN, key, &state, error));
out:
    /* It stays where the training was stopped, or where more memory would help. */
    if (own.checkpoint && own.checkpoint->path &&
        (status == STATUS_OK || status == STATUS_DIVERGED))
        checkpoint_remove(own.checkpoint);
    text_release(&path);
    record_release(&state);
    return status;
}

enum status trial_train(const struct trial *trial, const struct plan *plan,
                        const struct splits *prepared, const struct network *network,
                        const struct trial_options *options, struct trained *trained,
                        struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct job job = {trial, plan, prepared, network, options};
    struct record own = {0};
    bool found, claimed = false;
    char key[HASH_TEXT];

    if (!options->stages)
        return compute_training(&job, options, trained, record, error);
    TRY(step_cache_key(trial, TRIAL_TRAIN, prepared->dataset_sha256, key, error));
    TRY(step_cache_recall(options->stages, TRIAL_TRAIN, key, &own, &found, error));
    claimed = !found;
    if (found)
        TRY(take_state(&own, network, trained, &found, error));
    if (!found) {
        record_release(&own);
        TRY(train_and_keep(&job, key, trained, &own, error));
        claimed = false;
    }
    TRY(record_merge(record, &own, error));
out:
    if (claimed)
        step_cache_abandon(options->stages, key);
    record_release(&own);
    return status;
}
