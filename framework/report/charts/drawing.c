#include "report/charts/drawing.h"
#include "report/charts/drawing_axes.h"

#include "base/memory.h"
#include "math/statistics.h"
#include "report/charts/gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double column_inches = 3.4; /* of a paper with two columns */
enum { OUTPUTS = 3 };
enum { MOST_NAMES = 240 }; /* cairo draws no higher picture */
/* From so many places in all, lines of more than enough are thinned: a picture is 979 dots wide. */
enum { MANY_PLACES = 100000, ENOUGH_PLACES = 2000 };
static const char *const endings[OUTPUTS] = {"csv", "pdf", "png"};

static const char *colour_text(const struct series *series)
{
    return series->colour ? series->colour : series->label;
}

static const char *dash_text(const struct series *series)
{
    return series->dash ? series->dash : "";
}

/* Different texts, in the order of their first appearance. */
struct words {
    const char **texts; /* [series] */
    size_t count;
};

/* The how-many-th different text this is; "" does not count. */
static size_t rank_word(struct words *words, const char *text)
{
    size_t rank = 0;

    while (rank < words->count && strcmp(words->texts[rank], text) != 0)
        rank++;
    if (rank == words->count && text[0])
        words->texts[words->count++] = text;
    return rank;
}

static size_t rank_of_role(const struct chart *chart, size_t s)
{
    size_t rank = 0;

    for (size_t k = 0; k < s; k++)
        rank += chart->series[k].role == chart->series[s].role;
    return rank;
}

static void set_element(struct text *script, const char *array, size_t s, const char *text)
{
    char name[48];

    snprintf(name, sizeof name, "%s[%zu]", array, s + 1);
    gnuplot_set_text(script, name, text);
}

/* The places of a series in all; of long ones, when there are many, so many that no printed dot
 * misses one. */
static size_t stride_of(const struct chart *chart, const struct series *series)
{
    size_t total = 0;

    for (size_t s = 0; s < chart->count; s++)
        total += chart->series[s].count;
    return total > MANY_PLACES && series->count > ENOUGH_PLACES
               ? (series->count + ENOUGH_PLACES - 1) / ENOUGH_PLACES
               : 1;
}

/* The rows of the CSV, in the script: gnuplot would read a file as often as it has series. The name
 * in front is left out, so that none ends the block. */
static void set_rows(struct text *script, const struct chart *chart, size_t s)
{
    const struct series *series = &chart->series[s];
    size_t stride = stride_of(chart, series);

    for (size_t k = 0; k < series->count; k += stride) {
        const double values[] = {series->x[k], series->y[k], series->low[k], series->high[k]};
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            text_append_bytes(script, ",", 1);
            if (axis_shows(values[i]))
                text_append_real(script, values[i]);
        }
        text_append_bytes(script, "\n", 1);
    }
}

static bool is_grey(const struct series *series)
{
    return series->colour && !series->colour[0];
}

/* gnuplot draws some hundred lines of their own: the grey ones of a role are one, with gaps. */
static void set_grey(struct text *script, const struct chart *chart, enum series_role role)
{
    text_append(script, "$grey_%s << END_OF_SERIES\n,,,,\n", series_roles[role].name);
    for (size_t s = 0; s < chart->count; s++)
        if (is_grey(&chart->series[s]) && chart->series[s].role == role) {
            text_append(script, "\n");
            set_rows(script, chart, s);
        }
    text_append(script, "END_OF_SERIES\n");
}

static bool is_network(const struct series *series)
{
    return series->role == ROLE_NETWORK || series->role == ROLE_MANUAL ||
           series->role == ROLE_TRUTH;
}

/* What the networks' labels begin with in common, "network, ", where there are several: the key
 * need not say it of each. */
static size_t common_words(const struct chart *chart)
{
    const char *first = NULL;
    size_t length = 0, networks = 0;

    for (size_t s = 0; s < chart->count; s++) {
        const char *label = chart->series[s].label;
        if (!is_network(&chart->series[s]))
            continue;
        if (networks++ == 0) {
            first = label;
            length = strlen(first);
        }
        for (size_t k = 0; k < length; k++)
            if (label[k] != first[k])
                length = k;
    }
    while (length > 0 && !(length > 1 && first[length - 2] == ',' && first[length - 1] == ' '))
        length--;
    return networks > 1 ? length : 0;
}

