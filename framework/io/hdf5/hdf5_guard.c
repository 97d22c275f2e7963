/* The parent's end of a guard. Nothing here trusts what the child says: it may have read a file
 * that made it say something else. */
#include "io/hdf5/hdf5_guard.h"

#include "base/hash.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "io/hdf5/hdf5_private.h"
#include "io/hdf5/hdf5_values.h"
#include "io/hdf5/hdf5_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 200,
    MOST_REPLACED = 20, /* times that a file may be replaced while it is opened */
};

struct hdf5_guard {
    pid_t child, owner; /* whose child: a process that was forked later has none */
    int socket;
    bool dead; /* the child went by itself: the next one would, too */
    struct arena arena;
    const char **paths; /* of all objects, in byte order; the kind stands in front of each */
    size_t count;
};

static void dismiss(struct hdf5_guard *guard)
{
    if (guard->socket >= 0)
        close(guard->socket);
    guard->socket = -1;
    if (guard->child > 0 && guard->owner == getpid()) {
        kill(guard->child, SIGKILL);
        while (waitpid(guard->child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    guard->child = 0;
}

/* The child died: the file is damaged. */
static enum status mourn(const struct hdf5 *file, struct error *error)
{
    char how[80] = "ended";
    int state = 0, code;
    pid_t child = file->guard->child;

    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    file->guard->child = 0;
    file->guard->dead = true;
    (void)process_killed(state, &code, how, sizeof how);
    return error_set(error, STATUS_DATA, "%s: damaged file: the process that read it %s%s",
                     file->name, strncmp(how, "crashed", 7) == 0 ? "" : "was ", how);
}

static enum status receive(const struct hdf5 *file, void *bytes, size_t length, struct error *error)
{
    struct pollfd waiting = {.fd = file->guard->socket, .events = POLLIN};
    char *at = bytes;

    while (length) {
        int ready = poll(&waiting, 1, PATIENCE_MS);
        if (ready == 0 || (ready < 0 && errno == EINTR)) {
            enum status status = interrupt_check(error);
            if (status != STATUS_OK)
                return status;
            continue;
        }
        ssize_t got = recv(file->guard->socket, at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return mourn(file, error);
        at += got;
        length -= (size_t)got;
    }
    return STATUS_OK;
}

/* The reply's bytes, and a zero, in `arena`; *whole: the next one may be asked for. */
static enum status receive_reply(const struct hdf5 *file, struct hdf5_reply *reply,
                                 struct arena *arena, char **bytes, bool *whole,
                                 struct error *error)
{
    enum status status = STATUS_OK;

    TRY(receive(file, reply, sizeof *reply, error));
    if (reply->length >= SIZE_MAX / 2)
        TRY(error_set(error, STATUS_DATA, "%s: damaged file", file->name));
    TRY(arena_new(arena, bytes, (size_t)reply->length + 1, 1, error));
    TRY(receive(file, *bytes, (size_t)reply->length, error));
    *whole = reply->status != STATUS_MEMORY; /* such a child is not to be asked again */
    if (reply->status != STATUS_OK)
        TRY(error_set(error, reply->status == STATUS_MEMORY ? STATUS_MEMORY : STATUS_DATA, "%s",
                      *bytes));
out:
    return status;
}

static enum status send_all(const struct hdf5 *file, const void *bytes, size_t length,
                            struct error *error)
{
    const char *at = bytes;

    while (length) {
        ssize_t sent = send(file->guard->socket, at, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return mourn(file, error);
        at += sent;
        length -= (size_t)sent;
    }
    return STATUS_OK;
}

/* A regular file, and no other: to open a pipe would wait for a writer. */
static enum status open_regular(const char *path, int *descriptor, struct error *error)
{
    static const char wrong[] = "not an HDF5 file, or a damaged one";
    struct stat facts;

    *descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*descriptor < 0)
        return error_system(error, "cannot open %s", path);
    if (fstat(*descriptor, &facts) != 0)
        return error_system(error, "cannot read %s", path);
    if (S_ISDIR(facts.st_mode))
        return error_set(error, STATUS_DATA, "%s: %s: Is a directory", path, wrong);
    if (!S_ISREG(facts.st_mode))
        return error_set(error, STATUS_DATA, "%s: %s: it is a pipe, a socket or a device", path,
                         wrong);
    return STATUS_OK;
}

static enum status start(struct hdf5_guard *guard, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    int descriptor = -1, ends[2] = {-1, -1};

    TRY(open_regular(path, &descriptor, error));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        TRY(error_system(error, "%s cannot be read", path));
    guard->owner = getpid();
    guard->child = fork();
    if (guard->child == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != guard->owner)
            _exit(1);
        hdf5_wire_serve(descriptor, ends[1], path);
    }
    if (guard->child < 0)
        TRY(error_system(error, "%s cannot be read", path));
    guard->socket = ends[0];
    ends[0] = -1;
out:
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

/* What the child told unasked: kind, path and a zero for each object. */
static enum status sort_contents(const struct hdf5 *file, char *contents, size_t length,
                                 struct error *error)
{
    struct hdf5_guard *guard = file->guard;
    size_t count = 0;

    for (size_t at = 0; at < length; at += strlen(contents + at) + 1)
        count++;
    PASS(arena_new(&guard->arena, &guard->paths, count, sizeof *guard->paths, error));
    guard->count = 0;
    for (size_t at = 0; guard->count < count; at += strlen(contents + at) + 1) {
        if (contents[at + (contents[at] != '\0')] != '/')
            return error_set(error, STATUS_DATA, "%s: damaged file", file->name);
        guard->paths[guard->count++] = contents + at + 1;
    }
    qsort(guard->paths, guard->count, sizeof *guard->paths, text_compare);
    return STATUS_OK;
}

static enum status begin_once(struct hdf5 *file, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_guard *guard = file->guard;
    struct hdf5_reply reply;
    char *contents;
    bool whole;

    TRY(start(guard, file->name, error));
    TRY(receive_reply(file, &reply, &guard->arena, &contents, &whole, error));
    TRY(sort_contents(file, contents, (size_t)reply.length, error));
out:
    if (status != STATUS_OK)
        dismiss(guard);
    return status;
}

/* HDF5 looks at the file's name again while it opens it, and fails where another run has replaced
 * the file in between: then the new one is opened. */
static enum status begin(struct hdf5 *file, struct error *error)
{
    for (int left = MOST_REPLACED;; left--) {
        struct stat before, after;
        bool known = stat(file->name, &before) == 0;
        enum status status = begin_once(file, error);
        if (status == STATUS_OK || left == 0 || !known || stat(file->name, &after) != 0 ||
            (before.st_ino == after.st_ino && before.st_dev == after.st_dev))
            return status;
    }
}

enum status hdf5_guard_open(struct hdf5 *file, const char *path, struct error *error)
{
    enum status status = STATUS_OK;

    *file = (struct hdf5){0};
    TRY(memory_new(&file->guard, 1, sizeof *file->guard, error));
    file->guard->socket = -1;
    TRY(arena_copy(&file->guard->arena, path, strlen(path), &file->name, error));
    TRY(begin(file, error));
    file->file = -1; /* open, and no file of HDF5's here */
out:
    if (status != STATUS_OK && file->guard)
        hdf5_guard_close(file);
    return status;
}

void hdf5_guard_close(struct hdf5 *file)
{
    dismiss(file->guard);
    arena_release(&file->guard->arena);
    memory_free(file->guard);
    *file = (struct hdf5){0};
}

/* Ask; the reply's bytes are in `arena`. A process that was forked with the file open gets a child
 * of its own, and so does the next question after one whose answer was not received to its end. */
static enum status ask(struct hdf5 *file, struct hdf5_request *request, const char *const *texts,
                       size_t count, struct arena *arena, struct hdf5_reply *reply, char **bytes,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct text all = {0};
    bool whole = false;

    for (size_t i = 0; i < count; i++)
        text_append_bytes(&all, texts[i], strlen(texts[i]) + 1);
    TRY(text_status(&all, error));
    if (file->guard->dead)
        TRY(error_set(error, STATUS_DATA, "%s: damaged file", file->name));
    if (file->guard->owner != getpid() || !file->guard->child) {
        dismiss(file->guard);
        TRY(begin(file, error));
    }
    request->length = all.length;
    TRY(send_all(file, request, sizeof *request, error));
    TRY(send_all(file, all.bytes, all.length, error));
    TRY(receive_reply(file, reply, arena, bytes, &whole, error));
out:
    if (status != STATUS_OK && !whole)
        dismiss(file->guard);
    text_release(&all);
    return status;
}

/* The first object whose path does not sort before `path`. */
static size_t lower_bound(const struct hdf5_guard *guard, const char *path)
{
    size_t low = 0, high = guard->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(guard->paths[middle], path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool hdf5_guard_find(const struct hdf5 *file, const char *path, bool *group)
{
    const struct hdf5_guard *guard = file->guard;
    size_t at = lower_bound(guard, path);
    bool found = at < guard->count && strcmp(guard->paths[at], path) == 0;

    *group = found && guard->paths[at][-1] == 'g';
    return found;
}

enum status hdf5_guard_list(struct hdf5 *file, const char *path, struct arena *arena,
                            const char ***names, size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    const struct hdf5_guard *guard = file->guard;
    struct text below = {0};
    bool group;

    *count = 0;
    if (!hdf5_guard_find(file, path, &group) || !group)
        TRY(hdf5_refused(file, STATUS_DATA, error, "no group %s", path));
    TRY(text_print(&below, error, "%s/", path[1] ? path : ""));
    size_t first = lower_bound(guard, below.bytes), end = first, length = below.length;
    while (end < guard->count && strncmp(guard->paths[end], below.bytes, length) == 0)
        end++;
    TRY(arena_new(arena, names, end - first, sizeof **names, error));
    for (size_t i = first; i < end; i++) {
        const char *name = guard->paths[i] + length;
        if (*name && !strchr(name, '/'))
            TRY(arena_copy(arena, name, strlen(name), &(*names)[(*count)++], error));
    }
out:
    text_release(&below);
    return status;
}

enum status hdf5_guard_read(struct hdf5 *file, const char *path, struct arena *arena,
                            struct hdf5_array *array, struct error *error)
{
    struct hdf5_request request = {.question = HDF5_ASK_ARRAY};
    struct hdf5_reply reply;
    char *bytes;
    size_t size;
    bool group;

    memset(array, 0, sizeof *array);
    if (!hdf5_guard_find(file, path, &group))
        PASS(hdf5_refused(file, STATUS_DATA, error, "no %s in the file", path));
    PASS(ask(file, &request, &path, 1, arena, &reply, &bytes, error));
    *array = reply.array;
    array->values = bytes;
    size = array->type >= HDF5_FLOAT32 && array->type <= HDF5_TEXT ? hdf5_value_size(array) : 0;
    for (int axis = 0; size && axis < array->rank && axis < HDF5_MAX_RANK; axis++)
        if (!memory_multiply(size, array->dims[axis], &size))
            size = SIZE_MAX;
    if (array->rank < 0 || array->rank > HDF5_MAX_RANK || size != reply.length)
        return error_set(error, STATUS_DATA, "%s: damaged file", file->name);
    return STATUS_OK;
}

enum status hdf5_guard_format(struct hdf5 *file, int64_t *version, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_request request = {.question = HDF5_ASK_FORMAT};
    const char *root = "/";
    struct arena arena = {0};
    struct hdf5_reply reply;
    char *bytes;

    TRY(ask(file, &request, &root, 1, &arena, &reply, &bytes, error));
    if (reply.length != sizeof *version)
        TRY(error_set(error, STATUS_DATA, "%s: damaged file", file->name));
    memcpy(version, bytes, sizeof *version);
out:
    arena_release(&arena);
    return status;
}

enum status hdf5_guard_attribute(struct hdf5 *file, const char *object, const char *name,
                                 struct arena *arena, const char **text, struct error *error)
{
    struct hdf5_request request = {.question = HDF5_ASK_ATTRIBUTE};
    struct hdf5_reply reply;
    char *bytes = NULL;
    enum status status =
        ask(file, &request, (const char *const[]){object, name}, 2, arena, &reply, &bytes, error);

    *text = status == STATUS_OK ? bytes : NULL;
    return status;
}

enum status hdf5_guard_block(struct hdf5 *file, const char *path, size_t offset, size_t length,
                             void *part, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_request request = {.question = HDF5_ASK_BLOCK, .offset = offset, .bytes = length};
    struct arena arena = {0};
    struct hdf5_reply reply;
    char *bytes;

    TRY(ask(file, &request, &path, 1, &arena, &reply, &bytes, error));
    if (reply.length != length)
        TRY(error_set(error, STATUS_DATA, "%s: damaged file", file->name));
    memcpy(part, bytes, length);
out:
    arena_release(&arena);
    return status;
}

enum status hdf5_guard_digest(struct hdf5 *file, const char *const *paths, size_t count,
                              char digest[65], struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_request request = {.question = HDF5_ASK_DIGEST};
    struct arena arena = {0};
    struct hdf5_reply reply;
    char *bytes;

    TRY(ask(file, &request, paths, count, &arena, &reply, &bytes, error));
    if (!hash_is_digest(bytes))
        TRY(error_set(error, STATUS_DATA, "%s: damaged file", file->name));
    memcpy(digest, bytes, HASH_TEXT);
out:
    arena_release(&arena);
    return status;
}

/* One attribute of those that the child told: its type, name, 0, value, 0. */
static enum status write_attribute(struct hdf5 *to, const char *path, const char *told,
                                   struct error *error)
{
    const char *name = told + 1, *value = name + strlen(name) + 1;

    if (*told == 't')
        return hdf5_attribute_text(to, path, name, value, error);
    return hdf5_attribute_integer(to, path, name, strtoll(value, NULL, 10), error);
}

enum status hdf5_guard_copy_attributes(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                                       const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_request request = {.question = HDF5_ASK_ATTRIBUTES};
    struct arena arena = {0};
    struct hdf5_reply reply;
    char *bytes;

    TRY(ask(from, &request, &from_path, 1, &arena, &reply, &bytes, error));
    for (size_t at = 0; at < reply.length;) {
        size_t name = strlen(bytes + at) + 1;
        if (name < 2 || at + name >= reply.length)
            TRY(error_set(error, STATUS_DATA, "%s: damaged file", from->name));
        TRY(write_attribute(to, to_path, bytes + at, error));
        at += name + strlen(bytes + at + name) + 1;
    }
out:
    arena_release(&arena);
    return status;
}

static enum status copy_object(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                               const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array;
    bool group;

    if (!hdf5_guard_find(from, from_path, &group))
        TRY(hdf5_refused(from, STATUS_DATA, error, "no %s in the file", from_path));
    if (group) {
        TRY(hdf5_group(to, to_path, error));
    } else {
        TRY(hdf5_guard_read(from, from_path, &arena, &array, error));
        TRY(hdf5_write(to, to_path, &array, error));
    }
    TRY(hdf5_guard_copy_attributes(from, from_path, to, to_path, error));
out:
    arena_release(&arena);
    return status;
}

/* Groups come before what is in them: their paths are its beginning. */
enum status hdf5_guard_copy(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                            const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    const struct hdf5_guard *guard = from->guard;
    struct text below = {0}, target = {0};

    TRY(copy_object(from, from_path, to, to_path, error));
    TRY(text_print(&below, error, "%s/", from_path));
    for (size_t i = lower_bound(guard, below.bytes);
         i < guard->count && strncmp(guard->paths[i], below.bytes, below.length) == 0; i++) {
        TRY(path_join(&target, to_path, guard->paths[i] + below.length, error));
        TRY(copy_object(from, guard->paths[i], to, target.bytes, error));
    }
out:
    text_release(&target);
    text_release(&below);
    return status;
}
