/*
 * Regions of masks that are wrong, as where a segmentation misses an object, spills over its rim,
 * or was saved out of place. A region is a connected component of one class above 0. Of the regions
 * of an image that is hit, each is spoilt by lot, in one of three ways: it is erased (class 0),
 * grows over the ground around it, or is moved. What grows or moves covers ground, and no other
 * region.
 *
 * Errors of such kinds are what label filters for segmentation are judged by: V. Lad, J. Mueller,
 * "Estimating label quality and errors in semantic segmentation data via any model", 2023. Cost:
 * linear in the pixels, and in each spoilt region's rows and its reach.
 */
#include "interfaces/label_noise.h"
#include "math/components.h"

#include <stddef.h>

enum { ERASE, GROW, MOVE, ANY };

struct region_error {
    double rate, regions;
    int64_t how, pixels;
};

static const char *const ways[] = {"erase", "grow", "move", "any", NULL};

static const struct field fields[] = {
    {"rate", FIELD_REAL, offsetof(struct region_error, rate), .maximum = 1, .default_value = "1",
     .help = "share of the labels in which regions are spoilt"},
    {"regions", FIELD_REAL, offsetof(struct region_error, regions), .maximum = 1,
     .default_value = "0.2", .help = "share of their regions that are"},
    {"how", FIELD_CHOICE, offsetof(struct region_error, how), .default_value = "any",
     .choices = ways, .help = "what becomes of them; any: one of the others, by lot"},
    {"pixels", FIELD_INTEGER, offsetof(struct region_error, pixels), .minimum = 1, .maximum = 1000,
     .default_value = "3", .unit = "pixels", .help = "how far they grow, or move along each axis"},
    {0},
};

static double rate(const void *config)
{
    return ((const struct region_error *)config)->rate;
}

/* Class 0 becomes that of the region, where that is inside of the mask. */
static void cover(struct image mask, int y, int x, float class)
{
    float *at = mask.pixels + (ptrdiff_t)y * mask.shape.width + x;

    if (y >= 0 && x >= 0 && y < mask.shape.height && x < mask.shape.width && !(*at > 0) &&
        !(*at < 0))
        *at = class;
}

static void cover_around(struct image mask, int y, int x, int reach, float class)
{
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++)
            cover(mask, y + dy, x + dx, class);
}

struct spoilt {
    const uint32_t *number; /* of each pixel's region */
    uint32_t region;
    size_t first; /* its first pixel */
    float class;
};

/* Do something to each pixel of the region: its rows follow one another. */
static void spoil(struct image mask, const struct spoilt *spoilt, int64_t how, int reach, int down,
                  int right)
{
    int width = mask.shape.width;
    bool met = true;

    for (int y = (int)(spoilt->first / (size_t)width); met && y < mask.shape.height; y++) {
        met = false;
        for (int x = 0; x < width; x++) {
            size_t at = (size_t)y * (size_t)width + (size_t)x;
            if (spoilt->number[at] != spoilt->region)
                continue;
            met = true;
            if (how == GROW)
                cover_around(mask, y, x, reach, spoilt->class);
            else if (how == ERASE)
                mask.pixels[at] = 0;
            else
                cover(mask, y + down, x + right, spoilt->class);
        }
    }
}

static int between(struct random_stream *stream, int reach)
{
    return (int)random_below(stream, (uint32_t)(2 * reach + 1)) - reach;
}

static void change_mask(const void *config, struct image mask, uint32_t *room,
                        struct random_stream *stream)
{
    const struct region_error *fault = config;
    int reach = (int)fault->pixels;
    struct spoilt spoilt = {room, 0, 0, 0};

    components_find(mask.pixels, mask.shape.height, mask.shape.width, COMPONENTS_4, room);
    for (size_t at = 0; at < shape_plane(mask.shape); at++) {
        if (room[at] != spoilt.region + 1) /* the first pixel of the next */
            continue;
        spoilt.region++;
        spoilt.first = at;
        double chance = random_uniform(stream);
        int64_t how = fault->how == ANY ? random_below(stream, ANY) : fault->how;
        int down = between(stream, reach), right = between(stream, reach);
        spoilt.class = mask.pixels[at];
        if (chance >= fault->regions)
            continue;
        if (how == MOVE)
            spoil(mask, &spoilt, ERASE, reach, 0, 0);
        spoil(mask, &spoilt, how, reach, down, right);
    }
}

const struct label_noise label_noise_region_error = {
    .descriptor =
        {
            .name = "region_error",
            .summary = "regions of masks that are erased, grown or moved",
            .source = "after Lad, Mueller 2023",
            .fields = fields,
            .config_size = sizeof(struct region_error),
            .version = 1,
        },
    .serves = SERVES_MASKS,
    .rate = rate,
    .change_mask = change_mask,
};
