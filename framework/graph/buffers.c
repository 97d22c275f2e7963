/*
 * Linear scan (Poletto, Sarkar 1999): buffers come in order of their first moment; each takes the
 * free slot that fits best, or a new one. A slot is as large as its largest buffer.
 */
#include "graph/buffers.h"

#include <string.h>

struct slot {
    size_t bytes, busy_until, offset;
};

enum status buffers_add(struct buffer_plan *plan, size_t bytes, size_t first, size_t last,
                        size_t *index, struct error *error)
{
    PASS(memory_reserve(&plan->buffers, &plan->capacity, plan->count + 1, sizeof *plan->buffers,
                        error));
    *index = plan->count;
    plan->buffers[plan->count++] = (struct buffer){.bytes = bytes, .first = first, .last = last};
    return STATUS_OK;
}

/* How badly a slot fits: what it would have to grow by, or what it would leave empty. */
static size_t misfit(const struct slot *slot, size_t bytes)
{
    return slot->bytes > bytes ? slot->bytes - bytes : bytes - slot->bytes;
}

static size_t find_slot(const struct slot *slots, size_t count, const struct buffer *buffer)
{
    size_t best = count;

    for (size_t s = 0; s < count; s++)
        if (slots[s].busy_until < buffer->first &&
            (best == count ||
             misfit(&slots[s], buffer->bytes) < misfit(&slots[best], buffer->bytes)))
            best = s;
    return best;
}

enum status buffers_place(struct buffer_plan *plan, struct error *error)
{
    enum status status = STATUS_OK;
    struct slot *slots = NULL;
    size_t *slot_of = NULL, count = 0;

    TRY(memory_new(&slots, plan->count, sizeof *slots, error));
    TRY(memory_new(&slot_of, plan->count, sizeof *slot_of, error));
    for (size_t b = 0; b < plan->count; b++) {
        const struct buffer *buffer = &plan->buffers[b];
        size_t s = find_slot(slots, count, buffer);
        count += s == count;
        slots[s].bytes = slots[s].bytes > buffer->bytes ? slots[s].bytes : buffer->bytes;
        slots[s].busy_until = buffer->last;
        slot_of[b] = s;
    }
    for (size_t s = 0; s < count; s++) {
        slots[s].offset = plan->bytes;
        if (!memory_add_aligned(&plan->bytes, slots[s].bytes))
            TRY(error_set(error, STATUS_MEMORY, "a shard's values do not fit in memory"));
    }
    for (size_t b = 0; b < plan->count; b++)
        plan->buffers[b].offset = slots[slot_of[b]].offset;
out:
    memory_free(slots);
    memory_free(slot_of);
    return status;
}

void buffers_release(struct buffer_plan *plan)
{
    memory_free(plan->buffers);
    memset(plan, 0, sizeof *plan);
}
