/*
 * Cells as a fluorescence microscope shows them, for segmentation and counting: bright blobs on a
 * darker, unevenly lit ground, some of which touch.
 *
 * A cell is an ellipse whose outline is bent by low harmonics of the angle (2 to 4), brighter in
 * the middle, with a smooth texture of its own. Cells vary in size and brightness. A share of them
 * is moved against an earlier one until the two touch; each pixel then belongs to the cell in which
 * it lies deeper. Lighting is a slope and a vignette, and haze adds to the ground; binomial filters
 * blur the image; noise grows with brightness, as a camera's does.
 *
 * Truth is a mask, in which a line of ground one pixel wide parts cells that touch (Ronneberger,
 * Fischer, Brox: "U-Net", MICCAI 2015), or how many cells there are, those cut by the border
 * included.
 *
 * Only + - x / and the square root are used, which IEEE 754 defines to the last bit; normal
 * deviates are sums of four uniform ones. The cost is about twenty passes over each cell's pixels,
 * most of them to find its place.
 */
#include "data/generated.h"

#include <math.h>
#include <stddef.h>

enum { MOST_CELLS = 255, HARMONICS = 3, TEXTURE = 5, TRIES = 40 };

struct cells {
    int64_t size, fewest, most;
    double radius, touching, unevenness, noise;
};

#define AT(member) offsetof(struct cells, member)

static const struct field fields[] = {
    {"size", FIELD_INTEGER, AT(size), .minimum = 16, .maximum = 1024, .default_value = "64",
     .unit = "pixels", .help = "height and width"},
    {"fewest", FIELD_INTEGER, AT(fewest), .minimum = 0, .maximum = MOST_CELLS, .default_value = "4",
     .unit = "cells", .help = "in an image"},
    {"most", FIELD_INTEGER, AT(most), .minimum = 1, .maximum = MOST_CELLS, .default_value = "14",
     .unit = "cells", .help = "in an image; fewer where no more fit"},
    {"radius", FIELD_REAL, AT(radius), .minimum = 3, .maximum = 64, .default_value = "5.5",
     .unit = "pixels", .help = "of cells, on average; they vary by 40 %"},
    {"touching", FIELD_REAL, AT(touching), .minimum = 0, .maximum = 1, .default_value = "0.4",
     .help = "share of cells that are laid against another one"},
    {"unevenness", FIELD_REAL, AT(unevenness), .minimum = 0, .maximum = 1, .default_value = "0.5",
     .help = "of the lighting: 0: it is the same everywhere; 1: some corners are dark"},
    {"noise", FIELD_REAL, AT(noise), .minimum = 0, .maximum = 0.5, .default_value = "0.05",
     .help = "standard deviation where the image is white; less where it is darker"},
    {0},
};

struct cell {
    double x, y;
    double along, across; /* half axes */
    double cosine, sine;  /* of the first axis */
    double bend[HARMONICS][2];
    double brightness;
    double texture[TEXTURE][TEXTURE]; /* nodes, bilinear between them */
};

static struct cell random_cell(const struct cells *cells, struct random_stream *stream)
{
    struct cell cell;
    double radius = cells->radius * draw_between(stream, 0.6, 1.4);
    double stretch = draw_between(stream, 1, 1.35);

    cell.along = radius * stretch;
    cell.across = radius / stretch;
    draw_direction(stream, &cell.cosine, &cell.sine);
    for (int k = 0; k < HARMONICS; k++)
        for (int i = 0; i < 2; i++)
            cell.bend[k][i] = draw_between(stream, -0.1, 0.1) / (k + 1);
    cell.brightness = draw_between(stream, 0.25, 0.95);
    for (int i = 0; i < TEXTURE; i++)
        for (int j = 0; j < TEXTURE; j++)
            cell.texture[i][j] = draw_between(stream, 0.7, 1.1);
    cell.x = draw_between(stream, 0, (double)cells->size);
    cell.y = draw_between(stream, 0, (double)cells->size);
    return cell;
}