static enum status set_series(struct text *script, const struct chart *chart, struct error *error)
{
    static const char *const arrays[] = {"role",        "label",     "places",      "rank",
                                         "colour_word", "dash_word", "colour_rank", "dash_rank"};
    static const enum series_role curves[] = {ROLE_SCORE, ROLE_LOSS, ROLE_TEST, ROLE_PASSED};
    enum status status = STATUS_OK;
    struct words colours = {0}, dashes = {0};
    size_t common = common_words(chart);

    TRY(memory_new(&colours.texts, chart->count, sizeof *colours.texts, error));
    TRY(memory_new(&dashes.texts, chart->count, sizeof *dashes.texts, error));
    text_append(script, "series = %zu\n", chart->count);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        text_append(script, "array %s[%zu]\n", arrays[i], chart->count ? chart->count : 1);
    for (size_t s = 0; s < chart->count; s++) {
        const struct series *series = &chart->series[s];
        set_element(script, "role", s, series_roles[series->role].name);
        set_element(script, "label", s, series->label + (is_network(series) ? common : 0));
        set_element(script, "colour_word", s, colour_text(series));
        set_element(script, "dash_word", s, dash_text(series));
        text_append(script, "places[%zu] = %zu\n", s + 1, series->count);
        text_append(script, "rank[%zu] = %zu\ncolour_rank[%zu] = %zu\ndash_rank[%zu] = %zu\n",
                    s + 1, rank_of_role(chart, s), s + 1, rank_word(&colours, colour_text(series)),
                    s + 1, rank_word(&dashes, dash_text(series)));
        text_append(script, "$series_%zu << END_OF_SERIES\n", s + 1);
        set_rows(script, chart, s);
        text_append(script, "END_OF_SERIES\n");
    }
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        set_grey(script, chart, curves[i]);
    if (colours.count > MOST_NAMES)
        TRY(error_set(error, STATUS_DATA,
                      "%zu lines are named, but a key has room for %d: draw fewer, with `where` or "
                      "a grid of two axes",
                      colours.count, MOST_NAMES));
out:
    memory_free(dashes.texts);
    memory_free(colours.texts);
    return status;
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
    FILE *file;

    remove(path); /* a link, maybe, which is not to be followed */
    file = fopen(path, "wb");
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

/* What is drawn, and how much of it is not as it stands in the series. */
struct losses {
    size_t values;  /* that no axis can show */
    bool intervals; /* some are cut at what can be */
};

static struct losses count_losses(const struct chart *chart, const struct drawn_axes *axes)
{
    struct losses losses = {0, false};

