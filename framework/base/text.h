/*
 * Text: a growing string, and the nearest of several names (for "did you mean …").
 *
 * A `struct text` starts as {0}; `bytes` is always terminated once something was appended.
 * Failure is sticky: after an allocation fails, appends do nothing, and text_status() tells.
 */
#ifndef UNDERSTUDY_BASE_TEXT_H
#define UNDERSTUDY_BASE_TEXT_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes;
    size_t length, capacity;
    bool failed;
};

struct text_list {
    const char **items;
    size_t count;
};

/* A list of the texts given, for as long as the block lasts. */
#define TEXTS(...)                                                                                 \
    (&(struct text_list){(const char *[]){__VA_ARGS__},                                            \
                         sizeof(const char *[]){__VA_ARGS__} / sizeof(const char *)})

void text_append(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
/* This alone, in place of what the text held; STATUS_MEMORY when that fails. */
MUST_CHECK enum status text_print(struct text *text, struct error *error, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* FOLDER/NAME alone, in place of what the text held. */
MUST_CHECK enum status path_join(struct text *path, const char *folder, const char *name,
                                 struct error *error);

/* One byte more than the system takes. */
enum { PATH_ROOM = 4097 };
/* Print the path of a file, and return it. One that is cut short is still too long: all that is
 * done with it fails with ENAMETOOLONG. */
const char *path_print(char path[PATH_ROOM], const char *format, ...) PRINTF_LIKE(2, 3);

/* A copy of the text that the arena owns; STATUS_MEMORY as text_status(). */
MUST_CHECK enum status text_keep(const struct text *text, struct arena *arena, const char **copy,
                                 struct error *error);
/* What is printed, owned by the arena. */
MUST_CHECK enum status arena_print(struct arena *arena, const char **copy, struct error *error,
                                   const char *format, ...) PRINTF_LIKE(4, 5);
void text_append_bytes(struct text *text, const char *bytes, size_t length);
/* The same for text of unknown origin that a terminal or a figure is to show. What these would obey
 * in place of showing it becomes a question mark: control characters with line breaks and tabs,
 * marks that turn the direction of writing, invisible characters, bytes that are not UTF-8. */
void text_append_printable(struct text *text, const char *bytes, size_t length);
/* How many of the bytes, from the first on, are UTF-8 text: `length` where all are. */
size_t text_utf8_length(const char *bytes, size_t length);
/* `from` in one line of a terminal, and no two alike: control characters become \n, \t … or \x1b.
 */
void text_append_escaped(struct text *text, const char *from);
void text_clear(struct text *text);
void text_release(struct text *text);
/* STATUS_MEMORY when an append failed since the start; OK otherwise. */
MUST_CHECK enum status text_status(const struct text *text, struct error *error);

/* May it be the name of a file? 1 to 64 letters, digits, '_', '-' and '.', neither '-' nor '.'
 * first: what experiments are called, and what results may call theirs. */
bool text_is_file_name(const char *text);

/* The shortest decimal that reads back as the same double ("0.1", "1e-05"); whole numbers below
 * 1e15 in full ("700000000"). */
void text_append_real(struct text *text, double value);

/* Of qsort(): texts by their bytes; the array holds pointers. */
int text_compare(const void *a, const void *b);

/*
 * Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment), at most
 * 63 characters of each considered.
 */
int text_distance(const char *a, const char *b);

/* Keep the better of *best and `candidate` as the name meant by `wrong`; start with *best NULL.
 * A candidate further off than a third of its length (at least 1, at most 3 edits) is no guess. */
void text_nearest(const char *wrong, const char *candidate, const char **best);

#endif
