/*
 * Disagreement by regions, for labels that are masks.
 *
 * A pipeline that segments fails in places: it misses an object, invents one, merges two. So
 * regions are judged, not images. A network that never saw item i gives probabilities P_p(j) of
 * class j at pixel p. It is confident of a class where it has at least the probability that pixels
 * of this label have on average,
 *
 *     t_j = mean of P_p(j) over pixels p with label j,
 *
 * and it contradicts a label where its largest probability is of another class, and confident. The
 * score of a region r (filters/regions.h) is the share of its pixels whose labels are contradicted;
 * among equal shares, more surprise counts as more suspect:
 *
 *     score_r = 1/|r|  sum_{p in r}  [p is contradicted] + 0.001 min(-log P_p(label(p)), 10)
 *
 * The largest `fraction` is dropped, or with `auto` all regions of which a quarter is contradicted:
 * as much as makes a region wrong (filters/errors.h). Their pixels are not trained on, the others
 * of the image are.
 *
 * References: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in
 * dataset labels", JAIR 70 (2021); V. Lad, J. Mueller, "Estimating label quality and errors in
 * semantic segmentation data via any model", 2023. Cost: `folds` trainings of `epochs` epochs, a
 * sort.
 */
#include "base/memory.h"
#include "filters/drop.h"
#include "filters/errors.h"
#include "filters/regions.h"
#include "math/metrics.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

struct region_disagreement {
    double fraction;
    int64_t folds;
    struct filter_network network;
};

#define AT(member) offsetof(struct region_disagreement, member)

static const struct field fields[] = {
    {"fraction", FIELD_SHARE, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "auto",
     .help = "share of the regions that is dropped; auto: all that are contradicted"},
    {"folds", FIELD_INTEGER, AT(folds), .minimum = 2, .maximum = 100, .default_value = "2",
     .help = "number of parts; each is predicted by a network trained on the others"},
    FILTER_NETWORK_FIELDS(struct region_disagreement, "20"),
    {0},
};

static size_t least(const void *config, int class_count)
{
    (void)class_count;
    return (size_t)((const struct region_disagreement *)config)->folds; /* an image in each */
}

/* thresholds[j]: how sure of class j the network is where that is the label. */
static void find_thresholds(const struct image_set *labels, const struct image_set *predictions,
                            int classes, double thresholds[METRICS_MAX_CLASSES])
{
    double counts[METRICS_MAX_CLASSES] = {0};

    memset(thresholds, 0, METRICS_MAX_CLASSES * sizeof *thresholds);
    for (size_t i = 0; i < labels->count; i++) {
        struct image label = image_set_at(labels, i), prediction = image_set_at(predictions, i);
        size_t plane = shape_plane(label.shape);
        for (size_t p = 0; p < plane; p++) {
            if (isnan(label.pixels[p]))
                continue;
            size_t class = (size_t)label.pixels[p];
            thresholds[class] += (double)prediction.pixels[class * plane + p];
            counts[class]++;
        }
    }
    for (int c = 0; c < classes; c++)
        thresholds[c] = counts[c] > 0 ? thresholds[c] / counts[c] : 1;
}

/* What pixel p has to say of its region. */
static float suspicion(struct image prediction, size_t p, size_t class, const double *thresholds)
{
    size_t plane = shape_plane(prediction.shape), best = 0;
    float surprise = -logf(fmaxf(prediction.pixels[class * plane + p], FLT_MIN));

    for (size_t c = 1; c < (size_t)prediction.shape.channels; c++)
        if (prediction.pixels[c * plane + p] > prediction.pixels[best * plane + p])
            best = c;
    bool contradicted =
        best != class && (double)prediction.pixels[best * plane + p] >= thresholds[best];
    return (float)contradicted + 0.001F * fminf(surprise, 10);
}

/* Of each pixel; NaN where there is no label. */
static void suspicions(const struct image_set *labels, const struct image_set *predictions,
                       float *values)
{
    double thresholds[METRICS_MAX_CLASSES];

    if (labels->count)
        find_thresholds(labels, predictions, predictions->shapes[0].channels, thresholds);
    for (size_t i = 0; i < labels->count; i++) {
        struct image label = image_set_at(labels, i), prediction = image_set_at(predictions, i);
        for (size_t p = 0; p < shape_plane(label.shape); p++)
            *values++ = isnan(label.pixels[p])
                            ? (float)NAN
                            : suspicion(prediction, p, (size_t)label.pixels[p], thresholds);
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
    uint8_t *flags = NULL;

    assert(input->regions);
    if (filter->fraction != (double)SHARE_AUTO && drop_count(filter->fraction, units) == 0)
        goto out; /* nothing to drop: no need to train for it */
    TRY(input->out_of_fold(input->context, &filter->network, (int)filter->folds, &predictions,
                           error));
    TRY(memory_new(&values, pixels, sizeof *values, error));
    suspicions(input->labels, &predictions, values);
    TRY(region_means(input->regions, values, pixels, result->score, error));
    TRY(memory_new(&flags, units, 1, error));
    for (size_t r = 0; r < units; r++)
        flags[r] = 100 * result->score[r] >= ERRORS_SHARE;
    TRY(drop_flagged(filter->fraction, units, flags, FILTER_REGION, result, error));
out:
    memory_free(flags);
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
                   .version = 2},
    .serves = SERVES_MASKS,
    .trains = true,
    .least = least,
    .apply = apply,
};
