#include "results/diff.h"

#include "io/hdf5/hdf5_values.h"
#include "results/csv.h"
#include "results/results.h"
#include "results/results_write.h"

#include <stdio.h>
#include <string.h>

static const char none[] = "(none)";

struct differ {
    struct hdf5 *const *files; /* [2] */
    size_t most;
    struct csv csv;
    struct diff *diff;
};

static void add(struct differ *differ, enum diff_kind kind, const char *name, const char *at,
                const char *const values[2])
{
    static const char *const kinds[] = {"configuration", "metric", "dataset"};
    struct diff *diff = differ->diff;
    bool shown = differ->most ? diff->rows < differ->most : diff->counts[kind] == 0;

    diff->counts[kind]++;
    if (!shown)
        return;
    diff->rows++;
    csv_text(&differ->csv, kinds[kind]);
    csv_text(&differ->csv, name);
    csv_text(&differ->csv, at);
    csv_text(&differ->csv, values[0]);
    csv_text(&differ->csv, values[1]);
    csv_end_row(&differ->csv);
}

/* The configuration. */

static enum status on_field(void *context, const char *path, const struct yaml_node *a,
                            const struct yaml_node *b, struct error *error)
{
    struct differ *differ = context;
    const struct yaml_node *nodes[2] = {a, b};
    struct text texts[2] = {{0}, {0}};
    const char *values[2] = {none, none};
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++) {
        if (!nodes[i])
            continue;
        yaml_print(nodes[i], &texts[i]);
        TRY(text_status(&texts[i], error));
        values[i] = texts[i].bytes;
    }
    add(differ, DIFF_CONFIGURATION, path, "", values);
out:
    text_release(&texts[0]);
    text_release(&texts[1]);
    return status;
}

static enum status compare_plans(struct differ *differ, struct error *error)
{
    struct arena arena = {0};
    const char *texts[2];
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++) {
        struct hdf5_array array;
        TRY(hdf5_read(differ->files[i], "/plan/resolved", &arena, &array, error));
        if (array.type != HDF5_TEXT || array.rank != 0)
            TRY(error_set(error, STATUS_DATA, "/plan/resolved is not one text"));
        TRY(arena_copy(&arena, array.values, strnlen(array.values, array.text_size), &texts[i],
                       error));
    }
    TRY(report_diff_plans(texts[0], texts[1], on_field, differ, error));
out:
    arena_release(&arena);
    return status;
}

/* Arrays. */

typedef void value_printer(const struct hdf5_array *array, size_t i, struct text *text);

static void form_printer(const struct hdf5_array *array, size_t i, struct text *text)
{
    (void)i;
    hdf5_print_form(array, text);
}

/* A row about value `i`, or with `form_printer` about the whole. */
static enum status add_arrays(struct differ *differ, enum diff_kind kind, const char *name,
                              const char *at, const struct hdf5_array arrays[2], size_t i,
                              value_printer *print, struct error *error)
{
    struct text texts[2] = {{0}, {0}};
    const char *values[2];
    enum status status = STATUS_OK;

    for (int side = 0; side < 2; side++) {
        text_append(&texts[side], "%s", "");
        print(&arrays[side], i, &texts[side]);
        TRY(text_status(&texts[side], error));
        values[side] = texts[side].bytes;
    }
    add(differ, kind, name, at, values);
out:
    text_release(&texts[0]);
    text_release(&texts[1]);
    return status;
}

/* A column's value of each trial that both files have. */
static enum status compare_column(struct differ *differ, const char *name,
                                  const struct hdf5_array arrays[2], struct error *error)
{
    size_t rows = hdf5_value_count(&arrays[arrays[0].dims[0] > arrays[1].dims[0]]);
    char at[40];

    if (arrays[0].type != arrays[1].type || arrays[0].rank != 1 || arrays[1].rank != 1) {
        PASS(add_arrays(differ, DIFF_METRIC, name, "", arrays, 0, form_printer, error));
        rows = 0;
    }
    for (size_t i = 0; i < rows; i++) {
        if (hdf5_same_value(&arrays[0], i, &arrays[1], i))
            continue;
        snprintf(at, sizeof at, "trial %zu", i);
        PASS(add_arrays(differ, DIFF_METRIC, name, at, arrays, i, hdf5_print_value, error));
    }
    return STATUS_OK;
}

/* The first value that differs, or else the form. */
static enum status compare_set(struct differ *differ, const char *path,
                               const struct hdf5_array arrays[2], struct error *error)
{
    size_t count = hdf5_value_count(&arrays[0]), i;
    struct text at = {0};
    enum status status = STATUS_OK;

    if (hdf5_same_form(&arrays[0], &arrays[1])) {
        i = hdf5_first_difference(&arrays[0], &arrays[1]);
        if (i == count && hdf5_value_size(&arrays[0]) == hdf5_value_size(&arrays[1]))
            goto out;
    } else {
        i = count;
    }
    text_append(&at, "%s", "");
    if (i < count)
        hdf5_print_index(&arrays[0], i, &at);
    TRY(text_status(&at, error));
    TRY(add_arrays(differ, DIFF_DATASET, path, at.bytes, arrays, i,
                   i < count ? hdf5_print_value : form_printer, error));
out:
    text_release(&at);
    return status;
}

static enum status compare_object(struct differ *differ, const char *path, bool column,
                                  struct error *error)
{
    struct arena arena = {0};
    struct hdf5_array arrays[2];
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++)
        TRY(hdf5_read(differ->files[i], path, &arena, &arrays[i], error));
    if (column)
        TRY(compare_column(differ, path + strlen("/trials/"), arrays, error));
    else
        TRY(compare_set(differ, path, arrays, error));