/* How far out a pixel lies: 0 in the cell's middle, 1 on its outline. */
static double depth_of(const struct cell *cell, int x, int y)
{
    double dx = x + 0.5 - cell->x, dy = y + 0.5 - cell->y;
    double u = (dx * cell->cosine + dy * cell->sine) / cell->along;
    double v = (dy * cell->cosine - dx * cell->sine) / cell->across;
    double out = sqrt(u * u + v * v), outline = 1;

    if (out < 1e-9)
        return 0;
    /* (c, s) turned by the angle again and again: cosines and sines of its multiples. */
    double c = u / out, s = v / out, real = c, imaginary = s;
    for (int k = 0; k < HARMONICS; k++) {
        double turned = real * c - imaginary * s;
        imaginary = real * s + imaginary * c;
        real = turned;
        outline += cell->bend[k][0] * real + cell->bend[k][1] * imaginary;
    }
    return out / outline;
}

/* Pixels within which all of a cell lies, and `margin` more. */
struct box {
    int left, right, top, bottom;
};

static int within(double value, int size)
{
    return value < 0 ? 0 : value > size ? size : (int)value;
}

static struct box box_of(const struct cell *cell, double margin, int size)
{
    double reach = cell->along * 1.4 + margin;

    return (struct box){within(cell->x - reach, size), within(cell->x + reach + 1, size),
                        within(cell->y - reach, size), within(cell->y + reach + 1, size)};
}

/* ---- where cells lie */

/* Cells are told apart by their numbers, from 1 on; in the map until the mask is made. */
struct scene {
    int size, count;
    struct cell cells[MOST_CELLS];
    float *owner; /* [size][size]: whose each pixel is; 0: the ground's */
};

/* How a cell would meet those that are there. */
struct meeting {
    int pixels;  /* of its own */
    int overlap; /* … that are another's, too */
    int near;    /* others' pixels up to two pixels away */
};

static struct meeting meet(const struct scene *scene, const struct cell *cell)
{
    struct box box = box_of(cell, 3, scene->size);
    double wider = 1 + 2.5 / cell->across;
    struct meeting meeting = {0};

    for (int y = box.top; y < box.bottom; y++)
        for (int x = box.left; x < box.right; x++) {
            double depth = depth_of(cell, x, y);
            bool taken = scene->owner[y * scene->size + x] > 0;
            meeting.pixels += depth < 1;
            meeting.overlap += depth < 1 && taken;
            meeting.near += depth < wider && taken;
        }
    return meeting;
}

/* Lay it against one that is there: from far off towards it, until they overlap by a few pixels. */
static bool lay_against(const struct scene *scene, struct cell *cell, struct random_stream *stream)
{
    const struct cell *other = &scene->cells[random_below(stream, (uint32_t)scene->count)];
    double cosine, sine, reach = other->along + cell->along + 2;
    double share = draw_between(stream, 0.01, 0.07);

    draw_direction(stream, &cosine, &sine);
    for (double distance = reach; distance > reach / 3; distance -= 0.5) {
        cell->x = other->x + cosine * distance;
        cell->y = other->y + sine * distance;
        struct meeting meeting = meet(scene, cell);
        if (meeting.overlap > share * meeting.pixels)
            return meeting.overlap < 0.2 * meeting.pixels;
    }
    return false;
}

static bool find_place(const struct scene *scene, const struct cells *cells, struct cell *cell,
                       bool touching, struct random_stream *stream)
{
    for (int i = 0; i < TRIES; i++) {
        bool found = touching && lay_against(scene, cell, stream);
        if (!touching) {
            cell->x = draw_between(stream, 0, (double)cells->size);
            cell->y = draw_between(stream, 0, (double)cells->size);
            found = !meet(scene, cell).near;
        }
        if (found && meet(scene, cell).pixels > 0.5 * 3.14 * cell->along * cell->across)
            return true;
    }
    return false;
}

static void claim_pixels(struct scene *scene, const struct cell *cell)
{
    struct box box = box_of(cell, 0, scene->size);

    for (int y = box.top; y < box.bottom; y++)
        for (int x = box.left; x < box.right; x++) {
            float *owner = &scene->owner[y * scene->size + x];
            double depth = depth_of(cell, x, y);
            if (depth >= 1)
                continue;
            if (*owner == 0 || depth < depth_of(&scene->cells[(int)*owner - 1], x, y))
                *owner = (float)(scene->count + 1);
        }
}

