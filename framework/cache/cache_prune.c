/*
 * How much is there, and less of it.
 *
 * A file's last use is its time of change: reading an entry sets it anew, at most once an hour.
 */
#include "cache/cache_private.h"
#include "io/files/atomic_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STALE = 3600 /* seconds: no temporary file is written for so long */ };

/* One file that may go: a loose entry, a checkpoint, a failure, or a packfile. */
struct item {
    const char *path;
    const char *key; /* NULL: a packfile */
    enum trial_step step;
    size_t entries, packfile; /* that it holds; its number */
    uint64_t bytes;
    int64_t seconds; /* last used */
    bool checkpoint, leftover;
};

struct stock {
    struct arena arena;
    struct item *items;
    size_t count, capacity;
};

static void stock_release(struct stock *stock)
{
    memory_free(stock->items);
    arena_release(&stock->arena);
}

static enum status add(struct stock *stock, const struct item *item, struct error *error)
{
    struct item copy = *item;

    PASS(memory_reserve(&stock->items, &stock->capacity, stock->count + 1, sizeof *stock->items,
                        error));
    PASS(arena_copy(&stock->arena, item->path, strlen(item->path), &copy.path, error));
    if (item->key)
        PASS(arena_copy(&stock->arena, item->key, strlen(item->key), &copy.key, error));
    stock->items[stock->count++] = copy;
    return STATUS_OK;
}

static enum status add_loose(struct stock *stock, struct cache *cache, enum trial_step step,
                             const char *ending, struct error *error)
{
    enum status status = STATUS_OK;
    struct loose loose = {0};
    bool entry = strcmp(ending, ".h5") == 0;

    TRY(cache_loose(cache, step, ending, &loose, error));
    for (size_t i = 0; i < loose.count; i++) {
        const struct loose_file *file = &loose.files[i];
        struct item item = {.path = file->path,
                            .key = file->key,
                            .step = step,
                            .entries = entry,
                            .bytes = file->size,
                            .seconds = file->seconds,
                            .checkpoint = strcmp(ending, ".checkpoint") == 0};
        item.leftover = !entry && cache_has(cache, step, file->key);
        TRY(add(stock, &item, error));
    }
out:
    loose_release(&loose);
    return status;
}

static enum status add_packfiles(struct stock *stock, struct cache *cache, enum trial_step step,
                                 struct error *error)
{
    struct packfiles *packfiles;
    struct stat facts;

    PASS(cache_packfiles(cache, step, true, &packfiles, error));
    for (size_t s = 0; s < packfiles->count; s++) {
        const struct packfile *packfile = &packfiles->items[s];
        if (stat(packfile->path, &facts) != 0)
            continue;
        struct item item = {.path = packfile->path,
                            .step = step,
                            .entries = packfile->count,
                            .packfile = s,
                            .bytes = (uint64_t)facts.st_size,
                            .seconds = facts.st_mtim.tv_sec};
        PASS(add(stock, &item, error));
    }
    return STATUS_OK;
}

static enum status take_stock(struct stock *stock, struct cache *cache, struct error *error)
{
    for (enum trial_step step = 0; step < TRIAL_STEPS; step++) {
        PASS(add_loose(stock, cache, step, ".h5", error));
        PASS(add_loose(stock, cache, step, ".failed", error));
        PASS(add_loose(stock, cache, step, ".checkpoint", error));
        PASS(add_packfiles(stock, cache, step, error));
    }
    return STATUS_OK;
}

enum status cache_usage(struct cache *cache, struct cache_usage usage[TRIAL_STEPS],
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct stock stock = {0};

    memset(usage, 0, TRIAL_STEPS * sizeof *usage);
    TRY(take_stock(&stock, cache, error));
    for (size_t i = 0; i < stock.count; i++) {
        const struct item *item = &stock.items[i];
        struct cache_usage *own = &usage[item->step];
        own->entries += item->entries;
        own->packfiles += !item->key;
        own->checkpoints += item->checkpoint;
        own->bytes += item->bytes;
        if (!own->oldest || item->seconds < own->oldest)
            own->oldest = item->seconds;
    }
out:
    stock_release(&stock);
    return status;
}

