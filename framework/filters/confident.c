/*
 * Confident learning: which labels are wrong, from out-of-sample probabilities p_i(c) and the
 * labels y_i alone.
 *
 * 1. A class's threshold is how sure the network is, on the average, of what is labelled so:
 *
 *        t_c = mean of p_i(c) over the items with y_i = c
 *
 * 2. An item counts as confidently of the class that is the only one with p_i(c) >= t_c, or, where
 *    there are several such, of the most probable class; it may count as none. The confident joint
 *    C[y][c] is how many items of label y confidently are of class c.
 * 3. Calibration: each row is scaled to the number of items of its label, and rounded so that its
 *    sum stays.
 * 4. Pruning, of what C says is off the diagonal:
 *      by class        of each label y, the n_y - C[y][y] items with the smallest p_i(y);
 *      by noise rate   of each label y and each other class c, the C[y][c] items with the largest
 *                      margin p_i(c) - p_i(y);
 *      both            what both prune;
 *      off diagonal    the items that were counted beside the diagonal, without calibration.
 *    What the network would label as it is labelled is never pruned, and of a label with a single
 *    item nothing; a row keeps at least one item.
 *
 * Details that the paper leaves open (the slack of 1e-6 in comparisons, at least one item on the
 * diagonal, rounding) are settled as the authors' published program settles them, and sums are
 * made in the order in which it makes them, so that the flags agree item by item. Equal
 * probabilities are taken in the items' order.
 *
 * Reference: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in
 * dataset labels", JAIR 70 (2021). Cost: items x classes, and sorts within each label.
 */
#include "filters/confident.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double slack = 1e-6;      /* of comparisons */
static const double never = 2;         /* threshold of a class that no item is labelled with */
static const double least_sure = 2e-6; /* a threshold is at least this: above the slack */

static double probability(const struct confident *confident, size_t item, int class)
{
    return (double)confident->probabilities[item * (size_t)confident->classes + (size_t) class];
}

/* Sum in pairs of halves, eight partial sums in a block of up to 128: errors grow with the
 * logarithm of the count, and halves of whole numbers fall where the reference has them. */
static double sum_pairwise(const double *values, size_t count)
{
    double part[8], sum = 0;
    size_t i;

    if (count > 128) {
        size_t half = count / 2;
        half -= half % 8;
        return sum_pairwise(values, half) + sum_pairwise(values + half, count - half);
    }
    if (count < 8) {
        for (i = 0; i < count; i++)
            sum += values[i];
        return sum;
    }
    memcpy(part, values, sizeof part);
    for (i = 8; i + 8 <= count; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] += values[i + j];
    sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    for (; i < count; i++)
        sum += values[i];
    return sum;
}

static enum status find_thresholds(struct confident *confident, struct error *error)
{
    enum status status = STATUS_OK;
    double *own = NULL;

    TRY(memory_new(&own, confident->items, sizeof *own, error));
    for (int c = 0; c < confident->classes; c++) {
        size_t count = 0;
        for (size_t i = 0; i < confident->items; i++)
            if (confident->labels[i] == c)
                own[count++] = probability(confident, i, c);
        double mean = count ? sum_pairwise(own, count) / (double)count : never;
        confident->counts[c] = count;
        confident->thresholds[c] = fmax(mean, least_sure);
    }
out:
    memory_free(own);
    return status;
}

/* The most probable class, with `bonus` for one of them; of equal ones the first. */
static int most_probable(const struct confident *confident, size_t item, int favoured, double bonus)
{
    double best = -INFINITY;
    int class = 0;

    for (int c = 0; c < confident->classes; c++) {
        double p = probability(confident, item, c) + (c == favoured ? bonus : 0);
        if (p > best) {
            best = p;
            class = c;
        }
    }
    return class;
}

static int guess(const struct confident *confident, size_t item)
{
    int sure = 0, first = -1;

    for (int c = 0; c < confident->classes; c++)
        if (probability(confident, item, c) >= confident->thresholds[c] - slack) {
            first = first < 0 ? c : first;
            sure++;
        }
    return sure > 1 ? most_probable(confident, item, -1, 0) : first;
}

/* Round to whole numbers whose sum is the rounded sum: what is furthest from its rounded value
 * gives way first. */
static void round_row(const double *row, int64_t *rounded, int count)
{
    double whole = rint(sum_pairwise(row, (size_t)count)), sum = 0;

    for (int i = 0; i < count; i++) {
        rounded[i] = (int64_t)rint(row[i]);
        sum += (double)rounded[i];
    }
    for (; sum != whole; sum += sum < whole ? 1 : -1) {
        double step = sum < whole ? 1 : -1, furthest = -INFINITY;
        int chosen = 0;
        for (int i = 0; i < count; i++) {
            double off = step * (row[i] - (double)rounded[i]);
            if (off > furthest || (off == furthest && step > 0)) {
                furthest = off;
                chosen = i;
            }
        }
        rounded[chosen] += (int64_t)step;
    }
}

static enum status calibrate(struct confident *confident, struct error *error)
{
    enum status status = STATUS_OK;
    size_t classes = (size_t)confident->classes;
    double *scaled = NULL, *row = NULL; /* scaled: by true class first, so that it is summed so */

