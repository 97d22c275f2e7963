#include "pipelines/denoising/wavelet_transform.h"

#include "base/interrupt.h"
#include "math/border.h"

#include <string.h>

static int halved(int size, int taps)
{
    return (size + taps - 1) / 2;
}

int wavelet_usual_levels(const struct wavelet_filter *filter, int height, int width)
{
    int smaller = height < width ? height : width, levels = 0;

    while (smaller / (filter->taps - 1) >= 2 << levels)
        levels++;
    return levels > 4 ? levels - 3 : 1;
}

/* A row of any level; a line of few values has as many averages as the filter has taps. */
static size_t longest_row(int width)
{
    return (size_t)(width > WAVELET_TAPS ? width : WAVELET_TAPS) + 2 * WAVELET_TAPS;
}

enum { WORK_ROWS = WAVELET_TAPS + 4 };

size_t wavelet_transform_size(const struct wavelet_filter *filter, int levels, int height,
                              int width)
{
    size_t size = WORK_ROWS * longest_row(width);

    for (int l = 0; l < levels; l++) {
        height = halved(height, filter->taps);
        width = halved(width, filter->taps);
        size += (l < 2 ? 4 : 3) * (size_t)height * (size_t)width;
    }
    return size;
}

/* Where the averages of level l + 1 lie: two places take turns. */
static float *averages_of(const struct wavelet_transform *t, int l)
{
    const struct wavelet_level *first = &t->level[l % 2];
    return first->details + 3 * (size_t)first->height * (size_t)first->width;
}

void wavelet_transform_init(struct wavelet_transform *transform,
                            const struct wavelet_filter *filter, int levels, int height, int width,
                            float *memory)
{
    int taps = filter->taps;

    *transform = (struct wavelet_transform){
        .taps = taps, .levels = levels, .height = height, .width = width, .work = memory};
    memory += WORK_ROWS * longest_row(width);
    for (int i = 0; i < taps; i++) {
        double sign = i % 2 ? -1 : 1;
        transform->low[i] = (float)filter->low[i];
        transform->high[i] = (float)(sign * filter->low[taps - 1 - i]);
    }
    for (int l = 0; l < levels; l++) {
        height = halved(height, taps);
        width = halved(width, taps);
        transform->level[l] = (struct wavelet_level){height, width, memory};
        memory += (l < 2 ? 4 : 3) * (size_t)height * (size_t)width;
    }
    transform->averages = averages_of(transform, levels - 1);
}

/* out[x] = sum of weight * row[x] over the rows. */
static void add_row(float *out, const float *row, float weight, bool first, size_t count)
{
    if (first)
#pragma omp simd
        for (size_t x = 0; x < count; x++)
            out[x] = weight * row[x];
    else
#pragma omp simd
        for (size_t x = 0; x < count; x++)
            out[x] += weight * row[x];
}

/* Averages and details of one row: its even and odd values, with what lies beyond the border, are
 * taken apart before, so that neighbours lie side by side. */
static void split_row(const struct wavelet_transform *t, const float *row, int width, float *low,
                      float *high)
{
    size_t count = (size_t)halved(width, t->taps), half = (size_t)t->taps / 2;
    float *even = t->work + 2 * longest_row(t->width), *odd = even + longest_row(t->width);

    for (size_t j = 0; j < count + half; j++) {
        int x = 2 * (int)j + 2 - t->taps;
        even[j] = row[x >= 0 && x < width ? x : border_reflect(x, width)];
        odd[j] = row[x + 1 >= 0 && x + 1 < width ? x + 1 : border_reflect(x + 1, width)];
    }
    for (size_t q = 0; q < half; q++) {
        add_row(low, even + q, t->low[2 * q], q == 0, count);
        add_row(low, odd + q, t->low[2 * q + 1], false, count);
        add_row(high, even + q, t->high[2 * q], q == 0, count);
        add_row(high, odd + q, t->high[2 * q + 1], false, count);
    }
}

