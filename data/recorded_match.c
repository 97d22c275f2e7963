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

    if (!set->labels.given && !set->truth.given)
        return STATUS_OK;
    TRY(sort_stems(set, "dataset.inputs", image_at, set, set->count, &images, error));
    if (set->labels.given)
        TRY(match_names(set, &set->labels, images, error));
    if (set->truth.given)
        TRY(match_names(set, &set->truth, images, error));
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

static bool is_answered(const struct recorded_answers *answers, size_t image)
{
    return answers->classes ? answers->classes[image] != DATASET_NO_CLASS
                            : answers->of[image] != UINT32_MAX;
}

static enum status tell_unanswered(struct recorded_set *set, struct error *error)
{
    enum status status = STATUS_OK;
    struct leftover left = {0};

    for (size_t i = 0; i < set->count; i++)
        if (!is_answered(&set->labels, i))
            leave(&left, recorded_image(set, i));
    TRY(text_status(&left.names, error));
    if (left.count)
        TRY(recorded_fault(set, set->labels.field, error, "%zu of %zu inputs %s no label%s",
                           left.count, set->count, left.count == 1 ? "has" : "have",
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

/* *good: the folder could be listed. */
static enum status list_folder(struct recorded_set *set, const char *field, const char *directory,
                               const char *name, struct imagefiles *files, bool *good,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct error fault;

    files->channels = set->settings->colour ? 3 : 1;
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

static enum status list_all(struct recorded_set *set, const char *directory, bool *good,
                            struct error *error)
{
    const struct recorded *settings = set->settings;

    *good = true;
    PASS(
        list_folder(set, "dataset.inputs", directory, settings->inputs, &set->inputs, good, error));
    PASS(list_folder(set, "dataset.test", directory, settings->test_folder, &set->tests, good,
                     error));
    PASS(list_folder(set, "dataset.labels", directory, settings->labels, &set->labels.files, good,
                     error));
    PASS(list_folder(set, "dataset.truth", directory, settings->truth, &set->truth.files, good,
                     error));
    if (strcmp(settings->match, "name") != 0)
        PASS(read_text(set, "dataset.match", directory, settings->match, &set->table, good, error));
    if (settings->test_list[0])
        PASS(read_text(set, "dataset.test", directory, settings->test_list, &set->list, good,
                       error));
    return STATUS_OK;
}

static enum status make_room(struct recorded_set *set, struct error *error)
{
    struct recorded_answers *const both[] = {&set->labels, &set->truth};

    set->count = set->inputs.count + set->tests.count;
    PASS(memory_new(&set->test, set->count, sizeof *set->test, error));
    for (size_t i = set->inputs.count; i < set->count; i++)
        set->test[i] = true;
    for (size_t k = 0; k < 2; k++) {
        PASS(memory_new(&both[k]->of, set->count, sizeof *both[k]->of, error));
        for (size_t i = 0; i < set->count; i++)
            both[k]->of[i] = UINT32_MAX;
    }
    return STATUS_OK;
}

enum status recorded_gather(struct recorded_set *set, const struct recorded *settings,
                            const char *directory, struct diagnostics *faults, struct error *error)
{
    bool good;

    *set = (struct recorded_set){
        .settings = settings,
        .faults = faults,
        .undivided = !settings->test_list[0] && !settings->test_folder[0],
        .labels = {.field = "dataset.labels", .column = "label", .given = settings->labels[0]},
        .truth = {.field = "dataset.truth", .column = "truth", .given = settings->truth[0]},
    };
    PASS(list_all(set, directory, &good, error));
    if (!good)
        return STATUS_OK;
    PASS(make_room(set, error));
    size_t before = faults->count;
    if (strcmp(settings->match, "name") == 0)
        PASS(match_all_names(set, error));
    else
        PASS(recorded_match_table(set, error));
    if (settings->test_list[0])
        PASS(recorded_match_list(set, error));
    if (faults->count > before) /* what is left over follows from these */
        return STATUS_OK;
    if (set->labels.given)
        PASS(tell_unanswered(set, error));
    PASS(tell_unused(set, &set->labels, error));
    return tell_unused(set, &set->truth, error);
}

void recorded_release(struct recorded_set *set)
{
    struct recorded_answers *const both[] = {&set->labels, &set->truth};

    for (size_t k = 0; k < 2; k++) {
        imagefiles_release(&both[k]->files);
        memory_free(both[k]->of);
        memory_free(both[k]->classes);
    }
    imagefiles_release(&set->inputs);
    imagefiles_release(&set->tests);
    memory_free(set->test);
    bytes_release(&set->table);
    bytes_release(&set->list);
    arena_release(&set->arena);
    *set = (struct recorded_set){0};
}
