#include "pipelines/external/own_files.h"

#include "base/memory.h"
#include "io/files/search_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_DEPTH = 16, CHUNK = 1 << 20 };

bool own_file_exists(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0;
}

bool own_file_path(const char *folder, const char *path, struct text *full)
{
    size_t before = full->length;

    if (path[0] == '/' || !folder || !folder[0] || strcmp(folder, ".") == 0)
        text_append(full, "%s", path);
    else
        text_append(full, "%s/%s", folder, path);
    if (path[0] == '/' || text_status(full, NULL) != STATUS_OK ||
        own_file_exists(full->bytes + before))
        return false;
    struct text other = {0};
    bool found = search_file(path, &other);
    if (found) {
        full->length = before;
        text_append_bytes(full, other.bytes, other.length);
    }
    text_release(&other);
    return found;
}

static bool is_program(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && access(path, X_OK) == 0;
}

bool own_program_find(const char *folder, const char *name, struct text *path)
{
    const char *at = getenv("PATH"), *end;
    size_t before = path->length;

    if (strchr(name, '/')) {
        (void)own_file_path(folder, name, path);
        return text_status(path, NULL) == STATUS_OK && is_program(path->bytes);
    }
    for (at = at ? at : "/usr/local/bin:/usr/bin:/bin"; *at && name[0]; at = *end ? end + 1 : end) {
        end = at + strcspn(at, ":");
        if (end == at || *at != '/')
            continue; /* what PATH says of the current folder does not count */
        text_append_bytes(path, at, (size_t)(end - at));
        text_append(path, "/%s", name);
        if (text_status(path, NULL) != STATUS_OK)
            return false;
        if (is_program(path->bytes))
            return true;
        path->length = before;
        path->bytes[before] = '\0';
    }
    return false;
}

/* ---- digests */

/* A file or folder as it was first found. */
struct known_file {
    char *path; /* owned */
    char digest[HASH_TEXT];
    char identity[HASH_TEXT]; /* of what `stat` said when it was last looked at */
};

static struct known_file *known;
static size_t known_count, known_capacity;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static enum status feed_facts(struct hash *hash, const struct stat *facts, struct error *error)
{
    const uint64_t numbers[] = {(uint64_t)facts->st_dev,          (uint64_t)facts->st_ino,
                                (uint64_t)facts->st_size,         (uint64_t)facts->st_mtim.tv_sec,
                                (uint64_t)facts->st_mtim.tv_nsec, (uint64_t)facts->st_ctim.tv_sec,
                                (uint64_t)facts->st_ctim.tv_nsec};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        PASS(hash_number(hash, numbers[i], error));
    return STATUS_OK;
}

static enum status feed_contents(struct hash *hash, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    unsigned char *chunk = NULL;
    ssize_t got;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0)
        TRY(error_system(error, "cannot read %s", path));
    TRY(memory_new(&chunk, CHUNK, 1, error));
    while ((got = read(file, chunk, CHUNK)) > 0)
        TRY(hash_bytes(hash, chunk, (size_t)got, error));
    if (got < 0)
        TRY(error_system(error, "cannot read %s", path));
out:
    if (file >= 0)
        close(file);
    memory_free(chunk);
    return status;
}

static int is_of_interest(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strcmp(entry->d_name, "__pycache__") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status feed(struct hash *hash, const char *path, bool contents, int depth,
                        struct error *error);

static enum status feed_folder(struct hash *hash, const char *path, bool contents, int depth,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct dirent **entries = NULL;
    struct text inner = {0};
    int count = scandir(path, &entries, is_of_interest, by_name);

    if (count < 0 || depth == MOST_DEPTH) {
        errno = count < 0 ? errno : ELOOP;
        TRY(error_system(error, "cannot read %s", path));
    }
    for (int i = 0; i < count; i++) {
        text_clear(&inner);
        text_append(&inner, "%s/%s", path, entries[i]->d_name);
        TRY(text_status(&inner, error));
        TRY(hash_text(hash, entries[i]->d_name, error));
        TRY(feed(hash, inner.bytes, contents, depth + 1, error));
    }
out:
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    text_release(&inner);
    return status;
}

static enum status feed(struct hash *hash, const char *path, bool contents, int depth,
                        struct error *error)
{
    struct stat facts;

    if (stat(path, &facts) != 0)
        return error_system(error, "cannot read %s", path);
    if (S_ISDIR(facts.st_mode))
        PASS(feed_folder(hash, path, contents, depth, error));
    else if (!S_ISREG(facts.st_mode))
        return error_set(error, STATUS_IO, "%s is neither a file nor a folder", path);
    else if (contents)
        PASS(feed_contents(hash, path, error));
    else
        PASS(feed_facts(hash, &facts, error));
    return STATUS_OK;
}

/* Of what is in it, or of what `stat` says of it and all that lies in it. */
static enum status digest_now(const char *path, bool contents, char digest[HASH_TEXT],
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(feed(&hash, path, contents, 0, error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

static struct known_file *find(const char *path)
{
    for (size_t i = 0; i < known_count; i++)
        if (strcmp(known[i].path, path) == 0)
            return &known[i];
    return NULL;
}

static enum status find_or_add(const char *path, struct known_file **file, struct error *error)
{
    struct known_file added = {0};

    *file = find(path);
    if (*file)
        return STATUS_OK;
    PASS(memory_reserve(&known, &known_capacity, known_count + 1, sizeof *known, error));
    PASS(digest_now(path, false, added.identity, error));
    PASS(digest_now(path, true, added.digest, error));
    PASS(memory_new(&added.path, strlen(path) + 1, 1, error));
    memcpy(added.path, path, strlen(path) + 1);
    known[known_count] = added;
    *file = &known[known_count++];
    return STATUS_OK;
}

enum status own_file_digest(const char *path, char digest[HASH_TEXT], struct error *error)
{
    struct known_file *file;

    pthread_mutex_lock(&lock);
    enum status status = find_or_add(path, &file, error);
    if (status == STATUS_OK)
        memcpy(digest, file->digest, HASH_TEXT);
    pthread_mutex_unlock(&lock);
    return status;
}

enum status own_file_unchanged(const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct known_file *file;
    char identity[HASH_TEXT], digest[HASH_TEXT];

    pthread_mutex_lock(&lock);
    TRY(find_or_add(path, &file, error));
    TRY(digest_now(path, false, identity, error));
    if (strcmp(identity, file->identity) == 0)
        goto out;
    TRY(digest_now(path, true, digest, error));
    if (strcmp(digest, file->digest) != 0)
        TRY(error_set(error, STATUS_DATA,
                      "%s was changed since this run began; run it again, and what depends on it "
                      "is computed anew",
                      path));
    memcpy(file->identity, identity, HASH_TEXT);
out:
    pthread_mutex_unlock(&lock);
    return status;
}

void own_files_forget(void)
{
    for (size_t i = 0; i < known_count; i++)
        memory_free(known[i].path);
    memory_free(known);
    known = NULL;
    known_count = known_capacity = 0;
}
