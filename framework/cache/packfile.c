#include "cache/packfile.h"

#include "base/text.h"
#include "io/files/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHARD_FORMAT = 1, DIGITS = HASH_TEXT - 1 };

/* A column of /index: of `type`, with one value an entry. */
static enum status read_column(struct packfile *packfile, const char *path, enum hdf5_type type,
                               struct hdf5_array *array, struct error *error)
{
    enum status status = hdf5_read(&packfile->file, path, &packfile->arena, array, error);
    bool first = !packfile->entries;

    if (status == STATUS_OK &&
        (array->type != type || array->rank != 1 || (!first && array->dims[0] != packfile->count) ||
         (type == HDF5_TEXT && array->text_size != DIGITS)))
        status = error_set(error, STATUS_DATA, "%s: %s is not a column of the index",
                           packfile->path, path);
    return status;
}

static enum status check_index(struct packfile *packfile, struct error *error)
{
    static const char *const index[] = {"/index"};
    const char *expected;
    char digest[HASH_TEXT];

    PASS(hdf5_read_attribute_text(&packfile->file, "/", "index_sha256", &packfile->arena, &expected,
                                  error));
    PASS(hdf5_digest(&packfile->file, index, 1, digest, error));
    if (strcmp(digest, expected) != 0)
        return error_set(error, STATUS_DATA, "%s: the index is damaged", packfile->path);
    return STATUS_OK;
}

static enum status copy_digits(struct packfile *packfile, const struct hdf5_array *texts,
                               size_t index, const char **copy, struct error *error)
{
    const char *from = (const char *)texts->values + index * DIGITS;
    return arena_copy(&packfile->arena, from, DIGITS, copy, error);
}

static enum status read_index(struct packfile *packfile, size_t number, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array keys, digests, offsets, sizes;

    TRY(hdf5_open(&packfile->file, packfile->path, false, error));
    TRY(hdf5_check_format(&packfile->file, SHARD_FORMAT, error));
    TRY(check_index(packfile, error));
    TRY(read_column(packfile, "/index/keys", HDF5_TEXT, &keys, error));
    packfile->count = keys.dims[0];
    TRY(arena_new(&packfile->arena, &packfile->entries, packfile->count, sizeof *packfile->entries,
                  error));
    TRY(read_column(packfile, "/index/sha256", HDF5_TEXT, &digests, error));
    TRY(read_column(packfile, "/index/offsets", HDF5_INT64, &offsets, error));
    TRY(read_column(packfile, "/index/sizes", HDF5_INT64, &sizes, error));
    for (size_t i = 0; i < packfile->count; i++) {
        struct packfile_entry *entry = &packfile->entries[i];
        entry->packfile = number;
        entry->offset = (size_t)((const int64_t *)offsets.values)[i];
        entry->size = (size_t)((const int64_t *)sizes.values)[i];
        TRY(copy_digits(packfile, &keys, i, &entry->key, error));
        TRY(copy_digits(packfile, &digests, i, &entry->sha256, error));
    }
out:
    hdf5_abandon(&packfile->file); /* opened again when an entry is wanted */
    return status;
}

static void shard_release(struct packfile *packfile)
{
    hdf5_abandon(&packfile->file);
    arena_release(&packfile->arena);
    memory_free(packfile->path);
    memset(packfile, 0, sizeof *packfile);
}

/* One file of the folder: kept where it is a sound packfile. */
static enum status add_shard(struct packfiles *packfiles, const char *folder, const char *name,
                             void (*damaged)(void *, const struct error *), void *context,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct packfile packfile = {0};
    struct error damage = {0};
    struct stat facts;
    size_t length = strlen(folder) + strlen(name) + 2;

    if (strlen(name) != DIGITS + 3 || strcmp(name + DIGITS, ".h5") != 0)
        return STATUS_OK; /* one that is being written */
    TRY(memory_new(&packfile.path, length, 1, error));
    snprintf(packfile.path, length, "%s/%s", folder, name);
    TRY(memory_reserve(&packfiles->items, &packfiles->capacity, packfiles->count + 1,
                       sizeof *packfiles->items, error));
    if (stat(packfile.path, &facts) != 0)
        goto out; /* removed meanwhile */
    packfile.bytes = (size_t)facts.st_size;
    status = read_index(&packfile, packfiles->count, &damage);
    if (status == STATUS_DATA || status == STATUS_IO) {
        if (damaged && access(packfile.path, F_OK) == 0)
            damaged(context, &damage);
        status = STATUS_OK;
        goto out;
    }
    if (status != STATUS_OK) {
        *error = damage;
        goto out;
    }
    packfiles->items[packfiles->count++] = packfile;
    memset(&packfile, 0, sizeof packfile);
out:
    shard_release(&packfile);
    return status;
}

