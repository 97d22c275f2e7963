#include "results/results.h"

#include "base/hash.h"
#include "base/text.h"
#include "plan/plan.h"
#include "results/csv.h"
#include "results/results_write.h"

#include <inttypes.h>
#include <string.h>

/* Before the names of columns of /timing/trials. */
static const char time_prefix[] = "timing.";

/* The attribute `columns` of `group` holds one name a line. */
static enum status read_names(struct results *results, const char *group, const char *prefix,
                              const char ***names, size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    const char *list;
    struct text name = {0};
    size_t lines = 1;

    TRY(hdf5_read_attribute_text(results->file, group, "columns", &results->arena, &list, error));
    for (const char *at = list; *at; at++)
        lines += *at == '\n';
    TRY(arena_new(&results->arena, names, lines, sizeof **names, error));
    while (*list) {
        size_t length = strcspn(list, "\n");
        TRY(text_print(&name, error, "%s%.*s", prefix, (int)length, list));
        if (length)
            TRY(arena_copy(&results->arena, name.bytes, name.length, &(*names)[(*count)++], error));
        list += length + (list[length] == '\n');
    }
out:
    text_release(&name);
    return status;
}

static bool is_time(const struct results *results, const char *column)
{
    for (size_t i = 0; i < results->time_count; i++)
        if (strcmp(results->times[i], column) == 0)
            return true;
    return false;
}

