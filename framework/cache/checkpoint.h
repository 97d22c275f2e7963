/*
 * Checkpoints of a training: its state between two steps, in a file beside the trial's record, so
 * that a run that was stopped or killed goes on from there with the same bits. The file is private
 * to the program that wrote it: numbers are as this machine holds them.
 */
#ifndef UNDERSTUDY_CACHE_CHECKPOINT_H
#define UNDERSTUDY_CACHE_CHECKPOINT_H

#include "base/error.h"
#include "interfaces/training.h"

struct checkpoint {
    const char *path, *key;       /* the key of the trial's record */
    double interval;              /* seconds from one to the next */
    double last;                  /* when the last one was written, or the training began */
    void (*saves)(void *context); /* told before each is written; may be NULL */
    void *context;
};

/* Is it time for the next one? */
bool checkpoint_due(const struct checkpoint *checkpoint);
/* Write: the file is the old one or the new one, never half of it. */
MUST_CHECK enum status checkpoint_save(struct checkpoint *checkpoint, int64_t step,
                                       const struct train_part *parts, size_t count,
                                       struct error *error);
/*
 * Read all parts; *step is 0, and no part is touched, where there is no file or where this fails.
 * STATUS_DATA when it is damaged, of another key, or of parts of other sizes.
 */
MUST_CHECK enum status checkpoint_load(struct checkpoint *checkpoint, int64_t *step,
                                       const struct train_part *parts, size_t count,
                                       struct error *error);
/* Once it is not needed any more. */
void checkpoint_remove(const struct checkpoint *checkpoint);

#endif
