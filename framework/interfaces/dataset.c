#include "interfaces/dataset.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

size_t dataset_pool_count(const struct dataset_pool *pool)
{
    return pool->files.count ? pool->files.count : pool->images.count;
}

const char *dataset_pool_name(const struct dataset_pool *pool, size_t index)
{
    return pool->files.count ? pool->files.items[index].name : NULL;
}

struct shape dataset_pool_shape(const struct dataset_pool *pool, size_t index)
{
    return pool->files.count ? pool->files.items[index].shape : pool->images.shapes[index];
}

static bool holds(const struct dataset_pool *pool, const bool *wanted)
{
    for (size_t i = 0; i < pool->files.count; i++)
        if (wanted[i] && (!pool->places || pool->places[i] == UINT32_MAX))
            return false;
    return true;
}

void dataset_pool_notes(const struct dataset_pool *pool, const struct imagefiles_summary *summary,
                        struct text *notes)
{
    const struct imagefile_scale *scale = &pool->files.scale;

    if (summary->remarks)
        text_append(notes, "format warnings in %zu of %zu images, all pixels intact: %s: %s%s\n",
                    summary->remarks, summary->files, summary->first_remark, summary->remark,
                    summary->remarks > 1 ? ", …" : "");
    if (pool->files.numbers)
        return;
    if (summary->clipped)
        text_append(notes,
                    "%zu of %zu images have samples outside of 'range', %zu in all, which become 0 "
                    "or 1: %s%s\n",
                    summary->clipped, summary->files, summary->samples_clipped,
                    summary->first_clipped, summary->clipped > 1 ? ", …" : "");
    bool whole = scale->high <= scale->low;
    if (whole && summary->reals && (summary->real_most > 1 || summary->real_least < 0))
        text_append(notes,
                    "%s: samples of floats go from %g to %g, where 0 is black and 1 is white: "
                    "'dataset.range' says which part the sensor uses\n",
                    pool->files.folder, summary->real_least, summary->real_most);
    if (whole && summary->files > summary->reals &&
        summary->most < floor((summary->minimum + summary->maximum) / 2))
        text_append(
            notes,
            "%s: no sample is above %.0f, of a scale that goes to %.0f; noise and scores count "
            "in the whole scale: 'dataset.range' says which part the sensor uses\n",
            pool->files.folder, summary->most, summary->maximum);
}

enum status dataset_pool_hold(struct dataset_pool *pool, const bool *wanted, int threads,
                              struct text *notes, size_t *faulty, struct error *error)
{
    enum status status = STATUS_OK;
    struct imagefiles_summary summary = {0};
    uint32_t *indices = NULL;
    size_t count = 0, place = SIZE_MAX;

    *faulty = SIZE_MAX;
    if (holds(pool, wanted))
        return STATUS_OK;
    image_set_release(&pool->images);
    memory_free(pool->places);
    TRY(memory_new(&pool->places, pool->files.count, sizeof *pool->places, error));
    TRY(memory_new(&indices, pool->files.count, sizeof *indices, error));
    for (size_t i = 0; i < pool->files.count; i++) {
        pool->places[i] = wanted[i] ? (uint32_t)count : UINT32_MAX;
        if (wanted[i])
            indices[count++] = (uint32_t)i;
    }
    TRY(imagefiles_decode(&pool->files, indices, count, threads, &pool->images, &summary, &place,
                          error));
    dataset_pool_notes(pool, &summary, notes);
    TRY(text_status(notes, error));
out:
    if (place != SIZE_MAX)
        *faulty = indices[place];
    if (status != STATUS_OK) {
        memory_free(pool->places);
        pool->places = NULL;
    }
    memory_free(indices);
    return status;
}

static uint32_t place_of(const struct dataset_pool *pool, uint32_t index)
{
    return pool->files.count ? pool->places[index] : index;
}

struct image dataset_pool_image(const struct dataset_pool *pool, size_t index)
{
    return image_set_at(&pool->images, place_of(pool, (uint32_t)index));
}

