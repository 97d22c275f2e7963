#include "cli/support/say.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_text(FILE *stream, const struct text *text)
{
    if (!text->failed)
        fwrite(text->bytes ? text->bytes : "", 1, text->length, stream);
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
    write_text(stream, &text);
    text_release(&text);
    free(line);
}

void say_lines(FILE *stream, const char *bytes, size_t length)
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
    write_text(stream, &text);
    text_release(&text);
}

void say_data(const char *bytes, size_t length)
{
    if (isatty(STDOUT_FILENO))
        say_lines(stdout, bytes, length);
    else
        fwrite(bytes, 1, length, stdout);
}
