/* An image file in memory, decoded. */
#ifndef UNDERSTUDY_TESTS_UNIT_IMAGEFILE_DECODE_H
#define UNDERSTUDY_TESTS_UNIT_IMAGEFILE_DECODE_H

#include "base/memory.h"
#include "io/images/imagefile.h"

#include <CUnit/CUnit.h>
#include <string.h>
#include <zlib.h>

/* Decode bytes to `channels`; the caller frees the pixels. */
static struct image decoded(const void *data, size_t length, int channels)
{
    struct span file = {data, length, "test"};
    struct image image = {0};
    struct error error = {0};

    CU_ASSERT_FATAL(imagefile_shape(file, channels, &image.shape, &error) == STATUS_OK);
    CU_ASSERT_FATAL(memory_new(&image.pixels, shape_size(image.shape), sizeof(float), &error) ==
                    STATUS_OK);
    CU_ASSERT_FATAL(imagefile_decode(file, image, &error) == STATUS_OK);
    return image;
}

#endif
