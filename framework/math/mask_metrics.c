#include "math/mask_metrics.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <assert.h>
#include <math.h>

enum { UNKNOWN_PIXEL = -1, UNANSWERED_PIXEL = -2 };
enum mask_side { TRUE_SIDE, OUTPUT_SIDE, MASK_SIDES };

/* The scores that each image has of its own. */
static const enum metric own_metrics[] = {METRIC_IOU, METRIC_DICE, METRIC_PIXEL_ACCURACY,
                                          METRIC_BOUNDARY_F1};
enum { OWN_IOU, OWN_DICE, OWN_ACCURACY, OWN_BOUNDARY, OWN_METRICS };

struct class_overlap { /* pixels of one class */
    size_t truth, output, both;
};

struct class_boundary { /* boundary pixels of one class on each side, and those with a match */
    size_t pixels[MASK_SIDES], matched[MASK_SIDES];
};

/* What one thread works with; maps are [height][width]. */
struct mask_scratch {
    int16_t *classes[MASK_SIDES];
    int16_t *boundary[MASK_SIDES]; /* the pixel's class on its boundary, else UNKNOWN_PIXEL */
    struct class_boundary *counts; /* [class_count] */
};

struct masks_work {
    const struct image_set *outputs, *truth;
    int class_count;
    struct class_overlap *overlaps;    /* [images][class_count] */
    double *own;                       /* [OWN_METRICS][images] */
    int16_t *maps;                     /* [threads][2 * MASK_SIDES][plane] */
    struct class_boundary *boundaries; /* [threads][class_count] */
    size_t plane;                      /* of the largest image */
};

static int16_t class_at(float value, int class_count)
{
    bool is_class = value >= 0 && value < (float)class_count && value == floorf(value);

    return is_class ? (int16_t)value : UNANSWERED_PIXEL;
}

static void read_classes(const struct masks_work *work, size_t index,
                         const struct mask_scratch *scratch)
{
    struct image truth = image_set_at(work->truth, index);
    const float *output = image_set_at(work->outputs, index).pixels;

    for (size_t i = 0; i < shape_size(truth.shape); i++) {
        int16_t class = class_at(truth.pixels[i], work->class_count);
        bool known = class >= 0;
        scratch->classes[TRUE_SIDE][i] = known ? class : UNKNOWN_PIXEL;
        scratch->classes[OUTPUT_SIDE][i] =
            known ? class_at(output[i], work->class_count) : UNKNOWN_PIXEL;
    }
}

static void count_overlaps(const struct mask_scratch *scratch, size_t plane,
                           struct class_overlap *overlaps)
{
    for (size_t i = 0; i < plane; i++) {
        int truth = scratch->classes[TRUE_SIDE][i], output = scratch->classes[OUTPUT_SIDE][i];
        if (truth >= 0)
            overlaps[truth].truth++;
        if (output >= 0)
            overlaps[output].output++;
        if (truth >= 0 && truth == output)
            overlaps[truth].both++;
    }
}

/* All classes together. */
static struct class_overlap overlap_sum(const struct class_overlap *overlaps, int class_count)
{
    struct class_overlap sum = {0};

    for (int c = 0; c < class_count; c++) {
        sum.truth += overlaps[c].truth;
        sum.output += overlaps[c].output;
        sum.both += overlaps[c].both;
    }
    return sum;
}

static bool occurs(const struct class_overlap *overlap)
{
    return overlap->truth || overlap->output;
}

static double overlap_iou(const struct class_overlap *overlap)
{
    return (double)overlap->both / (double)(overlap->truth + overlap->output - overlap->both);
}

static double overlap_dice(const struct class_overlap *overlap)
{
    return 2 * (double)overlap->both / (double)(overlap->truth + overlap->output);
}

/* Over the classes that occur. */
static double mean_over_classes(const struct class_overlap *overlaps, int class_count,
                                double (*value)(const struct class_overlap *))
{
    double sum = 0;
    int count = 0;

    for (int c = 0; c < class_count; c++)
        if (occurs(&overlaps[c])) {
            sum += value(&overlaps[c]);
            count++;
        }
    return count ? sum / count : (double)NAN;
}

static bool differs(int16_t class, int16_t neighbour)
{
    return neighbour != class && neighbour != UNKNOWN_PIXEL;
}

