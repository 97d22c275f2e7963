/*
 * The control: drops as many labels as another filter would, by lot. A filter that does not beat it
 * has only made the training set smaller.
 *
 * The items, or regions of masks, are put in a random order, and the first ones dropped. The order
 * depends on the key alone: of two fractions, the larger one drops what the smaller drops and more,
 * so that trials along that axis are paired. Cost: linear.
 */
#include "filters/drop.h"

struct random_filter {
    double fraction;
};

static const struct field fields[] = {
    {"fraction", FIELD_REAL, offsetof(struct random_filter, fraction), .minimum = 0, .maximum = 0.9,
     .default_value = "0.05", .help = "share of the labels that is dropped"},
    {0},
};

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct random_filter *filter = config;
    enum status status = STATUS_OK;
    size_t items = filter_units(input);
    struct random_stream stream = random_stream(input->key, RANDOM_FILTER, random_index(1, 0));
    uint32_t *order = NULL;

    TRY(memory_new(&order, items, sizeof *order, error));
    random_permutation(&stream, order, (uint32_t)items);
    for (size_t place = 0; place < items; place++)
        result->score[order[place]] = (float)(1 - (double)place / (double)items);
    for (size_t place = 0; place < drop_count(filter->fraction, items); place++)
        result->reason[order[place]] = FILTER_RANDOM;
out:
    memory_free(order);
    return status;
}

const struct filter filter_random = {
    .descriptor = {.name = "random",
                   .summary = "drops random labels: the control for every other filter",
                   .fields = fields,
                   .config_size = sizeof(struct random_filter),
                   .version = 1},
    .serves = SERVES_ALL,
    .apply = apply,
};
