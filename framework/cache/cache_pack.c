/*
 * Folding. The order of steps makes it safe against a kill at any moment, and against readers,
 * writers and other foldings:
 *
 *     1. entries are read and verified, and written into a packfile under a temporary name
 *     2. the packfile is flushed and renamed: from now on it is read, beside the loose files
 *     3. the packfile is read back, entry by entry
 *     4. loose files that are in a packfile, verified, are removed
 *
 * After a kill before 2, the loose files are as they were; after it, the next folding finds them in
 * a packfile, and goes on with 4. A reader looks for the loose file first, then at the packfiles,
 * which it reads anew when it finds neither.
 */
#include "cache/cache_private.h"

#include "base/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = HASH_TEXT - 1, LARGEST = 1 << 20, MOST = 1 << 16 };

static const size_t most_bytes = (size_t)256 << 20; /* of a packfile */

static bool is_key(const char *name, const char *ending)
{
    return strspn(name, "0123456789abcdef") == DIGITS && strcmp(name + DIGITS, ending) == 0;
}

/* The files of one of the folders KK. */
static enum status list_folder(struct loose *loose, const char *folder, const char *ending,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    const struct dirent *entry;
    struct stat facts;
    DIR *directory = opendir(folder);

    if (!directory)
        return STATUS_OK; /* absent, or removed meanwhile */
    while ((entry = readdir(directory))) {
        if (!is_key(entry->d_name, ending))
            continue;
        TRY(path_join(&path, folder, entry->d_name, error));
        if (stat(path.bytes, &facts) != 0)
            continue;
        TRY(memory_reserve(&loose->files, &loose->capacity, loose->count + 1, sizeof *loose->files,
                           error));
        struct loose_file *file = &loose->files[loose->count];
        TRY(arena_copy(&loose->arena, path.bytes, path.length, &file->path, error));
        TRY(arena_copy(&loose->arena, entry->d_name, DIGITS, &file->key, error));
        file->size = (size_t)facts.st_size;
        file->seconds = facts.st_mtim.tv_sec;
        loose->count++;
    }
out:
    closedir(directory);
    text_release(&path);
    return status;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct loose_file *)a)->key, ((const struct loose_file *)b)->key);
}

enum status cache_loose(const struct cache *cache, enum trial_step step, const char *ending,
                        struct loose *loose, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};

    memset(loose, 0, sizeof *loose);
    for (unsigned kk = 0; kk < 256; kk++) {
        TRY(text_print(&folder, error, "%s/%s/%02x", cache->folder, trial_step_names[step], kk));
        TRY(list_folder(loose, folder.bytes, ending, error));
    }
    if (loose->count)
        qsort(loose->files, loose->count, sizeof *loose->files, by_key);
out:
    text_release(&folder);
    return status;
}

void loose_release(struct loose *loose)
{
    memory_free(loose->files);
    arena_release(&loose->arena);
    memset(loose, 0, sizeof *loose);
}

bool cache_claimed(const struct cache *cache, const char *key)
{
    char path[PATH_ROOM];
    struct stat facts; /* of the claim itself, which may be a link to nowhere */

    return lstat(path_print(path, "%s/claims/%s", cache->folder, key), &facts) == 0;
}

static void at_step(const struct cache *cache, const char *name)
{
    if (cache->step)
        cache->step(name);
}

/* Read and verify a loose entry; *sound is false where it is damaged, or has gone. */
static enum status read_loose(const struct loose_file *file, struct bytes *image,
                              char digest[HASH_TEXT], bool *sound, struct error *error)
{
    struct error fault = {0};
    enum status status = bytes_read(image, file->path, SIZE_MAX / 2, &fault);

    if (status == STATUS_OK)
        status = record_check(bytes_span(image, file->path), file->key, digest, &fault);
    *sound = status == STATUS_OK;
    if (status == STATUS_DATA || status == STATUS_IO)
        return STATUS_OK;
    if (status != STATUS_OK)
        *error = fault;
    return status;
}

/* Does a packfile hold the very same, readable? */
static enum status is_in_packfile(struct packfiles *packfiles, const char *key, const char *digest,
                                  bool *is, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes image = {0};
    struct error fault = {0};
    char found[HASH_TEXT];

    *is = false;
    for (struct packfile_entry *entry = packfiles_find(packfiles, key); entry && !*is;
         entry = entry->next) {
        if (strcmp(entry->sha256, digest) != 0)
            continue;
        status = packfiles_read(packfiles, entry, &image, &fault);
        if (status == STATUS_OK)
            status = record_check(bytes_span(&image, ""), key, found, &fault);
        *is = status == STATUS_OK && strcmp(found, digest) == 0;
        bytes_release(&image);
        if (status == STATUS_MEMORY) {
            *error = fault;
            return status;
        }
        status = STATUS_OK;
    }
    return status;
}

