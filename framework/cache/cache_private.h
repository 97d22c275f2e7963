/* What run/cache*.c share. */
#ifndef UNDERSTUDY_CACHE_CACHE_PRIVATE_H
#define UNDERSTUDY_CACHE_CACHE_PRIVATE_H

#include "cache/cache.h"
#include "cache/packfile.h"

MUST_CHECK enum status cache_packfiles_folder(const struct cache *cache, enum trial_step step,
                                              struct text *folder, struct error *error);
/* The stage's packfiles as they were read first or, with `anew`, as they are now. */
MUST_CHECK enum status cache_packfiles(struct cache *cache, enum trial_step step, bool anew,
                                       struct packfiles **packfiles, struct error *error);

/* Loose files of a stage. */
struct loose {
    struct arena arena;
    struct loose_file {
        const char *path, *key; /* key: the name's first 64 digits */
        size_t size;
        int64_t seconds; /* last changed */
    } * files;
    size_t count, capacity;
};

/* All files KEY`ending` of a stage, by key. */
MUST_CHECK enum status cache_loose(const struct cache *cache, enum trial_step step,
                                   const char *ending, struct loose *loose, struct error *error);
void loose_release(struct loose *loose);
/* Is somebody computing it? */
bool cache_claimed(const struct cache *cache, const char *key);

/* The keys that runs under way depend on, sorted, each once. */
struct used {
    struct arena arena;
    const char **keys;
    size_t count, capacity;
};

MUST_CHECK enum status used_read(struct used *used, const struct cache *cache, struct error *error);
bool used_has(const struct used *used, const char *key);
void used_release(struct used *used);

#endif
