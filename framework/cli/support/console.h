/*
 * The last line of a terminal: what the program is at, redrawn in place as it goes on, by a thread
 * of its own. It shows what base/work.h is told, once that takes longer than a second, or else what
 * the verb has to say. Where stderr is no terminal, nothing of this happens.
 *
 * Whoever prints in the meantime does so between console_lock() and console_unlock(): the line is
 * gone then. What is printed while nothing is worked at needs no lock.
 */
#ifndef UNDERSTUDY_CLI_SUPPORT_CONSOLE_H
#define UNDERSTUDY_CLI_SUPPORT_CONSOLE_H

#include "base/text.h"
#include "base/work.h"

#include <stdio.h>

void console_open(void);
/* What a verb's own line is, appended to `line`; nothing: there is none. Called by the thread, and
 * never between lock and unlock. */
typedef void console_composer(void *context, size_t columns, struct text *line);
/* NULL: the verb has none (any more). */
void console_say(console_composer *compose, void *context);
/* The line goes, and so does the thread. Safe where it was not opened. */
void console_close(void);
void console_lock(void);
void console_unlock(void);

/* Columns of the terminal behind a stream; 0 where it is none. */
size_t console_columns(FILE *stream);
/* Columns for texts that are laid out: the terminal's behind stdout, 40 to 100; 80 where it is
 * none. */
size_t console_page(void);
/* "labelling 120 of 400 images, 31/s, 12 s left". */
void console_work(const struct work *work, struct text *line);
/* "12 s", "3 min", "1.5 h". */
void console_duration(double seconds, struct text *text);
/* "[###...]", of so many columns between the brackets. */
void console_bar(double share, size_t columns, struct text *line);

#endif
