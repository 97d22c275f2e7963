/*
 * Colour: from one colour space to another. Channels are scaled to about [0, 1]:
 *
 *     rgb    red, green, blue, as sRGB has them
 *     hsv    hue as a share of the circle, saturation, value: skimage.color.rgb2hsv
 *     lab    L / 100, (a + 128) / 255, (b + 128) / 255 of CIE 1976 L*a*b* for the illuminant D65,
 *            as OpenCV scales them to 8 bits; L, a, b are those of skimage.color.rgb2lab
 *     ycbcr  luma, and blue and red less luma, of full range around 0.5, as JPEG files (JFIF) have
 *            them; cv2.COLOR_RGB2YCrCb has the other order, and factors rounded to 3 digits: up to
 *            0.00013 from these on noise
 *
 * A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978; CIE 15:2004; ITU-R BT.601. What lies
 * outside of the colours that there are is cut where it would have no colour: below 0 before a
 * power, and to [0, 1] in rgb that comes from lab. Cost: some 10 operations a pixel; from and to
 * lab, three powers and three roots.
 */
#include "base/interrupt.h"
#include "pipelines/stage_shapes.h"

#include <math.h>

enum { SPACE_RGB, SPACE_HSV, SPACE_LAB, SPACE_YCBCR };

static const char *const spaces[] = {"rgb", "hsv", "lab", "ycbcr", NULL};

struct colour {
    int64_t to, from;
};

static const struct field fields[] = {
    {"to", FIELD_CHOICE, offsetof(struct colour, to), .default_value = "hsv", .choices = spaces,
     .help = "the colour space of the output"},
    {"from", FIELD_CHOICE, offsetof(struct colour, from), .default_value = "rgb", .choices = spaces,
     .help = "the colour space of the input"},
    {0},
};

