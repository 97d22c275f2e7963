#include "io/images/imagefile_samples.h"

#include <math.h>
#include <string.h>

static double read_real(const unsigned char *at, int bytes)
{
    float single;
    double number;

    if (bytes == 8) {
        memcpy(&number, at, sizeof number);
        return number;
    }
    memcpy(&single, at, sizeof single);
    return (double)single;
}

static double read_sample(struct sample_format format, const unsigned char *at)
{
    uint16_t half;
    uint32_t word;

    if (format.kind == SAMPLE_REAL)
        return read_real(at, format.bytes);
    bool with_sign = format.kind == SAMPLE_SIGNED;
    switch (format.bytes) {
    case 1: return with_sign ? (double)(int8_t)*at : (double)*at;
    case 2: memcpy(&half, at, sizeof half); return with_sign ? (double)(int16_t)half : (double)half;
    default:
        memcpy(&word, at, sizeof word);
        return with_sign ? (double)(int32_t)word : (double)word;
    }
}

static struct imagefile_levels levels_of(struct sample_format format)
{
    double half = ldexp(1, format.depth - 1);

    switch (format.kind) {
    case SAMPLE_REAL: return (struct imagefile_levels){0, 1, true};
    case SAMPLE_SIGNED: return (struct imagefile_levels){-half, half - 1, false};
    default: return (struct imagefile_levels){0, 2 * half - 1, false};
    }
}

/* With the weights of imagefile.c's luma; of whole numbers rounded to one, as there. */
static double luma_of(const double *rgb, struct imagefile_levels levels)
{
    double sum = 19595 * (rgb[0] - levels.minimum) + 38470 * (rgb[1] - levels.minimum) +
                 7471 * (rgb[2] - levels.minimum);

    return levels.minimum + (levels.real ? sum / 65536 : floor((sum + 32768) / 65536));
}

static enum status not_finite(const char *name, double value, struct sample_place place, int x,
                              struct error *error)
{
    return error_set(error, STATUS_DATA,
                     "%s: a sample is %g (channel %d, row %d, column %d); expected finite numbers "
                     "of single precision",
                     name, value, place.channel, place.row, place.column + x);
}

/* The samples of one pixel to their channels. */
static void store_pixel(struct imagefile_target *target, size_t offset, const double *samples,
                        struct sample_place place, struct imagefile_levels levels)
{
    struct image image = target->image;
    size_t plane = shape_plane(image.shape);

    if (image.shape.channels == 1 && place.stored == 3) {
        image.pixels[offset] = imagefile_scaled(target, luma_of(samples, levels), levels);
        return;
    }
    for (int c = 0; c < image.shape.channels && place.stored == 1; c++)
        image.pixels[(size_t)c * plane + offset] = imagefile_scaled(target, samples[0], levels);
    if (place.stored != 1)
        image.pixels[(size_t)place.channel * plane + offset] =
            imagefile_scaled(target, samples[0], levels);
}

enum status imagefile_store_samples(struct imagefile_target *target, struct sample_format format,
                                    struct sample_row from, struct sample_place place,
                                    const char *name, struct error *error)
{
    const struct imagefile_levels levels = levels_of(format);
    const bool grey = target->image.shape.channels == 1 && place.stored == 3;
    const int end = place.channel + place.channels, together = grey ? 3 : 1;

    for (; place.channel < end; place.channel += together, from.first += from.channel)
        for (int x = 0; x < place.count; x++) {
            const unsigned char *at = from.first + (size_t)x * from.pixel;
            double samples[3];
            for (int c = 0; c < together; c++) {
                samples[c] = read_sample(format, at + (size_t)c * from.channel);
                if (levels.real && !isfinite((float)samples[c]) &&
                    !(target->stored && isnan(samples[c])))
                    return not_finite(name, samples[c], place, x, error);
            }
            store_pixel(target, imagefile_place(target, place.row, place.column + x), samples,
                        place, levels);
        }
    return STATUS_OK;
}

void samples_unpack(uint16_t *to, const unsigned char *from, int bits, size_t count)
{
    uint32_t held = 0;
    int have = 0;

    for (size_t i = 0; i < count; i++) {
        for (; have < bits; have += 8)
            held = held << 8 | *from++;
        have -= bits;
        to[i] = (uint16_t)(held >> have & ((1u << bits) - 1));
    }
}
