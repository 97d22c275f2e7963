/*
 * Recorded data: images as they came from the camera, what a pipeline made of them earlier, and
 * what they should be, for all of them, some or none. Inputs, labels and truth lie in folders of
 * their own and belong together by their names, or as a table says; where labels are classes or
 * numbers of images, the table has these. Masks, and maps of numbers, are images whose samples are
 * taken as they are stored. Folders and tables are found as those of data set `folder`.
 *
 * Test images are a number that the experiment draws, those of a list, or those of a folder of
 * their own. No file may be in training and in test, by its bytes, unless the experiment allows it.
 */
#include "data/recorded.h"

#include "data/readers.h"
#include "io/images/duplicates.h"

#include <stdio.h>
#include <string.h>

static unsigned recorded_what(const void *config)
{
    const struct recorded *recorded = config;

    return (recorded->labels[0] ? RECORDED_LABELS : 0) | (recorded->truth[0] ? RECORDED_TRUTH : 0) |
           (recorded_by_table(recorded) ? RECORDED_CLASSES : 0);
}

/* ---- images that are the same */

/* In training and in test; or twice in a set whose test images are yet to be drawn. */
static enum status compare_images(struct recorded_set *set, bool by_contents, size_t *shared,
                                  struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    struct duplicates twins = {0};
    struct arena arena = {0};
    struct text text = {0};
    size_t tests = 0;

    *shared = 0;
    for (size_t i = 0; i < set->count; i++) {
        TRY(data_add_twin(&twins, recorded_image(set, i), set->more_count, set->test[i],
                          by_contents, &arena, error));
        tests += set->test[i];
    }
    *shared = data_find_twins(&twins, set->undivided, tests, &text);
    TRY(text_status(&text, error));
    if (*shared && set->settings->allow_test_in_training)
        text_append(notes, "%s\n", text.bytes);
    else if (*shared)
        TRY(recorded_fault(set, set->undivided ? "dataset.inputs" : "dataset.test", error,
                           "%.800s; take them out, or set 'dataset.allow_test_in_training: true'",
                           text.bytes));
out:
    duplicates_release(&twins);
    arena_release(&arena);
    text_release(&text);
    return status;
}

/* ---- every file */

struct teller {
    struct recorded_set *set;
    const char *field;
};

static enum status heard(void *context, size_t index, const struct image *image,
                         const struct error *fault, struct error *error)
{
    const struct teller *teller = context;

    (void)index, (void)image;
    return fault ? recorded_tell(teller->set, teller->field, fault, error) : STATUS_OK;
}

static enum status look(struct recorded_set *set, const char *field, struct imagefiles *files,
                        struct hash *hash, struct error *error)
{
    struct teller teller = {set, field};

    PASS(hash_number(hash, files->count, error));
    return imagefiles_look(files, files->count, hash, heard, &teller, error);
}

static enum status look_at_all(struct recorded_set *set, char sha256[HASH_TEXT],
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(look(set, "dataset.inputs", &set->inputs, &hash, error));
    TRY(look(set, "dataset.test", &set->tests, &hash, error));
    TRY(look(set, set->labels.field, &set->labels.files, &hash, error));
    TRY(look(set, set->truth.field, &set->truth.files, &hash, error));
    for (size_t k = 0; k < set->more_count; k++)
        TRY(look(set, set->more[k].field, &set->more[k].files, &hash, error));
    TRY(bytes_hash(&set->table, "match", &hash, error));
    TRY(bytes_hash(&set->list, "list", &hash, error));
    TRY(hash_end(&hash, sha256, error));
out:
    hash_release(&hash);
    return status;
}

/* Where samples are numbers: one a pixel for a mask, one for each of `numbers`. */
static enum status check_channels(struct recorded_set *set, const char *field,
                                  const struct imagefile *answer, struct error *error)
{
    int count = (int)set->settings->numbers.count, channels = answer->shape.channels;

    if (recorded_content(set->settings) == CONTENT_MASK)
        return recorded_fault(set, field, error,
                              "%s has %d channels, as colours; expected the numbers of classes: an "
                              "indexed or a grey image",
                              answer->name, channels);
    return recorded_fault(set, field, error, "%s has %d channel%s; 'dataset.numbers' has %d name%s",
                          answer->name, channels, channels == 1 ? "" : "s", count,
                          count == 1 ? "" : "s");
}

