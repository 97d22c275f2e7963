/*
 * Private to data/: what generated data sets share. Image i of a pool is a function of (seed, pool,
 * i) alone, so that a larger request keeps the images of a smaller one, and threads change nothing.
 */
#ifndef UNDERSTUDY_DATA_GENERATED_H
#define UNDERSTUDY_DATA_GENERATED_H

#include "interfaces/dataset.h"

/* What a maker draws. */
struct generated {
    int class;          /* of the image; 0 where there are no classes */
    struct image image; /* zero at first */
    struct image map;   /* what is true of each pixel, zero at first; no pixels: nothing is */
    float *numbers;     /* what is true of the image, zero at first */
};

typedef void image_maker(const void *config, struct random_stream *stream,
                         const struct generated *to);

struct generator {
    const char *set; /* its name */
    const void *config;
    image_maker *make;
    struct shape shape; /* of all images */
    int class_count;    /* of images; 0: there are no classes */
    int map_channels;   /* of the truth of each pixel; 0: there is none */
    int mask_classes;   /* … which are classes; 0: they are numbers */
    int number_count;   /* of numbers for each image; 0: there are none */
};

/* Fill both pools with images and with the truth that is asked for. Classes, where there are any,
 * are drawn by lot: any choice of images by number is then a fair sample. STATUS_CONFIG when all
 * images are asked for: there is no end of them. */
MUST_CHECK enum status generate(const struct generator *generator,
                                const struct dataset_request *request,
                                struct dataset_content *content, struct error *error);

/* What makers draw from, by + - x / and the square root alone, so that all machines agree. */
double draw_between(struct random_stream *stream, double low, double high);
/* Uniform on the circle. */
void draw_direction(struct random_stream *stream, double *cosine, double *sine);
/* Close to normal, of mean 0 and variance 1: the sum of four uniform deviates. */
double draw_deviate(struct random_stream *stream);

#endif
