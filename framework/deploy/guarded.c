#include "deploy/guarded.h"

#include "guard/registry.h"
#include "guard/threshold.h"
#include "results/results.h"

#include <stdio.h>
#include <string.h>

enum status guarded_read(struct guard_stored *stored, const char *path, struct arena *arena,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};

    TRY(results_file_open(&file, path, error));
    TRY(guard_results_read(stored, &file, arena, error));
    if (!stored->about)
        TRY(error_set(error, STATUS_DATA,
                      "%s: holds no guard; its experiment has no section 'guard'", path));
    if (stored->trials[0] < 0)
        TRY(error_set(error, STATUS_DATA, "%s: %s", path, stored->about));
    if (!registry_find(registry_guards(), stored->by))
        TRY(error_set(error, STATUS_DATA, "%s: unknown guard '%.100s'", path, stored->by));
out:
    hdf5_abandon(&file);
    return status;
}

/* The network of a trial, or the pipeline that it learnt from. */
static enum status open_part(struct model *model, enum model_part part, int64_t trial,
                             const char *path, const struct model_options *options,
                             struct diagnostics *found, struct error *error)
{
    struct model_options wanted = *options;
    char number[24];

    snprintf(number, sizeof number, "%lld", (long long)trial);
    wanted.part = part;
    wanted.trial = number;
    return model_open(model, path, &wanted, found, error);
}

enum status guarded_open(struct model *model, const char *path, const struct model_options *options,
                         struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct guard_stored stored;

    memset(model, 0, sizeof *model);
    if (options->trial)
        TRY(error_set(error, STATUS_CONFIG,
                      "--trial: the results file says which networks the guard has"));
    TRY(guarded_read(&stored, path, &arena, error));
    bool pipeline = stored.trials[1] < 0;
    TRY(open_part(model, MODEL_HYBRID, stored.trials[0], path, options, found, error));
    model->guard = guard_of(registry_find(registry_guards(), stored.by));
    model->threshold = stored.threshold;
    TRY(memory_new(&model->other, 1, sizeof *model->other, error));
    TRY(open_part(model->other, pipeline ? MODEL_PIPELINE : MODEL_HYBRID,
                  stored.trials[pipeline ? 0 : 1], path, options, found, error));
out:
    arena_release(&arena);
    return status;
}

const char *guarded_other(const struct model *model)
{
    return !model->other                          ? NULL
           : model->other->part == MODEL_PIPELINE ? "the pipeline"
                                                  : "the larger network";
}

/* The answers of `others` take the place of those at `places`. */
static enum status replace(struct image_set *out, const struct image_set *others,
                           const uint32_t *places, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set all = {0};
    struct shape *shapes = NULL;
    size_t k = 0;

    TRY(memory_new(&shapes, out->count, sizeof *shapes, error));
    memcpy(shapes, out->shapes, out->count * sizeof *shapes);
    for (size_t i = 0; i < others->count; i++)
        shapes[places[i]] = others->shapes[i];
    TRY(image_set_new(&all, out->count, shapes, error));
    for (size_t i = 0; i < out->count; i++) {
        bool other = k < others->count && places[k] == i;
        struct image from = other ? image_set_at(others, k++) : image_set_at(out, i);
        memcpy(image_set_at(&all, i).pixels, from.pixels,
               shape_size(from.shape) * sizeof *from.pixels);
    }
    image_set_release(out);
    *out = all;
out:
    memory_free(shapes);
    return status;
}

/* Ask the other one about the images that are handed on. */
static enum status hand_on(const struct model *model, const struct image_set *in,
                           const double *doubts, int threads, bool *handed, struct image_set *out,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set some = {0}, others = {0};
    uint32_t *places = NULL;
    size_t count = 0;

    TRY(memory_new(&places, in->count, sizeof *places, error));
    for (size_t i = 0; i < in->count; i++) {
        bool on = guard_hands_on(doubts[i], model->threshold);
        if (on)
            places[count++] = (uint32_t)i;
        if (handed)
            handed[i] = on;
    }
    if (!count)
        goto out;
    TRY(image_set_select(&some, in, places, count, error));
    TRY(model_run(model->other, &some, NULL, threads, &others, error));
    TRY(replace(out, &others, places, error));
out:
    memory_free(places);
    image_set_release(&some);
    image_set_release(&others);
    return status;
}

enum status guarded_run(const struct model *model, const struct image_set *in, int threads,
                        bool *handed, struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    double *doubts = NULL;

    if (!model->other)
        return model_run(model, in, NULL, threads, out, error);
    TRY(memory_new(&doubts, in->count, sizeof *doubts, error));
    TRY(model_run_doubted(model, in, threads, doubts, out, error));
    TRY(hand_on(model, in, doubts, threads, handed, out, error));
out:
    if (status != STATUS_OK)
        image_set_release(out);
    memory_free(doubts);
    return status;
}
