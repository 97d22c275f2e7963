#include "base/text.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct text *text, size_t extra)
{
    if (text->failed)
        return false;
    if (memory_reserve(&text->bytes, &text->capacity, text->length + extra + 1, 1, NULL) !=
        STATUS_OK)
        text->failed = true;
    return !text->failed;
}

void text_append_bytes(struct text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void append(struct text *text, const char *format, va_list arguments)
{
    size_t room = text->failed ? 0 : text->capacity - text->length;
    va_list again;

    va_copy(again, arguments);
    int length = vsnprintf(room ? text->bytes + text->length : NULL, room, format, arguments);
    if (room && (length < 0 || (size_t)length >= room)) /* cut short: as it was */
        text->bytes[text->length] = '\0';
    if (length >= 0 && (size_t)length < room) {
        text->length += (size_t)length;
    } else if (length >= 0 && reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void text_append(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    append(text, format, arguments);
    va_end(arguments);
}

enum status text_print(struct text *text, struct error *error, const char *format, ...)
{
    va_list arguments;

    text_clear(text);
    va_start(arguments, format);
    append(text, format, arguments);
    va_end(arguments);
    return text_status(text, error);
}

enum status path_join(struct text *path, const char *folder, const char *name, struct error *error)
{
    return text_print(path, error, "%s/%s", folder, name);
}

const char *path_print(char path[PATH_ROOM], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(path, PATH_ROOM, format, arguments);
    va_end(arguments);
    return path;
}

enum status text_keep(const struct text *text, struct arena *arena, const char **copy,
                      struct error *error)
{
    enum status status = text_status(text, error);

    return status != STATUS_OK
               ? status
               : arena_copy(arena, text->bytes ? text->bytes : "", text->length, copy, error);
}

enum status arena_print(struct arena *arena, const char **copy, struct error *error,
                        const char *format, ...)
{
    struct text text = {0};
    va_list arguments;

    va_start(arguments, format);
    append(&text, format, arguments);
    va_end(arguments);
    enum status status = text_keep(&text, arena, copy, error);
    text_release(&text);
    return status;
}

void text_append_escaped(struct text *text, const char *from)
{
    static const char controls[] = "\a\b\t\n\v\f\r", letters[] = "abtnvfr";

    for (; *from; from++) {
        unsigned char byte = (unsigned char)*from;
        const char *known = strchr(controls, byte);
        if (byte >= ' ' && byte != 0x7f)
            text_append_bytes(text, from, 1);
        else if (known)
            text_append(text, "\\%c", letters[known - controls]);
        else
            text_append(text, "\\x%02x", byte);
    }
}

void text_append_real(struct text *text, double value)
{
    char digits[40];

    if (fabs(value) < 1e15 && value == floor(value)) {
        text_append(text, "%.0f", value);
        return;
    }
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    text_append(text, "%s", digits);
}

/* The length of the UTF-8 sequence that begins `bytes`, and its code point; 0: there is none.
 * Overlong ones, surrogates and what lies above U+10FFFF are none. */
static size_t decode(const unsigned char *bytes, size_t room, unsigned long *code)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = bytes[0];
    size_t length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (!length || length > room || first >= 0xf8)
        return 0;
    *code = length == 1 ? first : first & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < least[length] || surrogate || *code > 0x10ffff ? 0 : length;
}

size_t text_utf8_length(const char *bytes, size_t length)
{
    size_t at = 0, step;
    unsigned long code;

    while (at < length && (step = decode((const unsigned char *)bytes + at, length - at, &code)))
        at += step;
    return at;
}

/* Controls of C0 and C1, line and paragraph separators, marks of direction (Unicode's
 * Bidi_Control), zero-width characters and other invisible ones. */
static bool is_obeyed(unsigned long code)
{
    static const unsigned long ranges[][2] = {{0, 0x1f},        {0x7f, 0x9f},      {0xad, 0xad},
                                              {0x61c, 0x61c},   {0x180e, 0x180e},  {0x200b, 0x200f},
                                              {0x2028, 0x202e}, {0x2060, 0x206f},  {0xfeff, 0xfeff},
                                              {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

void text_append_printable(struct text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned long code;
        size_t step = decode((const unsigned char *)bytes + i, length - i, &code);
        bool printable = step && !is_obeyed(code);
        text_append_bytes(text, printable ? bytes + i : "?", printable ? step : 1);
        i += step ? step : 1;
    }
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_release(struct text *text)
{
    memory_free(text->bytes);
    memset(text, 0, sizeof *text);
}

enum status text_status(const struct text *text, struct error *error)
{
    if (text->failed)
        return error_set(error, STATUS_MEMORY, "out of memory while composing text");
    return STATUS_OK;
}

bool text_is_file_name(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(text);

    return length >= 1 && length <= 64 && text[0] != '.' && text[0] != '-' &&
           strspn(text, letters) == length;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

int text_distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    int rows[LONGEST + 1][LONGEST + 1];
    int m = least((int)strlen(a), LONGEST), n = least((int)strlen(b), LONGEST);

    for (int i = 0; i <= m; i++)
        rows[i][0] = i;
    for (int j = 0; j <= n; j++)
        rows[0][j] = j;
    for (int i = 1; i <= m; i++)
        for (int j = 1; j <= n; j++) {
            int change = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            int best = least(change, least(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    return rows[m][n];
}

void text_nearest(const char *wrong, const char *candidate, const char **best)
{
    int length = (int)strlen(candidate);
    int allowed = length < 6 ? 1 : length < 9 ? 2 : 3;
    int distance = text_distance(wrong, candidate);

    if (distance <= allowed && (!*best || distance < text_distance(wrong, *best)))
        *best = candidate;
}

int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}