static void place_cells(struct scene *scene, const struct cells *cells,
                        struct random_stream *stream)
{
    int64_t most = cells->most > cells->fewest ? cells->most : cells->fewest;
    int wanted =
        (int)cells->fewest + (int)random_below(stream, (uint32_t)(most - cells->fewest + 1));

    for (int i = 0; i < wanted; i++) {
        struct cell cell = random_cell(cells, stream);
        bool touching = random_uniform(stream) < cells->touching && scene->count > 0;
        if (!find_place(scene, cells, &cell, touching, stream))
            continue;
        claim_pixels(scene, &cell);
        scene->cells[scene->count++] = cell;
    }
}

/* ---- what the camera sees */

static double texture_at(const struct cell *cell, int x, int y)
{
    double side = 2.8 * cell->along;
    double u = ((x + 0.5 - cell->x) / side + 0.5) * (TEXTURE - 1);
    double v = ((y + 0.5 - cell->y) / side + 0.5) * (TEXTURE - 1);
    int i = within(v, TEXTURE - 2), j = within(u, TEXTURE - 2);

    u -= j;
    v -= i;
    return (1 - v) * ((1 - u) * cell->texture[i][j] + u * cell->texture[i][j + 1]) +
           v * ((1 - u) * cell->texture[i + 1][j] + u * cell->texture[i + 1][j + 1]);
}

/* Of two cells at a pixel, the brighter one is seen: a cell's edge is a ramp a pixel and a half
 * wide. */
static void draw_cell(const struct cell *cell, struct image image)
{
    int size = image.shape.width;
    struct box box = box_of(cell, 2, size);

    for (int y = box.top; y < box.bottom; y++)
        for (int x = box.left; x < box.right; x++) {
            double depth = depth_of(cell, x, y);
            double cover = (1 - depth) * cell->across / 1.5 + 0.5;
            cover = cover < 0 ? 0 : cover > 1 ? 1 : cover;
            double light = cover * cell->brightness * texture_at(cell, x, y) *
                           (1 - 0.45 * (depth < 1 ? depth * depth : 1));
            float *pixel = &image.pixels[y * size + x];
            if (light > *pixel)
                *pixel = (float)light;
        }
}

struct lighting {
    double right, down, centre_x, centre_y, vignette; /* what it loses */
    double ground, haze, haze_right, haze_down;       /* what it adds */
};

static struct lighting random_lighting(double unevenness, struct random_stream *stream)
{
    struct lighting light;
    double cosine, sine, slope = unevenness * draw_between(stream, 0.2, 0.5);

    draw_direction(stream, &cosine, &sine);
    light.right = slope * cosine;
    light.down = slope * sine;
    light.centre_x = draw_between(stream, -0.2, 0.2);
    light.centre_y = draw_between(stream, -0.2, 0.2);
    light.vignette = unevenness * draw_between(stream, 0.3, 0.7);
    light.ground = draw_between(stream, 0.06, 0.16);
    light.haze = unevenness * draw_between(stream, 0.1, 0.7);
    draw_direction(stream, &light.haze_right, &light.haze_down);
    return light;
}

/* Haze is brightest at one side; the lamp's light reaches cells and ground alike. */
static void light_image(const struct lighting *light, struct image image)
{
    int size = image.shape.width;

    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            double u = 2 * (x + 0.5) / size - 1, v = 2 * (y + 0.5) / size - 1;
            double dx = u - light->centre_x, dy = v - light->centre_y;
            double lamp = 1 + light->right * u + light->down * v -
                          0.5 * light->vignette * (dx * dx + dy * dy);
            double side = 0.5 + 0.35 * (light->haze_right * u + light->haze_down * v);
            float *pixel = &image.pixels[y * size + x];
            lamp = lamp < 0.1 ? 0.1 : lamp;
            *pixel = (float)((*pixel + light->ground) * lamp + light->haze * side * side);
        }
}