static void mark_boundary(const int16_t *classes, struct shape shape, int16_t *boundary)
{
    int width = shape.width;

    for (int y = 0; y < shape.height; y++)
        for (int x = 0; x < width; x++) {
            size_t i = (size_t)y * (size_t)width + (size_t)x;
            int16_t class = classes[i];
            bool on = class >= 0 &&
                      ((x > 0 && differs(class, classes[i - 1])) ||
                       (x + 1 < width && differs(class, classes[i + 1])) ||
                       (y > 0 && differs(class, classes[i - (size_t)width])) ||
                       (y + 1 < shape.height && differs(class, classes[i + (size_t)width])));
            boundary[i] = on ? class : UNKNOWN_PIXEL;
        }
}

/* ceil(0.0075 sqrt(height^2 + width^2)), in whole numbers. */
static int boundary_reach(struct shape shape)
{
    int64_t height = shape.height, width = shape.width, reach = 1;
    int64_t square = 75 * 75 * (height * height + width * width);

    while (reach * reach * 10000 * 10000 < square)
        reach++;
    return (int)reach;
}

/* Is there a pixel of the class in row `y`, at most `across` from column `x`? */
static bool row_has(const int16_t *boundary, struct shape shape, int y, int x, int across,
                    int16_t class)
{
    int first = x > across ? x - across : 0;
    int last = x < shape.width - across ? x + across : shape.width - 1;

    if (y < 0 || y >= shape.height)
        return false;
    boundary += (size_t)y * (size_t)shape.width;
    for (int k = first; k <= last; k++)
        if (boundary[k] == class)
            return true;
    return false;
}

/* … within a disc around the pixel? */
static bool disc_has(const int16_t *boundary, struct shape shape, int y, int x, int reach,
                     int16_t class)
{
    for (int dy = 0; dy <= reach; dy++) {
        int across = (int)sqrt((double)reach * reach - (double)dy * dy);
        if (row_has(boundary, shape, y - dy, x, across, class) ||
            row_has(boundary, shape, y + dy, x, across, class))
            return true;
    }
    return false;
}

static void match_boundaries(const struct mask_scratch *scratch, struct shape shape,
                             enum mask_side side)
{
    const int16_t *own = scratch->boundary[side], *other = scratch->boundary[!side];
    int reach = boundary_reach(shape);

    for (int y = 0; y < shape.height; y++)
        for (int x = 0; x < shape.width; x++) {
            int16_t class = own[(size_t)y * (size_t)shape.width + (size_t)x];
            if (class < 0)
                continue;
            scratch->counts[class].pixels[side]++;
            scratch->counts[class].matched[side] += disc_has(other, shape, y, x, reach, class);
        }
}

