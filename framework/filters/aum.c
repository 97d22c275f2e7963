/*
 * Area under the margin, for labels that are classes.
 *
 * While a network is trained, the gradients of similar items push an item's scores z towards what
 * these are labelled as. Over the course of T epochs, a wrong label therefore has a small, often
 * negative mean margin
 *
 *     AUM_i = 1/T  sum_t ( z_i^t(label_i) - max_{c != label_i} z_i^t(c) )
 *
 * How small is told by the data: n / (C + 1) items, drawn by lot, are trained on as being of a
 * class C + 1 that does not exist, so their labels are wrong for sure. An item is dropped where its
 * AUM is at most the `percentile` of theirs. There are two trainings, with other threshold items
 * each; an item is judged in the first in which it is none, against that training's threshold, and
 *
 *     score_i = threshold - AUM_i
 *
 * Margins are those after each epoch, without augmentation; the paper takes them in passing, before
 * each step. It trains up to the first fall of the learning rate: so should `epochs`.
 *
 * Reference: G. Pleiss, T. Zhang, E. Elenberg, K. Weinberger, "Identifying mislabeled data using
 * the area under the margin ranking", NeurIPS 2020. Cost: two trainings of `epochs` epochs, and
 * their outputs after each.
 */
#include "filters/drop.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct aum {
    double percentile, fraction;
    struct filter_network network;
};

#define AT(member) offsetof(struct aum, member)

static const struct field fields[] = {
    {"percentile", FIELD_REAL, AT(percentile), .minimum = 0, .maximum = 100, .default_value = "99",
     .help = "percentile of the threshold items' margins; labels up to it count as wrong"},
    {"fraction", FIELD_SHARE, AT(fraction), .minimum = 0, .maximum = 0.9, .default_value = "auto",
     .help = "share of the labels that is dropped; auto: those below the threshold"},
    FILTER_NETWORK_FIELDS(struct aum, "10"),
    {0},
};

static float margin(const float *scores, int class_count, uint8_t class)
{
    float best = -INFINITY;

    for (int c = 0; c < class_count; c++)
        if (c != class && scores[c] > best)
            best = scores[c];
    return scores[class] - best;
}

static int smaller_first(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

/* The percentile of values, which are put in order; between two of them, in proportion. */
static double percentile(double *values, size_t count, double percent)
{
    double place = percent / 100 * (double)(count - 1);
    size_t below = (size_t)place;

    qsort(values, count, sizeof *values, smaller_first);
    if (below + 1 >= count)
        return values[count - 1];
    return values[below] + (place - (double)below) * (values[below + 1] - values[below]);
}

struct aum_run { /* one of the two trainings */
    const struct aum *filter;
    const struct filter_input *input;
    const uint32_t *order; /* of all items; threshold items are contiguous */
    size_t begin, end;     /* … here */
    uint8_t *classes;      /* [items] */
    float *margins;        /* [epochs][items] */
    double *areas;         /* [items] */
};

/* Train; areas of all items, and the threshold. */
static enum status make_run(struct aum_run *run, double *threshold, struct error *error)
{
    enum status status = STATUS_OK;
    const struct filter_input *input = run->input;
    size_t items = input->labels->count, epochs = (size_t)run->filter->network.epochs;
    struct training_dynamics course = {.name = "margin",
                                       .classes = run->classes,
                                       .class_count = input->class_count + 1,
                                       .measure = margin};
    double *planted = NULL;

    memcpy(run->classes, input->classes, items);
    for (size_t i = run->begin; i < run->end; i++)
        run->classes[run->order[i]] = (uint8_t)input->class_count;
    TRY(input->course(input->context, &run->filter->network, &course, run->margins, error));
    for (size_t i = 0; i < items; i++) {
        run->areas[i] = 0;
        for (size_t t = 0; t < epochs; t++)
            run->areas[i] += (double)run->margins[t * items + i] / (double)epochs;
    }
    TRY(memory_new(&planted, run->end - run->begin, sizeof *planted, error));
    for (size_t i = run->begin; i < run->end; i++)
        planted[i - run->begin] = run->areas[run->order[i]];
    *threshold = percentile(planted, run->end - run->begin, run->filter->percentile);
out:
    memory_free(planted);
    return status;
}

static enum status judge(const struct aum *filter, const struct filter_input *input,
                         const uint32_t *order, struct aum_run *run, uint8_t *flags,
                         struct filter_result *result, struct error *error)
{
    size_t items = input->labels->count, planted = items / ((size_t)input->class_count + 1);
    double threshold;

    *run =
        (struct aum_run){filter, input, order, 0, planted, run->classes, run->margins, run->areas};
    PASS(make_run(run, &threshold, error));
    for (size_t i = planted; i < items; i++) {
        result->score[order[i]] = (float)(threshold - run->areas[order[i]]);
        flags[order[i]] = run->areas[order[i]] <= threshold;
    }
    run->begin = planted;
    run->end = 2 * planted;
    PASS(make_run(run, &threshold, error));
    for (size_t i = 0; i < planted; i++) {
        result->score[order[i]] = (float)(threshold - run->areas[order[i]]);
        flags[order[i]] = run->areas[order[i]] <= threshold;
    }
    return STATUS_OK;
}

/* Twice as many as there are threshold items, of which a share of one class is drawn. */
static size_t least(const void *config, int class_count)
{
    (void)config;
    return 2 * ((size_t)class_count + 1);
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct aum *filter = config;
    enum status status = STATUS_OK;
    size_t items = input->labels->count, epochs = (size_t)filter->network.epochs;
    struct random_stream stream = random_stream(input->key, RANDOM_FILTER, random_index(2, 0));
    struct aum_run run = {0};
    uint32_t *order = NULL;
    uint8_t *flags = NULL;

    assert(input->classes && input->class_count > 0);
    if (items < least(filter, input->class_count))
        TRY(error_set(error, STATUS_CONFIG,
                      "%zu items are too few to draw threshold items from; expected at least %d",
                      items, (int)least(filter, input->class_count)));
    TRY(memory_new(&order, items, sizeof *order, error));
    TRY(memory_new(&flags, items, sizeof *flags, error));
    TRY(memory_new(&run.classes, items, 1, error));
    TRY(memory_new(&run.margins, epochs * items, sizeof *run.margins, error));
    TRY(memory_new(&run.areas, items, sizeof *run.areas, error));
    random_permutation(&stream, order, (uint32_t)items);
    TRY(judge(filter, input, order, &run, flags, result, error));
    TRY(drop_flagged(filter->fraction, items, flags, FILTER_MARGIN, result, error));
out:
    memory_free(order);
    memory_free(flags);
    memory_free(run.classes);
    memory_free(run.margins);
    memory_free(run.areas);
    return status;
}

const struct filter filter_aum = {
    .descriptor = {.name = "aum",
                   .summary = "drops the labels with small margins over the course of training",
                   .source = "Pleiss, Zhang, Elenberg, Weinberger, NeurIPS 2020",
                   .fields = fields,
                   .config_size = sizeof(struct aum),
                   .version = 1},
    .serves = SERVES_SCORES,
    .trains = true,
    .least = least,
    .apply = apply,
};
