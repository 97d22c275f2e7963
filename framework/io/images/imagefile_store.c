/* What the decoders share: the limits of sizes, where pixels come to lie, samples that become
 * pixels, and pixels that become samples. */
#include "io/images/imagefile_formats.h"

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

bool imagefile_on_its_side(int orientation)
{
    return orientation >= 5;
}

int imagefile_rows(const struct imagefile_target *target)
{
    struct shape shape = target->image.shape;
    return imagefile_on_its_side(target->orientation) ? shape.width : shape.height;
}

static int stored_columns(const struct imagefile_target *target)
{
    struct shape shape = target->image.shape;
    return imagefile_on_its_side(target->orientation) ? shape.height : shape.width;
}

/* Orientations by where the first row and the first column of what is stored come to lie (TIFF 6.0,
 * page 36): 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7
 * right bottom, 8 left bottom. */
size_t imagefile_place(const struct imagefile_target *target, int row, int column)
{
    const int last_row = target->image.shape.height - 1, last = target->image.shape.width - 1;
    int y = imagefile_on_its_side(target->orientation) ? column : row;
    int x = imagefile_on_its_side(target->orientation) ? row : column;

    switch (target->orientation) {
    case 2:
    case 6: x = last - x; break;
    case 3:
    case 7: x = last - x, y = last_row - y; break;
    case 4:
    case 8: y = last_row - y; break;
    default: break;
    }
    return (size_t)y * (size_t)target->image.shape.width + (size_t)x;
}

/* BT.601 luma with PIL's weights in units of 2^-16; they add up to 1, so that grey stays grey. */
static unsigned luma(const unsigned *rgb)
{
    uint64_t sum = 19595 * (uint64_t)rgb[0] + 38470 * (uint64_t)rgb[1] + 7471 * (uint64_t)rgb[2];
    return (unsigned)((sum + 32768) >> 16);
}

static void note(struct imagefile_found *found, double sample, struct imagefile_levels levels)
{
    found->minimum = levels.minimum;
    found->maximum = levels.maximum;
    found->real = levels.real;
    found->least = sample < found->least ? sample : found->least;
    found->most = sample > found->most ? sample : found->most;
}

float imagefile_scaled(struct imagefile_target *target, double sample,
                       struct imagefile_levels levels)
{
    struct imagefile_found *found = target->found;
    double low = target->scale.low, high = target->scale.high;

    note(found, sample, levels);
    if (target->stored)
        return (float)sample;
    if (high <= low)
        return levels.real ? (float)sample
                           : (float)((sample - levels.minimum) / (levels.maximum - levels.minimum));
    if (sample >= low && sample <= high)
        return (float)((sample - low) / (high - low));
    found->clipped++;
    return sample > high;
}

void imagefile_store(struct imagefile_target *target, size_t offset, const unsigned *samples,
                     int channels, unsigned maximum)
{
    struct image image = target->image;
    const struct imagefile_levels levels = {0, maximum, false};
    size_t plane = shape_plane(image.shape);

    if (image.shape.channels == 1) {
        unsigned grey = channels == 3 ? luma(samples) : samples[0];
        image.pixels[offset] = imagefile_scaled(target, grey, levels);
        return;
    }
    for (int c = 0; c < image.shape.channels; c++)
        image.pixels[(size_t)c * plane + offset] =
            imagefile_scaled(target, samples[channels == 3 ? c : 0], levels);
}

/* The same for bytes on the usual scale, several times as fast: a byte's value is looked up. */
static void store_bytes(struct imagefile_target *target, int row, const unsigned char *samples,
                        int channels)
{
    struct image image = target->image;
    size_t plane = shape_plane(image.shape), width = (size_t)image.shape.width;
    float *to = image.pixels + (size_t)row * width;
    bool grey = channels == 3 && image.shape.channels == 1;
    unsigned least = 255, most = 0;

    for (unsigned s = 0; s < 256 && !target->tabled; s++)
        target->values[s] = target->stored ? (float)s : (float)(s / 255.0);
    target->tabled = true;
    for (size_t x = 0; x < width; x++, samples += channels)
        for (size_t c = 0; c < (size_t)image.shape.channels; c++) {
            unsigned s = samples[channels == 3 ? c : 0];
            if (grey)
                s = luma((const unsigned[]){samples[0], samples[1], samples[2]});
            to[c * plane + x] = target->values[s];
            least = s < least ? s : least;
            most = s > most ? s : most;
        }
    note(target->found, least, (struct imagefile_levels){0, 255, false});
    note(target->found, most, (struct imagefile_levels){0, 255, false});
}

void imagefile_store_row(struct imagefile_target *target, int row, const unsigned char *samples,
                         int channels, unsigned maximum)
{
    int columns = stored_columns(target);
    bool scaled = !target->stored && target->scale.high > target->scale.low;

    if (maximum == 255 && target->orientation <= 1 && !scaled) {
        store_bytes(target, row, samples, channels);
        return;
    }
    for (int x = 0; x < columns; x++) {
        unsigned pixel[3] = {0};
        for (int c = 0; c < channels; c++) {
            pixel[c] = *samples++;
            if (maximum > 255)
                pixel[c] = pixel[c] << 8 | *samples++;
        }
        imagefile_store(target, imagefile_place(target, row, x), pixel, channels, maximum);
    }
}

/* `value` in [0, 1] as one of levels + 1; what lies outside, as the nearest end. */
static unsigned level(float value, unsigned levels)
{
    double inside = value < 0 ? 0 : value > 1 ? 1 : (double)value;
    return (unsigned)(inside * levels + 0.5);
}

void imagefile_levels_row(struct image image, int y, int bits, bool big, unsigned char *row)
{
    size_t plane = shape_plane(image.shape), width = (size_t)image.shape.width;

    for (size_t x = 0; x < width; x++)
        for (size_t c = 0; c < (size_t)image.shape.channels; c++) {
            float value = image.pixels[c * plane + (size_t)y * width + x];
            unsigned sample = level(value, bits == 16 ? 65535 : 255);
            if (bits == 16)
                *row++ = (unsigned char)(big ? sample >> 8 : sample & 255);
            *row++ = (unsigned char)(big || bits == 8 ? sample & 255 : sample >> 8);
        }
}
