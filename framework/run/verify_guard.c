#include "run/verify_guard.h"

#include "base/work.h"
#include "io/hdf5/hdf5_values.h"
#include "results/guard_results.h"
#include "run/run_guard.h"
#include "trial/guard_trial.h"

#include <stdio.h>
#include <string.h>

/* What is compared now. */
struct guard_comparison {
    struct verifier *verifier;
    const struct verify_options *options;
    size_t replicate, trial;
};

static bool ended_well(size_t trial, const size_t *done, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (done[i] == trial)
            return true;
    return false;
}

bool verifier_has_guard(const struct verifier *verifier, size_t replicate, const size_t *done,
                        size_t count)
{
    const struct plan *plan = verifier->plan;

    return ended_well(plan_guard_trial(plan, plan->guard->small, replicate), done, count) &&
           ended_well(plan_guard_trial(plan, plan->guard->other, replicate), done, count);
}

bool verifier_guards(const struct verifier *verifier, size_t trial)
{
    const struct plan *plan = verifier->plan;
    size_t replicate = trial % (size_t)plan->base.replicates;

    return trial == plan_guard_trial(plan, plan->guard->small, replicate) ||
           trial == plan_guard_trial(plan, plan->guard->other, replicate);
}

enum status verifier_guard_kept(struct verifier *verifier, size_t *replicate, struct error *error)
{
    struct hdf5_array kept = {0};

    *replicate = SIZE_MAX;
    if (!hdf5_exists(verifier->file, "/guard/replicate"))
        return STATUS_OK;
    PASS(hdf5_read(verifier->file, "/guard/replicate", &verifier->arena, &kept, error));
    if (kept.type == HDF5_INT64 && *(const int64_t *)kept.values >= 0)
        *replicate = (size_t) * (const int64_t *)kept.values;
    return STATUS_OK;
}

/* ---- comparison */

static enum status tell(struct guard_comparison *comparison, const char *path, const char *at,
                        const struct text *stored, const struct text *again, struct error *error)
{
    struct verify_difference difference = {path, at, "(none)", again->bytes};

    PASS(text_status(again, error));
    if (stored) {
        PASS(text_status(stored, error));
        difference.stored = stored->bytes;
    }
    comparison->verifier->differences++;
    comparison->options->told(comparison->options->context, comparison->trial, &difference);
    return STATUS_OK;
}

/* Where the replicate's numbers begin in an array of all replicates; has it as many? */
static bool find_row(const struct hdf5_array *stored, size_t replicate,
                     const struct hdf5_array *again, size_t *first)
{
    size_t count = hdf5_value_count(again);

    *first = replicate * count;
    return stored->type == again->type && stored->rank == again->rank &&
           replicate < stored->dims[0] && (stored->rank == 1 || stored->dims[1] == count);
}

/* The first number that differs is told. */
static enum status compare(void *context, const char *name, const struct hdf5_array *again,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct guard_comparison *comparison = context;
    struct arena arena = {0};
    struct hdf5_array stored = {0};
    struct text texts[2] = {{0}, {0}}, at = {0};
    char path[80];
    size_t first = 0, k = 0, count = hdf5_value_count(again);

    snprintf(path, sizeof path, "/guard/%s", name);
    bool there = hdf5_exists(comparison->verifier->file, path);
    if (there)
        TRY(hdf5_read(comparison->verifier->file, path, &arena, &stored, error));
    there = there && find_row(&stored, comparison->replicate, again, &first);
    while (there && k < count && hdf5_same_value(&stored, first + k, again, k))
        k++;
    if (k == count)
        goto out;
    hdf5_print_value(again, k, &texts[1]);
    if (there) {
        hdf5_print_index(&stored, first + k, &at);
        hdf5_print_value(&stored, first + k, &texts[0]);
    }
    TRY(text_status(&at, error));
    TRY(tell(comparison, path, at.bytes ? at.bytes : "", there ? &texts[0] : NULL, &texts[1],
             error));
out:
    text_release(&at);
    text_release(&texts[0]);
    text_release(&texts[1]);
    arena_release(&arena);
    return status;
}

enum status verifier_guard(struct verifier *verifier, size_t replicate,
                           const struct verify_options *options, size_t *trial, size_t *differences,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct plan_guard *guard = verifier->plan->guard;
    struct trial_options trial_options = {.data = options->data, .threads = options->threads};
    struct guard_images validation = {0}, test = {0};
    struct guard_replicate *again = NULL;
    struct trial small, other;
    struct guard_request request = {
        .by = guard->by, .small = &small, .other = guard->pipeline ? NULL : &other};
    bool agreement;

    *trial = plan_guard_trial(verifier->plan, guard->small, replicate);
    verifier->differences = 0;
    TRY(memory_new(&again, 1, sizeof *again, error));
    TRY(plan_trial(verifier->plan, *trial, &verifier->arena, &small, error));
    TRY(plan_trial(verifier->plan, plan_guard_trial(verifier->plan, guard->other, replicate),
                   &verifier->arena, &other, error));
    TRY(trial_guard(&request, verifier->plan, &verifier->cache, &verifier->splits, &trial_options,
                    &validation, &test, &agreement, error));
    TRY(run_guard_choose(guard, experiment_select_metric(&verifier->plan->base), &validation, &test,
                         again, error));
    struct guard_comparison comparison = {verifier, options, replicate, *trial};
    TRY(guard_replicate_each(again, compare, &comparison, error));
    *differences = verifier->differences;
out:
    work_step(NULL);
    if (status != STATUS_OK)
        error_context(error, "guard, replicate %zu", replicate);
    memory_free(again);
    guard_images_release(&validation);
    guard_images_release(&test);
    return status;
}
