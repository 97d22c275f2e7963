/*
 * CSV files (RFC 4180), read strictly: a header that names the columns, then rows of as many
 * fields.
 *
 * Fields are parted by commas; one in double quotes may hold commas, line breaks and, doubled,
 * quotes. Lines end in LF or CRLF, the last one may lack it; a UTF-8 byte order mark in front is
 * passed over. Blanks belong to their field. Everything else is an error with file and line: text
 * that is not UTF-8, a NUL, a stray quote, a row with more or fewer fields, an empty line, columns
 * without a name or with the same one. Fields hold no NUL, so that they are C strings.
 *
 *     struct csv_table csv;
 *     size_t name, label;
 *
 *     TRY(csv_load(&csv, path, path, error));
 *     TRY(csv_column(&csv, "name", &name, error));
 *     TRY(csv_column(&csv, "label", &label, error));
 *     for (size_t row = 0; row < csv.rows; row++)
 *         if (strcmp(csv_cell(&csv, row, label), "cat") == 0) …
 */
#ifndef UNDERSTUDY_IO_FILES_CSV_READ_H
#define UNDERSTUDY_IO_FILES_CSV_READ_H

#include "base/memory.h"
#include "io/files/bytes.h"

enum {
    CSV_LENGTH = 64 << 20, /* bytes of a file at most */
    CSV_COLUMNS = 1000,
};

struct csv_table {
    const char *file; /* as messages name it; in the arena, like all text */
    size_t columns, rows;
    const char **names; /* [columns] */
    const char **cells; /* [rows * columns] */
    size_t *lines;      /* [rows]: where each row begins, from 1 */
    struct arena arena;
    size_t cell_count, cell_capacity, line_capacity;
};

/* STATUS_DATA with "FILE:LINE: …" where the text is no such table. On failure *csv is empty. */
MUST_CHECK enum status csv_parse(struct csv_table *csv, struct span file, struct error *error);
/* The file at `path`, which messages call `name`; STATUS_IO where it cannot be read. */
MUST_CHECK enum status csv_load(struct csv_table *csv, const char *path, const char *name,
                                struct error *error);
/* Which column the header calls `name`; SIZE_MAX: none. */
size_t csv_find(const struct csv_table *csv, const char *name);
/* The same, where there must be one: STATUS_DATA names those that there are. */
MUST_CHECK enum status csv_column(const struct csv_table *csv, const char *name, size_t *column,
                                  struct error *error);
const char *csv_cell(const struct csv_table *csv, size_t row, size_t column);
/* STATUS_DATA: "FILE:LINE: " of the row, then the message. */
MUST_CHECK enum status csv_fault(const struct csv_table *csv, size_t row, struct error *error,
                                 const char *format, ...) PRINTF_LIKE(4, 5);
void csv_release(struct csv_table *csv);

#endif