static bool is_used(struct cache *cache, const struct used *used, const struct item *item)
{
    if (item->key)
        return used_has(used, item->key) || cache_claimed(cache, item->key);
    const struct packfile *packfile = &cache->packfiles[item->step]->items[item->packfile];
    for (size_t i = 0; i < packfile->count; i++)
        if (used_has(used, packfile->entries[i].key))
            return true;
    return false;
}

static void drop(const struct item *item, const struct cache_prune_options *options,
                 struct cache_pruned *pruned)
{
    if (!options->dry && unlink(item->path) != 0)
        return;
    pruned->entries += item->entries;
    pruned->files += !item->leftover;
    pruned->leftovers += item->leftover;
    pruned->bytes += item->bytes;
    pruned->left -= item->bytes;
}

/* Leftovers first, then the least recently used entries. */
static int by_use(const void *a, const void *b)
{
    const struct item *first = a, *second = b;

    if (first->leftover != second->leftover)
        return first->leftover ? -1 : 1;
    if (first->seconds != second->seconds)
        return first->seconds < second->seconds ? -1 : 1;
    return strcmp(first->path, second->path);
}

/* Temporary files of dead programs in one folder. */
static enum status sweep_folder(const char *folder, const struct cache_prune_options *options,
                                struct cache_pruned *pruned, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    const struct dirent *entry;
    struct stat facts;
    DIR *directory = opendir(folder);

    while (directory && (entry = readdir(directory))) {
        bool gone;
        if (!atomic_file_is_part(entry->d_name, &gone))
            continue;
        TRY(path_join(&path, folder, entry->d_name, error));
        if (stat(path.bytes, &facts) != 0 || (!gone && facts.st_mtim.tv_sec + STALE > time(NULL)))
            continue;
        struct item item = {.path = path.bytes, .bytes = (uint64_t)facts.st_size, .leftover = true};
        pruned->left += item.bytes;
        drop(&item, options, pruned);
    }
out:
    if (directory)
        closedir(directory);
    text_release(&path);
    return status;
}

static enum status sweep(const struct cache *cache, const struct cache_prune_options *options,
                         struct cache_pruned *pruned, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};

    for (int i = 0; i < TRIAL_STEPS * 257 + 3; i++) {
        int step = i / 257, kk = i % 257;
        text_clear(&folder);
        if (step == TRIAL_STEPS) /* and the folders above */
            text_append(&folder, "%s%s", cache->folder,
                        kk == 0   ? ""
                        : kk == 1 ? "/digests"
                                  : "/..");
        else if (kk == 256)
            text_append(&folder, "%s/%s/shards", cache->folder, trial_step_names[step]);
        else
            text_append(&folder, "%s/%s/%02x", cache->folder, trial_step_names[step], (unsigned)kk);
        TRY(text_status(&folder, error));
        TRY(sweep_folder(folder.bytes, options, pruned, error));
    }
out:
    text_release(&folder);
    return status;
}

enum status cache_prune(struct cache *cache, const struct cache_prune_options *options,
                        struct cache_pruned *pruned, struct error *error)
{
    enum status status = STATUS_OK;
    struct stock stock = {0};
    struct used used = {0};
    int64_t now = time(NULL);

    memset(pruned, 0, sizeof *pruned);
    if (access(cache->folder, F_OK) != 0)
        return STATUS_OK;
    TRY(take_stock(&stock, cache, error));
    TRY(used_read(&used, cache, error)); /* after the stock: what a run makes now is not in it */
    for (size_t i = 0; i < stock.count; i++)
        pruned->left += stock.items[i].bytes;
    if (stock.count)
        qsort(stock.items, stock.count, sizeof *stock.items, by_use);
    for (size_t i = 0; i < stock.count; i++) {
        const struct item *item = &stock.items[i];
        bool goes = item->leftover ||
                    (options->older >= 0 && (double)(now - item->seconds) >= options->older) ||
                    pruned->left > options->to;
        if (goes && is_used(cache, &used, item))
            pruned->kept++;
        else if (goes)
            drop(item, options, pruned);
    }
    TRY(sweep(cache, options, pruned, error));
out:
    used_release(&used);
    stock_release(&stock);
    return status;
}