enum status dataset_pool_select(const struct dataset_pool *pool, const uint32_t *indices,
                                size_t count, struct image_set *to, struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t *places = NULL;

    TRY(memory_new(&places, count, sizeof *places, error));
    for (size_t i = 0; i < count; i++)
        places[i] = place_of(pool, indices[i]);
    TRY(image_set_select(to, &pool->images, places, count, error));
out:
    memory_free(places);
    return status;
}

bool dataset_answers_have(const struct dataset_answers *answers, size_t index)
{
    if (answers->classes)
        return answers->classes[index] != DATASET_NO_CLASS;
    if (answers->numbers)
        return !isnan(answers->numbers[index * (size_t)answers->number_count]);
    return answers->of && answers->of[index] != UINT32_MAX;
}

enum status dataset_answers_hold(struct dataset_answers *answers, size_t count, const bool *wanted,
                                 int threads, struct text *notes, size_t *faulty,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    bool *files = NULL;
    size_t file;

    *faulty = SIZE_MAX;
    if (!answers->images.files.count)
        return STATUS_OK;
    TRY(memory_new(&files, answers->images.files.count, sizeof *files, error));
    for (size_t i = 0; i < count; i++)
        if (wanted[i] && dataset_answers_have(answers, i))
            files[answers->of[i]] = true;
    status = dataset_pool_hold(&answers->images, files, threads, notes, &file, error);
    for (size_t i = 0; file != SIZE_MAX && i < count; i++)
        if (answers->of[i] == file)
            *faulty = i;
out:
    memory_free(files);
    return status;
}

enum status dataset_answers_select(const struct dataset_answers *answers, const uint32_t *indices,
                                   size_t count, const struct image_set *like, struct image_set *to,
                                   struct error *error)
{
    PASS(image_set_new(to, count, like->shapes, error));
    for (size_t i = 0; i < count; i++) {
        struct image image = image_set_at(to, i);
        size_t size = shape_size(image.shape);
        if (dataset_answers_have(answers, indices[i]))
            memcpy(image.pixels,
                   dataset_pool_image(&answers->images, answers->of[indices[i]]).pixels,
                   size * sizeof(float));
        else
            for (size_t p = 0; p < size; p++)
                image.pixels[p] = NAN;
    }
    return STATUS_OK;
}

enum status dataset_answers_numbers(const struct dataset_answers *answers, const uint32_t *indices,
                                    size_t count, struct image_set *to, struct error *error)
{
    size_t numbers = (size_t)answers->number_count;

    PASS(image_set_new_uniform(to, count, (struct shape){answers->number_count, 1, 1}, error));
    for (size_t i = 0; i < count; i++)
        memcpy(to->pixels + i * numbers, answers->numbers + indices[i] * numbers,
               numbers * sizeof(float));
    return STATUS_OK;
}

size_t dataset_pool_truth(const struct dataset_pool *pool)
{
    return pool->truth ? pool->truth->count : dataset_pool_count(pool);
}

bool dataset_pool_has_truth(const struct dataset_pool *pool, size_t index)
{
    return !pool->truth || dataset_answers_have(pool->truth, index);
}

static void images_release(struct dataset_pool *pool)
{
    image_set_release(&pool->images);
    memory_free(pool->classes);
    memory_free(pool->places);
    imagefiles_release(&pool->files);
}

static void answers_free(struct dataset_answers *answers)
{
    if (!answers)
        return;
    images_release(&answers->images);
    memory_free(answers->of);
    memory_free(answers->classes);
    memory_free(answers->numbers);
    memory_free(answers);
}

static void pool_release(struct dataset_pool *pool)
{
    answers_free(pool->labels);
    answers_free(pool->truth);
    images_release(pool);
}

void dataset_content_release(struct dataset_content *content)
{
    pool_release(&content->train);
    pool_release(&content->test);
    text_release(&content->notes);
    arena_release(&content->arena);
    memset(content, 0, sizeof *content);
}
