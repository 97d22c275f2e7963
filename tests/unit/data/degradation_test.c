#include "interfaces/degradation.h"

#include "base/memory.h"
#include "data/registry.h"
#include "tests/unit/defaults.h"

#include <CUnit/CUnit.h>

#include <math.h>

void degradation_suite(void);

extern const struct degradation degradation_blur, degradation_exposure, degradation_gaussian_noise,
    degradation_salt_and_pepper;

/* Layouts of the degradations' settings, as their field tables say. */
struct gaussian_noise {
    double sigma;
    bool clip;
};

struct exposure {
    double gain;
    bool clip;
};

enum { SIDE = 200, COUNT = SIDE * SIDE };

static struct random_stream stream_of(uint64_t seed)
{
    struct random_key key = {.seed = seed};
    return random_stream(key, RANDOM_DEGRADE, 0);
}

static void degrade(const struct degradation *kind, const void *config, struct image image,
                    uint64_t seed)
{
    struct random_stream stream = stream_of(seed);
    float *scratch = NULL;
    size_t count = kind->scratch ? kind->scratch(config, image.shape) : 0;

    CU_ASSERT_FATAL(memory_new(&scratch, count, sizeof *scratch, NULL) == STATUS_OK);
    kind->apply(config, image, &stream, scratch);
    memory_free(scratch);
}

static struct image new_image(struct shape shape, float value)
{
    struct image image = {shape, NULL};
    CU_ASSERT_FATAL(memory_new(&image.pixels, shape_size(shape), sizeof *image.pixels, NULL) ==
                    STATUS_OK);
    for (size_t i = 0; i < shape_size(shape); i++)
        image.pixels[i] = value;
    return image;
}

static void moments(struct image image, double *mean, double *variance)
{
    size_t count = shape_size(image.shape);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)image.pixels[i];
        squares += (double)image.pixels[i] * (double)image.pixels[i];
    }
    *mean = sum / (double)count;
    *variance = squares / (double)count - *mean * *mean;
}

/* Bounds are five standard errors of the estimates. */
static void noise_has_its_variance(void)
{
    struct gaussian_noise noise = {.sigma = 25, .clip = false};
    struct image image = new_image((struct shape){1, SIDE, SIDE}, 0.5f);
    double mean, variance, sigma = 25.0 / 255;

    degrade(&degradation_gaussian_noise, &noise, image, 1);
    moments(image, &mean, &variance);
    CU_ASSERT_DOUBLE_EQUAL(mean, 0.5, 5 * sigma / SIDE);
    CU_ASSERT_DOUBLE_EQUAL(variance, sigma * sigma, 5 * sqrt(2) * sigma * sigma / SIDE);
    memory_free(image.pixels);
}

static void noise_clips_only_when_told(void)
{
    for (int clip = 0; clip < 2; clip++) {
        struct gaussian_noise noise = {.sigma = 100, .clip = clip};
        struct image image = new_image((struct shape){3, 20, 20}, 0.9f);
        int beyond = 0;
        degrade(&degradation_gaussian_noise, &noise, image, 2);
        for (size_t i = 0; i < shape_size(image.shape); i++)
            beyond += image.pixels[i] < 0 || image.pixels[i] > 1;
        CU_ASSERT(clip ? beyond == 0 : beyond > 100);
        memory_free(image.pixels);
    }
}

static void salt_and_pepper_has_its_density(void)
{
    double density = 0.1;
    struct image image = new_image((struct shape){1, SIDE, SIDE}, 0.5f);
    int black = 0, white = 0, kept = 0;

    degrade(&degradation_salt_and_pepper, &density, image, 3);
    for (int i = 0; i < COUNT; i++) {
        black += image.pixels[i] == 0;
        white += image.pixels[i] == 1;
        kept += image.pixels[i] == 0.5f;
    }
    double bound = 5 * sqrt(COUNT * 0.05 * 0.95);
    CU_ASSERT_DOUBLE_EQUAL(black, 0.05 * COUNT, bound);
    CU_ASSERT_DOUBLE_EQUAL(white, 0.05 * COUNT, bound);
    CU_ASSERT(black + white + kept == COUNT);
    memory_free(image.pixels);
}

static void density_ends(void)
{
    for (double density = 0; density <= 1; density++) {
        struct image image = new_image((struct shape){1, 30, 30}, 0.5f);
        int kept = 0;
        degrade(&degradation_salt_and_pepper, &density, image, 4);
        for (int i = 0; i < 900; i++)
            kept += image.pixels[i] == 0.5f;
        CU_ASSERT(kept == (density > 0 ? 0 : 900));
        memory_free(image.pixels);
    }
}

