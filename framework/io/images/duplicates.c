#include "io/images/duplicates.h"

#include <stdlib.h>
#include <string.h>

enum status duplicates_add(struct duplicates *twins, const char *name, const char *digest,
                           bool second, struct error *error)
{
    PASS(memory_reserve(&twins->items, &twins->capacity, twins->count + 1, sizeof *twins->items,
                        error));
    twins->items[twins->count++] = (struct duplicate_item){name, digest, second};
    return STATUS_OK;
}

static int compare(const void *left, const void *right)
{
    const struct duplicate_item *a = left, *b = right;
    int order = strcmp(a->digest, b->digest);

    if (!order)
        order = (int)a->second - (int)b->second;
    return order ? order : strcmp(a->name, b->name);
}

/* Keep the first `room` pairs in the order of the second name. */
static void keep(struct duplicate_pair *pairs, size_t room, size_t kept, struct duplicate_pair pair)
{
    size_t at = kept < room ? kept : room;

    while (at > 0 && strcmp(pair.other, pairs[at - 1].other) < 0) {
        if (at < room)
            pairs[at] = pairs[at - 1];
        at--;
    }
    if (at < room)
        pairs[at] = pair;
}

size_t duplicates_find(struct duplicates *twins, bool across, struct duplicate_pair *pairs,
                       size_t room)
{
    size_t found = 0, start = 0;

    if (twins->count)
        qsort(twins->items, twins->count, sizeof *twins->items, compare);
    for (size_t i = 1; i < twins->count; i++) {
        const struct duplicate_item *first = &twins->items[start], *item = &twins->items[i];
        if (strcmp(first->digest, item->digest) != 0)
            start = i;
        else if (!first->second && item->second == across)
            keep(pairs, room, found++, (struct duplicate_pair){first->name, item->name});
    }
    return found;
}

void duplicates_show(const struct duplicate_pair *pairs, size_t count, struct text *text)
{
    for (size_t i = 0; i < count && i < DUPLICATES_SHOWN; i++)
        text_append(text, "%s %s = %s", i ? "," : ":", pairs[i].other, pairs[i].one);
    if (count > DUPLICATES_SHOWN)
        text_append(text, ", …");
}

void duplicates_release(struct duplicates *twins)
{
    memory_free(twins->items);
    memset(twins, 0, sizeof *twins);
}
