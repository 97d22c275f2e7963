#include "report/charts/chart.h"

#include "results/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const coordinates[] = {"x", "y", "low", "high"};
enum { COORDINATES = sizeof coordinates / sizeof *coordinates };

const struct series_role_facts series_roles[SERIES_ROLES] = {
    [ROLE_NETWORK] = {"network", 0, false},
    [ROLE_NONE] = {"none", 0, true},
    [ROLE_RANDOM] = {"random", 0, false},
    [ROLE_ORACLE] = {"oracle", 0, false},
    [ROLE_EPOCHS_NETWORK] = {"epochs_network", 1, false},
    [ROLE_EPOCHS_NONE] = {"epochs_none", 1, true},
    [ROLE_EPOCHS_RANDOM] = {"epochs_random", 1, false},
    [ROLE_EPOCHS_ORACLE] = {"epochs_oracle", 1, false},
    [ROLE_MANUAL] = {"manual", 0, false},
    [ROLE_TRUTH] = {"truth", 0, false},
    [ROLE_TRUTH_ACROSS] = {"truth_across", 0, false},
    [ROLE_PIPELINE] = {"pipeline", 0, true},
    [ROLE_DEGRADED] = {"degraded", 0, true},
    [ROLE_PIPELINE_LINE] = {"pipeline_line", 0, false},
    [ROLE_PIPELINE_COST] = {"pipeline_cost", 0, false},
    [ROLE_SELECTED] = {"selected", 0, false},
    [ROLE_REFERENCE_PIPELINE] = {"reference_pipeline", 0, false},
    [ROLE_REFERENCE_NETWORK] = {"reference_network", 0, false},
    [ROLE_SCORE] = {"score", 0, false},
    [ROLE_LOSS] = {"loss", 1, false},
    [ROLE_TEST] = {"test", 0, false},
    [ROLE_PASSED] = {"passed", 0, false},
    [ROLE_TARGET] = {"target", 0, true},
    [ROLE_GUARDED] = {"guarded", 0, false},
    [ROLE_GUARD_BEST] = {"guard_best", 0, false},
    [ROLE_GUARD_RANDOM] = {"guard_random", 0, false},
    [ROLE_GUARD_SMALL] = {"guard_small", 0, false},
    [ROLE_GUARD_OTHER] = {"guard_other", 0, false},
    [ROLE_INT8] = {"int8", 0, false},
    [ROLE_FLOAT32] = {"float32", 0, false},
    [ROLE_MARKS] = {"marks", 0, false},
    [ROLE_FRONT] = {"front", 0, false},
    [ROLE_BINS] = {"bins", 0, false},
    [ROLE_CELLS] = {"cells", 0, false},
    [ROLE_PROFILE] = {"profile", 0, false},
    [ROLE_AXIS_NAME] = {"axis_name", -1, false},
    [ROLE_AXIS_VALUE] = {"axis_value", -1, false},
    [ROLE_LABEL] = {"label", -1, false},
};

static double **coordinate(struct series *series, int which)
{
    double **members[COORDINATES] = {&series->x, &series->y, &series->low, &series->high};
    return members[which];
}

static bool is_taken(const struct chart *chart, const char *name)
{
    for (size_t i = 0; i < chart->count; i++)
        if (strcmp(chart->series[i].name, name) == 0)
            return true;
    return false;
}

enum status chart_add(struct chart *chart, const char *name, const char *label,
                      enum series_role role, size_t count, struct series **added,
                      struct error *error)
{
    struct series series = {.role = role, .count = count};
    char *id;

    PASS(arena_copy(&chart->arena, label, strlen(label), &series.label, error));
    PASS(arena_new(&chart->arena, &id, strlen(name) + 24, 1, error));
    strcpy(id, name);
    for (char *at = id; *at; at++)
        if (*at == '/' || (unsigned char)*at < ' ')
            *at = '_';          /* a name in the file: no slash, no line break */
    size_t length = strlen(id); /* a search may try a point twice */
    for (size_t again = 2; is_taken(chart, id); again++)
        snprintf(id + length, 24, " (%zu)", again);
    series.name = id;
    for (int i = 0; i < COORDINATES; i++) {
        double **values = coordinate(&series, i);
        PASS(arena_new(&chart->arena, values, count, sizeof **values, error));
        for (size_t k = 0; k < count; k++)
            (*values)[k] = NAN;
    }
    PASS(memory_reserve(&chart->series, &chart->capacity, chart->count + 1, sizeof *chart->series,
                        error));
    chart->series[chart->count] = series;
    *added = &chart->series[chart->count++];
    return STATUS_OK;
}

