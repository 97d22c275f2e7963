#include "report/drawing.h"

#include "report/axis.h"
#include "report/gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUTS = 3, PATH_ROOM = 4096 };
static const char *const endings[OUTPUTS] = {"csv", "pdf", "png"};

/* The panel that a series stands in; -1: none. */
static int panel_of(const struct series *series)
{
    if (strcmp(series->role, "label") == 0)
        return -1;
    return strcmp(series->role, "loss") == 0 || strncmp(series->role, "epochs", 6) == 0;
}

/* Lines drawn through the whole width end where the axis ends: the range is not widened for them.
 */
static bool spans(const struct series *series)
{
    return strcmp(series->role, "pipeline") == 0 || strcmp(series->role, "degraded") == 0 ||
           strcmp(series->role, "target") == 0 || strcmp(series->role, "none") == 0 ||
           strcmp(series->role, "epochs_none") == 0;
}

static struct axis x_axis(const struct drawing *drawing, const struct chart *chart)
{
    struct axis axis = axis_empty();
    if (drawing->zero_x)
        axis_include(&axis, 0);
    for (int spanning = 0; spanning < 2; spanning++) {
        for (size_t s = 0; s < chart->count; s++)
            for (size_t k = 0; k < chart->series[s].count; k++)
                if (panel_of(&chart->series[s]) >= 0 && spans(&chart->series[s]) == spanning)
                    axis_include(&axis, chart->series[s].x[k]);
        if (!spanning)
            axis_finish(&axis, drawing->log_x);
    }
    return axis;
}

/* No score lies above 1, but the interval of a few scattered replicates may. */
static double highest(const struct axis_words *words)
{
    const char *ssim = strstr(words->label, "SSIM");
    return strcmp(words->unit, "share") == 0 || (ssim && !ssim[4]) ? 1 : INFINITY;
}

/* No share lies below 0, either; a correlation, as SSIM is, may. */
static double lowest(const struct axis_words *words)
{
    return strcmp(words->unit, "share") == 0 ? 0 : -INFINITY;
}

/* An interval that leaves what can be is drawn up to the edge. */
static struct axis y_axis(const struct chart *chart, int panel)
{
    double most = highest(&chart->y[panel]), end = -INFINITY;
    double least = lowest(&chart->y[panel]), begin = INFINITY;
    struct axis axis = axis_empty();
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count && panel_of(&chart->series[s]) == panel;
             k++) {
            axis_include(&axis, chart->series[s].y[k]);
            double low = chart->series[s].low[k], high = chart->series[s].high[k]; /* NaN: none */
            axis_include(&axis, low < least ? least : low);
            axis_include(&axis, high > most ? most : high);
            begin = fmin(begin, low);
            end = fmax(end, high);
        }
    axis_finish(&axis, panel == 1 && strcmp(chart->y[1].unit, "whole") != 0);
    if (end > most)
        axis.high = most;
    if (begin < least)
        axis.low = least;
    return axis;
}

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The different values of x, ascending. */
static enum status x_values(const struct chart *chart, double **values, size_t *count,
                            struct error *error)
{
    enum status status = STATUS_OK;
    size_t total = 0, n = 0;

    *count = 0;
    for (size_t s = 0; s < chart->count; s++)
        total += chart->series[s].count;
    TRY(memory_new(values, total, sizeof **values, error));
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++)
            if (!spans(&chart->series[s]) && isfinite(chart->series[s].x[k]))
                (*values)[n++] = chart->series[s].x[k];
    if (n)
        qsort(*values, n, sizeof **values, compare_reals);
    for (size_t i = 0; i < n; i++)
        if (*count == 0 || (*values)[i] != (*values)[*count - 1])
            (*values)[(*count)++] = (*values)[i];
out:
    return status;
}

static void set_member(struct text *script, const char *axis, const char *member, double value)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%s", axis, member);
    gnuplot_set_real(script, name, value);
}

/* Tics without the labels in their quotes. */
static void append_marks(const char *tics, struct text *marks)
{
    bool label = false;
    for (const char *at = tics; *at; at++) {
        if (*at == '"')
            label = !label;
        if (!label || *at == '"')
            text_append_bytes(marks, at, 1);
    }
}

/* Characters of the longest label in the tics' quotes. */
static size_t tics_width(const char *tics)
{
    size_t widest = 0, width = 0;
    bool label = false;

    for (const char *at = tics; *at; at++) {
        if (*at == '"') {
            label = !label;
            width = 0;
        } else if (label) {
            width++;
        }
        widest = width > widest ? width : widest;
    }
    return widest;
}

