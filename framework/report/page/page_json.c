#include "report/page/page_parts.h"

#include <math.h>

void page_number(struct page *page, double value, enum page_digits digits)
{
    if (isnan(value))
        text_append(&page->text, "null");
    else if (isinf(value))
        text_append(&page->text, value > 0 ? "\"inf\"" : "\"-inf\"");
    else if (digits == PAGE_SHORT)
        text_append(&page->text, "%.6g", value);
    else
        text_append_real(&page->text, value);
}

void page_numbers(struct page *page, const char *name, const double *values, size_t count,
                  enum page_digits digits)
{
    json_key(&page->json, name);
    text_append(&page->text, "[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_append(&page->text, ",");
        page_number(page, values[i], digits);
    }
    text_append(&page->text, "]");
}

void page_texts(struct page *page, const char *name, const char *const *values, size_t count)
{
    json_key(&page->json, name);
    text_append(&page->text, "[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_append(&page->text, ",");
        json_string(&page->json, values[i]);
    }
    text_append(&page->text, "]");
}

void page_count(struct page *page, const char *name, size_t value)
{
    json_key(&page->json, name);
    text_append(&page->text, "%zu", value);
}

void page_flag(struct page *page, const char *name, bool value)
{
    json_pair_raw(&page->json, name, value ? "true" : "false");
}

enum status page_attribute(struct page *page, const char *name, struct error *error)
{
    struct error missing = {0};
    const char *text;
    enum status status =
        hdf5_read_attribute_text(page->results->file, "/", name, &page->arena, &text, &missing);

    if (status == STATUS_OK)
        json_pair(&page->json, name, text);
    else if (status != STATUS_DATA)
        *error = missing;
    return status == STATUS_DATA ? STATUS_OK : status;
}

enum status page_stored_text(struct page *page, const char *name, const char *path,
                             struct error *error)
{
    const char *text;

    if (!hdf5_exists(page->results->file, path))
        return STATUS_OK;
    PASS(hdf5_read_text(page->results->file, path, &page->arena, &text, error));
    json_pair(&page->json, name, text);
    return STATUS_OK;
}