enum status chart_style(struct chart *chart, struct series *series, const char *colour,
                        const char *dash, struct error *error)
{
    PASS(arena_copy(&chart->arena, colour, strlen(colour), &series->colour, error));
    return arena_copy(&chart->arena, dash, strlen(dash), &series->dash, error);
}

bool chart_has_intervals(const struct chart *chart)
{
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++)
            if (isfinite(chart->series[s].low[k]) && isfinite(chart->series[s].high[k]))
                return true;
    return false;
}

void chart_release(struct chart *chart)
{
    memory_free(chart->series);
    arena_release(&chart->arena);
    memset(chart, 0, sizeof *chart);
}

/* The words of a chart and the attributes that hold them. */
struct word {
    const char *name;
    const char **text;
};

enum { WORDS = 7 };

static void list_words(struct chart *chart, struct word words[WORDS])
{
    const struct word list[WORDS] = {
        {"caption", &chart->caption},   {"x_label", &chart->x.label},
        {"x_unit", &chart->x.unit},     {"y_label", &chart->y[0].label},
        {"y_unit", &chart->y[0].unit},  {"y2_label", &chart->y[1].label},
        {"y2_unit", &chart->y[1].unit},
    };
    memcpy(words, list, sizeof list);
}

static enum status series_write(const struct series *series, struct hdf5 *file, const char *group,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct series copy = *series;
    struct text path = {0};

    TRY(path_join(&path, group, series->name, error));
    TRY(hdf5_group(file, path.bytes, error));
    TRY(hdf5_attribute_text(file, path.bytes, "label", series->label, error));
    TRY(hdf5_attribute_text(file, path.bytes, "role", series_roles[series->role].name, error));
    if (series->colour)
        TRY(hdf5_attribute_text(file, path.bytes, "colour", series->colour, error));
    if (series->dash)
        TRY(hdf5_attribute_text(file, path.bytes, "dash", series->dash, error));
    for (int i = 0; i < COORDINATES; i++) {
        struct hdf5_array array = {HDF5_FLOAT64, 1, {series->count}, 0, *coordinate(&copy, i)};
        TRY(text_print(&path, error, "%s/%s/%s", group, series->name, coordinates[i]));
        TRY(hdf5_write(file, path.bytes, &array, error));
    }
out:
    text_release(&path);
    return status;
}

static enum status order_write(const struct chart *chart, struct hdf5 *file, const char *group,
                               struct error *error)
{
    enum status status = STATUS_OK;
    const char **names = NULL;
    struct text path = {0};

    TRY(memory_new(&names, chart->count, sizeof *names, error));
    for (size_t i = 0; i < chart->count; i++)
        names[i] = chart->series[i].name;
    TRY(path_join(&path, group, "order", error));
    if (chart->count)
        TRY(hdf5_write_texts(file, path.bytes, names, chart->count, error));
out:
    text_release(&path);
    memory_free(names);
    return status;
}

enum status chart_write(const struct chart *chart, struct hdf5 *file, const char *group,
                        struct error *error)
{
    struct chart copy = *chart;
    struct word words[WORDS];

    PASS(hdf5_group(file, group, error));
    list_words(&copy, words);
    for (int i = 0; i < WORDS; i++)
        if (*words[i].text)
            PASS(hdf5_attribute_text(file, group, words[i].name, *words[i].text, error));
    for (size_t i = 0; i < chart->count; i++)
        PASS(series_write(&chart->series[i], file, group, error));
    return order_write(chart, file, group, error);
}

/* An attribute that need not be there: NULL then. */
static enum status optional_read(struct chart *chart, struct hdf5 *file, const char *path,
                                 const char *name, const char **text, struct error *error)
{
    enum status status = hdf5_read_attribute_text(file, path, name, &chart->arena, text, error);
    if (status == STATUS_OK || status == STATUS_MEMORY)
        return status;
    *text = NULL;
    return STATUS_OK;
}

static enum status role_read(struct chart *chart, struct hdf5 *file, const char *path,
                             enum series_role *role, struct error *error)
{
    const char *name;

    PASS(hdf5_read_attribute_text(file, path, "role", &chart->arena, &name, error));
    for (*role = 0; *role < SERIES_ROLES; ++*role)
        if (strcmp(name, series_roles[*role].name) == 0)
            return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s has role '%s', which no figure has", path, name);
    return STATUS_OK;
}

