/*
 * Dead leaves: a model of natural images as opaque things that hide one another (Lee, Mumford,
 * Huang: "Occlusion models for natural images: a statistical study of a scale-invariant dead
 * leaves model", International Journal of Computer Vision 41, 2001, after Matheron 1968).
 *
 * Discs fall at random; their radii r have density proportional to r^-3 between two bounds, which
 * makes the image look alike at every scale (steps and plain areas of every size, a power spectrum
 * near 1/f^2). The image is what is seen from the front: discs are drawn from front to back, each
 * only where nothing was drawn yet, until all is covered; this is an exact sample of the model's
 * steady state. Centres fall on the image widened by the largest radius on every side.
 *
 * A radius is drawn by inverting its distribution: r = a / sqrt(1 - u (1 - a^2 / b^2)). Only
 * + - x / and the square root are used. With n pixels and the smallest radius a, the number of
 * discs grows as n log(n) / a^2; 64 x 64 takes some thousands, most of which miss the image.
 */
#include "data/generated.h"

#include <math.h>
#include <stddef.h>

struct leaves {
    int64_t height, width, colour;
    double smallest;
};

static const char *const colours[] = {"grey", "colour", NULL};

static const struct field fields[] = {
    {"height", FIELD_INTEGER, offsetof(struct leaves, height), .minimum = 8, .maximum = 1024,
     .default_value = "64", .unit = "pixels", .help = "of the image"},
    {"width", FIELD_INTEGER, offsetof(struct leaves, width), .minimum = 8, .maximum = 1024,
     .default_value = "64", .unit = "pixels", .help = "of the image"},
    {"colour", FIELD_CHOICE, offsetof(struct leaves, colour), .default_value = "grey",
     .choices = colours,
     .help = "one random level for each disc, or one each for red, green and blue"},
    {"smallest", FIELD_REAL, offsetof(struct leaves, smallest), .minimum = 1, .maximum = 8,
     .default_value = "2", .unit = "pixels",
     .help = "smallest radius of a disc; the largest is the longer side of the image"},
    {0},
};

struct disc {
    double x, y, radius;
    float levels[3];
};

/* The discs' common law. */
struct law {
    double smallest, largest;
    double span; /* 1 - (smallest / largest)^2 */
};

static struct disc random_disc(struct law law, struct shape shape, struct random_stream *stream)
{
    struct disc disc = {0};
    disc.radius = law.smallest / sqrt(1 - random_uniform(stream) * law.span);
    disc.x = (shape.width + 2 * law.largest) * random_uniform(stream) - law.largest;
    disc.y = (shape.height + 2 * law.largest) * random_uniform(stream) - law.largest;
    for (int c = 0; c < shape.channels; c++)
        disc.levels[c] = (float)random_uniform(stream);
    return disc;
}

/* First and last pixel whose centre may lie within `radius` of `centre`; none: first > last. */
static void pixel_range(double centre, double radius, int size, int *first, int *last)
{
    double low = ceil(centre - radius - 0.5), high = floor(centre + radius - 0.5);
    *first = low > 0 ? (low < size ? (int)low : size) : 0;
    *last = high < size - 1 ? (high >= 0 ? (int)high : -1) : size - 1;
}

/* Draw where nothing was drawn (where the value is negative); returns the pixels covered. */
static size_t draw_behind(struct image image, const struct disc *disc)
{
    struct shape shape = image.shape;
    size_t width = (size_t)shape.width, plane = width * (size_t)shape.height, covered = 0;
    int top, bottom, left, right;

    pixel_range(disc->y, disc->radius, shape.height, &top, &bottom);
    pixel_range(disc->x, disc->radius, shape.width, &left, &right);
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) {
            double dx = x + 0.5 - disc->x, dy = y + 0.5 - disc->y;
            float *pixel = &image.pixels[(size_t)y * width + (size_t)x];
            if (*pixel >= 0 || dx * dx + dy * dy > disc->radius * disc->radius)
                continue;
            for (int c = 0; c < shape.channels; c++)
                pixel[(size_t)c * plane] = disc->levels[c];
            covered++;
        }
    return covered;
}

static void make(const void *config, struct random_stream *stream, const struct generated *to)
{
    struct image image = to->image;
    const struct leaves *leaves = config;
    struct shape shape = image.shape;
    size_t left = (size_t)shape.height * (size_t)shape.width;
    double largest = shape.height > shape.width ? shape.height : shape.width;
    double ratio = leaves->smallest / largest;
    struct law law = {leaves->smallest, largest, 1 - ratio * ratio};

    for (size_t i = 0; i < left; i++)
        image.pixels[i] = -1;
    while (left > 0) {
        struct disc disc = random_disc(law, shape, stream);
        left -= draw_behind(image, &disc);
    }
}

static void shape_of(const void *config, enum content labels, struct shape *shape, int *count)
{
    const struct leaves *leaves = config;
    *shape = (struct shape){leaves->colour ? 3 : 1, (int)leaves->height, (int)leaves->width};
    *count = 0;
    (void)labels;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    struct generator generator = {.set = "leaves", .config = config, .make = make};

    shape_of(config, CONTENT_SCORES, &generator.shape, &generator.class_count);
    return generate(&generator, request, content, error);
}

const struct dataset dataset_leaves = {
    .serves = SERVES_IMAGES,
    .descriptor =
        {
            .name = "leaves",
            .summary = "generated: dead leaves, a model of natural images, grey or colour",
            .source = "Lee, Mumford, Huang: Occlusion models for natural images, 2001",
            .fields = fields,
            .config_size = sizeof(struct leaves),
            .version = 1,
        },
    .generated = true,
    .shape = shape_of,
    .load = load,
};
