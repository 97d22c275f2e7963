/*
 * Running median by sets of ranks.
 *
 * T. S. Huang, G. J. Yang, G. Y. Tang, "A fast two-dimensional median filtering algorithm", IEEE
 * Transactions on Acoustics, Speech and Signal Processing 27(1), 1979: as the window moves by one
 * pixel, one column leaves and one enters, and the median is not far from the last one.
 *
 * Their histogram is over 256 grey levels; here pixels are real numbers. The image is cut into
 * tiles. A tile's pixels are sorted once (radix sort), and each has its place in that order as its
 * rank. The window is a set of ranks, one bit each, in the first-level cache; it is known how many
 * of its ranks lie below one of the set's words, and a walk from there, word by word, counting
 * bits, leads to the median. The result is exact. Cost: 2 (2 radius + 1) updates and a short walk a
 * pixel.
 */
#include "pipelines/denoising/median_rank.h"

#include "base/interrupt.h"
#include "base/vectors.h"
#include "math/border.h"
#include "pipelines/denoising/lanes.h"
#include "pipelines/ordered_words.h"

#include <string.h>

enum {
    TILE_HEIGHT = 64,
    TILE_WIDTH = 128,
    MOST_RADIUS = 15,
    MOST = (TILE_HEIGHT + 2 * MOST_RADIUS) * (TILE_WIDTH + 2 * MOST_RADIUS), /* pixels */
    WORD_BITS = 64,
    SET_WORDS = MOST / WORD_BITS + 1,
    DIGIT_BITS = 11, /* of the radix sort */
    DIGITS = 1 << DIGIT_BITS,
    PASSES = 3,
};

struct ranked_pixel {
    uint32_t word; /* sorts as the pixel does */
    uint32_t place;
};

struct tile {
    int height, width, radius; /* of the output; the window's */
    struct ranked_pixel entries[2][MOST];
    uint16_t ranks[MOST]; /* column by column */
};

struct window {
    uint64_t set[SET_WORDS];
    uint32_t word, below; /* ranks of the window in words before this one */
};

size_t median_rank_scratch(int height, int width, int radius)
{
    return border_size(height, width, radius) + sizeof(struct tile) / sizeof(float) + 1;
}

/* One pass of a radix sort: stable. `starts` has the digit's counts, and is used up. */
static void sort_by_digit(const struct ranked_pixel *from, size_t count, int shift,
                          uint32_t starts[DIGITS], struct ranked_pixel *to)
{
    uint32_t start = 0;

    for (int k = 0; k < DIGITS; k++) {
        uint32_t next = start + starts[k];
        starts[k] = start;
        start = next;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].word >> shift & (DIGITS - 1)]++] = from[i];
}

/* The tile's pixels, of rows `stride` apart, in order in entries[1]; the rank of each. */
static void rank_pixels(struct tile *tile, const float *pixels, size_t stride)
{
    size_t rows = (size_t)(tile->height + 2 * tile->radius), count = 0;
    uint32_t starts[PASSES][DIGITS] = {{0}};
    struct ranked_pixel *a = tile->entries[0], *b = tile->entries[1];

    for (size_t x = 0; x < (size_t)(tile->width + 2 * tile->radius); x++)
        for (size_t y = 0; y < rows; y++, count++) {
            a[count] = (struct ranked_pixel){ordered_word(pixels[y * stride + x]), (uint32_t)count};
            for (int pass = 0; pass < PASSES; pass++)
                starts[pass][a[count].word >> pass * DIGIT_BITS & (DIGITS - 1)]++;
        }
    sort_by_digit(a, count, 0, starts[0], b);
    sort_by_digit(b, count, DIGIT_BITS, starts[1], a);
    sort_by_digit(a, count, 2 * DIGIT_BITS, starts[2], b);
    for (size_t i = 0; i < count; i++)
        tile->ranks[b[i].place] = (uint16_t)i;
}

/* Put a column of ranks into the window, or take it out; how many lie before window->word. */
LANES_INLINE uint32_t window_toggle(struct window *window, const uint16_t *ranks, int side)
{
    uint32_t bound = window->word * WORD_BITS, below = 0;

    for (int k = 0; k < side; k++) {
        uint32_t rank = ranks[k];
        window->set[rank / WORD_BITS] ^= (uint64_t)1 << rank % WORD_BITS;
        below += rank < bound;
    }
    return below;
}

/* The rank that has `k` others of the window before it. */
LANES_INLINE uint32_t window_find(struct window *window, uint32_t k)
{
    uint32_t word = window->word, below = window->below;

    while (below > k)
        below -= (uint32_t)__builtin_popcountll(window->set[--word]);
    for (uint32_t count; below + (count = (uint32_t)__builtin_popcountll(window->set[word])) <= k;
         word++)
        below += count;
    window->word = word;
    window->below = below;
    uint64_t bits = window->set[word];
    for (uint32_t rest = k - below; rest > 0; rest--)
        bits &= bits - 1;
    return word * WORD_BITS + (uint32_t)__builtin_ctzll(bits);
}

/* One row of the tile's output. (The counting of bits is one instruction where AVX2 is.) */
WIDE_VECTORS static void tile_row(const struct tile *tile, int y, float *out)
{
    int side = 2 * tile->radius + 1;
    size_t rows = (size_t)(tile->height + 2 * tile->radius);
    const uint16_t *column = tile->ranks + y;
    uint32_t middle = (uint32_t)(side * side / 2);
    struct window window = {.word = 0};

    for (int x = 0; x < side - 1; x++)
        (void)window_toggle(&window, column + (size_t)x * rows, side);
    for (int x = 0; x < tile->width; x++, column += rows) {
        window.below += window_toggle(&window, column + (size_t)(side - 1) * rows, side);
        out[x] = ordered_value(tile->entries[1][window_find(&window, middle)].word);
        window.below -= window_toggle(&window, column, side);
    }
}

static inline int at_most(int value, int most)
{
    return value < most ? value : most;
}

void median_rank(const float *in, int height, int width, int radius, float *out, float *scratch)
{
    size_t stride = (size_t)width + 2 * (size_t)radius;
    struct tile *tile = (void *)scratch;
    float *padded = scratch + sizeof *tile / sizeof *scratch + 1;

    border_pad(in, height, width, radius, padded);
    tile->radius = radius;
    for (int top = 0; top < height; top += TILE_HEIGHT)
        for (int left = 0; left < width && !interrupt_requested(); left += TILE_WIDTH) {
            tile->height = at_most(TILE_HEIGHT, height - top);
            tile->width = at_most(TILE_WIDTH, width - left);
            rank_pixels(tile, padded + (size_t)top * stride + (size_t)left, stride);
            for (int y = 0; y < tile->height; y++)
                tile_row(tile, y, out + (size_t)(top + y) * (size_t)width + (size_t)left);
        }
}

/* Of the algorithm by Huang et al. over ranks in three levels of counts: above what is done here.
 */
struct operations median_rank_count(int height, int width, int radius)
{
    enum { FAN = 64 };
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
