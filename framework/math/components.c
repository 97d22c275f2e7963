#include "math/components.h"

#include <math.h>

/* While components are joined, a pixel's number is 1 + the place of another pixel of its component
 * that comes before it, or its own where it is the first. Numbered ones have this bit. */
static const uint32_t NUMBERED = UINT32_C(1) << 31;

static uint32_t first_of(uint32_t *number, uint32_t pixel)
{
    while (number[pixel] != pixel + 1) {
        uint32_t before = number[pixel] - 1;
        number[pixel] = number[before]; /* half the way for the next who asks */
        pixel = before;
    }
    return pixel;
}

static void join(uint32_t *number, uint32_t a, uint32_t b)
{
    a = first_of(number, a);
    b = first_of(number, b);
    if (a < b)
        number[b] = a + 1;
    else if (b < a)
        number[a] = b + 1;
}

static bool same(const float *classes, uint32_t a, uint32_t b)
{
    return !(classes[a] < classes[b]) && !(classes[a] > classes[b]) && classes[b] > 0;
}

uint32_t components_find(const float *classes, int height, int width, int neighbours,
                         uint32_t *number)
{
    uint32_t count = 0, w = (uint32_t)width;

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint32_t at = (uint32_t)y * w + (uint32_t)x;
            number[at] = classes[at] > 0 ? at + 1 : 0;
            if (!(classes[at] > 0))
                continue;
            if (x > 0 && same(classes, at, at - 1))
                join(number, at, at - 1);
            if (y > 0 && same(classes, at, at - w))
                join(number, at, at - w);
            if (neighbours == COMPONENTS_8 && y > 0 && x > 0 && same(classes, at, at - w - 1))
                join(number, at, at - w - 1);
            if (neighbours == COMPONENTS_8 && y > 0 && x + 1 < width &&
                same(classes, at, at - w + 1))
                join(number, at, at - w + 1);
        }
    for (uint32_t at = 0; at < (uint32_t)height * w; at++) {
        if (!number[at])
            continue;
        uint32_t before = number[at] - 1; /* numbered already, where it is another */
        if (before == at)
            number[at] = ++count | NUMBERED;
        else
            number[at] = number[before];
    }
    for (uint32_t at = 0; at < (uint32_t)height * w; at++)
        number[at] &= ~NUMBERED;
    return count;
}