out:
    arena_release(&arena);
    return status;
}

/* The table, in the order of A's columns; then the columns that B alone has. */
static enum status compare_tables(struct differ *differ, struct error *error)
{
    struct results results[2] = {{0}, {0}};
    struct text path = {0};
    char counts[2][40];
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++) {
        TRY(results_open(&results[i], differ->files[i], error));
        snprintf(counts[i], sizeof counts[i], "%zu trials", results[i].trials);
    }
    if (results[0].trials != results[1].trials)
        add(differ, DIFF_METRIC, "", "", (const char *const[2]){counts[0], counts[1]});
    for (int side = 0; side < 2; side++)
        for (size_t c = 0; c < results[side].column_count; c++) {
            const char *name = results[side].columns[c];
            const char *values[2] = {side ? none : "a column", side ? "a column" : none};
            if (!results_has(&results[!side], name)) {
                add(differ, DIFF_METRIC, name, "", values);
                differ->diff->added += side == 1;
            } else if (side == 0) {
                TRY(text_print(&path, error, "/trials/%s", name));
                TRY(compare_object(differ, path.bytes, true, error));
            }
        }
out:
    text_release(&path);
    results_release(&results[0]);
    results_release(&results[1]);
    return status;
}

/* What is compared elsewhere, or may differ between two runs of one plan. */
static bool passed_over(const char *path)
{
    static const char *const paths[] = {"/environment", "/plan",   "/provenance",
                                        "/timing",      "/trials", NULL};

    for (int i = 0; paths[i]; i++)
        if (strcmp(paths[i], path) == 0)
            return true;
    return false;
}

static enum status compare_groups(struct differ *differ, const char *group, struct error *error);

/* What is called `path` in either file, `held` by them. */
static enum status compare_member(struct differ *differ, const char *path, const bool held[2],
                                  struct error *error)
{
    bool groups[2] = {false, false};
    const char *values[2];

    if (passed_over(path))
        return STATUS_OK;
    for (int i = 0; i < 2; i++) {
        groups[i] = held[i] && hdf5_is_group(differ->files[i], path);
        values[i] = !held[i] ? none : groups[i] ? "a group" : "a dataset";
    }
    if (!held[0] || !held[1] || groups[0] != groups[1]) {
        add(differ, DIFF_DATASET, path, "", values);
        return STATUS_OK;
    }
    return groups[0] ? compare_groups(differ, path, error)
                     : compare_object(differ, path, false, error);
}

/* Members of both files' group, which are sorted, side by side. */
static enum status compare_groups(struct differ *differ, const char *group, struct error *error)
{
    struct arena arena = {0};
    struct text path = {0};
    const char **names[2];
    size_t counts[2], at[2] = {0, 0};
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++)
        TRY(hdf5_list(differ->files[i], group, &arena, &names[i], &counts[i], error));
    while (at[0] < counts[0] || at[1] < counts[1]) {
        int order = at[0] == counts[0]   ? 1
                    : at[1] == counts[1] ? -1
                                         : strcmp(names[0][at[0]], names[1][at[1]]);
        bool held[2] = {order <= 0, order >= 0};
        TRY(path_join(&path, strcmp(group, "/") == 0 ? "" : group,
                      held[0] ? names[0][at[0]] : names[1][at[1]], error));
        TRY(compare_member(differ, path.bytes, held, error));
        at[0] += held[0];
        at[1] += held[1];
    }
out:
    text_release(&path);
    arena_release(&arena);
    return status;
}

/* Was it published, without some of what its digest is of? */
static bool is_part(struct hdf5 *file)
{
    struct arena arena = {0};
    const char *left_out;
    bool part =
        hdf5_read_attribute_text(file, "/", "left_out", &arena, &left_out, NULL) == STATUS_OK;

    arena_release(&arena);
    return part;
}

static enum status compare_digests(struct differ *differ, struct error *error)
{
    struct diff *diff = differ->diff;
    struct arena arena = {0};
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++) {
        const char *stored;
        TRY(hdf5_read_attribute_text(differ->files[i], "/", "content_sha256", &arena, &stored,
                                     error));
        TRY(store_digest(differ->files[i], diff->digests[i], error));
        /* of a published part, what the digest was of is not all there */
        diff->altered[i] = !is_part(differ->files[i]) && strcmp(stored, diff->digests[i]) != 0;
    }
    diff->equal = strcmp(diff->digests[0], diff->digests[1]) == 0;
    csv_text(&differ->csv, "content_sha256");
    csv_text(&differ->csv, "");
    csv_text(&differ->csv, "");
    csv_text(&differ->csv, diff->digests[0]);
    csv_text(&differ->csv, diff->digests[1]);
    csv_end_row(&differ->csv);
out:
    arena_release(&arena);
    return status;
}

enum status report_diff(struct hdf5 *const files[2], size_t most, struct text *csv,
                        struct diff *diff, struct error *error)
{
    struct differ differ = {.files = files, .most = most, .csv = {.text = csv}, .diff = diff};

    memset(diff, 0, sizeof *diff);
    text_append(csv, "what,name,at,A,B\r\n");
    PASS(compare_digests(&differ, error));
    if (!diff->equal) {
        PASS(compare_plans(&differ, error));
        PASS(compare_tables(&differ, error));
        PASS(compare_groups(&differ, "/", error));
    }
    return text_status(csv, error);
}
