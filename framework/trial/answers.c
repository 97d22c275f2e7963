#include "trial/answers.h"

#include "trial/step_cache.h"

#include <string.h>

static enum status recall(void *context, const char *key, struct image answer, bool *known,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct answers *answers = context;
    struct record record = {0};
    size_t size = shape_size(answer.shape);

    *known = false;
    if (!answers->steps)
        return STATUS_OK;
    TRY(cache_get(answers->steps->cache, TRIAL_LABEL, key, &record, known, error));
    if (!*known)
        goto out;
    const struct hdf5_array *array = record_find(&record, "answer");
    *known = array && array->type == HDF5_FLOAT32 && array->rank == 1 && array->dims[0] == size;
    if (*known)
        memcpy(answer.pixels, array->values, size * sizeof(float));
out:
    record_release(&record);
    return status;
}

static enum status keep(void *context, const char *key, struct image answer, struct error *error)
{
    enum status status = STATUS_OK;
    const struct answers *answers = context;
    struct record record = {0};
    struct hdf5_array array = {.type = HDF5_FLOAT32,
                               .rank = 1,
                               .dims = {shape_size(answer.shape)},
                               .values = answer.pixels};

    if (!answers->steps)
        return STATUS_OK;
    TRY(record_array(&record, "answer", &array, error));
    TRY(cache_put(answers->steps->cache, TRIAL_LABEL, key, &record, error));
out:
    record_release(&record);
    return status;
}

static enum status repeats(void *context, bool always, const char *note, struct error *error)
{
    struct answers *answers = context;

    answers->repeat = (!answers->told || answers->repeat) && always;
    answers->told = true;
    if (note[0] && !answers->notes.length) /* the first says enough */
        text_append_printable(&answers->notes, note, strlen(note));
    return text_status(&answers->notes, error);
}

void answers_begin(struct answers *answers, struct step_cache *steps)
{
    answers->kept = (struct stage_answers){recall, keep, repeats, answers};
    answers->steps = steps;
    answers->told = answers->repeat = false;
    text_clear(&answers->notes);
}

void answers_release(struct answers *answers)
{
    text_release(&answers->notes);
    memset(answers, 0, sizeof *answers);
}