    TRY(memory_new(&scaled, classes * classes, sizeof *scaled, error));
    TRY(memory_new(&row, classes, sizeof *row, error));
    for (size_t y = 0; y < classes; y++) {
        const int64_t *counts = confident->joint + y * classes;
        int64_t sum = 0;
        for (size_t c = 0; c < classes; c++)
            sum += counts[c];
        for (size_t c = 0; c < classes; c++)
            scaled[c * classes + y] =
                (double)counts[c] / (double)sum * (double)confident->counts[y];
    }
    double total = sum_pairwise(scaled, classes * classes);
    for (size_t y = 0; y < classes; y++) {
        for (size_t c = 0; c < classes; c++)
            row[c] = scaled[c * classes + y] / total * (double)confident->items;
        round_row(row, confident->joint + y * classes, confident->classes);
    }
out:
    memory_free(scaled);
    memory_free(row);
    return status;
}

enum status confident_count(struct confident *confident, const float *probabilities,
                            const uint8_t *labels, size_t items, int classes, struct error *error)
{
    size_t count = (size_t)classes;

    *confident = (struct confident){
        .items = items, .classes = classes, .probabilities = probabilities, .labels = labels};
    PASS(memory_new(&confident->counts, count, sizeof *confident->counts, error));
    PASS(memory_new(&confident->thresholds, count, sizeof *confident->thresholds, error));
    PASS(memory_new(&confident->joint, count * count, sizeof *confident->joint, error));
    PASS(memory_new(&confident->guesses, items, sizeof *confident->guesses, error));
    if (items == 0)
        return STATUS_OK;
    PASS(find_thresholds(confident, error));
    for (size_t i = 0; i < items; i++) {
        int class = guess(confident, i);
        confident->guesses[i] = (int16_t) class;
        if (class >= 0)
            confident->joint[labels[i] * count + (size_t) class]++;
    }
    for (size_t c = 0; c < count; c++) /* each class has one item at least that is labelled well */
        if (confident->joint[c * count + c] == 0)
            confident->joint[c * count + c] = 1;
    return calibrate(confident, error);
}

struct ranked {
    double value;
    size_t index;
};

static int larger_first(const void *a, const void *b)
{
    const struct ranked *first = a, *second = b;

    if (first->value != second->value)
        return first->value > second->value ? -1 : 1;
    return first->index < second->index ? -1 : 1;
}

/* Flag the `most` items of label y that are surest to be of class `other` rather than of y; where
 * `other` is y itself, those that are least sure to be of y. */
static void flag_surest(const struct confident *confident, int y, int other, int64_t most,
                        struct ranked *ranked, uint8_t *flags, uint8_t bit)
{
    size_t count = 0;

    if (most <= 0)
        return;
    for (size_t i = 0; i < confident->items; i++)
        if (confident->labels[i] == y) {
            double own = probability(confident, i, y);
            ranked[count++] =
                (struct ranked){other == y ? -own : probability(confident, i, other) - own, i};
        }
    qsort(ranked, count, sizeof *ranked, larger_first);
    for (size_t i = 0; i < count && (int64_t)i < most; i++)
        flags[ranked[i].index] |= bit;
}

/* What of label y's row is pruned: off the diagonal, less what the diagonal lacks to be 1. */
static void find_prunes(const struct confident *confident, int y, int64_t *prunes)
{
    const int64_t *row = confident->joint + (size_t)y * (size_t)confident->classes;
    bool lacks = row[y] < 1;
    double others = 0;

    for (int c = 0; c < confident->classes; c++)
        others += row[c] != 0;
    others = fmax(others - 1, 1);
    for (int c = 0; c < confident->classes; c++)
        prunes[c] = (int64_t)fmax((double)row[c] - (lacks ? 1 / others : 0), 0);
    prunes[y] = lacks ? 1 : row[y];
}

static enum status flag_ranked(const struct confident *confident, enum confident_prune prune,
                               uint8_t *flags, struct error *error)
{
    enum status status = STATUS_OK;
    enum { CLASS = 1, RATE = 2 };
    uint8_t wanted = prune == CONFIDENT_BY_CLASS        ? CLASS
                     : prune == CONFIDENT_BY_NOISE_RATE ? RATE
                                                        : CLASS | RATE;
    struct ranked *ranked = NULL;
    int64_t *prunes = NULL;

    TRY(memory_new(&ranked, confident->items, sizeof *ranked, error));
    TRY(memory_new(&prunes, (size_t)confident->classes, sizeof *prunes, error));
    for (int y = 0; y < confident->classes; y++) {
        if (confident->counts[y] <= 1)
            continue;
        find_prunes(confident, y, prunes);
        if (wanted & CLASS)
            flag_surest(confident, y, y, (int64_t)confident->counts[y] - prunes[y], ranked, flags,
                        CLASS);
        for (int c = 0; (wanted & RATE) && c < confident->classes; c++)
            if (c != y)
                flag_surest(confident, y, c, prunes[c], ranked, flags, RATE);
    }
    for (size_t i = 0; i < confident->items; i++)
        flags[i] = flags[i] == wanted;
out:
    memory_free(ranked);
    memory_free(prunes);
    return status;
}

enum status confident_flag(const struct confident *confident, enum confident_prune prune,
                           uint8_t *flags, struct error *error)
{
    if (confident->items)
        memset(flags, 0, confident->items);
    if (prune != CONFIDENT_OFF_DIAGONAL)
        PASS(flag_ranked(confident, prune, flags, error));
    for (size_t i = 0; i < confident->items; i++) {
        int label = confident->labels[i];
        if (prune == CONFIDENT_OFF_DIAGONAL)
            flags[i] = confident->guesses[i] >= 0 && confident->guesses[i] != label;
        if (most_probable(confident, i, label, slack) == label)
            flags[i] = 0;
    }
    return STATUS_OK;
}

void confident_release(struct confident *confident)
{
    memory_free(confident->counts);
    memory_free(confident->thresholds);
    memory_free(confident->joint);
    memory_free(confident->guesses);
    *confident = (struct confident){0};
}
