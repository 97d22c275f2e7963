/*
 * Twins: which of many items are the same, by digests of what they are. Two groups of items, of
 * which the second must not repeat the first: images to learn from, images to judge by.
 */
#ifndef UNDERSTUDY_IO_IMAGES_DUPLICATES_H
#define UNDERSTUDY_IO_IMAGES_DUPLICATES_H

#include "base/hash.h"
#include "base/memory.h"

struct twin_item {
    const char *name, *digest; /* borrowed */
    bool second;               /* of which group */
};

struct twins {
    struct twin_item *items; /* in the order of digests, then of groups, then as they were added */
    size_t count, capacity;
};

struct twin_pair {
    const char *one, *other; /* names; of two groups: the first group's, the second's */
};

MUST_CHECK enum status twins_add(struct twins *twins, const char *name, const char *digest,
                                 bool second, struct error *error);
/*
 * Items of the second group that are in the first, too (`across`), or items of the first group that
 * repeat an earlier one there: how many, and the first `room` of them in the order of names.
 */
size_t twins_find(struct twins *twins, bool across, struct twin_pair *pairs, size_t room);
void twins_release(struct twins *twins);

#endif
