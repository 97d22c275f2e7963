#include "math/metrics.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "math/quality.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const char *const metric_names[] = {"ssim", "psnr", "accuracy", NULL};
const double metric_least[] = {-1, -INFINITY, 0}, metric_most[] = {1, QUALITY_PSNR_MOST, 1};

struct metrics_work {
    const struct image_set *outputs, *truth;
    double *ssim, *psnr; /* [images] */
    float *scratch;      /* [threads][scratch_size] */
    size_t scratch_size;
};

static void score_image(void *context, size_t index, int thread)
{
    struct metrics_work *work = context;
    struct image a = image_set_at(work->outputs, index), b = image_set_at(work->truth, index);

    work->ssim[index] = quality_ssim(a, b, work->scratch + (size_t)thread * work->scratch_size);
    work->psnr[index] = quality_psnr(a, b);
}

void scores_clear(struct scores *scores)
{
    scores->ssim = scores->psnr = scores->accuracy = NAN;
    for (int c = 0; c < METRICS_MAX_CLASSES; c++)
        scores->class_accuracy[c] = NAN;
    scores->capped = scores->undefined = (struct exceptions){0};
}

static void add_exception(struct exceptions *exceptions, size_t image)
{
    if (exceptions->count < METRICS_NAMED)
        exceptions->images[exceptions->count] = (uint32_t)image;
    exceptions->count++;
}

void exceptions_print(const struct exceptions *exceptions, const char *const *files,
                      const uint32_t *numbers, struct text *text)
{
    text_append(text, "%s", exceptions->count == 1 ? "image" : "images");
    for (size_t i = 0; i < exceptions->count && i < METRICS_NAMED; i++) {
        uint32_t image = exceptions->images[i];
        const char *slash = files ? strrchr(files[image], '/') : NULL;
        if (files)
            text_append(text, "%s %s", i ? "," : "", slash ? slash + 1 : files[image]);
        else
            text_append(text, "%s %u", i ? "," : "", (unsigned)(numbers ? numbers[image] : image));
    }
    if (exceptions->count > METRICS_NAMED)
        text_append(text, " and %zu more", exceptions->count - METRICS_NAMED);
}

static double mean_in_order(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

enum status metrics_images(const struct image_set *outputs, const struct image_set *truth,
                           int threads, struct scores *scores, struct error *error)
{
    enum status status = STATUS_OK;
    struct metrics_work work = {.outputs = outputs, .truth = truth};
    size_t count = outputs->count;

    assert(truth->count == count);
    threads = threads < 1 ? 1 : threads;
    scores_clear(scores);
    for (size_t i = 0; i < count; i++) {
        struct shape shape = outputs->shapes[i];
        assert(shape_equal(shape, truth->shapes[i]));
        if (shape.height < QUALITY_SSIM_SIDE || shape.width < QUALITY_SSIM_SIDE)
            TRY(error_set(error, STATUS_CONFIG,
                          "image %zu is %d x %d pixels; SSIM needs at least %d x %d", i,
                          shape.height, shape.width, QUALITY_SSIM_SIDE, QUALITY_SSIM_SIDE));
        size_t size = (quality_ssim_scratch(shape) + 15) / 16 * 16;
        work.scratch_size = size > work.scratch_size ? size : work.scratch_size;
    }
    TRY(memory_new(&work.ssim, count, sizeof *work.ssim, error));
    TRY(memory_new(&work.psnr, count, sizeof *work.psnr, error));
    TRY(memory_new(&work.scratch, (size_t)threads, work.scratch_size * sizeof(float), error));
    parallel_for(threads, count, score_image, &work);
    TRY(interrupt_check(error));
    if (count) {
        scores->ssim = mean_in_order(work.ssim, count);
        scores->psnr = mean_in_order(work.psnr, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (work.psnr[i] >= QUALITY_PSNR_MOST)
            add_exception(&scores->capped, i);
        if (!isfinite(work.ssim[i]) || !isfinite(work.psnr[i]))
            add_exception(&scores->undefined, i);
    }
out:
    memory_free(work.scratch);
    memory_free(work.psnr);
    memory_free(work.ssim);
    return status;
}

int metrics_argmax(const float *values, int count)
{
    int best = 0;

    for (int i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

static bool holds_nan(const float *values, int count)
{
    for (int i = 0; i < count; i++)
        if (isnan(values[i]))
            return true;
    return false;
}

void metrics_classes(const struct image_set *outputs, const uint8_t *classes, int class_count,
                     struct scores *scores)
{
    size_t right[METRICS_MAX_CLASSES] = {0}, all[METRICS_MAX_CLASSES] = {0}, total = 0;

    assert(class_count <= METRICS_MAX_CLASSES);
    scores_clear(scores);
    for (size_t i = 0; i < outputs->count; i++) {
        const float *values = image_set_at(outputs, i).pixels;
        bool hit = metrics_argmax(values, class_count) == classes[i];
        all[classes[i]]++;
        right[classes[i]] += hit;
        total += hit;
        if (holds_nan(values, class_count))
            add_exception(&scores->undefined, i);
    }
    if (scores->undefined.count)
        return;
    if (outputs->count)
        scores->accuracy = (double)total / (double)outputs->count;
    for (int c = 0; c < class_count; c++)
        if (all[c])
            scores->class_accuracy[c] = (double)right[c] / (double)all[c];
}

double metrics_value(const struct scores *scores, enum metric metric)
{
    switch (metric) {
    case METRIC_SSIM: return scores->ssim;
    case METRIC_PSNR: return scores->psnr;
    case METRIC_ACCURACY: return scores->accuracy;
    }
    return NAN;
}
