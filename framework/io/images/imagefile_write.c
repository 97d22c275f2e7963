#include "io/images/imagefile_write.h"

#include "base/memory.h"
#include "io/files/npy.h"
#include "io/images/imagefile_formats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { PNG, TIFF_KIND, PNM, JPEG, NPY };

static const struct {
    enum kind kind;
    int bits;
    const char *name;
} encodings[] = {
    [IMAGEFILE_PNG8] = {PNG, 8, "PNG"},           [IMAGEFILE_PNG16] = {PNG, 16, "PNG"},
    [IMAGEFILE_TIFF8] = {TIFF_KIND, 8, "TIFF"},   [IMAGEFILE_TIFF16] = {TIFF_KIND, 16, "TIFF"},
    [IMAGEFILE_TIFF32] = {TIFF_KIND, 32, "TIFF"}, [IMAGEFILE_PNM8] = {PNM, 8, "PNM file"},
    [IMAGEFILE_PNM16] = {PNM, 16, "PNM file"},    [IMAGEFILE_JPEG8] = {JPEG, 8, "JPEG"},
    [IMAGEFILE_NPY] = {NPY, 32, ".npy"},
};

const char *imagefile_ending(enum imagefile_encoding encoding, int channels)
{
    static const char *const endings[] = {
        [PNG] = ".png", [TIFF_KIND] = ".tif", [PNM] = ".pgm", [JPEG] = ".jpg", [NPY] = ".npy"};
    enum kind kind = encodings[encoding].kind;

    return kind == PNM && channels == 3 ? ".ppm" : endings[kind];
}

/* Of whole images: PNG, PNM and JPEG have grey or colour. */
static enum status check(const char *path, struct image image, enum imagefile_encoding encoding,
                         struct error *error)
{
    int channels = image.shape.channels;
    size_t count = shape_size(image.shape), plane = shape_plane(image.shape);
    enum kind kind = encodings[encoding].kind;

    if (kind != TIFF_KIND && kind != NPY && channels != 1 && channels != 3)
        return error_set(error, STATUS_DATA,
                         "%s: a %s has 1 channel (grey) or 3 (colour), the image %d; TIFF takes "
                         "any number",
                         path, encodings[encoding].name, channels);
    if (channels < 1 || channels > IMAGEFILE_CHANNELS || count == 0)
        return error_set(error, STATUS_DATA, "%s: an image of %d x %d pixels and %d channels", path,
                         image.shape.width, image.shape.height, channels);
    for (size_t i = 0; kind != NPY && i < count; i++)
        if (!isfinite(image.pixels[i]))
            return error_set(
                error, STATUS_DATA,
                "%s: a value is %g (channel %zu, row %zu, column %zu); expected finite "
                "numbers",
                path, (double)image.pixels[i], i / plane, i % plane / (size_t)image.shape.width,
                i % plane % (size_t)image.shape.width);
    return STATUS_OK;
}

static enum status npy_write(FILE *file, const char *name, struct image image, struct error *error)
{
    const size_t dims[] = {(size_t)image.shape.channels, (size_t)image.shape.height,
                           (size_t)image.shape.width};
    char header[NPY_MOST_HEADER];
    size_t length = npy_header(dims, 3, header), count = shape_size(image.shape);

    if (fwrite(header, 1, length, file) != length ||
        fwrite(image.pixels, sizeof *image.pixels, count, file) != count)
        return error_system(error, "%s", name);
    return STATUS_OK;
}

static enum status pnm_write(FILE *file, const char *name, struct image image, int bits,
                             struct error *error)
{
    enum status status = STATUS_OK;
    size_t length = (size_t)image.shape.width * (size_t)image.shape.channels * (size_t)(bits / 8);
    unsigned char *row = NULL;

    TRY(memory_new(&row, length, 1, error));
    fprintf(file, "P%d\n%d %d\n%d\n", image.shape.channels == 3 ? 6 : 5, image.shape.width,
            image.shape.height, bits == 16 ? 65535 : 255);
    for (int y = 0; y < image.shape.height; y++) {
        imagefile_levels_row(image, y, bits, true, row);
        if (fwrite(row, 1, length, file) != length)
            TRY(error_system(error, "%s", name));
    }
out:
    memory_free(row);
    return status;
}

static enum status write_as(FILE *file, const char *path, struct image image,
                            enum imagefile_encoding encoding, struct error *error)
{
    int bits = encodings[encoding].bits;

    switch (encodings[encoding].kind) {
    case PNG: return png_write(file, path, image, bits, error);
    case TIFF_KIND: return tiff_write(file, path, image, bits, error);
    case PNM: return pnm_write(file, path, image, bits, error);
    case JPEG: return jpeg_write(file, path, image, error);
    default: return npy_write(file, path, image, error);
    }
}

enum status imagefile_write(const char *path, struct image image, enum imagefile_encoding encoding,
                            struct error *error)
{
    enum status status = STATUS_OK;
    FILE *file = NULL;

    TRY(check(path, image, encoding, error));
    file = fopen(path, "w+be");
    if (!file)
        TRY(error_system(error, "%s", path));
    TRY(write_as(file, path, image, encoding, error));
    FILE *done = file;
    file = NULL;
    if (fclose(done) != 0) {
        status = error_system(error, "%s", path);
        unlink(path);
    }
out:
    if (file) {
        fclose(file);
        unlink(path);
    }
    return status;
}

enum status imagefile_png(struct image image, struct bytes *bytes, struct error *error)
{
    static const char name[] = "a picture";
    enum status status = STATUS_OK;
    char *written = NULL;
    size_t length = 0;
    FILE *file = NULL;

    *bytes = (struct bytes){0};
    TRY(check(name, image, IMAGEFILE_PNG8, error));
    file = open_memstream(&written, &length);
    if (!file)
        TRY(error_system(error, "%s", name));
    TRY(png_write(file, name, image, encodings[IMAGEFILE_PNG8].bits, error));
    if (fflush(file) != 0)
        TRY(error_system(error, "%s", name));
    TRY(memory_new(&bytes->data, length, 1, error));
    memcpy(bytes->data, written, length);
    bytes->length = length;
out:
    if (file)
        fclose(file);
    free(written);
    return status;
}
