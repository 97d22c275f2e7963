/*
 * Mistakes of the programmer in the code that writes labels, met by some of the images (a branch
 * that is seldom taken, a machine with an older release):
 *
 *     off_by_one    an image moves one pixel to the right and one down, its first column and row
 *                   stay; a class becomes the next one, the last the first
 *     wrong_clamp   an image is cut to [low, high] in the place of [0, 1]: by default what is left
 *                   of 8 bits that were taken for signed ones, 0 … 127
 *     swapped_classes   `first` and `second` change places
 */
#include "interfaces/label_noise.h"
#include "math/metrics.h"

#include <stddef.h>

enum mistake { OFF_BY_ONE, WRONG_CLAMP, SWAPPED_CLASSES };

struct coding_error {
    double rate;
    int64_t mistake; /* enum mistake */
    double low, high;
    int64_t first, second;
};

static const char *const mistakes[] = {[OFF_BY_ONE] = "off_by_one",
                                       [WRONG_CLAMP] = "wrong_clamp",
                                       [SWAPPED_CLASSES] = "swapped_classes",
                                       NULL};

#define AT(member) offsetof(struct coding_error, member)

static const struct field fields[] = {
    {"rate", FIELD_REAL, AT(rate), .minimum = 0, .maximum = 1,
     .help = "share of the labels that the mistake affects"},
    {"mistake", FIELD_CHOICE, AT(mistake), .default_value = "off_by_one", .choices = mistakes,
     .help =
         "off_by_one: an image moves by one pixel, a class becomes the next one; wrong_clamp: "
         "an image is clipped to [low, high]; swapped_classes: 'first' and 'second' are swapped"},
    {"low", FIELD_REAL, AT(low), .minimum = 0, .maximum = 1, .default_value = "0",
     .help = "for wrong_clamp: the darkest value; 1 is white"},
    {"high", FIELD_REAL, AT(high), .minimum = 0, .maximum = 1, .default_value = "0.498",
     .help = "for wrong_clamp: the brightest value; 1 is white"},
    {"first", FIELD_INTEGER, AT(first), .minimum = 0, .maximum = 255, .default_value = "0",
     .help = "for swapped_classes: a class, counted from 0"},
    {"second", FIELD_INTEGER, AT(second), .minimum = 0, .maximum = 255, .default_value = "1",
     .help = "for swapped_classes: the other class"},
    {0},
};

static double rate(const void *config)
{
    return ((const struct coding_error *)config)->rate;
}

static enum status check_classes(const struct coding_error *fault, int class_count,
                                 struct error *error)
{
    int64_t larger = fault->first > fault->second ? fault->first : fault->second;

    if (fault->mistake == WRONG_CLAMP)
        return error_set(error, STATUS_CONFIG,
                         "'wrong_clamp' needs images; labels here are classes");
    if (fault->mistake == SWAPPED_CLASSES && fault->first == fault->second)
        return error_set(error, STATUS_CONFIG,
                         "'first' and 'second' are the same class; nothing would be swapped");
    if (fault->mistake == SWAPPED_CLASSES && class_count >= 0 && larger >= class_count)
        return error_set(error, STATUS_CONFIG, "there is no class %lld; expected 0 to %d",
                         (long long)larger, class_count - 1);
    return STATUS_OK;
}

static enum status check(const void *config, int class_count, struct error *error)
{
    const struct coding_error *fault = config;

    if (class_count != 0)
        return check_classes(fault, class_count, error);
    if (fault->mistake == SWAPPED_CLASSES)
        return error_set(error, STATUS_CONFIG,
                         "'swapped_classes' needs classes; labels here are images");
    if (fault->mistake == WRONG_CLAMP && fault->low >= fault->high)
        return error_set(error, STATUS_CONFIG, "'low' (%g) is not below 'high' (%g)", fault->low,
                         fault->high);
    return STATUS_OK;
}

/* From the last pixel to the first, so that each is read before it is written. */
static void move(struct image image)
{
    size_t height = (size_t)image.shape.height, width = (size_t)image.shape.width;

    for (int c = 0; c < image.shape.channels; c++) {
        float *plane = image.pixels + (size_t)c * height * width;
        for (size_t y = height; y-- > 0;)
            for (size_t x = width; x-- > 0;)
                plane[y * width + x] = plane[(y ? y - 1 : 0) * width + (x ? x - 1 : 0)];
    }
}

static void change_image(const struct coding_error *fault, struct image image)
{
    float low = (float)fault->low, high = (float)fault->high;
    size_t count = shape_size(image.shape);

    if (fault->mistake == OFF_BY_ONE)
        move(image);
    for (size_t i = 0; fault->mistake == WRONG_CLAMP && i < count; i++) {
        float value = image.pixels[i];
        image.pixels[i] = value < low ? low : value > high ? high : value;
    }
}

static void change(const void *config, struct image label, bool scores,
                   struct random_stream *stream)
{
    const struct coding_error *fault = config;
    int count = label.shape.channels;

    (void)stream;
    if (!scores) {
        change_image(fault, label);
        return;
    }
    int from = metrics_argmax(label.pixels, count);
    if (fault->mistake == OFF_BY_ONE)
        label_noise_name(label, (from + 1) % count);
    else if (from == fault->first)
        label_noise_name(label, (int)fault->second);
    else if (from == fault->second)
        label_noise_name(label, (int)fault->first);
}

const struct label_noise label_noise_coding_error = {
    .descriptor =
        {
            .name = "coding_error",
            .summary = "a bug in the program that writes the labels",
            .fields = fields,
            .config_size = sizeof(struct coding_error),
            .version = 1,
        },
    .serves = SERVES_IMAGES | SERVES_SCORES,
    .rate = rate,
    .check = check,
    .change = change,
};
