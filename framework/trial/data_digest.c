#include "trial/data_digest.h"

#include "base/folder.h"
#include "base/work.h"
#include "io/files/atomic_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { RECENT = 3 /* seconds */ };

struct folder_walk {
    struct hash hash;
    bool recent;
    time_t now;
};

static enum status list(const char *path, struct arena *arena, const char ***names, size_t *count,
                        struct error *error)
{
    enum status status = STATUS_OK;
    const char **found = NULL;
    size_t capacity = 0;
    const struct dirent *entry;
    DIR *directory = opendir(path);

    *count = 0;
    while (directory && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        TRY(memory_reserve(&found, &capacity, *count + 1, sizeof *found, error));
        TRY(arena_copy(arena, entry->d_name, strlen(entry->d_name), &found[*count], error));
        ++*count;
    }
    if (*count)
        qsort(found, *count, sizeof *found, text_compare);
out:
    if (directory)
        closedir(directory);
    *names = found;
    return status;
}

static enum status feed_facts(struct folder_walk *walk, const struct stat *facts,
                              struct error *error)
{
    const uint64_t numbers[] = {
        (uint64_t)facts->st_mode,        (uint64_t)facts->st_dev,
        (uint64_t)facts->st_ino,         (uint64_t)facts->st_size,
        (uint64_t)facts->st_mtim.tv_sec, (uint64_t)facts->st_mtim.tv_nsec,
        (uint64_t)facts->st_ctim.tv_sec, (uint64_t)facts->st_ctim.tv_nsec,
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        PASS(hash_number(&walk->hash, numbers[i], error));
    walk->recent = walk->recent || facts->st_ctim.tv_sec + RECENT > walk->now ||
                   facts->st_mtim.tv_sec + RECENT > walk->now;
    return STATUS_OK;
}

static enum status feed_path(struct folder_walk *walk, const char *path, bool *folder,
                             struct error *error)
{
    struct stat facts;

    *folder = false;
    PASS(hash_text(&walk->hash, path, error));
    if (stat(path, &facts) != 0) {
        PASS(hash_text(&walk->hash, "missing", error));
        return STATUS_OK;
    }
    PASS(feed_facts(walk, &facts, error));
    *folder = S_ISDIR(facts.st_mode);
    return STATUS_OK;
}

/* The files of a folder, but not of its sub-folders, which are never read and may contain links
 * back to the folder. */
static enum status feed_entries(struct folder_walk *walk, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text below = {0};
    const char **names = NULL;
    size_t count;
    bool folder;

    TRY(list(path, &arena, &names, &count, error));
    TRY(hash_number(&walk->hash, count, error));
    for (size_t i = 0; i < count; i++) {
        TRY(path_join(&below, path, names[i], error));
        TRY(feed_path(walk, below.bytes, &folder, error));
    }
out:
    memory_free(names);
    text_release(&below);
    arena_release(&arena);
    return status;
}

enum status data_digest_identity(const char *path, char identity[HASH_TEXT], bool *recent,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct folder_walk walk = {.now = time(NULL)};
    bool folder;

    TRY(hash_begin(&walk.hash, error));
    TRY(feed_path(&walk, path, &folder, error));
    if (folder)
        TRY(feed_entries(&walk, path, error));
    TRY(hash_end(&walk.hash, identity, error));
    *recent = walk.recent;
out:
    hash_release(&walk.hash);
    return status;
}

static bool is_digest(const struct bytes *bytes)
{
    return bytes->length == HASH_TEXT && bytes->data[HASH_TEXT - 1] == '\n' &&
           strspn((const char *)bytes->data, "0123456789abcdef") == HASH_TEXT - 1;
}

bool data_digest_recall(const char *folder, const char *id, char digest[HASH_TEXT])
{
    char path[PATH_ROOM];
    struct bytes bytes = {0};

    path_print(path, "%s/digests/%s", folder, id);
    if (bytes_read(&bytes, path, HASH_TEXT, NULL) != STATUS_OK)
        return false;
    bool good = is_digest(&bytes);
    if (good) {
        memcpy(digest, bytes.data, HASH_TEXT - 1);
        digest[HASH_TEXT - 1] = '\0';
    }
    bytes_release(&bytes);
    return good;
}

enum status data_digest_remember(const char *folder, const char *id, const char *digest,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    char line[HASH_TEXT + 1];
    const struct span span = {(const unsigned char *)line, HASH_TEXT, ""};

    snprintf(line, sizeof line, "%s\n", digest);
    TRY(path_join(&path, folder, "digests", error));
    TRY(folder_make(path.bytes, error));
    text_append(&path, "/%s", id);
    TRY(text_status(&path, error));
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    return status;
}

/* Settings, and the state of the files: what the digest is remembered under. */
static enum status identify(const struct trial *trial, const struct trial_options *options,
                            const char *settings, char id[HASH_TEXT], bool *recent,
                            struct error *error)
{
    enum status status = STATUS_OK;
    const struct component *source = &trial->experiment.dataset.source;
    const struct dataset *dataset = dataset_of(source->kind);
    struct hash hash = {0};
    struct text folders = {0};
    char identity[HASH_TEXT];
    bool changed;

