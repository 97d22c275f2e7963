#include "io/files/bytes.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct span bytes_span(const struct bytes *bytes, const char *name)
{
    struct span span = {bytes->data, bytes->length, name};
    return span;
}

void bytes_release(struct bytes *bytes)
{
    memory_free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}

enum status bytes_hash(const struct bytes *bytes, const char *name, struct hash *hash,
                       struct error *error)
{
    PASS(hash_text(hash, name, error));
    PASS(hash_number(hash, bytes->length, error));
    return hash_bytes(hash, bytes->data, bytes->length, error);
}

static enum status too_long(struct error *error, const char *name, size_t limit)
{
    return error_set(error, STATUS_DATA, "%s: too large; expected at most %zu bytes", name, limit);
}

/* Room for the whole file and one byte more, so that its end is met without growing. */
static enum status first_room(int file, const char *path, size_t limit, size_t *room,
                              struct error *error)
{
    struct stat facts;
    *room = 65536;
    if (fstat(file, &facts) != 0)
        return error_system(error, "%s", path);
    if (!S_ISREG(facts.st_mode))
        return STATUS_OK;
    if (facts.st_size < 0 || (uintmax_t)facts.st_size > limit)
        return too_long(error, path, limit);
    *room = (size_t)facts.st_size + 1;
    return STATUS_OK;
}

enum status bytes_read(struct bytes *bytes, const char *path, size_t limit, struct error *error)
{
    enum status status = STATUS_OK;
    size_t capacity = 0, room;
    int file = -1;

    memset(bytes, 0, sizeof *bytes);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        TRY(error_system(error, "%s", path));
    TRY(first_room(file, path, limit, &room, error));
    TRY(memory_new(&bytes->data, room, 1, error));
    capacity = room;
    for (;;) {
        TRY(memory_reserve(&bytes->data, &capacity, bytes->length + 1, 1, error));
        ssize_t got = read(file, bytes->data + bytes->length, capacity - bytes->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            TRY(error_system(error, "%s", path));
        if (got == 0)
            break;
        bytes->length += (size_t)got;
        if (bytes->length > limit)
            TRY(too_long(error, path, limit));
    }
out:
    if (file >= 0)
        close(file);
    if (status != STATUS_OK)
        bytes_release(bytes);
    return status;
}

/* zlib's own memory passes through ours, so that tests can make it fail. */
static void *zlib_new(void *unused, unsigned count, unsigned size)
{
    void *block;
    (void)unused;
    return memory_new(&block, count, size, NULL) == STATUS_OK ? block : NULL;
}

static void zlib_free(void *unused, void *block)
{
    (void)unused;
    memory_free(block);
}

static bool starts_gzip(const unsigned char *data, size_t length)
{
    return length >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

static uInt at_most_uint(size_t length)
{
    return length < UINT_MAX ? (uInt)length : UINT_MAX;
}

/* What zlib's answer means. `at` is the number of packed bytes read so far. */
static enum status zlib_status(int answer, const z_stream *stream, struct span packed, size_t at,
                               struct error *error)
{
    if (answer == Z_MEM_ERROR)
        return error_set(error, STATUS_MEMORY, "%s: out of memory while unpacking it", packed.name);
    if (answer == Z_BUF_ERROR || (answer == Z_OK && at == packed.length && stream->avail_out))
        return error_set(error, STATUS_DATA,
                         "%s: gzip stream ends too early, after %zu packed bytes", packed.name,
                         packed.length);
    if (answer != Z_OK && answer != Z_STREAM_END)
        return error_set(error, STATUS_DATA, "%s: damaged gzip stream: %s", packed.name,
                         stream->msg ? stream->msg : "unknown fault");
    return STATUS_OK;
}

/* All members of the stream, into a growing block. */
static enum status inflate_all(z_stream *stream, struct bytes *bytes, struct span packed,
                               size_t limit, struct error *error)
{
    size_t capacity = 0, at = 0;

    for (int answer = Z_OK; answer != Z_STREAM_END || at < packed.length;) {
        PASS(memory_reserve(&bytes->data, &capacity, bytes->length + 65536, 1, error));
        /* zlib promises not to write to its input; its type predates const. */
        memcpy(&stream->next_in, &(const unsigned char *){packed.data + at},
               sizeof stream->next_in);
        stream->avail_in = at_most_uint(packed.length - at);
        stream->next_out = bytes->data + bytes->length;
        stream->avail_out = at_most_uint(capacity - bytes->length);
        uInt in = stream->avail_in, room = stream->avail_out;
        answer = inflate(stream, Z_NO_FLUSH);
        at += in - stream->avail_in;
        bytes->length += room - stream->avail_out;
        if (bytes->length > limit)
            PASS(too_long(error, packed.name, limit));
        PASS(zlib_status(answer, stream, packed, at, error));
        if (answer != Z_STREAM_END || at == packed.length)
            continue;
        if (!starts_gzip(packed.data + at, packed.length - at))
            return error_set(error, STATUS_DATA, "%s: %zu bytes follow the end of the gzip stream",
                             packed.name, packed.length - at);
        inflateReset(stream);
    }
    return STATUS_OK;
}

enum status bytes_unpack(struct bytes *bytes, struct span packed, size_t limit, struct error *error)
{
    enum status status = STATUS_OK;
    z_stream stream = {.zalloc = zlib_new, .zfree = zlib_free};
    bool begun = false;

    memset(bytes, 0, sizeof *bytes);
    if (!starts_gzip(packed.data, packed.length)) {
        if (packed.length > limit)
            TRY(too_long(error, packed.name, limit));
        TRY(memory_new(&bytes->data, packed.length, 1, error));
        if (packed.length)
            memcpy(bytes->data, packed.data, packed.length);
        bytes->length = packed.length;
        goto out;
    }
    if (inflateInit2(&stream, 15 + 16) != Z_OK) /* the widest window; gzip's wrapper only */
        TRY(error_set(error, STATUS_MEMORY, "%s: out of memory while unpacking it", packed.name));
    begun = true;
    TRY(inflate_all(&stream, bytes, packed, limit, error));
out:
    if (begun)
        inflateEnd(&stream);
    if (status != STATUS_OK)
        bytes_release(bytes);
    return status;
}

enum status bytes_read_unpacked(struct bytes *bytes, const char *path, size_t limit,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes packed = {0};

    memset(bytes, 0, sizeof *bytes);
    TRY(bytes_read(&packed, path, limit, error));
    if (!starts_gzip(packed.data, packed.length)) {
        *bytes = packed;
        return STATUS_OK;
    }
    TRY(bytes_unpack(bytes, bytes_span(&packed, path), limit, error));
out:
    bytes_release(&packed);
    return status;
}
