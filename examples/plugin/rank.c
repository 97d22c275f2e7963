/*
 * A stage in a shared library: each pixel becomes the value of a given rank among its (2 radius +
 * 1)^2 neighbours: 0 the darkest, 0.5 the median, 1 the brightest. Settings: "radius=1 rank=0.5".
 *
 *     cc -shared -fPIC -O2 -I../../include -o rank.so rank.c
 */
#include "understudy_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RADIUS = 7, MOST_VALUES = (2 * MOST_RADIUS + 1) * (2 * MOST_RADIUS + 1) };

struct rank {
    int radius;
    double rank;
};

static int rank_open(const char *settings, void **instance, char *message, size_t size)
{
    struct rank *rank = malloc(sizeof *rank);
    const char *radius = strstr(settings, "radius="), *share = strstr(settings, "rank=");

    if (!rank)
        return 1;
    rank->radius = radius ? atoi(radius + strlen("radius=")) : 1;
    rank->rank = share ? atof(share + strlen("rank=")) : 0.5;
    if (rank->radius >= 1 && rank->radius <= MOST_RADIUS && rank->rank >= 0 && rank->rank <= 1) {
        *instance = rank;
        return 0;
    }
    snprintf(message, size,
             "expected 'radius=1' to 'radius=%d' and 'rank=0' to 'rank=1', found '%s'", MOST_RADIUS,
             settings);
    free(rank);
    return 1;
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int within(int at, int size)
{
    return at < 0 ? 0 : at >= size ? size - 1 : at;
}

static float rank_at(const struct rank *rank, const float *plane, int height, int width, int y,
                     int x)
{
    float values[MOST_VALUES];
    int count = 0;

    for (int dy = -rank->radius; dy <= rank->radius; dy++)
        for (int dx = -rank->radius; dx <= rank->radius; dx++)
            values[count++] = plane[(size_t)within(y + dy, height) * (size_t)width +
                                    (size_t)within(x + dx, width)];
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[(int)(rank->rank * (count - 1) + 0.5)];
}

static int rank_run(void *instance, const struct understudy_image *in, struct understudy_image *out,
                    char *message, size_t size)
{
    size_t plane = (size_t)in->height * (size_t)in->width;

    (void)message, (void)size;
    for (int c = 0; c < in->channels; c++)
        for (int y = 0; y < in->height; y++)
            for (int x = 0; x < in->width; x++)
                out->pixels[(size_t)c * plane + (size_t)y * (size_t)in->width + (size_t)x] =
                    rank_at(instance, in->pixels + (size_t)c * plane, in->height, in->width, y, x);
    return 0;
}

const struct understudy_stage rank_stage = {
    .version = UNDERSTUDY_STAGE_VERSION,
    .concurrent = 1,
    .open = rank_open,
    .run = rank_run,
};
