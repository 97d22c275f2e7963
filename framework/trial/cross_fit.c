/*
 * Items are dealt to k folds; for each fold a fresh network is trained on the others and predicts
 * the fold. So no prediction comes from a network that has seen the item's label: what it merely
 * memorised cannot hide a wrong label. Cost: (k - 1) trainings' worth of steps on all items, for k
 * folds.
 *
 * Classes are dealt one after the other, each in a random order, round and round: every fold has
 * its share of each (stratified). Patches of one image overlap: they go to one fold, together.
 */
#include "trial/cross_fit.h"

#include "base/work.h"
#include "train/auxiliary_network.h"

#include <string.h>

static struct random_key key_of(const struct cross_fit *fits)
{
    struct random_key key = {(uint64_t)fits->trial->experiment.seed, fits->trial->replicate};
    return key;
}

/* How many images the items were cut from. */
static size_t image_count(const struct training_set *items)
{
    size_t most = 0;

    for (size_t i = 0; i < items->inputs.count; i++)
        most = items->source[i] >= most ? items->source[i] + 1 : most;
    return most;
}

enum status cross_fit_deal(const struct training_set *items, struct random_key key, int folds,
                           uint32_t *fold, struct error *error)
{
    enum status status = STATUS_OK;
    size_t images = image_count(items), dealt = 0, count = (size_t)folds;
    struct random_stream stream = random_stream(key, RANDOM_FILTER, 0);
    uint32_t *order = NULL, *of_image = NULL;

    if (images < count)
        TRY(error_set(error, STATUS_CONFIG, "filter.folds: %d folds of only %zu images", folds,
                      images));
    TRY(memory_new(&order, images, sizeof *order, error));
    TRY(memory_new(&of_image, images, sizeof *of_image, error));
    random_permutation(&stream, order, (uint32_t)images);
    for (size_t k = 0; k < count; k++)
        for (size_t i = images * k / count; i < images * (k + 1) / count; i++)
            of_image[order[i]] = (uint32_t)k;
    /* Classes are of whole images: item i is image i. */
    for (int c = 0; items->classes && c <= UINT8_MAX; c++)
        for (size_t i = 0; i < images; i++)
            if (items->classes[order[i]] == c)
                of_image[order[i]] = (uint32_t)(dealt++ % count);
    for (size_t i = 0; i < items->inputs.count; i++)
        fold[i] = of_image[items->source[i]];
out:
    memory_free(order);
    memory_free(of_image);
    return status;
}

/* The key that a training's values are kept under. `what` is what is asked for, beside network and
 * epochs; `classes` (may be NULL) what is trained on instead of the items' own. */
