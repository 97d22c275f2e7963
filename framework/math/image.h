/*
 * Images, and sets of them: the one currency between the steps.
 *
 * An image is planar float32, [channel][row][column], black 0, white 1; feature vectors and class
 * scores travel in the same form, as images of shape (length, 1, 1). The images of a set may differ
 * in height and width, not in channels.
 */
#ifndef UNDERSTUDY_MATH_IMAGE_H
#define UNDERSTUDY_MATH_IMAGE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shape {
    int channels, height, width;
};

/* Number of values; shapes are checked to stay below 2^31 when they are made. */
size_t shape_size(struct shape shape);
/* Number of pixels: values of one channel. */
size_t shape_plane(struct shape shape);
bool shape_equal(struct shape a, struct shape b);

/* A view: does not own `pixels`. */
struct image {
    struct shape shape;
    float *pixels;
};

/* What messages call the images of a set. */
struct image_names {
    const char *const *files; /* [count]; NULL: they have no files */
    const uint32_t *numbers;  /* [count], of images without files; NULL: their places in the set */
};

enum { IMAGE_NAME = 300 };
/* "photos/a.png" or "image 12", in `text`. */
const char *image_name(struct image_names names, size_t index, char text[IMAGE_NAME]);

/* Owns everything. {0} is an empty set. */
struct image_set {
    size_t count;
    struct shape *shapes; /* [count] */
    size_t *offsets;      /* [count + 1], in floats; image i at pixels + offsets[i] */
    float *pixels;        /* one block, images in order, no gaps */
};

/* Zeroed images of the given shapes (copied). */
MUST_CHECK enum status image_set_new(struct image_set *set, size_t count,
                                     const struct shape *shapes, struct error *error);
MUST_CHECK enum status image_set_new_uniform(struct image_set *set, size_t count,
                                             struct shape shape, struct error *error);
/* `count` chosen images, copied in the order of `indices`. */
MUST_CHECK enum status image_set_select(struct image_set *set, const struct image_set *from,
                                        const uint32_t *indices, size_t count, struct error *error);
/* A copy. */
MUST_CHECK enum status image_set_copy(struct image_set *set, const struct image_set *from,
                                      struct error *error);
void image_set_release(struct image_set *set);
struct image image_set_at(const struct image_set *set, size_t index);
/* A shape that some images of a set have. */
struct shape_share {
    struct shape shape;
    size_t count; /* images that have it */
    size_t first; /* the first of them */
};
/* The different shapes of a set, ascending by channels, height, width: [*count], for
 * memory_free(). What is worked out once for each and weighted by its count does not depend on the
 * images' order. */
MUST_CHECK enum status image_set_shapes(const struct image_set *set, struct shape_share **shares,
                                        size_t *count, struct error *error);
/* True when every image has the same shape (also when empty). */
bool image_set_uniform(const struct image_set *set);

#endif