static enum status check_shape(struct recorded_set *set, const char *field,
                               const struct imagefile *image, const struct imagefile *answer,
                               struct error *error)
{
    const enum content content = recorded_content(set->settings);
    const struct shape in = image->shape, out = answer->shape;
    struct answer asked = {content, (int)set->settings->numbers.count};
    const struct shape expected = answer_shape(asked, in);

    if (!shape_plane(in) || !shape_plane(out) || shape_equal(expected, out))
        return STATUS_OK;
    if (content != CONTENT_IMAGE && out.channels != expected.channels)
        return check_channels(set, field, answer, error);
    if (content != CONTENT_IMAGE)
        return recorded_fault(set, field, error, "%s is %d x %d pixels; its input %s is %d x %d",
                              answer->name, out.width, out.height, image->name, in.width,
                              in.height);
    return recorded_fault(
        set, field, error, "%s is %d x %d pixels in %d channel%s; its input %s is %d x %d in %d",
        answer->name, out.width, out.height, out.channels, out.channels == 1 ? "" : "s",
        image->name, in.width, in.height, in.channels);
}

static enum status check_shapes(struct recorded_set *set, const struct recorded_answers *answers,
                                struct error *error)
{
    for (size_t i = 0; i < set->count; i++)
        if (answers->of[i] != UINT32_MAX)
            PASS(check_shape(set, answers->field, recorded_image(set, i),
                             &answers->files.items[answers->of[i]], error));
    return STATUS_OK;
}

/* ---- pools */

static enum status answers_new(const struct recorded_answers *answers, size_t numbers, size_t count,
                               struct dataset_answers **answered, struct error *error)
{
    struct dataset_answers *to;

    PASS(memory_new(answered, 1, sizeof **answered, error));
    to = *answered;
    to->images.files.channels = answers->files.channels;
    to->images.files.numbers = answers->files.numbers;
    to->images.files.folder = answers->files.folder;
    PASS(memory_new(&to->of, count, sizeof *to->of, error));
    if (answers->classes)
        return memory_new(&to->classes, count, sizeof *to->classes, error);
    if (!answers->numbers)
        return memory_new(&to->images.files.items, answers->files.count,
                          sizeof *to->images.files.items, error);
    to->number_count = (int)numbers;
    return memory_new(&to->numbers, count, numbers * sizeof *to->numbers, error);
}

/* The answers for `count` images of the set; files are copied, names stay where they are. */
static enum status deal_answers(const struct recorded_answers *answers, size_t numbers,
                                const uint32_t *indices, size_t count,
                                struct dataset_answers **dealt, struct error *error)
{
    struct dataset_answers *to;

    PASS(answers_new(answers, numbers, count, dealt, error));
    to = *dealt;
    for (size_t i = 0; i < count; i++) {
        uint32_t file = answers->of[indices[i]];
        to->of[i] = UINT32_MAX;
        if (answers->classes) {
            to->classes[i] = answers->classes[indices[i]];
        } else if (answers->numbers) {
            memcpy(to->numbers + i * numbers, answers->numbers + indices[i] * numbers,
                   numbers * sizeof *to->numbers);
        } else if (file != UINT32_MAX) {
            to->of[i] = (uint32_t)to->images.files.count;
            to->images.files.items[to->images.files.count++] = answers->files.items[file];
        }
        to->count += dataset_answers_have(to, i);
    }
    return STATUS_OK;
}

static enum status deal_pool(const struct recorded_set *set, bool test, struct dataset_pool *pool,
                             struct error *error)
{
    enum status status = STATUS_OK;
    uint32_t *indices = NULL;
    size_t count = 0, numbers = set->settings->numbers.count;

    TRY(memory_new(&indices, set->count, sizeof *indices, error));
    for (size_t i = 0; i < set->count; i++)
        if (set->test[i] == test)
            indices[count++] = (uint32_t)i;
    TRY(memory_new(&pool->files.items, count, sizeof *pool->files.items, error));
    for (size_t i = 0; i < count; i++)
        pool->files.items[i] = *recorded_image(set, indices[i]);
    pool->files.count = count;
    pool->files.channels = set->inputs.channels;
    pool->files.others = set->more_count;
    pool->files.folder = test && set->tests.folder ? set->tests.folder : set->inputs.folder;
    if (set->labels.given)
        TRY(deal_answers(&set->labels, numbers, indices, count, &pool->labels, error));
    TRY(deal_answers(&set->truth, numbers, indices, count, &pool->truth, error));
out:
    memory_free(indices);
    return status;
}

