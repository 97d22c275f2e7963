/*
 * Who computes what: claims in a folder that all workers see, on this machine or others.
 *
 * A key (a trial's, or that of labels which trials share) is claimed before it is computed and
 * released when its entry is in the cache. Claims save work, they do not guard results: entries are
 * put in place whole and come out the same whoever makes them, so that even two owners at once, as
 * when a machine wakes up that was taken for dead, do no harm. After taking a claim look again
 * whether the entry is there: its last owner may have finished it.
 *
 * No daemon, no locks, no clock that hosts share; of the folder's file system it needs symbolic
 * links that are created or not created, as NFS has. How two that take over at once come to one
 * winner is argued in claim.c.
 */
#ifndef UNDERSTUDY_RUN_CLAIM_H
#define UNDERSTUDY_RUN_CLAIM_H

#include "base/process.h"

struct claims; /* those of this process */

struct claims_options {
    const char *folder; /* is made where it is not there */
    double beat;        /* seconds between signs of life; 0: none are given */
    double stale;       /* seconds without one, after which an owner counts as dead */
    /* Called by the thread that gives the signs of life, about twice a second; may be NULL. */
    void (*tick)(void *context);
    void *context;
};

/* What is fit for use: beats of 5 s, and 30 s of patience. */
struct claims_options claims_options(const char *folder);

/* Begin, in the process that will own the claims (never before a fork). */
MUST_CHECK enum status claims_open(struct claims **claims, const struct claims_options *options,
                                   struct error *error);
/* Release what is still claimed. Safe on NULL. */
void claims_close(struct claims *claims);

/*
 * Claim `key` (fit for a file's name, of at most 64 bytes) unless it is claimed by a process that
 * may be alive. Does not wait. A claim that was mine already stays mine, and is released once.
 */
MUST_CHECK enum status claim_take(struct claims *claims, const char *key, bool *mine,
                                  struct error *error);
/* Safe where `key` is not claimed, or has been taken over. */
void claim_release(struct claims *claims, const char *key);

/* The owner of the key, as text; false if there is none. */
bool claim_owner(const char *folder, const char *key, struct process *owner);

/* Remove what processes of this machine left behind that have ended: their claims are taken over,
 * and released. */
void claims_sweep(struct claims *claims);

#endif
