#include "report/charts/overlay.h"

#include <math.h>

/* Okabe, Ito, "Color universal design", 2008, without black and the red that marks errors. */
static const uint32_t palette[] = {0x56b4e9, 0xe69f00, 0x009e73, 0xf0e442, 0x0072b2, 0xcc79a7};
/* Viridis (van der Walt, Smith 2015) at equal steps. */
static const uint32_t scale[] = {0x440154, 0x472c7a, 0x3b518b, 0x2c718e, 0x21908d,
                                 0x27ad81, 0x5cc863, 0xaadc32, 0xfde725};
static const uint32_t wrong = 0xd55e00;
static const float tint = 0.45F, marked = 0.85F, dimmed = 0.35F;

uint32_t overlay_colour(int number)
{
    return palette[(size_t)(number - 1) % (sizeof palette / sizeof *palette)];
}

static float channel_of(uint32_t colour, size_t channel)
{
    return (float)(colour >> (16 - 8 * channel) & 255) / 255;
}

static float grey_at(struct image image, size_t pixel)
{
    size_t plane = shape_plane(image.shape);
    const float *at = image.pixels + pixel;
    float value = image.shape.channels == 3
                      ? 0.299F * at[0] + 0.587F * at[plane] + 0.114F * at[2 * plane]
                      : at[0];

    return value > 0 ? value < 1 ? value : 1 : 0;
}

/* `share` of the colour over the grey. */
static void put(struct image out, size_t pixel, float grey, uint32_t colour, float share)
{
    size_t plane = shape_plane(out.shape);

    for (size_t c = 0; c < 3; c++)
        out.pixels[c * plane + pixel] = (1 - share) * grey + share * channel_of(colour, c);
}

void overlay_mask(struct image image, struct image mask, struct image reference,
                  const uint32_t *colours, size_t count, struct image out)
{
    for (size_t i = 0; i < shape_plane(mask.shape); i++) {
        float grey = grey_at(image, i), class = mask.pixels[i];
        float other = reference.pixels ? reference.pixels[i] : class;
        if (isnan(class) || isnan(other))
            put(out, i, dimmed * grey, 0, 0);
        else if (class < other || class > other)
            put(out, i, grey, wrong, marked);
        else if (class < 1)
            put(out, i, grey, 0, 0);
        else
            put(out, i, grey,
                colours && (size_t) class < count ? colours[(size_t) class]
                                                  : overlay_colour((int)class),
                tint);
    }
}

void overlay_map(struct image map, float low, float high, struct image out)
{
    enum { STEPS = sizeof scale / sizeof *scale - 1 };
    size_t plane = shape_plane(map.shape);

    for (size_t i = 0; i < plane; i++) {
        float share = high > low ? (map.pixels[i] - low) / (high - low) : 0;
        float at = share > 0 ? share < 1 ? share * STEPS : STEPS : 0;
        size_t step = at < STEPS ? (size_t)at : STEPS - 1;
        for (size_t c = 0; c < 3; c++) {
            float from = channel_of(scale[step], c), to = channel_of(scale[step + 1], c);
            out.pixels[c * plane + i] =
                isnan(map.pixels[i]) ? 0 : from + (at - (float)step) * (to - from);
        }
    }
}
