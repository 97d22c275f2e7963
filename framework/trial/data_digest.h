/*
 * What files a trial reads: the digest of their contents, without reading them again where an
 * earlier run did and `stat` says that they are as they were then.
 *
 * Remembered under RESULTS/cache/digests/ID, where ID is the SHA-256 of the data set's settings,
 * and of path, size, inode and times of change (in nanoseconds) of every file in its folders. Files
 * that were changed a moment ago are not remembered: they might change again without a difference.
 */
#ifndef UNDERSTUDY_TRIAL_DATA_DIGEST_H
#define UNDERSTUDY_TRIAL_DATA_DIGEST_H

#include "trial/splits.h"

/* The last answer, for the next trial of the same data set. Starts as {0}. */
struct data_digests {
    struct text settings;
    char digest[HASH_TEXT];
};

/* The digest of the data set that the trial reads, "" for a generated one; `cache` holds the data
 * where it had to be read. `folder` is RESULTS/cache; NULL: nothing is remembered. */
MUST_CHECK enum status data_digest(struct data_digests *inputs, const struct trial *trial,
                                   const char *folder, struct dataset_cache *cache,
                                   const struct trial_options *options, char digest[HASH_TEXT],
                                   struct error *error);
void data_digests_release(struct data_digests *inputs);

/* What `stat` says of a file, or of a folder and what lies in it; missing ones have a digest, too.
 * *recent: something was changed in the last seconds. */
MUST_CHECK enum status data_digest_identity(const char *path, char identity[HASH_TEXT],
                                            bool *recent, struct error *error);
/* A digest remembered under `id`; false: none. */
bool data_digest_recall(const char *folder, const char *id, char digest[HASH_TEXT]);
MUST_CHECK enum status data_digest_remember(const char *folder, const char *id, const char *digest,
                                            struct error *error);

#endif
