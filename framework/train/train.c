/*
 * The course of a training: epochs, early stopping, checkpoints, the result.
 *
 * Every epoch is the same number of passes over the items, every pass the same number of steps: the
 * steps made say where in it the training stands. A checkpoint holds the progress and all arrays of
 * numbers that outlive a step; random numbers are keyed by pass and step and need no state. It is
 * written between two steps, so that what follows has the same bits as if nothing had happened.
 *
 * Early stopping (Prechelt, "Early stopping - but when?", 1998): the parameters of the best epoch
 * so far are set aside; after `patience` epochs without a better one the training ends.
 */
#include "base/interrupt.h"
#include "base/work.h"
#include "graph/rescale.h"
#include "graph/whiten.h"
#include "train/trainer.h"

#include <math.h>
#include <string.h>

static void copy(float *to, const float *from, size_t count)
{
    if (count)
        memcpy(to, from, count * sizeof *to);
}

/* What is evaluated and kept: the average, where there is one. */
static const float *shown_parameters(const struct trainer *trainer)
{
    return trainer->average_parameters ? trainer->average_parameters : trainer->parameters;
}

static const float *shown_statistics(const struct trainer *trainer)
{
    return trainer->average_parameters ? trainer->average_statistics : trainer->statistics;
}

static size_t list_parts(struct trainer *trainer, struct train_part parts[TRAIN_MOST_PARTS])
{
    size_t row = trainer->network->parameters * sizeof(float);
    size_t statistics = trainer->network->statistics * sizeof(float);
    size_t slots = (size_t)trainer->optimizer->slots, average = trainer->average_parameters != NULL;
    size_t best = trainer->best_parameters != NULL;
    const struct train_part all[] = {
        {&trainer->progress, sizeof trainer->progress},
        {trainer->parameters, row},
        {trainer->statistics, statistics},
        {trainer->optimizer_state, slots * row},
        {trainer->average_parameters, average * row},
        {trainer->average_statistics, average * statistics},
        {trainer->best_parameters, best * row},
        {trainer->best_statistics, best * statistics},
    };
    memcpy(parts, all, sizeof all);
    return sizeof all / sizeof *all;
}

static enum status save(struct trainer *trainer, const struct train_sink *sink, struct error *error)
{
    struct train_part parts[TRAIN_MOST_PARTS];
    size_t count = list_parts(trainer, parts);

    return sink->save(sink->context, trainer->progress.step, parts, count, error);
}

static enum status load(struct trainer *trainer, const struct train_sink *sink, struct error *error)
{
    const struct train_progress *progress = &trainer->progress;
    struct train_part parts[TRAIN_MOST_PARTS];
    size_t count = list_parts(trainer, parts);
    int64_t epoch_steps = trainer->pass_steps * trainer->passes, step = 0;

    PASS(sink->load(sink->context, &step, parts, count, error));
    if (step != progress->step || progress->epochs < 0 ||
        progress->epochs >= trainer->settings->epochs || step < progress->epochs * epoch_steps ||
        step > trainer_epoch(trainer) * epoch_steps)
        return error_set(error, STATUS_DATA, "the checkpoint belongs to another training");
    return STATUS_OK;
}

/* Set the epoch just ended aside if it is the best so far. */
static void judge(struct trainer *trainer, double score)
{
    struct train_progress *progress = &trainer->progress;
    double delta = trainer->settings->early_stopping.minimum_delta;

    /* A score that is not a number is worse than any other. */
    if (progress->best_epoch && !(isnan(progress->best) && !isnan(score)) &&
        !(score > progress->best && score >= progress->best + delta))
        return;
    progress->best = score;
    progress->best_epoch = trainer_epoch(trainer);
    copy(trainer->best_parameters, shown_parameters(trainer), trainer->network->parameters);
    copy(trainer->best_statistics, shown_statistics(trainer), trainer->network->statistics);
}

static double epoch_items(const struct trainer *trainer)
{
    return (double)trainer->item_count * (double)trainer->passes;
}

static enum status end_epoch(struct trainer *trainer, const struct train_sink *sink,
                             struct error *error)
{
    /* A parameter that is not finite may hide behind a relu: look once an epoch. */
    PASS(trainer_check_finite(trainer, trainer->parameters, "", error));
    if (sink->epoch)
        PASS(sink->epoch(sink->context, trainer_epoch(trainer), trainer->settings->epochs,
                         trainer->progress.loss / epoch_items(trainer), shown_parameters(trainer),
                         shown_statistics(trainer), error));
    if (trainer->best_parameters)
        judge(trainer, sink->score(sink->context));
    trainer->progress.loss = 0;
    trainer->progress.epochs++;
    return STATUS_OK;
}

static bool is_over(const struct trainer *trainer)
{
    const struct train_progress *progress = &trainer->progress;
    int64_t patience = trainer->settings->early_stopping.patience;

    return progress->epochs >= trainer->settings->epochs ||
           (trainer->best_parameters && progress->epochs - progress->best_epoch >= patience);
}

static enum status make_epoch(struct trainer *trainer, const struct train_sink *sink,
                              struct error *error)
{
    enum status status = STATUS_OK;
    int64_t end = trainer_epoch(trainer) * trainer->passes * trainer->pass_steps;

