
#include "base/hash.h"
#include "base/memory.h"
#include "io/images/imagefile.h"
#include "io/images/imagefile_write.h"
#include "tests/golden/images.h"
#include "tests/unit/imagefile_decode.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

void imagefile_suite(void);

static struct image decoded_file(const char *path, int channels)
{
    struct bytes bytes;
    struct error error = {0};

    enum status status = bytes_read(&bytes, path, 1 << 20, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_FATAL(status == STATUS_OK);
    struct image image = decoded(bytes.data, bytes.length, channels);
    bytes_release(&bytes);
    return image;
}

/* `channels` 0: as the file has them. */
static void expect(const void *data, size_t length, int channels, struct shape shape,
                   const double *values)
{
    struct image image = decoded(data, length, channels);
    CU_ASSERT_FATAL(shape_equal(image.shape, shape));
    for (size_t i = 0; i < shape_size(shape); i++)
        CU_ASSERT(image.pixels[i] == (float)values[i]);
    memory_free(image.pixels);
}

#define EXPECT(text, channels, height, width, ...)                                                 \
    expect(text, sizeof text - 1, channels,                                                        \
           (struct shape){channels ? channels : 3, height, width}, (const double[]){__VA_ARGS__})

static void pnm_of_every_kind(void)
{
    EXPECT("P1 # bits\n3 2\n01 1\n100\n", 1, 2, 3, 1, 0, 0, 0, 1, 1);
    EXPECT("P4\n10 1\n\xa0\x40", 1, 1, 10, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0);
    EXPECT("P2\n# a\n2 1 # b\n4\n1 4\n", 1, 1, 2, 0.25, 1);
    EXPECT("P5 2 1 255 \x33\xff", 1, 1, 2, 0.2, 1);
    EXPECT("P5\n1 2\n1000\n\x01\xf4\x03\xe8", 1, 2, 1, 0.5, 1);
    EXPECT("P3 1 1 10 1 5 10", 3, 1, 1, 0.1, 0.5, 1);
    EXPECT("P6 2 1 255\n\x33\x66\xff\x00\x01\x02", 3, 1, 2, 0.2, 0, 0.4, 1 / 255.0, 1, 2 / 255.0);
}

/* Grey is PIL's rounded BT.601 luma; grey shown as colour is three times the same. */
static void grey_and_colour(void)
{
    EXPECT("P6 3 1 255\n\xff\x00\x00\x00\xff\x00\x00\x00\xff", 1, 1, 3, 76 / 255.0, 150 / 255.0,
           29 / 255.0);
    EXPECT("P6 2 1 255\n\x6f\x7f\x72\xb1\xbf\xd9", 1, 1, 2, 121 / 255.0, 190 / 255.0);
    EXPECT("P5 1 1 255\n\x33", 3, 1, 1, 0.2, 0.2, 0.2);
}

static struct image corpus(const char *kind, const char *name, int channels)
{
    char path[256];
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", kind, name);
    return decoded_file(path, channels);
}

static void check_sum(struct image image, struct shape shape, double sum)
{
    double found = 0;
    for (size_t i = 0; i < shape_size(image.shape); i++)
        found += (double)image.pixels[i];
    CU_ASSERT(shape_equal(image.shape, shape));
    CU_ASSERT_DOUBLE_EQUAL(found, sum, 1e-4);
    memory_free(image.pixels);
}

/* Sums over the values as PIL and numpy read the same files. */
static void library_formats(void)
{
    check_sum(corpus("png", "rgb", 3), (struct shape){3, 9, 7}, 91.9921569);
    check_sum(corpus("png", "rgb", 1), (struct shape){1, 9, 7}, 29.8274510);
    check_sum(corpus("png", "palette", 3), (struct shape){3, 9, 7}, 92.4352941);
    check_sum(corpus("png", "palette", 1), (struct shape){1, 9, 7}, 29.9921569);
    check_sum(corpus("png", "palette-transparent", 3), (struct shape){3, 9, 7}, 89.2784314);
    check_sum(corpus("png", "palette-transparent", 1), (struct shape){1, 9, 7}, 28.4823529);
    check_sum(corpus("png", "rgba", 3), (struct shape){3, 9, 7}, 91.9921569);
    check_sum(corpus("png", "greyalpha", 1), (struct shape){1, 9, 7}, 31.2431373);
    check_sum(corpus("png", "grey", 1), (struct shape){1, 9, 7}, 31.2431373);
    check_sum(corpus("png", "bits1", 1), (struct shape){1, 9, 7}, 31.0000000);
    check_sum(corpus("png", "grey-transparent", 1), (struct shape){1, 9, 7}, 31.2431373);
    check_sum(corpus("png", "grey16", 1), (struct shape){1, 9, 7}, 30.2460060);
    check_sum(corpus("png", "interlaced", 1), (struct shape){1, 8, 9}, 30.0705882);
    check_sum(corpus("png", "grey2", 1), (struct shape){1, 1, 5}, 2.3333333);
    check_sum(corpus("png", "rgb16", 3), (struct shape){3, 2, 2}, 1.4119478);
    check_sum(corpus("jpeg", "rgb-q30-s0", 3), (struct shape){3, 20, 24}, 523.8431373);
    check_sum(corpus("jpeg", "rgb-q30-s2", 3), (struct shape){3, 20, 24}, 524.0784314);
    check_sum(corpus("jpeg", "rgb-q95-s1", 3), (struct shape){3, 20, 24}, 524.4156863);
    check_sum(corpus("jpeg", "progressive", 3), (struct shape){3, 20, 24}, 524.6000000);
    check_sum(corpus("jpeg", "restart", 3), (struct shape){3, 20, 24}, 524.6000000);
    check_sum(corpus("jpeg", "rgb-q95-s2", 1), (struct shape){1, 20, 24}, 201.3764706);
    check_sum(corpus("jpeg", "grey", 1), (struct shape){1, 20, 24}, 216.4705882);
}

/* TIFF and PNG files of every kind, as Pillow and tifffile read them. */
static void as_others_read_them(void)
{
    for (size_t i = 0; i < sizeof image_goldens / sizeof *image_goldens; i++) {
        const struct image_golden *golden = &image_goldens[i];
        struct hash hash = {0};
        struct bytes bytes;
        struct imagefile_header header;
        char path[128], sha256[HASH_TEXT];

        snprintf(path, sizeof path, "tests/fuzz/corpus/%s", golden->name);
        CU_ASSERT_FATAL(bytes_read(&bytes, path, 1 << 20, NULL) == STATUS_OK);
        CU_ASSERT_FATAL(imagefile_look(bytes_span(&bytes, path), golden->asked, &header, NULL) ==
                        STATUS_OK);
        CU_ASSERT(shape_equal(header.shape, golden->shape));
        bytes_release(&bytes);
        struct image image = decoded_file(path, golden->asked);
        CU_ASSERT_FATAL(hash_begin(&hash, NULL) == STATUS_OK);
        CU_ASSERT(hash_bytes(&hash, image.pixels, shape_size(image.shape) * sizeof(float), NULL) ==
                  STATUS_OK);
        CU_ASSERT(hash_end(&hash, sha256, NULL) == STATUS_OK);
        if (strcmp(sha256, golden->sha256) != 0)
            printf("%s, %d channels asked for\n", golden->name, golden->asked);
        CU_ASSERT_STRING_EQUAL(sha256, golden->sha256);
        memory_free(image.pixels);
    }
}

/* The sum of a file's pixels, and what was found. */
static double look(const char *name, struct imagefile_scale scale, struct imagefile_found *found)
{
    char path[256];
    struct bytes bytes;
    struct image image = {0};
    double sum = 0;

    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
    CU_ASSERT_FATAL(bytes_read(&bytes, path, 1 << 20, NULL) == STATUS_OK);
    struct span file = bytes_span(&bytes, path);
    CU_ASSERT_FATAL(imagefile_shape(file, 1, &image.shape, NULL) == STATUS_OK);
    CU_ASSERT_FATAL(memory_new(&image.pixels, shape_size(image.shape), sizeof(float), NULL) ==
                    STATUS_OK);
    CU_ASSERT(imagefile_decode_scaled(file, scale, image, found, NULL) == STATUS_OK);
    for (size_t i = 0; i < shape_size(image.shape); i++)
        sum += (double)image.pixels[i];
    memory_free(image.pixels);
    bytes_release(&bytes);
    return sum;
}

/* What encoders did not keep to, but loses no pixel, is a remark. */
static void oddities_are_remarks(void)
{
    static const struct {
        const char *name, *remark;
    } odd[] = {
        {"jpeg/jfif-0.00", "unknown JFIF revision number 0.00"},
        {"jpeg/extraneous", "12 extraneous bytes before marker 0xd9"},
        {"jpeg/no-end", "Premature end of JPEG file"},
    };
    struct imagefile_scale whole = {0, 0};
    struct imagefile_found found;

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        look(odd[i].name, whole, &found);
        CU_ASSERT(strstr(found.remark, odd[i].remark) != NULL);
    }
    /* all but its end: the same pixels */
    double cut = look("jpeg/no-end", whole, &found);
    CU_ASSERT(cut == look("jpeg/grey", whole, &found));
    CU_ASSERT_STRING_EQUAL(found.remark, "");
}

