/* Set-up of the training loop: which items, how many steps, every buffer. */
#include "train/trainer.h"

#include "base/memory.h"
#include "graph/rescale.h"

#include <math.h>

/* The targets that the loss compares with; NULL: classes. */
static const struct image_set *targets_of(const struct trainer *trainer)
{
    bool classes = trainer->loss->targets == LOSS_CLASSES && !trainer->items->masks;

    return classes ? NULL : trainer->items->targets;
}

/* Every pixel's class must be one of the network's outputs. */
static enum status check_mask(const struct trainer *trainer, size_t item, struct error *error)
{
    struct image mask = image_set_at(trainer->items->targets, item);
    int classes = trainer->network->output.channels;

    for (size_t i = 0; i < shape_size(mask.shape); i++) {
        float value = mask.pixels[i];
        if (!isnan(value) && !(value >= 0 && value < (float)classes && value == (float)(int)value))
            return error_set(error, STATUS_DATA,
                             "item %zu has a pixel of class %g, and the network has %d outputs",
                             item, (double)value, classes);
    }
    return STATUS_OK;
}

static enum status check_item(const struct trainer *trainer, size_t item, struct error *error)
{
    enum status status = STATUS_OK;
    const struct train_items *items = trainer->items;
    const struct image_set *targets = targets_of(trainer);
    const struct network *network = trainer->network;

    if (!targets && items->classes[item] >= shape_size(network->output))
        TRY(error_set(error, STATUS_DATA,
                      "item %zu is of class %d, and the network has %zu outputs", item,
                      (int)items->classes[item], shape_size(network->output)));
    if (!shape_equal(items->inputs->shapes[item], network->input) ||
        (targets && !shape_equal(targets->shapes[item], trainer_target_shape(trainer))))
        TRY(error_set(error, STATUS_DATA,
                      "item %zu is of another shape than the network's input or output", item));
    if (items->masks)
        TRY(check_mask(trainer, item, error));
    if (trainer->loss->check)
        status = trainer->loss->check(trainer->settings->loss.config, network->output,
                                      targets ? image_set_at(targets, item).pixels : NULL, error);
    if (status == STATUS_DATA)
        error_context(error, "item %zu", item);
    if (status != STATUS_OK)
        error_context(error, "train.loss");
out:
    return status;
}

/* A loss must get what it compares with, and classes must be outputs of the network. */
static enum status check_targets(const struct trainer *trainer, struct error *error)
{
    const struct train_items *items = trainer->items;
    enum loss_targets compares = trainer->loss->targets;
    bool values = compares == LOSS_VALUES || compares == LOSS_IMAGES, masks = items->masks;

    if (values ? items->classes || masks || !items->targets
               : !(masks && compares != LOSS_SCORES) && (!items->classes || compares == LOSS_MASKS))
        return error_set(error, STATUS_CONFIG, "train.loss: '%s' compares %s",
                         trainer->loss->descriptor.name,
                         values                   ? "values, and the labels are classes"
                         : compares == LOSS_MASKS ? "masks, and the labels are none"
                                                  : "classes, and the labels are values");
    for (size_t i = 0; i < trainer->item_count; i++)
        PASS(check_item(trainer, trainer->kept[i], error));
    return trainer_check_augment(trainer, error);
}

static enum status choose_items(struct trainer *trainer, struct error *error)
{
    const struct train_items *items = trainer->items;
    size_t count = items->inputs->count;

    if (count > UINT32_MAX)
        return error_set(error, STATUS_MEMORY, "%zu items are too many to train on", count);
    PASS(memory_new(&trainer->kept, count, sizeof *trainer->kept, error));
    for (size_t i = 0; i < count; i++)
        if (!items->dropped || !items->dropped[i])
            trainer->kept[trainer->item_count++] = (uint32_t)i;
    if (count == 0)
        return error_set(error, STATUS_CONFIG, "nothing to train on: no items");
    if (trainer->item_count == 0)
        return error_set(error, STATUS_CONFIG,
                         "nothing to train on: the filter dropped all %zu items", count);
    return memory_new(&trainer->order, trainer->item_count, sizeof *trainer->order, error);
}

static void count_steps(struct trainer *trainer)
{
    const struct train_settings *settings = trainer->settings;
    trainer->batch = trainer_smaller((size_t)settings->batch, trainer->item_count);
    trainer->shard = trainer_smaller((size_t)settings->shard, trainer->batch);
    trainer->shard_count = trainer_divide_up(trainer->batch, trainer->shard);

    trainer->pass_steps = (int64_t)trainer_divide_up(trainer->item_count, trainer->batch);
    int64_t planned = settings->epochs * trainer->pass_steps;
    int64_t enough = (int64_t)trainer_divide_up((size_t)settings->minimum_steps, (size_t)planned);
    trainer->passes = enough > 1 ? enough : 1;
    trainer->steps = planned * trainer->passes;
}

/* A program for shards of `size` items, unless there is one. */
static enum status add_form(struct trainer *trainer, size_t size, struct error *error)
{
    const struct train_settings *settings = trainer->settings;

    for (size_t f = 0; f < trainer->form_count; f++)
        if ((size_t)trainer->forms[f].batch == size)
            return STATUS_OK;
    PASS(program_new(&trainer->forms[trainer->form_count], trainer_computed(trainer),
                     engine_of(settings->engine.kind), (enum precision)settings->precision,
                     (int)size, PROGRAM_TRAIN, error));
    trainer->form_count++;
    return STATUS_OK;
}

static enum status make_forms(struct trainer *trainer, struct error *error)
{
    size_t last_batch = trainer->item_count % trainer->batch;

