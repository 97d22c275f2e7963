#include "interfaces/dataset.h"

#include "base/memory.h"
#include "data/registry.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

void generated_suite(void);

extern const struct dataset dataset_cells, dataset_digits, dataset_leaves, dataset_shapes_stereo;

static enum status load_labels(const struct dataset *set, const void *config, enum content labels,
                               size_t train, size_t test, int threads,
                               struct dataset_content *content)
{
    struct dataset_request request = {"", 5, train, test, threads, NULL, labels};
    return set->load(config, &request, content, NULL);
}

static enum status load(const struct dataset *set, const void *config, size_t train, size_t test,
                        int threads, struct dataset_content *content)
{
    return load_labels(set, config, CONTENT_IMAGE, train, test, threads, content);
}

static void same_images(const struct image_set *a, const struct image_set *b, size_t count)
{
    CU_ASSERT_FATAL(a->count >= count && b->count >= count);
    CU_ASSERT(a->offsets[count] == b->offsets[count]);
    CU_ASSERT(memcmp(a->pixels, b->pixels, a->offsets[count] * sizeof(float)) == 0);
}

static void same_pools(const struct dataset_pool *a, const struct dataset_pool *b, size_t count)
{
    same_images(&a->images, &b->images, count);
    if (a->classes)
        CU_ASSERT(memcmp(a->classes, b->classes, count) == 0);
    CU_ASSERT_FATAL(!a->truth == !b->truth);
    if (!a->truth)
        return;
    if (a->truth->numbers) {
        CU_ASSERT(memcmp(a->truth->numbers, b->truth->numbers,
                         count * (size_t)a->truth->number_count * sizeof(float)) == 0);
    } else
        same_images(&a->truth->images.images, &b->truth->images.images, count);
}

/* What it says of all images: as many, of the shape that the labels have. */
static void check_truth(const struct dataset *set, const void *config, enum content labels,
                        const struct dataset_content *content)
{
    const struct dataset_answers *truth = content->train.truth;
    struct answer answer = {labels, 0};
    struct shape shape;

    set->shape(config, labels, &shape, &answer.count);
    CU_ASSERT(content->count == answer.count ||
              (labels == CONTENT_IMAGE && set->serves & SERVES_SCORES));
    bool own = labels != CONTENT_IMAGE && labels != CONTENT_SCORES;
    CU_ASSERT_FATAL(!truth == !own);
    if (!own)
        return;
    struct image_set numbers = {0};
    CU_ASSERT(truth->count == content->train.images.count && dataset_answers_have(truth, 0));
    if (labels == CONTENT_NUMBERS) {
        uint32_t last = (uint32_t)truth->count - 1;
        CU_ASSERT_EQUAL(dataset_answers_numbers(truth, &last, 1, &numbers, NULL), STATUS_OK);
        CU_ASSERT(truth->number_count == answer.count && numbers.count == 1 &&
                  shape_equal(numbers.shapes[0], answer_shape(answer, shape)));
        CU_ASSERT(numbers.pixels[0] == truth->numbers[last * (uint32_t)answer.count]);
    } else
        CU_ASSERT(shape_equal(truth->images.images.shapes[0], answer_shape(answer, shape)));
    image_set_release(&numbers);
}

/* Every generated set: 1 and 3 threads give the same bits, a larger request begins with the
 * smaller one, the pools differ, pixels lie in [0, 1], `all` is refused. */
static void check_generated(const struct dataset *set, enum content labels)
{
    struct dataset_content one, three;
    struct dataset_request endless = {"", 5, SIZE_MAX, 1, 1, NULL, labels};
    struct error error = {0};
    void *config;

    CU_ASSERT_FATAL(memory_new(&config, 1, set->descriptor.config_size, NULL) == STATUS_OK);
    defaults_fill(&set->descriptor, config);
    CU_ASSERT_FATAL(load_labels(set, config, labels, 37, 11, 1, &one) == STATUS_OK);
    CU_ASSERT_FATAL(load_labels(set, config, labels, 50, 11, 3, &three) == STATUS_OK);
    same_pools(&one.train, &three.train, 37);
    same_pools(&one.test, &three.test, 11);
    CU_ASSERT(one.sha256[0] == '\0');
    check_truth(set, config, labels, &one);
    CU_ASSERT(memcmp(one.train.images.pixels, one.test.images.pixels,
                     one.test.images.offsets[1] * sizeof(float)) != 0);
    for (size_t i = 0; i < one.train.images.offsets[37]; i++)
        CU_ASSERT(one.train.images.pixels[i] >= 0 && one.train.images.pixels[i] <= 1);
    dataset_content_release(&one);
    dataset_content_release(&three);
    CU_ASSERT(set->load(config, &endless, &one, &error) == STATUS_CONFIG);
    memory_free(config);
}

