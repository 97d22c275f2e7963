#include "filters/regions.h"

#include "base/memory.h"
#include "math/components.h"

#include <math.h>
#include <string.h>

/* What one mask is taken apart with. */
struct parts {
    uint32_t *object;  /* [largest mask]: of each pixel, from 1 */
    uint32_t *numbers; /* [pixels + squares]: of objects, then of squares; UINT32_MAX: none yet */
};

/* The region of pixel (x, y), which is new where nothing of it was met. */
static uint32_t region_of(struct regions *regions, const struct parts *parts, size_t plane,
                          uint32_t object, size_t square, size_t item)
{
    uint32_t *number = &parts->numbers[object ? object - 1 : plane + square];

    if (*number == UINT32_MAX) {
        *number = (uint32_t)regions->count;
        regions->item[regions->count++] = (uint32_t)item;
    }
    return *number;
}

static void take_mask(struct regions *regions, const struct parts *parts, struct image mask,
                      size_t item, size_t first, size_t tile)
{
    size_t width = (size_t)mask.shape.width, plane = shape_plane(mask.shape);
    size_t across = (width + tile - 1) / tile;
    size_t down = ((size_t)mask.shape.height + tile - 1) / tile;

    components_find(mask.pixels, mask.shape.height, mask.shape.width, COMPONENTS_4, parts->object);
    memset(parts->numbers, 0xff, (plane + across * down) * sizeof *parts->numbers);
    for (size_t i = 0; i < plane; i++) {
        size_t square = i / width / tile * across + i % width / tile;
        regions->of[first + i] = UINT32_MAX;
        if (isnan(mask.pixels[i]))
            continue;
        uint32_t region = region_of(regions, parts, plane, parts->object[i], square, item);
        regions->of[first + i] = region;
        regions->pixels[region]++;
    }
}

enum status regions_find(struct regions *regions, const struct image_set *masks, int tile,
                         struct error *error)
{
    enum status status = STATUS_OK;
    size_t all = masks->count ? masks->offsets[masks->count] : 0, largest = 0;
    struct parts parts = {0};

    *regions = (struct regions){0};
    if (all >= UINT32_MAX)
        TRY(error_set(error, STATUS_MEMORY, "masks of %zu pixels are too many to take apart", all));
    for (size_t i = 0; i < masks->count; i++)
        largest = shape_plane(masks->shapes[i]) > largest ? shape_plane(masks->shapes[i]) : largest;
    TRY(memory_new(&regions->item, all, sizeof *regions->item, error));
    TRY(memory_new(&regions->pixels, all, sizeof *regions->pixels, error));
    TRY(memory_new(&regions->of, all, sizeof *regions->of, error));
    TRY(memory_new(&parts.object, largest, sizeof *parts.object, error));
    TRY(memory_new(&parts.numbers, 2 * largest, sizeof *parts.numbers, error));
    for (size_t i = 0; i < masks->count; i++)
        take_mask(regions, &parts, image_set_at(masks, i), i, masks->offsets[i], (size_t)tile);
out:
    memory_free(parts.object);
    memory_free(parts.numbers);
    if (status != STATUS_OK)
        regions_release(regions);
    return status;
}

enum status region_means(const struct regions *regions, const float *values, size_t pixels,
                         float *means, struct error *error)
{
    enum status status = STATUS_OK;
    double *sums = NULL;
    uint32_t *counts = NULL;

    TRY(memory_new(&sums, regions->count, sizeof *sums, error));
    TRY(memory_new(&counts, regions->count, sizeof *counts, error));
    for (size_t i = 0; i < pixels; i++) {
        uint32_t region = regions->of[i];
        if (region == UINT32_MAX || isnan(values[i]))
            continue;
        sums[region] += (double)values[i];
        counts[region]++;
    }
    for (size_t r = 0; r < regions->count; r++)
        means[r] = counts[r] ? (float)(sums[r] / counts[r]) : 0;
out:
    memory_free(counts);
    memory_free(sums);
    return status;
}

void regions_release(struct regions *regions)
{
    memory_free(regions->item);
    memory_free(regions->pixels);
    memory_free(regions->of);
    *regions = (struct regions){0};
}
