#include "math/number_metrics.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <assert.h>
#include <math.h>

struct number_errors { /* of one number in one image, or of several */
    size_t known, answered;
    size_t related;                    /* … of which the truth is not 0 */
    double absolute, square, relative; /* sums over answered values */
    double truth, spread; /* … and of the truth, and its squared distance from `mean` */
    float least, most;    /* truth */
    bool infinite;        /* an error is */
};

struct numbers_work {
    const struct image_set *outputs, *truth;
    size_t numbers;
    struct number_errors *errors;               /* [images][numbers] */
    double *means;                              /* [numbers], of truth */
    double *mae, *square, *relative, *coverage; /* [images] */
};

static void add_error(struct number_errors *errors, float truth, float output)
{
    double difference = (double)output - (double)truth, size = fabs(difference);

    errors->infinite = errors->infinite || !isfinite(difference);
    errors->absolute += size;
    errors->square += difference * difference;
    if (truth != 0) {
        errors->relative += size / fabs((double)truth);
        errors->related++;
    }
    errors->truth += (double)truth;
    errors->least = !errors->answered || truth < errors->least ? truth : errors->least;
    errors->most = !errors->answered || truth > errors->most ? truth : errors->most;
    errors->answered++;
}

/* The first of two parallel bodies: all but `spread`. */
static void measure_errors(void *context, size_t index, int thread)
{
    struct numbers_work *work = context;
    size_t plane = shape_plane(work->truth->shapes[index]);
    const float *truth = image_set_at(work->truth, index).pixels;
    const float *output = image_set_at(work->outputs, index).pixels;

    (void)thread;
    for (size_t n = 0; n < work->numbers; n++) {
        struct number_errors *errors = &work->errors[index * work->numbers + n];
        for (size_t i = n * plane; i < (n + 1) * plane; i++) {
            if (isnan(truth[i]))
                continue;
            errors->known++;
            if (!isnan(output[i]))
                add_error(errors, truth[i], output[i]);
        }
    }
}

/* The second: how far truth is from each number's mean, where there is an answer. */
static void measure_spread(void *context, size_t index, int thread)
{
    struct numbers_work *work = context;
    size_t plane = shape_plane(work->truth->shapes[index]);
    const float *truth = image_set_at(work->truth, index).pixels;
    const float *output = image_set_at(work->outputs, index).pixels;

    (void)thread;
    for (size_t n = 0; n < work->numbers; n++) {
        struct number_errors *errors = &work->errors[index * work->numbers + n];
        for (size_t i = n * plane; i < (n + 1) * plane; i++) {
            double distance = (double)truth[i] - work->means[n];
            if (!isnan(truth[i]) && !isnan(output[i]))
                errors->spread += distance * distance;
        }
    }
}

static void join_errors(struct number_errors *sum, const struct number_errors *errors)
{
    if (errors->answered) {
        bool first = !sum->answered;
        sum->least = first || errors->least < sum->least ? errors->least : sum->least;
        sum->most = first || errors->most > sum->most ? errors->most : sum->most;
    }
    sum->known += errors->known;
    sum->answered += errors->answered;
    sum->related += errors->related;
    sum->absolute += errors->absolute;
    sum->square += errors->square;
    sum->relative += errors->relative;
    sum->truth += errors->truth;
    sum->spread += errors->spread;
    sum->infinite = sum->infinite || errors->infinite;
}

/* One number in all images. */
static struct number_errors errors_of_number(const struct numbers_work *work, size_t number)
{
    struct number_errors sum = {0};

    for (size_t i = 0; i < work->truth->count; i++)
        join_errors(&sum, &work->errors[i * work->numbers + number]);
    return sum;
}

static double mean_of(double sum, size_t count)
{
    return count ? sum / (double)count : (double)NAN;
}

