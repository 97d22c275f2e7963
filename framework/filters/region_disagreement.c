/*
 * Disagreement by regions, for labels that are masks.
 *
 * A pipeline that segments fails in places: it misses an object, invents one, merges two. So
 * regions are judged, not images: a network that never saw item i gives each of its pixels
 * probabilities, and a region r (filters/regions.h) is the more suspect the less these have of its
 * label,
 *
 *     score_r = 1/|r|  sum_{p in r} -log P_p(label(p))
 *
 * of which the largest `fraction` is dropped: its pixels are not trained on, the others of the
 * image are.
 *
 * References: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in
 * dataset labels", JAIR 70 (2021), whose out-of-fold predictions these are; V. Lad, J. Mueller,
 * "Estimating label quality and errors in semantic segmentation data via any model", 2023. Cost:
 * `folds` trainings of `epochs` epochs, a sort.
 */
#include "base/memory.h"
#include "filters/drop.h"
#include "filters/regions.h"

#include <assert.h>
#include <float.h>
#include <math.h>

struct region_disagreement {
    double fraction;
    int64_t folds;
    struct filter_network network;
};

#define AT(member) offsetof(struct region_disagreement, member)

static const struct field fields[] = {
    {"fraction", FIELD_REAL, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "0.05",
     .help = "share of the regions that is dropped"},
    {"folds", FIELD_INTEGER, AT(folds), .minimum = 2, .maximum = 100, .default_value = "2",
     .help = "number of parts; each is predicted by a network trained on the others"},
    FILTER_NETWORK_FIELDS(struct region_disagreement, "2"),
    {0},
};

static size_t least(const void *config, int class_count)
{
    (void)class_count;
    return (size_t)((const struct region_disagreement *)config)->folds; /* an image in each */
}

/* -log P(label) of each pixel; NaN where there is no label. */
static void surprises(const struct image_set *labels, const struct image_set *predictions,
                      float *values)
{
    for (size_t i = 0; i < labels->count; i++) {
        struct image label = image_set_at(labels, i), prediction = image_set_at(predictions, i);
        size_t plane = shape_plane(label.shape);
        for (size_t p = 0; p < plane; p++) {
            bool known = !isnan(label.pixels[p]);
            size_t class = known ? (size_t)label.pixels[p] : 0;
            float probability = prediction.pixels[class * plane + p];
            *values++ = known ? -logf(fmaxf(probability, FLT_MIN)) : (float)NAN;
        }
    }
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct region_disagreement *filter = config;
    enum status status = STATUS_OK;
    size_t units = filter_units(input), items = input->labels->count;
    size_t pixels = items ? input->labels->offsets[items] : 0;
    struct image_set predictions = {0};
    float *values = NULL;

    assert(input->regions);
    if (drop_count(filter->fraction, units) == 0)
        goto out; /* nothing to drop: no need to train for it */
    TRY(input->out_of_fold(input->context, &filter->network, (int)filter->folds, &predictions,
                           error));
    TRY(memory_new(&values, pixels, sizeof *values, error));
    surprises(input->labels, &predictions, values);
    TRY(region_means(input->regions, values, pixels, result->score, error));
    TRY(drop_largest(filter->fraction, units, FILTER_REGION, result, error));
out:
    memory_free(values);
    image_set_release(&predictions);
    return status;
}

const struct filter filter_region_disagreement = {
    .descriptor = {.name = "region_disagreement",
                   .summary = "drops the regions of masks that a network trained on the other "
                              "labels contradicts most",
                   .source = "Northcutt, Jiang, Chuang 2021; Lad, Mueller 2023",
                   .fields = fields,
                   .config_size = sizeof(struct region_disagreement),
                   .version = 1},
    .serves = SERVES_MASKS,
    .trains = true,
    .least = least,
    .apply = apply,
};