static double class_f1(const struct class_boundary *counts, const struct class_overlap *overlap)
{
    size_t truth = counts->pixels[TRUE_SIDE], output = counts->pixels[OUTPUT_SIDE];

    if (!truth && !output)
        return overlap->truth && overlap->output ? 1 : 0;
    if (!truth || !output)
        return 0;
    double recall = (double)counts->matched[TRUE_SIDE] / (double)truth;
    double precision = (double)counts->matched[OUTPUT_SIDE] / (double)output;
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

static double boundary_f1(const struct mask_scratch *scratch, struct shape shape,
                          const struct class_overlap *overlaps, int class_count)
{
    double sum = 0;
    int count = 0;

    for (int c = 0; c < class_count; c++)
        scratch->counts[c] = (struct class_boundary){0};
    for (int side = 0; side < MASK_SIDES; side++)
        mark_boundary(scratch->classes[side], shape, scratch->boundary[side]);
    for (int side = 0; side < MASK_SIDES; side++)
        match_boundaries(scratch, shape, (enum mask_side)side);
    for (int c = 0; c < class_count; c++)
        if (occurs(&overlaps[c])) {
            sum += class_f1(&scratch->counts[c], &overlaps[c]);
            count++;
        }
    return sum / count;
}

static struct mask_scratch scratch_of(const struct masks_work *work, int thread)
{
    int16_t *maps = work->maps + (size_t)thread * 2 * MASK_SIDES * work->plane;

    return (struct mask_scratch){
        .classes = {maps, maps + work->plane},
        .boundary = {maps + 2 * work->plane, maps + 3 * work->plane},
        .counts = work->boundaries + (size_t)thread * (size_t)work->class_count,
    };
}

/* A parallel_body. */
static void score_mask(void *context, size_t index, int thread)
{
    struct masks_work *work = context;
    struct mask_scratch scratch = scratch_of(work, thread);
    struct shape shape = work->truth->shapes[index];
    int classes = work->class_count;
    struct class_overlap *overlaps = work->overlaps + index * (size_t)classes;
    double *own = work->own + index;
    size_t images = work->truth->count;

    read_classes(work, index, &scratch);
    count_overlaps(&scratch, shape_plane(shape), overlaps);
    struct class_overlap sum = overlap_sum(overlaps, classes);
    bool scored = sum.truth && sum.output;
    for (size_t m = 0; !scored && m < OWN_METRICS; m++)
        own[m * images] = (double)NAN;
    if (!scored)
        return;
    own[OWN_IOU * images] = mean_over_classes(overlaps, classes, overlap_iou);
    own[OWN_DICE * images] = mean_over_classes(overlaps, classes, overlap_dice);
    own[OWN_ACCURACY * images] = (double)sum.both / (double)sum.truth;
    own[OWN_BOUNDARY * images] = boundary_f1(&scratch, shape, overlaps, classes);
}

/* What the classes come to in all images: the mean IoU of each, and their pixels. */
static void score_classes_of_set(const struct masks_work *work, struct scores *scores)
{
    struct class_overlap pooled[METRICS_MAX_CLASSES] = {0};
    size_t classes = (size_t)work->class_count;

    for (size_t c = 0; c < classes; c++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < work->truth->count; i++) {
            const struct class_overlap *overlap = &work->overlaps[i * classes + c];
            pooled[c].truth += overlap->truth;
            pooled[c].output += overlap->output;
            pooled[c].both += overlap->both;
            if (!occurs(overlap))
                continue;
            sum += overlap_iou(overlap);
            count++;
        }
        if (count)
            scores->parts[c] = sum / (double)count;
    }
    scores->values[METRIC_POOLED_IOU] = mean_over_classes(pooled, work->class_count, overlap_iou);
}

static enum status masks_allocate(struct masks_work *work, size_t threads, struct error *error)
{
    size_t images = work->truth->count, classes = (size_t)work->class_count;

    for (size_t i = 0; i < images; i++) {
        struct shape shape = work->truth->shapes[i];
        assert(shape.channels == 1 && shape_equal(shape, work->outputs->shapes[i]));
        work->plane = shape_plane(shape) > work->plane ? shape_plane(shape) : work->plane;
    }
    PASS(memory_new(&work->overlaps, images, classes * sizeof *work->overlaps, error));
    PASS(memory_new(&work->own, images, OWN_METRICS * sizeof *work->own, error));
    PASS(memory_new(&work->boundaries, threads, classes * sizeof *work->boundaries, error));
    return memory_new(&work->maps, threads * 2 * MASK_SIDES, work->plane * sizeof *work->maps,
                      error);
}

enum status metrics_masks(const struct image_set *outputs, const struct image_set *truth,
                          int class_count, int threads, struct scores *scores,
                          const struct image_scores *each, struct error *error)
{
    enum status status = STATUS_OK;
    struct masks_work work = {.outputs = outputs, .truth = truth, .class_count = class_count};
    size_t count = truth->count;

    assert(outputs->count == count && class_count > 0 && class_count <= METRICS_MAX_CLASSES);
    threads = threads < 1 ? 1 : threads;
    scores_clear(scores);
    if (!count)
        return STATUS_OK;
    TRY(masks_allocate(&work, (size_t)threads, error));
    parallel_count(threads, count, "images", score_mask, &work);
    TRY(interrupt_check(error));
    for (size_t m = 0; m < OWN_METRICS; m++)
        metrics_tell(each, own_metrics[m], work.own + m * count, count);
    for (size_t i = 0; i < count; i++)
        if (isnan(work.own[i]) &&
            overlap_sum(work.overlaps + i * (size_t)class_count, class_count).truth)
            exceptions_add(&scores->undefined, i);
    if (scores->undefined.count)
        goto out;
    for (size_t m = 0; m < OWN_METRICS; m++)
        scores->values[own_metrics[m]] = metrics_mean_known(work.own + m * count, count);
    score_classes_of_set(&work, scores);
out:
    memory_free(work.maps);
    memory_free(work.boundaries);
    memory_free(work.own);
    memory_free(work.overlaps);
    return status;
}
