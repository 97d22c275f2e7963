/*
 * What belongs together in a recorded set: images and answers of the same name but for the ending,
 * or as a table says (data/recorded_table.c). Whatever is left over is a fault, named.
 */
#include "data/readers.h"
#include "data/recorded.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 3 }; /* names in a message */

/* A file's name without ending, and which file it is. */
struct stem {
    const char *text;
    size_t length;
    uint32_t file;
};

/* ---- by name */

static int by_stem(const void *left, const void *right)
{
    const struct stem *a = left, *b = right;
    size_t length = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, length);

    if (!order)
        order = (a->length > b->length) - (a->length < b->length);
    return order ? order : (a->file > b->file) - (a->file < b->file);
}

static bool same_stem(const struct stem *a, const struct stem *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static struct stem stem_of(const struct imagefile *file, size_t number)
{
    const char *name = recorded_name(file), *dot = strrchr(name, '.');
    size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);

    return (struct stem){name, length, (uint32_t)number};
}

/* Of one folder, or of both that hold images: sorted, and two of one name are a fault. */
static enum status sort_stems(struct recorded_set *set, const char *field,
                              const struct imagefile *(*file)(const void *files, size_t number),
                              const void *files, size_t count, struct stem **stems,
                              struct error *error)
{
    size_t doubles = 0, first = 0;

    PASS(memory_new(stems, count, sizeof **stems, error));
    for (size_t i = 0; i < count; i++)
        (*stems)[i] = stem_of(file(files, i), i);
    if (count)
        qsort(*stems, count, sizeof **stems, by_stem);
    for (size_t i = 1; i < count; i++)
        if (same_stem(&(*stems)[i - 1], &(*stems)[i]) && !doubles++)
            first = i;
    if (doubles)
        PASS(recorded_fault(set, field, error,
                            "files of the same name but for the ending: %s, %s%s; which belongs to "
                            "which, a CSV under 'match' can say",
                            file(files, (*stems)[first - 1].file)->name,
                            file(files, (*stems)[first].file)->name, doubles > 1 ? ", …" : ""));
    return STATUS_OK;
}

static const struct imagefile *image_at(const void *set, size_t number)
{
    return recorded_image(set, number);
}

static const struct imagefile *file_at(const void *files, size_t number)
{
    return &((const struct imagefiles *)files)->items[number];
}

static enum status match_names(struct recorded_set *set, struct recorded_answers *answers,
                               const struct stem *images, struct error *error)
{
    enum status status = STATUS_OK;
    struct stem *stems = NULL;
    size_t count = answers->files.count, at = 0;

    TRY(sort_stems(set, answers->field, file_at, &answers->files, count, &stems, error));
    for (size_t i = 0; i < set->count; i++) {
        while (at < count && !same_stem(&stems[at], &images[i]) &&
               by_stem(&stems[at], &images[i]) < 0)
            at++;
        if (at < count && same_stem(&stems[at], &images[i]))
            answers->of[images[i].file] = stems[at].file;
    }
out:
    memory_free(stems);
    return status;
}

static enum status match_all_names(struct recorded_set *set, struct error *error)
{
    enum status status = STATUS_OK;
    struct stem *images = NULL;

    if (!set->labels.given && !set->truth.given && !set->more_count)
        return STATUS_OK;
    TRY(sort_stems(set, "dataset.inputs", image_at, set, set->count, &images, error));
    if (set->labels.given)
        TRY(match_names(set, &set->labels, images, error));
    if (set->truth.given)
        TRY(match_names(set, &set->truth, images, error));
    for (size_t k = 0; k < set->more_count; k++)
        TRY(match_names(set, &set->more[k], images, error));
out:
    memory_free(images);
    return status;
}

/* ---- what is left over */

/* "2 of 12 labels belong to no input: a.png, b.png" */
struct leftover {
    size_t count;
    struct text names;
};

static void leave(struct leftover *leftover, const struct imagefile *file)
{
    if (leftover->count < SHOWN)
        text_append(&leftover->names, "%s %s", leftover->count ? "," : ":", file->name);
    else if (leftover->count == SHOWN)
        text_append(&leftover->names, ", …");
    leftover->count++;
}

/* Every image must have a label, and one of each further folder of inputs. */
static enum status tell_unanswered(struct recorded_set *set, const struct recorded_answers *answers,
                                   struct error *error)
{
    bool labels = answers == &set->labels;
    enum status status = STATUS_OK;
    struct leftover left = {0};

