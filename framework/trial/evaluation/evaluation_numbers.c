/*
 * Numbers of the test split that a trial leaves behind, to be drawn against each other: what is
 * true, the pipeline's and the network's, row by row. Of maps, pixels at even steps through all of
 * the split, so that there are not too many.
 */
#include "base/memory.h"
#include "trial/evaluation/evaluation.h"

#include <stdio.h>

enum { SAMPLED = 2000 }; /* pixels of maps, at most */

/* Which values are kept: of numbers all, of maps every `step`-th pixel. */
struct sample {
    size_t rows, step, numbers;
};

static struct sample sample_of(const struct image_set *answers, struct answer answer)
{
    struct sample sample = {answers->count, 0, (size_t)answer.count};
    size_t pixels = 0;

    if (answer.content == CONTENT_NUMBERS)
        return sample;
    for (size_t i = 0; i < answers->count; i++)
        pixels += shape_plane(answers->shapes[i]);
    sample.step = pixels / SAMPLED + 1;
    sample.rows = (pixels + sample.step - 1) / sample.step;
    return sample;
}

static void take(const struct image_set *answers, const struct sample *sample, float *rows)
{
    size_t row = 0, next = 0, before = 0;

    for (size_t i = 0; i < answers->count; i++) {
        struct image image = image_set_at(answers, i);
        size_t plane = shape_plane(image.shape);
        for (; next < before + plane && row < sample->rows; row++) {
            for (size_t n = 0; n < sample->numbers; n++)
                rows[row * sample->numbers + n] = image.pixels[n * plane + next - before];
            next += sample->step ? sample->step : plane;
        }
        before += plane;
    }
}

enum status evaluation_numbers(struct record *record, const struct splits *splits,
                               const struct image_set *outputs, struct error *error)
{
    enum status status = STATUS_OK;
    const struct split *test = &splits->items[SPLIT_TEST];
    const struct image_set *truth = &splits->truth[SPLIT_TEST].images;
    const struct {
        const char *path;
        const struct image_set *answers;
    } kept[] = {{"numbers/truth", truth},
                {"numbers/pipeline", &test->pipeline_out},
                {"numbers/network", outputs}};
    struct sample sample = sample_of(outputs, splits->answer);
    float *rows = NULL;

    if ((splits->answer.content != CONTENT_NUMBERS && splits->answer.content != CONTENT_MAP) ||
        truth_is_absent(&splits->truth[SPLIT_TEST]))
        return STATUS_OK;
    TRY(memory_new(&rows, sample.rows, sample.numbers * sizeof *rows, error));
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
        struct hdf5_array array = {
            .type = HDF5_FLOAT32, .rank = 2, .dims = {sample.rows, sample.numbers}, .values = rows};
        take(kept[k].answers, &sample, rows);
        TRY(record_array(record, kept[k].path, &array, error));
    }
out:
    memory_free(rows);
    return status;
}
