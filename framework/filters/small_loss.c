/*
 * Small losses, for labels that are classes.
 *
 * Networks learn what many labels agree on first and memorise exceptions later. So early in
 * training, after `epochs` epochs on all items, right labels have small losses, and the largest
 * `fraction` of
 *
 *     score_i = log sum_c exp z_i(c)  -  z_i(label_i)
 *
 * the cross-entropy of the scores z, is dropped: the selection step of co-teaching, made once for
 * the whole set instead of in each minibatch.
 *
 * Reference: B. Han, Q. Yao, X. Yu, G. Niu, M. Xu, W. Hu, I. Tsang, M. Sugiyama, "Co-teaching:
 * robust training of deep neural networks with extremely noisy labels", NeurIPS 2018. Cost: one
 * training of `epochs` epochs, and its outputs after each; a sort.
 */
#include "filters/drop.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct small_loss {
    double fraction;
    struct filter_network network;
};

#define AT(member) offsetof(struct small_loss, member)

static const struct field fields[] = {
    {"fraction", FIELD_REAL, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "0.05",
     .help = "share of the labels that is dropped: the share expected to be wrong"},
    FILTER_NETWORK_FIELDS(struct small_loss, "2"),
    {0},
};

static float cross_entropy(const float *scores, int class_count, uint8_t class)
{
    double most = (double)scores[0], sum = 0;

    for (int c = 1; c < class_count; c++)
        most = fmax(most, (double)scores[c]);
    for (int c = 0; c < class_count; c++)
        sum += exp((double)scores[c] - most);
    return (float)(log(sum) + most - (double)scores[class]);
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct small_loss *filter = config;
    enum status status = STATUS_OK;
    size_t items = input->labels->count, epochs = (size_t)filter->network.epochs;
    struct training_dynamics course = {.name = "cross_entropy",
                                       .classes = input->classes,
                                       .class_count = input->class_count,
                                       .measure = cross_entropy};
    float *losses = NULL;

    assert(input->classes && input->class_count > 0);
    if (drop_count(filter->fraction, items) == 0)
        goto out; /* nothing to drop: no need to train for it */
    TRY(memory_new(&losses, epochs * items, sizeof *losses, error));
    TRY(input->course(input->context, &filter->network, &course, losses, error));
    memcpy(result->score, losses + (epochs - 1) * items, items * sizeof *losses);
    TRY(drop_largest(filter->fraction, items, FILTER_LOSS, result, error));
out:
    memory_free(losses);
    return status;
}

const struct filter filter_small_loss = {
    .descriptor = {.name = "small_loss",
                   .summary = "drops the labels with the largest losses early in training",
                   .source = "Han et al., NeurIPS 2018",
                   .fields = fields,
                   .config_size = sizeof(struct small_loss),
                   .version = 1},
    .serves = SERVES_SCORES,
    .trains = true,
    .apply = apply,
};
