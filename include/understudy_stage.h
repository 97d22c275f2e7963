/*
 * A stage of a pipeline in a shared library of your own, for Understudy. This header needs nothing
 * else, in C and in C++.
 *
 *     #include "understudy_stage.h"
 *
 *     static int halve(void *instance, const struct understudy_image *in,
 *                      struct understudy_image *out, char *message, size_t size)
 *     {
 *         for (size_t i = 0; i < (size_t)in->channels * in->height * in->width; i++)
 *             out->pixels[i] = in->pixels[i] / 2;
 *         return 0;
 *     }
 *
 *     const struct understudy_stage my_stage = {.version = UNDERSTUDY_STAGE_VERSION, .run = halve};
 *
 * Build it with `cc -shared -fPIC -O2 -o mine.so mine.c`, and name it in the experiment file:
 *
 *     pipeline:
 *       stages:
 *         - plugin: {library: ./mine.so, symbol: my_stage, settings: "radius=2"}
 *
 * The library's digest is part of what results depend on: built anew, it labels anew. It must give
 * the same answer for the same image every time.
 */
#ifndef UNDERSTUDY_STAGE_H
#define UNDERSTUDY_STAGE_H

#include <stddef.h>

#define UNDERSTUDY_STAGE_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/* Planar: pixels[(channel * height + row) * width + column]; black is 0, white 1. Features and
 * class scores are images of `channels` values, 1 x 1. */
struct understudy_image {
    int channels, height, width;
    float *pixels;
};

/* Functions that can fail return 0 for success. Otherwise they may say why in `message`, which has
 * room for `size` bytes. What may be NULL has a default. */
struct understudy_stage {
    int version; /* UNDERSTUDY_STAGE_VERSION */
    /* 1: run() may be called on several images at once; 0: on one after the other. */
    int concurrent;
    /* Make an instance from the settings, the text in the experiment file. It lives as long as the
     * process. NULL: it is NULL, and settings are refused. */
    int (*open)(const char *settings, void **instance, char *message, size_t size);
    /* The output's shape: channels, height and width of `out` are set; classes: how many there are,
     * 0 where the task has none. NULL: a score for each class, or the input's shape. */
    int (*shape)(void *instance, const struct understudy_image *in, int classes,
                 struct understudy_image *out, char *message, size_t size);
    /* One image in, one out, which has its shape and its pixels, zeros. Required. */
    int (*run)(void *instance, const struct understudy_image *in, struct understudy_image *out,
               char *message, size_t size);
    /* How many multiplications with an addition one image of that shape takes, for figures that
     * compare costs. NULL: nobody knows. */
    double (*multiply_adds)(void *instance, const struct understudy_image *in);
};

#ifdef __cplusplus
}
#endif

#endif