    while (trainer->progress.step < end) {
        TRY(interrupt_check(error));
        TRY(trainer_step(trainer, error));
        work_did(trainer->work, trainer->member_count);
        if (sink->save && sink->due(sink->context))
            TRY(save(trainer, sink, error));
    }
    TRY(end_epoch(trainer, sink, error));
out:
    /* Interrupted between steps or while the epoch was looked at: the progress is of before. */
    if (status == STATUS_INTERRUPTED && sink->save && trainer->progress.step > 0) {
        enum status saved = save(trainer, sink, error);
        status = saved == STATUS_OK ? status : saved;
    }
    return status;
}

/* Copy the kept parameters to the caller's arrays. */
static void conclude(const struct trainer *trainer, const struct train_sink *sink)
{
    const struct network *network = trainer->network;
    const float *parameters = shown_parameters(trainer), *statistics = shown_statistics(trainer);
    const struct train_progress *progress = &trainer->progress;
    bool best = trainer->best_parameters != NULL;

    if (best) {
        parameters = trainer->best_parameters;
        statistics = trainer->best_statistics;
    }
    if (parameters != trainer->parameters) {
        copy(trainer->parameters, parameters, network->parameters);
        copy(trainer->statistics, statistics, network->statistics);
    }
    if (sink->outcome)
        *sink->outcome =
            (struct train_outcome){progress->epochs, best ? progress->best_epoch : progress->epochs,
                                   (double)progress->epochs * epoch_items(trainer)};
}

/* Fresh parameters. */
static enum status initialise(struct trainer *trainer, struct error *error)
{
    const struct network *network = trainer->network;

    network_initialise(network, trainer->key, trainer->parameters, trainer->statistics);
    PASS(network_whiten(network, trainer->items->inputs, trainer->kept, trainer->item_count,
                        trainer->parameters, error));
    rescale_fit(network, trainer->items->targets, trainer->kept, trainer->item_count,
                trainer->parameters);
    return STATUS_OK;
}

static enum status begin(struct trainer *trainer, struct error *error)
{
    const struct network *network = trainer->network;

    if (!trainer->rounded)
        PASS(initialise(trainer, error));
    network_decays(network, trainer->decays);
    if (trainer->average_parameters) {
        copy(trainer->average_parameters, trainer->parameters, network->parameters);
        copy(trainer->average_statistics, trainer->statistics, network->statistics);
    }
    return STATUS_OK;
}

/* Items are told as they are seen, those of before a checkpoint apart. */
static void begin_work(struct trainer *trainer)
{
    double pass = (double)trainer->item_count / (double)trainer->pass_steps;
    double all = epoch_items(trainer) * (double)trainer->settings->epochs;

    trainer->work = work_begin((size_t)all, "images");
    work_skip(trainer->work, (size_t)((double)trainer->progress.step * pass));
}

static enum status train(struct trainer *trainer, const struct train_sink *sink,
                         struct error *error)
{
    enum status status = STATUS_OK;
    static const struct train_sink silent = {0};

    trainer->loss = loss_of(trainer->settings->loss.kind);
    trainer->optimizer = optimizer_of(trainer->settings->optimizer.kind);
    trainer->schedule = schedule_of(trainer->settings->schedule.kind);
    sink = sink ? sink : &silent;
    TRY(trainer_prepare(trainer, error));
    TRY(begin(trainer, error));
    if (sink->load)
        TRY(load(trainer, sink, error));
    begin_work(trainer);
    while (!is_over(trainer))
        TRY(make_epoch(trainer, sink, error));
    conclude(trainer, sink);
out:
    work_end(trainer->work);
    trainer_release(trainer);
    return status;
}

enum status train_network(const struct network *network, const struct train_settings *settings,
                          const struct train_items *items, struct random_key key, int threads,
                          const struct train_sink *sink, float *parameters, float *statistics,
                          struct error *error)
{
    struct trainer trainer = {
        .network = network,
        .settings = settings,
        .items = items,
        .key = key,
        .threads = threads,
        .parameters = parameters,
        .statistics = statistics,
    };

    return train(&trainer, sink, error);
}

/* As many passes an epoch as the training made. */
static struct train_settings tuning_settings(const struct train_settings *settings)
{
    struct train_settings tuning = *settings;
    int64_t steps = settings->minimum_steps * settings->quantize.epochs;

    tuning.epochs = settings->quantize.epochs;
    tuning.minimum_steps = (steps + settings->epochs - 1) / settings->epochs;
    tuning.learning_rate *= settings->quantize.learning_rate;
    tuning.early_stopping.patience = 0;
    tuning.precision = PRECISION_FLOAT32;
    return tuning;
}

enum status train_fine_tune(const struct network *network, const struct train_settings *settings,
                            const struct train_items *items, struct random_key key, int threads,
                            const struct activation_ranges *ranges, const struct train_sink *sink,
                            float *parameters, float *statistics, struct error *error)
{
    enum status status = STATUS_OK;
    struct train_settings tuning = tuning_settings(settings);
    struct rounded_network rounded = {0};
    struct trainer trainer = {
        .network = network,
        .settings = &tuning,
        .items = items,
        .key = key,
        .threads = threads,
        .rounded = &rounded,
        .tuned_epochs = settings->epochs,
        .parameters = parameters,
        .statistics = statistics,
    };

    TRY(rounded_new(&rounded, network, parameters, statistics, ranges, error));
    TRY(train(&trainer, sink, error));
out:
    rounded_release(&rounded);
    return status;
}
