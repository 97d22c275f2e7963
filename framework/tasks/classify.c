/* The class of an image: the label is a score for each class, the truth is a class's number. */
#include "base/memory.h"
#include "interfaces/task.h"

static enum status classify_truth(struct truth *truth, const struct dataset_pool *pool,
                                  const uint32_t *indices, size_t count,
                                  const struct image_set *clean, struct answer answer,
                                  struct error *error)
{
    (void)clean, (void)answer;
    PASS(memory_new(&truth->classes, count, sizeof *truth->classes, error));
    for (size_t i = 0; i < count; i++)
        truth->classes[i] = !pool->truth           ? pool->classes[indices[i]]
                            : pool->truth->classes ? pool->truth->classes[indices[i]]
                                                   : DATASET_NO_CLASS;
    return STATUS_OK;
}

/* The score 1 for the class that was recorded, 0 for the others. */
static enum status classify_recorded(struct image_set *labels, const struct dataset_pool *pool,
                                     const uint32_t *indices, size_t count,
                                     const struct image_set *inputs, struct answer answer,
                                     struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;

    (void)inputs;
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        shapes[i] = (struct shape){answer.count, 1, 1};
    TRY(image_set_new(labels, count, shapes, error));
    for (size_t i = 0; i < count; i++)
        image_set_at(labels, i).pixels[pool->labels->classes[indices[i]]] = 1;
out:
    memory_free(shapes);
    return status;
}

static enum status classify_score(const struct image_set *answers, const struct truth *truth,
                                  struct answer answer, int threads, struct scores *scores,
                                  const struct image_scores *each, struct error *error)
{
    (void)threads, (void)error;
    metrics_classes(answers, truth->classes, answer.count, scores, each);
    return STATUS_OK;
}

static enum status classify_agree(const struct image_set *answers, const struct image_set *others,
                                  struct answer answer, int threads, struct scores *scores,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    uint8_t *classes = NULL;

    (void)threads;
    TRY(memory_new(&classes, others->count, sizeof *classes, error));
    for (size_t i = 0; i < others->count; i++)
        classes[i] = (uint8_t)metrics_argmax(image_set_at(others, i).pixels, answer.count);
    metrics_classes(answers, classes, answer.count, scores, NULL);
out:
    memory_free(classes);
    return status;
}

const struct task task_classify = {
    .descriptor = {.name = "classify", .summary = "name the class of an image", .version = 1},
    .doing = "classification",
    .labels = CONTENT_SCORES,
    .metrics = {{METRIC_ACCURACY, "percentage points", 100, false}},
    .metric_count = 1,
    .agreement = {{METRIC_ACCURACY, "percentage points", 100, false},
                  {METRIC_KAPPA, "points", 100, false}},
    .agreement_count = 2,
    .losses = 1U << LOSS_CLASSES | 1U << LOSS_SCORES,
    .loss = "cross_entropy",
    .drawn = DRAWN_AS_CLASS,
    .truth = classify_truth,
    .recorded = classify_recorded,
    .score = classify_score,
    .agree = classify_agree,
};
