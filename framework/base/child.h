/*
 * Another program that runs beside this one and is talked to: bytes in, bytes out, by a deadline.
 *
 * It has a clean environment and a process group of its own, so that Ctrl-C at the terminal is this
 * process's to answer. A guard process stands between the two. When this process ends, however it
 * ends, or calls child_end(), the guard kills the program with all processes of its group: none is
 * left behind.
 */
#ifndef UNDERSTUDY_BASE_CHILD_H
#define UNDERSTUDY_BASE_CHILD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { CHILD_TAIL = 480 };

struct child {
    pid_t guard;                 /* 0: there is none */
    int input, output, messages; /* ends of the program's stdin, stdout, stderr; -1: closed */
    int life, state;             /* pipes to and from the guard */
    bool ended;                  /* the program has, as `how` says (waitpid's) */
    int how;
    char tail[CHILD_TAIL]; /* the last that it wrote to stderr, always terminated */
    size_t tail_length;
};

struct child_program {
    const char *const *arguments;   /* ended by NULL; the first is looked for in PATH */
    const char *const *environment; /* all of it: "NAME=value", ended by NULL */
    const char *folder;             /* where it runs */
};

/* STATUS_UNAVAILABLE where the program cannot be started. Then child_end(). */
MUST_CHECK enum status child_start(struct child *child, const struct child_program *program,
                                   struct error *error);

/* Where an answer goes: `room` says where its next bytes belong and how many may come at most, at
 * least 1; `got` is told how many came, and says when the answer is whole. */
struct child_sink {
    enum status (*room)(void *context, void **at, size_t *most, struct error *error);
    enum status (*got)(void *context, size_t count, bool *whole, struct error *error);
    void *context;
};

/*
 * Send the pieces to its stdin, and read its stdout until the answer is whole; `last`: then its
 * stdin is closed, and it has to end with exit status 0 and without another byte. `sink` NULL: what
 * it prints is thrown away, and it has to end (`last`). STATUS_DATA where it ends before, closes
 * its stdout, writes more than the answer or takes longer than `seconds`; STATUS_INTERRUPTED within
 * 0.2 s of the wish to stop. After a failure, only child_end() is left. `pieces` is changed.
 */
MUST_CHECK enum status child_talk(struct child *child, struct iovec *pieces, size_t count,
                                  const struct child_sink *sink, bool last, double seconds,
                                  struct error *error);

/* Kill it, if it still runs, and all that it started. `kindly`: its stdin is closed, and it has two
 * seconds to end by itself. Safe on {0}. */
void child_end(struct child *child, bool kindly);

/* The last lines of what it wrote to stderr, in one line, to be printed; "" where that is nothing.
 */
void child_tail(const struct child *child, char *text, size_t size);

#endif
