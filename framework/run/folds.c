/*
 * Items are dealt to k folds in a random order; for each fold a fresh network is trained on the
 * others and predicts the fold. So no prediction comes from a network that has seen the item's
 * label: what it merely memorised cannot hide a wrong label. Cost: (k - 1) trainings' worth of
 * steps on all items, for k folds.
 */
#include "run/folds.h"

#include "network/apply.h"
#include <math.h>
#include <string.h>

/* Scores to probabilities, in place. */
static void softmax(float *values, int count)
{
    float most = values[0];
    double sum = 0;

    for (int i = 1; i < count; i++)
        most = values[i] > most ? values[i] : most;
    for (int i = 0; i < count; i++)
        sum += exp((double)values[i] - (double)most);
    for (int i = 0; i < count; i++)
        values[i] = (float)(exp((double)values[i] - (double)most) / sum);
}

/* Train on the items that `held_out` does not name, predict those that it names. */
static enum status one_fold(const struct folds *folds, const struct network *network, int epochs,
                            const uint8_t *held_out, const uint32_t *members, size_t count,
                            struct image_set *predictions, struct error *error)
{
    enum status status = STATUS_OK;
    const struct items *items = folds->items;
    struct train_settings settings = folds->trial->experiment.train;
    struct train_items train = items_train(items, held_out);
    struct random_key key = {(uint64_t)folds->trial->experiment.seed, folds->trial->replicate};
    struct trained trained = {0};
    struct image_set inputs = {0}, outputs = {0};

    settings.epochs = epochs;
    settings.early_stopping.patience = 0; /* no image is held back to judge by */
    TRY(memory_new(&trained.parameters, network->parameters, sizeof(float), error));
    TRY(memory_new(&trained.statistics, network->statistics, sizeof(float), error));
    TRY(train_network(network, &settings, &train, key, folds->threads, NULL, trained.parameters,
                      trained.statistics, error));
    TRY(image_set_select(&inputs, &items->inputs, members, count, error));
    TRY(network_apply(&folds->trial->experiment.network,
                      (const struct engine *)settings.engine.kind,
                      (enum precision)settings.precision, trained.parameters, trained.statistics,
                      &inputs, network->output.channels, items->classes != NULL, folds->threads,
                      NULL, NULL, &outputs, error));
    for (size_t i = 0; i < count; i++) {
        struct image to = image_set_at(predictions, members[i]);
        memcpy(to.pixels, image_set_at(&outputs, i).pixels, shape_size(to.shape) * sizeof(float));
        if (items->classes)
            softmax(to.pixels, to.shape.channels);
    }
out:
    trained_release(&trained);
    image_set_release(&inputs);
    image_set_release(&outputs);
    return status;
}

enum status folds_predict(void *context, int folds_count, int epochs, struct image_set *predictions,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct folds *folds = context;
    const struct items *items = folds->items;
    size_t count = items->inputs.count;
    uint32_t *order = NULL;
    uint8_t *held_out = NULL;
    struct network network = {0};
    struct random_key key = {(uint64_t)folds->trial->experiment.seed, folds->trial->replicate};
    struct random_stream stream = random_stream(key, RANDOM_FILTER, 0);

    memset(predictions, 0, sizeof *predictions);
    if (count < (size_t)folds_count)
        TRY(error_set(error, STATUS_CONFIG, "filter.folds: %d folds of only %zu items", folds_count,
                      count));
    TRY(image_set_new(predictions, count, items->targets.shapes, error));
    TRY(memory_new(&order, count, sizeof *order, error));
    TRY(memory_new(&held_out, count, sizeof *held_out, error));
    random_permutation(&stream, order, (uint32_t)count);
    TRY(network_new(&network, &folds->trial->experiment.network, items->inputs.shapes[0],
                    items->targets.shapes[0], error));
    for (size_t k = 0; k < (size_t)folds_count; k++) {
        size_t begin = count * k / (size_t)folds_count, end = count * (k + 1) / (size_t)folds_count;
        memset(held_out, 0, count);
        for (size_t i = begin; i < end; i++)
            held_out[order[i]] = 1;
        TRY(one_fold(folds, &network, epochs, held_out, order + begin, end - begin, predictions,
                     error));
    }
out:
    memory_free(order);
    memory_free(held_out);
    network_release(&network);
    if (status != STATUS_OK)
        image_set_release(predictions);
    return status;
}
