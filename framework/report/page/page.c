#include "report/page/page.h"

#include "base/work.h"
#include "io/files/atomic_file.h"
#include "report/figures/figures.h"
#include "report/page/page_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEMPLATE_BYTES = 1 << 20 };

/* Everything that the page's scripts show. */
static enum status make_data(struct page *page, struct error *error)
{
    static enum status (*const parts[])(struct page *, struct error *) = {
        page_about,   page_trials, page_figures, page_curves,
        page_network, page_labels, page_images,  page_add_pictures};

    page->json.text = &page->text;
    json_open(&page->json, "{");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        PASS(parts[i](page, error));
    json_close(&page->json, "}");
    return text_status(&page->text, error);
}

/* JSON within <script>: '<' stands in strings alone, where it can be written otherwise. */
static void append_data(struct text *html, const struct text *data)
{
    const char *at = data->bytes, *end = data->bytes + data->length;

    while (at < end) {
        const char *stop = memchr(at, '<', (size_t)(end - at));
        text_append_bytes(html, at, (size_t)((stop ? stop : end) - at));
        if (stop)
            text_append(html, "\\u003c");
        at = stop ? stop + 1 : end;
    }
}

static enum status read_template(const char *home, const char *name, size_t length,
                                 struct bytes *bytes, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    TRY(text_print(&path, error, "%s/plots/%.*s", home, (int)length, name));
    TRY(bytes_read(bytes, path.bytes, TEMPLATE_BYTES, error));
out:
    text_release(&path);
    return status;
}

/* What stands for {{NAME}}. */
static enum status fill(struct text *html, const char *home, const char *name, size_t length,
                        const char *title, const struct text *data, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes file = {0};

    if (length == strlen("title") && memcmp(name, "title", length) == 0) {
        text_append(html, "%s", title);
    } else if (length == strlen("data") && memcmp(name, "data", length) == 0) {
        append_data(html, data);
    } else {
        TRY(read_template(home, name, length, &file, error));
        text_append_bytes(html, (const char *)file.data, file.length);
    }
out:
    bytes_release(&file);
    return status;
}

static enum status assemble(struct text *html, const char *home, const char *title,
                            const struct text *data, struct error *error)
{
    enum status status = STATUS_OK;
    static const char name[] = "page.html";
    struct bytes page = {0};
    struct text text = {0};

    TRY(read_template(home, name, strlen(name), &page, error));
    text_append_bytes(&text, (const char *)page.data, page.length);
    TRY(text_status(&text, error));
    const char *at = text.bytes ? text.bytes : "", *open;
    while ((open = strstr(at, "{{")) != NULL) {
        const char *close = strstr(open, "}}");
        if (!close)
            TRY(error_set(error, STATUS_DATA, "%s/plots/%s: '{{' without '}}'", home, name));
        text_append_bytes(html, at, (size_t)(open - at));
        TRY(fill(html, home, open + 2, (size_t)(close - open) - 2, title, data, error));
        at = close + 2;
    }
    text_append(html, "%s", at);
    TRY(text_status(html, error));
out:
    text_release(&text);
    bytes_release(&page);
    return status;
}

/* The trial whose network goes out; the number of trials where the file names none. */
static size_t find_outgoing(const struct page *page)
{
    static const char *const roots[] = {"/timing/network", "/network"};
    struct arena arena = {0};
    struct error missing = {0};
    size_t trial = page->points.trials;
    const char *text;

    for (size_t r = 0; r < sizeof roots / sizeof *roots && trial == page->points.trials; r++)
        if (hdf5_is_group(page->results->file, roots[r]) &&
            hdf5_read_attribute_text(page->results->file, roots[r], "trial", &arena, &text,
                                     &missing) == STATUS_OK)
            trial = strtoul(text, NULL, 10);
    arena_release(&arena);
    return trial < page->points.trials ? trial : page->points.trials;
}

enum status page_make(struct hdf5 *file, const char *home, size_t bytes, struct text *html,
                      struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct page page = {.results = &results, .home = home, .limit = bytes};
    const char *title;

    TRY(results_open(&results, file, error));
    TRY(points_read(&results, &page.arena, &page.points, error));
    TRY(hdf5_read_attribute_text(file, "/", "experiment", &page.arena, &title, error));
    page.outgoing = find_outgoing(&page);
    TRY(make_data(&page, error));
    TRY(assemble(html, home, title, &page.text, error));
out:
    text_release(&page.text);
    text_release(&page.pictures);
    memory_free(page.digests);
    arena_release(&page.arena);
    results_release(&results);
    return status;
}

/* Its file: whole results have another one, and end the partial ones'. */
static enum status choose_name(struct hdf5 *file, const char *folder, struct text *path,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct error whole = {0};
    const char *text;
    bool partial =
        hdf5_read_attribute_text(file, "/", "partial", &arena, &text, &whole) == STATUS_OK;

    TRY(path_join(path, folder, "partial.html", error));
    if (partial)
        goto out;
    unlink(path->bytes);
    text_clear(path);
    TRY(path_join(path, folder, "index.html", error));
out:
    arena_release(&arena);
    return status;
}

enum status page_write(struct hdf5 *file, const char *home, const char *folder, size_t bytes,
                       struct text *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct text html = {0};

    work_step("writing the report");
    TRY(page_make(file, home, bytes, &html, error));
    TRY(report_folder(folder, error));
    TRY(choose_name(file, folder, path, error));
    const struct span span = {(const unsigned char *)html.bytes, html.length, path->bytes};
    TRY(atomic_file_write(path->bytes, &span, 1, error));
out:
    work_step(NULL);
    text_release(&html);
    return status;
}
