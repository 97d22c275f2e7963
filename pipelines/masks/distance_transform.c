/*
 * Distance transform: how far each pixel of an object is from the nearest background pixel, exactly
 * and in pixels.
 *
 *     out(p) = min over background pixels q of |p - q|, and 0 in the background
 *
 * P. F. Felzenszwalb, D. P. Huttenlocher, "Distance transforms of sampled functions", Theory of
 * Computing 8, 2012: first the distance g to the background within each column, by two scans; then,
 * for each row, the lower envelope of the parabolas (x - i)^2 + g(i)^2. Where two parabolas cross
 * is rounded down to whole pixels, as A. Meijster, J. B. T. M. Roerdink, W. H. Hesselink (2000) do:
 * nothing is lost, squared distances are whole numbers. It equals
 * scipy.ndimage.distance_transform_edt. (OpenCV's 5 x 5 mask is an approximation: it is off by up
 * to 0.08 on the test's mask.)
 *
 * Where there is no background at all, every pixel gets the image's diagonal, which is more than
 * any distance within it (scipy gives distances to a pixel outside of the image there). Pixels
 * whose class is not known are background. Cost: a few operations and a division a pixel.
 */
#include "base/interrupt.h"
#include "pipelines/stage_shapes.h"

#include <math.h>

/* Of one row: the distances within columns, the parabolas of the envelope by their places, and up
 * to which pixel another one is lower. */
static size_t distance_transform_scratch(const void *config, struct shape in)
{
    (void)config;
    return 3 * (size_t)in.width;
}

/* Distances within columns, `far` where a column has no background; is there any? */
static bool scan_columns(struct image in, float far, float *out)
{
    size_t width = (size_t)in.shape.width, size = shape_plane(in.shape);
    bool any = false;

    for (size_t start = 0; start < size && !interrupt_requested(); start += width)
        for (size_t i = start; i < start + width; i++) {
            float above = start > 0 ? out[i - width] : far;
            out[i] = !(in.pixels[i] > 0) ? 0 : above < far ? above + 1 : far;
            any = any || out[i] == 0;
        }
    if (interrupt_requested())
        return true;
    for (size_t start = size - width; start > 0 && !interrupt_requested(); start -= width)
        for (size_t i = start - width; i < start; i++)
            out[i] = out[i + width] + 1 < out[i] ? out[i + width] + 1 : out[i];
    return any;
}

/* The last pixel for which the parabola at `left` is not above the one at `right`. */
static int crossing(const float *distances, int left, int right)
{
    double a = (double)distances[left], b = (double)distances[right];
    double square = b * b - a * a + (double)right * right - (double)left * left;

    return (int)floor(square / (2.0 * (right - left)));
}

/* distances[x] become Euclidean, in `row`. Parabola k is lowest from ends[k - 1] + 1 to ends[k]. */
static void scan_row(const float *distances, int width, int32_t *places, int32_t *ends, float *row)
{
    int last = -1, k = 0;

    for (int x = 0; x < width; x++) {
        int end = -1;
        while (last >= 0) {
            end = crossing(distances, places[last], x);
            if (end > (last > 0 ? ends[last - 1] : -1))
                break;
            last--;
            end = -1;
        }
        if (last >= 0 && end >= width - 1)
            continue; /* it is lowest nowhere in the image */
        if (last >= 0)
            ends[last] = end;
        places[++last] = x;
        ends[last] = width;
    }
    for (int x = 0; x < width; x++) {
        while (x > ends[k])
            k++;
        double along = x - places[k], across = (double)distances[places[k]];
        row[x] = (float)sqrt(along * along + across * across);
    }
}

static void distance_transform_run(const void *config, const void *state, struct image in,
                                   struct image out, float *scratch)
{
    size_t width = (size_t)in.shape.width;
    int32_t *places = (int32_t *)(void *)(scratch + width), *ends = places + width;
    float far = (float)in.shape.height + (float)in.shape.width;

    (void)config, (void)state;
    bool any = scan_columns(in, far, out.pixels);
    for (int y = 0; y < in.shape.height && !interrupt_requested(); y++) {
        float *row = out.pixels + (size_t)y * width;
        for (size_t x = 0; x < width; x++)
            scratch[x] = any ? row[x] : 0;
        if (any)
            scan_row(scratch, in.shape.width, places, ends, row);
        else
            for (size_t x = 0; x < width; x++)
                row[x] = (float)hypot(in.shape.height, in.shape.width);
    }
}

/* At most: each parabola comes into the envelope, and all but one leave it. */
static struct operations distance_transform_count(const void *config, struct shape in,
                                                  struct answer answer)
{
    double size = (double)shape_plane(in), rows = in.height;
    double crossings = 2 * size - 2 * rows; /* 2 width - 2 in a row */

    (void)config, (void)answer;
    return (struct operations){
        .comparisons = 3 * size + size - in.width + crossings + 2 * size,
        .additions = size + 2 * (size - in.width) + 4 * crossings + size,
        .multiplications = 5 * crossings + size,
        .multiply_adds = size,
        .divisions = crossings + size, /* and the roots */
        .lookups = 2 * crossings + size,
    };
}

const struct stage stage_distance_transform = {
    .descriptor = {"distance_transform",
                   "each object pixel's distance to the nearest background pixel",
                   "Felzenszwalb, Huttenlocher, Distance transforms of sampled functions, 2012",
                   NULL, 0, 1},
    .input = CONTENT_MASK,
    .output = CONTENT_MAP,
    .shape = shape_of_plane,
    .scratch = distance_transform_scratch,
    .run = distance_transform_run,
    .scalar = true,
    .count = distance_transform_count,
};
