/* Large images in tiles: how far networks see, and that no seam is left. */
#include "graph/apply.h"
#include "graph/image_tiles.h"
#include "networks/engines/registry.h"
#include "tests/unit/choose_family.h"
#include "unit/answers.h"

#include <math.h>
#include <stdlib.h>

void image_tiles_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

struct bench {
    struct arena arena;
    struct component family;
    struct network network;
    const struct engine *engine;
    float *parameters, *statistics;
};

static void bench_new(struct bench *b, const char *choice, int side)
{
    const struct shape shape = {1, side, side};

    memset(b, 0, sizeof *b);
    load_families("networks/families");
    b->family = choose_family(choice, &b->arena);
    OK(network_new(&b->network, &b->family, shape, answer_like(shape), &error));
    b->engine = engine_of(registry_find(registry_engines(), "openblas"));
    OK(b->engine->start(&error));
    OK(memory_new(&b->parameters, b->network.parameters, sizeof(float), &error));
    OK(memory_new(&b->statistics, b->network.statistics, sizeof(float), &error));
    network_initialise(&b->network, (struct random_key){.seed = 3}, b->parameters, b->statistics);
    for (size_t i = 0; i < b->network.parameters; i++) /* the last layers of some start from 0 */
        b->parameters[i] += (float)((i * 40503U >> 4) % 64) / 640 - 0.05F;
}

static void bench_release(struct bench *b)
{
    memory_free(b->parameters);
    memory_free(b->statistics);
    network_release(&b->network);
    families_release();
    arena_release(&b->arena);
}

static void apply(const struct bench *b, const struct image_set *in, int threads,
                  struct image_set *out)
{
    OK(network_apply(&b->family, b->engine, PRECISION_FLOAT32, b->parameters, b->statistics, in,
                     (struct answer){CONTENT_IMAGE, 1}, threads, NULL, NULL, out, &error));
}

static void fill(struct image_set *set, size_t count, const struct shape *shapes)
{
    OK(image_set_new(set, count, shapes, &error));
    for (size_t i = 0; i < set->offsets[count]; i++)
        set->pixels[i] = (float)((i * 2654435761U >> 8) % 1024) / 1024;
}

static const char *const families[] = {
    "dncnn, depth: 4, width: 4",
    "red_cnn, width: 4",
    "unet, width: 4",
    "autoencoder",
};

/* A pixel that changes changes nothing beyond the reach, and something near its end. */
static void pixels_reach_so_far(void)
{
    enum { SIDE = 96, AT = 45 };
    struct bench b;

    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        struct image_set in, out[2];
        int reach, multiple, furthest = 0;
        bench_new(&b, families[f], SIDE);
        if (!network_reach(&b.network, &reach, &multiple)) {
            bench_release(&b);
            continue;
        }
        fill(&in, 1, &(struct shape){1, SIDE, SIDE});
        for (int t = 0; t < 2; t++) {
            in.pixels[AT * SIDE + AT] += 2 * (float)t;
            apply(&b, &in, 1, &out[t]);
        }
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                int distance = abs(y - AT) > abs(x - AT) ? abs(y - AT) : abs(x - AT);
                if (out[0].pixels[y * SIDE + x] != out[1].pixels[y * SIDE + x])
                    furthest = distance > furthest ? distance : furthest;
            }
        CU_ASSERT(furthest <= reach);
        CU_ASSERT(2 * furthest >= reach || reach > SIDE / 2);
        for (int t = 0; t < 2; t++)
            image_set_release(&out[t]);
        image_set_release(&in);
        bench_release(&b);
    }
}

static void reach_of_families(void)
{
    struct bench b;
    int reach, multiple;

    bench_new(&b, "dncnn, depth: 5, width: 2", 64);
    CU_ASSERT(network_reach(&b.network, &reach, &multiple));
    CU_ASSERT_EQUAL(reach, 5);
    CU_ASSERT_EQUAL(multiple, 1);
    bench_release(&b);
    bench_new(&b, "red_cnn, width: 2", 64);
    CU_ASSERT(network_reach(&b.network, &reach, &multiple));
    CU_ASSERT_EQUAL(reach, 40); /* five times 5 x 5, and back */
    bench_release(&b);
    bench_new(&b, "unet, width: 2", 64);
    CU_ASSERT(network_reach(&b.network, &reach, &multiple));
    CU_ASSERT(multiple > 1);
    bench_release(&b);
}

/* Tiles cover the image once, and see far enough. */
static void tiles_cover_all(void)
{
    enum { HEIGHT = 517, WIDTH = 803 };
    static unsigned char met[HEIGHT][WIDTH];
    struct bench b;
    struct image_tile *tiles;
    size_t count;

    bench_new(&b, "dncnn, depth: 3, width: 128", 64);
    OK(image_tiles_find(&b.family, (struct shape){1, 100, 100}, (struct answer){CONTENT_IMAGE, 1},
                        &tiles, &count, &error));
    CU_ASSERT_EQUAL(count, 0);
    OK(image_tiles_find(&b.family, (struct shape){1, HEIGHT, WIDTH},
                        (struct answer){CONTENT_IMAGE, 1}, &tiles, &count, &error));
    CU_ASSERT_FATAL(count > 3);
    for (size_t t = 0; t < count; t++) {
        const struct image_tile *tile = &tiles[t];
        int bottom = tile->core_top + tile->core_height, right = tile->core_left + tile->core_width;
        CU_ASSERT(tile->top == 0 || tile->core_top - tile->top >= 3);
        CU_ASSERT(tile->left == 0 || tile->core_left - tile->left >= 3);
        CU_ASSERT(tile->top + tile->shape.height == HEIGHT ||
                  tile->top + tile->shape.height - bottom >= 3);
        CU_ASSERT(tile->left + tile->shape.width == WIDTH ||
                  tile->left + tile->shape.width - right >= 3);
        CU_ASSERT(shape_plane(tile->shape) * 128 <= NETWORK_MOST_VALUES);
        CU_ASSERT(shape_equal(tile->shape, tiles[0].shape)); /* one network serves all */
        for (int y = tile->core_top; y < bottom; y++)
            for (int x = tile->core_left; x < right; x++)
                met[y][x]++;
    }
    size_t once = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            once += met[y][x] == 1;
    CU_ASSERT_EQUAL(once, (size_t)HEIGHT * WIDTH);
    memory_free(tiles);
    bench_release(&b);
}

