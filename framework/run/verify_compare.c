#include "run/verify_compare.h"

#include "io/hdf5/hdf5_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char none[] = "(none)";

const struct hdf5_array *verifier_column(const struct verifier *verifier, const char *name)
{
    for (size_t i = 0; i < verifier->column_count; i++)
        if (strcmp(verifier->columns[i], name) == 0)
            return &verifier->values[i];
    return NULL;
}

/* What is compared now. */
struct record_comparison {
    struct verifier *verifier;
    const struct verify_options *options;
    const struct record *record;
    size_t trial;
};

static enum status tell(struct record_comparison *comparison, const char *name, const char *at,
                        const struct text *stored, const struct text *again, struct error *error)
{
    struct verify_difference difference = {name, at, none, none};

    if (stored) {
        PASS(text_status(stored, error));
        difference.stored = stored->bytes ? stored->bytes : "";
    }
    if (again) {
        PASS(text_status(again, error));
        difference.again = again->bytes ? again->bytes : "";
    }
    comparison->verifier->differences++;
    comparison->options->told(comparison->options->context, comparison->trial, &difference);
    return STATUS_OK;
}

/* One value, as its column would hold it: an array of one. `real` and `integer` are its room. */
static struct hdf5_array cell(const struct record_value *value, const struct hdf5_array *stored,
                              double *real, int64_t *integer)
{
    struct hdf5_array array = {.type = HDF5_TEXT, .rank = 1, .dims = {1}};

    *integer = value->integer;
    *real = value->type == RECORD_INTEGER ? (double)value->integer : value->real;
    if (value->type == RECORD_TEXT) {
        array.text_size = strlen(value->text) + 1;
        array.values = (void *)(uintptr_t)value->text;
    } else if (value->type == RECORD_REAL || (stored && stored->type == HDF5_FLOAT64)) {
        array.type = HDF5_FLOAT64;
        array.values = real;
    } else {
        array.type = HDF5_INT64;
        array.values = integer;
    }
    return array;
}

/* Does the column tell of agreement, and the file is of a program that did not know of any? */
static bool is_younger(const struct verifier *verifier, const char *name)
{
    static const char *const later[] = {".agreement.", ".minus_pipeline", ".noninferior"};
    bool known = false, told = false;

    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        told = told || strstr(name, later[i]);
        for (size_t c = 0; c < verifier->column_count; c++)
            known = known || strstr(verifier->columns[c], later[i]);
    }
    return told && !known;
}

static enum status compare_value(struct record_comparison *comparison,
                                 const struct record_value *value, struct error *error)
{
    const struct hdf5_array *stored = verifier_column(comparison->verifier, value->name);
    struct text texts[2] = {{0}, {0}};
    double real;
    int64_t integer;
    struct hdf5_array again = cell(value, stored, &real, &integer);
    enum status status = STATUS_OK;

    if (stored && stored->type == again.type &&
        hdf5_same_value(stored, comparison->trial, &again, 0))
        goto out;
    if (!stored && is_younger(comparison->verifier, value->name))
        goto out;
    if (stored)
        hdf5_print_value(stored, comparison->trial, &texts[0]);
    hdf5_print_value(&again, 0, &texts[1]);
    TRY(tell(comparison, value->name, "", stored ? &texts[0] : NULL, &texts[1], error));
out:
    text_release(&texts[0]);
    text_release(&texts[1]);
    return status;
}

/* What the plan has on an axis, which is the results' own in a grid but not in a search. */
static enum status compare_axis(struct record_comparison *comparison, size_t axis,
                                struct error *error)
{
    const struct yaml_node *node = plan_value(comparison->verifier->plan, comparison->trial, axis);
    struct record_value value = {.name = comparison->verifier->plan->axes[axis].path};
    const struct hdf5_array *stored = verifier_column(comparison->verifier, value.name);
    struct text text = {0};
    enum status status = STATUS_OK;

    if (node->kind == YAML_SCALAR)
        text_append(&text, "%s", node->text);
    else
        yaml_print(node, &text);
    TRY(text_status(&text, error));
    value.type = RECORD_TEXT;
    value.text = text.bytes;
    if (stored && stored->type != HDF5_TEXT) {
        value.type = yaml_integer(node, &value.integer) ? RECORD_INTEGER : RECORD_REAL;
        if (value.type == RECORD_REAL)
            yaml_real(node, &value.real);
    }
    TRY(compare_value(comparison, &value, error));
out:
    text_release(&text);
    return status;
}

/* Is the column the plan's, or without a value in this trial? */
static bool is_vacant(const struct record_comparison *comparison, size_t index)
{
    const struct verifier *verifier = comparison->verifier;
    const char *name = verifier->columns[index];
    const struct hdf5_array *values = &verifier->values[index];
    bool vacant = strcmp(name, "trial") == 0 || strcmp(name, "replicate") == 0;

    for (size_t a = 0; a < verifier->plan->axis_count; a++)
        vacant = vacant || strcmp(name, verifier->plan->axes[a].path) == 0;
    if (values->type == HDF5_FLOAT64)
        vacant = vacant || isnan(((const double *)values->values)[comparison->trial]);
    if (values->type == HDF5_TEXT)
        vacant =
            vacant || !((const char *)values->values)[comparison->trial * hdf5_value_size(values)];
    return vacant;
}

