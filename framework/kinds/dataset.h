/*
 * Data sets: images and ground truth. A data set knows nothing of pipelines, noise or splits.
 *
 * It gives two pools, `train` and `test`, as its publishers split it; run/ draws the splits manual,
 * unlabelled and validation from the first. In denoising, the images themselves are the truth.
 */
#ifndef UNDERSTUDY_KINDS_DATASET_H
#define UNDERSTUDY_KINDS_DATASET_H

#include "base/hash.h"
#include "base/random.h"
#include "base/text.h"
#include "io/schema.h"
#include "math/image.h"

struct dataset_request {
    const char *directory; /* where data sets lie, one folder each: "data/raw" */
    uint64_t seed;         /* generated sets: image i is a function of (seed, pool, i) */
    size_t train, test;    /* images wanted at least; SIZE_MAX: all there are */
    int threads;
};

struct dataset_pool {
    struct image_set images;
    uint8_t *classes; /* [images.count], owned; NULL: no classes */
};

struct dataset_content {
    struct dataset_pool train, test;
    int class_count;        /* 0: no classes */
    char sha256[HASH_TEXT]; /* over the files read, in a fixed order; "" for generated sets */
};

struct dataset {
    struct descriptor descriptor;
    bool classes;   /* can serve `task: classify` */
    bool generated; /* makes as many images as are wanted; SIZE_MAX is then refused */
    /* The shape that every image has, and how many classes there are (0: none), as far as that is
     * known before anything is read. NULL: it is not. */
    void (*shape)(const void *config, struct shape *shape, int *class_count);
    /* What the classes are called, by their numbers, ended by NULL; NULL: by their numbers. */
    const char *const *class_names;
    /* Fill *content; STATUS_DATA with path, expected and found for a damaged file, STATUS_IO with
     * the hint "`make data` downloads it" for a missing one. May give more images than wanted.
     * On failure *content is empty. */
    enum status (*load)(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error);
    /* Files and folders that load() reads, a line each, appended; NULL: DIRECTORY/NAME. */
    void (*folders)(const void *config, const char *directory, struct text *lines);
};

void dataset_content_release(struct dataset_content *content);

#endif
