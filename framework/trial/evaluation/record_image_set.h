/* Images in a trial's record. */
#ifndef UNDERSTUDY_TRIAL_RECORD_IMAGE_SET_H
#define UNDERSTUDY_TRIAL_RECORD_IMAGE_SET_H

#include "cache/record.h"
#include "math/image.h"

/* The set's first `count` images: of one size as one array, else each as PATH/00000 and so on. */
MUST_CHECK enum status record_image_set(struct record *record, const char *path,
                                        const struct image_set *set, size_t count,
                                        struct error *error);

#endif