/* Part of the scale: what lies outside of it is clipped, and counted. */
static void scale_in_samples(void)
{
    static const char pgm[] = "P2 5 1 4095\n0 1000 2000 3000 4095\n";
    struct span file = {(const unsigned char *)pgm, sizeof pgm - 1, "test"};
    float pixels[5];
    struct image image = {{1, 1, 5}, pixels};
    struct imagefile_found found;

    CU_ASSERT(imagefile_decode_scaled(file, (struct imagefile_scale){1000, 3000}, image, &found,
                                      NULL) == STATUS_OK);
    CU_ASSERT(pixels[0] == 0 && pixels[1] == 0 && pixels[2] == 0.5f && pixels[3] == 1);
    CU_ASSERT(pixels[4] == 1);
    CU_ASSERT_EQUAL(found.clipped, 2);
    CU_ASSERT(found.maximum == 4095 && found.least == 0 && found.most == 4095);
}

/* The whole scale, said in samples, gives the same bits as the whole scale unsaid. */
static void whole_scale_is_the_same(void)
{
    struct imagefile_found found;

    for (unsigned maximum = 1; maximum <= 65535; maximum = 3 * maximum + 2) {
        unsigned char pgm[64];
        float pixels[2][2];
        for (unsigned value = 0; value <= maximum; value += 1 + maximum / 997) {
            int length = snprintf((char *)pgm, sizeof pgm, "P2 2 1 %u\n%u %u\n", maximum, value,
                                  maximum - value);
            struct span file = {pgm, (size_t)length, "test"};
            for (int said = 0; said < 2; said++) {
                struct imagefile_scale scale = {0, said ? maximum : 0};
                struct image image = {{1, 1, 2}, pixels[said]};
                CU_ASSERT_FATAL(imagefile_decode_scaled(file, scale, image, &found, NULL) ==
                                STATUS_OK);
                CU_ASSERT_EQUAL(found.clipped, 0);
            }
            CU_ASSERT_EQUAL_FATAL(memcmp(pixels[0], pixels[1], sizeof pixels[0]), 0);
        }
    }
}

