/*
 * The orientation in EXIF data: byte order, 42, the place of a directory; there, tag 274 with one
 * 16-bit number (CIPA DC-008, section 4.6.4). What is damaged tells nothing: cameras' notes are not
 * what is learnt from.
 */
#include "io/images/imagefile_formats.h"

#include <stdbool.h>

enum { ENTRY = 12, TAG_ORIENTATION = 274, TYPE_SHORT = 3 };

static unsigned read16(const unsigned char *at, bool big)
{
    return big ? (unsigned)at[0] << 8 | at[1] : (unsigned)at[1] << 8 | at[0];
}

static uint64_t read32(const unsigned char *at, bool big)
{
    uint64_t first = read16(at, big), second = read16(at + 2, big);
    return big ? first << 16 | second : second << 16 | first;
}

int exif_orientation(const unsigned char *data, size_t length)
{
    if (length < 8 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M'))
        return 1;
    bool big = data[0] == 'M';
    uint64_t at = read32(data + 4, big);
    if (read16(data + 2, big) != 42 || at + 2 > length)
        return 1;
    size_t count = read16(data + at, big);
    for (at += 2; count && at + ENTRY <= length; at += ENTRY, count--) {
        const unsigned char *entry = data + at;
        unsigned value = read16(entry + 8, big);
        if (read16(entry, big) == TAG_ORIENTATION && read16(entry + 2, big) == TYPE_SHORT)
            return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
