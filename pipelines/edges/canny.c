/*
 * Canny: a mask of edges, one pixel wide.
 *
 * The image is blurred; Sobel's gradient has a length and a direction at each pixel; a pixel is a
 * candidate where the length is not less than on both sides of it in the gradient's direction,
 * between neighbours by interpolation; candidates above `high` are edges, and so are those above
 * `low` that are connected to one (8 neighbours). J. Canny, "A computational approach to edge
 * detection", IEEE PAMI 8(6), 1986.
 *
 * It equals skimage.feature.canny(image, sigma, low, high, mode="reflect"), which counts lengths as
 * here, 8 times the slope, and finds no edge in the image's outermost pixels. OpenCV's Canny does
 * not blur, and compares with whole neighbours: of the test's scene, blurred, 2.8% of the pixels
 * differ. Cost: the blur, two gradients a pixel, a root.
 */
#include "base/interrupt.h"
#include "pipelines/edges/gradient.h"
#include "pipelines/smoothing/gaussian.h"
#include "pipelines/stage_shapes.h"

#include <math.h>

enum { NO_EDGE, WEAK, EDGE };

struct canny {
    double sigma, low, high;
};

static const struct field fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct canny, sigma), .minimum = 0.01, .maximum = 50,
     .default_value = "1", .unit = "pixels", .help = "standard deviation of the blur"},
    {"low", FIELD_REAL, offsetof(struct canny, low), .minimum = 0, .maximum = 2040,
     .default_value = "25.5", .unit = "grey levels",
     .help = "what goes on from an edge: at least this length of Sobel's gradient, 8 times the "
             "slope"},
    {"high", FIELD_REAL, offsetof(struct canny, high), .minimum = 0, .maximum = 2040,
     .default_value = "51", .unit = "grey levels", .help = "what is an edge by itself"},
    {0},
};

/* The gradient's length; each pixel's place in the mask; and the blur's, whose memory comes last.
 */
static size_t canny_scratch(const void *config, struct shape in)
{
    return 2 * shape_plane(in) + gaussian_blur_scratch(((const struct canny *)config)->sigma, in);
}

static void lengths(struct image smooth, float *length)
{
    int height = smooth.shape.height, width = smooth.shape.width;

    for (int y = 0; y < height && !interrupt_requested(); y++) {
        struct gradient_rows rows = gradient_rows_at(smooth.pixels, height, width, y);
        for (int x = 0; x < width; x++) {
            struct gradient g = gradient_at(&rows, x);
            *length++ = sqrtf(g.down * g.down + g.right * g.right);
        }
    }
}

/* Is the pixel's length not less than on both sides? `side` is the nearest neighbour in the
 * gradient's direction, `corner` the next one, each as a step in the plane. */
static bool is_largest(const float *length, long side, long corner, float weight)
{
    float ahead = length[corner] * weight + length[side] * (1 - weight);
    float behind = length[-corner] * weight + length[-side] * (1 - weight);

    return ahead <= *length && behind <= *length;
}

/* Of the four sectors that the direction may be in, the last one counts where it is between two. */
static bool is_candidate(const float *length, struct gradient g, long width)
{
    float down = fabsf(g.down), right = fabsf(g.right);
    bool falling = (g.down >= 0 && g.right >= 0) || (g.down <= 0 && g.right <= 0);
    bool rising = (g.down <= 0 && g.right >= 0) || (g.down >= 0 && g.right <= 0);

    if (!(*length > 0))
        return false;
    if (rising && down >= right)
        return is_largest(length, -width, 1 - width, right / down);
    if (rising)
        return is_largest(length, 1, 1 - width, down / right);
    if (falling && down <= right)
        return is_largest(length, 1, width + 1, down / right);
    return is_largest(length, width, width + 1, right / down);
}

static void find_candidates(struct image smooth, const float *length, const struct canny *canny,
                            uint32_t *edges)
{
    int height = smooth.shape.height, width = smooth.shape.width;
    float low = (float)(canny->low / 255), high = (float)(canny->high / 255);

    for (int y = 0; y < height && !interrupt_requested(); y++) {
        struct gradient_rows rows = gradient_rows_at(smooth.pixels, height, width, y);
        for (int x = 0; x < width; x++, length++, edges++) {
            *edges = NO_EDGE;
            if (y == 0 || x == 0 || y == height - 1 || x == width - 1 || !(*length >= low))
                continue;
            if (is_candidate(length, gradient_at(&rows, x), width))
                *edges = *length >= high ? EDGE : WEAK;
        }
    }
}

/* Weak candidates around edges become edges; `list` holds those whose neighbours are to be seen.
 * No candidate is at the border. */
static void follow(uint32_t *edges, uint32_t size, uint32_t width, uint32_t *list)
{
    const uint32_t steps[8] = {0 - width - 1, 0 - width, 1 - width, 0 - 1U, 1,
                               width - 1,     width,     width + 1};
    uint32_t count = 0;

    for (uint32_t i = 0; i < size; i++)
        if (edges[i] == EDGE)
            list[count++] = i;
    for (size_t turn = 0; count && !interrupt_at(turn); turn++) {
        uint32_t at = list[--count];
        for (int k = 0; k < 8; k++)
            if (edges[at + steps[k]] == WEAK) {
                edges[at + steps[k]] = EDGE;
                list[count++] = at + steps[k];
            }
    }
}

static void canny_run(const void *config, const void *state, struct image in, struct image out,
                      float *scratch)
{
    const struct canny *canny = config;
    size_t size = shape_plane(in.shape);
    uint32_t *edges = (uint32_t *)(void *)(scratch + size), *list = (uint32_t *)(void *)scratch;

    (void)state;
    gaussian_blur(canny->sigma, in, out, scratch + 2 * size);
    lengths(out, scratch);
    find_candidates(out, scratch, canny, edges);
    if (interrupt_requested())
        return;
    follow(edges, (uint32_t)size, (uint32_t)in.shape.width, list);
    for (size_t i = 0; i < size; i++)
        out.pixels[i] = edges[i] == EDGE ? 1 : 0;
}

/* At most: every pixel is a candidate. */
static struct operations canny_count(const void *config, struct shape in, struct answer answer)
{
    double size = (double)shape_plane(in);
    struct operations operations = {
        .additions = (2 * (6 + 2) + 1) * size, /* two gradients; 1 - weight */
        .multiply_adds = (2 * 2 + 1 + 2) * size,
        .multiplications = (1 + 2) * size,
        .divisions = (1 + 1) * size,           /* the root, the weight */
        .comparisons = (2 + 4 + 2 + 8) * size, /* low, high; direction; sides; neighbours */
    };

    (void)answer;
    return operations_add(operations,
                          gaussian_blur_operations(((const struct canny *)config)->sigma, in));
}

const struct stage stage_canny = {
    .descriptor = {"canny", "a mask of edges, by the gradient's maxima and hysteresis",
                   "Canny, A computational approach to edge detection, 1986", fields,
                   sizeof(struct canny), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_MASK,
    .shape = shape_of_plane,
    .scratch = canny_scratch,
    .run = canny_run,
    .scalar = true,
    .count = canny_count,
};
