/* Threads that share an image: the bits of one thread, of every stage that allows it. */
#include "chain/sharing.h"
#include "tests/unit/stages_text.h"

#include <math.h>
#include <stdio.h>

void sharing_suite(void);

/* Sizes that leave parts of unequal sides, or are too small to be cut. */
static const struct shape shapes[] = {{1, 157, 141}, {3, 90, 133}, {1, 40, 19}, {2, 1, 1}};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Values of very different magnitudes: sums of them depend on where they begin. */
static void fill(struct image image)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = 20}, RANDOM_GENERATE, 1);

    for (size_t i = 0; i < shape_size(image.shape); i++) {
        double size = pow(10, -6 * random_uniform(&stream));
        image.pixels[i] = (float)(0.5 + size * (random_uniform(&stream) - 0.5));
    }
}

static void chain_of(struct chain *chain, struct stages_text *stages, const char *text,
                     const struct image_set *in)
{
    struct chain_examples examples = {.inputs = in, .task = task_find("denoise")};

    stages_text_read(stages, text);
    CU_ASSERT_FATAL(chain_tuned(chain, &stages->stages, METRIC_SSIM, &examples,
                                (struct random_key){2019, 0}, 1, NULL, NULL) == STATUS_OK);
}

static void check_threads(const struct chain *chain, const struct image_set *in, const char *text)
{
    static const int counts[] = {2, 3, 7};
    struct image_set one, several;

    CU_ASSERT_FATAL(chain_run(chain, 0, chain->count, in, NULL, 1, &one, NULL) == STATUS_OK);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        CU_ASSERT_FATAL(chain_run(chain, 0, chain->count, in, NULL, counts[k], &several, NULL) ==
                        STATUS_OK);
        bool same = !memcmp(one.pixels, several.pixels, one.offsets[in->count] * sizeof(float));
        CU_ASSERT(same);
        if (!same)
            fprintf(stderr, "%s: other bits with %d threads\n", text, counts[k]);
        image_set_release(&several);
    }
    image_set_release(&one);
}

/* Does an image of the first shape keep several threads busy? */
static bool is_shared(const struct chain *chain)
{
    struct shared_stage stage = {chain->stages[0], chain->configs[0], NULL};
    size_t one = sharing_scratch(&stage, shapes[0], 1), two = sharing_scratch(&stage, shapes[0], 2);

    return sharing_possible(&stage) && one != two;
}

static void check(const char *text)
{
    for (size_t s = 0; s < SHAPES; s++) {
        struct image_set in;
        struct stages_text stages;
        struct chain chain = {0};
        CU_ASSERT_FATAL(image_set_new_uniform(&in, 2, shapes[s], NULL) == STATUS_OK);
        fill(image_set_at(&in, 0));
        fill(image_set_at(&in, 1));
        chain_of(&chain, &stages, text, &in);
        CU_ASSERT(s > 0 || is_shared(&chain));
        check_threads(&chain, &in, text);
        in.count = 1;
        check_threads(&chain, &in, text);
        chain_release(&chain);
        stages_text_release(&stages);
        image_set_release(&in);
    }
}

static const char *const shared[] = {
    "[gaussian]",
    "[gaussian: {sigma: 7}]",
    "[unsharp: {sigma: 2}]",
    "[sobel]",
    "[median]",
    "[median: {radius: 2}]",
    "[median: {radius: 3}]",
    "[median: {radius: 6}]",
    "[bilateral]",
    "[bilateral: {radius: 9}]",
    "[nlm: {search_radius: 5}]",
    "[nlm: {patch_radius: 1, search_radius: 3, h: 20, sigma: 10}]",
    "[dct]",
    "[dct: {side: 7, sigma: 20}]",
    "[anisotropic: {iterations: 9}]",
    "[wiener: {sigma: 20}]",
    "[opening: {radius: 2}]",
    "[closing: {radius: 3, element: square}]",
    "[tv]",
    "[tv: {iterations: 1}]",
    "[tv: {iterations: 14, tolerance: 0}]",
    "[tv: {tolerance: 0.02}]",
};

static void same_bits(void)
{
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        check(shared[i]);
}

/* A stage that needs the whole image stays with one thread; those beside it do not mind. */
static void mixed(void)
{
    struct image_set in;
    struct stages_text stages;
    struct chain chain = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shapes[1], NULL) == STATUS_OK);
    fill(image_set_at(&in, 0));
    chain_of(&chain, &stages, "[gaussian, wiener, nlm: {search_radius: 3}, wavelet, tv, sobel]",
             &in);
    struct shared_stage wiener = {chain.stages[1], chain.configs[1], NULL};
    CU_ASSERT_FALSE(sharing_possible(&wiener));
    check_threads(&chain, &in, "mixed");
    chain_release(&chain);
    stages_text_release(&stages);
    image_set_release(&in);
}

/* The list above has every stage that can be shared. */
static void all_are_tested(void)
{
    for (size_t row = 0; row < registry_stages()->count; row++) {
        const struct stage *stage = stage_of(registry_stages()->rows[row]);
        const char *name = stage->descriptor.name;
        bool listed = false;
        for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
            listed = listed || !strncmp(shared[i] + 1, name, strlen(name));
        CU_ASSERT_EQUAL(listed, stage->sharing.reach || stage->sharing.run);
    }
}

void sharing_suite(void)
{
    CU_pSuite suite = CU_add_suite("sharing", NULL, NULL);
    CU_add_test(suite, "the same bits, whoever shares an image", same_bits);
    CU_add_test(suite, "beside stages that are not shared", mixed);
    CU_add_test(suite, "every stage that can be shared is tested", all_are_tested);
}
