/* A network shown images of any number and size; observers; memory. */
#include "graph/apply.h"
#include "graph/family.h"
#include "graph/program.h"
#include "networks/engines/registry.h"
#include "tests/property/layer_cases.h"
#include "tests/unit/graph.h"
#include "tests/unit/network_noise.h"
#include "unit/answers.h"

#include <CUnit/CUnit.h>
#include <string.h>

void network_apply_suite(void);

/* A family of the program, with parameters in its table's order. */
struct family_bench {
    struct diagnostics found;
    struct component family;
    int64_t values[8];
    struct network network;
    const struct engine *engine;
    float *parameters, *statistics;
};

static void family_bench_new(struct family_bench *b, const char *name, int64_t first,
                             int64_t second, struct shape input, struct shape target)
{
    struct error error = {0};

    memset(b, 0, sizeof *b);
    CU_ASSERT_EQUAL_FATAL(families_load(TEXTS("networks/families"), &b->found, &error), STATUS_OK);
    b->family.kind = registry_find(families_registry(), name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->family.kind);
    layer_configure(b->family.kind, "", b->values);
    b->values[0] = first;
    b->values[1] = second;
    b->family.config = b->values;
    CU_ASSERT_EQUAL_FATAL(network_new(&b->network, &b->family, input, answer_like(target), &error),
                          STATUS_OK);
    b->engine = engine_of(registry_find(registry_engines(), "openblas"));
    CU_ASSERT_EQUAL_FATAL(b->engine->start(&error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&b->parameters, b->network.parameters, sizeof(float), &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&b->statistics, b->network.statistics, sizeof(float), &error),
                          STATUS_OK);
    network_initialise(&b->network, (struct random_key){.seed = 3}, b->parameters, b->statistics);
}

static void family_bench_release(struct family_bench *b)
{
    memory_free(b->parameters);
    memory_free(b->statistics);
    network_release(&b->network);
    diagnostics_release(&b->found);
    families_release();
}

static enum status apply(const struct family_bench *b, const struct image_set *in, int threads,
                         activation_observer *observer, void *context, struct image_set *out)
{
    return network_apply(&b->family, b->engine, PRECISION_FLOAT32, b->parameters, b->statistics, in,
                         (struct answer){CONTENT_IMAGE, 1}, threads, observer, context, out, NULL);
}

static bool same_sets(const struct image_set *a, const struct image_set *b)
{
    return a->count == b->count &&
           memcmp(a->shapes, b->shapes, a->count * sizeof *a->shapes) == 0 &&
           memcmp(a->pixels, b->pixels, a->offsets[a->count] * sizeof(float)) == 0;
}

/* 41 images of three sizes in a mixed order. */
static void mixed_images(struct image_set *set)
{
    static const struct shape sizes[3] = {{1, 9, 7}, {1, 7, 9}, {1, 12, 12}};
    struct shape shapes[41];

    for (int i = 0; i < 41; i++)
        shapes[i] = sizes[i < 20 ? i % 2 : i * i % 3];
    CU_ASSERT_EQUAL_FATAL(image_set_new(set, 41, shapes, NULL), STATUS_OK);
    fill_noise(set->pixels, set->offsets[41], 8);
}

