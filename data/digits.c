/*
 * Digits: ten classes of pen-drawn figures, white on black, for experiments that need no download.
 *
 * Each class has one to three ways of writing it (glyphs), each a few strokes through control
 * points in a unit box: straight, or smooth by Catmull and Rom's spline (1974), which passes
 * through its points. An image bends its glyph by a random displacement field (nine nodes,
 * bilinear between them, so that strokes that meet go on meeting), then scales, slants, turns and
 * moves it, and draws it with a round pen of random width. A pixel's value is the pen's coverage
 * as told by the distance of its centre from the nearest stroke: a ramp one pixel wide.
 *
 * Only + - x / and the square root are used, which IEEE 754 defines to the last bit. The cost is
 * about 60 short segments an image, each touching the pixels of its own bounding box.
 */
#include "data/generated.h"

#include <math.h>
#include <stddef.h>

enum { POINTS = 9, STROKES = 3, GLYPHS = 3, PHASES = 10, NODES = 3 };

struct digits {
    int64_t size;
};

static const struct field fields[] = {
    {"size", FIELD_INTEGER, offsetof(struct digits, size), .minimum = 8, .maximum = 512,
     .default_value = "28", .unit = "pixels", .help = "height and width"},
    {0},
};

struct point {
    double x, y; /* right, down */
};

enum manner { STRAIGHT, SMOOTH, CLOSED };

struct stroke {
    enum manner manner;
    int count; /* of points; 0 ends a glyph */
    struct point points[POINTS];
};

struct glyph {
    struct stroke strokes[STROKES];
};

static const struct {
    int glyphs;
    struct glyph glyph[GLYPHS];
} shapes[10] = {
    {1,
     {{{{CLOSED,
         8,
         {{.5, .04},
          {.26, .16},
          {.17, .5},
          {.26, .84},
          {.5, .96},
          {.74, .84},
          {.83, .5},
          {.74, .16}}}}}}},
    {3,
     {{{{STRAIGHT, 2, {{.5, .04}, {.5, .96}}}}},
      {{{STRAIGHT, 3, {{.3, .24}, {.53, .04}, {.53, .96}}}}},
      {{{STRAIGHT, 3, {{.3, .24}, {.52, .04}, {.52, .96}}},
        {STRAIGHT, 2, {{.27, .96}, {.77, .96}}}}}}},
    {2,
     {{{{SMOOTH, 6, {{.2, .24}, {.38, .06}, {.64, .06}, {.77, .25}, {.62, .53}, {.19, .95}}},
        {STRAIGHT, 2, {{.19, .95}, {.82, .95}}}}},
      {{{SMOOTH,
         9,
         {{.22, .22},
          {.45, .04},
          {.74, .2},
          {.66, .5},
          {.42, .8},
          {.22, .93},
          {.2, .8},
          {.45, .84},
          {.84, .95}}}}}}},
    {2,
     {{{{SMOOTH, 5, {{.22, .14}, {.48, .04}, {.73, .16}, {.69, .37}, {.42, .47}}},
        {SMOOTH, 5, {{.42, .47}, {.71, .54}, {.79, .75}, {.56, .95}, {.2, .86}}}}},
      {{{STRAIGHT, 3, {{.22, .05}, {.74, .05}, {.45, .41}}},
        {SMOOTH, 5, {{.45, .41}, {.72, .5}, {.79, .72}, {.58, .95}, {.2, .87}}}}}}},
    {2,
     {{{{STRAIGHT, 3, {{.28, .06}, {.19, .56}, {.84, .54}}},
        {STRAIGHT, 2, {{.7, .26}, {.64, .97}}}}},
      {{{STRAIGHT, 3, {{.62, .04}, {.15, .66}, {.86, .66}}},
        {STRAIGHT, 2, {{.62, .04}, {.62, .97}}}}}}},
    {1,
     {{{{STRAIGHT, 3, {{.78, .05}, {.31, .05}, {.26, .45}}},
        {SMOOTH, 6, {{.26, .45}, {.53, .37}, {.77, .53}, {.76, .78}, {.52, .96}, {.2, .86}}}}}}},
    {1,
     {{{{SMOOTH,
         9,
         {{.68, .04},
          {.42, .2},
          {.25, .5},
          {.24, .8},
          {.46, .96},
          {.72, .87},
          {.74, .64},
          {.5, .52},
          {.25, .7}}}}}}},
    {3,
     {{{{STRAIGHT, 3, {{.18, .06}, {.8, .06}, {.42, .96}}}}},
      {{{STRAIGHT, 3, {{.18, .06}, {.8, .06}, {.42, .96}}}, {STRAIGHT, 2, {{.38, .5}, {.78, .5}}}}},
      {{{STRAIGHT, 2, {{.18, .08}, {.8, .06}}},
        {SMOOTH, 4, {{.8, .06}, {.63, .35}, {.5, .64}, {.46, .96}}}}}}},
    {1,
     {{{{CLOSED,
         8,
         {{.5, .47},
          {.27, .27},
          {.5, .04},
          {.73, .27},
          {.5, .47},
          {.21, .73},
          {.5, .96},
          {.79, .73}}}}}}},
    {2,
     {{{{CLOSED, 6, {{.73, .26}, {.52, .05}, {.29, .14}, {.25, .37}, {.46, .52}, {.68, .43}}},
        {STRAIGHT, 2, {{.73, .24}, {.64, .96}}}}},
      {{{CLOSED, 6, {{.74, .28}, {.54, .05}, {.3, .13}, {.25, .37}, {.46, .53}, {.69, .45}}},
        {SMOOTH, 4, {{.74, .24}, {.74, .6}, {.62, .89}, {.3, .94}}}}}}},
};

