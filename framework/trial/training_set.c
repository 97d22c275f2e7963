#include "trial/training_set.h"

#include "base/memory.h"
#include "train/patches.h"
#include "trial/degrade.h"

#include <string.h>

/* Where inputs and targets come from, before patches are cut. */
struct source {
    const struct splits *splits;
    enum split_name split;
    const struct image_set *inputs, *targets; /* targets NULL: classes alone */
    const uint8_t *classes;                   /* NULL: argmax of targets, or none */
    bool scores;                              /* targets are class scores */
};

static struct source choose(const struct experiment *experiment, const struct splits *splits)
{
    bool scores = splits->label_content == CONTENT_SCORES;
    bool manual = experiment->train.labels == LABELS_MANUAL;
    enum split_name name = manual ? SPLIT_MANUAL : SPLIT_UNLABELLED;
    const struct split *split = &splits->items[name];
    struct source source = {
        .splits = splits, .split = name, .inputs = &split->network_in, .scores = scores};

    if (experiment->train.labels == LABELS_PIPELINE) {
        source.targets = &split->label;
    } else {
        const struct truth *truth = &splits->truth[name];
        source.targets = scores ? NULL : &truth->images;
        source.classes = scores ? truth->classes : NULL;
    }
    return source;
}

static enum status patch_check(const struct source *source, int size, struct error *error)
{
    char name[SPLITS_IMAGE];

    for (size_t i = 0; i < source->inputs->count; i++) {
        struct shape in = source->inputs->shapes[i];
        if (!source->targets || source->targets->shapes[i].height != in.height ||
            source->targets->shapes[i].width != in.width)
            return error_set(error, STATUS_CONFIG,
                             "dataset.patch: patches need labels that are images of the input's "
                             "size");
        if (in.height < size || in.width < size)
            return error_set(
                error, STATUS_CONFIG,
                "dataset.patch.size: a patch of %d pixels does not fit in %s, which has "
                "%d x %d",
                size, splits_image(source->splits, source->split, i, name), in.width, in.height);
    }
    return STATUS_OK;
}

static enum status make_patches(struct training_set *items, const struct source *source, int size,
                                size_t per_image, struct random_key key, struct error *error)
{
    PASS(patch_check(source, size, error));
    PASS(patches_cut(source->inputs, source->targets, size, per_image, key, &items->inputs,
                     &items->targets, error));
    PASS(memory_new(&items->source, items->inputs.count, sizeof *items->source, error));
    for (size_t p = 0; p < items->inputs.count; p++)
        items->source[p] = p / per_image;
    return STATUS_OK;
}

static enum status check_uniform(const struct source *source, struct error *error)
{
    const struct image_set *inputs = source->inputs;
    char one[SPLITS_IMAGE], other[SPLITS_IMAGE];

    for (size_t i = 1; i < inputs->count; i++)
        if (!shape_equal(inputs->shapes[i], inputs->shapes[0]))
            return error_set(error, STATUS_CONFIG,
                             "dataset: the images differ in size; training needs `patch: {size: "
                             "…}`: %s has %d x %d pixels, %s %d x %d",
                             splits_image(source->splits, source->split, 0, one),
                             inputs->shapes[0].width, inputs->shapes[0].height,
                             splits_image(source->splits, source->split, i, other),
                             inputs->shapes[i].width, inputs->shapes[i].height);
    return STATUS_OK;
}

static enum status whole_images(struct training_set *items, const struct source *source,
                                struct error *error)
{
    size_t count = source->inputs->count;

    PASS(check_uniform(source, error));
    PASS(image_set_copy(&items->inputs, source->inputs, error));
    if (source->targets)
        PASS(image_set_copy(&items->targets, source->targets, error));
    PASS(memory_new(&items->source, count, sizeof *items->source, error));
    for (size_t i = 0; i < count; i++)
        items->source[i] = i;
    if (source->scores) {
        PASS(memory_new(&items->classes, count, sizeof *items->classes, error));
        for (size_t i = 0; i < count; i++)
            items->classes[i] =
                source->classes ? source->classes[i]
                                : (uint8_t)metrics_argmax(image_set_at(source->targets, i).pixels,
                                                          source->targets->shapes[i].channels);
    }
    return STATUS_OK;
}

enum status training_set_shape(const struct experiment *experiment, const struct splits *splits,
                               struct shape *shape, struct error *error)
{
    struct source source = choose(experiment, splits);