/* XYZ of linear red, green, blue, and back; the white point of D65. */
static const double to_xyz[3][3] = {
    {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
static const double from_xyz[3][3] = {
    {3.240481343200527, -1.5371515162713183, -0.4985363261688878},
    {-0.9692549499965682, 1.8759900014898907, 0.04155592655829284},
    {0.05564663913517715, -0.20404133836651123, 1.0573110696453443}};
static const double white[3] = {0.95047, 1, 1.08883};

static void transform(const double matrix[3][3], const double in[3], double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = matrix[k][0] * in[0] + matrix[k][1] * in[1] + matrix[k][2] * in[2];
}

static void rgb_to_hsv(const double in[3], double out[3])
{
    double r = in[0], g = in[1], b = in[2];
    double value = fmax(fmax(r, g), b), range = value - fmin(fmin(r, g), b), hue = 0;

    if (range > 0)
        hue = b == value ? 4 + (r - g) / range : g == value ? 2 + (b - r) / range : (g - b) / range;
    out[0] = hue / 6 - floor(hue / 6);
    out[1] = range > 0 && value > 0 ? range / value : 0;
    out[2] = value;
}

static void hsv_to_rgb(const double in[3], double out[3])
{
    double hue = 6 * (in[0] - floor(in[0])), value = in[2];

    for (int k = 0; k < 3; k++) { /* red, green and blue are full at 0, 2 and 4 of 6 */
        double apart = fabs(hue - 2 * k);
        apart = apart > 3 ? 6 - apart : apart;
        out[k] = value * (1 - in[1] * fmin(fmax(apart - 1, 0), 1));
    }
}

static void rgb_to_lab(const double in[3], double out[3])
{
    double linear[3], xyz[3];

    for (int k = 0; k < 3; k++)
        linear[k] = in[k] > 0.04045 ? pow((in[k] + 0.055) / 1.055, 2.4) : in[k] / 12.92;
    transform(to_xyz, linear, xyz);
    for (int k = 0; k < 3; k++) {
        double share = xyz[k] / white[k];
        xyz[k] = share > 0.008856 ? cbrt(share) : 7.787 * share + 16.0 / 116;
    }
    out[0] = (116 * xyz[1] - 16) / 100;
    out[1] = (500 * (xyz[0] - xyz[1]) + 128) / 255;
    out[2] = (200 * (xyz[1] - xyz[2]) + 128) / 255;
}

static void lab_to_rgb(const double in[3], double out[3])
{
    double xyz[3], y = (100 * in[0] + 16) / 116;

    xyz[0] = y + (255 * in[1] - 128) / 500;
    xyz[1] = y;
    xyz[2] = fmax(y - (255 * in[2] - 128) / 200, 0);
    for (int k = 0; k < 3; k++)
        xyz[k] = white[k] *
                 (xyz[k] > 0.2068966 ? xyz[k] * xyz[k] * xyz[k] : (xyz[k] - 16.0 / 116) / 7.787);
    transform(from_xyz, xyz, out);
    for (int k = 0; k < 3; k++) {
        double linear = out[k];
        double value = linear > 0.0031308 ? 1.055 * pow(linear, 1 / 2.4) - 0.055 : 12.92 * linear;
        out[k] = fmin(fmax(value, 0), 1);
    }
}

static void rgb_to_ycbcr(const double in[3], double out[3])
{
    double luma = 0.299 * in[0] + 0.587 * in[1] + 0.114 * in[2];

    out[0] = luma;
    out[1] = (in[2] - luma) / 1.772 + 0.5;
    out[2] = (in[0] - luma) / 1.402 + 0.5;
}

static void ycbcr_to_rgb(const double in[3], double out[3])
{
    out[0] = in[0] + 1.402 * (in[2] - 0.5);
    out[2] = in[0] + 1.772 * (in[1] - 0.5);
    out[1] = (in[0] - 0.299 * out[0] - 0.114 * out[2]) / 0.587;
}

static void convert(const struct colour *colour, const double in[3], double out[3])
{
    double rgb[3] = {in[0], in[1], in[2]};

    switch (colour->from) {
    case SPACE_HSV: hsv_to_rgb(in, rgb); break;
    case SPACE_LAB: lab_to_rgb(in, rgb); break;
    case SPACE_YCBCR: ycbcr_to_rgb(in, rgb); break;
    default: break;
    }
    switch (colour->to) {
    case SPACE_HSV: rgb_to_hsv(rgb, out); break;
    case SPACE_LAB: rgb_to_lab(rgb, out); break;
    case SPACE_YCBCR: rgb_to_ycbcr(rgb, out); break;
    default:
        for (int k = 0; k < 3; k++)
            out[k] = rgb[k];
    }
}

static enum status colour_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    if (in.channels != 3)
        return error_set(error, STATUS_CONFIG, "takes images of 3 channels, not of %d",
                         in.channels);
    return shape_as_input(config, in, answer, out, error);
}

static void colour_run(const void *config, const void *state, struct image in, struct image out,
                       float *scratch)
{
    size_t width = (size_t)in.shape.width, plane = shape_plane(in.shape);

    (void)state, (void)scratch;
    for (size_t start = 0; start < plane && !interrupt_requested(); start += width)
        for (size_t i = start; i < start + width; i++) {
            double from[3], to[3];
            for (size_t c = 0; c < 3; c++)
                from[c] = (double)in.pixels[c * plane + i];
            convert(config, from, to);
            for (size_t c = 0; c < 3; c++)
                out.pixels[c * plane + i] = (float)to[c];
        }
}

static struct operations colour_count(const void *config, struct shape in, struct answer answer)
{
    static const struct operations to_rgb[] = {
        [SPACE_HSV] = {.additions = 1 + 3 * 4, .multiplications = 1 + 3 * 2, .comparisons = 3 * 3},
        [SPACE_LAB] = {.additions = 2 + 2 + 2 + 3 + 3,
                       .multiplications = 3 + 3 * 3 + 3 + 3,
                       .multiply_adds = 3 * 2,
                       .divisions = 3,
                       .exponentials = 3,
                       .comparisons = 1 + 3 + 3 * 3},
        [SPACE_YCBCR] = {.additions = 2, .multiply_adds = 4, .divisions = 1},
    };
    static const struct operations from_rgb[] = {
        [SPACE_HSV] = {.additions = 1 + 2 + 1, .divisions = 3, .comparisons = 4 + 3 + 1},
        [SPACE_LAB] = {.additions = 3 + 3 + 2,
                       .multiplications = 3,
                       .multiply_adds = 3 * 2 + 2,
                       .divisions = 3 + 3 + 3,
                       .exponentials = 3 + 3,
                       .comparisons = 3 + 3},
        [SPACE_YCBCR] = {.additions = 4, .multiplications = 1, .multiply_adds = 2, .divisions = 2},
    };
    const struct colour *colour = config;
    struct operations operations = {0};

    (void)answer;
    if (colour->from != SPACE_RGB)
        operations = operations_add(operations, to_rgb[colour->from]);
    if (colour->to != SPACE_RGB)
        operations = operations_add(operations, from_rgb[colour->to]);
    return operations_repeat(operations, (double)shape_plane(in));
}

const struct stage stage_colour = {
    .descriptor = {"colour", "from one colour space to another: rgb, hsv, lab, ycbcr",
                   "Smith, Color gamut transform pairs, 1978; CIE 15:2004; ITU-R BT.601", fields,
                   sizeof(struct colour), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = colour_shape,
    .run = colour_run,
    .scalar = true,
    .count = colour_count,
};
