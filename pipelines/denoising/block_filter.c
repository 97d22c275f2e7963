#include "pipelines/denoising/block_filter.h"

#include <math.h>

static const float half_root = 0.70710678118654752F; /* of 1/2 */

/* I0, by its series. */
static double bessel(double x)
{
    double term = 1, sum = 1;

    for (int k = 1; k < 40; k++) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

static double kaiser(double beta, int k, int side)
{
    double place = 2.0 * k / (side - 1) - 1;
    return bessel(beta * sqrt(1 - place * place)) / bessel(beta);
}

void block_filter_init(struct block_filter *filter, int side, bool wiener, double kaiser_beta)
{
    *filter = (struct block_filter){.side = side, .wiener = wiener, .avx2 = lanes_avx2()};
    cosines_init(&filter->cosines, side);
    for (int k = 0; k < side; k++)
        for (int i = 0; i < side; i++)
            filter->window[k][i / LANES][i % LANES] =
                (float)(kaiser(kaiser_beta, k, side) * kaiser(kaiser_beta, i, side));
}

/* Along the columns of eight rows; from fine to coarse. Each average of two pixels is corrected by
 * the differences beside it, those two pairs away cancel, and at the coarser levels all do. */
static const float correction = 11.0F / 64;
static const float middle_norm = 0.97170671F; /* 1 / sqrt(1 + 8 (11 / 128)^2) */
static const float coarse_norm = 0.94568660F; /* 1 / sqrt(1 + 4 (11 / 64)^2) */

LANES_INLINE void spline_forward(lanes *x)
{
    lanes h0 = (x[0] + x[1]) * half_root, d0 = (x[0] - x[1]) * half_root;
    lanes h1 = (x[2] + x[3]) * half_root, d1 = (x[2] - x[3]) * half_root;
    lanes h2 = (x[4] + x[5]) * half_root, d2 = (x[4] - x[5]) * half_root;
    lanes h3 = (x[6] + x[7]) * half_root, d3 = (x[6] - x[7]) * half_root;
    lanes odd = (d1 - d3) * correction, even = (d0 - d2) * correction;

    h0 += odd, h1 -= even, h2 -= odd, h3 += even;
    lanes left = (h0 + h1) * half_root, right = (h2 + h3) * half_root;
    x[0] = (left + right) * half_root;
    x[1] = (left - right) * (half_root * coarse_norm);
    x[2] = (h0 - h1) * (half_root * middle_norm);
    x[3] = (h2 - h3) * (half_root * middle_norm);
    x[4] = d0, x[5] = d1, x[6] = d2, x[7] = d3;
}

LANES_INLINE void spline_inverse(lanes *x)
{
    lanes whole = x[0] * half_root, coarse = x[1] * (half_root / coarse_norm);
    lanes left = (whole + coarse) * half_root, right = (whole - coarse) * half_root;
    lanes m0 = x[2] * (half_root / middle_norm), m1 = x[3] * (half_root / middle_norm);
    lanes d0 = x[4], d1 = x[5], d2 = x[6], d3 = x[7];
    lanes odd = (d1 - d3) * correction, even = (d0 - d2) * correction;
    lanes h0 = left + m0 - odd, h1 = left - m0 + even;
    lanes h2 = right + m1 + odd, h3 = right - m1 - even;

    x[0] = (h0 + d0) * half_root, x[1] = (h0 - d0) * half_root;
    x[2] = (h1 + d1) * half_root, x[3] = (h1 - d1) * half_root;
    x[4] = (h2 + d2) * half_root, x[5] = (h2 - d2) * half_root;
    x[6] = (h3 + d3) * half_root, x[7] = (h3 - d3) * half_root;
}

#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LEFT(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define RIGHT(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

LANES_INLINE void transpose_8(lanes *x)
{
    lanes a0 = LOW(x[0], x[1]), a1 = HIGH(x[0], x[1]), a2 = LOW(x[2], x[3]), a3 = HIGH(x[2], x[3]);
    lanes a4 = LOW(x[4], x[5]), a5 = HIGH(x[4], x[5]), a6 = LOW(x[6], x[7]), a7 = HIGH(x[6], x[7]);
    lanes b0 = LOW_PAIRS(a0, a2), b1 = HIGH_PAIRS(a0, a2), b2 = LOW_PAIRS(a1, a3);
    lanes b3 = HIGH_PAIRS(a1, a3), b4 = LOW_PAIRS(a4, a6), b5 = HIGH_PAIRS(a4, a6);
    lanes b6 = LOW_PAIRS(a5, a7), b7 = HIGH_PAIRS(a5, a7);

    x[0] = LEFT(b0, b4), x[1] = LEFT(b1, b5), x[2] = LEFT(b2, b6), x[3] = LEFT(b3, b7);
    x[4] = RIGHT(b0, b4), x[5] = RIGHT(b1, b5), x[6] = RIGHT(b2, b6), x[7] = RIGHT(b3, b7);
}

/* Lanes beyond the side become 0. */
LANES_INLINE void transpose_block(lanes *x, int side, int vectors)
{
    lanes to[FILTER_SIDE * FILTER_VECTORS] = {{0}};

    if (side == LANES) {
        transpose_8(x);
        return;
    }
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++)
            to[column * vectors + row / LANES][row % LANES] =
                x[row * vectors + column / LANES][column % LANES];
    for (int i = 0; i < side * vectors; i++)
        x[i] = to[i];
}