static enum status fit_key(const struct cross_fit *fits, const struct filter_network *network,
                           const char *what, const uint8_t *classes, char key[HASH_TEXT],
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct component *family = network->family.kind ? &network->family : NULL;
    struct text text = {0};
    struct hash hash = {0};

    TRY(plan_fit_text(fits->plan, fits->trial, family, &text, error));
    text_append(&text, "epochs: %lld\n%s\n", (long long)network->epochs, what);
    TRY(text_status(&text, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, text.bytes, error));
    TRY(hash_text(&hash, fits->dataset_sha256, error));
    if (classes)
        TRY(hash_bytes(&hash, classes, fits->items->inputs.count, error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    text_release(&text);
    return status;
}

/* What is kept under the key, if there is such and it is of this size. If not, the caller keeps it
 * or abandons the key. */
static enum status recall(const struct cross_fit *fits, const char *key, float *values,
                          size_t count, bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};

    TRY(step_cache_recall_part(fits->steps, TRIAL_FILTER, key, &record, found, error));
    const struct hdf5_array *array = *found ? record_find(&record, "values") : NULL;
    *found = array && array->type == HDF5_FLOAT32 && array->rank == 1 && array->dims[0] == count;
    if (*found && count)
        memcpy(values, array->values, count * sizeof *values);
out:
    record_release(&record);
    return status;
}

static enum status keep(const struct cross_fit *fits, const char *key, float *values, size_t count,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct hdf5_array array = {.type = HDF5_FLOAT32, .rank = 1, .dims = {count}, .values = values};

    TRY(record_array(&record, "values", &array, error));
    TRY(step_cache_keep_part(fits->steps, TRIAL_FILTER, key, &record, error));
out:
    record_release(&record);
    return status;
}

static struct auxiliary_task network_task(const struct cross_fit *fits,
                                          const struct filter_network *network)
{
    const struct experiment *experiment = &fits->trial->experiment;

    return (struct auxiliary_task){.family = network->family.kind ? &network->family
                                                                  : &experiment->network,
                                   .train = &experiment->train,
                                   .epochs = network->epochs,
                                   .items = training_set_train(fits->items, NULL),
                                   .answer = fits->items->answer,
                                   .key = key_of(fits),
                                   .threads = fits->threads};
}

/* One fold: its members, and where their predictions go, one after the other. */
struct fold {
    const uint8_t *held_out;
    const uint32_t *members;
    size_t count, floats;
    float *values; /* [floats] */
};

static void to_probabilities(struct image_set *scores)
{
    for (size_t i = 0; i < scores->count; i++) {
        struct image image = image_set_at(scores, i);
        size_t plane = shape_plane(image.shape);
        for (size_t p = 0; p < plane; p++)
            auxiliary_softmax(image.pixels + p, image.shape.channels, plane);
    }
}

/* The shape of what is predicted for an item: of masks a probability of each class at each pixel.
 */
static struct shape prediction_shape(const struct training_set *items, size_t item)
{
    struct shape shape = items->targets.shapes[item];

    if (items->answer.content == CONTENT_MASK)
        shape.channels = items->answer.count;
    return shape;
}

/* Train on the items that are not held out, predict those that are. */
static enum status compute_fold(const struct cross_fit *fits, const struct filter_network *network,
                                const struct fold *fold, struct error *error)
{
    enum status status = STATUS_OK;
    struct auxiliary_task task = network_task(fits, network);
    struct image_set inputs = {0}, outputs = {0};
    struct auxiliary_network fit = {0};

    task.items.dropped = fold->held_out;
    TRY(fit_network(&fit, &task, NULL, NULL, error));
    TRY(image_set_select(&inputs, &fits->items->inputs, fold->members, fold->count, error));
    if (task.items.masks)
        TRY(auxiliary_scores(&fit, &inputs, fits->threads, &outputs, error));
    else
        TRY(auxiliary_outputs(&fit, &inputs, fits->threads, &outputs, error));
    if (task.items.masks || fits->items->classes)
        to_probabilities(&outputs);
    if (fold->floats)
        memcpy(fold->values, outputs.pixels, fold->floats * sizeof *fold->values);
out:
    auxiliary_release(&fit);
    image_set_release(&inputs);
    image_set_release(&outputs);
    return status;
}

static enum status one_fold(const struct cross_fit *fits, const struct filter_network *network,
                            const char *what, const struct fold *fold, struct error *error)
{
    enum status status = STATUS_OK;
    bool found, claimed = false;
    char key[HASH_TEXT];

    if (!fits->steps)
        return compute_fold(fits, network, fold, error);
    TRY(fit_key(fits, network, what, NULL, key, error));
    TRY(recall(fits, key, fold->values, fold->floats, &found, error));
    if (found)
        goto out;
    claimed = true;
    TRY(compute_fold(fits, network, fold, error));
    TRY(keep(fits, key, fold->values, fold->floats, error));
    claimed = false;
out:
    if (claimed)
        step_cache_abandon(fits->steps, key);
    return status;
}

/* The members of fold k, the mask of them, and room for their predictions. */
struct room {
    uint32_t *fold, *members;
    uint8_t *held_out;
    float *values;
};

static struct fold choose_fold(const struct room *room, const struct training_set *items,
                               uint32_t k)
{
    struct fold fold = {room->held_out, room->members, 0, 0, room->values};

    for (size_t i = 0; i < items->targets.count; i++) {
        room->held_out[i] = room->fold[i] == k;
        if (!room->held_out[i])
            continue;
        room->members[fold.count++] = (uint32_t)i;
        fold.floats += shape_size(prediction_shape(items, i));
    }
    return fold;
}

static enum status all_folds(const struct cross_fit *fits, const struct filter_network *network,
                             int folds, const struct room *room, struct image_set *predictions,
                             struct error *error)
{
    enum status status = STATUS_OK;
    char what[64];
    int work = work_begin((size_t)folds, "trainings");

    for (int k = 0; k < folds; k++) {
        struct fold fold = choose_fold(room, fits->items, (uint32_t)k);
        const float *from = fold.values;
        snprintf(what, sizeof what, "fold: %d of %d", k, folds);
        TRY(one_fold(fits, network, what, &fold, error));
        for (size_t i = 0; i < fold.count; i++) {
            struct image to = image_set_at(predictions, fold.members[i]);
            memcpy(to.pixels, from, shape_size(to.shape) * sizeof *from);
            from += shape_size(to.shape);
        }
        work_did(work, 1);
    }
out:
    work_end(work);
    return status;
}

enum status cross_fit_out_of_fold(void *context, const struct filter_network *network, int folds,
                                  struct image_set *predictions, struct error *error)
{
    enum status status = STATUS_OK;
    const struct cross_fit *fits = context;
    size_t count = fits->items->targets.count;
    struct shape *shapes = NULL;
    struct room room = {0};

    memset(predictions, 0, sizeof *predictions);
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        shapes[i] = prediction_shape(fits->items, i);
    TRY(image_set_new(predictions, count, shapes, error));
    TRY(memory_new(&room.fold, count, sizeof *room.fold, error));
    TRY(memory_new(&room.members, count, sizeof *room.members, error));
    TRY(memory_new(&room.held_out, count, sizeof *room.held_out, error));
    TRY(memory_new(&room.values, predictions->offsets[count], sizeof *room.values, error));
    TRY(cross_fit_deal(fits->items, key_of(fits), folds, room.fold, error));
    TRY(all_folds(fits, network, folds, &room, predictions, error));
out:
    memory_free(shapes);
    memory_free(room.fold);
    memory_free(room.members);
    memory_free(room.held_out);
    memory_free(room.values);
    if (status != STATUS_OK)
        image_set_release(predictions);
    return status;
}

/* A course under way. */
struct watch {
    const struct cross_fit *fits;
    const struct training_dynamics *course;
    float *values;
};

static enum status measure(void *context, const struct auxiliary_network *fit, int64_t epoch,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const struct watch *watch = context;
    const struct training_dynamics *course = watch->course;
    const struct image_set *inputs = &watch->fits->items->inputs;
    float *values = watch->values + (size_t)(epoch - 1) * inputs->count;
    struct image_set outputs = {0};

    TRY(auxiliary_outputs(fit, inputs, watch->fits->threads, &outputs, error));
    for (size_t i = 0; i < inputs->count; i++)
        values[i] = course->measure(image_set_at(&outputs, i).pixels, course->class_count,
                                    course->classes[i]);
out:
    image_set_release(&outputs);
    return status;
}

enum status cross_fit_course(void *context, const struct filter_network *network,
                             const struct training_dynamics *course, float *values,
                             struct error *error)
{
    enum status status = STATUS_OK;
    const struct cross_fit *fits = context;
    struct watch watch = {fits, course, values};
    struct auxiliary_task task = network_task(fits, network);
    size_t count = (size_t)network->epochs * fits->items->inputs.count;
    struct auxiliary_network fit = {0};
    bool found = false, claimed = false;
    char what[96], key[HASH_TEXT];

    task.items.targets = NULL; /* the pipeline's scores are not of these classes */
    task.items.classes = course->classes;
    task.answer.count = course->class_count;
    if (fits->steps) {
        snprintf(what, sizeof what, "course: %s of %d", course->name, course->class_count);
        TRY(fit_key(fits, network, what, course->classes, key, error));
        TRY(recall(fits, key, values, count, &found, error));
        claimed = !found;
    }
    if (found)
        goto out;
    TRY(fit_network(&fit, &task, measure, &watch, error));
    if (fits->steps)
        TRY(keep(fits, key, values, count, error));
    claimed = false;
out:
    if (claimed)
        step_cache_abandon(fits->steps, key);
    auxiliary_release(&fit);
    return status;
}
