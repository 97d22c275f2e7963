#include "cache/cache.h"

#include "base/clock.h"
#include "base/folder.h"
#include "cache/cache_private.h"
#include "io/files/atomic_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What may not be read is not what is not there: nothing is computed beside it in silence. */
static enum status check_folders(const struct cache *cache, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};

    TRY(folder_readable(cache->folder, error));
    for (enum trial_step step = TRIAL_TUNE; step < TRIAL_STEPS; step++) {
        text_clear(&folder);
        TRY(cache_packfiles_folder(cache, step, &folder, error));
        TRY(folder_readable(folder.bytes, error)); /* and the stage's, on the way */
    }
out:
    text_release(&folder);
    return status;
}

enum status cache_open(struct cache *cache, const char *results, struct error *error)
{
    size_t length = strlen(results) + sizeof "/cache";

    memset(cache, 0, sizeof *cache);
    enum status status = memory_new(&cache->folder, length, 1, error);
    if (status == STATUS_OK) {
        snprintf(cache->folder, length, "%s/cache", results);
        status = check_folders(cache, error);
    }
    if (status != STATUS_OK)
        cache_close(cache);
    return status;
}

void cache_close(struct cache *cache)
{
    for (int s = 0; s < TRIAL_STEPS; s++)
        packfiles_free(cache->packfiles[s]);
    memory_free(cache->folder);
    text_release(&cache->pending);
    memset(cache, 0, sizeof *cache);
}

static void cache_tell(const struct cache *cache, const struct error *damage)
{
    if (cache->damaged)
        cache->damaged(cache->context, damage);
}

enum status cache_path(const struct cache *cache, enum trial_step step, const char *key,
                       const char *ending, struct text *path, struct error *error)
{
    text_append(path, "%s/%s/%.2s/%s%s", cache->folder, trial_step_names[step], key, key, ending);
    return text_status(path, error);
}

enum status cache_make_path(const struct cache *cache, enum trial_step step, const char *key,
                            const char *ending, struct text *path, struct error *error)
{
    size_t begin = path->length;

    text_append(path, "%s/%s/%.2s", cache->folder, trial_step_names[step], key);
    PASS(text_status(path, error));
    if (access(path->bytes + begin, W_OK) != 0)
        PASS(folder_make(path->bytes + begin, error));
    text_append(path, "/%s%s", key, ending);
    return text_status(path, error);
}

enum status cache_packfiles_folder(const struct cache *cache, enum trial_step step,
                                   struct text *folder, struct error *error)
{
    text_append(folder, "%s/%s/shards", cache->folder, trial_step_names[step]);
    return text_status(folder, error);
}

enum status cache_packfiles(struct cache *cache, enum trial_step step, bool anew,
                            struct packfiles **packfiles, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};

    TRY(cache_packfiles_folder(cache, step, &folder, error));
    if (cache->packfiles[step] && anew && packfiles_stale(cache->packfiles[step], folder.bytes)) {
        packfiles_free(cache->packfiles[step]);
        cache->packfiles[step] = NULL;
    }
    if (!cache->packfiles[step])
        TRY(packfiles_load(&cache->packfiles[step], folder.bytes, cache->damaged, cache->context,
                           error));
    *packfiles = cache->packfiles[step];
out:
    text_release(&folder);
    return status;
}

/* For cache_prune(): the file's time of change is that of its last use, to the hour. */
static void note_use(const char *path)
{
    struct stat facts;

    if (stat(path, &facts) == 0 && facts.st_mtim.tv_sec + 3600 < time(NULL))
        utimensat(AT_FDCWD, path, NULL, 0);
}

static bool is_loose(struct cache *cache, enum trial_step step, const char *key)
{
    char path[PATH_ROOM];

    path_print(path, "%s/%s/%.2s/%s.h5", cache->folder, trial_step_names[step], key, key);
    return access(path, F_OK) == 0;
}

bool cache_has(struct cache *cache, enum trial_step step, const char *key)
{
    struct packfiles *packfiles;

    if (cache_packfiles(cache, step, false, &packfiles, NULL) == STATUS_OK &&
        packfiles_find(packfiles, key))
        return true;
    if (is_loose(cache, step, key))
        return true;
    /* It may just have been moved into a packfile. */
    return cache_packfiles(cache, step, true, &packfiles, NULL) == STATUS_OK &&
           packfiles_find(packfiles, key);
}

/* What becomes of an entry that was found. */
struct opened {
    struct record *record;
    struct hdf5 *file; /* NULL: the values are all that is wanted */
};

/* The result of reading `image`: opened, or reported as damaged. */
static enum status try_image(const struct cache *cache, const struct bytes *image, const char *name,
                             const char *key, const struct opened *opened, bool *found,
                             struct error *error)
{
    struct error damage = {0};
    struct span span = bytes_span(image, name);
    enum status status = STATUS_OK;