/* Into the map, or behind another of the same key. */
static enum status map_entry(struct packfiles *packfiles, struct packfile_entry *entry,
                             struct error *error)
{
    struct packfile_entry *first;

    HASH_FIND(hh, packfiles->map, entry->key, DIGITS, first);
    if (first) {
        entry->next = first->next;
        first->next = entry;
        return STATUS_OK;
    }
    HASH_ADD_KEYPTR(hh, packfiles->map, entry->key, DIGITS, entry);
    return hash_map_status(&entry->hh, error);
}

static enum status map_entries(struct packfiles *packfiles, struct error *error)
{
    for (size_t s = 0; s < packfiles->count; s++)
        for (size_t i = 0; i < packfiles->items[s].count; i++)
            PASS(map_entry(packfiles, &packfiles->items[s].entries[i], error));
    return STATUS_OK;
}

static void changed_at(const char *folder, int64_t *seconds, int64_t *nanoseconds)
{
    struct stat facts;

    *seconds = *nanoseconds = -1;
    if (stat(folder, &facts) == 0) {
        *seconds = facts.st_mtim.tv_sec;
        *nanoseconds = facts.st_mtim.tv_nsec;
    }
}

enum status packfiles_load(struct packfiles **packfiles, const char *folder,
                           void (*damaged)(void *, const struct error *), void *context,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct packfiles *own = NULL;
    DIR *directory = NULL;
    const struct dirent *entry;

    TRY(memory_new(&own, 1, sizeof *own, error));
    changed_at(folder, &own->seconds, &own->nanoseconds);
    directory = opendir(folder);
    if (!directory && errno != ENOENT)
        TRY(error_system(error, "cannot read folder %s", folder));
    while (directory && (entry = readdir(directory)))
        TRY(add_shard(own, folder, entry->d_name, damaged, context, error));
    TRY(map_entries(own, error));
    *packfiles = own;
    own = NULL;
out:
    if (directory)
        closedir(directory);
    packfiles_free(own);
    return status;
}

void packfiles_free(struct packfiles *packfiles)
{
    if (!packfiles)
        return;
    HASH_CLEAR(hh, packfiles->map);
    for (size_t s = 0; s < packfiles->count; s++)
        shard_release(&packfiles->items[s]);
    memory_free(packfiles->items);
    memory_free(packfiles);
}

bool packfiles_stale(const struct packfiles *packfiles, const char *folder)
{
    int64_t seconds, nanoseconds;

    changed_at(folder, &seconds, &nanoseconds);
    return seconds != packfiles->seconds || nanoseconds != packfiles->nanoseconds;
}

struct packfile_entry *packfiles_find(const struct packfiles *packfiles, const char *key)
{
    struct packfile_entry *entry;

    HASH_FIND_STR(packfiles->map, key, entry);
    return entry;
}

enum status packfiles_read(struct packfiles *packfiles, const struct packfile_entry *entry,
                           struct bytes *image, struct error *error)
{
    enum status status = STATUS_OK;
    struct packfile *packfile = &packfiles->items[entry->packfile];

    memset(image, 0, sizeof *image);
    if (!packfile->file.file)
        TRY(hdf5_open(&packfile->file, packfile->path, false, error));
    if (entry->size > packfile->bytes)
        TRY(error_set(error, STATUS_DATA, "%s is shorter than its index says", packfile->path));
    TRY(memory_new(&image->data, entry->size, 1, error));
    image->length = entry->size;
    TRY(hdf5_block_get(&packfile->file, "/images", entry->offset, entry->size, image->data, error));
out:
    if (status != STATUS_OK)
        bytes_release(image);
    return status;
}

