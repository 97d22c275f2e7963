#include "io/images/imagefile_write.h"

#include "io/images/imagefile_formats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

const char *imagefile_ending(enum imagefile_encoding encoding)
{
    return encoding == IMAGEFILE_TIFF32 ? ".tif" : ".png";
}

static enum status check(const char *path, struct image image, enum imagefile_encoding encoding,
                         struct error *error)
{
    int channels = image.shape.channels;
    size_t count = shape_size(image.shape), plane = shape_plane(image.shape);

    if (encoding != IMAGEFILE_TIFF32 && channels != 1 && channels != 3)
        return error_set(error, STATUS_DATA,
                         "%s: a PNG has 1 channel (grey) or 3 (colour), the image %d; TIFF takes "
                         "any number",
                         path, channels);
    if (channels < 1 || channels > IMAGEFILE_CHANNELS || count == 0)
        return error_set(error, STATUS_DATA, "%s: an image of %d x %d pixels and %d channels", path,
                         image.shape.width, image.shape.height, channels);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(image.pixels[i]))
            return error_set(
                error, STATUS_DATA,
                "%s: a value is %g (channel %zu, row %zu, column %zu); expected finite "
                "numbers",
                path, (double)image.pixels[i], i / plane, i % plane / (size_t)image.shape.width,
                i % plane % (size_t)image.shape.width);
    return STATUS_OK;
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
    if (encoding == IMAGEFILE_TIFF32)
        TRY(tiff_write(file, path, image, error));
    else
        TRY(png_write(file, path, image, encoding == IMAGEFILE_PNG16 ? 16 : 8, error));
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