/* The arenas of names go where they live as long as the pools do. */
static void give_names(struct recorded_set *set, struct dataset_content *content)
{
    content->train.files.arena = set->inputs.arena;
    set->inputs.arena = (struct arena){0};
    content->test.files.arena = set->tests.arena;
    set->tests.arena = (struct arena){0};
    content->train.truth->images.files.arena = set->truth.files.arena;
    set->truth.files.arena = (struct arena){0};
    if (content->train.labels) {
        content->train.labels->images.files.arena = set->labels.files.arena;
        set->labels.files.arena = (struct arena){0};
    }
    content->arena = set->arena;
    set->arena = (struct arena){0};
}

/* The colours with which the palettes of all masks begin, where there are enough of them. */
static enum status take_palette(const struct recorded_set *set, struct dataset_content *content,
                                struct error *error)
{
    const struct imagefiles *labels = &set->labels.files, *truth = &set->truth.files;
    const struct imagefiles *first = labels->count ? labels : truth;
    const size_t count = set->settings->classes.count;

    if (content->colours || !count)
        return STATUS_OK;
    for (size_t k = 0; k < 2; k++)
        if ((k ? truth : labels)->count && (size_t)(k ? truth : labels)->colours < count)
            return STATUS_OK;
    if (memcmp(first->palette, (truth->count ? truth : first)->palette,
               count * sizeof *first->palette) != 0)
        return STATUS_OK;
    PASS(arena_new(&content->arena, &content->colours, count, sizeof *content->colours, error));
    memcpy(content->colours, first->palette, count * sizeof *content->colours);
    return STATUS_OK;
}

static enum status deal(struct recorded_set *set, struct dataset_content *content,
                        struct error *error)
{
    PASS(deal_pool(set, false, &content->train, error));
    PASS(deal_pool(set, true, &content->test, error));
    give_names(set, content);
    content->undivided = set->undivided;
    content->may_share = set->settings->allow_test_in_training;
    if (recorded_content(set->settings) == CONTENT_IMAGE) {
        content->names = set->class_names;
        content->count = (int)set->class_count;
        return STATUS_OK;
    }
    PASS(recorded_label_names(set->settings, content, error));
    return take_palette(set, content, error);
}

static void set_scale(struct dataset_content *content, struct imagefile_scale scale)
{
    struct dataset_pool *const pools[] = {&content->train, &content->test};

    for (size_t i = 0; i < 2; i++) {
        pools[i]->files.scale = scale;
        if (pools[i]->labels)
            pools[i]->labels->images.files.scale = scale;
        pools[i]->truth->images.files.scale = scale;
    }
}

/* As `range` says; `auto` holds every sample of the training inputs. */
static enum status scale_pools(struct recorded_set *set, int threads,
                               struct dataset_content *content, struct error *error)
{
    const struct text_list *range = &set->settings->range;
    struct teller teller = {set, "dataset.inputs"};
    struct imagefiles_summary summary = {0};
    struct imagefile_scale scale;

    if (!data_range(range, &scale))
        return error_set(error, STATUS_CONFIG, "range: expected auto, or two numbers as [0, 4095]");
    if (range->count == 1) {
        PASS(imagefiles_each(&content->train.files, threads, heard, &teller, &summary, error));
        scale = imagefile_scale_of(&summary);
        text_append(&content->notes, "'range: auto' is [%.0f, %.0f]\n", scale.low, scale.high);
    }
    set_scale(content, scale);
    return STATUS_OK;
}

/* ---- the data set */

static enum status note_left_out(const struct recorded_set *set, struct text *notes,
                                 struct error *error)
{
    const struct imagefiles *const all[] = {&set->inputs, &set->tests, &set->labels.files,
                                            &set->truth.files};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->left_out.length)
            text_append(notes, "%s: left out: %s\n", all[i]->folder, all[i]->left_out.bytes);
    return text_status(notes, error);
}

/* All files, and all that is wrong with them. */
static enum status read_set(struct recorded_set *set, const struct recorded *recorded,
                            const char *directory, struct diagnostics *faults,
                            struct dataset_content *content, struct error *error)
{
    size_t before = faults->count;

