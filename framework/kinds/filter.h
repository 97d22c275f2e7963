/*
 * Filters of noisy labels: which of the pipeline's labels to leave out of training.
 *
 * A filter sees inputs, the pipeline's labels and, where it asks for them, out-of-fold predictions
 * of the network; never ground truth, never the test split.
 */
#ifndef UNDERSTUDY_KINDS_FILTER_H
#define UNDERSTUDY_KINDS_FILTER_H

#include "base/random.h"
#include "io/schema.h"
#include "math/image.h"

struct filter_input {
    const struct image_set *inputs; /* items: images, or patches of them */
    const struct image_set *labels; /* the pipeline's: images, or scores (classes, 1, 1) */
    const uint8_t *classes;         /* the label's class in classification; NULL in denoising */
    int class_count;
    struct random_key key; /* for draws with purpose RANDOM_FILTER */
    /*
     * Predictions of every item by a network that was not trained on it: items are dealt to `folds`
     * folds in a random order, one network (the trial's own, trained `epochs` epochs on the labels)
     * a fold. `predictions` gets the shapes of `labels`; for classes, softmax probabilities. The
     * caller releases it.
     */
    enum status (*out_of_fold)(void *context, int folds, int epochs, struct image_set *predictions,
                               struct error *error);
    void *context;
};

/* Why an item was dropped; stored beside the mask. Append only. */
enum filter_reason {
    FILTER_KEPT = 0,
    FILTER_RANDOM = 1,       /* drawn by lot */
    FILTER_RESIDUAL = 2,     /* among the largest residuals */
    FILTER_DISAGREEMENT = 3, /* prediction and label name different classes */
    FILTER_REASONS           /* how many there are */
};

struct filter_result {
    uint8_t
        *reason;  /* [items], enum filter_reason; FILTER_KEPT: trained on. Zeroed by the caller */
    float *score; /* [items], larger is more suspect. Zeroed by the caller */
};

struct filter {
    struct descriptor descriptor;
    bool denoise, classify; /* tasks that it serves */
    bool trains;            /* may ask for predictions: depends on all that training does */
    enum status (*apply)(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error);
};

#endif
