/*
 * Running median by a histogram of ranks.
 *
 * T. S. Huang, G. J. Yang, G. Y. Tang, "A fast two-dimensional median filtering algorithm", IEEE
 * Transactions on Acoustics, Speech and Signal Processing 27(1), 1979: as the window moves by one
 * pixel, one column leaves and one enters a histogram, and the median is found from its counts.
 *
 * Their histogram is over 256 grey levels. Here pixels are real numbers: they are sorted once
 * (radix sort), each is replaced by its rank among the distinct values, and the histogram is over
 * ranks, so that the result is exact. Counts are also kept of 64 and of 4096 neighbouring ranks; a
 * search walks down these three levels. Cost: 2 (2 radius + 1) updates and one search a pixel.
 */
#include "pipelines/denoising/median_rank.h"

#include "base/interrupt.h"
#include "math/border.h"
#include "pipelines/ordered_words.h"

#include <string.h>

enum { FAN_BITS = 6, FAN = 1 << FAN_BITS };

struct histogram {
    uint32_t *leaves, *groups, *blocks; /* counts of 1, 64, 4096 ranks */
    size_t block;                       /* where the last search ended */
    uint32_t below;                     /* in all blocks before it */
};

static size_t groups_of(size_t count)
{
    return (count + FAN - 1) >> FAN_BITS;
}

size_t median_rank_scratch(size_t size)
{
    return 4 * size + groups_of(size) + groups_of(groups_of(size));
}

/* One pass of a radix sort: stable, by eight bits. */
static void sort_by_byte(size_t size, int shift, const uint32_t *words, const uint32_t *places,
                         uint32_t *sorted_words, uint32_t *sorted_places)
{
    size_t starts[256] = {0}, start = 0;

    for (size_t i = 0; i < size; i++)
        starts[(words[i] >> shift) & 255]++;
    for (int k = 0; k < 256; k++) {
        size_t next = start + starts[k];
        starts[k] = start;
        start = next;
    }
    for (size_t i = 0; i < size; i++) {
        size_t to = starts[(words[i] >> shift) & 255]++;
        sorted_words[to] = words[i];
        sorted_places[to] = places[i];
    }
}

/* ranks[i] of every pixel and the word of each rank; a and b are working memory. */
static void rank_pixels(const float *in, size_t size, uint32_t *a, uint32_t *b, uint32_t *ranks,
                        uint32_t *words)
{
    for (size_t i = 0; i < size; i++) {
        a[i] = ordered_word(in[i]);
        b[i] = (uint32_t)i;
    }
    for (int shift = 0; shift < 32; shift += 16) {
        sort_by_byte(size, shift, a, b, ranks, words);
        if (interrupt_requested())
            return;
        sort_by_byte(size, shift + 8, ranks, words, a, b);
    }
    uint32_t rank = 0;
    for (size_t i = 0; i < size; i++) {
        rank += i > 0 && a[i] != a[i - 1];
        ranks[b[i]] = rank;
        words[rank] = a[i];
    }
}

/* `change` is 1 or -1 as an unsigned number. */
static inline void histogram_change(struct histogram *h, uint32_t rank, uint32_t change)
{
    h->leaves[rank] += change;
    h->groups[rank >> FAN_BITS] += change;
    h->blocks[rank >> (2 * FAN_BITS)] += change;
    h->below += (rank >> (2 * FAN_BITS)) < h->block ? change : 0;
}

/* The rank that has `k` others before it. */
static uint32_t histogram_find(struct histogram *h, uint32_t k)
{
    while (h->below > k)
        h->below -= h->blocks[--h->block];
    while (h->below + h->blocks[h->block] <= k)
        h->below += h->blocks[h->block++];
    uint32_t rest = k - h->below;
    size_t group = h->block << FAN_BITS;
    while (h->groups[group] <= rest)
        rest -= h->groups[group++];
    size_t leaf = group << FAN_BITS;
    while (h->leaves[leaf] <= rest)
        rest -= h->leaves[leaf++];
    return (uint32_t)leaf;
}

/* Add or remove the column of `ranks` at x, rows y - radius … y + radius. */
static void histogram_column(struct histogram *h, const uint32_t *ranks, int height, int width,
                             int y, int x, int radius, uint32_t change)
{
    size_t column = (size_t)border_reflect(x, width);

    for (int k = y - radius; k <= y + radius; k++)
        histogram_change(h, ranks[(size_t)border_reflect(k, height) * (size_t)width + column],
                         change);
}

void median_rank(const float *in, int height, int width, int radius, float *out, uint32_t *scratch)
{
    size_t size = (size_t)height * (size_t)width;
    uint32_t *ranks = scratch + 2 * size, *words = scratch + 3 * size;
    struct histogram h = {scratch, scratch + 4 * size, scratch + 4 * size + groups_of(size), 0, 0};
    uint32_t middle = (uint32_t)((2 * radius + 1) * (2 * radius + 1) / 2);

    rank_pixels(in, size, scratch, scratch + size, ranks, words);
    if (interrupt_requested()) /* ranks need not be any */
        return;
    memset(h.leaves, 0, size * sizeof *h.leaves);
    memset(h.groups, 0, (groups_of(size) + groups_of(groups_of(size))) * sizeof *h.groups);
    for (int y = 0; y < height && !interrupt_requested(); y++) {
        for (int x = -radius; x <= radius; x++)
            histogram_column(&h, ranks, height, width, y, x, radius, 1);
        for (int x = 0; x < width; x++) {
            out[(size_t)y * (size_t)width + (size_t)x] =
                ordered_value(words[histogram_find(&h, middle)]);
            histogram_column(&h, ranks, height, width, y, x - radius, radius, UINT32_MAX);
            histogram_column(&h, ranks, height, width, y, x + radius + 1, radius, 1);
        }
        for (int x = width - radius; x <= width + radius; x++)
            histogram_column(&h, ranks, height, width, y, x, radius, UINT32_MAX);
    }
}

struct operations median_rank_count(int height, int width, int radius)
{
    double size = (double)height * width, side = 2.0 * radius + 1;
    double updates = 2 * side * size + 2 * side * side * height;
    double groups = size < FAN ? 1 : size / FAN, blocks = groups < FAN ? 1 : groups / FAN;
    double steps = (blocks < FAN ? blocks : FAN) + (groups < FAN ? groups : FAN) + FAN;
    struct operations operations = {
        .additions = 4 * updates + steps * size,
        .comparisons = updates + steps * size,
        .lookups = 4 * updates + steps * size + 4 * 3 * size,
    };
    return operations;
}