    PASS(recorded_gather(set, recorded, directory, faults, error));
    if (!set->count)
        return STATUS_OK; /* a folder could not be listed */
    PASS(note_left_out(set, &content->notes, error));
    PASS(look_at_all(set, content->sha256, error));
    if (faults->count > before)
        return STATUS_OK;
    PASS(recorded_stack(set, error));
    PASS(check_shapes(set, &set->labels, error));
    PASS(check_shapes(set, &set->truth, error));
    return compare_images(set, true, &content->shared, &content->notes, error);
}

/* The first fault is the error. */
static enum status refuse(const struct diagnostics *faults, struct error *error)
{
    enum status status = error_set(
        error, STATUS_DATA, "%s: %s%s", faults->items[0].where.path, faults->items[0].message,
        faults->count > 1 ? "; and more, which `understudy check --data` lists" : "");
    return status;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    struct recorded_set set = {0};
    struct diagnostics own = {0}, *faults = request->faults ? request->faults : &own;
    size_t before = faults->count;

    memset(content, 0, sizeof *content);
    TRY(read_set(&set, config, request->directory, faults, content, error));
    if (faults->count == before) {
        TRY(deal(&set, content, error));
        TRY(scale_pools(&set, request->threads, content, error));
    }
    if (own.count)
        TRY(refuse(&own, error));
    TRY(text_status(&content->notes, error));
out:
    diagnostics_release(&own);
    recorded_release(&set);
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}

static size_t count_truth(const struct recorded_set *set, bool test)
{
    size_t count = 0;

    for (size_t i = 0; i < set->count; i++)
        if (set->test[i] == test)
            count += recorded_has_answer(&set->truth, set->settings->numbers.count, i);
    return count;
}

static enum status list(const void *config, const char *directory, struct dataset_listing *listing,
                        struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    struct recorded_set set = {0};
    size_t shared, before = faults->count, tests = 0;

    TRY(recorded_gather(&set, config, directory, faults, error));
    TRY(note_left_out(&set, &listing->notes, error));
    if (!set.count || faults->count > before)
        goto out;
    TRY(recorded_stack(&set, error));
    TRY(compare_images(&set, false, &shared, &listing->notes, error));
    for (size_t i = 0; i < set.count; i++)
        tests += set.test[i];
    listing->undivided = set.undivided;
    listing->train = set.count - tests;
    listing->test = set.undivided ? 0 : tests;
    listing->train_truth = count_truth(&set, false);
    listing->test_truth = count_truth(&set, true);
out:
    recorded_release(&set);
    return status;
}

static void folders(const void *config, const char *directory, struct text *paths)
{
    const struct recorded *recorded = config;
    const char *const names[] = {recorded->labels, recorded->truth, recorded->test_list,
                                 recorded_by_table(recorded) ? recorded->match : ""};
    const struct text_list *const lists[] = {&recorded->inputs, &recorded->test_folder};

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            if (lists[k]->items[i][0])
                data_add_path(paths, directory, recorded->beside, lists[k]->items[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i][0])
            data_add_path(paths, directory, recorded->beside, names[i]);
}

static void settle(void *config, const char *folder)
{
    ((struct recorded *)config)->beside = folder;
}

#define NUMBERS_EXPECTED                                                                           \
    "their names, and a CSV under 'match' that has them for each image, or folders under "         \
    "'labels' or 'truth' that have them for each pixel"

const struct dataset dataset_recorded = {
    .descriptor =
        {
            .name = "recorded",
            .summary = "images from a camera, with what a pipeline made of them and what they "
                       "should be, as far as that was recorded",
            .fields = recorded_fields,
            .config_size = sizeof(struct recorded),
            .version = 1,
        },
    .serves = SERVES_ALL,
    .gives = recorded_gives,
    .gives_by =
        {
            [CONTENT_IMAGE] = {"name", "folders of images, without 'classes' and 'numbers', which "
                                       "are for masks, numbers and maps"},
            [CONTENT_SCORES] = {"match", "a CSV whose columns label and truth name them, without "
                                         "'classes' and 'numbers', which are for masks, numbers "
                                         "and maps"},
            [CONTENT_MASK] = {"classes", "the names of classes, and folders under 'labels' or "
                                         "'truth'"},
            [CONTENT_NUMBERS] = {"numbers", NUMBERS_EXPECTED},
            [CONTENT_MAP] = {"numbers", NUMBERS_EXPECTED},
        },
    .shape = recorded_shape,
    .check = recorded_check,
    .list = list,
    .load = load,
    .recorded = recorded_what,
    .folders = folders,
    .settle = settle,
};
