/*
 * Signs of life: a file that its process counts up every few seconds, by a thread of its own, and
 * that observers on any host read. Who stands still for long counts as dead (run/claim.h).
 */
#ifndef UNDERSTUDY_RUN_HEARTBEAT_H
#define UNDERSTUDY_RUN_HEARTBEAT_H

#include "base/process.h"

enum { HEARTBEAT_COUNT = 32 };

struct heartbeat; /* of this process */

struct heartbeat_options {
    double interval; /* seconds */
    /* Called by the thread about twice a second; may be NULL. */
    void (*tick)(void *context);
    void *context;
};

/* Begin: the file FOLDER/NAME, which goes when this ends. The folder is there. */
MUST_CHECK enum status heartbeat_start(struct heartbeat **heartbeat, const char *folder,
                                       const char *name, const struct heartbeat_options *options,
                                       struct error *error);
/* Safe on NULL. */
void heartbeat_stop(struct heartbeat *heartbeat);

/* How far the process has counted; "" where there is no such file. */
void heartbeat_read(const char *folder, const char *name, char count[HEARTBEAT_COUNT]);

/* Remove the files of processes of this machine that have ended. */
void heartbeat_tidy(const char *folder);

#endif
