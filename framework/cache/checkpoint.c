/*
 * A checkpoint file:
 *
 *     struct header             magic, the trial's key, the step, the parts' number
 *     uint64_t sizes[parts]
 *     each part's bytes
 *     SHA-256 of all before, as 64 hexadecimal digits
 */
#include "cache/checkpoint.h"

#include "base/clock.h"
#include "base/hash.h"
#include "io/files/atomic_file.h"

#include <string.h>
#include <unistd.h>

enum { DIGEST = HASH_TEXT - 1, SPANS = TRAIN_MOST_PARTS + 3 };

struct header {
    char magic[24]; /* with the format's version */
    char key[DIGEST];
    int64_t step;
    uint64_t parts;
};

static const char magic[sizeof((struct header *)0)->magic] = "understudy checkpoint 1";
enum { BEFORE_VERSION = sizeof "understudy checkpoint " - 1 };

bool checkpoint_due(const struct checkpoint *checkpoint)
{
    return clock_seconds() - checkpoint->last >= checkpoint->interval;
}

static struct header header_of(const struct checkpoint *checkpoint, int64_t step, size_t count)
{
    struct header header = {.step = step, .parts = count};

    memcpy(header.magic, magic, sizeof magic);
    memcpy(header.key, checkpoint->key, DIGEST);
    return header;
}

/* Everything but the digest. Returns the number of spans. */
static size_t list_spans(const struct header *header, uint64_t sizes[TRAIN_MOST_PARTS],
                         const struct train_part *parts, size_t count, struct span spans[SPANS])
{
    spans[0] = (struct span){(const unsigned char *)header, sizeof *header, ""};
    spans[1] = (struct span){(const unsigned char *)sizes, count * sizeof *sizes, ""};
    for (size_t i = 0; i < count; i++) {
        sizes[i] = parts[i].size;
        spans[2 + i] = (struct span){parts[i].data, parts[i].size, ""};
    }
    return 2 + count;
}

static enum status digest_spans(const struct span *spans, size_t count, char digest[HASH_TEXT],
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    for (size_t i = 0; i < count; i++)
        TRY(hash_bytes(&hash, spans[i].data, spans[i].length, error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

enum status checkpoint_save(struct checkpoint *checkpoint, int64_t step,
                            const struct train_part *parts, size_t count, struct error *error)
{
    struct header header = header_of(checkpoint, step, count);
    uint64_t sizes[TRAIN_MOST_PARTS];
    struct span spans[SPANS];
    char digest[HASH_TEXT];
    size_t used = list_spans(&header, sizes, parts, count, spans);

    if (checkpoint->saves)
        checkpoint->saves(checkpoint->context);
    PASS(digest_spans(spans, used, digest, error));
    spans[used++] = (struct span){(const unsigned char *)digest, DIGEST, ""};
    PASS(atomic_file_write(checkpoint->path, spans, used, error));
    checkpoint->last = clock_seconds();
    return STATUS_OK;
}

/* Is the file what would be written now, but for the step and the parts' bytes? */
static enum status check(const struct checkpoint *checkpoint, const struct bytes *file,
                         const struct train_part *parts, size_t count, struct header *found,
                         struct error *error)
{
    uint64_t sizes[TRAIN_MOST_PARTS];
    struct span spans[SPANS];
    char digest[HASH_TEXT];
    struct header header = header_of(checkpoint, 0, count);
    size_t used = list_spans(&header, sizes, parts, count, spans), length = DIGEST;

    for (size_t i = 0; i < used; i++)
        length += spans[i].length;
    if (file->length > sizeof magic && memcmp(file->data, magic, BEFORE_VERSION) == 0 &&
        memcmp(file->data, magic, sizeof magic) != 0)
        return error_set(
            error, STATUS_DATA,
            "%s has the format of another version of understudy; this one reads format 1",
            checkpoint->path);
    if (file->length != length)
        return error_set(error, STATUS_DATA, "%s has %zu bytes; expected %zu", checkpoint->path,
                         file->length, length);
    struct span body = {file->data, length - DIGEST, ""};
    PASS(digest_spans(&body, 1, digest, error));
    if (memcmp(file->data + body.length, digest, DIGEST) != 0)
        return error_set(error, STATUS_DATA, "%s is damaged: its SHA-256 differs",
                         checkpoint->path);
    memcpy(found, file->data, sizeof *found);
    header.step = found->step;
    if (memcmp(found, &header, sizeof header) != 0 ||
        memcmp(file->data + sizeof header, sizes, spans[1].length) != 0)
        return error_set(error, STATUS_DATA, "%s belongs to another training", checkpoint->path);
    return STATUS_OK;
}

enum status checkpoint_load(struct checkpoint *checkpoint, int64_t *step,
                            const struct train_part *parts, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes file = {0};
    struct header header;

    *step = 0;
    checkpoint->last = clock_seconds();
    if (access(checkpoint->path, F_OK) != 0)
        return STATUS_OK;
    TRY(bytes_read(&file, checkpoint->path, SIZE_MAX / 2, error));
    TRY(check(checkpoint, &file, parts, count, &header, error));
    const unsigned char *at = file.data + sizeof header + count * sizeof(uint64_t);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size)
            memcpy(parts[i].data, at, parts[i].size);
        at += parts[i].size;
    }
    *step = header.step;
out:
    bytes_release(&file);
    return status;
}

void checkpoint_remove(const struct checkpoint *checkpoint)
{
    unlink(checkpoint->path);
}
