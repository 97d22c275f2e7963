#include "trial/calibration.h"

#include "train/patches.h"

#include <string.h>

/* The first images of a split, as many as calibration wants, of those that a patch fits into. */
static enum status first_images(const struct trial *trial, const struct image_set *from,
                                struct image_set *images, struct error *error)
{
    enum status status = STATUS_OK;
    int64_t size = trial->experiment.dataset.patch.size;
    size_t most = (size_t)trial->experiment.quantize.images, count = 0;
    uint32_t *places = NULL;

    TRY(memory_new(&places, from->count, sizeof *places, error));
    for (size_t i = 0; i < from->count && count < most; i++)
        if (from->shapes[i].height >= size && from->shapes[i].width >= size)
            places[count++] = (uint32_t)i;
    TRY(image_set_select(images, from, places, count, error));
out:
    memory_free(places);
    return status;
}

/* What the network looks at to find ranges: unlabelled images, manual ones where there are none;
 * with patches, the first that training cuts from each. */
static enum status calibration_images(const struct trial *trial, const struct splits *splits,
                                      struct image_set *images, struct error *error)
{
    enum status status = STATUS_OK;
    int64_t size = trial->experiment.dataset.patch.size;
    struct image_set whole = {0}, unused = {0};

    TRY(first_images(trial, &splits->items[SPLIT_UNLABELLED].network_in, &whole, error));
    if (!whole.count) {
        image_set_release(&whole);
        TRY(first_images(trial, &splits->items[SPLIT_MANUAL].network_in, &whole, error));
    }
    if (size) {
        TRY(patches_cut(&whole, &whole, (int)size, 1, trial_random_key(trial), images, &unused,
                        error));
    } else {
        *images = whole;
        whole = (struct image_set){0};
    }
out:
    image_set_release(&unused);
    image_set_release(&whole);
    return status;
}

static enum status copy_ranges(const struct activation_ranges *from, struct activation_ranges *to,
                               struct error *error)
{
    *to = *from;
    to->nodes = NULL;
    PASS(memory_new(&to->nodes, from->count, sizeof *to->nodes, error));
    memcpy(to->nodes, from->nodes, from->count * sizeof *to->nodes);
    return STATUS_OK;
}

enum status trial_ranges(const struct trial *trial, const struct splits *splits,
                         const struct trained *trained, struct activation_ranges *ranges,
                         struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &trial->experiment;
    struct calibration how = experiment_calibration(experiment);
    struct image_set images = {0};

    if (trained->ranges.nodes)
        return copy_ranges(&trained->ranges, ranges, error);
    TRY(calibration_images(trial, splits, &images, error));
    TRY(calibrate_activations(&experiment->network, engine_of(experiment->train.engine.kind),
                              trained->parameters, trained->statistics, &images,
                              splits_label(splits), &how, ranges, error));
    ranges->weight_bits = experiment_weight_bits(experiment);
out:
    image_set_release(&images);
    return status;
}