static enum status set_axis(struct text *script, const char *id, const struct axis *axis,
                            const struct axis_words *words, const double *at, size_t count,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text tics = {0}, marks = {0}, name = {0};
    char variable[32];

    text_append(&name, "%s", words->label);
    text_append(&tics, "%s", "");
    axis_tics(axis, words->unit, at, count, &tics, &name);
    TRY(text_status(&tics, error));
    text_append(&marks, "%s", "");
    append_marks(tics.bytes, &marks);
    TRY(text_status(&marks, error));
    TRY(text_status(&name, error));
    set_member(script, id, "low", axis->low);
    set_member(script, id, "high", axis->high);
    set_member(script, id, "log", axis->log);
    set_member(script, id, "width", (double)tics_width(tics.bytes));
    snprintf(variable, sizeof variable, "%s_tics", id);
    gnuplot_set_text(script, variable, tics.bytes);
    snprintf(variable, sizeof variable, "%s_marks", id);
    gnuplot_set_text(script, variable, marks.bytes);
    snprintf(variable, sizeof variable, "%s_label", id);
    gnuplot_set_text(script, variable, name.bytes);
out:
    text_release(&name);
    text_release(&marks);
    text_release(&tics);
    return status;
}

static enum status set_axes(struct text *script, const struct drawing *drawing,
                            const struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    static const char *const ids[CHART_PANELS] = {"y", "y2"};
    struct axis axis = x_axis(drawing, chart);
    double *at = NULL;
    size_t count = 0;

    if (drawing->tics_at_values)
        TRY(x_values(chart, &at, &count, error));
    TRY(set_axis(script, "x", &axis, &chart->x, at, count, error));
    for (int panel = 0; panel < CHART_PANELS; panel++) {
        if (!chart->y[panel].label)
            continue;
        axis = y_axis(chart, panel);
        TRY(set_axis(script, ids[panel], &axis, &chart->y[panel], NULL, 0, error));
    }
out:
    memory_free(at);
    return status;
}

static const char *colour_text(const struct series *series)
{
    return series->colour ? series->colour : series->label;
}

static const char *dash_text(const struct series *series)
{
    return series->dash ? series->dash : "";
}

/* The how-many-th different text this is, by first appearance; "" does not count. */
static size_t text_rank(const struct chart *chart, const struct series *of,
                        const char *(*text)(const struct series *series))
{
    size_t rank = 0;
    for (size_t s = 0; s < chart->count; s++) {
        const char *here = text(&chart->series[s]);
        bool seen = here[0] == '\0';
        if (strcmp(here, text(of)) == 0)
            break;
        for (size_t k = 0; k < s && !seen; k++)
            seen = strcmp(here, text(&chart->series[k])) == 0;
        rank += !seen;
    }
    return rank;
}

static void set_style(struct text *script, const struct chart *chart, size_t s)
{
    const struct series *series = &chart->series[s];
    char name[48];

    snprintf(name, sizeof name, "colour_word[%zu]", s + 1);
    gnuplot_set_text(script, name, colour_text(series));
    snprintf(name, sizeof name, "dash_word[%zu]", s + 1);
    gnuplot_set_text(script, name, dash_text(series));
    text_append(script, "colour_rank[%zu] = %zu\ndash_rank[%zu] = %zu\n", s + 1,
                text_rank(chart, series, colour_text), s + 1, text_rank(chart, series, dash_text));
}

static void set_series(struct text *script, const struct chart *chart)
{
    static const char *const arrays[] = {"role",      "label",       "first",
                                         "last",      "rank",        "colour_word",
                                         "dash_word", "colour_rank", "dash_rank"};
    size_t row = 0;

    text_append(script, "series = %zu\n", chart->count);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        text_append(script, "array %s[%zu]\n", arrays[i], chart->count ? chart->count : 1);
    for (size_t s = 0; s < chart->count; s++) {
        const struct series *series = &chart->series[s];
        char name[48];
        size_t rank = 0;
        for (size_t k = 0; k < s; k++)
            rank += strcmp(chart->series[k].role, series->role) == 0;
        snprintf(name, sizeof name, "role[%zu]", s + 1);
        gnuplot_set_text(script, name, series->role);
        snprintf(name, sizeof name, "label[%zu]", s + 1);
        gnuplot_set_text(script, name, series->label);
        text_append(script, "first[%zu] = %zu\nlast[%zu] = %zu\nrank[%zu] = %zu\n", s + 1, row,
                    s + 1, row + series->count - 1, s + 1, rank);
        set_style(script, chart, s);
        row += series->count;
    }
}

static void set_output(struct text *script, const char *format, const char *path,
                       const char *template)
{
    gnuplot_set_text(script, "format", format);
    gnuplot_set_path(script, "output", path);
    gnuplot_set_path(script, "template", template);
    text_append(script, "load template\nset output\nreset\n");
}

