/*
 * Closing: a dilation, then an erosion by the same window. What is dark and too small to hold the
 * window is filled; the rest keeps its form:
 *
 *     out = min over the window of (max over the window of in)
 *
 * G. Matheron, "Random sets and integral geometry", 1975. It equals skimage.morphology.closing, of
 * masks and of each channel of images. Cost: see morphology.c.
 */
#include "pipelines/masks/morphology.h"
#include "pipelines/stage_shapes.h"

static void closing_run(const void *config, const void *state, struct image in, struct image out,
                        float *scratch)
{
    (void)state;
    morphology_run(config, true, in, out, scratch);
}

static struct operations closing_count(const void *config, struct shape in, struct answer answer)
{
    (void)answer;
    return morphology_count(config, in);
}

const struct stage stage_closing = {
    .descriptor = {"closing", "fills what is dark and too small to hold the window",
                   "Matheron, Random sets and integral geometry, 1975", morphology_fields,
                   sizeof(struct morphology), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_as_input,
    .shape = shape_as_input,
    .scratch = morphology_scratch,
    .run = closing_run,
    .sharing = {.reach = morphology_reach},
    .count = closing_count,
};
