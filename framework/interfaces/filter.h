/*
 * Filters of noisy labels: which of the pipeline's labels to leave out of training.
 *
 * A filter sees inputs, the pipeline's labels and, where it asks for them, what networks make of
 * these; never the test split. Ground truth is shown to a control that says so, `sees_truth`, and
 * to no other.
 */
#ifndef UNDERSTUDY_INTERFACES_FILTER_H
#define UNDERSTUDY_INTERFACES_FILTER_H

#include "base/random.h"
#include "interfaces/content.h"
#include "io/schema/schema.h"
#include "math/image.h"

/* A network that is fitted on labels to look at them; trained as the trial's `train` says but for
 * the epochs. */
struct filter_network {
    struct component family; /* kind NULL: the trial's own network */
    int64_t epochs;
};

/* What is measured while a network is trained on all items. */
struct training_dynamics {
    const char *name;       /* of the measure, one word: results are kept under it */
    const uint8_t *classes; /* [items]: trained on in the place of the labels' own */
    int class_count;        /* of the network's outputs; labels may have fewer */
    /* Of an item's outputs (scores before softmax) and its class. */
    float (*measure)(const float *scores, int class_count, uint8_t class);
};

/* A small change of the inputs that a pipeline sees. */
struct filter_change {
    double noise, brightness; /* standard deviation; largest change of all pixels alike: shares of
                                 the full scale */
    int number;               /* which of the draws */
};

struct regions; /* filters/regions.h */

struct filter_input {
    const struct image_set *inputs; /* items: images, or patches of them */
    const struct image_set *labels; /* the pipeline's: images, masks, scores (classes, 1, 1) … */
    enum content content;           /* of labels */
    /* What is judged where labels are masks: not items, but these. Else NULL. */
    const struct regions *regions;
    const uint8_t *classes; /* the label's class in classification; else NULL */
    int class_count;
    /* What the labels should be, for controls alone (`sees_truth`); else NULL. */
    const struct image_set *true_labels; /* of all but classes; NaN: not known */
    const uint8_t *true_classes;
    struct random_key key; /* for draws with purpose RANDOM_FILTER */
    /*
     * Predictions of every item by a network that was not trained on it: items are dealt to `folds`
     * folds, patches of one image to the same, each class evenly; one network a fold is trained on
     * the others. `predictions` gets the shapes of `labels`; for classes, softmax probabilities,
     * of masks (classes, height, width). The caller releases it. What a fold gave is kept, and
     * shared by filters that ask for the same.
     */
    enum status (*out_of_fold)(void *context, const struct filter_network *network, int folds,
                               struct image_set *predictions, struct error *error);
    /* Train one network on all items; values[epoch * items + item] gets what the course measures
     * after each epoch. Classes alone. Kept in the same way. */
    enum status (*course)(void *context, const struct filter_network *network,
                          const struct training_dynamics *course, float *values,
                          struct error *error);
    /* The labels of all items had the pipeline seen inputs changed so; made here, the caller
     * releases them. Without noise and brightness they are its answers as they are, before
     * `label_noise`. NULL: it cannot be asked again. */
    enum status (*relabel)(void *context, const struct filter_change *change,
                           struct image_set *labels, struct error *error);
    void *context;
};

/* Why an item was dropped; stored beside the mask. Append only. */
enum filter_reason {
    FILTER_KEPT = 0,
    FILTER_RANDOM = 1,       /* drawn at random */
    FILTER_RESIDUAL = 2,     /* among the largest residuals */
    FILTER_DISAGREEMENT = 3, /* prediction and label name different classes */
    FILTER_CONFIDENT = 4,    /* of the joint counts of labels and confident predictions */
    FILTER_MARGIN = 5,       /* among the smallest margins over the course of training */
    FILTER_LOSS = 6,         /* among the largest losses early in training */
    FILTER_PATCH = 7,        /* a part of it is among the largest residuals */
    FILTER_TRUTH = 8,        /* truly wrong, as the control `oracle` knows */
    FILTER_REGION = 9,       /* a region that predictions contradict most */
    FILTER_UNSTABLE = 10,    /* the pipeline answers otherwise to nearly the same input */
    FILTER_REASONS           /* how many there are */
};

/* Items; of masks their regions. */
size_t filter_units(const struct filter_input *input);

struct filter_result {
    uint8_t
        *reason;  /* [units], enum filter_reason; FILTER_KEPT: trained on. Zeroed by the caller */
    float *score; /* [units], larger is more suspect. Zeroed by the caller */
};

struct filter {
    struct descriptor descriptor;
    unsigned serves; /* labels: SERVES_IMAGES | … */
    bool trains;     /* may ask for networks: depends on what training does */
    bool sees_truth; /* a control, not a method: it is shown ground truth */
    bool asks_again; /* calls `relabel`: recorded labels will not do */
    /* Fewer labelled images than so many are a mistake; `class_count` 0: not known, or none. NULL:
     * any number will do. */
    size_t (*least)(const void *config, int class_count);
    enum status (*apply)(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error);
};
DESCRIPTOR_OF(filter);

#endif
