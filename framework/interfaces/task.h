/*
 * What a network is to learn: what a label is, what is true, how answers are judged. Who wants to
 * know which task it is asks for what it needs of this; the tasks themselves are in
 * framework/tasks/.
 */
#ifndef UNDERSTUDY_INTERFACES_TASK_H
#define UNDERSTUDY_INTERFACES_TASK_H

#include "interfaces/content.h"
#include "interfaces/dataset.h"
#include "interfaces/training.h"
#include "math/metrics.h"

enum { TASK_MOST_METRICS = 6 };

struct truth {               /* ground truth of some images; owned */
    struct image_set images; /* what the images should be; empty where labels are classes */
    uint8_t *classes;        /* what they show; NULL where labels are images */
    /* [images] those of which it is known; others are NaN, or DATASET_NO_CLASS. NULL: all. */
    bool *known;
    size_t known_count; /* where `known` is not NULL */
};

/* Is it known of every one of `count` images? */
static inline bool truth_is_whole(const struct truth *truth, size_t count)
{
    return !truth->known || truth->known_count == count;
}

/* Is it known of none? Then nothing is scored against it. */
static inline bool truth_is_absent(const struct truth *truth)
{
    return truth->known && !truth->known_count;
}

void truth_release(struct truth *truth);

struct task_metric {
    enum metric metric;
    /* What "as good as" means in it: margins are counted in … */
    const char *unit; /* … "percentage points", "dB" … */
    double units;     /* … so many of which are 1 on the metric's own scale */
    bool of_set;      /* no image has a score of its own */
};

enum drawn_as { /* of an answer, in a figure */
                DRAWN_AS_IMAGE,
                DRAWN_AS_CLASS,   /* below the input, by its name */
                DRAWN_AS_MASK,    /* over the input, wrong pixels marked */
                DRAWN_AS_NUMBERS, /* below the input */
                DRAWN_AS_MAP,     /* an image, on a scale of its own */
};

enum { DRAWN_KINDS = DRAWN_AS_MAP + 1, DRAWN_ANSWERS = 4 };

/* Under which names examples are stored: what is true, the input, the pipeline's answer, the
 * network's. */
extern const char *const drawn_names[DRAWN_KINDS][DRAWN_ANSWERS];

struct task {
    struct descriptor descriptor;
    const char *doing;   /* in messages, as "denoising" */
    enum content labels; /* what a pipeline ends with, and a network that takes over all of it */
    struct task_metric metrics[TASK_MOST_METRICS]; /* against truth; the first is the task's own */
    size_t metric_count;
    struct task_metric agreement[TASK_MOST_METRICS]; /* … against the pipeline's answers */
    size_t agreement_count;
    unsigned losses;        /* 1 << enum loss_targets: what a loss of these labels may compare */
    const char *loss;       /* the one that is taken where none is chosen */
    enum drawn_as drawn;    /* labels, truth and answers */
    bool keeps_shape;       /* answers have the shape of the image */
    bool judges_input;      /* the degraded image is an answer, too, if a poor one */
    const struct task *map; /* the same where data sets have a number for each pixel; NULL: none */
    /* The truth of `count` images of a pool, which `clean` holds as the data set has them. */
    enum status (*truth)(struct truth *truth, const struct dataset_pool *pool,
                         const uint32_t *indices, size_t count, const struct image_set *clean,
                         struct answer answer, struct error *error);
    /* The labels that were recorded for `count` images of a pool, all of which have one, as a
     * pipeline would have given them. */
    enum status (*recorded)(struct image_set *labels, const struct dataset_pool *pool,
                            const uint32_t *indices, size_t count, const struct image_set *inputs,
                            struct answer answer, struct error *error);
    /* Answers against the truth, which is known of all. `each` gets each image's scores; it may be
     * NULL. */
    enum status (*score)(const struct image_set *answers, const struct truth *truth,
                         struct answer answer, int threads, struct scores *scores,
                         const struct image_scores *each, struct error *error);
    /* … and against other answers, as if these were true. */
    enum status (*agree)(const struct image_set *answers, const struct image_set *others,
                         struct answer answer, int threads, struct scores *scores,
                         struct error *error);
};
DESCRIPTOR_OF(task);

bool task_has_metric(const struct task *task, enum metric metric);
/* How a metric against truth, or against the pipeline, is meant; NULL: the task does not have it.
 */
const struct task_metric *task_metric_of(const struct task *task, enum metric metric);
const struct task_metric *task_agreement_of(const struct task *task, enum metric metric);

/* By enum loss_targets, for messages: "values", "images" … */
extern const char *const loss_compared[];
/* Does a loss fit that compares with these targets, where a network is to give `target`? What is
 * neither the task's label nor classes has values. */
bool task_takes_loss(const struct task *task, enum content target, enum loss_targets targets);
/* The loss that is taken where none is chosen. */
const char *task_default_loss(const struct task *task, enum content target);

#endif
