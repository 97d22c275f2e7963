#include "math/border.h"

#include <string.h>

int border_reflect(int index, int size)
{
    if (index >= 0 && index < size)
        return index;
    int place = index % (2 * size);
    if (place < 0)
        place += 2 * size;
    return place < size ? place : 2 * size - 1 - place;
}

size_t border_size(int height, int width, int radius)
{
    return ((size_t)height + 2 * (size_t)radius) * ((size_t)width + 2 * (size_t)radius);
}

void border_row(float *row, int width, int radius)
{
    for (int k = 1; k <= radius; k++) {
        row[radius - k] = row[radius + border_reflect(-k, width)];
        row[radius + width - 1 + k] = row[radius + border_reflect(width - 1 + k, width)];
    }
}

void border_pad(const float *plane, int height, int width, int radius, float *padded)
{
    size_t stride = (size_t)width + 2 * (size_t)radius;

    for (int y = 0; y < height + 2 * radius; y++) {
        const float *from = plane + (size_t)border_reflect(y - radius, height) * (size_t)width;
        float *row = padded + (size_t)y * stride;
        memcpy(row + radius, from, (size_t)width * sizeof *row);
        border_row(row, width, radius);
    }
}

void border_fit(const float *from, struct shape is, struct image to)
{
    border_window(from, is, 0, 0, to);
}

void border_window(const float *from, struct shape is, int top, int left, struct image to)
{
    float *at = to.pixels;

    if (shape_equal(is, to.shape) && top == 0 && left == 0) {
        memcpy(to.pixels, from, shape_size(to.shape) * sizeof *to.pixels);
        return;
    }
    for (int c = 0; c < to.shape.channels; c++)
        for (int y = 0; y < to.shape.height; y++) {
            size_t line = (size_t)border_reflect(top + y, is.height);
            const float *row = from + ((size_t)c * (size_t)is.height + line) * (size_t)is.width;
            for (int x = 0; x < to.shape.width; x++)
                *at++ = row[border_reflect(left + x, is.width)];
        }
}
