#include "graph/image_tiles.h"

#include <string.h>

enum {
    SEEN_WHOLE = 1 << 16, /* pixels, up to which no network has too many values */
    PROBE = 256,          /* side of the image by which a network is looked at */
    LARGEST_CORE = 1024,
    SMALLEST_CORE = 64,
    TILE_VALUES = 1 << 23, /* of a layer, for a tile: every thread has one */
};

/* What a node's pixels stand for, in pixels of the network's input. */
struct view {
    int reach, scale;
};

static int gcd(int a, int b)
{
    return b ? gcd(b, a % b) : a;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* How far a window of the geometry reaches from the pixel that it belongs to; -1: it is all there
 * is. */
static int window_reach(const struct conv_geometry *g)
{
    int span = (larger(g->kernel_height, g->kernel_width) - 1) * g->dilation;

    if (g->kernel_height >= g->in.height || g->kernel_width >= g->in.width)
        return -1;
    return larger(g->padding, span - g->padding);
}

/* Of a node that sees `in`. */
static bool view_of(const struct network_node *node, struct view in, struct view *out)
{
    struct primitive primitive = {0};
    const struct conv_geometry *g = &primitive.geometry;
    int factor, distance;

    *out = in;
    if (node->layer->primitive)
        node->layer->primitive(node->config, node->in, node->out, &primitive);
    switch (primitive.kind) {
    case PRIMITIVE_CONV:
    case PRIMITIVE_MAXPOOL:
    case PRIMITIVE_AVGPOOL:
        distance = window_reach(g);
        *out = (struct view){in.reach + distance * in.scale, in.scale * g->stride};
        return distance >= 0;
    case PRIMITIVE_TRANSPOSED_CONV:
    case PRIMITIVE_UPSAMPLE:
        factor = primitive.kind == PRIMITIVE_UPSAMPLE ? node->out.height / node->in[0].height
                                                      : g->stride;
        distance = primitive.kind == PRIMITIVE_UPSAMPLE ? factor - 1 : window_reach(g);
        out->scale = in.scale / factor;
        out->reach = in.reach + distance * out->scale;
        return distance >= 0 && in.scale % factor == 0;
    case PRIMITIVE_BATCHNORM:
    case PRIMITIVE_ELEMENTWISE:
    case PRIMITIVE_ADD:
    case PRIMITIVE_RESCALE:
    case PRIMITIVE_CONCAT: return true;
    case PRIMITIVE_NONE:
    case PRIMITIVE_DENSE: break;
    }
    return false;
}

/* views[i] is node i's; false as network_reach(). */
static bool find_views(const struct network *network, struct view *views, int *multiple)
{
    *multiple = 1;
    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        struct view seen = {0, 0};
        for (int k = 0; k < node->layer->inputs; k++) {
            int from = node->inputs[k];
            struct view one = from < 0 ? (struct view){0, 1} : views[from];
            if (k && one.scale != seen.scale)
                return false;
            seen = (struct view){larger(seen.reach, one.reach), one.scale};
        }
        if (!view_of(node, seen, &views[i]) || views[i].scale > PROBE ||
            views[i].reach > PROBE * PROBE)
            return false;
        *multiple *= views[i].scale / gcd(*multiple, views[i].scale);
    }
    return views[network->count - 1].scale == 1;
}

bool network_reach(const struct network *network, int *reach, int *multiple)
{
    struct view *views = NULL;
    bool known = network->count &&
                 memory_new(&views, network->count, sizeof *views, NULL) == STATUS_OK &&
                 find_views(network, views, multiple);

    *reach = known ? views[network->count - 1].reach : 0;
    memory_free(views);
    return known;
}

/* The most values that a node has for each pixel of the input. */
static double values_per_pixel(const struct network *network)
{
    double most = network->input.channels, plane = (double)shape_plane(network->input);

    for (size_t i = 0; i < network->count; i++) {
        double values = (double)shape_size(network->nodes[i].out) / plane;
        most = values > most ? values : most;
    }
    return most;
}

/* The sides of a core: as large as the values allow. */
static int core_side(double per_pixel, int reach)
{
    int core = LARGEST_CORE;

    while (core > SMALLEST_CORE &&
           (core + 2.0 * reach) * (core + 2.0 * reach) * per_pixel > TILE_VALUES)
        core /= 2;
    return core;
}

/* Cores along one axis, of nearly equal sides that are a multiple of `multiple`, and what each one
 * sees: the same of all, so that one network serves them, and threads share them out evenly. */
struct axis_cut {
    int size, core, seen, count;
};

static struct axis_cut cut_axis(int size, int most, int reach, int multiple)
{
    int count = (size + most - 1) / most, core = (size + count - 1) / count;
    struct axis_cut cut = {.size = size};

    cut.core = (core + multiple - 1) / multiple * multiple;
    cut.count = (size + cut.core - 1) / cut.core;
    cut.seen = cut.core + 2 * reach < size ? cut.core + 2 * reach : size;
    return cut;
}

/* Where core `index` begins, how long it is, and where what it sees begins: at the border, further
 * in than the reach asks for. */
static void place_core(const struct axis_cut *cut, int reach, int index, int *at, int *length,
                       int *from)
{
    *at = index * cut->core;
    *length = cut->size - *at < cut->core ? cut->size - *at : cut->core;
    *from = *at - reach < cut->size - cut->seen ? *at - reach : cut->size - cut->seen;
    *from = *from > 0 ? *from : 0;
}

static enum status cut(struct shape in, int core, int reach, int multiple,
                       struct image_tile **tiles, size_t *count, struct error *error)
{
    struct axis_cut rows = cut_axis(in.height, core, reach, multiple);
    struct axis_cut columns = cut_axis(in.width, core, reach, multiple);

    PASS(memory_new(tiles, (size_t)rows.count * (size_t)columns.count, sizeof **tiles, error));
    for (int y = 0; y < rows.count; y++)
        for (int x = 0; x < columns.count; x++) {
            struct image_tile *tile = &(*tiles)[(*count)++];
            tile->shape = (struct shape){in.channels, rows.seen, columns.seen};
            place_core(&rows, reach, y, &tile->core_top, &tile->core_height, &tile->top);
            place_core(&columns, reach, x, &tile->core_left, &tile->core_width, &tile->left);
        }
    return STATUS_OK;
}

enum status image_tiles_find(const struct component *family, struct shape in, struct answer answer,
                             struct image_tile **tiles, size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape probe = {in.channels, in.height < PROBE ? in.height : PROBE,
                          in.width < PROBE ? in.width : PROBE};
    struct network network = {0};
    struct error unfit;
    int reach, multiple;

    *tiles = NULL;
    *count = 0;
    if (shape_plane(in) <= SEEN_WHOLE)
        return STATUS_OK;
    TRY(family_fit(family, &probe, error));
    if (network_new(&network, family, probe, answer, &unfit) != STATUS_OK)
        goto out; /* whoever makes it for the image says why */
    double per_pixel = values_per_pixel(&network);
    if (per_pixel * (double)shape_plane(in) <= 2.0 * TILE_VALUES ||
        !network_reach(&network, &reach, &multiple))
        goto out;
    reach = (reach + multiple - 1) / multiple * multiple;
    TRY(cut(in, core_side(per_pixel, reach), reach, multiple, tiles, count, error));
out:
    network_release(&network);
    return status;
}
