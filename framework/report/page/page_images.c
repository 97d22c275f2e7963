/*
 * Test images with what pipeline and network made of them, of the network that goes out and then of
 * other grid points, as long as there is room. Pictures are PNG files in base64, each once: inputs
 * and the pipeline's answers are the same in most trials.
 */
#include "math/quality.h"
#include "report/charts/example_answers.h"
#include "report/page/page_parts.h"

#include <math.h>
#include <stdio.h>

enum { EXAMPLES_MOST = 1000 };

static const char *const pane_names[] = {"truth", "input", "pipeline", "network"};

struct album {
    struct examples examples;
    struct examples_palette palette;
    const char *const *names; /* of classes */
    float *drawn, *cut, *scratch;
    const int64_t *numbers; /* of cases: in the pool of test images */
    size_t worst;           /* of cases: so many, from the first; the others are best ones */
};

/* A row of /cases/TRIAL, of at least `least` numbers. */
static enum status read_case_row(struct album *album, struct page *page, const char *name,
                                 size_t least, const int64_t **row, struct error *error)
{
    struct hdf5_array array;
    char path[64];

    snprintf(path, sizeof path, "/cases/%05zu/%s", album->examples.trial, name);
    PASS(hdf5_read(page->results->file, path, &album->examples.arena, &array, error));
    if (array.type != HDF5_INT64 || array.rank != 1 || array.dims[0] < least)
        return error_set(error, STATUS_DATA, "%s is not a row of %zu numbers", path, least);
    *row = array.values;
    return STATUS_OK;
}

static enum status read_cases(struct album *album, struct page *page, struct error *error)
{
    const int64_t *worst;

    if (!album->examples.cases)
        return STATUS_OK;
    PASS(
        read_case_row(album, page, "scores/image", album->examples.stored, &album->numbers, error));
    PASS(read_case_row(album, page, "worst", 1, &worst, error));
    album->worst = *worst > 0 ? (size_t)*worst : 0;
    return STATUS_OK;
}

/* Why it is shown, and which of the test images it is. */
static void add_case(struct page *page, const struct album *album, size_t k)
{
    size_t at = album->examples.shown[k];

    if (!album->numbers)
        return;
    json_pair(&page->json, "case", at < album->worst ? "worst" : "best");
    page_count(page, "number", (size_t)album->numbers[at]);
}

static enum status album_open(struct album *album, struct page *page, size_t trial,
                              struct error *error)
{
    struct examples *examples = &album->examples;

    PASS(examples_read(examples, page->results, &page->points, (int64_t)trial, EXAMPLES_MOST,
                       error));
    PASS(read_cases(album, page, error));
    PASS(examples_class_names(page->results, examples, &page->points, &album->names, error));
    PASS(examples_colours(page->results, examples, &album->palette, error));
    struct shape shape = examples_largest(examples);
    bool large = shape.height >= QUALITY_SSIM_SIDE && shape.width >= QUALITY_SSIM_SIDE;
    size_t room = 3 * shape_plane(shape) + 1;
    PASS(arena_new(&examples->arena, &album->drawn, room, sizeof(float), error));
    PASS(arena_new(&examples->arena, &album->cut, room, sizeof(float), error));
    return arena_new(&examples->arena, &album->scratch, large ? quality_ssim_scratch(shape) : 1,
                     sizeof(float), error);
}

/* Pictures of one example; "panes" names them by their places. */
static enum status add_panes(struct page *page, struct album *album, size_t k, struct error *error)
{
    const struct examples *examples = &album->examples;
    struct shape whole = examples_image(examples, 1, k).shape;
    size_t place;

    json_key(&page->json, "size");
    text_append(&page->text, "[%d,%d]", whole.width, whole.height);
    page_flag(page, "cut", whole.width > PAGE_LARGEST_SIDE || whole.height > PAGE_LARGEST_SIDE);
    json_key(&page->json, "panes");
    json_open(&page->json, "{");
    for (int v = 0; v < EXAMPLE_IMAGES; v++) {
        if (v != 1 && (examples->named || (v == 0 && !examples->judged)))
            continue;
        struct image image =
            page_cut(examples_shown(examples, &album->palette, v, k, album->drawn), album->cut);
        PASS(page_picture(page, image, &place, error));
        if (place != SIZE_MAX)
            page_count(page, pane_names[v], place);
    }
    json_close(&page->json, "}");
    return STATUS_OK;
}

/* What each answer is worth; "good" puts examples in order, the larger the better. */
static enum status add_scores(struct page *page, const struct album *album, size_t k,
                              struct error *error)
{
    const struct examples *examples = &album->examples;
    double score = (double)NAN;

    json_key(&page->json, "scores");
    json_open(&page->json, "{");
    for (int v = examples_reference(examples) + 1; v < EXAMPLE_IMAGES; v++) {
        if (v == 1 && examples->kind != DRAWN_AS_IMAGE)
            continue; /* the input is no answer */
        PASS(examples_score(examples, v, k, album->scratch, &score, error));
        json_key(&page->json, pane_names[v]);
        page_number(page, score, PAGE_SHORT);
    }
    json_close(&page->json, "}");
    json_key(&page->json, "good");
    page_number(page, examples->kind == DRAWN_AS_MAP ? -score : score, PAGE_SHORT);
    return STATUS_OK;
}

