/*
 * Fill holes: background that does not reach the image's border becomes object.
 *
 * Background pixels that share an edge (4 neighbours) belong together; those of the border belong
 * to the outside. What is not connected to it is a hole, and takes the class of the pixel to the
 * left of its first one in reading order. P. Soille, "Morphological image analysis", 2003, 6.3.7.
 * Of masks of one class it equals scipy.ndimage.binary_fill_holes. Pixels whose class is not known
 * are background. Cost: two passes, by disjoint sets (union_find.h).
 */
#include "base/interrupt.h"
#include "math/union_find.h"
#include "pipelines/stage_shapes.h"

/* One set a pixel, and one for the outside, which is number 0. */
static size_t fill_holes_scratch(const void *config, struct shape in)
{
    (void)config;
    return shape_plane(in) + 1;
}

static void join_row(struct image in, int y, uint32_t *parents)
{
    uint32_t width = (uint32_t)in.shape.width, start = (uint32_t)y * width;
    bool border = y == 0 || y == in.shape.height - 1;

    for (uint32_t x = 0; x < width; x++) {
        uint32_t i = start + x, set = i + 1;
        parents[set] = set;
        if (in.pixels[i] > 0)
            continue;
        if (border || x == 0 || x == width - 1)
            union_join(parents, 0, set);
        if (x > 0 && !(in.pixels[i - 1] > 0))
            union_join(parents, set - 1, set);
        if (y > 0 && !(in.pixels[i - width] > 0))
            union_join(parents, set - width, set);
    }
}

static void fill_holes_run(const void *config, const void *state, struct image in, struct image out,
                           float *scratch)
{
    uint32_t *parents = (uint32_t *)(void *)scratch, width = (uint32_t)in.shape.width;

    (void)config, (void)state;
    parents[0] = 0;
    for (int y = 0; y < in.shape.height; y++) {
        if (interrupt_requested())
            return;
        join_row(in, y, parents);
    }
    for (uint32_t y = 0; y < (uint32_t)in.shape.height && !interrupt_requested(); y++)
        for (uint32_t i = y * width; i < (y + 1) * width; i++) {
            uint32_t first = in.pixels[i] > 0 ? 0 : union_root(parents, i + 1);
            out.pixels[i] = in.pixels[i] > 0 ? in.pixels[i] : first ? in.pixels[first - 2] : 0;
        }
}

/* At most: all is background. A search counts as one lookup. */
static struct operations fill_holes_count(const void *config, struct shape in, struct answer answer)
{
    double size = (double)shape_plane(in);

    (void)config, (void)answer;
    return (struct operations){
        .comparisons = (1 + 2 + 2) * size, /* the pixel, its two neighbours, their sets; … */
        .lookups = (2 * 2 + 1) * size,
    };
}

const struct stage stage_fill_holes = {
    .descriptor = {"fill_holes", "background that does not reach the border becomes object",
                   "Soille, Morphological image analysis, 2003", NULL, 0, 1},
    .input = CONTENT_MASK,
    .output = CONTENT_MASK,
    .shape = shape_of_plane,
    .scratch = fill_holes_scratch,
    .run = fill_holes_run,
    .scalar = true,
    .count = fill_holes_count,
};