    if (source.inputs->count == 0)
        return error_set(error, STATUS_CONFIG,
                         "train.labels: there is no image to train on; dataset.%s is 0",
                         experiment->train.labels == LABELS_MANUAL ? "manual" : "unlabelled");
    *shape = source.inputs->shapes[0];
    if (experiment->dataset.patch.size > 0)
        shape->height = shape->width = (int)experiment->dataset.patch.size;
    return STATUS_OK;
}

/* The labels, as the camera would have given them. */
static enum status redegrade(const struct experiment *experiment, const struct splits *splits,
                             const struct source *source, struct random_key key, int threads,
                             struct image_set *inputs, struct error *error)
{
    bool manual = experiment->train.labels == LABELS_MANUAL;
    const struct split *split = &splits->items[manual ? SPLIT_MANUAL : SPLIT_UNLABELLED];
    struct degrade_draws draws = {key, RANDOM_REDEGRADE, POOL_TRAIN, split->pool_index};

    PASS(image_set_copy(inputs, source->targets, error));
    return degrade_images(&experiment->dataset.degrade, inputs, &draws, NULL, threads, error);
}

enum status training_set_make(struct training_set *items, const struct experiment *experiment,
                              const struct splits *splits, struct random_key key, int threads,
                              struct error *error)
{
    struct source source = choose(experiment, splits);
    int64_t size = experiment->dataset.patch.size;
    struct image_set inputs = {0};
    enum status status = STATUS_OK;
    struct shape shape;

    memset(items, 0, sizeof *items);
    TRY(training_set_shape(experiment, splits, &shape, error));
    items->answer = splits_label(splits);
    if (experiment->train.input == INPUT_REDEGRADED) {
        TRY(redegrade(experiment, splits, &source, key, threads, &inputs, error));
        source.inputs = &inputs;
    }
    if (size > 0)
        status = make_patches(items, &source, (int)size,
                              (size_t)experiment->dataset.patch.per_image, key, error);
    else
        status = whole_images(items, &source, error);
out:
    image_set_release(&inputs);
    if (status != STATUS_OK)
        training_set_release(items);
    return status;
}

bool training_set_have_truth(const struct experiment *experiment, const struct splits *splits)
{
    return experiment->train.labels == LABELS_PIPELINE && splits->last == splits->stages &&
           truth_is_whole(&splits->truth[SPLIT_UNLABELLED],
                          splits->items[SPLIT_UNLABELLED].input.count);
}

enum status training_set_cut(const struct experiment *experiment, const struct splits *splits,
                             const struct image_set *labels, struct random_key key,
                             struct image_set *cut, struct error *error)
{
    enum status status = STATUS_OK;
    int size = (int)experiment->dataset.patch.size;
    struct source source = {.splits = splits,
                            .split = SPLIT_UNLABELLED,
                            .inputs = &splits->items[SPLIT_UNLABELLED].network_in,
                            .targets = labels};
    struct training_set twin = {0}; /* the same, with these labels */

    if (size == 0)
        return image_set_copy(cut, labels, error);
    TRY(make_patches(&twin, &source, size, (size_t)experiment->dataset.patch.per_image, key,
                     error));
    *cut = twin.targets;
    twin.targets = (struct image_set){0};
out:
    training_set_release(&twin);
    return status;
}

enum status training_set_truth(const struct training_set *items,
                               const struct experiment *experiment, const struct splits *splits,
                               struct random_key key, struct truth *truth, struct error *error)
{
    enum status status = STATUS_OK;
    const struct truth *all = &splits->truth[SPLIT_UNLABELLED];
    size_t count = items->inputs.count;

    memset(truth, 0, sizeof *truth);
    if (!items->classes)
        return training_set_cut(experiment, splits, &all->images, key, &truth->images, error);
    TRY(memory_new(&truth->classes, count, 1, error));
    for (size_t i = 0; i < count; i++)
        truth->classes[i] = all->classes[items->source[i]];
out:
    return status;
}

struct train_items training_set_train(const struct training_set *items, const uint8_t *dropped)
{
    return (struct train_items){.inputs = &items->inputs,
                                .targets = items->targets.count ? &items->targets : NULL,
                                .masks = items->answer.content == CONTENT_MASK,
                                .classes = items->classes,
                                .dropped = dropped};
}

void training_set_release(struct training_set *items)
{
    image_set_release(&items->inputs);
    image_set_release(&items->targets);
    memory_free(items->classes);
    memory_free(items->source);
    memset(items, 0, sizeof *items);
}
