/*
 * Augmentation of a training item, after it was copied into the shard. Draws are keyed by the pass
 * over the items and the item, so that neither threads, shards nor a resumed training change them.
 * An item's augmentations draw from one stream, one after the other.
 */
#include "graph/rescale.h"
#include "interfaces/augmentation.h"
#include "train/trainer.h"

#include <math.h>

enum { ALL_PASSES = 0 }; /* passes count from 1 */

static struct random_stream stream_of(const struct trainer *trainer, int64_t pass, uint32_t item)
{
    return random_stream(trainer->key, RANDOM_AUGMENT, (uint64_t)pass << 32 | item);
}

void trainer_augment(const struct trainer *trainer, uint32_t item, float *input, float *target,
                     float *scratch)
{
    const struct component_list *list = &trainer->settings->augment;
    struct random_stream stream = stream_of(trainer, trainer->pass, item);

    for (size_t k = 0; k < list->count; k++) {
        const struct augmentation *kind = augmentation_of(list->items[k].kind);
        struct random_stream same = stream;
        struct augmentation_call call = {
            .config = list->items[k].config,
            .pass = trainer->pass,
            .stream = &stream,
            .item = stream_of(trainer, ALL_PASSES, item),
            .scratch = scratch,
        };
        kind->apply(&call, (struct image){trainer->network->input, input});
        call.stream = &same;
        call.blank = trainer->items->masks || rescale_ends(trainer->network) ? (float)NAN : 0;
        if (target && !kind->input_only)
            kind->apply(&call, (struct image){trainer_target_shape(trainer), target});
    }
}

bool trainer_changes_targets(const struct trainer *trainer)
{
    enum loss_targets targets = trainer->loss->targets;
    bool numbers = trainer->network->output.height == 1 && trainer->network->output.width == 1 &&
                   shape_plane(trainer->network->input) > 1;

    return trainer->items->masks || ((targets == LOSS_VALUES || targets == LOSS_IMAGES) &&
                                     !(numbers && rescale_ends(trainer->network)));
}

enum status trainer_check_augment(const struct trainer *trainer, struct error *error)
{
    enum status status = STATUS_OK;
    const struct component_list *list = &trainer->settings->augment;
    struct shape in = trainer->network->input, out = trainer->network->output;

    for (size_t k = 0; k < list->count; k++) {
        const struct augmentation *kind = augmentation_of(list->items[k].kind);
        if (trainer_changes_targets(trainer) && !kind->input_only &&
            (in.height != out.height || in.width != out.width))
            TRY(error_set(error, STATUS_CONFIG,
                          "'%s' changes inputs and labels alike; inputs of %d x %d and labels of "
                          "%d x %d do not go together",
                          kind->descriptor.name, in.height, in.width, out.height, out.width));
        if (kind->check)
            TRY(kind->check(list->items[k].config, in, error));
    }
out:
    if (status != STATUS_OK)
        error_context(error, "train.augment");
    return status;
}