LANES_INLINE void block_forward(const struct block_filter *filter, lanes *x, int side, int vectors)
{
    for (int direction = 0; direction < 2; direction++) {
        if (filter->wiener)
            for (int v = 0; v < vectors; v++)
                cosine_forward(&filter->cosines, x + v, side, vectors);
        else
            spline_forward(x);
        if (direction == 0)
            transpose_block(x, side, vectors);
    }
}

LANES_INLINE void block_inverse(const struct block_filter *filter, lanes *x, int side, int vectors)
{
    for (int direction = 0; direction < 2; direction++) {
        if (filter->wiener)
            for (int v = 0; v < vectors; v++)
                cosine_inverse(&filter->cosines, x + v, side, vectors);
        else
            spline_inverse(x);
        if (direction == 0)
            transpose_block(x, side, vectors);
    }
}

/* Averages take the place of a pair's first block, differences of its second one. */
LANES_INLINE void stack_forward(lanes *group, int count, int size)
{
    for (int apart = 1; apart < count; apart *= 2)
        for (int first = 0; first < count; first += 2 * apart) {
            lanes *a = group + first * size, *b = a + apart * size;
            for (int i = 0; i < size; i++) {
                lanes sum = (a[i] + b[i]) * half_root;
                b[i] = (a[i] - b[i]) * half_root;
                a[i] = sum;
            }
        }
}

LANES_INLINE void stack_inverse(lanes *group, int count, int size)
{
    for (int apart = count / 2; apart > 0; apart /= 2)
        for (int first = 0; first < count; first += 2 * apart) {
            lanes *a = group + first * size, *b = a + apart * size;
            for (int i = 0; i < size; i++) {
                lanes sum = (a[i] + b[i]) * half_root;
                b[i] = (a[i] - b[i]) * half_root;
                a[i] = sum;
            }
        }
}

LANES_INLINE void group_forward(const struct block_filter *filter, const struct block_group *group,
                                const float *plane, int side, int vectors, lanes *x)
{
    int size = side * vectors;

    for (int m = 0; m < group->count; m++) {
        const float *block = plane + group->places[m];
        for (int i = 0; i < size; i++)
            x[m * size + i] =
                *(const lanes_memory *)(block + (size_t)(i / vectors) * group->stride +
                                        i % vectors * LANES);
        block_forward(filter, x + m * size, side, vectors);
    }
    stack_forward(x, group->count, size);
}

/* Returns the number of those that stay; what is not a number stays. */
LANES_INLINE float shrink_hard(lanes *x, int size, float threshold)
{
    lanes_int kept = {0};
    int sum = 0;

    for (int i = 0; i < size; i++) {
        lanes_int bits = (lanes_int)x[i], stays = ~((lanes)(bits & 0x7fffffff) <= threshold);
        x[i] = (lanes)(bits & stays);
        kept -= stays;
    }
    for (int k = 0; k < LANES; k++)
        sum += kept[k];
    return (float)sum;
}

