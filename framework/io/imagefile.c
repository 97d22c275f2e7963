#include "io/imagefile.h"

#include "io/imagefile_formats.h"

#include <assert.h>
#include <string.h>

enum imagefile_format imagefile_format(struct span file)
{
    static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const unsigned char jpeg[] = {0xff, 0xd8, 0xff};

    if (file.length >= sizeof png && memcmp(file.data, png, sizeof png) == 0)
        return IMAGEFILE_PNG;
    if (file.length >= sizeof jpeg && memcmp(file.data, jpeg, sizeof jpeg) == 0)
        return IMAGEFILE_JPEG;
    if (file.length >= 2 && file.data[0] == 'P' && file.data[1] >= '1' && file.data[1] <= '6')
        return IMAGEFILE_PNM;
    return IMAGEFILE_UNKNOWN;
}

static enum status unknown(struct span file, struct error *error)
{
    if (file.length == 0)
        return error_set(error, STATUS_DATA, "%s: empty; expected a PNG, JPEG or PNM image",
                         file.name);
    char first[3 * 4 + 1] = "";
    for (size_t i = 0; i < 4 && i < file.length; i++) {
        static const char digits[] = "0123456789abcdef";
        char text[4] = {' ', digits[file.data[i] >> 4], digits[file.data[i] & 15], '\0'};
        strcat(first, text);
    }
    return error_set(error, STATUS_DATA,
                     "%s: expected a PNG, JPEG or PNM (P1 to P6) image, found a file that starts "
                     "with the bytes%s",
                     file.name, first);
}

enum status imagefile_size(struct span file, uintmax_t width, uintmax_t height, struct shape *shape,
                           struct error *error)
{
    if (width == 0 || height == 0 || width > IMAGEFILE_SIDE || height > IMAGEFILE_SIDE ||
        width * height > IMAGEFILE_PIXELS)
        return error_set(error, STATUS_DATA,
                         "%s: an image of %ju x %ju pixels; expected 1 to %d a side and at most %d "
                         "in all",
                         file.name, width, height, IMAGEFILE_SIDE, IMAGEFILE_PIXELS);
    shape->width = (int)width;
    shape->height = (int)height;
    return STATUS_OK;
}

enum status imagefile_shape(struct span file, int channels, struct shape *shape,
                            struct error *error)
{
    assert(channels == 1 || channels == 3);
    shape->channels = channels;
    switch (imagefile_format(file)) {
    case IMAGEFILE_PNG: return png_shape(file, shape, error);
    case IMAGEFILE_JPEG: return jpeg_shape(file, shape, error);
    case IMAGEFILE_PNM: return pnm_shape(file, shape, error);
    case IMAGEFILE_UNKNOWN: break;
    }
    return unknown(file, error);
}

enum status imagefile_decode(struct span file, struct image image, struct error *error)
{
    switch (imagefile_format(file)) {
    case IMAGEFILE_PNG: return png_decode(file, image, error);
    case IMAGEFILE_JPEG: return jpeg_decode(file, image, error);
    case IMAGEFILE_PNM: return pnm_decode(file, image, error);
    case IMAGEFILE_UNKNOWN: break;
    }
    return unknown(file, error);
}

/* BT.601 luma with PIL's weights in units of 2^-16; they add up to 1, so that grey stays grey. */
static unsigned luma(const unsigned *rgb)
{
    uint64_t sum = 19595 * (uint64_t)rgb[0] + 38470 * (uint64_t)rgb[1] + 7471 * (uint64_t)rgb[2];
    return (unsigned)((sum + 32768) >> 16);
}

void imagefile_store(struct image image, size_t offset, const unsigned *samples, int channels,
                     unsigned maximum)
{
    size_t plane = (size_t)image.shape.height * (size_t)image.shape.width;

    if (image.shape.channels == 1) {
        unsigned grey = channels == 3 ? luma(samples) : samples[0];
        image.pixels[offset] = (float)grey / (float)maximum;
        return;
    }
    for (int c = 0; c < image.shape.channels; c++)
        image.pixels[(size_t)c * plane + offset] =
            (float)samples[channels == 3 ? c : 0] / (float)maximum;
}

void imagefile_store_row(struct image image, int row, const unsigned char *samples, int channels,
                         unsigned maximum)
{
    int width = image.shape.width;

    for (int x = 0; x < width; x++) {
        unsigned pixel[3] = {0};
        for (int c = 0; c < channels; c++) {
            pixel[c] = *samples++;
            if (maximum > 255)
                pixel[c] = pixel[c] << 8 | *samples++;
        }
        imagefile_store(image, (size_t)row * (size_t)width + (size_t)x, pixel, channels, maximum);
    }
}