/* Without transparency; palettes are colour. */
static void channels_as_stored(void)
{
    static const struct {
        const char *name;
        int channels;
    } files[] = {{"png/grey", 1},    {"png/greyalpha", 1}, {"png/rgba", 3},
                 {"png/palette", 3}, {"jpeg/grey", 1},     {"jpeg/restart", 3}};
    struct imagefile_header header;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        struct bytes bytes;
        snprintf(path, sizeof path, "tests/fuzz/corpus/%s", files[i].name);
        CU_ASSERT_FATAL(bytes_read(&bytes, path, 1 << 20, NULL) == STATUS_OK);
        CU_ASSERT(imagefile_look(bytes_span(&bytes, path), 0, &header, NULL) == STATUS_OK);
        CU_ASSERT_EQUAL(header.shape.channels, files[i].channels);
        CU_ASSERT_EQUAL(header.orientation, 1);
        bytes_release(&bytes);
    }
    EXPECT("P6 1 1 255\n\x33\x66\xff", 0, 1, 1, 0.2, 0.4, 1);
}

/* Values from -0.2 to 1.2, in steps that no depth has. */
static struct image made_image(int channels)
{
    struct image image = {{channels, 11, 13}, NULL};
    size_t count = shape_size(image.shape);

    CU_ASSERT_FATAL(memory_new(&image.pixels, count, sizeof(float), NULL) == STATUS_OK);
    for (size_t i = 0; i < count; i++)
        image.pixels[i] = (float)((double)(i * 37 % 1009) / 720 - 0.2);
    return image;
}