/* Returns the sum of the squared factors. */
LANES_INLINE float shrink_wiener(lanes *x, const lanes *basic, int size, float variance)
{
    lanes squares = {0};
    float sum = 0;

    for (int i = 0; i < size; i++) {
        lanes power = basic[i] * basic[i], factor = power / (power + variance);
        squares += factor * factor;
        x[i] *= factor;
    }
    for (int k = 0; k < LANES; k++)
        sum += squares[k];
    return sum;
}

LANES_INLINE void group_add(const struct block_filter *filter, const struct block_group *group,
                            const lanes *x, float weight, int side, int vectors)
{
    lanes window[FILTER_SIDE * FILTER_VECTORS];
    int size = side * vectors;

    for (int i = 0; i < size; i++)
        window[i] = filter->window[i / vectors][i % vectors] * weight;
    for (int m = 0; m < group->count; m++)
        for (int i = 0; i < size; i++) {
            size_t at = group->places[m] - group->begin + (size_t)(i / vectors) * group->stride +
                        (size_t)(i % vectors) * LANES;
            *(lanes_memory *)(group->sums + at) += window[i] * x[m * size + i];
            *(lanes_memory *)(group->weights + at) += window[i];
        }
}

LANES_INLINE void filter_group(const struct block_filter *filter, const struct block_group *group,
                               lanes (*memory)[FILTER_GROUP], int side, int vectors)
{
    lanes *x = memory[0], *basic = memory[1];
    int size = side * vectors, all = group->count * size;
    float price;

    group_forward(filter, group, group->noisy, side, vectors, x);
    if (filter->wiener) {
        group_forward(filter, group, group->basic, side, vectors, basic);
        price = shrink_wiener(x, basic, all, group->strength);
    } else
        price = shrink_hard(x, all, group->strength);
    stack_inverse(x, group->count, size);
    for (int m = 0; m < group->count; m++)
        block_inverse(filter, x + m * size, side, vectors);
    group_add(filter, group, x, price > 1e-6F ? 1 / price : 1e6F, side, vectors);
}

LANES_INLINE void filter_usual(const struct block_filter *filter, const struct block_group *group,
                               lanes (*memory)[FILTER_GROUP])
{
    if (filter->side == LANES)
        filter_group(filter, group, memory, LANES, 1);
    else
        filter_group(filter, group, memory, FILTER_SIDE, FILTER_VECTORS);
}

LANES_AVX2 static void filter_avx2(const struct block_filter *filter,
                                   const struct block_group *group, lanes (*memory)[FILTER_GROUP])
{
    filter_usual(filter, group, memory);
}

static void filter_plain(const struct block_filter *filter, const struct block_group *group,
                         lanes (*memory)[FILTER_GROUP])
{
    filter_usual(filter, group, memory);
}

void block_filter_run(const struct block_filter *filter, const struct block_group *group,
                      lanes (*memory)[FILTER_GROUP])
{
    if (filter->avx2)
        filter_avx2(filter, group, memory);
    else
        filter_plain(filter, group, memory);
}

/* One direction of one block, forward or back. */
static struct operations transform_count(const struct block_filter *filter)
{
    double side = filter->side, half = filter->side / 2, more = side - half;

    if (!filter->wiener)
        return (struct operations){.additions = 8 * 20, .multiplications = 8 * 16};
    return (struct operations){
        .additions = side * 2 * half,
        .multiplications = side * side,
        .multiply_adds = side * (more * (more - 1) + half * (half - 1)),
    };
}

struct operations block_filter_count(const struct block_filter *filter, int count)
{
    double size = (double)filter->side * filter->side, pairs = count - 1;
    double groups = filter->wiener ? 3 : 2; /* transforms of a group */
    struct operations sum = operations_repeat(transform_count(filter), groups * 2 * count);
    struct operations stack = {.additions = 2 * size * pairs, .multiplications = 2 * size * pairs};
    struct operations shrink = {.comparisons = size * count, .additions = size * count};
    struct operations add = {
        .multiplications = size, .multiply_adds = size * count, .additions = size * count};

    if (filter->wiener)
        shrink = (struct operations){.multiplications = 2 * size * count,
                                     .additions = size * count,
                                     .multiply_adds = size * count,
                                     .divisions = size * count};
    sum = operations_add(sum, operations_repeat(stack, groups));
    sum = operations_add(sum, shrink);
    sum = operations_add(sum, add);
    sum.divisions += 1;
    return sum;
}