static void split_plane(const struct wavelet_transform *t, const float *plane, int height,
                        int width, const struct wavelet_level *level, float *averages)
{
    size_t size = (size_t)level->height * (size_t)level->width;
    float *low = t->work, *high = low + longest_row(t->width);

    for (int k = 0; k < level->height && !interrupt_requested(); k++) {
        size_t at = (size_t)k * (size_t)level->width;
        for (int i = 0; i < t->taps; i++) {
            int y = border_reflect(2 * k + 2 - t->taps + i, height);
            const float *row = plane + (size_t)y * (size_t)width;
            add_row(low, row, t->low[i], i == 0, (size_t)width);
            add_row(high, row, t->high[i], i == 0, (size_t)width);
        }
        split_row(t, low, width, averages + at, level->details + at);
        split_row(t, high, width, level->details + size + at, level->details + 2 * size + at);
    }
}

void wavelet_forward(const struct wavelet_transform *t, const float *plane)
{
    int height = t->height, width = t->width;

    for (int l = 0; l < t->levels; l++) {
        split_plane(t, plane, height, width, &t->level[l], averages_of(t, l));
        plane = averages_of(t, l);
        height = t->level[l].height;
        width = t->level[l].width;
    }
}

/* The values at even (phase 0) or odd places that come from rows of averages and details, `apart`
 * values from each other. */
static void join(const struct wavelet_transform *t, const float *const *low,
                 const float *const *high, int phase, size_t count, float *out)
{
    for (int q = 0; q < t->taps / 2; q++) {
        int tap = t->taps - 2 + phase - 2 * q;
        add_row(out, low[q], t->low[tap], q == 0, count);
        add_row(out, high[q], t->high[tap], false, count);
    }
}

static void join_row(const struct wavelet_transform *t, const float *low, const float *high,
                     int width, float *row)
{
    const float *lows[WAVELET_TAPS / 2], *highs[WAVELET_TAPS / 2];
    float *half = t->work + WAVELET_TAPS * longest_row(t->width);

    for (int q = 0; q < t->taps / 2; q++) {
        lows[q] = low + q;
        highs[q] = high + q;
    }
    for (int phase = 0; phase < 2; phase++) {
        size_t count = (size_t)(width + 1 - phase) / 2;
        join(t, lows, highs, phase, count, half);
        for (size_t u = 0; u < count; u++)
            row[2 * u + (size_t)phase] = half[u];
    }
}

/* Rows are joined one after the other; those that the next two rows of the plane need stay. */
static void join_plane(const struct wavelet_transform *t, const struct wavelet_level *level,
                       const float *averages, int height, int width, float *plane)
{
    size_t size = (size_t)level->height * (size_t)level->width, row = longest_row(t->width);
    int half = t->taps / 2, joined = 0;
    const float *lows[WAVELET_TAPS / 2], *highs[WAVELET_TAPS / 2];

    for (int u = 0; 2 * u < height && !interrupt_requested(); u++) {
        for (; joined < u + half; joined++) {
            size_t at = (size_t)joined * (size_t)level->width;
            float *low = t->work + (size_t)(joined % half) * row, *high = low + (size_t)half * row;
            join_row(t, averages + at, level->details + at, width, low);
            join_row(t, level->details + size + at, level->details + 2 * size + at, width, high);
        }
        for (int q = 0; q < half; q++) {
            lows[q] = t->work + (size_t)((u + q) % half) * row;
            highs[q] = lows[q] + (size_t)half * row;
        }
        for (int y = 2 * u; y < 2 * u + 2 && y < height; y++)
            join(t, lows, highs, y % 2, (size_t)width, plane + (size_t)y * (size_t)width);
    }
}

void wavelet_inverse(const struct wavelet_transform *t, float *plane)
{
    for (int l = t->levels - 1; l >= 0; l--) {
        int height = l > 0 ? t->level[l - 1].height : t->height;
        int width = l > 0 ? t->level[l - 1].width : t->width;
        join_plane(t, &t->level[l], averages_of(t, l), height, width,
                   l > 0 ? averages_of(t, l - 1) : plane);
    }
}

struct operations wavelet_transform_count(const struct wavelet_filter *filter, int levels,
                                          int height, int width)
{
    double products = 0, lines = 0;

    for (int l = 0; l < levels; l++) {
        double down = halved(height, filter->taps), across = halved(width, filter->taps);
        double split = 2 * down * width + 4 * down * across;
        double joined = 2 * down * width + (double)height * width;
        products += (split + joined) * filter->taps;
        lines += split + joined;
        height = (int)down;
        width = (int)across;
    }
    return (struct operations){.multiply_adds = products - lines, .multiplications = lines};
}
