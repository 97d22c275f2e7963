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

/* The word as a shell reads it back: as it is where nothing in it is special, else in quotes. */
void command_quote(struct text *text, const char *word);

#endif