/* Across the seams, a large image gets what a part of it gets that is seen whole; the same bits for
 * any number of threads. */
static void no_seams(void)
{
    enum { SIDE = 530, PART = 300, FROM = 120, REACH = 2 };
    const struct shape shapes[] = {{1, SIDE, SIDE}, {1, PART, PART}};
    struct image_set in, large, part, out[2], whole;
    const uint32_t first = 0, second = 1;
    struct bench b;
    double worst = 0;

    bench_new(&b, "dncnn, depth: 2, width: 128", 64);
    fill(&in, 2, shapes);
    for (int y = 0; y < PART; y++)
        memcpy(image_set_at(&in, 1).pixels + y * PART, in.pixels + (y + FROM) * SIDE + FROM,
               PART * sizeof(float));
    OK(image_set_select(&large, &in, &first, 1, &error));
    OK(image_set_select(&part, &in, &second, 1, &error));
    for (int t = 0; t < 2; t++)
        apply(&b, &large, 1 + t, &out[t]);
    apply(&b, &part, 1, &whole);
    CU_ASSERT(memcmp(out[0].pixels, out[1].pixels, (size_t)SIDE * SIDE * sizeof(float)) == 0);
    for (int y = REACH; y < PART - REACH; y++)
        for (int x = REACH; x < PART - REACH; x++)
            worst = fmax(worst, fabs(out[0].pixels[(y + FROM) * SIDE + x + FROM] -
                                     whole.pixels[y * PART + x]));
    CU_ASSERT(worst < 1e-5);
    CU_ASSERT(fabs(out[0].pixels[0] - out[0].pixels[SIDE * SIDE / 2]) > 1e-3);
    for (int t = 0; t < 2; t++)
        image_set_release(&out[t]);
    image_set_release(&whole);
    image_set_release(&large);
    image_set_release(&part);
    image_set_release(&in);
    bench_release(&b);
}

/* A mask names the class with the largest score, across the seams, too. */
static void masks_name_the_largest(void)
{
    enum { SIDE = 530, CLASSES = 3, PLANE = SIDE * SIDE };
    const struct answer answer = {CONTENT_MASK, CLASSES};
    struct image_set in, mask, scores;
    struct arena arena = {0};
    struct network network;
    size_t wrong = 0, named[CLASSES] = {0};
    float *parameters, *statistics;

    load_families("networks/families");
    struct component family = choose_family("fcn, depth: 2, width: 128, dilation: 1", &arena);
    const struct engine *engine = engine_of(registry_find(registry_engines(), "openblas"));
    OK(engine->start(&error));
    fill(&in, 1, &(struct shape){1, SIDE, SIDE});
    OK(network_new(&network, &family, (struct shape){1, 64, 64}, answer, &error));
    OK(memory_new(&parameters, network.parameters, sizeof(float), &error));
    OK(memory_new(&statistics, network.statistics, sizeof(float), &error));
    network_initialise(&network, (struct random_key){.seed = 3}, parameters, statistics);
    OK(network_apply(&family, engine, PRECISION_FLOAT32, parameters, statistics, &in, answer, 2,
                     NULL, NULL, &mask, &error));
    OK(network_scores(&family, engine, PRECISION_FLOAT32, parameters, statistics, &in, answer, 1,
                      &scores, &error));
    CU_ASSERT(shape_equal(mask.shapes[0], (struct shape){1, SIDE, SIDE}));
    CU_ASSERT_FATAL(shape_equal(scores.shapes[0], (struct shape){CLASSES, SIDE, SIDE}));
    for (size_t i = 0; i < PLANE; i++) {
        size_t best = 0;
        for (size_t c = 1; c < CLASSES; c++)
            best = scores.pixels[c * PLANE + i] > scores.pixels[best * PLANE + i] ? c : best;
        wrong += mask.pixels[i] != (float)best;
        named[best]++;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT((named[0] > 0) + (named[1] > 0) + (named[2] > 0) >= 2);
    memory_free(parameters);
    memory_free(statistics);
    network_release(&network);
    image_set_release(&in);
    image_set_release(&mask);
    image_set_release(&scores);
    families_release();
    arena_release(&arena);
}

void image_tiles_suite(void)
{
    CU_pSuite suite = CU_add_suite("image_tiles", NULL, NULL);

    CU_add_test(suite, "how far families see", reach_of_families);
    CU_add_test(suite, "a pixel changes nothing beyond the reach", pixels_reach_so_far);
    CU_add_test(suite, "tiles cover the image once, and see enough", tiles_cover_all);
    CU_add_test(suite, "no seams", no_seams);
    CU_add_test(suite, "masks name the largest score", masks_name_the_largest);
}
