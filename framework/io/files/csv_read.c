#include "io/files/csv_read.h"

#include "base/interrupt.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct csv_parser {
    struct csv_table *csv;
    const char *text;
    size_t at, length;
    size_t line; /* of text[at], from 1 */
    struct text field;
};

static enum status fault(const struct csv_parser *parser, struct error *error, const char *message)
{
    return error_set(error, STATUS_DATA, "%s:%zu: %s", parser->csv->file, parser->line, message);
}

static int peek(const struct csv_parser *parser)
{
    return parser->at < parser->length ? (unsigned char)parser->text[parser->at] : -1;
}

/* The bytes of the line break at the place where the parser stands: 0 where there is none. */
static size_t line_break(const struct csv_parser *parser)
{
    if (peek(parser) == '\n')
        return 1;
    bool both = peek(parser) == '\r' && parser->at + 1 < parser->length &&
                parser->text[parser->at + 1] == '\n';
    return both ? 2 : 0;
}

/* Behind the opening quote, up to behind the closing one. */
static enum status quoted(struct csv_parser *parser, struct error *error)
{
    const size_t opened = parser->line;

    for (;; parser->at++) {
        int c = peek(parser);
        if (c == -1) {
            parser->line = opened;
            return fault(parser, error, "a quote '\"' is opened and never closed");
        }
        if (c == '"' && (++parser->at, peek(parser) != '"'))
            return STATUS_OK;
        parser->line += c == '\n';
        text_append_bytes(&parser->field, parser->text + parser->at, 1);
    }
}

/* One field, into `parser->field`; what follows is a comma, a line break or the end. */
static enum status read_field(struct csv_parser *parser, struct error *error)
{
    enum status status = STATUS_OK;
    size_t start;
    int c;

    text_clear(&parser->field);
    if (peek(parser) == '"') {
        parser->at++;
        TRY(quoted(parser, error));
        if (peek(parser) != -1 && peek(parser) != ',' && !line_break(parser))
            TRY(fault(parser, error,
                      "expected ',' or the end of the line behind the closing '\"'"));
        goto out;
    }
    start = parser->at;
    for (c = peek(parser); c != -1 && c != ',' && !line_break(parser); c = peek(parser)) {
        if (c == '"')
            TRY(fault(parser, error,
                      "a quote '\"' within a field; expected the whole field in quotes, and quotes "
                      "in it doubled"));
        if (c == '\r')
            TRY(fault(parser, error, "a carriage return without a line feed"));
        parser->at++;
    }
    text_append_bytes(&parser->field, parser->text + start, parser->at - start);
out:
    return status == STATUS_OK ? text_status(&parser->field, error) : status;
}

static enum status add_cell(struct csv_parser *parser, struct error *error)
{
    struct csv_table *csv = parser->csv;
    const struct text *field = &parser->field;

    PASS(memory_reserve(&csv->cells, &csv->cell_capacity, csv->cell_count + 1, sizeof *csv->cells,
                        error));
    PASS(arena_copy(&csv->arena, field->bytes ? field->bytes : "", field->length,
                    &csv->cells[csv->cell_count], error));
    csv->cell_count++;
    return STATUS_OK;
}

/* The fields of one line, and the line break. */
static enum status read_row(struct csv_parser *parser, size_t *fields, struct error *error)
{
    if (line_break(parser))
        PASS(fault(parser, error, "an empty line"));
    for (*fields = 1;; ++*fields) {
        if (*fields > CSV_COLUMNS)
            PASS(fault(parser, error, "more fields than a row may have"));
        PASS(read_field(parser, error));
        PASS(add_cell(parser, error));
        if (peek(parser) != ',')
            break;
        parser->at++;
    }
    parser->at += line_break(parser);
    return STATUS_OK;
}

/* One column whose name holds what other programs part columns with. */
static enum status check_separator(const struct csv_table *csv, struct error *error)
{
    static const char others[] = ";\t";
    size_t at = strcspn(csv->names[0], others);

    if (csv->columns > 1 || !csv->names[0][at])
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s:1: columns are parted by %s; expected ','", csv->file,
                     csv->names[0][at] == ';' ? "';'" : "tabs");
}

static enum status read_names(struct csv_parser *parser, struct error *error)
{
    struct csv_table *csv = parser->csv;

    if (parser->length == 0)
        PASS(fault(parser, error, "empty; expected a line with the names of the columns"));
    PASS(read_row(parser, &csv->columns, error));
    PASS(arena_new(&csv->arena, &csv->names, csv->columns, sizeof *csv->names, error));
    memcpy(csv->names, csv->cells, csv->columns * sizeof *csv->names);
    for (size_t i = 0; i < csv->columns; i++) {
        size_t first = csv_find(csv, csv->names[i]);
        if (!csv->names[i][0])
            return error_set(error, STATUS_DATA, "%s:1: column %zu has no name", csv->file, i + 1);
        if (first < i)
            return error_set(error, STATUS_DATA, "%s:1: columns %zu and %zu have the same name",
                             csv->file, first + 1, i + 1);
    }
    PASS(check_separator(csv, error));
    csv->cell_count = 0;
    parser->line++;
    return STATUS_OK;
}

