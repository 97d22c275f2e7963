#include "run/run_network.h"

#include "results/best.h"
#include "trial/compute.h"
#include "trial/step_cache.h"

#include <stdio.h>

/* Its record, but for what the trial's own holds already, as with `store.parameters`. */
static enum status keep(struct store *store, size_t trial, struct record *record,
                        struct error *error)
{
    char path[64];

    snprintf(path, sizeof path, "/parameters/%05zu", trial);
    if (hdf5_is_group(&store->file, path))
        record_drop(record, "parameters/");
    snprintf(path, sizeof path, "/network/%05zu", trial);
    if (hdf5_is_group(&store->file, path))
        record_drop(record, "network/");
    PASS(store_arrays(store, trial, record, error));
    return hdf5_attribute_text(&store->file, "/network", "trial", path + sizeof "/network", error);
}

enum status run_store_network(struct runner *runner, struct store *store, struct error *error)
{
    enum status status = STATUS_OK;
    const struct run_options *options = &runner->options;
    struct step_cache steps = {.cache = &runner->jobs.cache};
    struct compute compute = {.plan = runner->plan,
                              .options = {.data = options->data,
                                          .threads = options->threads,
                                          .workers = options->workers},
                              .data = &runner->jobs.data,
                              .steps = &steps,
                              .splits_of = SIZE_MAX};
    struct trial trial;
    struct arena arena = {0};
    struct record record = {0};
    size_t index;
    bool found;

    TRY(best_trial(&store->file, &runner->plan->base, &index, &found, error));
    if (!found)
        goto out;
    TRY(plan_trial(runner->plan, index, &arena, &trial, error));
    status = compute_network(&compute, &trial, &record, error);
    if (status == STATUS_OK)
        status = keep(store, index, &record, error);
    if (status != STATUS_OK)
        error_context(error, "the network of trial %zu", index);
out:
    record_release(&record);
    compute_release(&compute);
    arena_release(&arena);
    return status;
}