/* How one image is written. */
struct hand {
    struct point bend[NODES][NODES]; /* displacements, in the unit box */
    double sine, cosine, slant, width, height;
    struct point centre; /* pixels */
    double half;         /* of the pen's width, pixels */
};

static struct hand random_hand(double size, struct random_stream *stream)
{
    struct hand hand;

    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < NODES; j++) {
            hand.bend[i][j].x = draw_between(stream, -0.075, 0.075);
            hand.bend[i][j].y = draw_between(stream, -0.05, 0.05);
        }
    double t = draw_between(stream, -0.08, 0.08); /* tan(angle / 2): at most 9 degrees */
    hand.cosine = (1 - t * t) / (1 + t * t);
    hand.sine = 2 * t / (1 + t * t);
    hand.slant = draw_between(stream, -0.12, 0.32); /* most people lean to the right */
    hand.height = size * draw_between(stream, 0.6, 0.74);
    hand.width = hand.height * draw_between(stream, 0.72, 1.02);
    hand.centre.x = size * draw_between(stream, 0.45, 0.55);
    hand.centre.y = size * draw_between(stream, 0.46, 0.54);
    hand.half = size * draw_between(stream, 0.026, 0.062);
    return hand;
}

/* From the unit box to pixels. */
static struct point place(const struct hand *hand, struct point p)
{
    double u = p.x * (NODES - 1), v = p.y * (NODES - 1);
    int j = u < 1 ? 0 : 1, i = v < 1 ? 0 : 1;
    const struct point *up = &hand->bend[i][j], *down = &hand->bend[i + 1][j];
    u -= j;
    v -= i;
    double x = p.x - 0.5 + (1 - v) * ((1 - u) * up[0].x + u * up[1].x) +
               v * ((1 - u) * down[0].x + u * down[1].x);
    double y = p.y - 0.5 + (1 - v) * ((1 - u) * up[0].y + u * up[1].y) +
               v * ((1 - u) * down[0].y + u * down[1].y);
    x = (x - hand->slant * y) * hand->width;
    y *= hand->height;
    struct point pixel = {hand->centre.x + hand->cosine * x - hand->sine * y,
                          hand->centre.y + hand->sine * x + hand->cosine * y};
    return pixel;
}