static enum status series_read(struct chart *chart, struct hdf5 *file, const char *group,
                               const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array arrays[COORDINATES] = {0};
    struct text path = {0};
    const char *label, *colour, *dash;
    enum series_role role;
    struct series *series;

    TRY(path_join(&path, group, name, error));
    TRY(hdf5_read_attribute_text(file, path.bytes, "label", &chart->arena, &label, error));
    TRY(role_read(chart, file, path.bytes, &role, error));
    TRY(optional_read(chart, file, path.bytes, "colour", &colour, error));
    TRY(optional_read(chart, file, path.bytes, "dash", &dash, error));
    for (int i = 0; i < COORDINATES; i++) {
        TRY(text_print(&path, error, "%s/%s/%s", group, name, coordinates[i]));
        TRY(hdf5_read(file, path.bytes, &chart->arena, &arrays[i], error));
        if (arrays[i].rank != 1 || arrays[i].type != HDF5_FLOAT64 ||
            arrays[i].dims[0] != arrays[0].dims[0])
            TRY(error_set(error, STATUS_DATA, "%s is not a series of %zu numbers", path.bytes,
                          arrays[0].rank == 1 ? arrays[0].dims[0] : 0));
    }
    TRY(chart_add(chart, name, label, role, arrays[0].dims[0], &series, error));
    series->colour = colour;
    series->dash = dash;
    for (int i = 0; i < COORDINATES; i++)
        if (series->count)
            memcpy(*coordinate(series, i), arrays[i].values, series->count * sizeof(double));
out:
    text_release(&path);
    return status;
}

/* The second panel's words come last; they need not be there, but then neither may be. */
static enum status words_read(struct chart *chart, struct hdf5 *file, const char *group,
                              struct error *error)
{
    enum { FIRST_PANEL = WORDS - 2 };
    struct word words[WORDS];

    list_words(chart, words);
    for (int i = 0; i < FIRST_PANEL; i++)
        PASS(hdf5_read_attribute_text(file, group, words[i].name, &chart->arena, words[i].text,
                                      error));
    for (int i = FIRST_PANEL; i < WORDS; i++)
        PASS(optional_read(chart, file, group, words[i].name, words[i].text, error));
    for (int i = FIRST_PANEL; i < WORDS; i++)
        if (!*words[i].text && (chart->y[1].label || chart->y[1].unit))
            return error_set(
                error, STATUS_DATA,
                "%s has no attribute '%s', which goes with the other words of the second "
                "panel",
                group, words[i].name);
    return STATUS_OK;
}

enum status chart_read(struct chart *chart, struct hdf5 *file, const char *group,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array order = {0};
    struct text path = {0};

    memset(chart, 0, sizeof *chart);
    TRY(words_read(chart, file, group, error));
    TRY(path_join(&path, group, "order", error));
    if (!hdf5_exists(file, path.bytes))
        goto out; /* nothing to draw */
    TRY(hdf5_read(file, path.bytes, &chart->arena, &order, error));
    if (order.type != HDF5_TEXT || order.rank != 1)
        TRY(error_set(error, STATUS_DATA, "%s is not a list of names", path.bytes));
    if (order.dims[0] > CHART_MOST_SERIES)
        TRY(error_set(error, STATUS_DATA, "%s names %zu series; at most %d are drawn", path.bytes,
                      order.dims[0], CHART_MOST_SERIES));
    for (size_t i = 0; i < order.dims[0]; i++) {
        const char *name, *bytes = (const char *)order.values + i * order.text_size;
        TRY(arena_copy(&chart->arena, bytes, strnlen(bytes, order.text_size), &name, error));
        if (is_taken(chart, name))
            TRY(error_set(error, STATUS_DATA, "%s names a series twice", path.bytes));
        TRY(series_read(chart, file, group, name, error));
    }
out:
    text_release(&path);
    if (status != STATUS_OK)
        chart_release(chart);
    return status;
}

enum status chart_csv(const struct chart *chart, struct text *text, struct error *error)
{
    struct csv csv = {text, false};

    csv_text(&csv, "series");
    for (int i = 0; i < COORDINATES; i++)
        csv_text(&csv, coordinates[i]);
    csv_end_row(&csv);
    for (size_t s = 0; s < chart->count; s++) {
        struct series series = chart->series[s];
        for (size_t k = 0; k < series.count; k++) {
            csv_text(&csv, series.name);
            for (int i = 0; i < COORDINATES; i++)
                csv_real(&csv, (*coordinate(&series, i))[k]);
            csv_end_row(&csv);
        }
    }
    return text_status(text, error);
}
