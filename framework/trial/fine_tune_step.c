/* The fine-tuning's entry of the cache: its values and curves; state/parameters, and state/ranges
 * [1 + nodes][2], of the input and of each node. */
#include "trial/fine_tune_step.h"

#include "trial/calibration.h"
#include "trial/step_cache.h"
#include "trial/training.h"

#include <string.h>

/* Two numbers a range, the input's first. */
static enum status put_ranges(struct record *record, const struct activation_ranges *ranges,
                              struct error *error)
{
    enum status status = STATUS_OK;
    size_t rows = 1 + ranges->count;
    struct value_range *all = NULL;

    TRY(memory_new(&all, rows, sizeof *all, error));
    all[0] = ranges->input;
    memcpy(all + 1, ranges->nodes, ranges->count * sizeof *all);
    TRY(record_put_row(record, "state/ranges", HDF5_FLOAT32, &all->low, 2 * rows, error));
out:
    memory_free(all);
    return status;
}

static enum status take_ranges(const float *values, size_t count, const struct trial *trial,
                               struct activation_ranges *ranges, struct error *error)
{
    PASS(memory_new(&ranges->nodes, count, sizeof *ranges->nodes, error));
    ranges->count = count;
    ranges->weight_bits = experiment_weight_bits(&trial->experiment);
    for (size_t i = 0; i <= count; i++)
        *(i ? &ranges->nodes[i - 1] : &ranges->input) =
            (struct value_range){values[2 * i], values[2 * i + 1]};
    return STATUS_OK;
}

/* *fits is false where the entry is of another network. */
static enum status take_state(struct record *record, const struct trial *trial,
                              const struct network *network, struct trained *trained, bool *fits,
                              struct error *error)
{
    const float *parameters =
        record_row(record, "state/parameters", HDF5_FLOAT32, network->parameters);
    const float *ranges =
        record_row(record, "state/ranges", HDF5_FLOAT32, 2 * (1 + network->count));

    *fits = parameters && ranges;
    if (!*fits)
        return STATUS_OK;
    memcpy(trained->parameters, parameters, network->parameters * sizeof *parameters);
    PASS(take_ranges(ranges, network->count, trial, &trained->ranges, error));
    record_drop(record, "state/");
    return STATUS_OK;
}

enum status fine_tune_recall(struct train_step *step, const struct trial *trial,
                             const struct splits *splits, const struct network *network,
                             const struct trial_options *options, struct trained *trained,
                             struct record *record, bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct record kept = {0};

    *step = (struct train_step){.key = ""};
    *found = !trial->experiment.train.quantize.given;
    if (*found || !options->steps)
        return STATUS_OK;
    TRY(step_cache_key(trial, TRIAL_FINE_TUNE, splits->dataset_sha256, step->key, error));
    TRY(step_cache_recall(options->steps, TRIAL_FINE_TUNE, step->key, &kept, found, error));
    step->claimed = !*found;
    if (*found)
        TRY(take_state(&kept, trial, network, trained, found, error));
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
    TRY(put_ranges(&state, &trained->ranges, error));
    TRY(step_cache_keep(options->steps, TRIAL_FINE_TUNE, step->key, &state, error));
out:
    record_release(&state);
    return status;
}

enum status fine_tune_step(struct train_step *step, const struct trial *trial,
                           const struct splits *splits, const struct network *network,
                           const struct training_set *set, const uint8_t *reasons,
                           const struct trial_options *options, struct trained *trained,
                           struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct step_checkpoint own = {0};
    struct record added = {0};

    trial_tell(options, PHASE_FINE_TUNE);
    TRY(step_checkpoint_begin(&own, options, TRIAL_FINE_TUNE, step->key, error));
    TRY(trial_ranges(trial, splits, trained, &trained->ranges, error));
    TRY(training_fine_tune(trial, splits, network, set, reasons, &own.options, trained, &added,
                           error));
    if (options->steps)
        TRY(keep(step, network, options, trained, &added, error));
    step->claimed = false;
    TRY(record_merge(record, &added, error));
out:
    if (status != STATUS_OK && status != STATUS_INTERRUPTED)
        error_context(error, "train.quantize");
    step_checkpoint_end(&own, status);
    record_release(&added);
    return status;
}