    PASS(add_form(trainer, trainer->shard, error));
    if (trainer->batch % trainer->shard)
        PASS(add_form(trainer, trainer->batch % trainer->shard, error));
    if (last_batch % trainer->shard)
        PASS(add_form(trainer, last_batch % trainer->shard, error));
    return STATUS_OK;
}

/* Augmentations and the loss take turns. */
static size_t scratch_size(const struct trainer *trainer)
{
    struct shape in = trainer->network->input, out = trainer->network->output;
    size_t loss = trainer->loss->scratch ? trainer->loss->scratch(out) : 0, augment = 0;

    if (trainer->settings->augment.count)
        augment = shape_size(in) > shape_size(out) ? shape_size(in) : shape_size(out);
    return loss > augment ? loss : augment;
}

static enum status worker_init(struct trainer_thread *worker, const struct trainer *trainer,
                               struct error *error)
{
    size_t values;

    for (size_t f = 0; f < trainer->form_count; f++)
        PASS(executor_new(&worker->executors[f], &trainer->forms[f], NULL, error));
    if (!memory_multiply(trainer->shard, shape_size(trainer_target_shape(trainer)), &values))
        return error_set(error, STATUS_MEMORY, "a shard of %zu items is too large", trainer->shard);
    if (targets_of(trainer))
        PASS(memory_new(&worker->targets, values, sizeof(float), error));
    else
        PASS(memory_new(&worker->classes, trainer->shard, 1, error));
    if (rescale_ends(trainer->network))
        PASS(memory_new(&worker->outputs, values, sizeof(float), error));
    if (trainer->rounded)
        PASS(memory_new(&worker->gradients, trainer->rounded->network.parameters, sizeof(float),
                        error));
    return memory_new(&worker->scratch, scratch_size(trainer), sizeof(float), error);
}

/* What only some settings ask for. */
static enum status allocate_options(struct trainer *trainer, struct error *error)
{
    size_t parameters = trainer->network->parameters, statistics = trainer->network->statistics;
    size_t row = sizeof(float);

    trainer->computed = trainer->parameters;
    if (trainer->rounded)
        PASS(memory_new(&trainer->computed, trainer->rounded->network.parameters, row, error));
    if (trainer->settings->clip_norm > 0)
        PASS(memory_new(&trainer->norms, trainer_divide_up(parameters, TRAINER_CHUNK),
                        sizeof *trainer->norms, error));
    if (trainer->settings->average > 0) {
        PASS(memory_new(&trainer->average_parameters, parameters, row, error));
        PASS(memory_new(&trainer->average_statistics, statistics, row, error));
    }
    if (trainer->settings->early_stopping.patience > 0) {
        PASS(memory_new(&trainer->best_parameters, parameters, row, error));
        PASS(memory_new(&trainer->best_statistics, statistics, row, error));
    }
    return STATUS_OK;
}

static enum status trainer_allocate(struct trainer *trainer, struct error *error)
{
    const struct network *network = trainer->network;
    size_t row = sizeof(float), gradients, statistics, state;

    if (!memory_multiply(trainer->shard_count, network->parameters, &gradients) ||
        !memory_multiply(trainer->shard_count, network->statistics, &statistics) ||
        !memory_multiply((size_t)trainer->optimizer->slots, network->parameters, &state))
        return error_set(error, STATUS_MEMORY, "the gradients do not fit in memory");
    PASS(memory_new(&trainer->gradients, gradients, row, error));
    PASS(memory_new(&trainer->batch_statistics, statistics, row, error));
    PASS(memory_new(&trainer->optimizer_state, state, row, error));
    PASS(memory_new(&trainer->decays, network->parameters, 1, error));
    PASS(memory_new(&trainer->results, trainer->shard_count, sizeof *trainer->results, error));
    PASS(make_forms(trainer, error));
    size_t threads = trainer->threads > 1 ? (size_t)trainer->threads : 1;
    trainer->worker_count = trainer_smaller(threads, trainer->shard_count);
    PASS(memory_new(&trainer->workers, trainer->worker_count, sizeof *trainer->workers, error));
    for (size_t i = 0; i < trainer->worker_count; i++)
        PASS(worker_init(&trainer->workers[i], trainer, error));
    return STATUS_OK;
}

enum status trainer_prepare(struct trainer *trainer, struct error *error)
{
    if (trainer->network->parameters == 0)
        return error_set(error, STATUS_CONFIG,
                         "nothing to train: no layer of the network "
                         "has parameters");
    PASS(choose_items(trainer, error));
    PASS(check_targets(trainer, error));
    count_steps(trainer);
    PASS(trainer_allocate(trainer, error));
    return allocate_options(trainer, error);
}

void trainer_release(struct trainer *trainer)
{
    for (size_t i = 0; trainer->workers && i < trainer->worker_count; i++) {
        struct trainer_thread *worker = &trainer->workers[i];
        memory_free(worker->gradients);
        memory_free(worker->scratch);
        memory_free(worker->classes);
        memory_free(worker->targets);
        memory_free(worker->outputs);
        for (size_t f = 0; f < trainer->form_count; f++)
            executor_release(&worker->executors[f]);
    }
    memory_free(trainer->workers);
    for (size_t f = 0; f < trainer->form_count; f++)
        program_release(&trainer->forms[f]);
    if (trainer->rounded)
        memory_free(trainer->computed);
    memory_free(trainer->best_statistics);
    memory_free(trainer->best_parameters);
    memory_free(trainer->average_statistics);
    memory_free(trainer->average_parameters);
    memory_free(trainer->norms);
    memory_free(trainer->results);
    memory_free(trainer->decays);
    memory_free(trainer->optimizer_state);
    memory_free(trainer->batch_statistics);
    memory_free(trainer->gradients);
    memory_free(trainer->order);
    memory_free(trainer->kept);
}
