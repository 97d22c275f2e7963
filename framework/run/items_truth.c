/* The other side of the wall: what the items' labels should be, for evaluation and for the control
 * that knows (kinds/filter.h). */
#include "base/memory.h"
#include "run/items.h"

#include <string.h>

bool items_have_truth(const struct experiment *experiment, const struct prepared *prepared)
{
    return experiment->train.labels == LABELS_PIPELINE && prepared->last == prepared->stages;
}

enum status items_truth(const struct items *items, const struct prepared *prepared,
                        struct truth *truth, struct error *error)
{
    enum status status = STATUS_OK;
    const struct truth *all = &prepared->truth[SPLIT_UNLABELLED];
    size_t count = items->inputs.count;

    memset(truth, 0, sizeof *truth);
    if (items->classes) {
        TRY(memory_new(&truth->classes, count, 1, error));
        for (size_t i = 0; i < count; i++)
            truth->classes[i] = all->classes[items->source[i]];
        goto out;
    }
    TRY(image_set_new(&truth->images, count, items->targets.shapes, error));
    for (size_t i = 0; i < count; i++)
        items_cut(image_set_at(&all->images, items->source[i]),
                  items->corners ? items->corners[2 * i] : 0,
                  items->corners ? items->corners[2 * i + 1] : 0, image_set_at(&truth->images, i));
out:
    if (status != STATUS_OK)
        truth_release(truth);
    return status;
}
