/*
 * PNG images, as the folder data set reads them: once as given, and once with the chunks' check
 * sums put right, since a mutation that breaks one would otherwise never get past it.
 */
#include "image_fuzz.h"

#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, AROUND = 12 }; /* bytes; a chunk is length, type, data, check sum */

static void repair(uint8_t *data, size_t size)
{
    size_t at = SIGNATURE;
    while (size - at >= AROUND) {
        uint8_t *chunk = data + at;
        size_t length = (size_t)chunk[0] << 24 | (size_t)chunk[1] << 16 | (size_t)chunk[2] << 8 |
                        (size_t)chunk[3];
        if (length > size - at - AROUND)
            return;
        uLong sum = crc32(0, chunk + 4, (uInt)length + 4);
        for (int i = 0; i < 4; i++)
            chunk[8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += AROUND + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = {data, size, "fuzz"};
    uint8_t *copy;

    if (imagefile_format(file) != IMAGEFILE_PNG)
        return 0;
    fuzz_image(file);
    if (memory_new(&copy, size, 1, NULL) != STATUS_OK)
        return 0;
    memcpy(copy, data, size);
    repair(copy, size);
    fuzz_image((struct span){copy, size, "fuzz"});
    memory_free(copy);
    return 0;
}
