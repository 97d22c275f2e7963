#include "trial/compute.h"

static enum status take_room(struct compute *compute, const struct trial *trial,
                             struct error *error)
{
    const struct engine *engine = engine_of(trial->experiment.train.engine.kind);

    if (compute->engine != engine)
        PASS(engine_take_room(engine, compute->options.threads, error));
    compute->engine = engine;
    return STATUS_OK;
}

enum status compute_trial(struct compute *compute, const struct trial *trial,
                          const struct trial_options *hooks, struct record *record,
                          struct error *error)
{
    const struct compute_options *options = &compute->options;
    struct trial_options trial_options = *hooks;

    PASS(take_room(compute, trial, error));
    trial_options.data = options->data;
    trial_options.threads = options->threads;
    trial_options.workers = options->workers;
    trial_options.steps = compute->steps;
    trial_options.latencies = options->speeds ? &compute->latencies : NULL;
    if (!splits_serve(&compute->splits, trial))
        compute->splits_of = trial->index;
    return trial_run(trial, compute->plan, compute->data, &compute->splits, &trial_options, record,
                     error);
}

static struct trial_options options_of(const struct compute *compute)
{
    return (struct trial_options){.data = compute->options.data,
                                  .threads = compute->options.threads,
                                  .workers = compute->options.workers,
                                  .steps = compute->steps};
}

enum status compute_network(struct compute *compute, const struct trial *trial,
                            struct record *record, struct error *error)
{
    struct trial_options options = options_of(compute);

    PASS(take_room(compute, trial, error));
    return trial_keep_network(trial, compute->plan, compute->data, &compute->splits, &options,
                              record, error);
}

enum status compute_guard(struct compute *compute, const struct guard_request *request,
                          struct guard_images *validation, struct guard_images *test,
                          bool *agreement, struct error *error)
{
    struct trial_options options = options_of(compute);

    PASS(take_room(compute, request->small, error));
    return trial_guard(request, compute->plan, compute->data, &compute->splits, &options,
                       validation, test, agreement, error);
}

void compute_done(struct compute *compute, size_t trial, struct arena *arena)
{
    if (compute->splits_of == trial) {
        arena_release(&compute->lent);
        compute->lent = *arena;
        *arena = (struct arena){0};
    }
    arena_release(arena);
}

void compute_release(struct compute *compute)
{
    splits_release(&compute->splits);
    arena_release(&compute->lent);
    latencies_release(&compute->latencies);
}
