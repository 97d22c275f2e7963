/* Another program, run to its end, and what it says. */
#ifndef UNDERSTUDY_BASE_COMMAND_H
#define UNDERSTUDY_BASE_COMMAND_H

#include "base/text.h"

/*
 * Run arguments[0], looked for in PATH, with the arguments, which end with NULL; it reads nothing.
 * What it writes is appended to `output` and `messages` (stderr); *code is its exit status, 128 + n
 * where signal n ended it. STATUS_UNAVAILABLE where there is no such program; that it fails is no
 * failure of this.
 */
MUST_CHECK enum status command_run(const char *const *arguments, struct text *output,
                                   struct text *messages, int *code, struct error *error);

struct command_cost {
    double seconds,
        cpu_seconds;   /* cpu_seconds: with all processes that it started and waited for */
    double memory_mib; /* the most that one of them had resident; no less than this one */
};

/* The same, with what it cost. Where `output` or `messages` is NULL, that is thrown away. */
MUST_CHECK enum status command_measure(const char *const *arguments, struct text *output,
                                       struct text *messages, int *code, struct command_cost *cost,
                                       struct error *error);

/* The word as a shell reads it back: as it is where nothing in it is special, else in quotes. */
void command_quote(struct text *text, const char *word);

#endif
