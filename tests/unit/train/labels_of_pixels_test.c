/* Numbers are learnt without their unit, and answered in it; masks are turned with their images. */
#include "graph/rescale.h"
#include "tests/unit/graph.h"
#include "tests/unit/train_bench.h"

void labels_of_pixels_suite(void);

enum { ITEMS = 4 };

static const struct shape one = {2, 1, 1};

/* A network of one layer that has two numbers. */
static void rescaled(struct graph *graph)
{
    static const struct row rows[] = {{"rescale", "rescale", "", {-1, -2}}};

    CU_ASSERT_EQUAL_FATAL(graph_build(graph, rows, 1, one, one), STATUS_OK);
}

/* Mean and deviation are those of the chosen items; what is not known is left out; equal numbers
 * are not scaled. */
static void test_fit(void)
{
    const float values[ITEMS][2] = {{10, 7}, {1000, 7}, {20, 7}, {30, (float)NAN}};
    const uint32_t chosen[] = {0, 2, 3};
    float parameters[4] = {1, 1, 0, 0}, item[2];
    struct image_set targets;
    struct graph graph;

    rescaled(&graph);
    CU_ASSERT_FATAL(rescale_ends(&graph.network));
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&targets, ITEMS, one, NULL), STATUS_OK);
    memcpy(targets.pixels, values, sizeof values);
    rescale_fit(&graph.network, &targets, chosen, 3, parameters);
    CU_ASSERT_DOUBLE_EQUAL((double)parameters[0], sqrt(200.0 / 3), 1e-5);
    CU_ASSERT(parameters[1] == 1);
    CU_ASSERT(parameters[2] == 20 && parameters[3] == 7);
    memcpy(item, values[3], sizeof item);
    rescale_undo(&graph.network, parameters, item);
    CU_ASSERT_DOUBLE_EQUAL((double)item[0], 10 / sqrt(200.0 / 3), 1e-5);
    CU_ASSERT(isnan(item[1]));
    item[0] = item[1] = 3;
    rescale_slopes(&graph.network, parameters, item);
    CU_ASSERT_DOUBLE_EQUAL((double)item[0], 3 / sqrt(200.0 / 3), 1e-6);
    CU_ASSERT(item[1] == 3);
    image_set_release(&targets);
    network_release(&graph.network);
}

/* Half of each image is bright, and of class 1. A network that sees a pixel at a time learns that
 * from flipped and shifted images only where masks go along; what moves in from beyond the edge has
 * no class. One pixel is of no class that is known. */
static void test_masks_turn(void)
{
    const struct shape image = {1, 8, 8}, scores = {2, 8, 8};
    struct image_set masks;
    struct bench bench;

    bench_open(&bench, SMALL,
               "{epochs: 200, batch: 4, shard: 4, learning_rate: 0.05, loss: cross_entropy, "
               "augment: [flip, rotate90, shift: {pixels: 3, fill: zero}]}",
               ITEMS, image, scores);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&masks, ITEMS, image, NULL), STATUS_OK);
    for (size_t i = 0; i < (size_t)ITEMS * 64; i++) {
        bool bright = i / 64 % 2 ? i % 8 < 4 : i % 64 < 32;
        bench.inputs.pixels[i] = bright ? 1 : 0.5F;
        masks.pixels[i] = bright;
    }
    masks.pixels[9] = (float)NAN;
    struct train_items items = {.inputs = &bench.inputs, .targets = &masks, .masks = true};
    struct train_sink sink = {.epoch = see_epoch, .context = &bench};
    CU_ASSERT_EQUAL_FATAL(train_network(&bench.network, &bench.settings, &items, KEY, 1, &sink,
                                        bench.parameters, bench.statistics, &bench.error),
                          STATUS_OK);
    CU_ASSERT(bench.first_loss > 0.3 && bench.last_loss < 0.1);
    masks.pixels[0] = 2;
    CU_ASSERT_EQUAL(train_network(&bench.network, &bench.settings, &items, KEY, 1, NULL,
                                  bench.parameters, bench.statistics, &bench.error),
                    STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(bench.error.message,
                           "item 0 has a pixel of class 2, and the network has 2 outputs");
    image_set_release(&masks);
    bench_close(&bench);
}

void labels_of_pixels_suite(void)
{
    CU_pSuite suite = CU_add_suite("labels_of_pixels", NULL, NULL);
    CU_add_test(suite, "masks are turned along with their images", test_masks_turn);
    CU_add_test(suite, "scale and offset are those of the labels trained on", test_fit);
}
