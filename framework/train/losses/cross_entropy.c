/*
 * Cross-entropy of softmax. For n scores y, the class c, the smoothing s and factors of classes w,
 *
 *     L = -sum_i w_i t_i log p_i,    p = softmax(y),    t_i = (1 - s) [i = c] + s / n,
 *     dL/dy_i = p_i sum_k w_k t_k - w_i t_i.
 *
 * Of a mask it is the mean over the pixels whose class is known, 0 where none is: the factors
 * change what a pixel counts, not by how many it is divided. A score that is not a number makes the
 * loss not a number. Smoothing keeps the network from being ever surer of its training items.
 * References: Bridle, "Probabilistic interpretation of feedforward classification network outputs",
 * 1990; Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception architecture for
 * computer vision", CVPR 2016 (smoothing); masks: Long, Shelhamer, Darrell, "Fully convolutional
 * networks for semantic segmentation", CVPR 2015. Cost: two exponentials a score.
 */
#include "interfaces/training.h"
#include "train/losses/class_weights.h"
#include "train/losses/known.h"
#include "train/losses/softmax.h"

struct cross_entropy {
    double smoothing;
    struct real_list weights;
};

static const struct field fields[] = {
    {"smoothing", FIELD_REAL, offsetof(struct cross_entropy, smoothing), .maximum = 1,
     .default_value = "0",
     .help = "share of an item's label that is spread evenly over all classes"},
    CLASS_WEIGHTS_FIELD(cross_entropy),
    {0},
};

/* `size` scores of one item or pixel, `stride` floats apart. */
static double class_loss(const struct cross_entropy *settings, size_t size, size_t stride,
                         const float *y, size_t class, double scale, float *dy)
{
    const struct real_list *weights = &settings->weights;
    struct softmax softmax = softmax_of(y, size, stride, 1);
    double own = 1 - settings->smoothing, share = settings->smoothing / (double)size, spread = 0;
    double sum = weights->count ? own * weights->items[class] : 1;

    for (size_t i = 0; i < weights->count; i++)
        sum += share * weights->items[i];
    for (size_t i = 0; i < size; i++) {
        double target = class_weight(weights, i) * ((i == class ? own : 0) + share);
        dy[i * stride] = (float)(scale * (sum * softmax_at(&softmax, i) - target));
    }
    for (size_t i = 0; settings->smoothing > 0 && i < size; i++)
        spread += class_weight(weights, i) * softmax_surprise(&softmax, i);
    return own * class_weight(weights, class) * softmax_surprise(&softmax, class) + share * spread;
}

static double mask_loss(const struct cross_entropy *settings, struct shape shape, const float *y,
                        const float *targets, double scale, float *dy)
{
    size_t plane = shape_plane(shape), classes = (size_t)shape.channels;
    size_t known = known_count(targets, plane);
    double sum = 0;

    for (size_t i = 0; i < plane; i++) {
        if (!isnan(targets[i]))
            sum += class_loss(settings, classes, plane, y + i, (size_t)targets[i],
                              scale / (double)known, dy + i);
        for (size_t c = 0; isnan(targets[i]) && c < classes; c++)
            dy[i + c * plane] = 0;
    }
    return known_mean(sum, known);
}

static double cross_entropy_evaluate(const struct loss_call *call)
{
    const struct cross_entropy *settings = call->config;
    size_t size = shape_size(call->shape), plane = shape_plane(call->shape);
    double total = 0, scale = (double)call->scale;

    for (size_t item = 0; item < (size_t)call->count; item++) {
        const float *y = call->y + item * size;
        float *dy = call->dy + item * size;
        if (call->classes)
            total += class_loss(settings, size, 1, y, call->classes[item], scale, dy);
        else
            total += mask_loss(settings, call->shape, y, call->targets + item * plane, scale, dy);
    }
    return total;
}

static enum status cross_entropy_check(const void *config, struct shape shape, const float *target,
                                       struct error *error)
{
    const struct cross_entropy *settings = config;

    (void)target;
    return class_weights_check(&settings->weights, shape, error);
}

const struct loss loss_cross_entropy = {
    .descriptor = {.name = "cross_entropy",
                   .summary = "cross-entropy of softmax, for classes and masks",
                   .source = "Bridle 1990; smoothing: Szegedy et al. 2016",
                   .fields = fields,
                   .config_size = sizeof(struct cross_entropy),
                   .version = 1},
    .targets = LOSS_CLASSES,
    .check = cross_entropy_check,
    .evaluate = cross_entropy_evaluate,
};
