#include "math/metrics.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "math/quality.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = name,
const char *const metric_names[] = {
#include "math/metrics.def"
    NULL};
#undef ROW
#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = title,
const char *const metric_titles[] = {
#include "math/metrics.def"
};
#undef ROW
#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = unit,
const char *const metric_units[] = {
#include "math/metrics.def"
};
#undef ROW
#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = least,
const double metric_least[] = {
#include "math/metrics.def"
};
#undef ROW
#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = most,
const double metric_most[] = {
#include "math/metrics.def"
};
#undef ROW
#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric] = sense,
static const signed char senses[] = {
#include "math/metrics.def"
};
#undef ROW

double metric_goodness(enum metric metric, double score)
{
    return senses[metric] * score;
}

bool metric_of_column(const char *column, enum metric *metric)
{
    const char *dot = strrchr(column, '.');

    for (int m = 0; dot && m < METRICS; m++)
        if (strcmp(metric_names[m], dot + 1) == 0) {
            *metric = (enum metric)m;
            return true;
        }
    return false;
}

bool metric_reaches(enum metric metric, double score, double target)
{
    return senses[metric] * score >= senses[metric] * target;
}

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
    for (int m = 0; m < METRICS; m++)
        scores->values[m] = (double)NAN;
    for (int c = 0; c < METRICS_MAX_CLASSES; c++)
        scores->parts[c] = (double)NAN;
    scores->capped = scores->undefined = (struct exceptions){0};
}

void exceptions_add(struct exceptions *exceptions, size_t image)
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

double metrics_mean(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

double metrics_mean_known(const double *values, size_t count)
{
    double sum = 0;
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            known++;
        }
    return known ? sum / (double)known : (double)NAN;
}

void metrics_tell(const struct image_scores *each, enum metric metric, const double *values,
                  size_t count)
{
    if (each && each->values[metric] && count)
        memcpy(each->values[metric], values, count * sizeof *values);
}

enum status metrics_images(const struct image_set *outputs, const struct image_set *truth,
                           int threads, struct scores *scores, const struct image_scores *each,
                           struct error *error)
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
    parallel_count(threads, count, "images", score_image, &work);
    TRY(interrupt_check(error));
    metrics_tell(each, METRIC_SSIM, work.ssim, count);
    metrics_tell(each, METRIC_PSNR, work.psnr, count);
    if (count) {
        scores->values[METRIC_SSIM] = metrics_mean(work.ssim, count);
        scores->values[METRIC_PSNR] = metrics_mean(work.psnr, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (work.psnr[i] >= QUALITY_PSNR_MOST)
            exceptions_add(&scores->capped, i);
        if (!isfinite(work.ssim[i]) || !isfinite(work.psnr[i]))
            exceptions_add(&scores->undefined, i);
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

/* How often each class is named, by outputs and by `classes`, and how often by both. */
struct class_counts {
    size_t named[METRICS_MAX_CLASSES], all[METRICS_MAX_CLASSES], right[METRICS_MAX_CLASSES];
    size_t total_right;
};

/* In whole numbers, so that chance without a remainder is told exactly. */
static double kappa(const struct class_counts *counts, size_t images, int class_count)
{
    uint64_t square = (uint64_t)images * images, chance = 0;

    for (int c = 0; c < class_count; c++)
        chance += (uint64_t)counts->named[c] * counts->all[c];
    if (chance == square)
        return (double)NAN;
    double beyond = (double)((int64_t)((uint64_t)images * counts->total_right) - (int64_t)chance);
    return beyond / (double)(square - chance);
}

void metrics_classes(const struct image_set *outputs, const uint8_t *classes, int class_count,
                     struct scores *scores, const struct image_scores *each)
{
    struct class_counts counts = {0};
    double *own = each ? each->values[METRIC_ACCURACY] : NULL;

    assert(class_count <= METRICS_MAX_CLASSES);
    scores_clear(scores);
    for (size_t i = 0; i < outputs->count; i++) {
        const float *values = image_set_at(outputs, i).pixels;
        int named = metrics_argmax(values, class_count);
        bool hit = named == classes[i], none = holds_nan(values, class_count);
        counts.named[named]++;
        counts.all[classes[i]]++;
        counts.right[classes[i]] += hit;
        counts.total_right += hit;
        if (none)
            exceptions_add(&scores->undefined, i);
        if (own)
            own[i] = none ? (double)NAN : hit;
    }
    if (scores->undefined.count)
        return;
    if (outputs->count) {
        scores->values[METRIC_ACCURACY] = (double)counts.total_right / (double)outputs->count;
        scores->values[METRIC_KAPPA] = kappa(&counts, outputs->count, class_count);
    }
    for (int c = 0; c < class_count; c++)
        if (counts.all[c])
            scores->parts[c] = (double)counts.right[c] / (double)counts.all[c];
}

double metrics_value(const struct scores *scores, enum metric metric)
{
    return scores->values[metric];
}