    for (size_t i = 0; i < set->count; i++)
        if (!recorded_has_answer(answers, set->settings->numbers.count, i))
            leave(&left, recorded_image(set, i));
    TRY(text_status(&left.names, error));
    if (left.count)
        TRY(recorded_fault(set, answers->field, error, "%zu of %zu inputs %s no %s%s%s", left.count,
                           set->count, left.count == 1 ? "has" : "have",
                           labels ? "label" : "image in ", labels ? "" : answers->files.folder,
                           left.names.bytes));
out:
    text_release(&left.names);
    return status;
}

static enum status tell_unused(struct recorded_set *set, const struct recorded_answers *answers,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct leftover left = {0};
    bool *used = NULL;

    TRY(memory_new(&used, answers->files.count, sizeof *used, error));
    for (size_t i = 0; i < set->count; i++)
        if (answers->of[i] != UINT32_MAX)
            used[answers->of[i]] = true;
    for (size_t f = 0; f < answers->files.count; f++)
        if (!used[f])
            leave(&left, &answers->files.items[f]);
    TRY(text_status(&left.names, error));
    if (left.count)
        TRY(recorded_fault(set, answers->field, error, "%zu of %zu files %s to no input%s",
                           left.count, answers->files.count, left.count == 1 ? "belongs" : "belong",
                           left.names.bytes));
out:
    memory_free(used);
    text_release(&left.names);
    return status;
}

/* ---- all of it */

/* Add the folder's files to those that are there. *good: it could be listed. */
static enum status list_folder(struct recorded_set *set, const char *field, const char *directory,
                               const char *name, struct imagefiles *files, bool *good,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct error fault;

    if (!name[0])
        return STATUS_OK;
    TRY(data_path(&path, directory, set->settings->beside, name, error));
    if (imagefiles_list(files, path.bytes, &fault) != STATUS_OK) {
        files->count = 0;
        *good = false;
        TRY(recorded_tell(set, field, &fault, error));
    }
out:
    text_release(&path);
    return status;
}

static enum status read_text(struct recorded_set *set, const char *field, const char *directory,
                             const char *name, struct bytes *bytes, bool *good, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct error fault;

    TRY(data_path(&path, directory, set->settings->beside, name, error));
    if (bytes_read(bytes, path.bytes, CSV_LENGTH, &fault) != STATUS_OK) {
        *good = false;
        TRY(recorded_tell(set, field, &fault, error));
    }
out:
    text_release(&path);
    return status;
}

/* Inputs of training and test; of further folders, these are together. */
static enum status list_inputs(struct recorded_set *set, const char *directory, bool *good,
                               struct error *error)
{
    const struct text_list *inputs = &set->settings->inputs, *tests = &set->settings->test_folder;

    PASS(
        list_folder(set, "dataset.inputs", directory, inputs->items[0], &set->inputs, good, error));
    if (tests->count)
        PASS(
            list_folder(set, "dataset.test", directory, tests->items[0], &set->tests, good, error));
    for (size_t k = 0; k < set->more_count; k++) {
        struct imagefiles *files = &set->more[k].files;
        PASS(list_folder(set, "dataset.inputs", directory, inputs->items[k + 1], files, good,
                         error));
        if (k + 1 < tests->count)
            PASS(list_folder(set, "dataset.test", directory, tests->items[k + 1], files, good,
                             error));
    }
    return STATUS_OK;
}

static enum status list_all(struct recorded_set *set, const char *directory, bool *good,
                            struct error *error)
{
    const struct recorded *settings = set->settings;

    *good = true;
    PASS(list_inputs(set, directory, good, error));
    PASS(list_folder(set, "dataset.labels", directory, settings->labels, &set->labels.files, good,
                     error));
    PASS(list_folder(set, "dataset.truth", directory, settings->truth, &set->truth.files, good,
                     error));
    if (recorded_by_table(settings))
        PASS(read_text(set, "dataset.match", directory, settings->match, &set->table, good, error));
    if (settings->test_list[0])
        PASS(read_text(set, "dataset.test", directory, settings->test_list, &set->list, good,
                       error));
    return STATUS_OK;
}

static enum status make_answers(const struct recorded_set *set, struct recorded_answers *answers,
                                struct error *error)
{
    PASS(memory_new(&answers->of, set->count, sizeof *answers->of, error));
    for (size_t i = 0; i < set->count; i++)
        answers->of[i] = UINT32_MAX;
    return STATUS_OK;
}

