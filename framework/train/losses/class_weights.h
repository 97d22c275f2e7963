/* Factors of classes, for the losses that compare these. Private to losses/. */
#ifndef UNDERSTUDY_TRAIN_LOSSES_CLASS_WEIGHTS_H
#define UNDERSTUDY_TRAIN_LOSSES_CLASS_WEIGHTS_H

#include "io/schema/schema.h"
#include "math/image.h"

#include <stddef.h>

/* A field `weights` of the loss's struct, which has a struct real_list of that name. */
#define CLASS_WEIGHTS_FIELD(record)                                                                \
    {                                                                                              \
        "weights", FIELD_REALS, offsetof(struct record, weights),                                  \
            .maximum = 1e6, .default_value = "[]", .unsaid = true,                                 \
            .help = "a factor for each class, in the classes' order, such as [1, 5, 5]; []: all "  \
                    "count the same"                                                               \
    }

/* All alike: 1. */
static inline double class_weight(const struct real_list *weights, size_t class)
{
    return weights->count ? weights->items[class] : 1;
}

/* One for each of the network's outputs, not all 0. How many classes there are may not be known
 * yet: one alone is none. */
static inline enum status class_weights_check(const struct real_list *weights, struct shape shape,
                                              struct error *error)
{
    double sum = 0;

    for (size_t c = 0; c < weights->count; c++)
        sum += weights->items[c];
    if (weights->count && !(sum > 0))
        return error_set(error, STATUS_CONFIG, "'weights' are all 0");
    if (weights->count && shape.channels > 1 && weights->count != (size_t)shape.channels)
        return error_set(error, STATUS_CONFIG,
                         "'weights' has %zu factors, and there are %d classes", weights->count,
                         shape.channels);
    return STATUS_OK;
}

#endif