static double distance(struct point p, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    double t = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double ex = p.x - a.x - t * dx, ey = p.y - a.y - t * dy;
    return sqrt(ex * ex + ey * ey);
}

/* The range of pixels within `reach` of both ends, cut to the image. */
static void pixel_range(double a, double b, double reach, int size, int *first, int *last)
{
    double low = (a < b ? a : b) - reach, high = (a < b ? b : a) + reach;
    *first = low > 0 ? (int)low : 0;
    *last = high < size - 1 ? (int)high : size - 1;
}

static void draw_segment(struct image image, struct point a, struct point b, double half)
{
    int size = image.shape.width, left, right, top, bottom;

    pixel_range(a.x, b.x, half + 1, size, &left, &right);
    pixel_range(a.y, b.y, half + 1, size, &top, &bottom);
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) {
            struct point centre = {x + 0.5, y + 0.5};
            double ink = half + 0.5 - distance(centre, a, b);
            float *pixel = &image.pixels[(size_t)y * (size_t)size + (size_t)x];
            ink = ink > 1 ? 1 : ink;
            if (ink > *pixel)
                *pixel = (float)ink;
        }
}

/* The stroke's control point k, wrapped or repeated beyond the ends. */
static struct point control(const struct stroke *stroke, int k)
{
    if (stroke->manner == CLOSED)
        k = (k + stroke->count) % stroke->count;
    k = k < 0 ? 0 : k >= stroke->count ? stroke->count - 1 : k;
    return stroke->points[k];
}

/* Catmull and Rom's cubic between control points k and k + 1. */
static struct point spline(const struct stroke *stroke, int k, double t)
{
    struct point p[4];
    for (int i = 0; i < 4; i++)
        p[i] = control(stroke, k - 1 + i);
    double a = ((2 - t) * t - 1) * t / 2, b = ((3 * t - 5) * t * t + 2) / 2;
    double c = ((4 - 3 * t) * t + 1) * t / 2, d = (t - 1) * t * t / 2;
    struct point between_them = {a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
                                 a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
    return between_them;
}

static void draw_stroke(struct image image, const struct stroke *stroke, const struct hand *hand)
{
    int spans = stroke->manner == CLOSED ? stroke->count : stroke->count - 1;
    struct point last = place(hand, stroke->points[0]);

    for (int k = 0; k < spans; k++)
        for (int step = 1; step <= PHASES; step++) {
            double t = (double)step / PHASES;
            struct point a = control(stroke, k), b = control(stroke, k + 1);
            struct point line = {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
            struct point next =
                place(hand, stroke->manner == STRAIGHT ? line : spline(stroke, k, t));
            draw_segment(image, last, next, hand->half);
            last = next;
        }
}

static void make(const void *config, struct random_stream *stream, const struct generated *to)
{
    struct image image = to->image;
    (void)config;
    const int class = to->class;
    uint32_t way = random_below(stream, (uint32_t)shapes[class].glyphs);
    struct hand hand = random_hand(image.shape.width, stream);
    const struct stroke *strokes = shapes[class].glyph[way].strokes;
    for (int i = 0; i < STROKES && strokes[i].count; i++)
        draw_stroke(image, &strokes[i], &hand);
}

static void shape_of(const void *config, enum content labels, struct shape *shape, int *count)
{
    const struct digits *digits = config;
    *shape = (struct shape){1, (int)digits->size, (int)digits->size};
    *count = labels == CONTENT_SCORES ? 10 : 0;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    struct generator generator = {.set = "digits", .config = config, .make = make};

    shape_of(config, CONTENT_SCORES, &generator.shape, &generator.class_count);
    return generate(&generator, request, content, error);
}

const struct dataset dataset_digits = {
    .descriptor =
        {
            .name = "digits",
            .summary = "generated: pen-drawn digits of ten classes, grey",
            .fields = fields,
            .config_size = sizeof(struct digits),
            .version = 1,
        },
    .serves = SERVES_IMAGES | SERVES_SCORES,
    .generated = true,
    .shape = shape_of,
    .load = load,
};
