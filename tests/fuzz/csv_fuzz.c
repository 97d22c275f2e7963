/* CSV files: a table that is read is written anew, all fields in quotes, and must be read the same.
 */
#include "base/memory.h"
#include "base/text.h"
#include "io/files/csv_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void append_field(struct text *text, const char *field, bool last)
{
    text_append(text, "\"");
    for (; *field; field++)
        text_append(text, *field == '"' ? "\"\"" : "%c", *field);
    text_append(text, last ? "\"\r\n" : "\",");
}

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void compare(const struct csv_table *one, const struct csv_table *other)
{
    expect(one->columns == other->columns && one->rows == other->rows);
    for (size_t i = 0; i < one->columns; i++)
        expect(strcmp(one->names[i], other->names[i]) == 0);
    for (size_t i = 0; i < one->rows * one->columns; i++)
        expect(strcmp(one->cells[i], other->cells[i]) == 0);
    for (size_t i = 1; i < one->rows; i++)
        expect(one->lines[i] > one->lines[i - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {0};
    struct csv_table csv, again;

    if (csv_parse(&csv, (struct span){data, size, "fuzz"}, NULL) != STATUS_OK)
        return 0;
    for (size_t i = 0; i < csv.columns; i++)
        append_field(&text, csv.names[i], i + 1 == csv.columns);
    for (size_t i = 0; i < csv.rows * csv.columns; i++)
        append_field(&text, csv.cells[i], (i + 1) % csv.columns == 0);
    expect(!text.failed);
    struct span written = {(const unsigned char *)text.bytes, text.length, "fuzz"};
    expect(csv_parse(&again, written, NULL) == STATUS_OK);
    compare(&csv, &again);
    csv_release(&again);
    csv_release(&csv);
    text_release(&text);
    return 0;
}
