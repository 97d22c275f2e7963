#include "trial/compute.h"

enum status compute_trial(struct compute *compute, const struct trial *trial,
                          const struct trial_options *hooks, struct record *record,
                          struct error *error)
{
    const struct compute_options *options = &compute->options;
    struct trial_options trial_options = *hooks;

    const struct engine *engine = (const void *)trial->experiment.train.engine.kind;
    if (compute->engine != engine)
        PASS(engine_take_room(engine, options->threads, error));
    compute->engine = engine;
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