static void every_generated_set(void)
{
    const struct registry *registry = registry_datasets();
    int generated = 0;

    for (size_t i = 0; i < registry->count; i++) {
        const struct dataset *set = dataset_of(registry->rows[i]);
        if (!set->generated)
            continue;
        for (int labels = 0; labels < CONTENTS; labels++)
            if (set->serves >> labels & 1)
                check_generated(set, (enum content)labels);
        generated++;
    }
    CU_ASSERT(generated >= 4);
}

static void seeds_make_other_images(void)
{
    int64_t size = 28;
    struct dataset_content a, b;
    struct dataset_request request = {"", 1, 10, 0, 1, NULL, CONTENT_IMAGE};

    CU_ASSERT_FATAL(dataset_digits.load(&size, &request, &a, NULL) == STATUS_OK);
    request.seed = 2;
    CU_ASSERT_FATAL(dataset_digits.load(&size, &request, &b, NULL) == STATUS_OK);
    for (size_t i = 0; i < 10; i++)
        CU_ASSERT(memcmp(image_set_at(&a.train.images, i).pixels,
                         image_set_at(&b.train.images, i).pixels, 784 * sizeof(float)) != 0);
    dataset_content_release(&a);
    dataset_content_release(&b);
}

/* Ink covers a part of the image like MNIST's (19 % of pixels are not black there), and never
 * touches the border: no digit is cut. */
static void digits_lie_within(void)
{
    int64_t size = 28;
    struct dataset_content content;
    size_t ink = 0;

    CU_ASSERT_FATAL(load(&dataset_digits, &size, 1000, 0, 2, &content) == STATUS_OK);
    const struct image_set *set = &content.train.images;
    for (size_t i = 0; i < set->offsets[1000]; i++)
        ink += set->pixels[i] > 0;
    CU_ASSERT(ink > 784 * 1000 / 10 && ink < 784 * 1000 / 4);
    for (size_t i = 0; i < 1000; i++)
        for (int k = 0; k < 28; k++) {
            const float *pixels = image_set_at(set, i).pixels;
            CU_ASSERT(pixels[k] == 0 && pixels[27 * 28 + k] == 0);
            CU_ASSERT(pixels[k * 28] == 0 && pixels[k * 28 + 27] == 0);
        }
    dataset_content_release(&content);
}

/* Parts of a mask that hang together, by sides or corners; they are erased. */
static void erase_part(float *mask, int size, int x, int y)
{
    if (x < 0 || y < 0 || x >= size || y >= size || mask[y * size + x] == 0)
        return;
    mask[y * size + x] = 0;
    for (int v = -1; v <= 1; v++)
        for (int u = -1; u <= 1; u++)
            erase_part(mask, size, x + u, y + v);
}

static int erase_parts(float *mask, int size)
{
    int parts = 0;

    for (int i = 0; i < size * size; i++)
        if (mask[i] > 0) {
            erase_part(mask, size, i % size, i / size);
            parts++;
        }
    return parts;
}

/* A line of ground parts cells that touch: each cell is one part of the mask, and they are as many
 * as the count says. Cells are brighter than the ground about them. */
static void cells_are_parted(void)
{
    char config[256] = {0};
    struct dataset_content masks, counts;
    double light[2] = {0}, pixels[2] = {0};

    defaults_fill(&dataset_cells.descriptor, config);
    CU_ASSERT_FATAL(load_labels(&dataset_cells, config, CONTENT_MASK, 300, 0, 2, &masks) ==
                    STATUS_OK);
    CU_ASSERT_FATAL(load_labels(&dataset_cells, config, CONTENT_NUMBERS, 300, 0, 2, &counts) ==
                    STATUS_OK);
    same_images(&masks.train.images, &counts.train.images, 300);
    struct image_set *truth = &masks.train.truth->images.images;
    for (size_t i = 0; i < truth->offsets[300]; i++) {
        CU_ASSERT_FATAL(truth->pixels[i] == 0 || truth->pixels[i] == 1);
        light[(int)truth->pixels[i]] += masks.train.images.pixels[i];
        pixels[(int)truth->pixels[i]]++;
    }
    CU_ASSERT(light[1] / pixels[1] > 1.5 * light[0] / pixels[0]);
    CU_ASSERT(pixels[1] > 0.1 * pixels[0] && pixels[1] < 0.4 * pixels[0]);
    for (size_t i = 0; i < 300; i++) {
        float count = counts.train.truth->numbers[i];
        CU_ASSERT(count >= 4 && count <= 14);
        CU_ASSERT(count == (float)erase_parts(image_set_at(truth, i).pixels, 64));
    }
    dataset_content_release(&masks);
    dataset_content_release(&counts);
}

