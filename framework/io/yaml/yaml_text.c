/* Is it text? What editors show as one line, and what they would not. */
#include "io/yaml/yaml_scalar.h"

#include <string.h>

/* The bytes of the UTF-8 character at `c`, of `left` bytes; 0 where it is none. Table 3-7 of the
 * Unicode standard: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
static size_t utf8_size(const unsigned char *c, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t size = c[0] < 0x80 ? 1 : c[0] < 0xC2 ? 0 : c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : 4;

    if (c[0] > 0xF4 || size > left)
        return 0;
    if (c[0] == 0xE0)
        low = 0xA0;
    else if (c[0] == 0xED)
        high = 0x9F;
    else if (c[0] == 0xF0)
        low = 0x90;
    else if (c[0] == 0xF4)
        high = 0x8F;
    if (size > 1 && (c[1] < low || c[1] > high))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (c[i] < 0x80 || c[i] > 0xBF)
            return 0;
    return size;
}

/* U+0085, U+2028 and U+2029 end lines for libyaml, and hardly anywhere else. */
static bool is_foreign_line(const unsigned char *c, size_t size)
{
    return (size == 2 && c[0] == 0xC2 && c[1] == 0x85) ||
           (size == 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9));
}

enum status yaml_check_text(const char *file, const char *bytes, size_t length, bool *good,
                            struct diagnostics *found, struct error *error)
{
    const unsigned char *text = (const unsigned char *)bytes;
    struct yaml_mark mark = {file, 1, 1};
    size_t size;

    *good = false;
    if (length > YAML_MAX_BYTES)
        return diagnostics_add(found, (struct yaml_mark){file, 0, 0}, "", error,
                               "too large; expected at most %d bytes", YAML_MAX_BYTES);
    if (length >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return diagnostics_add(found, mark, "", error, "UTF-16 text; expected UTF-8");
    for (size_t i = 0; i < length; i += size) {
        size = utf8_size(text + i, length - i);
        if (size == 0)
            return diagnostics_add(found, mark, "", error,
                                   "byte 0x%02X is not UTF-8 text; is this a binary file?",
                                   text[i]);
        if ((text[i] < 0x20 && !strchr("\t\n\r", text[i])) || !text[i] || text[i] == 0x7F)
            return diagnostics_add(found, mark, "", error,
                                   "control character 0x%02X; is this a binary file?", text[i]);
        if (is_foreign_line(text + i, size))
            return diagnostics_add(found, mark, "", error,
                                   "a line separator that editors do not show; use an ordinary "
                                   "line break or a space");
        mark.column++;
        if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == length || text[i + 1] != '\n'))) {
            mark.line++;
            mark.column = 1;
        }
    }
    *good = true;
    return STATUS_OK;
}
