/*
 * Normalise: an image's values, of all channels together, on a common scale.
 *
 *     minmax      (in - smallest) / (largest - smallest)
 *     standard    (in - mean) / standard deviation
 *     percentile  (in - p_low) / (p_high - p_low), cut to [0, 1]
 *
 * Percentiles lie between two values as numpy.percentile has them; with them, it is
 * skimage.exposure.rescale_intensity(image, in_range=(p_low, p_high)). Where there is nothing to
 * divide by, all values become 0. The values at given ranks are found digit by digit of eight bits,
 * from counts of the values that begin with the digits known already: four passes, no memory.
 * Cost: two passes; with percentiles, sixteen.
 */
#include "base/interrupt.h"
#include "pipelines/ordered_words.h"
#include "pipelines/stage_shapes.h"

#include <math.h>

enum { METHOD_MINMAX, METHOD_STANDARD, METHOD_PERCENTILE };

static const char *const methods[] = {"minmax", "standard", "percentile", NULL};

struct normalise {
    int64_t method;
    double low, high;
};

static const struct field fields[] = {
    {"method", FIELD_CHOICE, offsetof(struct normalise, method), .default_value = "minmax",
     .choices = methods,
     .help = "to [0, 1] from the smallest to the largest value, or between percentiles; or to mean "
             "0 and standard deviation 1"},
    {"low", FIELD_REAL, offsetof(struct normalise, low), .minimum = 0, .maximum = 100,
     .default_value = "2", .unit = "%", .help = "percentile: what becomes 0"},
    {"high", FIELD_REAL, offsetof(struct normalise, high), .minimum = 0, .maximum = 100,
     .default_value = "98", .unit = "%", .help = "percentile: what becomes 1"},
    {0},
};

static enum status normalise_shape(const void *config, struct shape in, struct answer answer,
                                   struct shape *out, struct error *error)
{
    const struct normalise *normalise = config;

    if (normalise->method == METHOD_PERCENTILE && !(normalise->low < normalise->high))
        return error_set(error, STATUS_CONFIG, "expected low < high, but low is %g and high is %g",
                         normalise->low, normalise->high);
    return shape_as_input(config, in, answer, out, error);
}

/* The value that has `rank` others before it. */
static double value_at(struct image image, size_t rank)
{
    size_t width = (size_t)image.shape.width, size = shape_size(image.shape);
    uint32_t word = 0, known = 0;

    for (int shift = 24; shift >= 0; shift -= 8) {
        size_t counts[256] = {0};
        for (size_t start = 0; start < size && !interrupt_requested(); start += width)
            for (size_t i = start; i < start + width; i++) {
                uint32_t other = ordered_word(image.pixels[i]);
                if ((other & known) == word)
                    counts[(other >> shift) & 255]++;
            }
        uint32_t digit = 0;
        while (digit < 255 && rank >= counts[digit])
            rank -= counts[digit++];
        word |= digit << shift;
        known |= 255U << shift;
    }
    return (double)ordered_value(word);
}

static double percentile(struct image image, double percent)
{
    size_t size = shape_size(image.shape);
    double place = percent / 100 * (double)(size - 1), share = place - floor(place);
    size_t rank = (size_t)place;
    double below = value_at(image, rank);

    if (share == 0)
        return below;
    return below + share * (value_at(image, rank + 1) - below);
}

/* out = (in - offset) / scale */
static void find_range(struct image in, double *offset, double *scale)
{
    float low = in.pixels[0], high = low;

    for (size_t i = 0; i < shape_size(in.shape) && !interrupt_at(i); i++) {
        low = in.pixels[i] < low ? in.pixels[i] : low;
        high = in.pixels[i] > high ? in.pixels[i] : high;
    }
    *offset = (double)low;
    *scale = (double)high - (double)low;
}

static void find_moments(struct image in, double *offset, double *scale)
{
    size_t size = shape_size(in.shape);
    double sum = 0, squares = 0;

    for (size_t i = 0; i < size && !interrupt_at(i); i++)
        sum += (double)in.pixels[i];
    double mean = sum / (double)size;
    for (size_t i = 0; i < size && !interrupt_at(i); i++)
        squares += ((double)in.pixels[i] - mean) * ((double)in.pixels[i] - mean);
    *offset = mean;
    *scale = sqrt(squares / (double)size);
}

static void normalise_run(const void *config, const void *state, struct image in, struct image out,
                          float *scratch)
{
    const struct normalise *normalise = config;
    bool cut = normalise->method == METHOD_PERCENTILE;
    size_t width = (size_t)in.shape.width;
    double offset = 0, scale = 0;

    (void)state, (void)scratch;
    if (normalise->method == METHOD_MINMAX)
        find_range(in, &offset, &scale);
    else if (normalise->method == METHOD_STANDARD)
        find_moments(in, &offset, &scale);
    else {
        offset = percentile(in, normalise->low);
        scale = percentile(in, normalise->high) - offset;
    }
    /* the mean of equal values is off by roundings */
    bool flat = !(scale > STEP_FLAT * fabs(offset));
    for (size_t start = 0; start < shape_size(in.shape) && !interrupt_requested(); start += width)
        for (size_t i = start; i < start + width; i++) {
            double value = flat ? 0 : ((double)in.pixels[i] - offset) / scale;
            out.pixels[i] = (float)(cut ? fmin(fmax(value, 0), 1) : value);
        }
}

static struct operations normalise_count(const void *config, struct shape in, struct answer answer)
{
    double values = (double)shape_size(in);
    struct operations operations = {.additions = values, .divisions = values};

    (void)answer;
    switch (((const struct normalise *)config)->method) {
    case METHOD_MINMAX: operations.comparisons += 2 * values; break;
    case METHOD_STANDARD:
        operations.additions += 2 * values;
        operations.multiply_adds += values;
        operations.divisions += 3;
        break;
    default: /* two values for each of two percentiles, of four digits each */
        operations.comparisons += 16 * values + 2 * values;
        operations.additions += 16 * values;
        operations.lookups += 16 * values;
    }
    return operations;
}

static enum status normalise_graph(const void *config, struct shape in, struct stage_graph *graph,
                                   struct error *error)
{
    int64_t method = ((const struct normalise *)config)->method;
    struct stage_step step = {
        .kind = method == METHOD_MINMAX ? STEP_RANGE : STEP_MOMENTS, .in = in, .out = in};

    if (method == METHOD_PERCENTILE)
        return error_set(error, STATUS_UNAVAILABLE, "percentiles cannot be exported");
    return stage_graph_add(graph, step, error);
}

const struct stage stage_normalise = {
    .descriptor = {"normalise", "values on a common scale: by range, moments or percentiles", NULL,
                   fields, sizeof(struct normalise), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = normalise_shape,
    .run = normalise_run,
    .scalar = true,
    .count = normalise_count,
    .graph = normalise_graph,
};
