/* Figures, from the series that the file stores, and the curves of every trial. */
#include "report/charts/drawing_axes.h"
#include "report/figures/curve_series.h"
#include "report/figures/figures.h"
#include "report/page/page_parts.h"

#include <stdio.h>
#include <string.h>

enum { BYTES_OF_PLACE = 9 }; /* about, of a curve's JSON */

static void add_pair(struct page *page, const char *name, double low, double high)
{
    const double ends[] = {low, high};

    page_numbers(page, name, ends, 2, PAGE_EXACT);
}

/* `limits`: what values can be; NULL: the unit says it. */
static void add_axis(struct page *page, const char *name, const struct axis_words *words,
                     const struct axis_style *style, const struct axis *axis,
                     const struct axis_limits *limits)
{
    bool own = style->label && style->label[0];

    json_key(&page->json, name);
    json_open(&page->json, "{");
    json_pair(&page->json, "label", own ? style->label : words->label);
    json_pair(&page->json, "unit", words->unit);
    page_flag(page, "log", axis->log);
    add_pair(page, "range", axis->low, axis->high);
    if (limits)
        add_pair(page, "limits", limits->least, limits->most);
    json_close(&page->json, "}");
}

static enum status add_looks(struct page *page, const struct chart *chart,
                             const struct drawing *drawing, struct error *error)
{
    const struct figure_style *style = drawing->style;
    struct drawn_axes axes;

    PASS(drawing_axes_find(drawing, chart, &axes, error));
    if (style->title && style->title[0])
        json_pair(&page->json, "title", style->title);
    if (style->legend == LEGEND_NONE)
        page_flag(page, "unkeyed", true);
    add_axis(page, "x", &chart->x, &style->x, &axes.x, NULL);
    add_axis(page, "y", &chart->y[0], &style->y, &axes.panels[0].axis, &axes.panels[0].limits);
    if (chart->y[1].label)
        add_axis(page, "y2", &chart->y[1], &style->y2, &axes.panels[1].axis,
                 &axes.panels[1].limits);
    return STATUS_OK;
}

static void add_series(struct page *page, const struct series *series)
{
    const struct series_role_facts *role = &series_roles[series->role];

    json_next(&page->json);
    json_open(&page->json, "{");
    json_pair(&page->json, "label", series->label);
    json_pair(&page->json, "role", role->name);
    json_pair_raw(&page->json, "panel", role->panel == 1 ? "1" : "0");
    page_flag(page, "across", role->across);
    if (series->colour)
        json_pair(&page->json, "colour", series->colour);
    if (series->dash)
        json_pair(&page->json, "dash", series->dash);
    page_numbers(page, "x", series->x, series->count, PAGE_SHORT);
    page_numbers(page, "y", series->y, series->count, PAGE_SHORT);
    page_numbers(page, "low", series->low, series->count, PAGE_SHORT);
    page_numbers(page, "high", series->high, series->count, PAGE_SHORT);
    json_close(&page->json, "}");
}

/* Numbers that are written below images are with these (page_images.c). */
static bool is_drawn(const struct chart *chart)
{
    for (size_t s = 0; s < chart->count; s++)
        if (chart->series[s].role != ROLE_LABEL)
            return true;
    return false;
}

static enum status add_figure(struct page *page, const char *root, const char *name,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct chart chart = {0};
    struct text group = {0};
    struct drawing drawing = {0};
    const char *kind;

    TRY(path_join(&group, root, name, error));
    TRY(hdf5_read_attribute_text(page->results->file, group.bytes, "kind", &page->arena, &kind,
                                 error));
    TRY(chart_read(&chart, page->results->file, group.bytes, error));
    if (!is_drawn(&chart))
        goto out;
    TRY(report_shape(page->results, group.bytes, &page->arena, &drawing, error));
    json_next(&page->json);
    json_open(&page->json, "{");
    json_pair(&page->json, "name", name);
    json_pair(&page->json, "kind", kind);
    json_pair(&page->json, "caption", chart.caption);
    TRY(add_looks(page, &chart, &drawing, error));
    json_key(&page->json, "series");
    json_open(&page->json, "[");
    for (size_t s = 0; s < chart.count; s++)
        add_series(page, &chart.series[s]);
    json_close(&page->json, "]");
    json_close(&page->json, "}");
out:
    text_release(&group);
    chart_release(&chart);
    return status;
}

enum status page_figures(struct page *page, struct error *error)
{
    static const char *const roots[] = {"/figures", "/timing/figures"};
    struct hdf5 *file = page->results->file;
    const char **names;
    size_t count;

    json_key(&page->json, "figures");
    json_open(&page->json, "[");
    for (size_t r = 0; r < sizeof roots / sizeof *roots; r++) {
        if (!hdf5_is_group(file, roots[r]))
            continue;
        PASS(hdf5_list(file, roots[r], &page->arena, &names, &count, error));
        for (size_t i = 0; i < count; i++)
            PASS(add_figure(page, roots[r], names[i], error));
    }
    json_close(&page->json, "]");
    return STATUS_OK;
}

/* Every `stride`-th value of each trial's curve, and its last one. */
static void add_curve(struct page *page, const char *name, const struct curve *curves,
                      size_t stride)
{
    json_key(&page->json, name);
    text_append(&page->text, "[");
    for (size_t i = 0; i < page->shown; i++) {
        text_append(&page->text, "%s[", i ? "," : "");
        for (size_t k = 0; k < curves[i].count; k++) {
            if (k % stride && k + 1 < curves[i].count)
                continue;
            text_append(&page->text, "%s", k ? "," : "");
            page_number(page, curves[i].values[k], PAGE_SHORT);
        }
        text_append(&page->text, "]");
    }
    text_append(&page->text, "]");
}

/* What trial i has curves of; *count is 0 where it has none. */
static enum status curve_names(struct page *page, const char ***names, size_t *count,
                               struct error *error)
{
    char group[64];

    *count = 0;
    for (size_t i = 0; i < page->shown && *count == 0; i++) {
        snprintf(group, sizeof group, "/curves/%05zu", i);
        if (page->points.done[i] && hdf5_is_group(page->results->file, group))
            PASS(hdf5_list(page->results->file, group, &page->arena, names, count, error));
    }
    return STATUS_OK;
}

enum status page_curves(struct page *page, struct error *error)
{
    const char **names;
    struct curve *curves;
    size_t count, places = 1;

    PASS(curve_names(page, &names, &count, error));
    json_key(&page->json, "curves");
    json_open(&page->json, "{");
    for (size_t n = 0; n < count; n++) {
        PASS(curves_read(page->results, &page->points, "/curves", names[n], &page->arena, &curves,
                         error));
        places = 0;
        for (size_t i = 0; i < page->shown; i++)
            places += curves[i].count;
        size_t stride = 1 + places * BYTES_OF_PLACE * count / (page->limit / 5);
        json_key(&page->json, names[n]);
        json_open(&page->json, "{");
        page_count(page, "stride", stride);
        add_curve(page, "values", curves, stride);
        json_close(&page->json, "}");
    }
    json_close(&page->json, "}");
    return STATUS_OK;
}
