#include "report/charts/example_detail.h"

#include <math.h>

static int shown_channels(struct image image)
{
    return image.shape.channels == 3 ? 3 : 1;
}

struct image detail_difference(struct image answer, struct image reference, float gain, float *room)
{
    struct image out = {{shown_channels(answer), answer.shape.height, answer.shape.width}, room};

    for (size_t i = 0; i < shape_size(out.shape); i++)
        room[i] = gain * fabsf(answer.pixels[i] - reference.pixels[i]);
    return out;
}

/* How much the answer is off in this part; what is not a number counts nothing. */
static double error_in(struct image answer, struct image reference, const struct detail_cut *cut)
{
    double sum = 0;

    for (int y = cut->top; y < cut->top + cut->height; y++)
        for (int x = cut->left; x < cut->left + cut->width; x++) {
            size_t at = (size_t)y * (size_t)answer.shape.width + (size_t)x;
            float off = fabsf(answer.pixels[at] - reference.pixels[at]);
            sum += off > 0 ? (double)off : 0;
        }
    return sum;
}

static int quarter(int side)
{
    return side / DETAIL_ZOOM > 0 ? side / DETAIL_ZOOM : 1;
}

struct detail_cut detail_choose(struct image answer, struct image reference)
{
    enum { STEPS = 12 }; /* places that are tried along a side */
    int height = answer.shape.height, width = answer.shape.width;
    struct detail_cut best = {0, 0, quarter(width), quarter(height)}, cut = best;
    double most = -1;

    for (int i = 0; i <= STEPS; i++)
        for (int k = 0; k <= STEPS; k++) {
            cut.top = (height - cut.height) * i / STEPS;
            cut.left = (width - cut.width) * k / STEPS;
            double sum = error_in(answer, reference, &cut);
            if (sum > most) {
                most = sum;
                best = cut;
            }
        }
    return best;
}

struct image detail_magnify(struct image image, const struct detail_cut *cut, float *room)
{
    struct image out = {
        {shown_channels(image), DETAIL_ZOOM * cut->height, DETAIL_ZOOM * cut->width}, room};
    size_t plane = shape_plane(image.shape), width = (size_t)out.shape.width;

    for (int c = 0; c < out.shape.channels; c++)
        for (size_t y = 0; y < (size_t)out.shape.height; y++)
            for (size_t x = 0; x < width; x++)
                room[((size_t)c * (size_t)out.shape.height + y) * width + x] =
                    image.pixels[(size_t)c * plane +
                                 ((size_t)cut->top + y / DETAIL_ZOOM) * (size_t)image.shape.width +
                                 (size_t)cut->left + x / DETAIL_ZOOM];
    return out;
}
