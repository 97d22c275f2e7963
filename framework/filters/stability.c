/*
 * Stability, for labels that are masks, numbers or maps of these.
 *
 * Where a pipeline is about to fail, little decides: an edge that is just found, a threshold that
 * is just passed. So the pipeline sees each input again, with a little noise and another
 * brightness, `changes` times, and what is most unlike its answer to the input as it is, is
 * dropped:
 *
 *     masks             mean over a region's pixels of the share of changes that give another class
 *     numbers and maps  mean of |changed answer - answer| in standard deviations of each number's
 *                       labels, over values and changes; a value that comes or goes counts 1
 *
 * Answers are compared with one another, never with the labels. No network is trained: what this
 * finds, it knows of the pipeline alone, and an error that is stable escapes it. References: the
 * idea is that of consistency under perturbation, as in P. Bachman, O. Alsharif, D. Precup,
 * "Learning with pseudo-ensembles", NeurIPS 2014. Cost: changes + 1 runs of the pipeline, a sort.
 */
#include "base/memory.h"
#include "filters/drop.h"
#include "filters/errors.h"
#include "filters/regions.h"

#include <math.h>

struct stability {
    double fraction;
    int64_t changes;
    double noise, brightness;
};

#define AT(member) offsetof(struct stability, member)

static const struct field fields[] = {
    {"fraction", FIELD_REAL, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "0.05",
     .help = "share of the labels, of masks of the regions, that is dropped"},
    {"changes", FIELD_INTEGER, AT(changes), .minimum = 1, .maximum = 100, .default_value = "3",
     .help = "how often the pipeline sees each input again"},
    {"noise", FIELD_REAL, AT(noise), .minimum = 0, .maximum = 1, .default_value = "0.02",
     .help = "standard deviation of the noise that is added, as a share of full scale"},
    {"brightness", FIELD_REAL, AT(brightness), .minimum = 0, .maximum = 1, .default_value = "0.02",
     .help = "largest change of brightness, as a share of full scale"},
    {0},
};

/* What is gathered over the changes. */
struct stability_sums {
    size_t pixels; /* of all answers */
    float *values; /* [pixels]: in how many changes the class is another one; NULL: no masks */
    double *deviations;
};

/* A class that comes or goes is another one; two pixels without are alike. */
static bool is_other(float a, float b)
{
    return isnan(a) || isnan(b) ? isnan(a) != isnan(b) : a != b;
}

static void compare(const struct image_set *answers, const struct image_set *changed,
                    const struct stability_sums *sums, float *score)
{
    for (size_t i = 0; sums->values && i < sums->pixels; i++)
        sums->values[i] += (float)is_other(answers->pixels[i], changed->pixels[i]);
    for (size_t i = 0; !sums->values && i < answers->count; i++)
        score[i] += residual_scaled(image_set_at(answers, i), image_set_at(changed, i),
                                    sums->deviations, 1);
}

static enum status measure(const struct stability *filter, const struct filter_input *input,
                           const struct stability_sums *sums, float *score, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set answers = {0}, changed = {0};
    struct filter_change change = {0};

    TRY(input->relabel(input->context, &change, &answers, error));
    change = (struct filter_change){filter->noise, filter->brightness, 0};
    for (; change.number < (int)filter->changes; change.number++) {
        TRY(input->relabel(input->context, &change, &changed, error));
        compare(&answers, &changed, sums, score);
        image_set_release(&changed);
    }
out:
    image_set_release(&changed);
    image_set_release(&answers);
    return status;
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct stability *filter = config;
    enum status status = STATUS_OK;
    size_t units = filter_units(input), items = input->labels->count;
    struct stability_sums sums = {.pixels = items ? input->labels->offsets[items] : 0};
    struct arena arena = {0};

    if (!input->relabel)
        TRY(error_set(error, STATUS_CONFIG,
                      "the pipeline cannot be asked again: its labels are "
                      "recorded"));
    if (drop_count(filter->fraction, units) == 0)
        goto out; /* nothing to drop: no need to ask for it */
    if (input->regions)
        TRY(memory_new(&sums.values, sums.pixels, sizeof *sums.values, error));
    TRY(label_deviations(input->labels, &arena, &sums.deviations, error));
    TRY(measure(filter, input, &sums, result->score, error));
    if (input->regions)
        TRY(region_means(input->regions, sums.values, sums.pixels, result->score, error));
    for (size_t u = 0; u < units; u++)
        result->score[u] /= (float)filter->changes;
    TRY(drop_largest(filter->fraction, units, FILTER_UNSTABLE, result, error));
out:
    arena_release(&arena);
    memory_free(sums.values);
    return status;
}

const struct filter filter_stability = {
    .descriptor = {.name = "stability",
                   .summary = "drops the labels, of masks the regions, that change most when the "
                              "pipeline sees its input a little changed",
                   .source = "after Bachman, Alsharif, Precup, NeurIPS 2014",
                   .fields = fields,
                   .config_size = sizeof(struct stability),
                   .version = 1},
    .serves = SERVES_MASKS | SERVES_NUMBERS | SERVES_MAPS,
    .asks_again = true,
    .apply = apply,
};
