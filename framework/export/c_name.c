/* Names of exported files and functions. */
#include "export/c_source.h"

#include <string.h>
#include <strings.h>

enum { MOST_CHARACTERS = 64 };

/* Files beside which one of ours would be taken for one of C's own. */
static bool is_header(const char *name)
{
    static const char *const headers[] = {
        "assert", "complex", "ctype",  "errno",  "fenv",   "float",  "inttypes", "iso646",
        "limits", "locale",  "math",   "setjmp", "signal", "stdarg", "stdbool",  "stddef",
        "stdint", "stdio",   "stdlib", "string", "tgmath", "time",   "wchar",    "wctype",
    };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (strcasecmp(name, headers[i]) == 0)
            return true;
    return false;
}

static bool is_plain(char c)
{
    return c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", c);
}

enum status c_source_name(const char *name, struct text *identifier, struct error *error)
{
    size_t letters = 0;

    for (const char *at = name; *at; at++)
        letters += is_plain(*at) && *at != '_';
    if (!letters)
        return error_set(error, STATUS_CONFIG, "'%s' has no letter or digit to name a C file by",
                         name);
    text_clear(identifier);
    if (!is_plain(*name) || *name == '_' || (*name >= '0' && *name <= '9') || is_header(name))
        text_append(identifier, "network_");
    for (const char *at = name; *at; at++)
        if (is_plain(*at))
            text_append_bytes(identifier, at, 1);
        else if (!identifier->length || identifier->bytes[identifier->length - 1] != '_')
            text_append(identifier, "_");
    PASS(text_status(identifier, error));
    if (identifier->length > MOST_CHARACTERS)
        return error_set(error, STATUS_CONFIG,
                         "'%s' is too long to name C functions by: at most %d characters", name,
                         MOST_CHARACTERS);
    return STATUS_OK;
}
