/* Clean images: the label is an image, and the truth is the image before it was degraded. */
#include "interfaces/task.h"

static enum status denoise_truth(struct truth *truth, const struct dataset_pool *pool,
                                 const uint32_t *indices, size_t count,
                                 const struct image_set *clean, struct answer answer,
                                 struct error *error)
{
    (void)answer;
    if (pool->truth)
        return dataset_answers_select(pool->truth, indices, count, clean, &truth->images, error);
    return image_set_copy(&truth->images, clean, error);
}

static enum status denoise_recorded(struct image_set *labels, const struct dataset_pool *pool,
                                    const uint32_t *indices, size_t count,
                                    const struct image_set *inputs, struct answer answer,
                                    struct error *error)
{
    (void)answer;
    return dataset_answers_select(pool->labels, indices, count, inputs, labels, error);
}

static enum status denoise_score(const struct image_set *answers, const struct truth *truth,
                                 struct answer answer, int threads, struct scores *scores,
                                 const struct image_scores *each, struct error *error)
{
    (void)answer;
    return metrics_images(answers, &truth->images, threads, scores, each, error);
}

static enum status denoise_agree(const struct image_set *answers, const struct image_set *others,
                                 struct answer answer, int threads, struct scores *scores,
                                 struct error *error)
{
    (void)answer;
    return metrics_images(answers, others, threads, scores, NULL, error);
}

const struct task task_denoise = {
    .descriptor = {.name = "denoise", .summary = "clean images", .version = 1},
    .doing = "denoising",
    .labels = CONTENT_IMAGE,
    .metrics = {{METRIC_SSIM, "points", 100, false}, {METRIC_PSNR, "dB", 1, false}},
    .metric_count = 2,
    .agreement = {{METRIC_SSIM, "points", 100, false}, {METRIC_PSNR, "dB", 1, false}},
    .agreement_count = 2,
    .losses = 1U << LOSS_VALUES | 1U << LOSS_IMAGES,
    .loss = "mse",
    .drawn = DRAWN_AS_IMAGE,
    .keeps_shape = true,
    .judges_input = true,
    .truth = denoise_truth,
    .recorded = denoise_recorded,
    .score = denoise_score,
    .agree = denoise_agree,
};
