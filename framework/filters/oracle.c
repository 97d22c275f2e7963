/*
 * The control that knows: drops what is truly wrong. No method can do it, for it reads the ground
 * truth of the images that nobody has labelled; it tells how much there is to win.
 *
 * A class is wrong where it is not the true one, an image or numbers where the residual to the
 * truth is unusually large, a region of a mask where much of it is of another class
 * (filters/errors.h). With a `fraction`, the first so many are dropped: wrong classes in the items'
 * order and then right ones, images from the largest residual on.
 *
 * The only filter that is shown ground truth; the results say so in the column filter.sees_truth.
 * Cost: linear, a sort.
 */
#include "filters/drop.h"
#include "filters/errors.h"

#include <assert.h>

struct oracle {
    double fraction;
};

static const struct field fields[] = {
    {"fraction", FIELD_SHARE, offsetof(struct oracle, fraction), .minimum = 0, .maximum = 0.9,
     .default_value = "auto",
     .help = "share of the labels that is dropped; auto: all that are wrong"},
    {0},
};

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct oracle *filter = config;
    enum status status = STATUS_OK;
    size_t items = filter_units(input);
    uint8_t *wrong = NULL;

    assert(input->true_classes || input->true_labels);
    TRY(memory_new(&wrong, items, 1, error));
    TRY(label_errors(input, wrong, result->score, error));
    TRY(drop_flagged(filter->fraction, items, wrong, FILTER_TRUTH, result, error));
out:
    memory_free(wrong);
    return status;
}

const struct filter filter_oracle = {
    .descriptor = {.name = "oracle",
                   .summary = "drops the labels that are truly wrong: a control that reads ground "
                              "truth, not a method",
                   .fields = fields,
                   .config_size = sizeof(struct oracle),
                   .version = 1},
    .serves = SERVES_ALL,
    .sees_truth = true,
    .apply = apply,
};
