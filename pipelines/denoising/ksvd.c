/*
 * K-SVD: each patch becomes a sum of few atoms of a dictionary, which the image itself has taught.
 *
 * M. Elad, M. Aharon, "Image denoising via sparse and redundant representations over learned
 * dictionaries", IEEE Transactions on Image Processing 15(12), 2006. Every patch of the image,
 * without its mean, is coded by as few atoms as leave a mean square of (gain sigma)^2
 * (sparse_code.h), but at most half as many as it has numbers. A pixel is the mean of what the
 * patches around it say and of itself, which counts as `lambda` / sigma patches.
 *
 * The dictionary begins as an overcomplete cosine transform, and is learnt (dictionary_learn.h) on
 * patches of the noisy image, coded the same way (`learn: image`); or once, on clean patches of the
 * hand-labelled images, coded by six atoms each (`learn: manual`), where there are no clean ones on
 * those that the stage is given. `iterations: 0` leaves the cosines. The settings are those of the
 * authors. Patches to learn from lie evenly over all there are, one drawn from each of `patches`
 * equal parts.
 *
 * Colours are coded together, by atoms that have all channels, which keeps edges where they are in
 * each (J. Mairal, M. Elad, G. Sapiro, "Sparse representation for color image restoration", IEEE
 * TIP 17(1), 2008). Theirs weighs means more than the rest, lest colours fade; here means are set
 * aside, each channel's own, and none fades. An image smaller than a patch is continued by its
 * mirror image.
 *
 * Cost for each patch, as often as it is coded: its products with all atoms, and for each atom that
 * it takes those with its basis. Operations are counted as if every patch took as many as it may;
 * photographs with a noise of 25 grey levels take less than one on average, a ninth of that, and
 * with one of 5 they take four to six.
 *
 * PSNR with a noise of 25: House 32.0, Peppers 29.6, Lena 31.3, Barbara 29.5, Boat 29.3 dB. Against
 * cosines alone, what the image teaches gains 0.65 dB; what other photographs teach, nothing.
 * Colours together gain 1.3 dB over each channel by itself; with a `side` of 6, Mairal's, 1.6.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "interfaces/stage.h"
#include "pipelines/denoising/dictionary_learn.h"
#include "pipelines/denoising/noise_level.h"
#include "pipelines/denoising/sparse_denoise.h"
#include "pipelines/stage_shapes.h"

#include <math.h>
#include <string.h>

enum learn { LEARN_IMAGE, LEARN_MANUAL };

struct ksvd {
    int64_t side, atoms, iterations, patches, learn;
    double sigma, gain, lambda;
};

static const char *const learns[] = {"image", "manual", NULL};

#define OF(name) offsetof(struct ksvd, name)
static const struct field fields[] = {
    {"side", FIELD_INTEGER, OF(side), .minimum = 2, .maximum = 16, .default_value = "8",
     .unit = "pixels", .help = "of the square patches"},
    {"atoms", FIELD_INTEGER, OF(atoms), .minimum = 1, .maximum = 4096, .default_value = "256",
     .help = "of the dictionary"},
    {"iterations", FIELD_INTEGER, OF(iterations), .minimum = 0, .maximum = 1000,
     .default_value = "10",
     .help = "of learning; 0: the dictionary stays an overcomplete cosine transform"},
    {"patches", FIELD_INTEGER, OF(patches), .minimum = 1, .maximum = 200000,
     .default_value = "40000", .help = "to learn from at most"},
    {"learn", FIELD_CHOICE, OF(learn), .default_value = "image", .choices = learns,
     .help = "where the dictionary is learnt: image, anew for each one that is denoised; manual, "
             "once, on the clean images labelled by hand"},
    {"sigma", FIELD_REAL, OF(sigma), .minimum = 0, .maximum = 1000, .default_value = "0",
     .unit = "grey levels (0..255)",
     .help = "standard deviation of the noise; 0: estimated for each image, from the finest "
             "wavelet details"},
    {"gain", FIELD_REAL, OF(gain), .minimum = 0.01, .maximum = 100, .default_value = "1.15",
     .help = "a patch is coded until what is left has this many standard deviations of the noise"},
    {"lambda", FIELD_REAL, OF(lambda), .minimum = 0, .maximum = 1e6, .default_value = "30",
     .unit = "grey levels (0..255)",
     .help = "the noisy pixel counts as lambda / sigma of the patches around it"},
    {0},
};

enum {
    CLEAN_TERMS = 6, /* of a patch in learning on clean images */
    DRAWN = 2,       /* part of random_index() */
};

static enum status ksvd_shape(const void *config, struct shape in, struct answer answer,
                              struct shape *out, struct error *error)
{
    if (in.channels > PATCHES_CHANNELS)
        return error_set(error, STATUS_CONFIG, "expected at most %d channels, found %d",
                         PATCHES_CHANNELS, in.channels);
    return shape_as_input(config, in, answer, out, error);
}

/* Of a code of the noisy image. */
static size_t most_terms(const struct image_patches *patches)
{
    return patches->numbers / 2;
}

