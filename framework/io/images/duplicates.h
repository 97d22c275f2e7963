/*
 * Twins: which of many items are the same, by digests of what they are. Two groups of items, of
 * which the second must not repeat the first: images to learn from, images to judge by.
 */
#ifndef UNDERSTUDY_IO_IMAGES_DUPLICATES_H
#define UNDERSTUDY_IO_IMAGES_DUPLICATES_H

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

struct duplicate_item {
    const char *name, *digest; /* borrowed */
    bool second;               /* of which group */
};

struct duplicates {
    struct duplicate_item
        *items; /* in the order of digests, then of groups, then as they were added */
    size_t count, capacity;
};

struct duplicate_pair {
    const char *one, *other; /* names; of two groups: the first group's, the second's */
};

MUST_CHECK enum status duplicates_add(struct duplicates *twins, const char *name,
                                      const char *digest, bool second, struct error *error);
/*
 * Items of the second group that are in the first, too (`across`), or items of the first group that
 * repeat an earlier one there: how many, and the first `room` of them in the order of names.
 */
size_t duplicates_find(struct duplicates *twins, bool across, struct duplicate_pair *pairs,
                       size_t room);
enum { DUPLICATES_SHOWN = 3 }; /* pairs in a message */
/* ": b = a, d = c, …": the first of `count` pairs. */
void duplicates_show(const struct duplicate_pair *pairs, size_t count, struct text *text);
void duplicates_release(struct duplicates *twins);

#endif
