/* The training's entry of the cache: its values and curves; filter/…; state/parameters and
 * state/statistics. */
#include "trial/train_step.h"

#include "trial/step_cache.h"
#include "trial/training.h"

#include <string.h>

/* The parameters out of the record, of which values and curves are left; *fits is false where they
 * are not this network's. */
static enum status take_state(struct record *record, const struct network *network,
                              struct trained *trained, bool *fits, struct error *error)
{
    const float *parameters =
        record_row(record, "state/parameters", HDF5_FLOAT32, network->parameters);
    const float *statistics =
        record_row(record, "state/statistics", HDF5_FLOAT32, network->statistics);

    *fits = (parameters || !network->parameters) && (statistics || !network->statistics);
    if (!*fits)
        return STATUS_OK;
    PASS(memory_new(&trained->parameters, network->parameters, sizeof(float), error));
    PASS(memory_new(&trained->statistics, network->statistics, sizeof(float), error));
    if (network->parameters)
        memcpy(trained->parameters, parameters, network->parameters * sizeof(float));
    if (network->statistics)
        memcpy(trained->statistics, statistics, network->statistics * sizeof(float));
    record_drop(record, "state/");
    return STATUS_OK;
}

enum status train_step_recall(struct train_step *step, const struct trial *trial,
                              const struct splits *splits, const struct network *network,
                              const struct trial_options *options, struct trained *trained,
                              struct record *record, bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct record kept = {0};

    *step = (struct train_step){.key = ""};
    *found = false;
    if (!options->steps)
        return STATUS_OK;
    TRY(step_cache_key(trial, TRIAL_TRAIN, splits->dataset_sha256, step->key, error));
    TRY(step_cache_recall(options->steps, TRIAL_TRAIN, step->key, &kept, found, error));
    step->claimed = !*found;
    if (*found)
        TRY(take_state(&kept, network, trained, found, error));
    if (*found)
        TRY(record_merge(record, &kept, error));
out:
    record_release(&kept);
    return status;
}

static enum status keep(const struct train_step *step, const struct network *network,
                        const struct trial_options *options, const struct trained *trained,
                        const struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct record state = {0};

    TRY(record_merge(&state, record, error));
    TRY(record_put_row(&state, "state/parameters", HDF5_FLOAT32, trained->parameters,
                       network->parameters, error));
    TRY(record_put_row(&state, "state/statistics", HDF5_FLOAT32, trained->statistics,
                       network->statistics, error));
    TRY(step_cache_keep(options->steps, TRIAL_TRAIN, step->key, &state, error));
out:
    record_release(&state);
    return status;
}

enum status step_checkpoint_begin(struct step_checkpoint *own, const struct trial_options *options,
                                  enum trial_step step, const char *key, struct error *error)
{
    own->options = *options;
    if (!options->steps || !options->checkpoint)
        return STATUS_OK;
    PASS(cache_make_path(options->steps->cache, step, key, ".checkpoint", &own->path, error));
    own->checkpoint = *options->checkpoint;
    own->checkpoint.path = own->path.bytes;
    own->checkpoint.key = key;
    own->options.checkpoint = &own->checkpoint;
    return STATUS_OK;
}

/* It stays where the training was stopped, or where more memory would help. */
void step_checkpoint_end(struct step_checkpoint *own, enum status status)
{
    if (own->path.length && (status == STATUS_OK || status == STATUS_DIVERGED))
        checkpoint_remove(&own->checkpoint);
    text_release(&own->path);
}

enum status train_step(struct train_step *step, const struct trial *trial,
                       const struct splits *splits, const struct network *network,
                       const struct training_set *set, const uint8_t *reasons,
                       const struct trial_options *options, struct trained *trained,
                       struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct step_checkpoint own = {0};

    trial_tell(options, PHASE_TRAIN);
    TRY(step_checkpoint_begin(&own, options, TRIAL_TRAIN, step->key, error));
    TRY(training_run(trial, splits, network, set, reasons, &own.options, trained, record, error));
    if (options->steps)
        TRY(keep(step, network, options, trained, record, error));
    step->claimed = false;
out:
    step_checkpoint_end(&own, status);
    return status;
}

void train_step_end(struct train_step *step, const struct trial_options *options)
{
    if (step->claimed)
        step_cache_abandon(options->steps, step->key);
    step->claimed = false;
}