/* What images are denoised in, one after another. */
struct ksvd_work {
    struct dictionary own; /* learnt on the image */
    struct learner learner;
    struct sparse_denoiser denoiser;
    float *noise; /* noise_level_scratch() */
};

static void work_release(struct ksvd_work *work)
{
    dictionary_release(&work->own);
    learner_release(&work->learner);
    sparse_denoiser_release(&work->denoiser);
    memory_free(work->noise);
}

static enum status work_new(struct ksvd_work *work, const struct ksvd *ksvd,
                            const struct image_set *images, int threads, struct error *error)
{
    size_t places = 0, noise = 0;
    struct image_patches patches = {0};

    for (size_t i = 0; i < images->count; i++) {
        struct shape shape = images->shapes[i];
        patches = image_patches_of(shape, (int)ksvd->side);
        size_t count = image_patches_count(&patches);
        size_t scratch = noise_level_scratch(shape.height, shape.width);
        places = count > places ? count : places;
        noise = scratch > noise ? scratch : noise;
    }
    size_t most = places < (size_t)ksvd->patches ? places : (size_t)ksvd->patches;
    PASS(dictionary_new(&work->own, patches.depth, (size_t)ksvd->atoms, error));
    if (ksvd->learn == LEARN_IMAGE)
        PASS(learner_new(&work->learner, &work->own, most, most_terms(&patches), threads, error));
    if (ksvd->sigma == 0)
        PASS(memory_new(&work->noise, noise, sizeof *work->noise, error));
    return sparse_denoiser_new(&work->denoiser, &work->own, (int)ksvd->side, most_terms(&patches),
                               images, threads, error);
}

struct ksvd_run {
    const struct ksvd *ksvd;
    const struct dictionary *learnt; /* NULL where the image itself teaches */
    const struct image_set *in;
    struct image_set *out;
    struct ksvd_work *works; /* of each thread */
};

static void learn_on_image(const struct ksvd_run *run, size_t index,
                           const struct image_patches *patches, const struct sparse_goal *goal,
                           struct ksvd_work *work)
{
    struct random_stream stream = random_stream((struct random_key){0}, RANDOM_FIT, 0);

    image_patches_cosines(patches, &work->own);
    size_t count = image_patches_sample(patches->side, run->in, index, index + 1,
                                        work->learner.most, &stream, work->learner.patches);
    dictionary_learn(&work->own, &work->learner, count, goal, (int)run->ksvd->iterations);
}

static void run_image(void *context, size_t index, int thread)
{
    const struct ksvd_run *run = context;
    const struct ksvd *ksvd = run->ksvd;
    struct ksvd_work *work = &run->works[thread];
    struct image in = image_set_at(run->in, index), out = image_set_at(run->out, index);
    struct image_patches patches = image_patches_of(in.shape, (int)ksvd->side);

    if (interrupt_requested())
        return;
    double sigma = ksvd->sigma > 0 ? ksvd->sigma / 255 : noise_level_mean(in, work->noise);
    double error = ksvd->gain * sigma;
    struct sparse_goal goal = {(float)(error * error * (double)patches.numbers),
                               most_terms(&patches)};
    if (noise_level_is_none(sigma)) {
        memcpy(out.pixels, in.pixels, shape_size(in.shape) * sizeof *out.pixels);
        return;
    }
    if (!run->learnt)
        learn_on_image(run, index, &patches, &goal, work);
    sparse_denoise(&work->denoiser, run->learnt ? run->learnt : &work->own, &patches, &goal,
                   (float)(ksvd->lambda / (255 * sigma)), in, out);
}

/* Many images: each by one thread. Few: one after the other, each by all threads. */
static enum status ksvd_run_all(const void *config, void *state, const struct stage_call *call,
                                struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = call->in->count;
    int outside = count >= 2 * (size_t)call->threads ? call->threads : 1;
    struct ksvd_run run = {.ksvd = config, .learnt = state, .in = call->in, .out = out};

    memset(out, 0, sizeof *out);
    TRY(memory_new(&run.works, (size_t)outside, sizeof *run.works, error));
    for (int t = 0; t < outside; t++)
        TRY(work_new(&run.works[t], config, call->in, outside > 1 ? 1 : call->threads, error));
    TRY(image_set_new(out, count, call->in->shapes, error));
    parallel_count(outside, count, "images", run_image, &run);
    TRY(interrupt_check(error)); /* then some images are unfinished */
out:
    for (int t = 0; run.works && t < outside; t++)
        work_release(&run.works[t]);
    memory_free(run.works);
    if (status != STATUS_OK)
        image_set_release(out);
    return status;
}

static bool ksvd_learns(const void *config)
{
    return ((const struct ksvd *)config)->learn == LEARN_MANUAL;
}

static void learnt_free(void *state)
{
    dictionary_release(state);
    memory_free(state);
}

