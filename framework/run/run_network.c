#include "run/run_network.h"

#include "results/best.h"

#include <stdio.h>

/* Its record, but for what the trial's own holds already, as with `store.parameters`. */
static enum status keep(struct store *store, size_t trial, struct record *record, bool timed,
                        struct error *error)
{
    char path[64];

    snprintf(path, sizeof path, "/parameters/%05zu", trial);
    if (hdf5_is_group(&store->file, path))
        record_drop(record, "parameters/");
    snprintf(path, sizeof path, "/network/%05zu", trial);
    if (hdf5_is_group(&store->file, path))
        record_drop(record, "network/");
    return store_arrays(store, trial, record, timed, error);
}

struct compute run_compute(struct runner *runner, struct step_cache *steps)
{
    const struct run_options *options = &runner->options;

    *steps = (struct step_cache){.cache = &runner->jobs.cache};
    return (struct compute){.plan = runner->plan,
                            .options = {.data = options->data,
                                        .threads = options->threads,
                                        .workers = options->workers},
                            .data = &runner->jobs.data,
                            .steps = steps,
                            .splits_of = SIZE_MAX};
}

/* `timed`: below /timing. */
static enum status keep_network(struct runner *runner, struct store *store, size_t trial,
                                bool timed, struct error *error)
{
    enum status status = STATUS_OK;
    struct step_cache steps;
    struct compute compute = run_compute(runner, &steps);
    struct trial resolved;
    struct arena arena = {0};
    struct record record = {0};

    TRY(plan_trial(runner->plan, trial, &arena, &resolved, error));
    status = compute_network(&compute, &resolved, &record, error);
    if (status == STATUS_OK)
        status = keep(store, trial, &record, timed, error);
    if (status != STATUS_OK)
        error_context(error, "the network of trial %zu", trial);
out:
    record_release(&record);
    compute_release(&compute);
    arena_release(&arena);
    return status;
}

enum status run_keep_network(struct runner *runner, struct store *store, size_t trial,
                             struct error *error)
{
    return keep_network(runner, store, trial, false, error);
}

enum status run_store_network(struct runner *runner, struct store *store, struct error *error)
{
    const bool timed = experiment_select_timed(&runner->plan->base);
    const char *group = timed ? "/timing/network" : "/network";
    char name[24];
    size_t index;
    bool found;

    PASS(best_trial(&store->file, &runner->plan->base, &index, &found, error));
    if (!found)
        return STATUS_OK;
    PASS(keep_network(runner, store, index, timed, error));
    PASS(hdf5_group(&store->file, group, error)); /* the trial's own may be elsewhere */
    snprintf(name, sizeof name, "%05zu", index);
    return hdf5_attribute_text(&store->file, group, "trial", name, error);
}
