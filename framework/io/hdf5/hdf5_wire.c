/* The child's end of a guard. Whatever it is asked, it looks in the one file that it has open. */
#define _GNU_SOURCE /* close_range */

#include "io/hdf5/hdf5_wire.h"

#include "io/hdf5/hdf5_check.h"
#include "io/hdf5/hdf5_private.h"
#include "io/hdf5/hdf5_values.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far more than a sound file takes: these are for loops within HDF5. */
enum { SECONDS = 8, BYTES_A_SECOND = 2 << 20, FREE_MEMORY = 768 << 20 };

enum { SOCKET = 3, FILE_TO_READ = 4 };

static void limit(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit now;

    if (getrlimit(resource, &now) != 0)
        _exit(1);
    if (now.rlim_max == RLIM_INFINITY || most < now.rlim_max)
        now.rlim_max = most;
    now.rlim_cur = now.rlim_max;
    if (setrlimit(resource, &now) != 0)
        _exit(1);
}

/* Above what the process has already. Address sanitizers have terabytes: there it is of no use. */
static void limit_memory(uint64_t size)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    bool told = file && fscanf(file, "%llu", &pages) == 1;
    uint64_t now = pages * (uint64_t)sysconf(_SC_PAGESIZE);

    if (file)
        fclose(file);
    if (told && now < (uint64_t)1 << 40)
        limit(RLIMIT_AS, (rlim_t)(now + FREE_MEMORY + 4 * size));
}

/* Nothing but the two files, and no way to another. */
static void move_files(int descriptor, int socket)
{
    int far_socket = fcntl(socket, F_DUPFD, 16), far_file = fcntl(descriptor, F_DUPFD, 16);

    if (far_socket < 0 || far_file < 0 || dup2(far_socket, SOCKET) < 0 ||
        dup2(far_file, FILE_TO_READ) < 0 || close_range(FILE_TO_READ + 1, ~0U, 0) != 0)
        _exit(1);
}

static enum status open_file(struct hdf5 *file, uint64_t *size, struct error *error)
{
    struct stat facts;
    char path[32];

    if (fstat(FILE_TO_READ, &facts) != 0)
        return error_system(error, "cannot read %s", file->name);
    *size = (uint64_t)facts.st_size;
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CPU, (rlim_t)(SECONDS + *size / BYTES_A_SECOND));
    limit_memory(*size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", FILE_TO_READ);
    PASS(hdf5_open_here(file, path, false, error));
    limit(RLIMIT_NOFILE, 0);
    return STATUS_OK;
}

static void send_all(const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length) {
        ssize_t sent = send(SOCKET, at, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            _exit(0); /* no more requests */
        at += sent;
        length -= (size_t)sent;
    }
}

/* To nowhere where `bytes` is NULL: what was sent must be received before an answer. */
static void receive_all(void *bytes, size_t length)
{
    char *at = bytes, unwanted[256];

    while (length) {
        size_t room = at || length < sizeof unwanted ? length : sizeof unwanted;
        ssize_t got = recv(SOCKET, at ? at : unwanted, room, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            _exit(0);
        at = at ? at + got : NULL;
        length -= (size_t)got;
    }
}

static void answer(enum status status, const struct error *error, const struct hdf5_array *array,
                   const void *bytes, size_t length)
{
    struct hdf5_reply reply = {.status = status, .length = length};

    if (array)
        reply.array = *array;
    reply.array.values = NULL;
    if (status != STATUS_OK) {
        bytes = error->message;
        reply.length = strlen(error->message);
    }
    send_all(&reply, sizeof reply);
    send_all(bytes, reply.length);
}

/* One attribute into the answer; an H5A_operator2_t. */
struct wire_telling {
    struct hdf5 *file;
    const char *object;
    struct text *text;
    enum status status;
    struct error *error;
};

static herr_t tell_attribute(hid_t owner, const char *name, const H5A_info_t *info, void *context)
{
    struct wire_telling *telling = context;
    struct arena arena = {0};
    struct hdf5_array array = {.rank = 0};

    (void)owner;
    (void)info;
    telling->status =
        hdf5_read_attribute(telling->file, telling->object, name, &arena, &array, telling->error);
    if (telling->status == STATUS_OK) {
        text_append(telling->text, "%c%s", array.type == HDF5_TEXT ? 't' : 'i', name);
        text_append_bytes(telling->text, "", 1);
        hdf5_print_value(&array, 0, telling->text);
        text_append_bytes(telling->text, "", 1);
    }
    arena_release(&arena);
    return telling->status == STATUS_OK ? 0 : -1;
}

static enum status tell_attributes(struct hdf5 *file, const char *object, struct text *text,
                                   struct error *error)
{
    struct wire_telling telling = {file, object, text, STATUS_OK, error};
    hid_t owner = H5Oopen(file->file, object, H5P_DEFAULT);
    herr_t done = H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_INC, NULL, tell_attribute, &telling);

    if (done < 0 && telling.status == STATUS_OK)
        telling.status = hdf5_refused(file, STATUS_DATA, error, "cannot list attributes");
    hdf5_drop(owner);
    return telling.status == STATUS_OK ? text_status(text, error) : telling.status;
}

