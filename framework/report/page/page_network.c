/* Layers of the networks, of a trial of each grid point, and the graph of the one that goes out. */
#include "io/hdf5/hdf5_values.h"
#include "report/page/page_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NETWORKS = 40 };

/* An array of numbers or texts, one of each layer. */
static enum status add_row(struct page *page, const char *group, const char *name,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array = {0};
    struct text path = {0}, value = {0};

    TRY(path_join(&path, group, name, error));
    TRY(hdf5_read(page->results->file, path.bytes, &arena, &array, error));
    if (array.rank != 1)
        TRY(error_set(error, STATUS_DATA, "%s: expected one value of each layer", path.bytes));
    json_key(&page->json, name);
    text_append(&page->text, "[");
    for (size_t i = 0; i < array.dims[0]; i++) {
        text_append(&page->text, "%s", i ? "," : "");
        text_clear(&value);
        hdf5_print_value(&array, i, &value);
        TRY(text_status(&value, error));
        if (array.type == HDF5_TEXT)
            json_string(&page->json, value.bytes ? value.bytes : "");
        else
            page_number(page, strtod(value.bytes, NULL), PAGE_SHORT);
    }
    text_append(&page->text, "]");
out:
    text_release(&value);
    text_release(&path);
    arena_release(&arena);
    return status;
}

static enum status add_layers(struct page *page, size_t trial, struct error *error)
{
    const char **names;
    char group[64];
    size_t count;

    snprintf(group, sizeof group, "/layers/%05zu", trial);
    if (!hdf5_is_group(page->results->file, group))
        return STATUS_OK;
    PASS(hdf5_list(page->results->file, group, &page->arena, &names, &count, error));
    json_next(&page->json);
    json_open(&page->json, "{");
    page_count(page, "trial", trial);
    for (size_t i = 0; i < count; i++)
        PASS(add_row(page, group, names[i], error));
    json_close(&page->json, "}");
    return STATUS_OK;
}

size_t page_first_done(const struct page *page, size_t point)
{
    for (size_t i = page->points.first[point]; i < page->points.first[point + 1]; i++)
        if (page->points.done[i])
            return i;
    return page->points.trials;
}

/* The graph of the network that goes out, as text: it is parsed where nothing can come of it. */
static enum status add_graphs(struct page *page, struct error *error)
{
    const char **names;
    size_t count;
    char path[96];

    json_key(&page->json, "graphs");
    json_open(&page->json, "{");
    for (int timed = 0; timed < 2; timed++) {
        const char *root = timed ? "/timing/network" : "/network";
        if (!hdf5_is_group(page->results->file, root))
            continue;
        PASS(hdf5_list(page->results->file, root, &page->arena, &names, &count, error));
        for (size_t i = 0; i < count && i < MOST_NETWORKS; i++) {
            snprintf(path, sizeof path, "%s/%.40s/graph", root, names[i]);
            PASS(page_stored_text(page, names[i], path, error));
        }
    }
    json_close(&page->json, "}");
    return STATUS_OK;
}

enum status page_network(struct page *page, struct error *error)
{
    size_t networks = 0;

    json_key(&page->json, "layers");
    json_open(&page->json, "[");
    if (page->outgoing < page->points.trials)
        PASS(add_layers(page, page->outgoing, error));
    for (size_t p = 0; p < page->points.count && networks < MOST_NETWORKS; p++) {
        size_t trial = page_first_done(page, p);
        bool first =
            page->outgoing >= page->points.first[p] && page->outgoing < page->points.first[p + 1];
        if (trial < page->shown && !first) {
            PASS(add_layers(page, trial, error));
            networks++;
        }
    }
    json_close(&page->json, "]");
    return add_graphs(page, error);
}
