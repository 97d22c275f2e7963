#include "trial/labels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATH = 64, ALL_SCORES = METRICS + 1 + METRICS_MAX_CLASSES };

/* Pixels as one row, and the shapes. */
static enum status record_set(struct record *record, int split, const char *what,
                              const struct image_set *set, struct error *error)
{
    enum status status = STATUS_OK;
    int64_t *shapes = NULL;
    char path[PATH];
    struct hdf5_array array = {.type = HDF5_FLOAT32,
                               .rank = 1,
                               .dims = {set->count ? set->offsets[set->count] : 0},
                               .values = set->pixels};

    snprintf(path, sizeof path, "%s/%s/values", split_names[split], what);
    TRY(record_array(record, path, &array, error));
    TRY(memory_new(&shapes, set->count, 3 * sizeof *shapes, error));
    for (size_t i = 0; i < set->count; i++) {
        shapes[3 * i] = set->shapes[i].channels;
        shapes[3 * i + 1] = set->shapes[i].height;
        shapes[3 * i + 2] = set->shapes[i].width;
    }
    array = (struct hdf5_array){
        .type = HDF5_INT64, .rank = 2, .dims = {set->count, 3}, .values = shapes};
    snprintf(path, sizeof path, "%s/%s/shapes", split_names[split], what);
    TRY(record_array(record, path, &array, error));
out:
    memory_free(shapes);
    return status;
}

static bool shape_from(const int64_t *values, struct shape *shape)
{
    for (int i = 0; i < 3; i++)
        if (values[i] < 1 || values[i] > INT32_MAX)
            return false;
    *shape = (struct shape){(int)values[0], (int)values[1], (int)values[2]};
    return true;
}

static enum status fill_set(const struct record *record, int split, const char *what, size_t count,
                            struct image_set *set, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;
    char path[PATH];
    const struct hdf5_array *values, *sides;

    snprintf(path, sizeof path, "%s/%s/shapes", split_names[split], what);
    sides = record_find(record, path);
    snprintf(path, sizeof path, "%s/%s/values", split_names[split], what);
    values = record_find(record, path);
    if (!values || !sides || values->type != HDF5_FLOAT32 || values->rank != 1 ||
        sides->type != HDF5_INT64 || sides->rank != 2 || sides->dims[0] != count ||
        sides->dims[1] != 3)
        TRY(error_set(error, STATUS_DATA, "%s does not have %zu images", path, count));
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        if (!shape_from((const int64_t *)sides->values + 3 * i, &shapes[i]))
            TRY(error_set(error, STATUS_DATA, "%s: image %zu has no shape", path, i));
    TRY(image_set_new(set, count, shapes, error));
    if ((count ? set->offsets[count] : 0) != values->dims[0])
        TRY(error_set(error, STATUS_DATA, "%s does not have its shapes' size", path));
    if (values->dims[0])
        memcpy(set->pixels, values->values, values->dims[0] * sizeof(float));
out:
    memory_free(shapes);
    return status;
}

static void pack_scores(const struct scores scores[SPLITS], double packed[SPLITS][ALL_SCORES])
{
    for (int s = 0; s < SPLITS; s++) {
        memcpy(packed[s], scores[s].values, sizeof scores[s].values);
        packed[s][METRICS] = (double)scores[s].capped.count; /* undefined: none, or no entry */
        memcpy(packed[s] + METRICS + 1, scores[s].parts, sizeof scores[s].parts);
    }
}

static enum status record_scores(struct record *record, const char *path,
                                 const struct scores scores[SPLITS], struct error *error)
{
    double packed[SPLITS][ALL_SCORES];
    struct hdf5_array array = {
        .type = HDF5_FLOAT64, .rank = 2, .dims = {SPLITS, ALL_SCORES}, .values = packed};

    pack_scores(scores, packed);
    return record_array(record, path, &array, error);
}

static enum status fill_scores(const struct record *record, const char *path,
                               struct scores scores[SPLITS], struct error *error)
{
    const struct hdf5_array *array = record_find(record, path);

    if (!array || array->type != HDF5_FLOAT64 || array->rank != 2 || array->dims[0] != SPLITS ||
        array->dims[1] != ALL_SCORES)
        return error_set(error, STATUS_DATA, "%s are not scores", path);
    for (size_t s = 0; s < SPLITS; s++) {
        const double *packed = (const double *)array->values + s * ALL_SCORES;
        double capped = packed[METRICS];
        memcpy(scores[s].values, packed, sizeof scores[s].values);
        scores[s].capped = (struct exceptions){.count = capped > 0 ? (size_t)capped : 0};
        scores[s].undefined = (struct exceptions){0};
        memcpy(scores[s].parts, packed + METRICS + 1, sizeof scores[s].parts);
    }
    return STATUS_OK;
}

enum status labels_record(const struct splits *splits, struct record *record, struct error *error)
{
    for (int s = 0; s < SPLITS; s++) {
        const struct split *split = &splits->items[s];
        PASS(record_set(record, s, "label", &split->label, error));
        if (splits->first > 0)
            PASS(record_set(record, s, "network_in", &split->network_in, error));
        if (splits->last < splits->stages)
            PASS(record_set(record, s, "pipeline_out", &split->pipeline_out, error));
    }
    PASS(record_scores(record, "scores/degraded", splits->degraded, error));
    return record_scores(record, "scores/pipeline", splits->pipeline, error);
}

enum status labels_fill(struct splits *splits, const struct record *record, struct error *error)
{
    for (int s = 0; s < SPLITS; s++) {
        struct split *split = &splits->items[s];
        size_t count = split->input.count;
        PASS(fill_set(record, s, "label", count, &split->label, error));
        if (splits->first > 0)
            PASS(fill_set(record, s, "network_in", count, &split->network_in, error));
        else
            PASS(image_set_copy(&split->network_in, &split->input, error));
        if (splits->last < splits->stages)
            PASS(fill_set(record, s, "pipeline_out", count, &split->pipeline_out, error));
        else
            PASS(image_set_copy(&split->pipeline_out, &split->label, error));
    }
    PASS(fill_scores(record, "scores/degraded", splits->degraded, error));
    return fill_scores(record, "scores/pipeline", splits->pipeline, error);
}

void labels_clear(struct splits *splits)
{
    for (int s = 0; s < SPLITS; s++) {
        image_set_release(&splits->items[s].label);
        image_set_release(&splits->items[s].network_in);
        image_set_release(&splits->items[s].pipeline_out);
    }
}
