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
#include <stdlib.h>
#include <string.h>

/* The middle of larger images is shown: a cut at full sharpness tells more than a small whole. */
enum { LARGEST_SIDE = 640, EXAMPLES_MOST = 1000 };

static const char *const pane_names[] = {"truth", "input", "pipeline", "network"};

/* The middle of an image, where that is large, and its first channel, where it is neither grey nor
 * coloured, with values that a picture can hold; `room` has place for it. */
static struct image cut(struct image image, float *room)
{
    struct shape from = image.shape;
    struct shape to = {from.channels == 3 ? 3 : 1,
                       from.height < LARGEST_SIDE ? from.height : LARGEST_SIDE,
                       from.width < LARGEST_SIDE ? from.width : LARGEST_SIDE};
    size_t top = (size_t)(from.height - to.height) / 2, left = (size_t)(from.width - to.width) / 2;
    float *out = room;

    for (size_t c = 0; c < (size_t)to.channels; c++)
        for (size_t y = 0; y < (size_t)to.height; y++)
            for (size_t x = 0; x < (size_t)to.width; x++) {
                float value =
                    image.pixels[c * shape_plane(from) + (top + y) * (size_t)from.width + left + x];
                *out++ = isfinite(value) ? value : 0;
            }
    return (struct image){to, room};
}

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
    page_flag(page, "cut", whole.width > LARGEST_SIDE || whole.height > LARGEST_SIDE);
    json_key(&page->json, "panes");
    json_open(&page->json, "{");
    for (int v = 0; v < EXAMPLE_IMAGES; v++) {
        if (v != 1 && (examples->named || (v == 0 && !examples->judged)))
            continue;
        struct image image =
            cut(examples_shown(examples, &album->palette, v, k, album->drawn), album->cut);
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

/* The trial whose network goes out; the number of trials where the file names none. */
static size_t outgoing(const struct page *page)
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
    size_t first = outgoing(page);

    if (first < page->points.trials)
        page_count(page, "outgoing", first);
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
