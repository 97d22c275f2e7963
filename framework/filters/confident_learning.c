/*
 * Confident learning (filters/confident.c tells the method): networks that never saw an item give
 * its probabilities; what is confidently of another class than its label says is dropped.
 *
 * The score is 1 - p_i(label), and 1 more where the item is flagged: flagged items come first, the
 * least probable labels foremost. With a `fraction`, the first so many of that order are dropped,
 * flagged or not, so that filters and controls can be compared at equal counts.
 *
 * Reference: C. Northcutt, L. Jiang, I. Chuang, JAIR 70 (2021). Cost: `folds` trainings of `epochs`
 * epochs.
 */
#include "filters/confident.h"
#include "filters/drop.h"

#include "base/memory.h"

#include <assert.h>

struct confident_learning {
    int64_t prune;
    double fraction;
    int64_t folds;
    struct filter_network network;
};

static const char *const prunes[] = {[CONFIDENT_BY_CLASS] = "by_class",
                                     [CONFIDENT_BY_NOISE_RATE] = "by_noise_rate",
                                     [CONFIDENT_BOTH] = "both",
                                     [CONFIDENT_OFF_DIAGONAL] = "off_diagonal",
                                     NULL};

#define AT(member) offsetof(struct confident_learning, member)

static const struct field fields[] = {
    {"prune", FIELD_CHOICE, AT(prune), .default_value = "by_noise_rate", .choices = prunes,
     .help = "which items the joint counts of labels and confident predictions flag: for each "
             "label, the least probable; for each label and other class, those with the largest "
             "margin; those that both flag; those counted off the diagonal"},
    {"fraction", FIELD_SHARE, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "auto",
     .help = "share of the labels that is dropped, flagged ones first; auto: those that are "
             "flagged"},
    {"folds", FIELD_INTEGER, AT(folds), .minimum = 2, .maximum = 100, .default_value = "4",
     .help = "number of parts; each is predicted by a network trained on the others"},
    FILTER_NETWORK_FIELDS(struct confident_learning, "2"),
    {0},
};

static size_t least(const void *config, int class_count)
{
    (void)class_count;
    return (size_t)((const struct confident_learning *)config)->folds; /* an image in each */
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct confident_learning *filter = config;
    enum status status = STATUS_OK;
    struct image_set predictions = {0};
    struct confident confident = {0};
    size_t items = input->labels->count;
    uint8_t *flags = NULL;

    assert(input->classes && input->class_count > 0);
    TRY(memory_new(&flags, items, 1, error));
    TRY(input->out_of_fold(input->context, &filter->network, (int)filter->folds, &predictions,
                           error));
    TRY(confident_count(&confident, predictions.pixels, input->classes, items, input->class_count,
                        error));
    TRY(confident_flag(&confident, (enum confident_prune)filter->prune, flags, error));
    for (size_t i = 0; i < items; i++)
        result->score[i] =
            1 - image_set_at(&predictions, i).pixels[input->classes[i]] + (float)flags[i];
    TRY(drop_flagged(filter->fraction, items, flags, FILTER_CONFIDENT, result, error));
out:
    memory_free(flags);
    confident_release(&confident);
    image_set_release(&predictions);
    return status;
}

const struct filter filter_confident_learning = {
    .descriptor = {.name = "confident_learning",
                   .summary =
                       "drops labels where out-of-fold networks are confident of another class",
                   .source = "Northcutt, Jiang, Chuang, JAIR 70, 2021",
                   .fields = fields,
                   .config_size = sizeof(struct confident_learning),
                   .version = 1},
    .serves = SERVES_SCORES,
    .trains = true,
    .least = least,
    .apply = apply,
};
