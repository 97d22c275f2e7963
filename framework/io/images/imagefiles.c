#include "io/images/imagefiles.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/work.h"

#include <math.h>
#include <string.h>

enum { MOST_AT_A_TIME = 64 };

struct outcome {
    struct imagefile_found found;
    enum status status;
    struct error error;
};

/* Some files that are decoded together. */
struct batch {
    const struct imagefiles *files;
    const uint32_t *indices; /* [count] */
    size_t count;
    struct bytes *contents;   /* [count][1 + files->others] */
    struct outcome *outcomes; /* [count] */
    const struct image_set *images;
    size_t first; /* of `images` */
};

/* Keep the colours that all palettes so far have at their beginnings. */
static void compare_palettes(struct imagefiles *files, const struct imagefile_header *header)
{
    int same = 0;

    if (!files->looked++) {
        files->colours = header->colours;
        memcpy(files->palette, header->palette, sizeof files->palette);
        return;
    }
    while (same < files->colours && same < header->colours &&
           files->palette[same] == header->palette[same])
        same++;
    files->colours = same;
}

static enum status look_at(struct imagefiles *files, struct imagefile *item, struct hash *hash,
                           struct error *error)
{
    const int channels = files->channels;
    enum status status = STATUS_OK;
    struct bytes bytes = {0};
    struct imagefile_header header;

    TRY(bytes_read(&bytes, item->path, IMAGEFILE_LENGTH, error));
    /* Only the name below the folder: the same images elsewhere have the same digest. */
    TRY(bytes_hash(&bytes, strrchr(item->path, '/') + 1, hash, error));
    TRY(hash_of_bytes(bytes.data, bytes.length, item->sha256, error));
    TRY(imagefile_look(bytes_span(&bytes, item->name), channels, &header, error));
    item->shape = header.shape;
    compare_palettes(files, &header);
    /* There were results of the same bytes, unturned: they have another digest. */
    if (header.orientation != 1)
        TRY(hash_number(hash, (uint64_t)header.orientation, error));
out:
    if (status != STATUS_OK)
        item->shape = (struct shape){channels > 0 ? channels : 0, 0, 0};
    bytes_release(&bytes);
    return status;
}

enum status imagefiles_look(struct imagefiles *files, size_t count, struct hash *hash,
                            imagefiles_heard *heard, void *context, struct error *error)
{
    enum status status = STATUS_OK;
    struct error fault;
    int work = work_begin(count, "files");

    for (size_t i = 0; i < count; i++, work_did(work, 1)) {
        TRY(interrupt_check(error));
        status = look_at(files, &files->items[i], hash, &fault);
        if (status == STATUS_OK)
            continue;
        if (!heard || status == STATUS_MEMORY) {
            if (error)
                *error = fault;
            goto out;
        }
        TRY(heard(context, i, NULL, &fault, error));
    }
out:
    work_end(work);
    return status;
}

/* Read a file again: it must be as it was. */
static enum status reread(const struct imagefile *item, struct bytes *bytes, struct error *error)
{
    char sha256[HASH_TEXT];

    PASS(bytes_read(bytes, item->path, IMAGEFILE_LENGTH, error));
    PASS(hash_of_bytes(bytes->data, bytes->length, sha256, error));
    if (strcmp(sha256, item->sha256) != 0)
        return error_set(error, STATUS_DATA, "%s: the file was changed while it was in use",
                         item->name);
    return STATUS_OK;
}

/* One of the files that an image is made of. */
static const struct imagefile *part_of(const struct imagefile *item, size_t part)
{
    return part ? &item->others[part - 1] : item;
}

/* What another file of the same image had, to what is there. */
static void add_found(struct imagefile_found *to, const struct imagefile_found *found)
{
    to->least = fmin(to->least, found->least);
    to->most = fmax(to->most, found->most);
    to->minimum = fmin(to->minimum, found->minimum);
    to->maximum = fmax(to->maximum, found->maximum);
    to->clipped += found->clipped;
    to->real = to->real || found->real;
    if (!to->remark[0])
        memcpy(to->remark, found->remark, sizeof to->remark);
}

static enum status decode_part(const struct imagefiles *files, struct span file, struct image image,
                               struct imagefile_found *found, struct error *error)
{
    return files->numbers ? imagefile_decode_numbers(file, files->numbers, image, found, error)
                          : imagefile_decode_scaled(file, files->scale, image, found, error);
}

static void decode(void *context, size_t index, int thread)
{
    struct batch *batch = context;
    const struct imagefiles *files = batch->files;
    const struct imagefile *item = &files->items[batch->indices[index]];
    struct outcome *outcome = &batch->outcomes[index];
    struct image image = image_set_at(batch->images, batch->first + index);
    struct imagefile_found found;

    (void)thread;
    if (files->others)
        image.shape.channels = files->channels;
    for (size_t p = 0; p <= files->others && outcome->status == STATUS_OK; p++) {
        const struct bytes *bytes = &batch->contents[index * (1 + files->others) + p];
        outcome->status = decode_part(files, bytes_span(bytes, part_of(item, p)->name), image,
                                      p ? &found : &outcome->found, &outcome->error);
        if (p && outcome->status == STATUS_OK)
            add_found(&outcome->found, &found);
        image.pixels += shape_size(image.shape);
    }
}

static void run_batch(struct batch *batch, int threads)
{
    const size_t parts = 1 + batch->files->others;

    for (size_t i = 0; i < batch->count; i++) {
        const struct imagefile *item = &batch->files->items[batch->indices[i]];
        struct outcome *outcome = &batch->outcomes[i];
        *outcome = (struct outcome){.status = STATUS_OK};
        for (size_t p = 0; p < parts && outcome->status == STATUS_OK; p++)
            outcome->status =
                reread(part_of(item, p), &batch->contents[i * parts + p], &outcome->error);
    }
    parallel_for(threads, batch->count, decode, batch);
    for (size_t i = 0; i < batch->count * parts; i++)
        bytes_release(&batch->contents[i]);
}