static enum status compare_values(struct record_comparison *comparison, struct error *error)
{
    const struct record *record = comparison->record;
    const struct verifier *verifier = comparison->verifier;
    struct text text = {0};
    enum status status = STATUS_OK;

    for (size_t a = 0; a < verifier->plan->axis_count; a++)
        TRY(compare_axis(comparison, a, error));
    for (size_t i = 0; i < record->value_count; i++)
        if (strncmp(record->values[i].name, "timing.", 7) != 0)
            TRY(compare_value(comparison, &record->values[i], error));
    for (size_t c = 0; c < verifier->column_count; c++) {
        bool found = is_vacant(comparison, c);
        for (size_t i = 0; i < record->value_count && !found; i++)
            found = strcmp(record->values[i].name, verifier->columns[c]) == 0;
        if (found)
            continue;
        text_clear(&text);
        hdf5_print_value(&verifier->values[c], comparison->trial, &text);
        TRY(tell(comparison, verifier->columns[c], "", &text, NULL, error));
    }
out:
    text_release(&text);
    return status;
}

/* "curves/train.loss" is stored as "/curves/00007/train.loss". */
static void stored_path(const char *path, size_t trial, char stored[PATH_ROOM])
{
    int group = (int)strcspn(path, "/");
    path_print(stored, "/%.*s/%05zu%s", group, path, trial, path + group);
}

static enum status compare_array(struct record_comparison *comparison,
                                 const struct record_array *array, struct error *error)
{
    struct arena arena = {0};
    struct hdf5_array stored = {0};
    struct text texts[2] = {{0}, {0}}, at = {0};
    char path[PATH_ROOM];
    enum status status = STATUS_OK;

    stored_path(array->path, comparison->trial, path);
    bool there = hdf5_exists(comparison->verifier->file, path);
    if (there)
        TRY(hdf5_read(comparison->verifier->file, path, &arena, &stored, error));
    if (there && hdf5_same_form(&stored, &array->array)) {
        size_t i = hdf5_first_difference(&stored, &array->array);
        if (i == hdf5_value_count(&stored))
            goto out;
        hdf5_print_index(&stored, i, &at);
        hdf5_print_value(&stored, i, &texts[0]);
        hdf5_print_value(&array->array, i, &texts[1]);
    } else {
        if (there)
            hdf5_print_form(&stored, &texts[0]);
        hdf5_print_form(&array->array, &texts[1]);
    }
    TRY(text_status(&at, error));
    TRY(tell(comparison, path, at.bytes ? at.bytes : "", there ? &texts[0] : NULL, &texts[1],
             error));
out:
    text_release(&at);
    text_release(&texts[0]);
    text_release(&texts[1]);
    arena_release(&arena);
    return status;
}

/* Every stored array at or below `path` is one of the record's. */
static enum status find_missing(struct record_comparison *comparison, const char *path,
                                struct error *error)
{
    struct arena arena = {0};
    struct text stored = {0};
    const char **names;
    size_t count;
    char child[PATH_ROOM];
    enum status status = STATUS_OK;

    if (!hdf5_is_group(comparison->verifier->file, path)) {
        for (size_t i = 0; i < comparison->record->array_count; i++) {
            stored_path(comparison->record->arrays[i].path, comparison->trial, child);
            if (strcmp(child, path) == 0)
                goto out;
        }
        text_append(&stored, "an array");
        TRY(tell(comparison, path, "", &stored, NULL, error));
        goto out;
    }
    TRY(hdf5_list(comparison->verifier->file, path, &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++) {
        path_print(child, "%s/%s", path, names[i]);
        TRY(find_missing(comparison, child, error));
    }
out:
    text_release(&stored);
    arena_release(&arena);
    return status;
}

/* The trial's arrays, then those that are stored and were not made again. */
static enum status compare_arrays(struct record_comparison *comparison, struct error *error)
{
    const struct record *record = comparison->record;
    struct arena arena = {0};
    const char **groups;
    size_t count;
    char path[PATH_ROOM];
    enum status status = STATUS_OK;

    for (size_t i = 0; i < record->array_count; i++)
        if (strncmp(record->arrays[i].path, "timing/", 7) != 0)
            TRY(compare_array(comparison, &record->arrays[i], error));
    TRY(hdf5_list(comparison->verifier->file, "/", &arena, &groups, &count, error));
    for (size_t i = 0; i < count; i++) {
        path_print(path, "/%s/%05zu", groups[i], comparison->trial);
        if (strcmp(groups[i], "timing") != 0 && hdf5_exists(comparison->verifier->file, path))
            TRY(find_missing(comparison, path, error));
    }
out:
    arena_release(&arena);
    return status;
}

enum status verify_compare(struct verifier *verifier, const struct verify_options *options,
                           const struct record *record, size_t trial, struct error *error)
{
    struct record_comparison comparison = {verifier, options, record, trial};

    PASS(compare_values(&comparison, error));
    return compare_arrays(&comparison, error);
}
