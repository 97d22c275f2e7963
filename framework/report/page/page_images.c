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
};

static enum status album_open(struct album *album, struct page *page, size_t trial,
                              struct error *error)
{
    struct examples *examples = &album->examples;

    PASS(examples_read(examples, page->results, &page->points, (int64_t)trial, EXAMPLES_MOST,
                       error));
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

static enum status add_examples(struct page *page, size_t trial, struct error *error)
{
    static const char *const kinds[DRAWN_KINDS] = {
        [DRAWN_AS_IMAGE] = "image",     [DRAWN_AS_CLASS] = "class", [DRAWN_AS_MASK] = "mask",
        [DRAWN_AS_NUMBERS] = "numbers", [DRAWN_AS_MAP] = "map",
    };
    enum status status = STATUS_OK;
    struct album album = {0};

    TRY(album_open(&album, page, trial, error));
    json_next(&page->json);
    json_open(&page->json, "{");
    page_count(page, "trial", trial);
    json_pair(&page->json, "kind", kinds[album.examples.kind]);
    page_flag(page, "judged", album.examples.judged);
    page_count(page, "stored", album.examples.count);
    json_key(&page->json, "images");
    json_open(&page->json, "[");
    for (size_t k = 0; k < album.examples.count && page_has_room(page); k++) {
        json_next(&page->json);
        json_open(&page->json, "{");
        TRY(add_panes(page, &album, k, error));
        if (album.examples.named)
            add_words(page, &album, k);
        else
            TRY(add_scores(page, &album, k, error));
        json_close(&page->json, "}");
    }
    json_close(&page->json, "]");
    json_close(&page->json, "}");
out:
    arena_release(&album.examples.arena);
    return status;
}

static enum status add_trial(struct page *page, size_t trial, struct error *error)
{
    char group[64];

    snprintf(group, sizeof group, "/examples/%05zu", trial);
    if (trial >= page->points.trials || !page_has_room(page) ||
        !hdf5_is_group(page->results->file, group))
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
