/*
 * Residuals by patches, for labels that are images.
 *
 * A pipeline often fails in one place of an image only, and the mean over all of it hides that. So:
 * a network that never saw item i predicts it, the image is laid out with squares Q of `patch`
 * pixels, and the score is that of the worst,
 *
 *     score_i = max over Q of 1/|Q|  sum_{p in Q} (prediction_i(p) - label_i(p))^2
 *
 * of which the largest `fraction` is dropped. An item is kept or dropped as a whole: one bad square
 * is enough. Where training is to lose the bad place alone, let `dataset.patch` cut the images:
 * then the items are patches themselves, and a larger `fraction` costs no whole image.
 *
 * It is residual_trim (Rousseeuw, JASA 79, 1984) with a maximum in the mean's place; with one
 * square an image the two are the same. Cost: `folds` trainings of `epochs` epochs, a sort.
 */
#include "filters/drop.h"
#include "filters/errors.h"

struct patch_residual {
    double fraction;
    int64_t patch, folds;
    struct filter_network network;
};

#define AT(member) offsetof(struct patch_residual, member)

static const struct field fields[] = {
    {"fraction", FIELD_REAL, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "0.05",
     .help = "share of the labels that is dropped"},
    {"patch", FIELD_INTEGER, AT(patch), .minimum = 1, .maximum = 4096, .default_value = "8",
     .unit = "pixels", .help = "side of the squares; the worst one of an image counts"},
    {"folds", FIELD_INTEGER, AT(folds), .minimum = 2, .maximum = 100, .default_value = "2",
     .help = "number of parts; each is predicted by a network trained on the others"},
    FILTER_NETWORK_FIELDS(struct patch_residual, "2"),
    {0},
};

static size_t least(const void *config, int class_count)
{
    (void)class_count;
    return (size_t)((const struct patch_residual *)config)->folds; /* an image in each */
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct patch_residual *filter = config;
    enum status status = STATUS_OK;
    size_t items = input->labels->count;
    struct image_set predictions = {0};

    if (drop_count(filter->fraction, items) == 0)
        goto out; /* nothing to drop: no need to train for it */
    TRY(input->out_of_fold(input->context, &filter->network, (int)filter->folds, &predictions,
                           error));
    for (size_t i = 0; i < items; i++)
        result->score[i] = residual_worst(image_set_at(&predictions, i),
                                          image_set_at(input->labels, i), (int)filter->patch);
    TRY(drop_largest(filter->fraction, items, FILTER_PATCH, result, error));
out:
    image_set_release(&predictions);
    return status;
}

const struct filter filter_patch_residual = {
    .descriptor = {.name = "patch_residual",
                   .summary =
                       "drops labels with the worst-predicted patch, by a network trained on "
                       "the other labels",
                   .source = "after Rousseeuw, JASA 79, 1984",
                   .fields = fields,
                   .config_size = sizeof(struct patch_residual),
                   .version = 1},
    .serves = SERVES_IMAGES,
    .trains = true,
    .least = least,
    .apply = apply,
};