static void written_and_read(void)
{
    static const struct {
        enum imagefile_encoding encoding;
        int channels;
        double levels; /* 0: as it is */
    } kinds[] = {
        {IMAGEFILE_PNG8, 1, 255},     {IMAGEFILE_PNG8, 3, 255},     {IMAGEFILE_PNG16, 1, 65535},
        {IMAGEFILE_PNG16, 3, 65535},  {IMAGEFILE_TIFF32, 1, 0},     {IMAGEFILE_TIFF32, 2, 0},
        {IMAGEFILE_TIFF32, 3, 0},     {IMAGEFILE_TIFF32, 4, 0},     {IMAGEFILE_TIFF32, 31, 0},
        {IMAGEFILE_TIFF8, 1, 255},    {IMAGEFILE_TIFF8, 3, 255},    {IMAGEFILE_TIFF8, 5, 255},
        {IMAGEFILE_TIFF16, 1, 65535}, {IMAGEFILE_TIFF16, 4, 65535}, {IMAGEFILE_PNM8, 1, 255},
        {IMAGEFILE_PNM8, 3, 255},     {IMAGEFILE_PNM16, 1, 65535},  {IMAGEFILE_PNM16, 3, 65535}};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct image image = made_image(kinds[k].channels);
        char path[SCRATCH_PATH];
        struct error error = {0};

        scratch_path(path, "written");
        CU_ASSERT(imagefile_write(path, image, kinds[k].encoding, &error) == STATUS_OK);
        CU_ASSERT_STRING_EQUAL(error.message, "");
        struct image read = decoded_file(path, 0);
        CU_ASSERT_FATAL(shape_equal(read.shape, image.shape));
        for (size_t i = 0; i < shape_size(image.shape); i++) {
            double value = (double)image.pixels[i], levels = kinds[k].levels;
            double inside = value < 0 ? 0 : value > 1 ? 1 : value;
            float expected = (float)(levels > 0 ? floor(inside * levels + 0.5) / levels : value);
            CU_ASSERT_FATAL(read.pixels[i] == expected);
        }
        memory_free(read.pixels);
        memory_free(image.pixels);
    }
}

/* A JPEG loses a little: of a smooth image less than two levels. */
static void written_with_loss(void)
{
    for (int channels = 1; channels <= 3; channels += 2) {
        struct image image = made_image(channels);
        char path[SCRATCH_PATH];
        struct error error = {0};
        size_t plane = shape_plane(image.shape);

        for (size_t i = 0; i < shape_size(image.shape); i++)
            image.pixels[i] = (float)(i % plane) / (float)plane;
        scratch_path(path, "written");
        CU_ASSERT(imagefile_write(path, image, IMAGEFILE_JPEG8, &error) == STATUS_OK);
        struct image read = decoded_file(path, 0);
        CU_ASSERT_FATAL(shape_equal(read.shape, image.shape));
        for (size_t i = 0; i < shape_size(image.shape); i++)
            CU_ASSERT_FATAL(fabsf(read.pixels[i] - image.pixels[i]) < 8 / 255.0F);
        memory_free(read.pixels);
        memory_free(image.pixels);
    }
}

static void not_written(void)
{
    struct image image = made_image(2);
    char path[SCRATCH_PATH], expected[SCRATCH_PATH + 200];
    struct error error = {0};

    scratch_path(path, "refused");
    CU_ASSERT(imagefile_write(path, image, IMAGEFILE_PNG16, &error) == STATUS_DATA);
    snprintf(expected, sizeof expected,
             "%s: a PNG has 1 channel (grey) or 3 (colour), the image 2; TIFF takes any number",
             path);
    CU_ASSERT_STRING_EQUAL(error.message, expected);
    image.pixels[11 * 13 + 13 + 2] = (float)NAN;
    CU_ASSERT(imagefile_write(path, image, IMAGEFILE_TIFF32, &error) == STATUS_DATA);
    snprintf(expected, sizeof expected,
             "%s: a value is nan (channel 1, row 1, column 2); expected finite numbers", path);
    CU_ASSERT_STRING_EQUAL(error.message, expected);
    CU_ASSERT(access(path, F_OK) != 0);
    image.pixels[11 * 13 + 13 + 2] = 0;
    CU_ASSERT(imagefile_write("no/such/folder.tif", image, IMAGEFILE_TIFF32, &error) == STATUS_IO);
    CU_ASSERT_STRING_EQUAL(error.message, "no/such/folder.tif: No such file or directory");
    if (access("/dev/full", W_OK) == 0) {
        CU_ASSERT(symlink("/dev/full", path) == 0);
        CU_ASSERT(imagefile_write(path, image, IMAGEFILE_TIFF32, &error) == STATUS_IO);
        image.shape.channels = 1;
        CU_ASSERT(symlink("/dev/full", path) == 0);
        CU_ASSERT(imagefile_write(path, image, IMAGEFILE_PNG8, &error) == STATUS_IO);
        CU_ASSERT(access(path, F_OK) != 0);
    }
    memory_free(image.pixels);
}