static void test_apply_mixed(void)
{
    struct family_bench b;
    struct image_set in, out, again, one, single;

    family_bench_new(&b, "dncnn", 3, 5, small, small);
    mixed_images(&in);
    CU_ASSERT_EQUAL_FATAL(apply(&b, &in, 1, NULL, NULL, &out), STATUS_OK);
    for (int threads = 2; threads <= 3; threads++) {
        CU_ASSERT_EQUAL_FATAL(apply(&b, &in, threads, NULL, NULL, &again), STATUS_OK);
        CU_ASSERT_TRUE(same_sets(&out, &again));
        image_set_release(&again);
    }
    for (uint32_t i = 0; i < 41; i++) {
        CU_ASSERT_EQUAL_FATAL(image_set_select(&one, &in, &i, 1, NULL), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(apply(&b, &one, 1, NULL, NULL, &single), STATUS_OK);
        CU_ASSERT_EQUAL(memcmp(single.pixels, out.pixels + out.offsets[i],
                               shape_size(out.shapes[i]) * sizeof(float)),
                        0);
        image_set_release(&one);
        image_set_release(&single);
    }
    image_set_release(&in);
    image_set_release(&out);
    family_bench_release(&b);
}

/* 9 x 7 pixels, for a network that wants multiples of 4: what it makes of the image continued by
 * its mirror image to 12 x 8, without the rest. */
static void test_apply_fits(void)
{
    static const struct shape odd = {1, 9, 7}, even = {1, 12, 8};
    struct family_bench b;
    struct image_set in, out, whole, expected;
    size_t wrong = 0;

    family_bench_new(&b, "unet", 2, 4, even, even);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&in, 2, odd, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&whole, 2, even, NULL), STATUS_OK);
    fill_noise(in.pixels, in.offsets[2], 10);
    for (size_t i = 0; i < 2; i++)
        for (int y = 0; y < 12; y++)
            for (int x = 0; x < 8; x++)
                image_set_at(&whole, i).pixels[y * 8 + x] =
                    image_set_at(&in, i).pixels[(y < 9 ? y : 17 - y) * 7 + (x < 7 ? x : 6)];
    CU_ASSERT_EQUAL_FATAL(apply(&b, &in, 2, NULL, NULL, &out), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(apply(&b, &whole, 2, NULL, NULL, &expected), STATUS_OK);
    CU_ASSERT(shape_equal(out.shapes[1], odd));
    for (size_t i = 0; i < 2; i++)
        for (int y = 0; y < 9; y++)
            wrong += memcmp(image_set_at(&out, i).pixels + (ptrdiff_t)y * 7,
                            image_set_at(&expected, i).pixels + (ptrdiff_t)y * 8,
                            7 * sizeof(float)) != 0;
    CU_ASSERT_EQUAL(wrong, 0);
    image_set_release(&expected);
    image_set_release(&out);
    image_set_release(&whole);
    image_set_release(&in);
    family_bench_release(&b);
}

static void test_apply_empty(void)
{
    struct family_bench b;
    struct image_set none = {0}, out;

    family_bench_new(&b, "dncnn", 3, 5, small, small);
    CU_ASSERT_EQUAL(apply(&b, &none, 2, NULL, NULL, &out), STATUS_OK);
    CU_ASSERT_EQUAL(out.count, 0);
    image_set_release(&out);
    family_bench_release(&b);
}

