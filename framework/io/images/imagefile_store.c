/* What the decoders share: the limits of sizes, and samples that become pixels. */
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

/* BT.601 luma with PIL's weights in units of 2^-16; they add up to 1, so that grey stays grey. */
static unsigned luma(const unsigned *rgb)
{
    uint64_t sum = 19595 * (uint64_t)rgb[0] + 38470 * (uint64_t)rgb[1] + 7471 * (uint64_t)rgb[2];
    return (unsigned)((sum + 32768) >> 16);
}

static float scaled(struct imagefile_target *target, unsigned sample, unsigned maximum)
{
    struct imagefile_found *found = target->found;
    double low = target->scale.low, high = target->scale.high;

    found->maximum = maximum;
    found->least = sample < found->least ? sample : found->least;
    found->most = sample > found->most ? sample : found->most;
    if (high <= low)
        return (float)sample / (float)maximum;
    if (sample >= low && sample <= high)
        return (float)((sample - low) / (high - low));
    found->clipped++;
    return sample > high;
}

void imagefile_store(struct imagefile_target *target, size_t offset, const unsigned *samples,
                     int channels, unsigned maximum)
{
    struct image image = target->image;
    size_t plane = (size_t)image.shape.height * (size_t)image.shape.width;

    if (image.shape.channels == 1) {
        unsigned grey = channels == 3 ? luma(samples) : samples[0];
        image.pixels[offset] = scaled(target, grey, maximum);
        return;
    }
    for (int c = 0; c < image.shape.channels; c++)
        image.pixels[(size_t)c * plane + offset] =
            scaled(target, samples[channels == 3 ? c : 0], maximum);
}

void imagefile_store_row(struct imagefile_target *target, int row, const unsigned char *samples,
                         int channels, unsigned maximum)
{
    int width = target->image.shape.width;

    for (int x = 0; x < width; x++) {
        unsigned pixel[3] = {0};
        for (int c = 0; c < channels; c++) {
            pixel[c] = *samples++;
            if (maximum > 255)
                pixel[c] = pixel[c] << 8 | *samples++;
        }
        imagefile_store(target, (size_t)row * (size_t)width + (size_t)x, pixel, channels, maximum);
    }
}