    *recent = false;
    if (dataset->folders)
        dataset->folders(source->config, options->data, &folders);
    else
        text_append(&folders, "%s/%s%c", options->data, source->kind->name, '\0');
    TRY(text_status(&folders, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, "understudy inputs 2", error));
    TRY(hash_text(&hash, settings, error));
    TRY(hash_number(&hash, (uint64_t)source->kind->version, error));
    const char *end = folders.bytes ? folders.bytes + folders.length : NULL;
    for (const char *path = folders.bytes; path < end; path += strlen(path) + 1) {
        TRY(data_digest_identity(path, identity, &changed, error));
        TRY(hash_text(&hash, identity, error));
        *recent = *recent || changed;
    }
    TRY(hash_end(&hash, id, error));
out:
    text_release(&folders);
    hash_release(&hash);
    return status;
}

static enum status find(struct data_digests *inputs, const struct trial *trial, const char *folder,
                        struct dataset_cache *cache, const struct trial_options *options,
                        struct error *error)
{
    char id[HASH_TEXT], after[HASH_TEXT];
    bool recent;

    if (folder) {
        PASS(identify(trial, options, inputs->settings.bytes, id, &recent, error));
        if (data_digest_recall(folder, id, inputs->digest))
            return STATUS_OK;
    }
    enum status status = splits_data(trial, cache, options, error);
    work_step(NULL);
    PASS(status);
    memcpy(inputs->digest, cache->content.sha256, HASH_TEXT);
    if (!folder)
        return STATUS_OK;
    PASS(identify(trial, options, inputs->settings.bytes, after, &recent, error));
    if (!recent && strcmp(id, after) == 0)
        PASS(data_digest_remember(folder, id, inputs->digest, error));
    return STATUS_OK;
}

enum status data_digest(struct data_digests *inputs, const struct trial *trial, const char *folder,
                        struct dataset_cache *cache, const struct trial_options *options,
                        char digest[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    const struct component *source = &trial->experiment.dataset.source;
    struct text settings = {0};

    digest[0] = '\0';
    if (dataset_of(source->kind)->generated)
        return STATUS_OK;
    schema_print_component(source, &settings);
    TRY(text_status(&settings, error));
    if (!inputs->settings.bytes || strcmp(inputs->settings.bytes, settings.bytes) != 0) {
        text_release(&inputs->settings);
        inputs->settings = settings;
        settings = (struct text){0};
        status = find(inputs, trial, folder, cache, options, error);
        if (status != STATUS_OK) {
            text_release(&inputs->settings);
            goto out;
        }
    }
    memcpy(digest, inputs->digest, HASH_TEXT);
out:
    text_release(&settings);
    return status;
}

void data_digests_release(struct data_digests *inputs)
{
    text_release(&inputs->settings);
}
