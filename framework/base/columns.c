#include "base/columns.h"

#include <stdint.h>
#include <string.h>

/* Unicode 15: East_Asian_Width W and F, and general categories Mn and Cf, in broad ranges. The
 * locale's wcwidth() would depend on the user's settings, and on the program adopting them. */
static const struct range {
    uint32_t first, last;
    size_t columns;
} ranges[] = {
    {0x0300, 0x036F, 0},   {0x1100, 0x115F, 2},   {0x200B, 0x200F, 0},   {0x20D0, 0x20FF, 0},
    {0x2E80, 0x303E, 2},   {0x3041, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},
    {0xFE00, 0xFE0F, 0},   {0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},
    {0x1F300, 0x1F64F, 2}, {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
};

/* The bytes of the character at the front, and its columns. */
static size_t next(const char *bytes, size_t length, size_t *columns)
{
    unsigned char head = (unsigned char)bytes[0];
    size_t size = head < 0xC0 ? 1 : head < 0xE0 ? 2 : head < 0xF0 ? 3 : 4;
    uint32_t code = size == 1 ? head : head & (0x7Fu >> size);

    *columns = 1;
    if (size > length)
        return 1;
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)bytes[i] & 0xC0) != 0x80)
            return 1;
        code = code << 6 | ((unsigned char)bytes[i] & 0x3Fu);
    }
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
        if (code >= ranges[r].first && code <= ranges[r].last)
            *columns = ranges[r].columns;
    return size;
}

size_t columns_count(const char *bytes, size_t length)
{
    size_t sum = 0, columns;

    for (size_t i = 0; i < length; sum += columns)
        i += next(bytes + i, length - i, &columns);
    return sum;
}

size_t columns_fit(const char *bytes, size_t length, size_t columns)
{
    size_t at = 0, used = 0, own;

    while (at < length) {
        size_t size = next(bytes + at, length - at, &own);
        if (used + own > columns)
            break;
        used += own;
        at += size;
    }
    return at;
}

size_t columns_fit_words(const char *bytes, size_t length, size_t columns)
{
    size_t fit = columns_fit(bytes, length, columns), end = fit;

    if (fit == length || bytes[fit] == ' ')
        return fit;
    while (end > 0 && bytes[end - 1] != ' ')
        end--;
    while (end > 0 && bytes[end - 1] == ' ')
        end--;
    return end ? end : fit;
}