static enum status make_room(struct recorded_set *set, struct error *error)
{
    set->count = set->inputs.count + set->tests.count;
    PASS(memory_new(&set->test, set->count, sizeof *set->test, error));
    for (size_t i = set->inputs.count; i < set->count; i++)
        set->test[i] = true;
    for (size_t k = 0; k < set->more_count; k++)
        PASS(make_answers(set, &set->more[k], error));
    PASS(make_answers(set, &set->labels, error));
    return make_answers(set, &set->truth, error);
}

/* How files are read: inputs in grey or colour; answers, too, unless their samples are numbers. */
static enum status set_channels(struct recorded_set *set, struct error *error)
{
    const struct recorded *settings = set->settings;
    struct imagefiles *const answers[] = {&set->labels.files, &set->truth.files};
    const int channels = settings->colour ? 3 : 1;

    set->inputs.channels = set->tests.channels = channels;
    for (size_t k = 0; k < set->more_count; k++)
        set->more[k].files.channels = channels;
    for (size_t k = 0; k < 2; k++) {
        answers[k]->channels = channels;
        if (recorded_content(settings) == CONTENT_IMAGE)
            continue;
        answers[k]->channels = IMAGEFILE_STORED;
        PASS(recorded_numbers(settings, &set->arena, &answers[k]->numbers, error));
    }
    return STATUS_OK;
}

/* Folders of inputs behind the first. */
static enum status add_inputs(struct recorded_set *set, struct error *error)
{
    size_t count = set->settings->inputs.count;

    if (count-- == 0)
        return error_set(error, STATUS_CONFIG, "inputs: empty; expected the folder of the images");
    PASS(memory_new(&set->more, count, sizeof *set->more, error));
    set->more_count = count;
    for (size_t k = 0; k < count; k++) {
        set->more[k].field = "dataset.inputs";
        set->more[k].given = true;
        PASS(arena_print(&set->arena, &set->more[k].column, error, "input.%zu", k + 2));
    }
    return STATUS_OK;
}

/* What belongs to nothing, or has nothing that belongs to it. */
static enum status tell_left_over(struct recorded_set *set, struct error *error)
{
    for (size_t k = 0; k < set->more_count; k++) {
        PASS(tell_unanswered(set, &set->more[k], error));
        PASS(tell_unused(set, &set->more[k], error));
    }
    if (set->labels.given)
        PASS(tell_unanswered(set, &set->labels, error));
    PASS(tell_unused(set, &set->labels, error));
    return tell_unused(set, &set->truth, error);
}

enum status recorded_gather(struct recorded_set *set, const struct recorded *settings,
                            const char *directory, struct diagnostics *faults, struct error *error)
{
    bool good;

    *set = (struct recorded_set){
        .settings = settings,
        .faults = faults,
        .undivided = !settings->test_list[0] && !recorded_has_tests(settings),
        .labels = {.field = "dataset.labels", .column = "label", .given = settings->labels[0]},
        .truth = {.field = "dataset.truth", .column = "truth", .given = settings->truth[0]},
    };
    PASS(add_inputs(set, error));
    PASS(set_channels(set, error));
    PASS(list_all(set, directory, &good, error));
    if (!good)
        return STATUS_OK;
    PASS(make_room(set, error));
    size_t before = faults->count;
    if (recorded_by_table(settings))
        PASS(recorded_match_table(set, error));
    else
        PASS(match_all_names(set, error));
    if (settings->test_list[0])
        PASS(recorded_match_list(set, error));
    if (faults->count > before) /* what is left over follows from these */
        return STATUS_OK;
    return tell_left_over(set, error);
}

static void recorded_answers_release(struct recorded_answers *answers)
{
    imagefiles_release(&answers->files);
    memory_free(answers->of);
    memory_free(answers->classes);
    memory_free(answers->numbers);
}

void recorded_release(struct recorded_set *set)
{
    recorded_answers_release(&set->labels);
    recorded_answers_release(&set->truth);
    for (size_t k = 0; k < set->more_count; k++)
        recorded_answers_release(&set->more[k]);
    memory_free(set->more);
    imagefiles_release(&set->inputs);
    imagefiles_release(&set->tests);
    memory_free(set->test);
    bytes_release(&set->table);
    bytes_release(&set->list);
    arena_release(&set->arena);
    *set = (struct recorded_set){0};
}
