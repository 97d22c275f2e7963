/*
 * Shapes before a stereo camera: random-dot pairs (Julesz: Foundations of Cyclopean Perception,
 * 1971), of which the left image's disparity is known to a fraction of a pixel.
 *
 * The scene is a ground and several flat shapes (ellipses, rectangles, rhombi) in the left image's
 * coordinates, each with a texture of random dots of its own. The disparity of surface k is a
 * plane, d(x, y) = a + b (x - x0) + c (y - y0): point (x, y) of the left image is seen at
 * (x - d, y) in the right one. A view's pixel shows the surface of the largest disparity, which is
 * the nearest. The right image is computed backwards: for pixel (x', y), each surface is asked
 * which of its points is seen there, x = (x' + a - b x0 + c (y - y0)) / (1 - b); textures are
 * linear between dots. Then the right camera's gain and offset differ, and noise is added to both.
 *
 * Truth is the disparity of each pixel of the left image, NaN where its point is hidden from the
 * right camera or outside of its image.
 *
 * Only + - x / and the square root are used. The cost of a pixel is one test a surface, three
 * times.
 */
#include "data/generated.h"

#include <math.h>
#include <stddef.h>

enum { MOST_SHAPES = 32 };

struct stereo {
    int64_t size, fewest, most, max_disparity;
    double noise, brightness;
};

#define AT(member) offsetof(struct stereo, member)

static const struct field fields[] = {
    {"size", FIELD_INTEGER, AT(size), .minimum = 16, .maximum = 1024, .default_value = "64",
     .unit = "pixels", .help = "height and width"},
    {"fewest", FIELD_INTEGER, AT(fewest), .minimum = 0, .maximum = MOST_SHAPES,
     .default_value = "3", .unit = "shapes", .help = "in front of the ground"},
    {"most", FIELD_INTEGER, AT(most), .minimum = 1, .maximum = MOST_SHAPES, .default_value = "6",
     .unit = "shapes", .help = "in front of the ground"},
    {"max_disparity", FIELD_INTEGER, AT(max_disparity), .minimum = 1, .maximum = 64,
     .default_value = "8", .unit = "pixels", .help = "of the nearest point; the smallest is 0"},
    {"noise", FIELD_REAL, AT(noise), .minimum = 0, .maximum = 0.5, .default_value = "0.02",
     .help = "standard deviation, in both images"},
    {"brightness", FIELD_REAL, AT(brightness), .minimum = 0, .maximum = 0.5, .default_value = "0.1",
     .help =
         "by how much the gain and, half of that, the offset of the right image differ at most"},
    {0},
};

enum form { ELLIPSE, RECTANGLE, RHOMBUS, FORMS, EVERYWHERE = FORMS };

struct surface {
    enum form form;
    double x, y;          /* middle */
    double along, across; /* half axes */
    double cosine, sine;  /* of the first axis */
    double disparity;     /* of the middle */
    double right, down;   /* its slopes */
    double level, contrast;
    uint32_t texture; /* its seed */
};

struct stereo_scene {
    int count;
    struct surface surfaces[1 + MOST_SHAPES]; /* the ground first */
};

static bool has_point(const struct surface *surface, double x, double y)
{
    double dx = x - surface->x, dy = y - surface->y;
    double u = (dx * surface->cosine + dy * surface->sine) / surface->along;
    double v = (dy * surface->cosine - dx * surface->sine) / surface->across;

    switch (surface->form) {
    case ELLIPSE: return u * u + v * v < 1;
    case RECTANGLE: return u > -1 && u < 1 && v > -1 && v < 1;
    case RHOMBUS: return (u < 0 ? -u : u) + (v < 0 ? -v : v) < 1;
    default: return true;
    }
}

static double disparity_at(const struct surface *surface, double x, double y)
{
    return surface->disparity + surface->right * (x - surface->x) +
           surface->down * (y - surface->y);
}

