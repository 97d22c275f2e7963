/*
 * Large images in tiles: what a network of convolutions, poolings and the like says of a pixel
 * depends on the pixels around it alone, up to a distance that its layers tell. Tiles overlap by
 * twice that distance, and of each tile's output only the core is used: no seam is left.
 */
#ifndef UNDERSTUDY_GRAPH_IMAGE_TILES_H
#define UNDERSTUDY_GRAPH_IMAGE_TILES_H

#include "graph/network.h"

struct image_tile {
    int top, left;                                    /* of what the network sees, in the image */
    struct shape shape;                               /* of that */
    int core_top, core_left, core_height, core_width; /* the part that is used */
};

/* How far, in pixels to each side, an output pixel sees, and which multiple a tile's place must
 * have, so that strides fall on the same pixels. False: some layer sees the whole image, or one
 * does not tell. */
bool network_reach(const struct network *network, int *reach, int *multiple);

/*
 * The tiles of an image of shape `in`, whose sides the family takes, for a network that gives
 * images of `output_channels`. *count is 0, and nothing to be freed, where the image is small
 * enough to be seen whole or cannot be cut; `*tiles` is the caller's to free.
 */
MUST_CHECK enum status image_tiles_find(const struct component *family, struct shape in,
                                        struct answer answer, struct image_tile **tiles,
                                        size_t *count, struct error *error);

#endif