/* Classes: the same for all threads, and near to what one image alone gives. */
static void test_apply_classes(void)
{
    struct family_bench b;
    struct image_set in, out[2], one, single;
    uint32_t last = 36;

    family_bench_new(&b, "lenet5", 6, 0, digit, classes);
    CU_ASSERT_EQUAL(b.network.parameters, 61706);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&in, 37, digit, NULL), STATUS_OK);
    fill_noise(in.pixels, in.offsets[37], 9);
    for (int t = 0; t < 2; t++)
        CU_ASSERT_EQUAL_FATAL(network_apply(&b.family, b.engine, PRECISION_FLOAT32, b.parameters,
                                            b.statistics, &in, (struct answer){CONTENT_SCORES, 10},
                                            1 + 2 * t, NULL, NULL, &out[t], NULL),
                              STATUS_OK);
    CU_ASSERT_TRUE(same_sets(&out[0], &out[1]));
    CU_ASSERT_EQUAL_FATAL(image_set_select(&one, &in, &last, 1, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(network_apply(&b.family, b.engine, PRECISION_FLOAT32, b.parameters,
                                        b.statistics, &one, (struct answer){CONTENT_SCORES, 10}, 1,
                                        NULL, NULL, &single, NULL),
                          STATUS_OK);
    for (int c = 0; c < 10; c++)
        CU_ASSERT_DOUBLE_EQUAL(single.pixels[c], out[0].pixels[360 + c], 1e-5);
    image_set_release(&single);
    image_set_release(&one);
    image_set_release(&out[0]);
    image_set_release(&out[1]);
    image_set_release(&in);
    family_bench_release(&b);
}

struct watch {
    const struct image_set *out;
    size_t next, node; /* expected */
    bool right;
    int left; /* calls until it fails */
};

static enum status watcher(void *context, const struct network *network, size_t node, size_t first,
                           int count, const float *values, struct error *error)
{
    struct watch *watch = context;
    size_t size = shape_size(network->nodes[node].out);

    watch->right = watch->right && first == watch->next && node == watch->node;
    if (++watch->node == network->count) {
        watch->right =
            watch->right && memcmp(values, watch->out->pixels + watch->out->offsets[first],
                                   (size_t)count * size * sizeof(float)) == 0;
        watch->node = 0;
        watch->next += (size_t)count;
    }
    return --watch->left ? STATUS_OK : error_set(error, STATUS_IO, "enough");
}

/* The observer sees every image once, in order, and the last node's values are the outputs. */
static void test_observer(void)
{
    struct family_bench b;
    struct image_set in, plain, out;

    family_bench_new(&b, "dncnn", 3, 5, small, small);
    mixed_images(&in);
    CU_ASSERT_EQUAL_FATAL(apply(&b, &in, 2, NULL, NULL, &plain), STATUS_OK);
    struct watch watch = {.out = &plain, .right = true};
    CU_ASSERT_EQUAL(apply(&b, &in, 2, watcher, &watch, &out), STATUS_OK);
    CU_ASSERT_TRUE(watch.right);
    CU_ASSERT_EQUAL(watch.next, 41);
    CU_ASSERT_TRUE(same_sets(&plain, &out));
    image_set_release(&out);
    watch = (struct watch){.out = &plain, .right = true, .left = 10};
    CU_ASSERT_EQUAL(apply(&b, &in, 2, watcher, &watch, &out), STATUS_IO);
    CU_ASSERT_PTR_NULL(out.pixels);
    image_set_release(&plain);
    image_set_release(&in);
    family_bench_release(&b);
}

/* Fail the n-th allocation, for every n, until it works; leaks show under the sanitizer. */
static void test_allocation(void)
{
    struct family_bench b;
    struct image_set in, whole, out;
    size_t n = 1;

    family_bench_new(&b, "dncnn", 3, 5, small, small);
    mixed_images(&in);
    CU_ASSERT_EQUAL_FATAL(apply(&b, &in, 2, NULL, NULL, &whole), STATUS_OK);
    for (;; n++) {
        memory_fail_at(n);
        enum status status = apply(&b, &in, 2, NULL, NULL, &out);
        memory_fail_at(0);
        if (status == STATUS_OK)
            break;
        CU_ASSERT_EQUAL_FATAL(status, STATUS_MEMORY);
        CU_ASSERT_PTR_NULL(out.pixels);
    }
    CU_ASSERT(n > 10);
    CU_ASSERT_TRUE(same_sets(&whole, &out));
    image_set_release(&whole);
    image_set_release(&out);
    image_set_release(&in);
    family_bench_release(&b);
}

void network_apply_suite(void)
{
    CU_pSuite suite = CU_add_suite("network_apply", NULL, NULL);
    CU_add_test(suite, "images of mixed sizes, any number of threads", test_apply_mixed);
    CU_add_test(suite, "no images", test_apply_empty);
    CU_add_test(suite, "images that do not fit are continued by their mirror image",
                test_apply_fits);
    CU_add_test(suite, "classes", test_apply_classes);
    CU_add_test(suite, "the observer sees all in order", test_observer);
    CU_add_test(suite, "every allocation may fail", test_allocation);
}
