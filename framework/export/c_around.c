#include "export/c_around.h"

#include "export/c_steps.h"
#include "export/static_memory.h"

#include <string.h>

enum { OWN_BLOCKS = 4 }; /* two networks; the mirrored image and its answer */

/*
 * Moments: each step before the network is one, from 0; then the network runs; where it does so
 * twice, it runs again, and the answers are compared; then the larger network runs; then come the
 * steps after it.
 */
struct around_layout {
    const struct c_around_need *need;
    struct c_around *around;
    size_t before, after; /* numbers of steps */
    size_t first, last;   /* moments of the first network, and of the last */
    struct static_block *blocks;
    size_t **offsets; /* [count]: where the offset of each block goes */
    size_t count;
};

static size_t steps_of(const struct stage_graph *graph)
{
    return graph ? graph->count : 0;
}

static size_t bytes_of(struct shape shape)
{
    return shape_size(shape) * sizeof(float);
}

/* A block whose offset goes to *offset; returns it. */
static struct static_block *add(struct around_layout *layout, size_t bytes, size_t first,
                                size_t last, size_t *offset)
{
    struct static_block *block = &layout->blocks[layout->count];

    layout->offsets[layout->count++] = offset;
    *block = (struct static_block){.bytes = bytes, .first = first, .last = last};
    return block;
}

static void add_line(struct around_layout *layout, const struct stage_step *step, size_t moment,
                     size_t *offset)
{
    size_t floats = c_step_line(step);

    if (floats)
        add(layout, floats * sizeof(float), moment, moment, offset);
}

/* A step in place writes where it reads, unless that is the caller's. */
static void place_before(struct around_layout *layout)
{
    struct c_place *in = layout->around->in;
    struct static_block *block = NULL;

    in[0].room = ROOM_INPUT;
    for (size_t k = 0; k < layout->before; k++) {
        const struct stage_step *step = &layout->need->before->steps[k];
        bool last = k + 1 == layout->before;
        size_t end = last ? layout->last : k + 1;
        add_line(layout, step, k, &layout->around->lines[k]);
        in[k + 1] = (struct c_place){.room = ROOM_MEMORY, .owner = k + 1};
        if (block && c_step_in_place(step))
            in[k + 1].owner = in[k].owner;
        else
            block = add(layout, bytes_of(step->out), k, end, &in[k + 1].offset);
        block->last = end;
    }
}

/* From the end: what a step in place reads lies where it writes. */
static void place_after(struct around_layout *layout)
{
    struct c_place *out = layout->around->out;
    struct static_block *block = NULL; /* NULL: the caller's output */

    out[layout->after] = (struct c_place){.room = ROOM_OUTPUT, .owner = layout->after};
    for (size_t k = layout->after; k-- > 0;) {
        const struct stage_step *step = &layout->need->after->steps[k];
        size_t moment = layout->last + 1 + k, begin = k ? moment - 1 : layout->first;
        add_line(layout, step, moment, &layout->around->lines[layout->before + k]);
        out[k] = (struct c_place){.room = ROOM_MEMORY, .owner = k};
        if (c_step_in_place(step))
            out[k] = out[k + 1];
        else
            block = add(layout, bytes_of(step->in), begin, moment, &out[k].offset);
        if (block)
            block->first = begin;
    }
}

static void place_networks(struct around_layout *layout)
{
    const struct c_around_need *need = layout->need;
    struct c_around *around = layout->around;
    size_t first = layout->first, again = first + (need->twice ? 1 : 0);

    add(layout, need->networks[C_SMALL], first, again, &around->networks[C_SMALL]);
    add(layout, need->networks[C_LARGE], layout->last, layout->last, &around->networks[C_LARGE]);
    if (need->twice) {
        add(layout, bytes_of(need->in), again, again, &around->mirrored);
        add(layout, bytes_of(need->out), again, again + 1, &around->turned);
    }
}

/* Values in one place have one offset. */
static void share_offsets(struct around_layout *layout)
{
    struct c_place *in = layout->around->in, *out = layout->around->out;

    for (size_t b = 0; b < layout->count; b++)
        *layout->offsets[b] = layout->blocks[b].offset;
    for (size_t k = 1; k <= layout->before; k++)
        in[k].offset = in[in[k].owner].offset;
    for (size_t k = 0; k < layout->after; k++)
        out[k].offset = out[out[k].owner].offset;
}

enum status c_around_new(struct c_around *around, const struct c_around_need *need,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct around_layout layout = {.need = need,
                                   .around = around,
                                   .before = steps_of(need->before),
                                   .after = steps_of(need->after)};
    size_t steps = layout.before + layout.after;

    *around = (struct c_around){0};
    layout.first = layout.last = layout.before;
    if (need->networks[C_LARGE] || need->twice)
        layout.last = layout.first + (need->twice ? 3 : 1);
    TRY(memory_new(&around->in, layout.before + 1, sizeof *around->in, error));
    TRY(memory_new(&around->out, layout.after + 1, sizeof *around->out, error));
    TRY(memory_new(&around->lines, steps, sizeof *around->lines, error));
    TRY(memory_new(&layout.blocks, 2 * steps + OWN_BLOCKS, sizeof *layout.blocks, error));
    TRY(memory_new(&layout.offsets, 2 * steps + OWN_BLOCKS, sizeof(size_t *), error));
    place_before(&layout);
    place_after(&layout);
    place_networks(&layout);
    TRY(static_memory_place(layout.blocks, layout.count, need->alignment, &around->bytes, error));
    share_offsets(&layout);
out:
    memory_free(layout.blocks);
    memory_free(layout.offsets);
    if (status != STATUS_OK)
        c_around_release(around);
    return status;
}

void c_around_release(struct c_around *around)
{
    memory_free(around->in);
    memory_free(around->out);
    memory_free(around->lines);
    memset(around, 0, sizeof *around);
}
