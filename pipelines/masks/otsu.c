/*
 * Otsu's level: of the levels between two bins of the histogram, the one for which the variance
 * between both classes is largest,
 *
 *     w0 w1 (m0 - m1)^2
 *
 * with the number of values w and their mean m on either side. It equals
 * skimage.filters.threshold_otsu(image, 256): the centre of the last bin below the cut, the first
 * of equal ones; and the value itself where all are the same. N. Otsu, "A threshold selection
 * method from gray-level histograms", IEEE Transactions on Systems, Man, and Cybernetics 9(1),
 * 1979. Cost: a histogram, and 255 cuts.
 */
#include "pipelines/masks/otsu.h"

#include "pipelines/bins.h"

double otsu_level(struct image image)
{
    struct bins bins;
    double after[BINS], after_sum[BINS], count = 0, sum = 0, best = -1, level = 0;

    bins_of(image, &bins);
    if (bins.low == bins.high)
        return bins.low;
    for (int k = BINS - 1; k >= 0; k--) {
        count += bins.counts[k];
        sum += bins.counts[k] * bins_centre(&bins, k);
        after[k] = count;
        after_sum[k] = sum;
    }
    count = sum = 0;
    for (int k = 0; k < BINS - 1; k++) {
        count += bins.counts[k];
        sum += bins.counts[k] * bins_centre(&bins, k);
        double apart = sum / count - after_sum[k + 1] / after[k + 1];
        double variance = count * after[k + 1] * (apart * apart);
        if (variance > best) {
            best = variance;
            level = bins_centre(&bins, k);
        }
    }
    return level;
}

struct operations otsu_operations(struct shape shape)
{
    const struct operations cut = {
        .additions = 2 + 1, /* the counts of both sides; the means' difference */
        .multiply_adds = 2,
        .divisions = 2,
        .multiplications = 3,
        .comparisons = 1,
    };

    return operations_add(bins_operations((double)shape_size(shape)),
                          operations_repeat(cut, BINS - 1));
}
