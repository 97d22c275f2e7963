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
 * bits, leads to the median. The result is exact. Two windows, one a row below the other, go along
 * together: what both have is put in and taken out once. Cost: 2 radius + 2 updates and a short
 * walk a pixel.
 */
#include "pipelines/smoothing/median_rank.h"

#include "base/interrupt.h"
#include "base/vectors.h"
#include "math/border.h"
#include "pipelines/lanes.h"
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
    int height, width, radius; /* of the output, an even height; the window's */
    struct ranked_pixel entries[2][MOST];
    uint16_t ranks[MOST];    /* column by column */
    float spare[TILE_WIDTH]; /* for a row that the image does not have */
};

/* Two windows, one a row below the other: the ranks of both, and those of each alone. */
struct windows {
    struct {
        uint64_t both, alone[2];
    } set[SET_WORDS];
    uint32_t word[2], below[2]; /* ranks of each in words before this one */
};

/* The padded plane with one row more, and a tile. */
size_t median_rank_scratch(int height, int width, int radius)
{
    return border_size(height, width, radius) + (size_t)width + 2 * (size_t)radius +
           sizeof(struct tile) / sizeof(float) + 1;
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

LANES_INLINE void toggle(uint64_t *word, uint32_t rank)
{
    *word ^= (uint64_t)1 << rank % WORD_BITS;
}

/* Put a column of ranks into the windows, or take it out; `below`: how many lie before the word of
 * each. */
LANES_INLINE void windows_toggle(struct windows *windows, const uint16_t *ranks, int side,
                                 uint32_t below[2])
{
    uint32_t first = windows->word[0] * WORD_BITS, second = windows->word[1] * WORD_BITS;

    toggle(&windows->set[ranks[0] / WORD_BITS].alone[0], ranks[0]);
    toggle(&windows->set[ranks[side] / WORD_BITS].alone[1], ranks[side]);
    below[0] = ranks[0] < first;
    below[1] = ranks[side] < second;
    for (int k = 1; k < side; k++) {
        uint32_t rank = ranks[k];
        toggle(&windows->set[rank / WORD_BITS].both, rank);
        below[0] += rank < first;
        below[1] += rank < second;
    }
}

LANES_INLINE uint64_t windows_bits(const struct windows *windows, int which, uint32_t word)
{
    return windows->set[word].both | windows->set[word].alone[which];
}

/* The rank that has `k` others of the window before it. */
LANES_INLINE uint32_t windows_find(struct windows *windows, int which, uint32_t k)
{
    uint32_t word = windows->word[which], below = windows->below[which], count;

    while (below > k)
        below -= (uint32_t)__builtin_popcountll(windows_bits(windows, which, --word));
    uint64_t bits = windows_bits(windows, which, word);
    for (; below + (count = (uint32_t)__builtin_popcountll(bits)) <= k; below += count)
        bits = windows_bits(windows, which, ++word);
    windows->word[which] = word;
    windows->below[which] = below;
    for (uint32_t rest = k - below; rest > 0; rest--)
        bits &= bits - 1;
    return word * WORD_BITS + (uint32_t)__builtin_ctzll(bits);
}

/* Two rows of the tile's output. (The counting of bits is one instruction where AVX2 is.) */
WIDE_VECTORS static void tile_rows(const struct tile *tile, int y, float *out, float *next)
{
    int side = 2 * tile->radius + 1;
    size_t rows = (size_t)(tile->height + 2 * tile->radius);
    const uint16_t *column = tile->ranks + y;
    uint32_t middle = (uint32_t)(side * side / 2), below[2];
    struct windows windows = {.word = {0}};

    for (int x = 0; x < side - 1; x++)
        windows_toggle(&windows, column + (size_t)x * rows, side, below);
    for (int x = 0; x < tile->width; x++, column += rows) {
        windows_toggle(&windows, column + (size_t)(side - 1) * rows, side, below);
        windows.below[0] += below[0];
        windows.below[1] += below[1];
        out[x] = ordered_value(tile->entries[1][windows_find(&windows, 0, middle)].word);
        next[x] = ordered_value(tile->entries[1][windows_find(&windows, 1, middle)].word);
        windows_toggle(&windows, column, side, below);
        windows.below[0] -= below[0];
        windows.below[1] -= below[1];
    }
}

static inline int at_most(int value, int most)
{
    return value < most ? value : most;
}

void median_rank(const float *in, int height, int width, int radius, float *out, float *scratch)
{
    size_t stride = (size_t)width + 2 * (size_t)radius, size = border_size(height, width, radius);
    struct tile *tile = (void *)scratch;
    float *padded = scratch + sizeof *tile / sizeof *scratch + 1;

    border_pad(in, height, width, radius, padded);
    memcpy(padded + size, padded + size - stride, stride * sizeof *padded);
    tile->radius = radius;
    for (int top = 0; top < height; top += TILE_HEIGHT)
        for (int left = 0; left < width && !interrupt_requested(); left += TILE_WIDTH) {
            int rows = at_most(TILE_HEIGHT, height - top);
            tile->height = rows + rows % 2;
            tile->width = at_most(TILE_WIDTH, width - left);
            rank_pixels(tile, padded + (size_t)top * stride + (size_t)left, stride);
            for (int y = 0; y < rows; y += 2) {
                float *row = out + (size_t)(top + y) * (size_t)width + (size_t)left;
                tile_rows(tile, y, row, y + 1 < rows ? row + width : tile->spare);
            }
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