static enum status learnt_new(const struct ksvd *ksvd, struct shape in, struct dictionary **learnt,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct image_patches patches = image_patches_of(in, (int)ksvd->side);
    struct dictionary *made = NULL;

    *learnt = NULL;
    TRY(memory_new(&made, 1, sizeof *made, error));
    TRY(dictionary_new(made, patches.depth, (size_t)ksvd->atoms, error));
    *learnt = made;
    made = NULL;
out:
    memory_free(made);
    return status;
}

static enum status ksvd_fit(const void *config, const struct stage_examples *examples, void **state,
                            struct error *error)
{
    enum status status = STATUS_OK;
    const struct ksvd *ksvd = config;
    const struct image_set *images = examples->truth ? examples->truth : examples->inputs;
    const struct sparse_goal goal = {0, CLEAN_TERMS};
    struct dictionary *learnt = NULL;
    struct learner learner = {0};
    struct random_stream stream =
        random_stream(examples->key, RANDOM_FIT, random_index(DRAWN, examples->number));

    *state = NULL;
    if (images->count < 1)
        return error_set(error, STATUS_CONFIG,
                         "expected hand-labelled images to learn from, found none");
    struct image_patches patches = image_patches_of(images->shapes[0], (int)ksvd->side);
    TRY(learnt_new(ksvd, images->shapes[0], &learnt, error));
    TRY(learner_new(&learner, learnt, (size_t)ksvd->patches, CLEAN_TERMS, examples->threads,
                    error));
    image_patches_cosines(&patches, learnt);
    size_t count = image_patches_sample(patches.side, images, 0, images->count, learner.most,
                                        &stream, learner.patches);
    dictionary_learn(learnt, &learner, count, &goal, (int)ksvd->iterations);
    TRY(interrupt_check(error));
    *state = learnt;
    learnt = NULL;
out:
    learner_release(&learner);
    if (learnt)
        learnt_free(learnt);
    return status;
}

static struct stage_learnt ksvd_learnt(const void *state)
{
    const struct dictionary *learnt = state;
    return (struct stage_learnt){learnt->atoms, learnt->count * learnt->depth};
}

static enum status ksvd_recall(const void *config, struct shape in, struct answer answer,
                               const struct engine *engine, struct stage_learnt learnt,
                               void **state, struct error *error)
{
    struct dictionary *dictionary;

    (void)answer, (void)engine;
    *state = NULL;
    PASS(learnt_new(config, in, &dictionary, error));
    size_t numbers = dictionary->count * dictionary->depth;
    if (learnt.count == numbers) {
        memcpy(dictionary->atoms, learnt.values, numbers * sizeof(float));
        dictionary_prepare(dictionary);
        *state = dictionary;
        return STATUS_OK;
    }
    learnt_free(dictionary);
    return error_set(error, STATUS_DATA, "expected %zu numbers, found %zu", numbers, learnt.count);
}

/* An upper bound: as if each patch had as many atoms as it may have. */
static struct operations ksvd_count(const void *config, struct shape in, struct answer answer)
{
    const struct ksvd *ksvd = config;
    struct image_patches patches = image_patches_of(in, (int)ksvd->side);
    double numbers = (double)patches.numbers, pixels = (double)shape_size(in);
    double atoms = (double)ksvd->atoms, terms = (double)most_terms(&patches);
    double places = (double)image_patches_count(&patches),
           taught = fmin(places, (double)ksvd->patches);
    struct operations centre = {.additions = 2 * numbers, .divisions = in.channels};
    struct operations sum = operations_repeat(sparse_count(numbers, atoms, terms), places);

    (void)answer;
    sum = operations_add(sum, operations_repeat(centre, places));
    sum.multiply_adds += places * numbers + pixels; /* energies; the noisy pixels */
    sum.additions += places * 2 * numbers + pixels;
    sum.multiplications += pixels; /* how many patches there are around one */
    sum.divisions += pixels;
    if (ksvd->learn == LEARN_IMAGE) {
        sum = operations_add(sum, operations_repeat(centre, taught));
        sum = operations_add(
            sum, dictionary_learn_count(numbers, atoms, terms, taught, (double)ksvd->iterations));
    }
    if (ksvd->sigma == 0)
        sum = operations_add(
            sum, operations_repeat(noise_level_count(in.height, in.width), in.channels));
    return sum;
}

const struct stage stage_ksvd = {
    .descriptor = {"ksvd", "sparse sums of atoms, which are learnt from the image's own patches",
                   "Elad, Aharon, Image denoising via sparse and redundant representations over "
                   "learned dictionaries, IEEE TIP 15(12), 2006; Rubinstein, Zibulevsky, Elad, "
                   "Technion CS-2008-08; Mairal, Elad, Sapiro, IEEE TIP 17(1), 2008",
                   fields, sizeof(struct ksvd), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma",
    .gives = content_unless_mask,
    .shape = ksvd_shape,
    .learns = ksvd_learns,
    .fit = ksvd_fit,
    .release = learnt_free,
    .learnt = ksvd_learnt,
    .recall = ksvd_recall,
    .run_all = ksvd_run_all,
    .count = ksvd_count,
};
