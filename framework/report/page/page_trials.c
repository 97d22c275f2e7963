/* The table of trials: columns as the file has them, and which grid point each trial is of. */
#include "report/page/page_parts.h"

#include <string.h>

enum { BYTES_OF_VALUE = 12 }; /* about, of the table's JSON */

static bool all_equal(const char *const *texts, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(texts[i], texts[0]) != 0)
            return false;
    return count > 0;
}

/* {"name": …, "values": […]}, or "same" with the one text that all trials have. */
static enum status add_column(struct page *page, const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct error is_text = {0};
    double *numbers;
    const char **texts;

    json_next(&page->json);
    json_open(&page->json, "{");
    json_pair(&page->json, "name", name);
    if (results_numbers(page->results, name, &arena, &numbers, &is_text) == STATUS_OK) {
        page_numbers(page, "values", numbers, page->shown, PAGE_EXACT);
    } else {
        TRY(results_texts(page->results, name, &arena, &texts, error));
        if (all_equal(texts, page->shown))
            json_pair(&page->json, "same", texts[0]);
        else
            page_texts(page, "values", texts, page->shown);
    }
    json_close(&page->json, "}");
out:
    arena_release(&arena);
    return status;
}

/* Of each grid point: its name for people, and its first trial. */
static enum status add_points(struct page *page, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = &page->points;
    struct text label = {0};

    json_key(&page->json, "points");
    json_open(&page->json, "[");
    for (size_t p = 0; p < points->count && points->first[p] < page->shown; p++) {
        text_clear(&label);
        points_label(points, p, false, &label);
        TRY(text_status(&label, error));
        json_next(&page->json);
        json_open(&page->json, "{");
        json_pair(&page->json, "label", label.length ? label.bytes : "");
        page_count(page, "first", points->first[p]);
        json_close(&page->json, "}");
    }
    json_close(&page->json, "]");
out:
    text_release(&label);
    return status;
}

static void add_axes(struct page *page)
{
    json_key(&page->json, "axes");
    json_open(&page->json, "[");
    for (size_t a = 0; a < page->points.axis_count; a++) {
        const char *name = page->points.axes[a].name;
        const char *label = points_axis_label(&page->points, name);
        json_next(&page->json);
        json_open(&page->json, "{");
        json_pair(&page->json, "name", name);
        if (label)
            json_pair(&page->json, "label", label);
        json_close(&page->json, "}");
    }
    json_close(&page->json, "]");
}

enum status page_trials(struct page *page, struct error *error)
{
    const struct results *results = page->results;
    size_t columns = results->column_count + results->time_count;
    size_t most = page->limit / 2 / (BYTES_OF_VALUE * columns) + 1;

    page->shown = results->trials < most ? results->trials : most;
    page_count(page, "trials", results->trials);
    page_count(page, "shown", page->shown);
    page_count(page, "failed", page->points.failed);
    page_count(page, "suspect", page->points.suspect);
    add_axes(page);
    PASS(add_points(page, error));
    json_key(&page->json, "columns");
    json_open(&page->json, "[");
    for (size_t i = 0; i < results->column_count; i++)
        PASS(add_column(page, results->columns[i], error));
    for (size_t i = 0; i < results->time_count; i++)
        PASS(add_column(page, results->times[i], error));
    json_close(&page->json, "]");
    return STATUS_OK;
}
