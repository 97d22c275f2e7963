/*
 * Connected components: pixels of the same class that touch form an object. Objects that are too
 * small go; what is left is a mask, or numbers: how many there are, how large, where.
 *
 * A pixel joins the neighbours that were read before it (2 of 4, or 4 of 8) where their class is
 * its own; disjoint sets (union_find.h) make the objects. A. Rosenfeld, J. L. Pfaltz, "Sequential
 * operations in digital picture processing", Journal of the ACM 13(4), 1966. Objects are those of
 * skimage.measure.label, areas and centroids those of its regionprops. Pixels whose class is not
 * known are background.
 *
 * The centroid is the largest object's (the first in reading order of several); where there is no
 * object, it is the image's centre, and areas are 0. Cost: three passes.
 */
#include "base/interrupt.h"
#include "math/components.h"
#include "math/union_find.h"
#include "pipelines/stage_shapes.h"

#include <string.h>

enum { CONNECTIVITY_4, CONNECTIVITY_8 };
enum { OUTPUT_MASK, OUTPUT_NUMBERS };
enum { COUNT, AREA, MEAN_AREA, LARGEST_AREA, CENTROID_ROW, CENTROID_COLUMN, NUMBERS };

static const char *const connectivities[] = {"4", "8", NULL};
static const char *const outputs[] = {"mask", "numbers", NULL};
static const char *const number_names[NUMBERS] = {
    "count", "area", "mean_area", "largest_area", "centroid_row", "centroid_column"};

struct connected_components {
    int64_t connectivity, minimum_area, output;
    struct text_list numbers;
};

static const struct field fields[] = {
    {"connectivity", FIELD_CHOICE, offsetof(struct connected_components, connectivity),
     .default_value = "8", .choices = connectivities,
     .help = "neighbours of a pixel: those at its edges, or those at its corners, too"},
    {"minimum_area", FIELD_INTEGER, offsetof(struct connected_components, minimum_area),
     .minimum = 1, .maximum = 1e9, .default_value = "1", .unit = "pixels",
     .help = "smaller objects go"},
    {"output", FIELD_CHOICE, offsetof(struct connected_components, output), .default_value = "mask",
     .choices = outputs, .help = "a mask of the objects that are left, or numbers of them"},
    {"numbers", FIELD_TEXTS, offsetof(struct connected_components, numbers),
     .default_value = "[count]",
     .help = "which numbers, in this order: count, area (of all objects), mean_area, "
             "largest_area, centroid_row, centroid_column (of the largest)"},
    {0},
};

struct measured {
    uint32_t count, area, largest; /* `largest`: its first pixel */
    double row, column;            /* of the largest */
};

static int number_find(const char *name)
{
    for (int k = 0; k < NUMBERS; k++)
        if (strcmp(name, number_names[k]) == 0)
            return k;
    return NUMBERS;
}

static enum content connected_components_gives(const void *config, enum content in)
{
    (void)in;
    return ((const struct connected_components *)config)->output == OUTPUT_NUMBERS ? CONTENT_NUMBERS
                                                                                   : CONTENT_MASK;
}

static enum status connected_components_check(const void *config, const struct task *task,
                                              const struct engine *engine,
                                              struct diagnostics *found, struct error *error)
{
    const struct connected_components *components = config;
    const struct yaml_mark nowhere = {"", 0, 0};

    (void)task, (void)engine;
    if (!components->numbers.count)
        PASS(diagnostics_add(found, nowhere, "numbers", error, "expected at least one number"));
    for (size_t i = 0; i < components->numbers.count; i++)
        if (number_find(components->numbers.items[i]) == NUMBERS)
            PASS(diagnostics_add(found, nowhere, "numbers", error,
                                 "unknown number '%s'; expected count, area, mean_area, "
                                 "largest_area, centroid_row or centroid_column",
                                 components->numbers.items[i]));
    return STATUS_OK;
}

static enum status connected_components_shape(const void *config, struct shape in,
                                              struct answer answer, struct shape *out,
                                              struct error *error)
{
    const struct connected_components *components = config;

    PASS(shape_of_plane(config, in, answer, out, error));
    if (components->output == OUTPUT_NUMBERS)
        *out = (struct shape){(int)components->numbers.count, 1, 1};
    return STATUS_OK;
}

/* Each pixel's set, and its area. */
static size_t connected_components_scratch(const void *config, struct shape in)
{
    (void)config;
    return 2 * shape_plane(in);
}