    for (size_t s = 0; s < chart->count; s++) {
        const struct series *series = &chart->series[s];
        int panel = drawing_panel(series);
        if (panel < 0 || !chart->y[panel].label)
            continue;
        const struct axis_limits *limits = &axes->panels[panel].limits;
        for (size_t k = 0; k < series->count; k++) {
            bool bar = axis_shows(series->low[k]) && axis_shows(series->high[k]);
            losses.values += !axis_shows(series->x[k]) || !axis_shows(series->y[k]);
            losses.intervals |= bar && axis_shows(series->y[k]) &&
                                (series->low[k] < limits->least || series->high[k] > limits->most);
        }
    }
    return losses;
}

/* What the axes leave out, for it would flatten all else. */
static void append_beyond(const struct chart *chart, const struct drawn_axes *axes,
                          struct text *caption)
{
    for (int panel = 0; panel < CHART_PANELS; panel++) {
        const struct fence *fence = &axes->panels[panel].fence;
        if (chart->y[panel].label && fence->beyond)
            text_append(caption, "; %s: %zu of %zu leave the axis, up to %.3g",
                        chart->y[panel].label, fence->beyond, fence->items, fence->farthest);
    }
}

static void set_caption(struct text *script, const struct chart *chart,
                        const struct drawn_axes *axes, struct text *caption)
{
    struct losses losses = count_losses(chart, axes);

    text_append(caption, "%s", chart->caption);
    if (losses.intervals)
        text_append(caption, "; intervals cut at the possible range");
    append_beyond(chart, axes, caption);
    if (losses.values)
        text_append(caption, "; %zu value%s not finite or beyond 1e100 and left out", losses.values,
                    losses.values == 1 ? " is" : "s are");
    if (axes->strange_unit)
        text_append(caption, "; the unit asked for is none of this quantity");
    if (!caption->failed)
        gnuplot_set_text(script, "caption", caption->bytes);
}

static void set_style(struct text *script, const struct figure_style *style)
{
    const struct real_list *size = style ? &style->size : NULL;
    bool sized = size && size->count == 2;

    gnuplot_set_text(script, "title_text", style && style->title ? style->title : "");
    gnuplot_set_real(script, "page_width", sized ? size->items[0] : column_inches);
    gnuplot_set_real(script, "page_height_wanted", sized ? size->items[1] : 0);
    gnuplot_set_text(script, "legend", legend_places[style ? style->legend : LEGEND_TOP]);
    gnuplot_set_text(script, "theme", figure_themes[style ? style->theme : THEME_LIGHT]);
}

/* Are there the words that the template wants, and a panel for each series? */
static enum status check_panels(const struct drawing *drawing, const struct chart *chart,
                                struct error *error)
{
    if (chart->y[1].label)
        return STATUS_OK;
    if (drawing->two_panels)
        return error_set(error, STATUS_DATA, "there is no y2_label for the second panel");
    for (size_t s = 0; s < chart->count; s++)
        if (drawing_panel(&chart->series[s]) == 1)
            return error_set(error, STATUS_DATA,
                             "series '%s' has role '%s', for a second panel, and there is no "
                             "y2_label",
                             chart->series[s].name, series_roles[chart->series[s].role].name);
    return STATUS_OK;
}

/* The two pictures. */
static enum status draw_pictures(const struct drawing *drawing, const struct chart *chart,
                                 char parts[OUTPUTS][PATH_ROOM], struct error *error)
{
    enum status status = STATUS_OK;
    struct text script = {0}, caption = {0};
    struct drawn_axes axes;
    char template[PATH_ROOM];

    TRY(drawing_axes_find(drawing, chart, &axes, error));
    path_print(template, "%s/plots/%s", drawing->home, drawing->template);
    gnuplot_set_path(&script, "home", drawing->home);
    set_caption(&script, chart, &axes, &caption);
    set_style(&script, drawing->style);
    TRY(text_status(&caption, error));
    TRY(drawing_axes_set(&script, drawing, chart, &axes, error));
    TRY(set_series(&script, chart, error));
    if (drawing->extra && drawing->extra->length)
        text_append_bytes(&script, drawing->extra->bytes, drawing->extra->length);
    for (int i = 1; i < OUTPUTS; i++)
        set_output(&script, endings[i], parts[i], template);
    TRY(text_status(&script, error));
    TRY(gnuplot_run(script.bytes, error));
    TRY(remove_date(parts[1], error));
out:
    text_release(&caption);
    text_release(&script);
    return status;
}

enum status drawing_run(const struct drawing *drawing, const struct chart *chart,
                        struct error *error)
{
    enum status status = STATUS_OK;
    char parts[OUTPUTS][PATH_ROOM] = {""}, paths[OUTPUTS][PATH_ROOM];
    struct text csv = {0};

    for (int i = 0; i < OUTPUTS; i++) {
        path_print(paths[i], "%s.%s", drawing->base, endings[i]);
        path_print(parts[i], "%s.%s.part", drawing->base, endings[i]);
    }
    TRY(check_panels(drawing, chart, error));
    TRY(chart_csv(chart, &csv, error));
    for (int i = 0; i < OUTPUTS; i++)
        remove(parts[i]);
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

enum status drawing_stored(const struct drawing *drawing, struct error *error)
{
    enum status status = STATUS_OK;
    struct chart chart = {0};

    TRY(chart_read(&chart, drawing->file, drawing->group, error));
    TRY(drawing_run(drawing, &chart, error));
out:
    chart_release(&chart);
    return status;
}