static void score_each(const struct numbers_work *work, struct exceptions *undefined)
{
    for (size_t i = 0; i < work->truth->count; i++) {
        struct number_errors sum = {0};
        bool is_map = shape_plane(work->truth->shapes[i]) > 1;
        for (size_t n = 0; n < work->numbers; n++)
            join_errors(&sum, &work->errors[i * work->numbers + n]);
        bool answered = sum.answered == sum.known || (is_map && sum.answered);
        bool scored = answered && !sum.infinite;
        if (!scored)
            exceptions_add(undefined, i);
        work->mae[i] = scored ? mean_of(sum.absolute, sum.answered) : (double)NAN;
        work->square[i] = scored ? mean_of(sum.square, sum.answered) : (double)NAN;
        work->relative[i] = scored ? mean_of(sum.relative, sum.related) : (double)NAN;
        work->coverage[i] = scored ? mean_of((double)sum.answered, sum.known) : (double)NAN;
    }
}

/* A number's MAE is a mean over images, as that of all numbers is. */
static double part_mae(const struct numbers_work *work, size_t number)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < work->truth->count; i++) {
        const struct number_errors *errors = &work->errors[i * work->numbers + number];
        if (!errors->answered)
            continue;
        sum += errors->absolute / (double)errors->answered;
        count++;
    }
    return mean_of(sum, count);
}

static double r_squared(const struct numbers_work *work)
{
    double sum = 0;

    for (size_t n = 0; n < work->numbers; n++) {
        struct number_errors errors = errors_of_number(work, n);
        if (errors.least == errors.most) /* also where there is no value */
            return (double)NAN;
        sum += 1 - errors.square / errors.spread;
    }
    return sum / (double)work->numbers;
}

static enum status numbers_allocate(struct numbers_work *work, struct error *error)
{
    size_t images = work->truth->count;

    for (size_t i = 0; i < images; i++) {
        assert(shape_equal(work->truth->shapes[i], work->outputs->shapes[i]));
        assert((size_t)work->truth->shapes[i].channels == work->numbers);
    }
    PASS(memory_new(&work->errors, images, work->numbers * sizeof *work->errors, error));
    PASS(memory_new(&work->means, work->numbers, sizeof *work->means, error));
    PASS(memory_new(&work->mae, images, 4 * sizeof *work->mae, error));
    work->square = work->mae + images;
    work->relative = work->square + images;
    work->coverage = work->relative + images;
    return STATUS_OK;
}

enum status metrics_numbers(const struct image_set *outputs, const struct image_set *truth,
                            int count, int threads, struct scores *scores,
                            const struct image_scores *each, struct error *error)
{
    enum status status = STATUS_OK;
    struct numbers_work work = {.outputs = outputs, .truth = truth, .numbers = (size_t)count};
    size_t images = truth->count;

    assert(outputs->count == images && count > 0 && count <= METRICS_MAX_CLASSES);
    scores_clear(scores);
    if (!images)
        return STATUS_OK;
    TRY(numbers_allocate(&work, error));
    parallel_for(threads, images, measure_errors, &work);
    for (size_t n = 0; n < work.numbers; n++) {
        struct number_errors errors = errors_of_number(&work, n);
        work.means[n] = mean_of(errors.truth, errors.answered);
    }
    parallel_for(threads, images, measure_spread, &work);
    TRY(interrupt_check(error));
    score_each(&work, &scores->undefined);
    metrics_tell(each, METRIC_MAE, work.mae, images);
    metrics_tell(each, METRIC_RELATIVE_ERROR, work.relative, images);
    metrics_tell(each, METRIC_COVERAGE, work.coverage, images);
    if (scores->undefined.count)
        goto out;
    scores->values[METRIC_MAE] = metrics_mean_known(work.mae, images);
    scores->values[METRIC_RMSE] = sqrt(metrics_mean_known(work.square, images));
    scores->values[METRIC_R2] = r_squared(&work);
    scores->values[METRIC_RELATIVE_ERROR] = metrics_mean_known(work.relative, images);
    scores->values[METRIC_COVERAGE] = metrics_mean_known(work.coverage, images);
    for (size_t n = 0; n < work.numbers; n++)
        scores->parts[n] = part_mae(&work, n);
out:
    memory_free(work.mae);
    memory_free(work.means);
    memory_free(work.errors);
    return status;
}