/* Where in the left image the point lies that column `x` of the right one would show. */
static double left_of(const struct surface *surface, double x, double y)
{
    return (x + surface->disparity - surface->right * surface->x +
            surface->down * (y - surface->y)) /
           (1 - surface->right);
}

/* Which surface is seen at (x, y) of the left image; of the right one, where `right`. */
static const struct surface *nearest(const struct stereo_scene *scene, bool right, double x,
                                     double y)
{
    const struct surface *found = &scene->surfaces[0];
    double most = -1;

    for (int i = 0; i < scene->count; i++) {
        const struct surface *surface = &scene->surfaces[i];
        double left = right ? left_of(surface, x, y) : x;
        if (!has_point(surface, left, y) || disparity_at(surface, left, y) <= most)
            continue;
        most = disparity_at(surface, left, y);
        found = surface;
    }
    return found;
}

/* ---- texture */

/* In [0, 1): MurmurHash3's finalizer (Appleby 2011). */
static double dot_at(uint32_t seed, int x, int y)
{
    uint32_t h = seed ^ ((uint32_t)x * 0x9e3779b1u) ^ ((uint32_t)y * 0x85ebca77u);

    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return (h ^ h >> 16) / 4294967296.0;
}

static double texture_at(const struct surface *surface, double x, int y)
{
    double whole = floor(x), part = x - whole;
    double value = (1 - part) * dot_at(surface->texture, (int)whole, y) +
                   part * dot_at(surface->texture, (int)whole + 1, y);

    return surface->level + surface->contrast * (value - 0.5);
}

/* ---- the scene */

static void slant(struct surface *surface, double steepest, double reach, double max,
                  struct random_stream *stream)
{
    double right = draw_between(stream, -steepest, steepest);
    double down = draw_between(stream, -steepest, steepest);
    double span = ((right < 0 ? -right : right) + (down < 0 ? -down : down)) * reach;
    double room = surface->disparity < max / 2 ? surface->disparity : max - surface->disparity;
    double scale = span > room ? room / span : 1;

    surface->right = right * scale;
    surface->down = down * scale;
}

static void paint(struct surface *surface, struct random_stream *stream)
{
    surface->level = draw_between(stream, 0.3, 0.7);
    surface->contrast = draw_between(stream, 0.25, 0.6);
    surface->texture = random_u32(stream);
}

static void add_ground(struct stereo_scene *scene, double size, double max,
                       struct random_stream *stream)
{
    struct surface *ground = &scene->surfaces[scene->count++];

    *ground = (struct surface){.form = EVERYWHERE, .x = size / 2, .y = size / 2, .cosine = 1};
    ground->along = ground->across = size;
    ground->disparity = max * draw_between(stream, 0, 0.35);
    /* What the right image shows of the ground may lie beyond the left one's right border. */
    slant(ground, max / size / 4, size / 2 + max, max, stream);
    paint(ground, stream);
}

static void add_shape(struct stereo_scene *scene, double size, double max,
                      struct random_stream *stream)
{
    struct surface *shape = &scene->surfaces[scene->count++];
    double nearness = draw_between(stream, 0.3, 1);

    *shape = (struct surface){.form = (enum form)random_below(stream, FORMS)};
    shape->x = draw_between(stream, 0.1, 0.95) * size;
    shape->y = draw_between(stream, 0.05, 0.95) * size;
    shape->along = draw_between(stream, 0.12, 0.3) * size;
    shape->across = shape->along * draw_between(stream, 0.5, 1);
    draw_direction(stream, &shape->cosine, &shape->sine);
    shape->disparity = max * nearness;
    if (random_below(stream, 2)) /* the others stand upright */
        slant(shape, 0.12, shape->along * 1.5, max, stream);
    paint(shape, stream);
}

/* ---- images and truth */