/* A plain image stays as it is, and an impulse's sum is kept: the kernel adds up to one. */
static void blur_keeps_means(void)
{
    double sigmas[] = {0, 0.1, 0.7, 3, 20};
    for (size_t i = 0; i < sizeof sigmas / sizeof *sigmas; i++) {
        struct image image = new_image((struct shape){2, 9, 13}, 0.25f);
        double mean, variance, before = 0.25 + 8.0 / (2 * 9 * 13);
        degrade(&degradation_blur, &sigmas[i], image, 5);
        for (size_t k = 0; k < shape_size(image.shape); k++)
            CU_ASSERT_DOUBLE_EQUAL(image.pixels[k], 0.25, 1e-6);
        image.pixels[0] += 8;
        moments(image, &mean, &variance);
        CU_ASSERT_DOUBLE_EQUAL(mean, before, 1e-6);
        degrade(&degradation_blur, &sigmas[i], image, 5);
        moments(image, &mean, &variance);
        CU_ASSERT_DOUBLE_EQUAL(mean, before, 1e-6);
        memory_free(image.pixels);
    }
}

/* scipy.ndimage.gaussian_filter(x, 1.1) of x[i][j] = ((3 i + 5 j) % 7) / 7, 4 x 6, float64. */
static void blur_equals_scipy(void)
{
    static const double golden[4][6] = {
        {0.328725965, 0.413012472, 0.454828477, 0.456851677, 0.472754679, 0.463910388},
        {0.409221388, 0.436589054, 0.449463275, 0.435986400, 0.426907965, 0.408967808},
        {0.448175049, 0.430234892, 0.421156457, 0.407679582, 0.420553803, 0.447921469},
        {0.393232470, 0.384388178, 0.400291181, 0.402314380, 0.444130385, 0.528416892},
    };
    double sigma = 1.1;
    struct image image = new_image((struct shape){1, 4, 6}, 0);

    for (int i = 0; i < 24; i++)
        image.pixels[i] = (float)((3 * (i / 6) + 5 * (i % 6)) % 7) / 7.0f;
    degrade(&degradation_blur, &sigma, image, 6);
    for (int i = 0; i < 24; i++)
        CU_ASSERT_DOUBLE_EQUAL(image.pixels[i], golden[i / 6][i % 6], 1e-6);
    memory_free(image.pixels);
}

static void exposure_scales_and_saturates(void)
{
    static const struct {
        struct exposure config;
        float in, out;
    } cases[] = {{{0.5, true}, 0.5f, 0.25f},
                 {{2, true}, 0.75f, 1},
                 {{2, false}, 0.75f, 1.5f},
                 {{1, true}, 0.3f, 0.3f},
                 {{3, true}, -0.1f, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image image = new_image((struct shape){1, 2, 2}, cases[i].in);
        degrade(&degradation_exposure, &cases[i].config, image, 1);
        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_EQUAL(image.pixels[k], cases[i].out);
        memory_free(image.pixels);
    }
}

/* Every degradation: same stream same bits, another stream other bits where it draws at all,
 * shape kept, values finite. */
static void check_degradation(const struct degradation *kind, struct shape shape)
{
    void *config = NULL;
    struct image images[2];

    CU_ASSERT_FATAL(memory_new(&config, 1, kind->descriptor.config_size, NULL) == STATUS_OK);
    defaults_fill(&kind->descriptor, config);
    for (int k = 0; k < 2; k++) {
        images[k] = new_image(shape, 0);
        for (size_t i = 0; i < shape_size(shape); i++)
            images[k].pixels[i] = (float)(i * 7 % 11) / 10.0f;
        degrade(kind, config, images[k], 7);
        CU_ASSERT(shape_equal(images[k].shape, shape));
    }
    for (size_t i = 0; i < shape_size(shape); i++) {
        CU_ASSERT(isfinite(images[0].pixels[i]));
        CU_ASSERT(images[0].pixels[i] == images[1].pixels[i]);
    }
    memory_free(images[0].pixels);
    memory_free(images[1].pixels);
    memory_free(config);
}

static void every_degradation(void)
{
    static const struct shape shapes[] = {{1, 1, 1}, {1, 5, 3}, {3, 2, 17}};
    const struct registry *registry = registry_degradations();

    CU_ASSERT(registry->count >= 3);
    for (size_t i = 0; i < registry->count; i++)
        for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
            check_degradation(degradation_of(registry->rows[i]), shapes[k]);
}

void degradation_suite(void)
{
    CU_pSuite suite = CU_add_suite("degradation", NULL, NULL);

    CU_add_test(suite, "Gaussian noise has its mean and variance", noise_has_its_variance);
    CU_add_test(suite, "Gaussian noise is clipped only when told", noise_clips_only_when_told);
    CU_add_test(suite, "salt and pepper has its density", salt_and_pepper_has_its_density);
    CU_add_test(suite, "density 0 keeps all, density 1 loses all", density_ends);
    CU_add_test(suite, "blur keeps plain images and means", blur_keeps_means);
    CU_add_test(suite, "blur equals scipy's", blur_equals_scipy);
    CU_add_test(suite, "exposure scales and saturates", exposure_scales_and_saturates);
    CU_add_test(suite, "every degradation keeps shape, finite values and its stream's bits",
                every_degradation);
}
