/*
 * Soft Dice: how far the masks overlap, made large directly, so that a small class counts as much
 * as a large one. With p = softmax of the scores of each pixel and t = 1 for the pixel's class, 0
 * for the others, for an item and class c over its known pixels
 *
 *     D_c = (2 sum p_c t_c + s) / (sum p_c + sum t_c + s),    L = 1 - sum_c w_c D_c / sum_c w_c.
 *
 * `smooth`, s, keeps a class that does not occur from counting as wholly missed; w are factors of
 * classes. To it, `cross_entropy` times the mean cross-entropy of the pixels is added, without
 * factors of classes: the sum of both learns more steadily early on. An item without a known pixel
 * has 0. In double precision, pixel by pixel. References: Milletari, Navab, Ahmadi, "V-Net: fully
 * convolutional neural networks for volumetric medical image segmentation", 3DV 2016; Sudre, Li,
 * Vercauteren, Ourselin, Cardoso, "Generalised Dice overlap as a deep learning loss function for
 * highly unbalanced segmentations", DLMIA 2017 (several classes, factors). Cost: two exponentials a
 * score.
 */
#include "interfaces/training.h"
#include "train/losses/class_weights.h"
#include "train/losses/known.h"
#include "train/losses/softmax.h"

struct dice {
    double smooth, cross_entropy;
    struct real_list weights;
};

static const struct field fields[] = {
    {"smooth", FIELD_REAL, offsetof(struct dice, smooth), .minimum = 1e-6, .maximum = 1e6,
     .default_value = "1", .unit = "pixels",
     .help = "added to overlap and size of each class; larger values matter less to classes that "
             "are absent"},
    {"cross_entropy", FIELD_REAL, offsetof(struct dice, cross_entropy), .maximum = 1000,
     .default_value = "0", .help = "factor of the cross-entropy that is added"},
    CLASS_WEIGHTS_FIELD(dice),
    {0},
};

/* One item. Sums by class are in scratch, as floats cannot hold them: [classes] of these. */
struct dice_sums {
    double both, outputs, truth; /* sum of p t, p, t */
    double slope, target_slope;  /* dL/dp = slope + target_slope t */
};

struct dice_item {
    const struct dice *settings;
    size_t classes, plane, known;
    const float *y, *targets;
    struct dice_sums *sums;
};

/* Returns the sum of the pixels' cross-entropy. */
static double sum_classes(const struct dice_item *item)
{
    double surprise = 0;

    for (size_t c = 0; c < item->classes; c++)
        item->sums[c] = (struct dice_sums){0};
    for (size_t i = 0; i < item->plane; i++) {
        if (isnan(item->targets[i]))
            continue;
        size_t class = (size_t)item->targets[i];
        struct softmax softmax = softmax_of(item->y + i, item->classes, item->plane, 1);
        for (size_t c = 0; c < item->classes; c++)
            item->sums[c].outputs += softmax_at(&softmax, c);
        item->sums[class].both += softmax_at(&softmax, class);
        item->sums[class].truth++;
        if (item->settings->cross_entropy > 0)
            surprise += softmax_surprise(&softmax, class);
    }
    return surprise;
}

/* The loss of the sums, and its slopes by each class's p. */
static double overlap_loss(const struct dice_item *item)
{
    const struct dice *settings = item->settings;
    double weights = 0, loss = 1;

    for (size_t c = 0; c < item->classes; c++)
        weights += class_weight(&settings->weights, c);
    for (size_t c = 0; c < item->classes; c++) {
        struct dice_sums *sums = &item->sums[c];
        double weight = class_weight(&settings->weights, c) / weights;
        double overlap = 2 * sums->both + settings->smooth;
        double size = sums->outputs + sums->truth + settings->smooth;
        loss -= weight * overlap / size;
        sums->slope = weight * overlap / (size * size);
        sums->target_slope = -2 * weight / size;
    }
    return loss;
}

/* dL/dy_c = p_c (g_c - sum_k p_k g_k) with g = dL/dp, and the slope of the cross-entropy. */
static void pixel_slopes(const struct dice_item *item, size_t pixel, double scale, float *dy)
{
    size_t class = (size_t)item->targets[pixel];
    double mean = 0, entropy = item->settings->cross_entropy / (double)item->known;
    struct softmax softmax = softmax_of(item->y + pixel, item->classes, item->plane, 1);

    for (size_t c = 0; c < item->classes; c++)
        mean += softmax_at(&softmax, c) * item->sums[c].slope;
    mean += softmax_at(&softmax, class) * item->sums[class].target_slope;
    for (size_t c = 0; c < item->classes; c++) {
        const struct dice_sums *sums = &item->sums[c];
        double p = softmax_at(&softmax, c), t = c == class;
        double slope = p * (sums->slope + t * sums->target_slope - mean) + entropy * (p - t);
        dy[pixel + c * item->plane] = (float)(scale * slope);
    }
}

static double item_evaluate(struct dice_item *item, double scale, float *dy)
{
    item->known = known_count(item->targets, item->plane);
    for (size_t i = 0; i < item->classes * item->plane; i++)
        dy[i] = 0;
    if (!item->known)
        return 0;
    double surprise = sum_classes(item), loss = overlap_loss(item);
    for (size_t i = 0; i < item->plane; i++)
        if (!isnan(item->targets[i]))
            pixel_slopes(item, i, scale, dy);
    return loss + item->settings->cross_entropy * surprise / (double)item->known;
}

static double dice_evaluate(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);
    struct dice_item item = {.settings = call->config,
                             .classes = (size_t)call->shape.channels,
                             .plane = shape_plane(call->shape),
                             .sums = (struct dice_sums *)(void *)call->scratch};
    double total = 0;

    for (size_t i = 0; i < (size_t)call->count; i++) {
        item.y = call->y + i * size;
        item.targets = call->targets + i * item.plane;
        total += item_evaluate(&item, (double)call->scale, call->dy + i * size);
    }
    return total;
}

static size_t dice_scratch(struct shape shape)
{
    return (size_t)shape.channels * sizeof(struct dice_sums) / sizeof(float);
}

static enum status dice_check(const void *config, struct shape shape, const float *target,
                              struct error *error)
{
    const struct dice *settings = config;

    (void)target;
    return class_weights_check(&settings->weights, shape, error);
}

const struct loss loss_dice = {
    .descriptor = {.name = "dice",
                   .summary = "1 - soft Dice overlap, for masks",
                   .source = "Milletari, Navab, Ahmadi 2016; Sudre et al. 2017",
                   .fields = fields,
                   .config_size = sizeof(struct dice),
                   .version = 1},
    .targets = LOSS_MASKS,
    .check = dice_check,
    .scratch = dice_scratch,
    .evaluate = dice_evaluate,
};
