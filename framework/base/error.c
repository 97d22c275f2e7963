#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum status fill(struct error *error, enum status code, const char *format,
                        va_list arguments)
{
    if (!error)
        return code;
    error->code = code;
    memset(&error->where, 0, sizeof error->where);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    return code;
}

enum status error_set(struct error *error, enum status code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, code, format, arguments);
    va_end(arguments);
    return code;
}

enum status error_system(struct error *error, const char *format, ...)
{
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    fill(error, number == ENOMEM ? STATUS_MEMORY : STATUS_IO, format, arguments);
    va_end(arguments);
    if (!error)
        return number == ENOMEM ? STATUS_MEMORY : STATUS_IO;
    size_t used = strlen(error->message);
    snprintf(error->message + used, sizeof error->message - used, ": %s", strerror(number));
    return error->code;
}

enum status error_context(struct error *error, const char *format, ...)
{
    char context[sizeof error->message], old[sizeof error->message];
    va_list arguments;

    if (!error)
        return STATUS_IO;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    memcpy(old, error->message, sizeof old);
    size_t room = sizeof error->message;
    snprintf(error->message, room, "%.*s: %.*s", (int)(room / 2 - 2), context, (int)(room / 2 - 2),
             old);
    return error->code;
}

void error_text(const struct error *error, char *text, int capacity)
{
    const struct location *at = &error->where;
    char line[32] = "";

    if (at->line > 0 && at->column > 0)
        snprintf(line, sizeof line, ":%d:%d", at->line, at->column);
    else if (at->line > 0)
        snprintf(line, sizeof line, ":%d", at->line);
    snprintf(text, (size_t)capacity, "%s%s%s%s%s%s", at->file, line, at->file[0] ? ": " : "",
             at->path, at->path[0] ? ": " : "", error->message);
}