/* Classes or numbers, in words. */
static void add_words(struct page *page, const struct album *album, size_t k)
{
    static const char *const who[] = {"truth", "pipeline", "network"};
    const struct examples *examples = &album->examples;
    int first = examples_first(examples), last = EXAMPLE_CLASSES - 1;
    size_t count = examples->number_count, at = examples->shown[k];
    bool classes = examples->kind == DRAWN_AS_CLASS;
    char text[EXAMPLES_CLASS];
    double off = 0;

    json_key(&page->json, "words");
    json_open(&page->json, "{");
    for (int v = first; v < EXAMPLE_CLASSES; v++) {
        struct text words = {0};
        for (size_t n = 0; !classes && n < count; n++)
            text_append(&words, "%s%.4g", n ? ", " : "",
                        (double)examples->numbers[v][at * count + n]);
        if (classes) {
            examples_class(album->names, examples->classes[v][at], text);
            text_append(&words, "%s", text);
        }
        json_pair(&page->json, who[v], words.length ? words.bytes : "");
        page->text.failed = page->text.failed || words.failed;
        text_release(&words);
    }
    json_close(&page->json, "}");
    for (size_t n = 0; !classes && n < count; n++)
        off += fabs((double)(examples->numbers[last][at * count + n] -
                             examples->numbers[first][at * count + n]));
    if (classes)
        off = examples->classes[last][at] != examples->classes[first][at];
    json_key(&page->json, "good");
    page_number(page, -off, PAGE_SHORT);
}

/* The images of an album, into the list that is open. */
static enum status add_images(struct page *page, struct album *album, struct error *error)
{
    for (size_t k = 0; k < album->examples.count && page_has_room(page); k++) {
        json_next(&page->json);
        json_open(&page->json, "{");
        add_case(page, album, k);
        PASS(add_panes(page, album, k, error));
        if (album->examples.named)
            add_words(page, album, k);
        else
            PASS(add_scores(page, album, k, error));
        json_close(&page->json, "}");
    }
    return STATUS_OK;
}

static bool has_images(const struct page *page, const char *group, size_t trial)
{
    char path[64];

    snprintf(path, sizeof path, "/%s/%05zu/degraded", group, trial);
    return hdf5_exists(page->results->file, path);
}

/* How many cases there was no room for; 0 where there are none. */
static enum status count_left_out(const struct page *page, size_t trial, size_t *count,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array array;
    struct arena arena = {0};
    char path[64];

    *count = 0;
    snprintf(path, sizeof path, "/cases/%05zu/left_out", trial);
    if (!hdf5_exists(page->results->file, path))
        return STATUS_OK;
    TRY(hdf5_read(page->results->file, path, &arena, &array, error));
    if (array.type == HDF5_INT64 && array.rank == 1 && array.dims[0] == 1)
        *count = (size_t) * (const int64_t *)array.values;
out:
    arena_release(&arena);
    return status;
}

/* The worst and best cases first: the page may have no room for all. */
static enum status add_examples(struct page *page, size_t trial, struct error *error)
{
    static const char *const kinds[DRAWN_KINDS] = {
        [DRAWN_AS_IMAGE] = "image",     [DRAWN_AS_CLASS] = "class", [DRAWN_AS_MASK] = "mask",
        [DRAWN_AS_NUMBERS] = "numbers", [DRAWN_AS_MAP] = "map",
    };
    enum status status = STATUS_OK;
    struct album albums[2] = {{.examples = {.cases = true}}, {.names = NULL}};
    struct album *known = NULL; /* whose facts hold for both */
    size_t left_out;

    TRY(count_left_out(page, trial, &left_out, error));
    for (int a = 0; a < 2; a++)
        if (has_images(page, a ? "examples" : "cases", trial)) {
            TRY(album_open(&albums[a], page, trial, error));
            known = &albums[a];
        }
    json_next(&page->json);
    json_open(&page->json, "{");
    page_count(page, "trial", trial);
    json_pair(&page->json, "kind", kinds[known->examples.kind]);
    page_flag(page, "judged", known->examples.judged);
    page_count(page, "stored", albums[0].examples.count + albums[1].examples.count);
    page_count(page, "left_out", left_out);
    json_key(&page->json, "images");
    json_open(&page->json, "[");
    for (int a = 0; a < 2; a++)
        TRY(add_images(page, &albums[a], error));
    json_close(&page->json, "]");
    json_close(&page->json, "}");
out:
    for (int a = 0; a < 2; a++)
        arena_release(&albums[a].examples.arena);
    return status;
}

static enum status add_trial(struct page *page, size_t trial, struct error *error)
{
    if (trial >= page->points.trials || !page_has_room(page) ||
        !(has_images(page, "cases", trial) || has_images(page, "examples", trial)))
        return STATUS_OK;
    return add_examples(page, trial, error);
}

enum status page_images(struct page *page, struct error *error)
{
    size_t first = page->outgoing;

    json_key(&page->json, "examples");
    json_open(&page->json, "[");
    PASS(add_trial(page, first, error));
    for (size_t p = 0; p < page->points.count; p++) {
        size_t trial = page_first_done(page, p);
        if (trial != first)
            PASS(add_trial(page, trial, error));
    }
    json_close(&page->json, "]");
    page_flag(page, "examples_cut", !page_has_room(page));
    return STATUS_OK;
}