/* The texts of a request, each ended by a zero. */
static enum status split(const char *texts, size_t length, struct arena *arena, const char ***paths,
                         size_t *count, struct error *error)
{
    *count = 0;
    for (size_t i = 0; i < length; i++)
        *count += texts[i] == '\0';
    PASS(arena_new(arena, paths, *count + 2, sizeof **paths, error));
    for (size_t i = 0, at = 0; i < *count; at += strlen(texts + at) + 1)
        (*paths)[i++] = texts + at;
    return STATUS_OK;
}

static void reply_to(struct hdf5 *file, const struct hdf5_request *request, const char *texts)
{
    enum status status = STATUS_OK;
    struct error fault = {0}, *error = &fault;
    struct arena arena = {0};
    struct text text = {0};
    struct hdf5_array array = {.rank = 0};
    const char **paths, *value;
    int64_t number;
    size_t count, length = (size_t)request->bytes;
    char digest[65];

    TRY(split(texts, (size_t)request->length, &arena, &paths, &count, error));
    switch (request->question) {
    case HDF5_ASK_ARRAY:
        TRY(hdf5_read(file, paths[0], &arena, &array, error));
        answer(STATUS_OK, NULL, &array, array.values,
               hdf5_value_count(&array) * hdf5_value_size(&array));
        break;
    case HDF5_ASK_FORMAT:
        TRY(hdf5_read_format(file, &number, error));
        answer(STATUS_OK, NULL, NULL, &number, sizeof number);
        break;
    case HDF5_ASK_ATTRIBUTE:
        TRY(hdf5_read_attribute_text(file, paths[0], paths[1], &arena, &value, error));
        answer(STATUS_OK, NULL, NULL, value, strlen(value));
        break;
    case HDF5_ASK_ATTRIBUTES:
        TRY(tell_attributes(file, paths[0], &text, error));
        answer(STATUS_OK, NULL, NULL, text.bytes, text.length);
        break;
    case HDF5_ASK_BLOCK:
        TRY(arena_new(&arena, &array.values, length, 1, error));
        TRY(hdf5_block_get(file, paths[0], (size_t)request->offset, length, array.values, error));
        answer(STATUS_OK, NULL, NULL, array.values, length);
        break;
    case HDF5_ASK_DIGEST:
        TRY(hdf5_digest(file, paths, count, digest, error));
        answer(STATUS_OK, NULL, NULL, digest, strlen(digest));
        break;
    }
out:
    if (status != STATUS_OK)
        answer(status, error, NULL, NULL, 0);
    text_release(&text);
    arena_release(&arena);
}

_Noreturn void hdf5_wire_serve(int descriptor, int socket, const char *name)
{
    enum status status = STATUS_OK;
    struct error error = {0};
    struct hdf5 file = {.name = name};
    struct hdf5_request request;
    struct text contents = {0};
    uint64_t size = 0;
    char *texts;

    move_files(descriptor, socket);
    status = open_file(&file, &size, &error);
    if (status == STATUS_OK)
        status = hdf5_check(&file, size, &contents, &error);
    answer(status, &error, NULL, contents.bytes, contents.length);
    while (status == STATUS_OK) {
        receive_all(&request, sizeof request);
        status = memory_new(&texts, (size_t)request.length + 1, 1, &error);
        receive_all(texts, (size_t)request.length);
        if (status == STATUS_OK)
            reply_to(&file, &request, texts);
        else
            answer(status, &error, NULL, NULL, 0);
        memory_free(texts);
    }
    _exit(0);
}
