/* Which trials a run has: RESULTS/runs/NAME/trials, their keys of TRIAL_EVALUATE, one a line. */
#ifndef UNDERSTUDY_RUN_TRIAL_LIST_H
#define UNDERSTUDY_RUN_TRIAL_LIST_H

#include "base/hash.h"
#include "io/files/bytes.h"

struct trial_list {
    struct bytes bytes;
    size_t count;
};

/* STATUS_CONFIG, with the names that there are, where there was no run of that name. */
MUST_CHECK enum status trial_list_read(struct trial_list *list, const char *results,
                                       const char *name, struct error *error);
/* Returns `key`. */
const char *trial_list_key(const struct trial_list *list, size_t trial, char key[HASH_TEXT]);
void trial_list_release(struct trial_list *list);

#endif