    if (opened->file)
        status = record_open(span, key, opened->record, opened->file, &damage);
    else
        status = record_image_values(span, key, opened->record, &damage);
    *found = status == STATUS_OK;
    if (!*found)
        record_release(opened->record);
    if (status == STATUS_DATA) {
        cache_tell(cache, &damage);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        *error = damage;
    return status;
}

static enum status try_loose(struct cache *cache, enum trial_step step, const char *key,
                             const char *ending, const struct opened *opened, bool *found,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct bytes image = {0};
    struct error fault = {0};

    TRY(cache_path(cache, step, key, ending, &path, error));
    if (access(path.bytes, F_OK) != 0)
        goto out;
    status = bytes_read(&image, path.bytes, SIZE_MAX / 2, &fault);
    if (status == STATUS_IO) {
        if (access(path.bytes, F_OK) == 0) /* else it has just been moved into a packfile */
            cache_tell(cache, &fault);
        status = STATUS_OK;
        goto out;
    }
    if (status != STATUS_OK) {
        *error = fault;
        goto out;
    }
    TRY(try_image(cache, &image, path.bytes, key, opened, found, error));
    if (*found)
        note_use(path.bytes);
out:
    bytes_release(&image);
    text_release(&path);
    return status;
}

static enum status try_packfiles(struct cache *cache, enum trial_step step, const char *key,
                                 bool anew, const struct opened *opened, bool *found,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct packfiles *packfiles;
    struct bytes image = {0};
    struct error fault = {0};

    TRY(cache_packfiles(cache, step, anew, &packfiles, error));
    for (struct packfile_entry *entry = packfiles_find(packfiles, key); entry && !*found;
         entry = entry->next) {
        if (!packfiles->items[entry->packfile].file.file)
            note_use(packfiles->items[entry->packfile].path);
        status = packfiles_read(packfiles, entry, &image, &fault);
        if (status == STATUS_OK)
            TRY(try_image(cache, &image, packfiles->items[entry->packfile].path, key, opened, found,
                          error));
        else if (status == STATUS_DATA || status == STATUS_IO)
            cache_tell(cache, &fault);
        else
            goto failed;
        status = STATUS_OK;
        bytes_release(&image);
    }
    goto out;
failed:
    *error = fault;
out:
    bytes_release(&image);
    return status;
}

static enum status get(struct cache *cache, enum trial_step step, const char *key,
                       const struct opened *opened, bool *found, struct error *error)
{
    *found = false;
    PASS(try_loose(cache, step, key, ".h5", opened, found, error));
    if (!*found)
        PASS(try_packfiles(cache, step, key, true, opened, found, error));
    return STATUS_OK;
}

enum status cache_get_file(struct cache *cache, enum trial_step step, const char *key,
                           struct record *record, struct hdf5 *file, bool *found,
                           struct error *error)
{
    const struct opened opened = {record, file};

    memset(record, 0, sizeof *record);
    *file = (struct hdf5){0};
    return get(cache, step, key, &opened, found, error);
}

/* The larger arrays, too. */
static enum status read_all(struct cache *cache, struct hdf5 *file, struct record *record,
                            bool *found, struct error *error)
{
    struct error damage = {0};
    enum status status = record_arrays(file, record, &damage);

    hdf5_abandon(file);
    *found = status == STATUS_OK;
    if (status != STATUS_OK)
        record_release(record);
    if (status == STATUS_DATA) { /* as it was written, and yet no record: of other code */
        cache_tell(cache, &damage);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        *error = damage;
    return status;
}

enum status cache_get(struct cache *cache, enum trial_step step, const char *key,
                      struct record *record, bool *found, struct error *error)
{
    struct hdf5 file;

    PASS(cache_get_file(cache, step, key, record, &file, found, error));
    if (*found)
        PASS(read_all(cache, &file, record, found, error));
    return STATUS_OK;
}

enum status cache_get_values(struct cache *cache, enum trial_step step, const char *key,
                             struct record *record, bool *found, struct error *error)
{
    const struct opened opened = {record, NULL};

    memset(record, 0, sizeof *record);
    return get(cache, step, key, &opened, found, error);
}

enum status cache_flush(struct cache *cache, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(text_status(&cache->pending, error));
    TRY(atomic_file_flush(&cache->pending, error));
    cache->flushed = clock_seconds();
out:
    text_release(&cache->pending);
    return status;
}

static enum status put(struct cache *cache, enum trial_step step, const char *key,
                       const char *ending, const struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    TRY(cache_make_path(cache, step, key, ending, &path, error));
    bool soon = clock_seconds() - cache->flushed < 1;
    TRY(record_write(record, path.bytes, key, soon, error));
    if (soon)
        text_append_bytes(&cache->pending, path.bytes, path.length + 1);
    else
        TRY(cache_flush(cache, error));
out:
    text_release(&path);
    return status;
}

enum status cache_put(struct cache *cache, enum trial_step step, const char *key,
                      const struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct text failed = {0};

    TRY(put(cache, step, key, ".h5", record, error));
    if (step == TRIAL_EVALUATE) {
        TRY(cache_path(cache, step, key, ".failed", &failed, error));
        unlink(failed.bytes);
    }
out:
    text_release(&failed);
    return status;
}

enum status cache_put_failure(struct cache *cache, const char *key, const struct record *record,
                              struct error *error)
{
    return put(cache, TRIAL_EVALUATE, key, ".failed", record, error);
}

enum status cache_get_failure(struct cache *cache, const char *key, struct record *record,
                              bool *found, struct error *error)
{
    const struct opened opened = {record, NULL};

    memset(record, 0, sizeof *record);
    *found = false;
    return try_loose(cache, TRIAL_EVALUATE, key, ".failed", &opened, found, error);
}
