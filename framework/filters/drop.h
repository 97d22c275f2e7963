/* What filters share: dropping the most suspect items, and the fields of those that train. */
#ifndef UNDERSTUDY_FILTERS_DROP_H
#define UNDERSTUDY_FILTERS_DROP_H

#include "graph/family.h"
#include "interfaces/filter.h"

/* Fields of a struct with a member `network` that is a struct filter_network. */
#define FILTER_NETWORK_FIELDS(type, default_epochs)                                                \
    {"network",                                                                                    \
     FIELD_COMPONENT,                                                                              \
     offsetof(type, network.family),                                                               \
     .default_value = "~",                                                                         \
     .registry = families_registry,                                                                \
     .help =                                                                                       \
         "the family of the networks that look at the labels, as lenet5 or dncnn: {depth: 3}; "    \
         "by default the trial's own network"},                                                    \
    {                                                                                              \
        "epochs", FIELD_INTEGER, offsetof(type, network.epochs),                                   \
            .minimum = 1, .maximum = 1000, .default_value = default_epochs, .unit = "epochs",      \
            .help = "training of each such network; few, so that bad labels are not learnt"        \
    }

/* The number of items that a fraction of them is: rounded to the nearest, halves up. */
size_t drop_count(double fraction, size_t items);

/*
 * Drop, for `reason`, the drop_count() items of the largest score; of equal ones, those that come
 * first. A score that is not a number counts as the largest.
 */
MUST_CHECK enum status drop_largest(double fraction, size_t items, enum filter_reason reason,
                                    struct filter_result *result, struct error *error);
/* The same for a FIELD_SHARE; SHARE_AUTO drops the items with a flag. */
MUST_CHECK enum status drop_flagged(double fraction, size_t items, const uint8_t *flags,
                                    enum filter_reason reason, struct filter_result *result,
                                    struct error *error);

#endif