/* Files [first, last) into one packfile, but for those that are in one. `digests` gets what each
 * was,
 * "" where it is damaged. */
static enum status fold_some(struct cache *cache, enum trial_step step, const struct loose *loose,
                             size_t first, size_t last, const char *folder,
                             char (*digests)[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    struct packfile_writer writer = {0};
    struct packfiles *packfiles;
    struct bytes image = {0};
    size_t room = 0;
    bool sound, is;

    TRY(cache_packfiles(cache, step, true, &packfiles, error));
    for (size_t i = first; i < last; i++)
        room += loose->files[i].size;
    TRY(packfile_begin(&writer, folder, trial_step_names[step], last - first, room, error));
    for (size_t i = first; i < last; i++) {
        const struct loose_file *file = &loose->files[i];
        char *digest = digests[i - first];
        TRY(read_loose(file, &image, digest, &sound, error));
        if (sound) {
            TRY(is_in_packfile(packfiles, file->key, digest, &is, error));
            if (!is)
                TRY(packfile_add(&writer, file->key, digest, bytes_span(&image, file->path),
                                 error));
        } else {
            digest[0] = '\0';
        }
        bytes_release(&image);
    }
    at_step(cache, "written");
    TRY(packfile_end(&writer, folder, error));
    packfiles_free(cache->packfiles[step]); /* whatever its folder's time says */
    cache->packfiles[step] = NULL;
    at_step(cache, "renamed");
out:
    bytes_release(&image);
    packfile_discard(&writer);
    return status;
}

/* Remove the loose files of which a packfile can be read that holds the same. */
static enum status remove_some(struct cache *cache, enum trial_step step, const struct loose *loose,
                               size_t first, size_t last, char (*digests)[HASH_TEXT],
                               size_t *folded, struct error *error)
{
    struct packfiles *packfiles;
    bool is;

    PASS(cache_packfiles(cache, step, true, &packfiles, error));
    for (size_t i = first; i < last; i++) {
        const struct loose_file *file = &loose->files[i];
        if (!digests[i - first][0])
            continue;
        PASS(is_in_packfile(packfiles, file->key, digests[i - first], &is, error));
        if (!is || unlink(file->path) != 0)
            continue;
        ++*folded;
        at_step(cache, "removed");
    }
    return STATUS_OK;
}

static enum status fold(struct cache *cache, enum trial_step step, const struct loose *loose,
                        size_t first, size_t last, size_t *folded, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};
    char(*digests)[HASH_TEXT] = NULL;

    TRY(cache_packfiles_folder(cache, step, &folder, error));
    TRY(folder_make(folder.bytes, error));
    TRY(memory_new(&digests, last - first, sizeof *digests, error));
    TRY(fold_some(cache, step, loose, first, last, folder.bytes, digests, error));
    TRY(remove_some(cache, step, loose, first, last, digests, folded, error));
out:
    memory_free(digests);
    text_release(&folder);
    return status;
}

/* Leave out what is not to be packed. */
static void choose(const struct cache *cache, struct loose *loose)
{
    size_t kept = 0;

    for (size_t i = 0; i < loose->count; i++)
        if (loose->files[i].size <= LARGEST && !cache_claimed(cache, loose->files[i].key))
            loose->files[kept++] = loose->files[i];
    loose->count = kept;
}

enum status cache_pack(struct cache *cache, enum trial_step step, size_t least, size_t *folded,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct loose loose = {0};
    size_t count = 0;

    TRY(cache_loose(cache, step, ".h5", &loose, error));
    choose(cache, &loose);
    if (loose.count < least)
        goto out;
    for (size_t first = 0, last; first < loose.count; first = last) {
        size_t bytes = loose.files[first].size;
        for (last = first + 1; last < loose.count && last - first < MOST &&
                               bytes + loose.files[last].size <= most_bytes;
             last++)
            bytes += loose.files[last].size;
        TRY(fold(cache, step, &loose, first, last, &count, error));
    }
out:
    if (folded)
        *folded = count;
    loose_release(&loose);
    return status;
}