/* Where a disparity is known, the right image shows the same point there; without noise and
 * difference of brightness, and where the surface is flat, it has the same value. */
static void pairs_match(void)
{
    struct {
        int64_t size, fewest, most, max_disparity;
        double noise, brightness;
    } config = {64, 3, 6, 8, 0, 0};
    struct dataset_content content;
    double sum = 0, shifted = 0;
    size_t known = 0, unknown = 0;

    CU_ASSERT_FATAL(load_labels(&dataset_shapes_stereo, &config, CONTENT_MAP, 100, 0, 2,
                                &content) == STATUS_OK);
    for (size_t i = 0; i < 100; i++) {
        const float *left = image_set_at(&content.train.images, i).pixels, *right = left + 64 * 64;
        const float *truth = image_set_at(&content.train.truth->images.images, i).pixels;
        for (int p = 0; p < 64 * 64; p++) {
            if (isnan(truth[p])) {
                unknown++;
                continue;
            }
            CU_ASSERT_FATAL(truth[p] >= 0 && truth[p] <= 8 && truth[p] <= (float)(p % 64));
            int whole = (int)floorf(truth[p] + 0.5F);
            sum += fabsf(left[p] - right[p - whole]);
            shifted += fabsf(left[p] - right[p]);
            known++;
        }
    }
    CU_ASSERT(unknown > known / 20 && unknown < known / 5);
    CU_ASSERT(sum < 0.6 * shifted);
    dataset_content_release(&content);
}

static void add_to(struct hash *hash, const struct image_set *set)
{
    CU_ASSERT(hash_bytes(hash, set->pixels, set->offsets[set->count] * sizeof(float), NULL) ==
              STATUS_OK);
}

/* Of the training images, and of what is true of them. */
static void expect_bits(const struct dataset *set, const void *config, enum content labels,
                        size_t count, const char *expected)
{
    struct dataset_content content;
    struct hash hash = {0};
    char digest[HASH_TEXT];

    CU_ASSERT_FATAL(load_labels(set, config, labels, count, 0, 2, &content) == STATUS_OK);
    CU_ASSERT_FATAL(hash_begin(&hash, NULL) == STATUS_OK);
    add_to(&hash, &content.train.images);
    if (content.train.truth && content.train.truth->numbers) {
        CU_ASSERT(hash_bytes(&hash, content.train.truth->numbers, count * sizeof(float), NULL) ==
                  STATUS_OK);
    } else if (content.train.truth)
        add_to(&hash, &content.train.truth->images.images);
    CU_ASSERT(hash_end(&hash, digest, NULL) == STATUS_OK);
    CU_ASSERT_STRING_EQUAL(digest, expected);
    dataset_content_release(&content);
}

/* A change of these bits must raise the set's version. */
static void bits_are_pinned(void)
{
    struct {
        int64_t height, width, colour;
        double smallest;
    } leaves = {24, 40, 1, 2};
    int64_t size = 28;
    char config[256] = {0};

    expect_bits(&dataset_digits, &size, CONTENT_IMAGE, 100,
                "9dfa0e3c4874948c1148e5875811a375d8d068293083a641ed596b6c9cc04af5");
    expect_bits(&dataset_leaves, &leaves, CONTENT_IMAGE, 20,
                "dea63a3a170a7e46b3eb36b39bf496357700d1a50ef42d83554a365cfd6cf6f8");
    defaults_fill(&dataset_cells.descriptor, config);
    expect_bits(&dataset_cells, config, CONTENT_MASK, 20,
                "50f22f71fc4fbfb4049c31d09a67922e10b3b6965be5147bee0ac4108771e53c");
    expect_bits(&dataset_cells, config, CONTENT_NUMBERS, 20,
                "9fcfff39cfc54a8b9a1449b1fc2ee36da286fe28e818108cf19db5b6e81f7ae7");
    defaults_fill(&dataset_shapes_stereo.descriptor, config);
    expect_bits(&dataset_shapes_stereo, config, CONTENT_MAP, 20,
                "9e819af40eba78c1426be827f1124fc3229809d8922be2937d842968ac5d48a8");
}

void generated_suite(void)
{
    CU_pSuite suite = CU_add_suite("generated", NULL, NULL);

    CU_add_test(suite, "every generated set", every_generated_set);
    CU_add_test(suite, "another seed makes other images", seeds_make_other_images);
    CU_add_test(suite, "digits lie within their image", digits_lie_within);
    CU_add_test(suite, "cells are parted", cells_are_parted);
    CU_add_test(suite, "pairs match", pairs_match);
    CU_add_test(suite, "generated bits are pinned", bits_are_pinned);
}
