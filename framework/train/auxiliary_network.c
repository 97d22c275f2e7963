#include "train/auxiliary_network.h"
#include "graph/apply.h"

#include <math.h>
#include <string.h>

/* The training's sink: hands the state of each epoch on. */
struct listener {
    const struct auxiliary_network *fit;
    auxiliary_epoch *epoch;
    void *context;
};

static enum status after_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                               const float *parameters, const float *statistics,
                               struct error *error)
{
    const struct listener *listener = context;
    struct auxiliary_network now = *listener->fit;

    (void)epochs;
    (void)loss;
    now.parameters = (float *)(uintptr_t)parameters; /* read alone: the averages, where there are */
    now.statistics = (float *)(uintptr_t)statistics;
    return listener->epoch(listener->context, &now, epoch, error);
}

enum status fit_network(struct auxiliary_network *fit, const struct auxiliary_task *task,
                        auxiliary_epoch *epoch, void *context, struct error *error)
{
    struct listener listener = {fit, epoch, context};
    struct train_sink sink = {.epoch = epoch ? after_epoch : NULL, .context = &listener};

    *fit = (struct auxiliary_network){
        .family = *task->family, .settings = *task->train, .answer = task->answer};
    fit->settings.epochs = task->epochs;
    fit->settings.early_stopping.patience = 0;
    PASS(network_new(&fit->network, task->family, task->items.inputs->shapes[0], task->answer,
                     error));
    PASS(memory_new(&fit->parameters, fit->network.parameters, sizeof(float), error));
    PASS(memory_new(&fit->statistics, fit->network.statistics, sizeof(float), error));
    return train_network(&fit->network, &fit->settings, &task->items, task->key, task->threads,
                         &sink, fit->parameters, fit->statistics, error);
}

enum status auxiliary_outputs(const struct auxiliary_network *fit, const struct image_set *inputs,
                              int threads, struct image_set *outputs, struct error *error)
{
    return network_apply(&fit->family, engine_of(fit->settings.engine.kind),
                         (enum precision)fit->settings.precision, fit->parameters, fit->statistics,
                         inputs, fit->answer, threads, NULL, NULL, outputs, error);
}

enum status auxiliary_scores(const struct auxiliary_network *fit, const struct image_set *inputs,
                             int threads, struct image_set *scores, struct error *error)
{
    return network_scores(&fit->family, engine_of(fit->settings.engine.kind),
                          (enum precision)fit->settings.precision, fit->parameters, fit->statistics,
                          inputs, fit->answer, threads, scores, error);
}

void auxiliary_softmax(float *scores, int count, size_t step)
{
    float most = scores[0];
    double sum = 0;

    for (size_t i = 1; i < (size_t)count; i++)
        most = scores[i * step] > most ? scores[i * step] : most;
    for (size_t i = 0; i < (size_t)count; i++)
        sum += exp((double)scores[i * step] - (double)most);
    for (size_t i = 0; i < (size_t)count; i++)
        scores[i * step] = (float)(exp((double)scores[i * step] - (double)most) / sum);
}

void auxiliary_release(struct auxiliary_network *fit)
{
    network_release(&fit->network);
    memory_free(fit->parameters);
    memory_free(fit->statistics);
    memset(fit, 0, sizeof *fit);
}