enum status drawing_file(const char *path, const void *bytes, size_t length, struct error *error)
{
    enum status status = STATUS_OK;
    FILE *file = fopen(path, "wb");

    if (!file)
        return error_system(error, "cannot write %s", path);
    size_t written = fwrite(bytes, 1, length, file);
    if (fclose(file) != 0 || written != length) {
        status = error_system(error, "cannot write %s", path);
        remove(path);
    }
    return status;
}

/* Blank the date of a PDF, so that equal figures are equal files. It stands near the end, in plain
 * text; blanks keep every offset in place. */
static enum status remove_date(const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    static const char key[] = "/CreationDate (";
    enum { TAIL = 4096 };
    char tail[TAIL + 1];
    FILE *file = fopen(path, "r+b");

    if (!file || fseek(file, 0, SEEK_END) != 0)
        TRY(error_system(error, "cannot read %s", path));
    long size = ftell(file), from = size > TAIL ? size - TAIL : 0;
    if (size < 0 || fseek(file, from, SEEK_SET) != 0)
        TRY(error_system(error, "cannot read %s", path));
    size_t length = fread(tail, 1, TAIL, file);
    tail[length] = '\0';
    for (size_t i = 0; i + sizeof key < length; i++) {
        char *end =
            memcmp(tail + i, key, sizeof key - 1) == 0 ? memchr(tail + i, ')', length - i) : NULL;
        if (!end)
            continue;
        size_t count = (size_t)(end - (tail + i)) + 1;
        memset(tail + i, ' ', count);
        if (fseek(file, from + (long)i, SEEK_SET) != 0 || fwrite(tail + i, 1, count, file) != count)
            TRY(error_system(error, "cannot write %s", path));
        break;
    }
out:
    if (file && fclose(file) != 0 && status == STATUS_OK)
        status = error_system(error, "cannot write %s", path);
    return status;
}

/* The two pictures of the CSV at parts[0]. */
static enum status draw_pictures(const struct drawing *drawing, const struct chart *chart,
                                 char parts[OUTPUTS][PATH_ROOM], struct error *error)
{
    enum status status = STATUS_OK;
    struct text script = {0};
    char template[PATH_ROOM];

    if (snprintf(template, sizeof template, "%s/plots/%s", drawing->home, drawing->template) >=
        PATH_ROOM)
        TRY(error_set(error, STATUS_IO, "the path %s is too long", drawing->home));
    gnuplot_set_path(&script, "home", drawing->home);
    gnuplot_set_path(&script, "data", parts[0]);
    gnuplot_set_text(&script, "caption", chart->caption);
    TRY(set_axes(&script, drawing, chart, error));
    set_series(&script, chart);
    if (drawing->extra && drawing->extra->length)
        text_append_bytes(&script, drawing->extra->bytes, drawing->extra->length);
    for (int i = 1; i < OUTPUTS; i++)
        set_output(&script, endings[i], parts[i], template);
    TRY(text_status(&script, error));
    TRY(gnuplot_run(script.bytes, error));
    TRY(remove_date(parts[1], error));
out:
    text_release(&script);
    return status;
}

enum status drawing_run(const struct drawing *drawing, const struct chart *chart,
                        struct error *error)
{
    enum status status = STATUS_OK;
    char parts[OUTPUTS][PATH_ROOM] = {""}, paths[OUTPUTS][PATH_ROOM];
    struct text csv = {0};

    for (int i = 0; i < OUTPUTS; i++)
        if (snprintf(paths[i], PATH_ROOM, "%s.%s", drawing->base, endings[i]) >= PATH_ROOM ||
            snprintf(parts[i], PATH_ROOM, "%s.%s.part", drawing->base, endings[i]) >= PATH_ROOM)
            return error_set(error, STATUS_IO, "the path %s is too long", drawing->base);
    TRY(chart_csv(chart, &csv, error));
    TRY(drawing_file(parts[0], csv.bytes, csv.length, error));
    TRY(draw_pictures(drawing, chart, parts, error));
    for (int i = 0; i < OUTPUTS; i++)
        if (rename(parts[i], paths[i]) != 0)
            TRY(error_system(error, "cannot rename %s", parts[i]));
out:
    for (int i = 0; i < OUTPUTS && status != STATUS_OK; i++)
        remove(parts[i]);
    text_release(&csv);
    return status;
}

enum status drawing_stored(const struct drawing *drawing, struct hdf5 *file, const char *group,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct chart chart = {0};

    TRY(chart_read(&chart, file, group, error));
    TRY(drawing_run(drawing, &chart, error));
out:
    chart_release(&chart);
    return status;
}
