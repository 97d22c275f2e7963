/* Square windows at every place of an image. One smaller than a window is continued by its mirror
 * image. */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_WINDOWS_H
#define UNDERSTUDY_PIPELINES_DENOISING_WINDOWS_H

#include "math/image.h"

/* The image, continued to hold at least one window. */
static inline struct shape windows_fit(struct shape in, int side)
{
    return (struct shape){in.channels, in.height < side ? side : in.height,
                          in.width < side ? side : in.width};
}

/* Windows that a row or column of such an image lies in. */
static inline int windows_over(int at, int size, int side)
{
    int after = size - at, room = size - side + 1, most = side < room ? side : room;
    int least = at + 1 < after ? at + 1 : after;

    return least < most ? least : most;
}

#endif
