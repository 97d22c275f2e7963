/*
 * What a pipeline made of the images before, as the data set has recorded it: the labels of data
 * set `recorded`. Nothing is computed; further stages may work on what was recorded. What the
 * pipeline cost is not known.
 */
#include "interfaces/stage.h"

#include <math.h>
#include <string.h>

static enum status shape(const void *config, struct shape in, struct answer answer,
                         struct shape *out, struct error *error)
{
    (void)config, (void)error;
    *out = answer_shape(answer, in);
    return STATUS_OK;
}

/* `in` is what was recorded. */
static void run(const void *config, const void *state, struct image in, struct image out,
                float *scratch)
{
    (void)config, (void)state, (void)scratch;
    memcpy(out.pixels, in.pixels, shape_size(out.shape) * sizeof(float));
}

static struct operations count(const void *config, struct shape in, struct answer answer)
{
    (void)config, (void)in, (void)answer;
    return (struct operations){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

const struct stage stage_recorded = {
    .descriptor = {.name = "recorded",
                   .summary = "what the pipeline made of the images, as the data set has recorded "
                              "it: only as the first stage",
                   .version = 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_ANSWER,
    .recorded = true,
    .shape = shape,
    .run = run,
    .count = count,
};