enum status packfile_begin(struct packfile_writer *writer, const char *folder, const char *stage,
                           size_t most, size_t room, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, part = {0};

    memset(writer, 0, sizeof *writer);
    writer->most = most;
    writer->room = room;
    TRY(memory_new(&writer->keys, most, DIGITS, error));
    TRY(memory_new(&writer->digests, most, DIGITS, error));
    TRY(memory_new(&writer->offsets, most, sizeof *writer->offsets, error));
    TRY(memory_new(&writer->sizes, most, sizeof *writer->sizes, error));
    TRY(path_join(&path, folder, "new", error));
    TRY(atomic_file_part(path.bytes, &part, error));
    TRY(memory_new(&writer->part, part.length + 1, 1, error));
    memcpy(writer->part, part.bytes, part.length);
    TRY(hdf5_create(&writer->file, writer->part, error));
    TRY(hdf5_attribute_integer(&writer->file, "/", "format_version", SHARD_FORMAT, error));
    TRY(hdf5_attribute_text(&writer->file, "/", "stage", stage, error));
    TRY(hdf5_block_new(&writer->file, "/images", room, error));
out:
    text_release(&path);
    text_release(&part);
    return status;
}

enum status packfile_add(struct packfile_writer *writer, const char *key, const char *sha256,
                         struct span image, struct error *error)
{
    size_t i = writer->count;

    if (i == writer->most || writer->room - writer->used < image.length)
        return error_set(error, STATUS_DATA, "%s grew while it was read", image.name);
    PASS(hdf5_block_put(&writer->file, "/images", writer->used, image, error));
    memcpy(writer->keys + i * DIGITS, key, DIGITS);
    memcpy(writer->digests + i * DIGITS, sha256, DIGITS);
    writer->offsets[i] = (int64_t)writer->used;
    writer->sizes[i] = (int64_t)image.length;
    writer->used += image.length;
    writer->count++;
    return STATUS_OK;
}

static enum status write_index(struct packfile_writer *writer, char digest[HASH_TEXT],
                               struct error *error)
{
    static const char *const index[] = {"/index"};
    struct hdf5_array array = {.type = HDF5_TEXT,
                               .rank = 1,
                               .dims = {writer->count},
                               .text_size = DIGITS,
                               .values = writer->keys};

    PASS(hdf5_write(&writer->file, "/index/keys", &array, error));
    array.values = writer->digests;
    PASS(hdf5_write(&writer->file, "/index/sha256", &array, error));
    array.type = HDF5_INT64;
    array.values = writer->offsets;
    PASS(hdf5_write(&writer->file, "/index/offsets", &array, error));
    array.values = writer->sizes;
    PASS(hdf5_write(&writer->file, "/index/sizes", &array, error));
    PASS(hdf5_digest(&writer->file, index, 1, digest, error));
    return hdf5_attribute_text(&writer->file, "/", "index_sha256", digest, error);
}

enum status packfile_end(struct packfile_writer *writer, const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    char digest[HASH_TEXT];
    struct text path = {0};

    if (writer->count == 0)
        goto out;
    TRY(write_index(writer, digest, error));
    TRY(hdf5_close(&writer->file, error));
    TRY(text_print(&path, error, "%s/%s.h5", folder, digest));
    TRY(atomic_file_replace(writer->part, path.bytes, error));
    memory_free(writer->part);
    writer->part = NULL;
out:
    text_release(&path);
    return status;
}

void packfile_discard(struct packfile_writer *writer)
{
    hdf5_abandon(&writer->file);
    if (writer->part)
        unlink(writer->part);
    memory_free(writer->part);
    memory_free(writer->keys);
    memory_free(writer->digests);
    memory_free(writer->offsets);
    memory_free(writer->sizes);
    memset(writer, 0, sizeof *writer);
}
