/* Orientations that image files tell: JPEG, PNG, damaged ones. */
#include "base/memory.h"
#include "tests/unit/imagefile_decode.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

void imagefile_turned_suite(void);

/* The stored pixel that is shown at row y, column x, of `shape` stored: TIFF 6.0, page 36, read the
 * other way round. */
static size_t stored_at(int orientation, struct shape shape, int y, int x)
{
    const int h = shape.height - 1, w = shape.width - 1;
    const int places[8][2] = {{y, x}, {y, w - x}, {h - y, w - x}, {h - y, x},
                              {x, y}, {h - x, y}, {h - x, w - y}, {x, w - y}};
    const int *place = places[orientation - 1];

    return (size_t)place[0] * (size_t)shape.width + (size_t)place[1];
}

static void check_turned(struct image turned, struct image stored, int orientation)
{
    struct shape shape = turned.shape;
    bool swapped = orientation >= 5;

    CU_ASSERT_EQUAL_FATAL(shape.height, swapped ? stored.shape.width : stored.shape.height);
    CU_ASSERT_EQUAL_FATAL(shape.width, swapped ? stored.shape.height : stored.shape.width);
    for (int c = 0; c < shape.channels; c++)
        for (int y = 0; y < shape.height; y++)
            for (int x = 0; x < shape.width; x++) {
                size_t plane = (size_t)c * shape_plane(shape);
                size_t from = stored_at(orientation, stored.shape, y, x);
                size_t to = (size_t)y * (size_t)shape.width + (size_t)x;
                CU_ASSERT_FATAL(turned.pixels[plane + to] == stored.pixels[plane + from]);
            }
}

/* A directory of one entry before the orientation, in either byte order. */
static size_t exif(unsigned char *to, int orientation, bool big)
{
    static const unsigned char little_ones[] = "II*\0\x8\0\0\0\x2\0"
                                               "\x0f\x1\2\0\1\0\0\0a\0\0\0"
                                               "\x12\1\3\0\1\0\0\0?\0\0\0\0\0\0\0";
    static const unsigned char big_ones[] = "MM\0*\0\0\0\x8\0\x2"
                                            "\1\x0f\0\2\0\0\0\1a\0\0\0"
                                            "\1\x12\0\3\0\0\0\1\0?\0\0\0\0\0\0";
    size_t length = sizeof big_ones - 1;

    memcpy(to, big ? big_ones : little_ones, length);
    to[big ? 31 : 30] = (unsigned char)orientation;
    return length;
}

/* The file with `count` bytes put in at `at`. */
static struct image decoded_with(struct span file, size_t at, const unsigned char *bytes,
                                 size_t count)
{
    unsigned char *copy;

    CU_ASSERT_FATAL(memory_new(&copy, file.length + count, 1, NULL) == STATUS_OK);
    memcpy(copy, file.data, at);
    memcpy(copy + at, bytes, count);
    memcpy(copy + at + count, file.data + at, file.length - at);
    struct image image = decoded(copy, file.length + count, 3);
    memory_free(copy);
    return image;
}

static void orientation_of_jpeg(void)
{
    struct bytes bytes;

    CU_ASSERT_FATAL(bytes_read(&bytes, "tests/fuzz/corpus/jpeg/rgb-q95-s0", 1 << 20, NULL) ==
                    STATUS_OK);
    struct image stored = decoded(bytes.data, bytes.length, 3);
    for (int turn = 0; turn < 2 * 10; turn++) {
        unsigned char marker[100] = "\xff\xe1\0?Exif\0";
        int orientation = turn / 2;
        size_t length = 10 + exif(marker + 10, orientation, turn % 2);
        marker[3] = (unsigned char)(length - 2);
        struct image turned = decoded_with(bytes_span(&bytes, "test"), 2, marker, length);
        check_turned(turned, stored, orientation >= 1 && orientation <= 8 ? orientation : 1);
        memory_free(turned.pixels);
    }
    memory_free(stored.pixels);
    bytes_release(&bytes);
}

static void orientation_of_png(void)
{
    static const char *const names[] = {"rgb", "interlaced", "grey16"};

    for (int turn = 0; turn < 3 * 8; turn++) {
        struct bytes bytes;
        char path[64];
        unsigned char chunk[100] = "\0\0\0?eXIf";
        size_t length = exif(chunk + 8, turn % 8 + 1, turn % 2);
        uLong sum = crc32(0, chunk + 4, (uInt)length + 4);

        snprintf(path, sizeof path, "tests/fuzz/corpus/png/%s", names[turn / 8]);
        CU_ASSERT_FATAL(bytes_read(&bytes, path, 1 << 20, NULL) == STATUS_OK);
        chunk[3] = (unsigned char)length;
        for (size_t i = 0; i < 4; i++)
            chunk[8 + length + i] = (unsigned char)(sum >> (24 - 8 * i));
        struct image stored = decoded(bytes.data, bytes.length, 3);
        struct image turned = decoded_with(bytes_span(&bytes, "test"), 8 + 25, chunk, 12 + length);
        check_turned(turned, stored, turn % 8 + 1);
        memory_free(turned.pixels);
        memory_free(stored.pixels);
        bytes_release(&bytes);
    }
}

/* Damaged notes of a camera lose no pixel. */
static void orientation_of_damage(void)
{
    unsigned char marker[100] = "\xff\xe1\0?Exif\0";
    struct bytes bytes;

    CU_ASSERT_FATAL(bytes_read(&bytes, "tests/fuzz/corpus/jpeg/rgb-q95-s0", 1 << 20, NULL) ==
                    STATUS_OK);
    struct image stored = decoded(bytes.data, bytes.length, 3);
    size_t whole = 10 + exif(marker + 10, 6, true);
    for (size_t length = 4; length < whole - 8; length++) {
        marker[3] = (unsigned char)(length - 2);
        struct image turned = decoded_with(bytes_span(&bytes, "test"), 2, marker, length);
        check_turned(turned, stored, 1);
        memory_free(turned.pixels);
    }
    memory_free(stored.pixels);
    bytes_release(&bytes);
}

void imagefile_turned_suite(void)
{
    CU_pSuite suite = CU_add_suite("imagefile_turned", NULL, NULL);
    CU_add_test(suite, "EXIF's orientation of a JPEG", orientation_of_jpeg);
    CU_add_test(suite, "EXIF's orientation of a PNG", orientation_of_png);
    CU_add_test(suite, "damaged EXIF data turn nothing", orientation_of_damage);
}
