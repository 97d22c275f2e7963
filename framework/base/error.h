/*
 * Status and error: how every function that can fail says so.
 *
 * A function that can fail returns `enum status` and takes a `struct error *` as its last argument.
 * The place that finds the fault fills the error (code, message, the user's location); callers
 * pass it on with TRY and may put one line of context in front with error_context().
 *
 *     enum status thing_load(struct thing *thing, const char *path, struct error *error)
 *     {
 *         enum status status = STATUS_OK;
 *         float *scratch = NULL;
 *
 *         TRY(memory_new(&scratch, count, sizeof *scratch, error));
 *         ...
 *     out:
 *         memory_free(scratch);
 *         return status;
 *     }
 *
 * Nothing below cli/ prints or exits. `assert` is for our own bugs only.
 */
#ifndef UNDERSTUDY_BASE_ERROR_H
#define UNDERSTUDY_BASE_ERROR_H

#include <stdarg.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

enum status {
    STATUS_OK = 0,
    STATUS_CONFIG,      /* the user's experiment file, override or command line is wrong */
    STATUS_DATA,        /* a data or results file is damaged or does not fit */
    STATUS_IO,          /* the operating system refused: no such file, disk full … */
    STATUS_MEMORY,      /* no memory, or a size that cannot be represented */
    STATUS_DIVERGED,    /* a number that is not finite, in training or in a score */
    STATUS_UNAVAILABLE, /* asked for something that this build or machine does not have */
    STATUS_INTERRUPTED, /* the user asked to stop */
};

/* Where in the user's text a fault lies; empty strings and zeros where unknown. */
struct location {
    char file[256]; /* as the user named it; "SET" text for an override */
    int line;       /* from 1 */
    int column;     /* from 1 */
    char path[256]; /* dotted, as "pipeline.stages[1].gaussian" */
};

struct error {
    enum status code;
    struct location where;
    char message[1024];
};

/* Fill `error` (which may be NULL) and return `code`. */
MUST_CHECK enum status error_set(struct error *error, enum status code, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The same, adding the text of `errno` ("…: No such file or directory"). */
MUST_CHECK enum status error_system(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* Put "context: " in front of the message; returns error->code. */
enum status error_context(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* Write "file:line:col: path: message" (whatever is known of it) to `text`, always terminated. */
void error_text(const struct error *error, char *text, int capacity);

/* Return what `call` returns when it fails: for functions that have nothing to clean up. */
#define PASS(call)                                                                                 \
    do {                                                                                           \
        enum status passed_status = (call);                                                        \
        if (passed_status != STATUS_OK)                                                            \
            return passed_status;                                                                  \
    } while (0)

/* Jump to the function's `out:` label when `call` fails; needs a local `enum status status`. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != STATUS_OK)                                                                   \
            goto out;                                                                              \
    } while (0)

#endif