/* (1 2 1) / 4 along a line of `count` values, `step` apart, whose ends are repeated. */
static void blur_line(float *line, int count, int step)
{
    float last = line[0];

    for (int i = 0; i < count; i++) {
        float here = line[i * step], next = i + 1 < count ? line[(i + 1) * step] : here;
        line[i * step] = (last + 2 * here + next) / 4;
        last = here;
    }
}

static void blur(struct image image, int times)
{
    int size = image.shape.width;

    for (int i = 0; i < times; i++)
        for (int k = 0; k < size; k++)
            blur_line(image.pixels + k * size, size, 1);
    for (int i = 0; i < times; i++)
        for (int k = 0; k < size; k++)
            blur_line(image.pixels + k, size, size);
}

static void add_noise(double noise, struct random_stream *stream, struct image image)
{
    for (size_t i = 0; i < shape_size(image.shape); i++) {
        double value = image.pixels[i];
        value += noise * sqrt(0.2 + 0.8 * value) * draw_deviate(stream);
        image.pixels[i] = (float)(value < 0 ? 0 : value > 1 ? 1 : value);
    }
}

/* ---- what is true */

/* Does a pixel touch one of a later cell, by a side or a corner? */
static bool is_between(const struct image *map, int x, int y)
{
    int size = map->shape.width;
    float own = map->pixels[y * size + x];

    for (int v = y > 0 ? y - 1 : 0; v <= y + 1 && v < size; v++)
        for (int u = x > 0 ? x - 1 : 0; u <= x + 1 && u < size; u++)
            if (map->pixels[v * size + u] > own)
                return true;
    return false;
}

/* From the owners of pixels to classes. */
static void make_mask(struct image map)
{
    size_t plane = shape_plane(map.shape);
    int size = map.shape.width;

    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            if (map.pixels[y * size + x] > 0 && is_between(&map, x, y))
                map.pixels[y * size + x] = 0;
    for (size_t i = 0; i < plane; i++)
        map.pixels[i] = map.pixels[i] > 0;
}

static void make(const void *config, struct random_stream *stream, const struct generated *to)
{
    const struct cells *cells = config;
    struct scene scene = {.size = (int)cells->size, .owner = to->map.pixels};

    place_cells(&scene, cells, stream);
    for (int i = 0; i < scene.count; i++)
        draw_cell(&scene.cells[i], to->image);
    struct lighting light = random_lighting(cells->unevenness, stream);
    light_image(&light, to->image);
    blur(to->image, 1 + (int)random_below(stream, 3));
    add_noise(cells->noise, stream, to->image);
    make_mask(to->map);
    to->numbers[0] = (float)scene.count;
}

static void shape_of(const void *config, enum content labels, struct shape *shape, int *count)
{
    const struct cells *cells = config;

    *shape = (struct shape){1, (int)cells->size, (int)cells->size};
    *count = labels == CONTENT_MASK ? 2 : labels == CONTENT_NUMBERS ? 1 : 0;
}

static enum status check(const void *config, struct diagnostics *found, struct error *error)
{
    const struct cells *cells = config;

    if (cells->most >= cells->fewest)
        return STATUS_OK;
    return diagnostics_add(found, (struct yaml_mark){NULL, 0, 0}, "most", error,
                           "%d; expected 'fewest', which is %d, or more", (int)cells->most,
                           (int)cells->fewest);
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    struct generator generator = {.set = "cells",
                                  .config = config,
                                  .make = make,
                                  .map_channels = 1,
                                  .mask_classes = 2,
                                  .number_count = 1};
    int count;

    shape_of(config, request->labels, &generator.shape, &count);
    return generate(&generator, request, content, error);
}

const struct dataset dataset_cells = {
    .serves = SERVES_MASKS | SERVES_NUMBERS,
    .descriptor =
        {
            .name = "cells",
            .summary = "generated: cells under a microscope, to be segmented or counted, grey",
            .fields = fields,
            .config_size = sizeof(struct cells),
            .version = 1,
        },
    .generated = true,
    .shape = shape_of,
    .class_names = (const char *const[]){"background", "cell", NULL},
    .number_names = (const char *const[]){"count", NULL},
    .number_units = (const char *const[]){"cells", NULL},
    .check = check,
    .load = load,
};
