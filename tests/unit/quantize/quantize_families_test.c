/* Every family in integers: near to float32, the same on any number of threads, at any size. */
#include "graph/apply.h"
#include "quantize/run.h"
#include "tests/unit/family_networks.h"

#include <stdio.h>

void quantize_families_suite(void);

/* In decibel. Random networks measure 26 to 50: a step of 256 levels is 50 below a uniform signal,
 * and each layer adds its own. */
static const double LEAST_SQNR = 22;

static void quantize_network(const struct family_network *f, const struct engine *engine,
                             enum calibration_method method, struct quantized_network *quantized)
{
    struct calibration how = {method, 99.99};
    struct activation_ranges ranges;

    CU_ASSERT_EQUAL_FATAL(calibrate_activations(&f->family, engine, f->parameters, f->statistics,
                                                &f->images, f->answer, &how, &ranges, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        quantized_new(quantized, &f->network, f->parameters, f->statistics, &ranges, NULL),
        STATUS_OK);
    activation_ranges_release(&ranges);
}

/* Signal to quantisation noise, in decibel. */
static double sqnr(const struct image_set *got, const struct image_set *expected)
{
    return -20 * log10(relative_distance(got->pixels, expected->pixels,
                                         expected->offsets[expected->count]));
}

static void check_noise(struct family_network *f)
{
    struct image_set expected, got;
    struct quantized_network quantized;

    CU_ASSERT_EQUAL_FATAL(network_scores(&f->family, f->engine, PRECISION_FLOAT32, f->parameters,
                                         f->statistics, &f->images, f->answer, 1, &expected, NULL),
                          STATUS_OK);
    for (int method = CALIBRATION_MIN_MAX; method <= CALIBRATION_MSE; method++) {
        quantize_network(f, f->engine, (enum calibration_method)method, &quantized);
        CU_ASSERT_EQUAL_FATAL(
            quantized_scores(&quantized, &f->family, &f->images, f->answer, 2, &got, NULL),
            STATUS_OK);
        double decibel = sqnr(&got, &expected);
        CU_ASSERT(decibel >= LEAST_SQNR);
        if (!(decibel >= LEAST_SQNR))
            printf("%s, %s, %s: %.1f dB\n", f->family.kind->name, f->task->descriptor.name,
                   calibration_methods[method], decibel);
        image_set_release(&got);
        quantized_release(&quantized);
    }
    image_set_release(&expected);
}

static void test_noise(void)
{
    every_family_network((struct shape){3, 32, 32}, check_noise);
}

static bool same_sets(const struct image_set *a, const struct image_set *b)
{
    return a->count == b->count &&
           memcmp(a->shapes, b->shapes, a->count * sizeof *a->shapes) == 0 &&
           memcmp(a->pixels, b->pixels, a->offsets[a->count] * sizeof(float)) == 0;
}

static void one_family(struct family_network *f, const char *family, const char *task,
                       struct shape input)
{
    load_families("networks/families");
    family_network_new(f, registry_find(families_registry(), family),
                       task_of(registry_find(registry_tasks(), task)), input);
}

/* 19 images of three sizes; what is alone is as what is not, on any number of threads. */
static void test_sizes(void)
{
    static const struct shape sizes[] = {{1, 16, 12}, {1, 9, 21}, {1, 16, 16}};
    struct quantized_network quantized;
    struct image_set in, out, again, one, single;
    struct family_network f;
    struct shape shapes[19];

    one_family(&f, "unet", "denoise", (struct shape){1, 16, 16});
    quantize_network(&f, f.engine, CALIBRATION_MIN_MAX, &quantized);
    for (size_t i = 0; i < 19; i++)
        shapes[i] = sizes[i * i % 3];
    CU_ASSERT_EQUAL_FATAL(image_set_new(&in, 19, shapes, NULL), STATUS_OK);
    random_values(in.pixels, in.offsets[19], 0, 1, 8);
    CU_ASSERT_EQUAL_FATAL(quantized_apply(&quantized, &f.family, &in, f.answer, 1, &out, NULL),
                          STATUS_OK);
    for (int threads = 2; threads <= 3; threads++) {
        CU_ASSERT_EQUAL_FATAL(
            quantized_apply(&quantized, &f.family, &in, f.answer, threads, &again, NULL),
            STATUS_OK);
        CU_ASSERT(same_sets(&out, &again));
        image_set_release(&again);
    }
    for (uint32_t i = 0; i < 19; i++) {
        CU_ASSERT_EQUAL_FATAL(image_set_select(&one, &in, &i, 1, NULL), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(
            quantized_apply(&quantized, &f.family, &one, f.answer, 1, &single, NULL), STATUS_OK);
        CU_ASSERT_EQUAL(memcmp(single.pixels, out.pixels + out.offsets[i],
                               shape_size(out.shapes[i]) * sizeof(float)),
                        0);
        image_set_release(&one);
        image_set_release(&single);
    }
    image_set_release(&in);
    image_set_release(&out);
    quantized_release(&quantized);
    family_network_release(&f);
    families_release();
}

/* Masks are classes; scores are the output. */
static void test_masks(void)
{
    struct quantized_network quantized;
    struct image_set masks, scores;
    struct family_network f;
    size_t wrong = 0, plane = (size_t)16 * 16;

    one_family(&f, "fcn", "segment", (struct shape){1, 16, 16});
    quantize_network(&f, f.engine, CALIBRATION_PERCENTILE, &quantized);
    CU_ASSERT_EQUAL_FATAL(
        quantized_apply(&quantized, &f.family, &f.images, f.answer, 1, &masks, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        quantized_scores(&quantized, &f.family, &f.images, f.answer, 1, &scores, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(scores.shapes[0].channels, FAMILY_CLASSES);
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < FAMILY_CLASSES; c++)
            wrong +=
                scores.pixels[c * plane + i] > scores.pixels[(size_t)masks.pixels[i] * plane + i];
    CU_ASSERT_EQUAL(wrong, 0);
    image_set_release(&masks);
    image_set_release(&scores);
    quantized_release(&quantized);
    family_network_release(&f);
    families_release();
}

/* A dense layer behind the image has weights for one size alone. */
static void test_other_size(void)
{
    struct quantized_network quantized;
    struct family_network f;
    struct image_set in, out;
    struct error error = {0};

    one_family(&f, "lenet5", "classify", (struct shape){1, 32, 32});
    quantize_network(&f, f.engine, CALIBRATION_MIN_MAX, &quantized);
    make_images(&in, 2, (struct shape){1, 40, 32});
    CU_ASSERT_EQUAL(quantized_apply(&quantized, &f.family, &in, f.answer, 1, &out, &error),
                    STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(
        error.message, "images of 40 x 32 pixels need other parameters than the quantised ones");
    image_set_release(&in);
    quantized_release(&quantized);
    family_network_release(&f);
    families_release();
}

/* Every allocation of quantising and applying can fail. */
static void test_memory(void)
{
    struct calibration how = {CALIBRATION_MSE, 0};
    struct activation_ranges ranges;
    struct quantized_network quantized;
    struct family_network f;
    struct image_set out;
    enum status status = STATUS_MEMORY;
    size_t n = 1;

    one_family(&f, "regressor", "regress", (struct shape){1, 16, 16});
    for (; status != STATUS_OK && n < 10000; n++) {
        memory_fail_at(n);
        status = calibrate_activations(&f.family, f.engine, f.parameters, f.statistics, &f.images,
                                       f.answer, &how, &ranges, NULL);
        if (status == STATUS_OK) {
            status =
                quantized_new(&quantized, &f.network, f.parameters, f.statistics, &ranges, NULL);
            activation_ranges_release(&ranges);
            if (status == STATUS_OK) {
                status = quantized_apply(&quantized, &f.family, &f.images, f.answer, 2, &out, NULL);
                quantized_release(&quantized);
            }
        }
        memory_fail_at(0);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(n > 50);
    image_set_release(&out);
    family_network_release(&f);
    families_release();
}

/* The arithmetic is specified to the bit: with the reference engine's ranges, so is the output. */
static void test_golden(void)
{
    static const uint64_t expected = 0x27d8ceae544632d9;
    struct quantized_network quantized;
    struct family_network f;
    struct image_set out;
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

    one_family(&f, "resnet", "classify", (struct shape){3, 16, 16});
    quantize_network(&f, started_engine("reference"), CALIBRATION_MSE, &quantized);
    CU_ASSERT_EQUAL_FATAL(
        quantized_apply(&quantized, &f.family, &f.images, f.answer, 1, &out, NULL), STATUS_OK);
    for (size_t i = 0; i < out.offsets[out.count] * sizeof(float); i++)
        hash = (hash ^ ((unsigned char *)out.pixels)[i]) * 0x100000001b3;
    CU_ASSERT_EQUAL(hash, expected);
    if (hash != expected)
        printf("0x%llx\n", (unsigned long long)hash);
    image_set_release(&out);
    quantized_release(&quantized);
    family_network_release(&f);
    families_release();
}

void quantize_families_suite(void)
{
    CU_pSuite suite = CU_add_suite("quantize_families", NULL, NULL);
    CU_add_test(suite, "every family is near to float32", test_noise);
    CU_add_test(suite, "images of any size, on any number of threads", test_sizes);
    CU_add_test(suite, "masks are the classes of the largest scores", test_masks);
    CU_add_test(suite, "another size that needs other parameters is refused", test_other_size);
    CU_add_test(suite, "every allocation can fail", test_memory);
    CU_add_test(suite, "the same bits as ever", test_golden);
}