static void add_noise(double noise, double gain, double offset, struct random_stream *stream,
                      float *plane, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = plane[i] * gain + offset + noise * draw_deviate(stream);
        plane[i] = (float)(value < 0 ? 0 : value > 1 ? 1 : value);
    }
}

/* The disparity of the left image's pixel; NaN where the right camera does not see its point. */
static double truth_at(const struct stereo_scene *scene, const struct surface *surface, int x,
                       int y)
{
    double disparity = disparity_at(surface, x, y), right = x - disparity;

    return right >= 0 && nearest(scene, true, right, y) == surface ? disparity : NAN;
}

static void draw_pair(const struct stereo_scene *scene, const struct generated *to)
{
    int size = to->image.shape.width;
    float *left = to->image.pixels, *right = left + (size_t)size * (size_t)size;

    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            const struct surface *surface = nearest(scene, false, x, y);
            const struct surface *other = nearest(scene, true, x, y);
            *left++ = (float)texture_at(surface, x, y);
            *right++ = (float)texture_at(other, left_of(other, x, y), y);
            to->map.pixels[y * size + x] = (float)truth_at(scene, surface, x, y);
        }
}

static void make(const void *config, struct random_stream *stream, const struct generated *to)
{
    const struct stereo *stereo = config;
    double size = (double)stereo->size, max = (double)stereo->max_disparity;
    int64_t more = stereo->most > stereo->fewest ? stereo->most - stereo->fewest : 0;
    int count = (int)stereo->fewest + (int)random_below(stream, (uint32_t)more + 1);
    size_t plane = shape_plane(to->image.shape);
    struct stereo_scene scene = {0};

    add_ground(&scene, size, max, stream);
    for (int i = 0; i < count; i++)
        add_shape(&scene, size, max, stream);
    draw_pair(&scene, to);
    double gain = 1 + stereo->brightness * draw_between(stream, -1, 1);
    double offset = stereo->brightness * draw_between(stream, -0.5, 0.5);
    add_noise(stereo->noise, 1, 0, stream, to->image.pixels, plane);
    add_noise(stereo->noise, gain, offset, stream, to->image.pixels + plane, plane);
}

static void shape_of(const void *config, enum content labels, struct shape *shape, int *count)
{
    const struct stereo *stereo = config;

    *shape = (struct shape){2, (int)stereo->size, (int)stereo->size};
    *count = labels == CONTENT_MAP;
}

static enum status check(const void *config, struct diagnostics *found, struct error *error)
{
    const struct stereo *stereo = config;
    const struct yaml_mark nowhere = {NULL, 0, 0};

    if (stereo->most < stereo->fewest)
        PASS(diagnostics_add(found, nowhere, "most", error,
                             "%d; expected 'fewest', which is %d, or more", (int)stereo->most,
                             (int)stereo->fewest));
    if (stereo->max_disparity * 2 > stereo->size)
        PASS(diagnostics_add(found, nowhere, "max_disparity", error,
                             "%d; expected half of 'size' at most, which is %d",
                             (int)stereo->max_disparity, (int)(stereo->size / 2)));
    return STATUS_OK;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    struct generator generator = {
        .set = "shapes_stereo", .config = config, .make = make, .map_channels = 1};
    int count;

    shape_of(config, request->labels, &generator.shape, &count);
    return generate(&generator, request, content, error);
}

const struct dataset dataset_shapes_stereo = {
    .serves = SERVES_MAPS,
    .descriptor =
        {
            .name = "shapes_stereo",
            .summary = "generated: random-dot stereo pairs of shapes, with their disparity",
            .source = "Julesz: Foundations of Cyclopean Perception, 1971",
            .fields = fields,
            .config_size = sizeof(struct stereo),
            .version = 1,
        },
    .generated = true,
    .shape = shape_of,
    .number_names = (const char *const[]){"disparity", NULL},
    .number_units = (const char *const[]){"pixels", NULL},
    .check = check,
    .load = load,
};
