#include "trial/weak_stages.h"

#include "base/memory.h"
#include "pipelines/denoising/noise_level.h"

#include <math.h>
#include <string.h>

enum {
    PIXELS = 1 << 18, /* of the images that are looked at, but for one */
    LEAST_NOISE = 5,  /* grey levels */
};

/* Tuning has tried other values: none was better. */
static bool is_judged(const struct component *component)
{
    return stage_of(component->kind)->strength && !component->tuned_count;
}

/* The first images, at least one. */
static size_t image_count(const struct image_set *images)
{
    size_t count = 0, pixels = 0;

    while (count < images->count && (count == 0 || pixels < PIXELS))
        pixels += shape_plane(images->shapes[count++]);
    return count;
}

static enum status take_first(const struct image_set *images, struct image_set *first,
                              struct error *error)
{
    size_t count = image_count(images);

    PASS(image_set_new(first, count, images->shapes, error));
    memcpy(first->pixels, images->pixels, images->offsets[count] * sizeof *first->pixels);
    return STATUS_OK;
}

/* The mean noise of the images, in grey levels. */
static enum status noise_of(const struct image_set *images, double *noise, struct error *error)
{
    enum status status = STATUS_OK;
    float *scratch = NULL;
    size_t most = 0;

    *noise = 0;
    for (size_t i = 0; i < images->count; i++) {
        size_t size = noise_level_scratch(images->shapes[i].height, images->shapes[i].width);
        most = size > most ? size : most;
    }
    TRY(memory_new(&scratch, most, sizeof *scratch, error));
    for (size_t i = 0; i < images->count; i++)
        *noise += 255 * noise_level_mean(image_set_at(images, i), scratch) / (double)images->count;
out:
    memory_free(scratch);
    return status;
}

/* The root mean square difference, in grey levels. */
static double change_of(const struct image_set *a, const struct image_set *b)
{
    double squares = 0;
    size_t count = a->offsets[a->count];

    for (size_t i = 0; i < count; i++)
        squares += pow((double)a->pixels[i] - (double)b->pixels[i], 2);
    return 255 * sqrt(squares / (double)count);
}

static void note_stage(const struct stage *stage, const void *config, double change, double noise,
                       struct text *notes)
{
    const struct field *field = stage->descriptor.fields;

    while (strcmp(field->name, stage->strength) != 0)
        field++;
    text_append(notes,
                "%sstage '%s' filters next to nothing: it changes images by %.1g grey levels, and "
                "their noise has %.2g; raise '%s', now ",
                notes->length ? "; " : "", stage->descriptor.name, change, noise, field->name);
    schema_print_value(field, (const char *)config + field->offset, notes);
}

enum status weak_stages_note(const struct splits *splits, const struct component_list *stages,
                             int threads, struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    const struct chain *chain = &splits->chain;
    struct image_set in = {0}, out = {0};
    struct image_names names = splits_image_names(splits, SPLIT_UNLABELLED);
    size_t last = splits->task->judges_input ? chain->count : 0;
    double noise;

    while (last > 0 && !is_judged(&stages->items[last - 1]))
        last--;
    if (last > 0)
        TRY(take_first(splits_pipeline_in(splits, SPLIT_UNLABELLED), &in, error));
    for (size_t s = 0; s < last; s++) {
        TRY(chain_run(chain, s, s + 1, &in, &names, threads, &out, error));
        if (is_judged(&stages->items[s])) {
            TRY(noise_of(&in, &noise, error));
            double change = change_of(&in, &out);
            if (noise > LEAST_NOISE && change < noise / 10)
                note_stage(chain->stages[s], chain->configs[s], change, noise, notes);
        }
        image_set_release(&in);
        in = out;
        memset(&out, 0, sizeof out);
    }
    TRY(text_status(notes, error));
out:
    image_set_release(&in);
    return status;
}
