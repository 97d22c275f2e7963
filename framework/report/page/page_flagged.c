/* Images of labels that the filter dropped, where the experiment keeps some (`store.flagged`). */
#include "report/charts/example_answers.h"
#include "report/page/page_parts.h"

#include <math.h>
#include <stdio.h>

/* /flagged/TRIAL, as evaluation_flagged() leaves it. */
struct flagged {
    struct examples facts; /* of whom classes get their names; owns all */
    size_t count;
    const int64_t *items;
    struct image *inputs, *labels; /* [count]; labels: NULL where they are classes */
    const uint8_t *classes;
};

static enum status read_one(struct page *page, struct flagged *flagged, const char *path,
                            struct hdf5_array *array, int rank, struct error *error)
{
    PASS(hdf5_read(page->results->file, path, &flagged->facts.arena, array, error));
    if (array->type != HDF5_FLOAT32 || array->rank != rank)
        return error_set(error, STATUS_DATA, "%s does not hold images", path);
    const size_t *dims = array->dims + rank - 3;
    for (int i = 0; i < 3; i++)
        if (dims[i] < 1 || dims[i] > INT32_MAX)
            return error_set(error, STATUS_DATA, "%s does not hold images", path);
    return STATUS_OK;
}

static struct image view(const struct hdf5_array *array, size_t k)
{
    const size_t *dims = array->dims + array->rank - 3;
    struct shape shape = {(int)dims[0], (int)dims[1], (int)dims[2]};

    return (struct image){shape, (float *)array->values + k * shape_size(shape)};
}

/* Images of one size, in one array, or each in an array of its own. */
static enum status read_images(struct page *page, struct flagged *flagged, const char *path,
                               struct image **images, struct error *error)
{
    struct hdf5_array array = {0};
    char own[PATH_ROOM];

    PASS(arena_new(&flagged->facts.arena, images, flagged->count, sizeof **images, error));
    bool apart = hdf5_is_group(page->results->file, path);
    if (!apart)
        PASS(read_one(page, flagged, path, &array, 4, error));
    if (!apart && array.dims[0] != flagged->count)
        return error_set(error, STATUS_DATA, "%s does not hold %zu images", path, flagged->count);
    for (size_t k = 0; k < flagged->count; k++) {
        if (apart)
            PASS(read_one(page, flagged, path_print(own, "%s/%05zu", path, k), &array, 3, error));
        (*images)[k] = view(&array, apart ? 0 : k);
    }
    return STATUS_OK;
}

static enum status flagged_read(struct flagged *flagged, struct page *page, const char *group,
                                struct error *error)
{
    struct hdf5_array array = {0};
    char path[PATH_ROOM];

    PASS(hdf5_read(page->results->file, path_print(path, "%s/item", group), &flagged->facts.arena,
                   &array, error));
    if (array.type != HDF5_INT64 || array.rank != 1)
        return error_set(error, STATUS_DATA, "%s is no row of numbers", path);
    flagged->items = array.values;
    flagged->count = array.dims[0];
    PASS(read_images(page, flagged, path_print(path, "%s/input", group), &flagged->inputs, error));
    path_print(path, "%s/label", group);
    if (hdf5_is_group(page->results->file, path))
        return read_images(page, flagged, path, &flagged->labels, error);
    PASS(hdf5_read(page->results->file, path, &flagged->facts.arena, &array, error));
    if (array.type != HDF5_UINT8)
        return read_images(page, flagged, path, &flagged->labels, error);
    if (array.rank != 1 || array.dims[0] != flagged->count)
        return error_set(error, STATUS_DATA, "%s does not hold %zu classes", path, flagged->count);
    flagged->classes = array.values;
    return STATUS_OK;
}

static enum status add_picture(struct page *page, struct flagged *flagged, const char *name,
                               struct image image, struct error *error)
{
    size_t place;
    float *room;

    PASS(arena_new(&flagged->facts.arena, &room, shape_size(image.shape), sizeof *room, error));
    PASS(page_picture(page, page_cut(image, room), &place, error));
    if (place != SIZE_MAX)
        page_count(page, name, place);
    return STATUS_OK;
}

/* Numbers in words: a label without a height and a width. */
static void add_numbers(struct page *page, struct image label)
{
    struct text words = {0};

    for (int n = 0; n < label.shape.channels; n++)
        text_append(&words, "%s%.4g", n ? ", " : "", (double)label.pixels[n]);
    json_pair(&page->json, "word", words.length ? words.bytes : "");
    page->text.failed = page->text.failed || words.failed;
    text_release(&words);
}

static enum status add_one(struct page *page, struct flagged *flagged, const char *const *names,
                           size_t k, struct error *error)
{
    char word[EXAMPLES_CLASS];

    json_next(&page->json);
    json_open(&page->json, "{");
    json_key(&page->json, "item");
    page_number(page, (double)flagged->items[k], PAGE_EXACT);
    PASS(add_picture(page, flagged, "input", flagged->inputs[k], error));
    if (flagged->classes) {
        examples_class(names, flagged->classes[k], word);
        json_pair(&page->json, "word", word);
    } else if (shape_plane(flagged->labels[k].shape) == 1) {
        add_numbers(page, flagged->labels[k]);
    } else {
        PASS(add_picture(page, flagged, "label", flagged->labels[k], error));
    }
    json_close(&page->json, "}");
    return STATUS_OK;
}

enum status page_flagged(struct page *page, size_t trial, struct error *error)
{
    enum status status = STATUS_OK;
    struct flagged flagged = {.facts = {.kind = DRAWN_AS_CLASS, .trial = trial}};
    const char *const *names;
    char group[64];

    snprintf(group, sizeof group, "/flagged/%05zu", trial);
    if (!hdf5_is_group(page->results->file, group))
        return STATUS_OK;
    TRY(flagged_read(&flagged, page, group, error));
    TRY(examples_class_names(page->results, &flagged.facts, &page->points, &names, error));
    json_key(&page->json, "pictures");
    json_open(&page->json, "[");
    for (size_t k = 0; k < flagged.count && page_has_room(page); k++)
        TRY(add_one(page, &flagged, names, k, error));
    json_close(&page->json, "]");
out:
    arena_release(&flagged.facts.arena);
    return status;
}