/* Every pixel's object, by its first pixel, and at that its area; false: a stop was asked for. */
static bool find_objects(struct image in, bool corners, uint32_t *parents, uint32_t *areas)
{
    uint32_t width = (uint32_t)in.shape.width;

    for (uint32_t y = 0; y < (uint32_t)in.shape.height; y++) {
        if (interrupt_requested())
            return false;
        components_join_row(in.pixels, in.shape.width, (int)y,
                            corners ? COMPONENTS_8 : COMPONENTS_4, parents);
    }
    for (uint32_t y = 0; y < (uint32_t)in.shape.height; y++) {
        if (interrupt_requested())
            return false;
        for (uint32_t i = y * width; i < (y + 1) * width; i++) {
            parents[i] = union_root(parents, i); /* above and left of i: known already */
            areas[i] = 0;
            areas[parents[i]] += in.pixels[i] > 0;
        }
    }
    return true;
}

static struct measured measure(struct image in, const uint32_t *parents, const uint32_t *areas,
                               int64_t minimum)
{
    uint32_t size = (uint32_t)shape_plane(in.shape), width = (uint32_t)in.shape.width;
    struct measured objects = {.row = (in.shape.height - 1) / 2.0,
                               .column = (in.shape.width - 1) / 2.0};
    double rows = 0, columns = 0;

    for (uint32_t i = 0; i < size; i++) {
        if (areas[i] < minimum)
            continue;
        objects.largest = !objects.count || areas[i] > areas[objects.largest] ? i : objects.largest;
        objects.count++;
        objects.area += areas[i];
    }
    if (!objects.count)
        return objects;
    for (uint32_t y = 0; y < (uint32_t)in.shape.height && !interrupt_requested(); y++)
        for (uint32_t x = 0; x < width; x++)
            if (parents[y * width + x] == objects.largest) {
                rows += y;
                columns += x;
            }
    objects.row = rows / areas[objects.largest];
    objects.column = columns / areas[objects.largest];
    return objects;
}

static double number_of(const struct measured *objects, const uint32_t *areas, int number)
{
    switch (number) {
    case COUNT: return objects->count;
    case AREA: return objects->area;
    case MEAN_AREA: return objects->count ? (double)objects->area / objects->count : 0;
    case LARGEST_AREA: return objects->count ? areas[objects->largest] : 0;
    case CENTROID_ROW: return objects->row;
    default: return objects->column;
    }
}

static void connected_components_run(const void *config, const void *state, struct image in,
                                     struct image out, float *scratch)
{
    const struct connected_components *components = config;
    size_t size = shape_plane(in.shape);
    uint32_t *parents = (uint32_t *)(void *)scratch, *areas = parents + size;

    (void)state;
    if (!find_objects(in, components->connectivity == CONNECTIVITY_8, parents, areas))
        return;
    if (components->output == OUTPUT_MASK) {
        for (size_t i = 0; i < size; i++)
            out.pixels[i] = areas[parents[i]] >= components->minimum_area ? in.pixels[i] : 0;
        return;
    }
    struct measured objects = measure(in, parents, areas, components->minimum_area);
    for (size_t i = 0; i < components->numbers.count; i++)
        out.pixels[i] =
            (float)number_of(&objects, areas, number_find(components->numbers.items[i]));
}

/* At most: all is one object. A search counts as one lookup. */
static struct operations connected_components_count(const void *config, struct shape in,
                                                    struct answer answer)
{
    const struct connected_components *components = config;
    double size = (double)shape_plane(in);
    double near = components->connectivity == CONNECTIVITY_8 ? 4 : 2;
    struct operations operations = {
        .comparisons = (1 + 2 * near + 1) * size, /* the class, neighbours, their sets; the area */
        .additions = size,
        .lookups = (2 * near + 1 + 1) * size,
    };

    (void)answer;
    if (components->output == OUTPUT_NUMBERS) { /* the area again; rows and columns */
        operations.additions += 2 * size;
        operations.comparisons += size;
        operations.divisions += 3;
    }
    return operations;
}

const struct stage stage_connected_components = {
    .descriptor = {"connected_components",
                   "objects of touching pixels: those that are large enough, or numbers of them",
                   "Rosenfeld, Pfaltz, Sequential operations in digital picture processing, 1966",
                   fields, sizeof(struct connected_components), 1},
    .input = CONTENT_MASK,
    .output = CONTENT_MASK,
    .gives = connected_components_gives,
    .shape = connected_components_shape,
    .check = connected_components_check,
    .scratch = connected_components_scratch,
    .run = connected_components_run,
    .scalar = true,
    .count = connected_components_count,
};
