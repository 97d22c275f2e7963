#include "run/verify.h"

#include "run/verify_compare.h"

#include "base/random.h"
#include "base/work.h"
#include "io/hdf5/hdf5_values.h"
#include "results/results.h"
#include "trial/evaluation/difference.h"
#include "trial/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status read_table(struct verifier *verifier, struct error *error)
{
    char path[PATH_ROOM];

    PASS(hdf5_list(verifier->file, "/trials", &verifier->arena, &verifier->columns,
                   &verifier->column_count, error));
    PASS(arena_new(&verifier->arena, &verifier->values, verifier->column_count,
                   sizeof *verifier->values, error));
    for (size_t i = 0; i < verifier->column_count; i++) {
        struct hdf5_array *values = &verifier->values[i];
        path_print(path, "/trials/%s", verifier->columns[i]);
        PASS(hdf5_read(verifier->file, path, &verifier->arena, values, error));
    }
    return STATUS_OK;
}

/* What a search went by, from the table as it is stored. */
static enum status stored_value(void *context, size_t trial, const char *name, double *value,
                                struct error *error)
{
    const struct verifier *verifier = context;
    const struct hdf5_array *values = verifier_column(verifier, name);

    if (!values || values->rank != 1 || trial >= values->dims[0] ||
        (values->type != HDF5_FLOAT64 && values->type != HDF5_INT64))
        return error_set(error, STATUS_DATA, "/trials/%s has no number for trial %zu", name, trial);
    *value = values->type == HDF5_FLOAT64 ? ((const double *)values->values)[trial]
                                          : (double)((const int64_t *)values->values)[trial];
    return STATUS_OK;
}

enum status verifier_begin(struct verifier *verifier, struct plan *plan, struct hdf5 *file,
                           struct error *error)
{
    const struct engine *engine = engine_of(plan->base.train.engine.kind);
    size_t rows;
    bool more = true;
    enum status status = STATUS_OK;

    memset(verifier, 0, sizeof *verifier);
    verifier->plan = plan;
    verifier->file = file;
    TRY(read_table(verifier, error));
    TRY(engine->start(error));
    rows = verifier->column_count ? verifier->values[0].dims[0] : 0;
    while (more && plan->trial_count < rows)
        TRY(plan_extend(plan, stored_value, verifier, &more, error));
    for (size_t i = 0; i < verifier->column_count; i++) {
        const struct hdf5_array *values = &verifier->values[i];
        if (values->rank != 1 || values->dims[0] != plan->trial_count)
            TRY(error_set(error, STATUS_DATA, "/trials/%s has %zu rows; the plan has %zu trials",
                          verifier->columns[i], values->rank ? values->dims[0] : 1,
                          plan->trial_count));
    }
out:
    if (status != STATUS_OK)
        verifier_release(verifier);
    return status;
}

void verifier_release(struct verifier *verifier)
{
    splits_release(&verifier->splits);
    dataset_cache_release(&verifier->cache);
    arena_release(&verifier->arena);
    memset(verifier, 0, sizeof *verifier);
}

static bool is_done(const struct hdf5_array *states, size_t trial)
{
    char state[8]; /* enough to tell */

    snprintf(state, sizeof state, "%.*s", (int)(states->text_size < 7 ? states->text_size : 7),
             (const char *)states->values + trial * states->text_size);
    return results_is_done(state);
}

enum status verifier_done(struct verifier *verifier, size_t **trials, size_t *count,
                          struct error *error)
{
    const struct hdf5_array *states = verifier_column(verifier, "status");

    *count = 0;
    if (!states || states->type != HDF5_TEXT)
        return error_set(error, STATUS_DATA, "the results have no column 'status'");
    PASS(arena_new(&verifier->arena, trials, verifier->plan->trial_count, sizeof **trials, error));
    for (size_t i = 0; i < verifier->plan->trial_count; i++)
        if (is_done(states, i))
            (*trials)[(*count)++] = i;
    return STATUS_OK;
}

static int order(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

enum status verify_choose(size_t *trials, size_t all, size_t count, uint64_t seed,
                          struct error *error)
{
    struct random_stream stream = random_stream((struct random_key){seed, 0}, RANDOM_VERIFY, 0);

    if (count > all)
        return error_set(error, STATUS_CONFIG, "cannot choose %zu of %zu trials", count, all);
    for (size_t i = 0; i < count; i++) {
        size_t other = i + random_below(&stream, (uint32_t)(all - i)), kept = trials[i];
        trials[i] = trials[other];
        trials[other] = kept;
    }
    if (count)
        qsort(trials, count, sizeof *trials, order);
    return STATUS_OK;
}

/* Does the file hold the trial's network, be it as the one that goes out alone? */
static bool holds_network(const struct verifier *verifier, size_t index)
{
    char path[64];

    snprintf(path, sizeof path, "/parameters/%05zu", index);
    return hdf5_is_group(verifier->file, path);
}

enum status verifier_trial(struct verifier *verifier, size_t index,
                           const struct verify_options *options, size_t *differences,
                           struct error *error)
{
    struct record record = {0};
    struct trial trial;
    struct error failure = {0};
    struct text text = {0};
    enum status status = STATUS_OK;

    verifier->differences = 0;
    TRY(plan_trial(verifier->plan, index, &verifier->arena, &trial, error));
    trial.experiment.store.parameters |= holds_network(verifier, index);
    /* with nothing taken over from an earlier run */
    status = trial_run(&trial, verifier->plan, &verifier->cache, &verifier->splits,
                       &(struct trial_options){.data = options->data, .threads = options->threads},
                       &record, &failure);
    work_step(NULL);
    if (status == STATUS_DIVERGED) { /* it ended well when it was stored */
        text_append(&text, "failed: %s", failure.message);
        status = text_status(&text, &failure);
        record_release(&record);
        if (status == STATUS_OK)
            status = record_text(&record, "status", text.bytes, &failure);
    }
    if (status != STATUS_OK) {
        *error = failure;
        error_context(error, "trial %zu", index);
        goto out;
    }
    TRY(difference_judge(&record, &verifier->plan->base, error));
    TRY(verify_compare(verifier, options, &record, index, error));
    *differences = verifier->differences;
out:
    text_release(&text);
    record_release(&record);
    return status;
}
