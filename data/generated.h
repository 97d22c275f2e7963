/*
 * Private to data/: what generated data sets share. Image i of a pool is a function of (seed, pool,
 * i) alone, so that a larger request keeps the images of a smaller one, and threads change nothing.
 */
#ifndef UNDERSTUDY_DATA_GENERATED_H
#define UNDERSTUDY_DATA_GENERATED_H

#include "interfaces/dataset.h"

/* Draw an image of class `class` (0 where there are none) into `image`, which is zero. */
typedef void image_maker(const void *config, int class, struct random_stream *stream,
                         struct image image);

/* Fill both pools with images of one shape, whose classes, when there are any, are drawn by lot:
 * any choice of images by number is then a fair sample. STATUS_CONFIG when all images are asked
 * for: there is no end of them. */
MUST_CHECK enum status generate(const char *set, const void *config,
                                const struct dataset_request *request, struct shape shape,
                                int class_count, image_maker *make, struct dataset_content *content,
                                struct error *error);

#endif
