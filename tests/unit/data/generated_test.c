#include "interfaces/dataset.h"

#include "base/memory.h"
#include "data/registry.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

void generated_suite(void);

extern const struct dataset dataset_digits, dataset_leaves;

static enum status load(const struct dataset *set, const void *config, size_t train, size_t test,
                        int threads, struct dataset_content *content)
{
    struct dataset_request request = {"", 5, train, test, threads, NULL, CONTENT_IMAGE};
    return set->load(config, &request, content, NULL);
}

static void same_pools(const struct dataset_pool *a, const struct dataset_pool *b, size_t count)
{
    CU_ASSERT_FATAL(a->images.count >= count && b->images.count >= count);
    CU_ASSERT(a->images.offsets[count] == b->images.offsets[count]);
    CU_ASSERT(
        memcmp(a->images.pixels, b->images.pixels, a->images.offsets[count] * sizeof(float)) == 0);
    if (a->classes)
        CU_ASSERT(memcmp(a->classes, b->classes, count) == 0);
}

/* Every generated set: 1 and 3 threads give the same bits, a larger request begins with the
 * smaller one, the pools differ, pixels lie in [0, 1], `all` is refused. */
static void check_generated(const struct dataset *set)
{
    struct dataset_content one, three;
    struct dataset_request endless = {"", 5, SIZE_MAX, 1, 1, NULL, CONTENT_IMAGE};
    struct error error = {0};
    void *config;

    CU_ASSERT_FATAL(memory_new(&config, 1, set->descriptor.config_size, NULL) == STATUS_OK);
    defaults_fill(&set->descriptor, config);
    CU_ASSERT_FATAL(load(set, config, 37, 11, 1, &one) == STATUS_OK);
    CU_ASSERT_FATAL(load(set, config, 50, 11, 3, &three) == STATUS_OK);
    same_pools(&one.train, &three.train, 37);
    same_pools(&one.test, &three.test, 11);
    CU_ASSERT(one.sha256[0] == '\0' && (one.count > 0) == ((set->serves & SERVES_SCORES) > 0));
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
        check_generated(set);
        generated++;
    }
    CU_ASSERT(generated >= 2);
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

static void digest_of(const struct image_set *set, char digest[HASH_TEXT])
{
    struct hash hash = {0};
    CU_ASSERT_FATAL(hash_begin(&hash, NULL) == STATUS_OK);
    CU_ASSERT(hash_bytes(&hash, set->pixels, set->offsets[set->count] * sizeof(float), NULL) ==
              STATUS_OK);
    CU_ASSERT(hash_end(&hash, digest, NULL) == STATUS_OK);
}

/* A change of these bits must raise the set's version. */
static void bits_are_pinned(void)
{
    struct {
        int64_t height, width, colour;
        double smallest;
    } leaves = {24, 40, 1, 2};
    int64_t size = 28;
    struct dataset_content content;
    char digest[HASH_TEXT];

    CU_ASSERT_FATAL(load(&dataset_digits, &size, 100, 0, 2, &content) == STATUS_OK);
    digest_of(&content.train.images, digest);
    CU_ASSERT_STRING_EQUAL(digest,
                           "9dfa0e3c4874948c1148e5875811a375d8d068293083a641ed596b6c9cc04af5");
    dataset_content_release(&content);
    CU_ASSERT_FATAL(load(&dataset_leaves, &leaves, 20, 0, 2, &content) == STATUS_OK);
    digest_of(&content.train.images, digest);
    CU_ASSERT_STRING_EQUAL(digest,
                           "dea63a3a170a7e46b3eb36b39bf496357700d1a50ef42d83554a365cfd6cf6f8");
    dataset_content_release(&content);
}

void generated_suite(void)
{
    CU_pSuite suite = CU_add_suite("generated", NULL, NULL);

    CU_add_test(suite, "every generated set", every_generated_set);
    CU_add_test(suite, "another seed makes other images", seeds_make_other_images);
    CU_add_test(suite, "digits lie within their image", digits_lie_within);
    CU_add_test(suite, "generated bits are pinned", bits_are_pinned);
}
