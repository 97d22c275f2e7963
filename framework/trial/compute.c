#include "trial/compute.h"

#include <string.h>

enum status compute_trial(struct compute *compute, const struct trial *trial,
                          const struct trial_options *hooks, struct record *record,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct compute_options *options = &compute->options;
    struct splits_options splits_options = {.data = options->data,
                                            .threads = options->threads,
                                            .stages = compute->stages,
                                            .checkpoint = hooks->checkpoint,
                                            .progress = hooks->progress,
                                            .resumed = hooks->resumed,
                                            .note = hooks->note,
                                            .begins = hooks->begins,
                                            .context = hooks->context};
    struct trial_options trial_options = *hooks;

    if (options->compute)
        return options->compute(options->context, trial, record, error);
    const struct engine *engine = (const void *)trial->experiment.train.engine.kind;
    if (compute->engine != engine)
        TRY(engine_take_room(engine, options->threads, error));
    compute->engine = engine;
    trial_options.threads = options->threads;
    trial_options.workers = options->workers;
    trial_options.stages = compute->stages;
    trial_options.speeds = options->speeds ? &compute->speeds : NULL;
    if (strcmp(compute->prepared.key, trial->keys[TRIAL_LABEL]) != 0)
        compute->prepared_for = trial->index;
    TRY(prepare(&compute->prepared, trial, compute->data, &splits_options, error));
    TRY(record_text(record, "status", "done", error));
    TRY(trial_run(trial, compute->plan, &compute->prepared, &trial_options, record, error));
    TRY(record_text(record, "pipeline.chosen", compute->prepared.chosen.bytes, error));
    TRY(record_text(record, "dataset.sha256", compute->prepared.dataset_sha256, error));
out:
    return status;
}

void compute_done(struct compute *compute, size_t trial, struct arena *arena)
{
    if (compute->prepared_for == trial) {
        arena_release(&compute->lent);
        compute->lent = *arena;
        *arena = (struct arena){0};
    }
    arena_release(arena);
}

void compute_release(struct compute *compute)
{
    splits_release(&compute->prepared);
    arena_release(&compute->lent);
    latencies_release(&compute->speeds);
}
