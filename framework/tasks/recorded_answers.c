#include "tasks/recorded_answers.h"

#include "base/memory.h"

#include <math.h>

enum status recorded_answers(struct image_set *to, const struct dataset_answers *answers,
                             const uint32_t *indices, size_t count, const struct image_set *inputs,
                             struct answer answer, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set like = {.count = count};

    if (answers && answers->numbers)
        return dataset_answers_numbers(answers, indices, count, to, error);
    TRY(memory_new(&like.shapes, count, sizeof *like.shapes, error));
    for (size_t i = 0; i < count; i++)
        like.shapes[i] = answer_shape(answer, inputs->shapes[i]);
    if (answers) {
        TRY(dataset_answers_select(answers, indices, count, &like, to, error));
        goto out;
    }
    TRY(image_set_new(to, count, like.shapes, error));
    for (size_t v = 0; count && v < to->offsets[count]; v++)
        to->pixels[v] = (float)NAN;
out:
    memory_free(like.shapes);
    return status;
}
