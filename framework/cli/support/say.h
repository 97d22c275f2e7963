/*
 * The way to the screen: what people are told, and data. Messages hold texts of strangers (names in
 * results files, what programs and clusters said, names of files), and a terminal obeys control
 * characters: these never leave here.
 */
#ifndef UNDERSTUDY_CLI_SUPPORT_SAY_H
#define UNDERSTUDY_CLI_SUPPORT_SAY_H

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

/* One line to `stream`, which it ends; whatever would break or colour it is a question mark. On a
 * terminal it goes on below, between words, where it is too long. */
void say_line(FILE *stream, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same of text of several lines: line breaks stay. */
void say_lines(FILE *stream, const char *bytes, size_t length);
/* Data to stdout: byte by byte into a file or a pipe; on a terminal as say_lines(),
 * but no line is broken. What could not
 * be written is seen when stdout is flushed. */
void say_data(const char *bytes, size_t length);

#endif
