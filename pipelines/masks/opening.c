/*
 * Opening: an erosion, then a dilation by the same window. What is bright and too small to hold the
 * window goes; the rest keeps its form:
 *
 *     out = max over the window of (min over the window of in)
 *
 * G. Matheron, "Random sets and integral geometry", 1975. It equals skimage.morphology.opening, of
 * masks and of each channel of images. Cost: see morphology.c.
 */
#include "pipelines/masks/morphology.h"
#include "pipelines/stage_shapes.h"

static void opening_run(const void *config, const void *state, struct image in, struct image out,
                        float *scratch)
{
    (void)state;
    morphology_run(config, false, in, out, scratch);
}

static struct operations opening_count(const void *config, struct shape in, struct answer answer)
{
    (void)answer;
    return morphology_count(config, in);
}

const struct stage stage_opening = {
    .descriptor = {"opening", "removes what is bright and too small to hold the window",
                   "Matheron, Random sets and integral geometry, 1975", morphology_fields,
                   sizeof(struct morphology), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_as_input,
    .shape = shape_as_input,
    .scratch = morphology_scratch,
    .run = opening_run,
    .sharing = {.reach = morphology_reach},
    .count = opening_count,
};
