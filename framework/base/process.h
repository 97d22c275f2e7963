/*
 * Processes: which one this is, whether another is still there, and memory shared with children.
 *
 * A process's number says something only on its own machine, since its last start, and among the
 * processes that see the same numbers (a container has its own). `machine` names all that; where
 * the system does not tell it is "", and nothing is concluded from the number.
 */
#ifndef UNDERSTUDY_BASE_PROCESS_H
#define UNDERSTUDY_BASE_PROCESS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_HOST = 65, PROCESS_MACHINE = 97 };

struct process {
    char host[PROCESS_HOST];       /* for people; letters, digits, '-', '_' and '.' alone */
    char machine[PROCESS_MACHINE]; /* no blanks; "": unknown */
    long pid;
    long long started; /* of the machine's clock: another process of this number has another */
};

struct process process_self(void);

/* Is it certain that the process has ended? False where it cannot be known. */
bool process_gone(const struct process *process);

/* The process in a file's name: digits, '-' and letters, without a '.'. Its host is left out. */
enum { PROCESS_TAG = 64 };
void process_tag(const struct process *process, char tag[PROCESS_TAG]);
/* Is it certain that the process of the tag has ended? False for what is no tag. */
bool process_tag_gone(const char *tag);

/* 32 hexadecimal digits that no other process, and no other call, gets. */
MUST_CHECK enum status process_unique(char name[33], struct error *error);

/* Zeroed memory that children see, and change, too. Give back with process_unshare(). */
MUST_CHECK enum status process_share(void *pointer_to_pointer, size_t bytes, struct error *error);
void process_unshare(void *block, size_t bytes);

/*
 * How a process ended, as waitpid() says it, for people: "crashed: segmentation fault (signal 11)".
 * False where it ended by itself, with `*code` as its status.
 */
bool process_killed(int state, int *code, char *text, size_t size);
/* Did the signal come from outside (kill, the system short of memory), not from a fault within? */
bool process_killed_from_outside(int state);

/* The memory that this process may take from now on, in MiB, libraries and all: beyond it,
 * allocations fail. */
MUST_CHECK enum status process_limit_memory(int64_t mebibytes, struct error *error);

#endif