static void add_up(struct imagefiles_summary *summary, const struct imagefile *item,
                   const struct imagefile_found *found)
{
    summary->files++;
    summary->samples_clipped += found->clipped;
    if (found->clipped && !summary->clipped++)
        summary->first_clipped = item->name;
    if (found->remark[0] && !summary->remarks++) {
        summary->first_remark = item->name;
        memcpy(summary->remark, found->remark, sizeof summary->remark);
    }
    summary->largest = fmax(summary->largest, found->most);
    summary->smallest = fmin(summary->smallest, found->least);
    if (found->real) {
        summary->reals++;
        summary->real_least = fmin(summary->real_least, found->least);
        summary->real_most = fmax(summary->real_most, found->most);
        return;
    }
    if (found->maximum > summary->maximum) {
        summary->maximum = found->maximum;
        summary->minimum = found->minimum;
        summary->most = found->minimum;
    }
    if (found->maximum == summary->maximum && found->most > summary->most)
        summary->most = found->most;
}

static enum status batch_begin(struct batch *batch, const struct imagefiles *files, int threads,
                               size_t *room, struct error *error)
{
    *room = threads < 1 ? 1 : threads > MOST_AT_A_TIME ? MOST_AT_A_TIME : (size_t)threads;
    *batch = (struct batch){.files = files};
    PASS(memory_new(&batch->contents, *room * (1 + files->others), sizeof *batch->contents, error));
    return memory_new(&batch->outcomes, *room, sizeof *batch->outcomes, error);
}

static void batch_end(struct batch *batch)
{
    memory_free(batch->contents);
    memory_free(batch->outcomes);
}

enum status imagefiles_decode(const struct imagefiles *files, const uint32_t *indices, size_t count,
                              int threads, struct image_set *images,
                              struct imagefiles_summary *summary, size_t *faulty,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct batch batch;
    struct shape *shapes = NULL;
    size_t room;
    int work = work_begin(count, "images");

    *faulty = SIZE_MAX;
    TRY(batch_begin(&batch, files, threads, &room, error));
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        shapes[i] = files->items[indices[i]].shape;
    TRY(image_set_new(images, count, shapes, error));
    batch.images = images;
    for (size_t first = 0; first < count; first += batch.count) {
        TRY(interrupt_check(error));
        batch.first = first;
        batch.indices = indices + first;
        batch.count = count - first < room ? count - first : room;
        run_batch(&batch, threads);
        for (size_t i = 0; i < batch.count; i++) {
            if (batch.outcomes[i].status != STATUS_OK) {
                *faulty = first + i;
                if (error)
                    *error = batch.outcomes[i].error;
                TRY(batch.outcomes[i].status);
            }
            add_up(summary, &files->items[batch.indices[i]], &batch.outcomes[i].found);
        }
        work_did(work, batch.count);
    }
out:
    work_end(work);
    batch_end(&batch);
    memory_free(shapes);
    if (status != STATUS_OK)
        image_set_release(images);
    return status;
}

/* Decode these, and tell of each. */
static enum status each_of(struct batch *batch, int threads, imagefiles_heard *heard, void *context,
                           struct imagefiles_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape shapes[MOST_AT_A_TIME];
    struct image_set images = {0};

    for (size_t i = 0; i < batch->count; i++)
        shapes[i] = batch->files->items[batch->indices[i]].shape;
    TRY(image_set_new(&images, batch->count, shapes, error));
    batch->images = &images;
    run_batch(batch, threads);
    for (size_t i = 0; i < batch->count; i++) {
        const struct outcome *outcome = &batch->outcomes[i];
        struct image image = image_set_at(&images, i);
        if (outcome->status == STATUS_OK)
            add_up(summary, &batch->files->items[batch->indices[i]], &outcome->found);
        TRY(heard(context, batch->indices[i], outcome->status == STATUS_OK ? &image : NULL,
                  outcome->status == STATUS_OK ? NULL : &outcome->error, error));
    }
out:
    image_set_release(&images);
    return status;
}

struct imagefile_scale imagefile_scale_of(const struct imagefiles_summary *summary)
{
    struct imagefile_scale scale = {0, 1};

    while (scale.high < summary->largest)
        scale.high = 2 * scale.high + 1;
    for (double low = -1; scale.low > summary->smallest; low *= 2)
        scale.low = low;
    return scale;
}

enum status imagefiles_each(const struct imagefiles *files, int threads, imagefiles_heard *heard,
                            void *context, struct imagefiles_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t indices[MOST_AT_A_TIME];
    struct batch batch;
    size_t room;
    int work = work_begin(files->count, "images");

    TRY(batch_begin(&batch, files, threads, &room, error));
    batch.indices = indices;
    for (size_t i = 0; i < files->count; i++) {
        if (shape_plane(files->items[i].shape))
            indices[batch.count++] = (uint32_t)i;
        if (batch.count < room && i + 1 < files->count)
            continue;
        TRY(interrupt_check(error));
        TRY(each_of(&batch, threads, heard, context, summary, error));
        work_did(work, batch.count);
        batch.count = 0;
    }
out:
    work_end(work);
    batch_end(&batch);
    return status;
}

void imagefiles_release(struct imagefiles *files)
{
    memory_free(files->items);
    text_release(&files->left_out);
    arena_release(&files->arena);
    memset(files, 0, sizeof *files);
}
