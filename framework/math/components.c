#include "math/components.h"

#include "math/union_find.h"

#include <stdbool.h>

/* The first pixels of components, once they are numbered. */
static const uint32_t NUMBERED = UINT32_C(1) << 31;

void components_join_row(const float *classes, int width, int y, int neighbours, uint32_t *parents)
{
    uint32_t w = (uint32_t)width, start = (uint32_t)y * w;
    bool corners = neighbours == COMPONENTS_8;

    for (uint32_t x = 0; x < w; x++) {
        uint32_t i = start + x;
        float class = classes[i];
        parents[i] = i;
        if (!(class > 0))
            continue;
        if (x > 0 && classes[i - 1] == class)
            union_join(parents, i - 1, i);
        if (y > 0 && classes[i - w] == class)
            union_join(parents, i - w, i);
        if (corners && y > 0 && x > 0 && classes[i - w - 1] == class)
            union_join(parents, i - w - 1, i);
        if (corners && y > 0 && x + 1 < w && classes[i - w + 1] == class)
            union_join(parents, i - w + 1, i);
    }
}

uint32_t components_find(const float *classes, int height, int width, int neighbours,
                         uint32_t *number)
{
    uint32_t count = 0, size = (uint32_t)height * (uint32_t)width;

    for (int y = 0; y < height; y++)
        components_join_row(classes, width, y, neighbours, number);
    for (uint32_t i = 0; i < size; i++) { /* parents come before their members */
        bool first = number[i] == i;
        if (!(classes[i] > 0))
            number[i] = NUMBERED;
        else
            number[i] = first ? ++count | NUMBERED : number[number[i]];
    }
    for (uint32_t i = 0; i < size; i++)
        number[i] &= ~NUMBERED;
    return count;
}
