#include "cli/support/say.h"

#include "cli/support/console.h"

#include "base/columns.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INDENT = 4 };

/* Where a line goes on in the next one: below its text, where it begins with a name and a gap, else
 * further in. */
static size_t indent_of(const char *line, size_t length, size_t columns)
{
    size_t blanks = 0;

    while (blanks < length && line[blanks] == ' ')
        blanks++;
    for (size_t i = blanks; i + 2 < length && i < columns / 2; i++)
        if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ')
            return columns_count(line, i + 2);
    return blanks + INDENT;
}

static void wrap(struct text *wrapped, const char *line, size_t length, size_t columns)
{
    size_t indent = indent_of(line, length, columns), room = columns;

    while (length > 0 && columns_count(line, length) > room && indent + INDENT < columns) {
        size_t fit = columns_fit_words(line, length, room);
        text_append_bytes(wrapped, line, fit);
        text_append(wrapped, "\n%*s", (int)indent, "");
        for (line += fit, length -= fit; length > 0 && *line == ' '; length--)
            line++;
        room = columns - indent;
    }
    text_append_bytes(wrapped, line, length);
}

/* `columns` 0: as it is. */
static void write_text(FILE *stream, const struct text *text, size_t columns)
{
    struct text wrapped = {0};

    if (text->failed)
        return;
    for (size_t i = 0; i < text->length;) {
        const char *line = text->bytes + i, *end = memchr(line, '\n', text->length - i);
        size_t length = end ? (size_t)(end - line) : text->length - i;
        if (columns)
            wrap(&wrapped, line, length, columns);
        else
            text_append_bytes(&wrapped, line, length);
        text_append_bytes(&wrapped, "\n", end != NULL);
        i += length + (end != NULL);
    }
    console_lock();
    if (!wrapped.failed && wrapped.length)
        fwrite(wrapped.bytes, 1, wrapped.length, stream);
    fflush(stream);
    console_unlock();
    text_release(&wrapped);
}

void say_line(FILE *stream, const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    char *line;

    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    line = length < 0 ? NULL : malloc((size_t)length + 1);
    if (!line)
        return;
    va_start(arguments, format);
    vsnprintf(line, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text_append_printable(&text, line, (size_t)length);
    text_append_bytes(&text, "\n", 1);
    write_text(stream, &text, console_columns(stream));
    text_release(&text);
    free(line);
}

static void say_text(FILE *stream, const char *bytes, size_t length, size_t columns)
{
    struct text text = {0};

    for (size_t i = 0; i < length;) {
        const char *end = memchr(bytes + i, '\n', length - i);
        size_t line = end ? (size_t)(end - bytes) - i : length - i;
        bool crlf = end && line && bytes[i + line - 1] == '\r';
        text_append_printable(&text, bytes + i, line - crlf);
        text_append(&text, "%s", crlf ? "\r\n" : end ? "\n" : "");
        i += line + (end != NULL);
    }
    write_text(stream, &text, columns);
    text_release(&text);
}

void say_lines(FILE *stream, const char *bytes, size_t length)
{
    say_text(stream, bytes, length, console_columns(stream));
}

void say_data(const char *bytes, size_t length)
{
    if (isatty(STDOUT_FILENO))
        say_text(stdout, bytes, length, 0);
    else
        fwrite(bytes, 1, length, stdout);
}