static enum status column_read(const struct results *results, const char *column,
                               struct arena *arena, struct hdf5_array *array, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    if (!results_has(results, column)) {
        const char *near = NULL;
        for (size_t i = 0; i < results->column_count; i++)
            text_nearest(column, results->columns[i], &near);
        for (size_t i = 0; i < results->time_count; i++)
            text_nearest(column, results->times[i], &near);
        return error_set(error, STATUS_DATA, "the results have no column '%s'%s%s%s", column,
                         near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (is_time(results, column))
        text_append(&path, "/timing/trials/%s", column + sizeof time_prefix - 1);
    else
        text_append(&path, "/trials/%s", column);
    TRY(text_status(&path, error));
    TRY(hdf5_read(results->file, path.bytes, arena, array, error));
    if (array->rank != 1 || (results->trials && array->dims[0] != results->trials))
        TRY(error_set(error, STATUS_DATA, "column '%s' has %zu rows in %d dimensions; %zu in 1 %s",
                      column, array->rank ? array->dims[0] : 1, array->rank, results->trials,
                      "were expected"));
out:
    text_release(&path);
    return status;
}

/* The attribute of the root, which must be there unless it is `optional`, as `sound` wants it. */
static enum status check_attribute(struct hdf5 *file, const char *name, bool optional,
                                   bool (*sound)(const char *), const char *expected,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct error fault = {0};
    const char *text;

    status = hdf5_read_attribute_text(file, "/", name, &arena, &text, &fault);
    if (status == STATUS_DATA && optional)
        status = STATUS_OK;
    else if (status != STATUS_OK)
        *error = fault;
    else if (!sound(text))
        status = error_set(error, STATUS_DATA, "%s: attribute '%s' of / is not a %s", file->name,
                           name, expected);
    arena_release(&arena);
    return status;
}

static enum status check_figure_groups(struct hdf5 *file, const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    const char **names;
    size_t count = 0;

    if (hdf5_is_group(file, group))
        TRY(hdf5_list(file, group, &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++)
        if (!text_is_file_name(names[i]))
            TRY(error_set(error, STATUS_DATA,
                          "%s: %s/%s: this figure's name is not usable as a "
                          "file name",
                          file->name, group, names[i]));
out:
    arena_release(&arena);
    return status;
}

enum status results_file_open(struct hdf5 *file, const char *path, struct error *error)
{
    static const char digest[] = "SHA-256 in hexadecimal digits";
    enum status status = STATUS_OK;

    TRY(hdf5_open(file, path, false, error));
    if (!hdf5_is_group(file, "/trials") || !hdf5_is_group(file, "/plan"))
        TRY(error_set(error, STATUS_DATA,
                      "%s: not a results file: it has no groups /trials and /plan", path));
    TRY(hdf5_check_format(file, RESULTS_FORMAT, error));
    TRY(check_attribute(file, "experiment", false, text_is_file_name, "name for a file", error));
    TRY(check_attribute(file, "content_sha256", false, hash_is_digest, digest, error));
    TRY(check_attribute(file, "trials_sha256", true, hash_is_digest, digest, error));
    TRY(check_attribute(file, "published_sha256", true, hash_is_digest, digest, error));
    TRY(check_figure_groups(file, "/figures", error));
    TRY(check_figure_groups(file, "/timing/figures", error));
out:
    if (status != STATUS_OK)
        hdf5_abandon(file);
    return status;
}

enum status results_open(struct results *results, struct hdf5 *file, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array first = {0};

    memset(results, 0, sizeof *results);
    results->file = file;
    if (!hdf5_is_group(file, "/trials"))
        TRY(error_set(error, STATUS_DATA, "not a results file: it has no group /trials"));
    TRY(read_names(results, "/trials", "", &results->columns, &results->column_count, error));
    if (hdf5_is_group(file, "/timing/trials"))
        TRY(read_names(results, "/timing/trials", time_prefix, &results->times,
                       &results->time_count, error));
    if (results->column_count == 0)
        TRY(error_set(error, STATUS_DATA, "the table of trials has no columns"));
    TRY(column_read(results, results->columns[0], &results->arena, &first, error));
    results->trials = first.dims[0];
    if (results->trials > PLAN_MAX_TRIALS)
        TRY(error_set(error, STATUS_DATA, "the table of trials has %zu rows; at most %d can be",
                      results->trials, PLAN_MAX_TRIALS));
out:
    if (status != STATUS_OK)
        results_release(results);
    return status;
}

void results_release(struct results *results)
{
    arena_release(&results->arena);
    memset(results, 0, sizeof *results);
}

bool results_is_suspect(const char *state)
{
    return strncmp(state, "suspect", 7) == 0;
}

bool results_is_done(const char *state)
{
    return strcmp(state, "done") == 0 || results_is_suspect(state);
}

bool results_has(const struct results *results, const char *column)
{
    for (size_t i = 0; i < results->column_count; i++)
        if (strcmp(results->columns[i], column) == 0)
            return true;
    return is_time(results, column);
}

static double number_at(const struct hdf5_array *array, size_t i)
{
    switch (array->type) {
    case HDF5_FLOAT32: return ((const float *)array->values)[i];
    case HDF5_FLOAT64: return ((const double *)array->values)[i];
    case HDF5_INT64: return (double)((const int64_t *)array->values)[i];
    case HDF5_UINT8: return ((const uint8_t *)array->values)[i];
    case HDF5_TEXT: break;
    }
    return 0;
}

enum status results_numbers(const struct results *results, const char *column, struct arena *arena,
                            double **values, struct error *error)
{
    struct hdf5_array array = {0};

    *values = NULL;
    PASS(column_read(results, column, arena, &array, error));
    if (array.type == HDF5_TEXT)
        return error_set(error, STATUS_DATA, "column '%s' holds text; numbers were expected",
                         column);
    PASS(arena_new(arena, values, results->trials, sizeof **values, error));
    for (size_t i = 0; i < results->trials; i++)
        (*values)[i] = number_at(&array, i);
    return STATUS_OK;
}

static void append_value(struct text *text, const struct hdf5_array *array, size_t i)
{
    const char *bytes = array->values;
    if (array->type == HDF5_TEXT)
        text_append_bytes(text, bytes + i * array->text_size,
                          strnlen(bytes + i * array->text_size, array->text_size));
    else if (array->type == HDF5_INT64)
        text_append(text, "%" PRId64, ((const int64_t *)array->values)[i]);
    else
        csv_number(text, number_at(array, i));
}

enum status results_texts(const struct results *results, const char *column, struct arena *arena,
                          const char ***values, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array array = {0};
    struct text text = {0};

    *values = NULL;
    TRY(column_read(results, column, arena, &array, error));
    TRY(arena_new(arena, values, results->trials, sizeof **values, error));
    for (size_t i = 0; i < results->trials; i++) {
        text_clear(&text);
        append_value(&text, &array, i);
        TRY(text_status(&text, error));
        TRY(arena_copy(arena, text.bytes ? text.bytes : "", text.length, &(*values)[i], error));
    }
out:
    text_release(&text);
    return status;
}
