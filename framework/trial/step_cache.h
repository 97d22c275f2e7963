/*
 * A trial's steps and the cache: what an earlier trial or run gave is taken from it, what is
 * computed is put into it. Kept are the pipeline's tuned values (TRIAL_TUNE), what it gave and its
 * scores (TRIAL_LABEL), what the filter said (TRIAL_FILTER), a training's parameters and curves
 * (TRIAL_TRAIN), and the trial's record (TRIAL_EVALUATE). Data and degraded images are redone.
 *
 * The bits are the same whichever it was.
 */
#ifndef UNDERSTUDY_TRIAL_STEP_CACHE_H
#define UNDERSTUDY_TRIAL_STEP_CACHE_H

#include "cache/cache.h"
#include "plan/plan.h"

struct step_cache {
    struct cache *cache;
    size_t computed[TRIAL_STEPS], recalled[TRIAL_STEPS]; /* entries, so far */
    /*
     * May this process compute the entry `key`? *mine is false while another one is at it; it is
     * asked again, and the cache looked at, until the entry is there. release() when it is, or when
     * the computation failed. NULL: yes, always.
     */
    enum status (*claim)(void *context, const char *key, bool *mine, struct error *error);
    void (*release)(void *context, const char *key);
    void *context;
};

/* What an entry is known by: the trial's key of the stage, and the digest of the data that it reads
 * ("": generated data, all of whose settings are in the key). */
MUST_CHECK enum status step_cache_key(const struct trial *trial, enum trial_step step,
                                      const char *dataset_sha256, char key[HASH_TEXT],
                                      struct error *error);

/*
 * The entry, if there is one. If not, *found is false, and the caller computes it: then
 * step_cache_keep(), or step_cache_abandon() after a failure. All do nothing where `steps` is
 * NULL.
 */
MUST_CHECK enum status step_cache_recall(struct step_cache *steps, enum trial_step step,
                                         const char *key, struct record *record, bool *found,
                                         struct error *error);
MUST_CHECK enum status step_cache_keep(struct step_cache *steps, enum trial_step step,
                                       const char *key, const struct record *record,
                                       struct error *error);
/* The same for what a stage keeps on its way to its own entry; not counted. */
MUST_CHECK enum status step_cache_recall_part(struct step_cache *steps, enum trial_step step,
                                              const char *key, struct record *record, bool *found,
                                              struct error *error);
MUST_CHECK enum status step_cache_keep_part(struct step_cache *steps, enum trial_step step,
                                            const char *key, const struct record *record,
                                            struct error *error);
void step_cache_abandon(struct step_cache *steps, const char *key);

#endif