static enum status read_rows(struct csv_parser *parser, struct error *error)
{
    struct csv_table *csv = parser->csv;

    while (peek(parser) != -1) {
        size_t fields, line = parser->line;
        if (csv->rows % 4096 == 0)
            PASS(interrupt_check(error));
        PASS(read_row(parser, &fields, error));
        if (fields != csv->columns)
            return error_set(error, STATUS_DATA, "%s:%zu: %zu field%s; the header has %zu column%s",
                             csv->file, line, fields, fields == 1 ? "" : "s", csv->columns,
                             csv->columns == 1 ? "" : "s");
        PASS(memory_reserve(&csv->lines, &csv->line_capacity, csv->rows + 1, sizeof *csv->lines,
                            error));
        csv->lines[csv->rows++] = line;
        parser->line++;
    }
    return STATUS_OK;
}

/* UTF-8 without NUL; otherwise the line of the first byte that is not. */
static enum status check_bytes(struct csv_parser *parser, struct error *error)
{
    size_t length = text_utf8_length(parser->text, parser->length), line = 1;
    const char *nul = memchr(parser->text, 0, length);
    const unsigned char *first = (const unsigned char *)parser->text;

    if (parser->length >= 2 &&
        ((first[0] == 0xff && first[1] == 0xfe) || (first[0] == 0xfe && first[1] == 0xff)))
        return fault(parser, error, "UTF-16 text; expected UTF-8");
    if (nul)
        length = (size_t)(nul - parser->text);
    if (length == parser->length)
        return STATUS_OK;
    for (size_t i = 0; i < length; i++)
        line += parser->text[i] == '\n';
    return error_set(error, STATUS_DATA,
                     "%s:%zu: byte 0x%02x is not UTF-8 text; is this a CSV file?",
                     parser->csv->file, line, first[length]);
}

enum status csv_parse(struct csv_table *csv, struct span file, struct error *error)
{
    static const char mark[] = "\xef\xbb\xbf";
    enum status status = STATUS_OK;
    struct csv_parser parser = {csv, (const char *)file.data, 0, file.length, 1, {0}};

    memset(csv, 0, sizeof *csv);
    TRY(arena_copy(&csv->arena, file.name, strlen(file.name), &csv->file, error));
    if (file.length >= 3 && memcmp(file.data, mark, 3) == 0) {
        parser.text += 3;
        parser.length -= 3;
    }
    if (parser.length)
        TRY(check_bytes(&parser, error));
    TRY(read_names(&parser, error));
    TRY(read_rows(&parser, error));
out:
    text_release(&parser.field);
    if (status != STATUS_OK)
        csv_release(csv);
    return status;
}

enum status csv_load(struct csv_table *csv, const char *path, const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};

    memset(csv, 0, sizeof *csv);
    TRY(bytes_read(&bytes, path, CSV_LENGTH, error));
    TRY(csv_parse(csv, bytes_span(&bytes, name), error));
out:
    bytes_release(&bytes);
    return status;
}

size_t csv_find(const struct csv_table *csv, const char *name)
{
    for (size_t i = 0; i < csv->columns; i++)
        if (strcmp(csv->names[i], name) == 0)
            return i;
    return SIZE_MAX;
}

enum status csv_column(const struct csv_table *csv, const char *name, size_t *column,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct text names = {0};

    *column = csv_find(csv, name);
    if (*column != SIZE_MAX)
        return STATUS_OK;
    for (size_t i = 0; i < csv->columns && names.length < 200; i++) {
        text_append(&names, i ? ", '" : "'");
        text_append_printable(&names, csv->names[i], strlen(csv->names[i]));
        text_append(&names, "'");
    }
    TRY(text_status(&names, error));
    TRY(error_set(error, STATUS_DATA, "%s:1: there is no column '%s'; found %.300s", csv->file,
                  name, names.bytes));
out:
    text_release(&names);
    return status;
}

const char *csv_cell(const struct csv_table *csv, size_t row, size_t column)
{
    return csv->cells[row * csv->columns + column];
}

enum status csv_fault(const struct csv_table *csv, size_t row, struct error *error,
                      const char *format, ...)
{
    char message[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return error_set(error, STATUS_DATA, "%s:%zu: %s", csv->file, csv->lines[row], message);
}

void csv_release(struct csv_table *csv)
{
    memory_free(csv->cells);
    memory_free(csv->lines);
    arena_release(&csv->arena);
    memset(csv, 0, sizeof *csv);
}
