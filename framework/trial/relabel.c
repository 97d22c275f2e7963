#include "trial/relabel.h"

#include "chain/chain.h"

enum { CHANGES = 2 }; /* draws of filters with lower numbers are for folds and orders */

bool relabel_possible(const struct splits *splits)
{
    return !(splits->recorded && splits->first == 0);
}

/* Draws belong to the image and the change's number. */
static void change_image(const struct filter_change *change, struct random_stream *stream,
                         struct image image)
{
    double offset = change->brightness * (2 * random_uniform(stream) - 1);

    for (size_t i = 0; i < shape_size(image.shape); i++)
        image.pixels[i] += (float)(offset + change->noise * random_normal(stream));
}

enum status relabel_items(const struct relabel *relabel, const struct filter_change *change,
                          struct image_set *labels, struct error *error)
{
    enum status status = STATUS_OK;
    const struct splits *splits = relabel->splits;
    const struct split *split = &splits->items[SPLIT_UNLABELLED];
    struct image_names names = splits_image_names(splits, SPLIT_UNLABELLED);
    struct random_key key = trial_random_key(relabel->trial);
    struct image_set inputs = {0}, answers = {0};
    bool changes = change->noise > 0 || change->brightness > 0;

    TRY(image_set_copy(&inputs, &split->network_in, error));
    for (size_t i = 0; changes && i < inputs.count; i++) {
        uint32_t number = CHANGES + (uint32_t)change->number;
        struct random_stream stream =
            random_stream(key, RANDOM_FILTER, random_index(number, split->pool_index[i]));
        change_image(change, &stream, image_set_at(&inputs, i));
    }
    TRY(chain_run(&splits->chain, splits->first, splits->last, &inputs, &names, relabel->threads,
                  &answers, error));
    TRY(training_set_cut(&relabel->trial->experiment, splits, &answers, key, labels, error));
out:
    chain_rest(&splits->chain);
    image_set_release(&inputs);
    image_set_release(&answers);
    return status;
}