/* Samples of 12 bits in 16, with a sign, and floats, on a part of their scale. */
static void scale_of_tiff(void)
{
    struct imagefile_found found;

    look("tiff/i2-strips", (struct imagefile_scale){0, 0}, &found);
    CU_ASSERT(found.minimum == -32768 && found.maximum == 32767 && !found.real);
    CU_ASSERT(found.least < 0 && found.most > 0 && found.clipped == 0);
    look("tiff/i2-strips", (struct imagefile_scale){-100, 100}, &found);
    CU_ASSERT(found.clipped > 0);
    look("tiff/f4-strips", (struct imagefile_scale){0, 0}, &found);
    CU_ASSERT(found.minimum == 0 && found.maximum == 1 && found.real);
    CU_ASSERT(found.least == -2 && found.most > 2);
    look("tiff/f8-strips", (struct imagefile_scale){-2, 3}, &found);
    CU_ASSERT_EQUAL(found.clipped, 0);
}

static void files_have_limits(void)
{
    struct bytes bytes;
    struct error error = {0};
    const char *path = "tests/fuzz/corpus/idx/large.gz";

    CU_ASSERT(bytes_read(&bytes, path, 10, &error) == STATUS_DATA);
    CU_ASSERT(bytes.data == NULL);
    CU_ASSERT(bytes_read_unpacked(&bytes, path, 2000, &error) == STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "tests/fuzz/corpus/idx/large.gz: too large; "
                                          "expected at most 2000 bytes");
    CU_ASSERT(bytes_read_unpacked(&bytes, path, 1 << 20, &error) == STATUS_OK);
    CU_ASSERT(bytes.length == 78416);
    bytes_release(&bytes);
    CU_ASSERT(bytes_read(&bytes, "/dev/zero", 100000, &error) == STATUS_DATA);
    CU_ASSERT(bytes_read(&bytes, "tests", 100, &error) == STATUS_IO);
}

/* A stream whose last packed byte is read while unpacked ones still wait for room. */
static void gzip_of_every_length(void)
{
    struct bytes bytes;
    struct error error = {0};
    const char *path = "tests/fuzz/corpus/idx/members.gz";

    CU_ASSERT(bytes_read_unpacked(&bytes, path, 1 << 20, &error) == STATUS_OK);
    CU_ASSERT(bytes.length == 13 && bytes.data[8] == 5 && bytes.data[12] == 9);
    bytes_release(&bytes);
    CU_ASSERT(bytes_read_unpacked(&bytes, "tests/fuzz/corpus/idx/sizes.gz", 1 << 20, &error) ==
              STATUS_OK);
    CU_ASSERT(bytes.length == 65536 + 131072 + 1);
    bytes_release(&bytes);
}

void imagefile_suite(void)
{
    CU_pSuite suite = CU_add_suite("imagefile", NULL, NULL);
    CU_add_test(suite, "PNM of every kind", pnm_of_every_kind);
    CU_add_test(suite, "grey from colour, colour from grey", grey_and_colour);
    CU_add_test(suite, "PNG and JPEG as PIL reads them", library_formats);
    CU_add_test(suite, "TIFF and PNG of every kind as Pillow and tifffile read them",
                as_others_read_them);
    CU_add_test(suite, "oddities that lose no pixel are remarks", oddities_are_remarks);
    CU_add_test(suite, "part of the scale, in samples", scale_in_samples);
    CU_add_test(suite, "the whole scale is the same, said or unsaid", whole_scale_is_the_same);
    CU_add_test(suite, "channels as they are stored", channels_as_stored);
    CU_add_test(suite, "what is written is read again", written_and_read);
    CU_add_test(suite, "a JPEG is written with a little loss", written_with_loss);
    CU_add_test(suite, "what cannot be written is told, and leaves no file", not_written);
    CU_add_test(suite, "part of the scale of a TIFF", scale_of_tiff);
    CU_add_test(suite, "files have limits", files_have_limits);
    CU_add_test(suite, "gzip members and lengths", gzip_of_every_length);
}
