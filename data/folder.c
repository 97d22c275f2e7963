/*
 * A folder of images: PNG, JPEG, TIFF and PNM files in the byte order of their names, which may
 * differ in size. Sub-folders are not descended, hidden files passed over, and both are told; any
 * other file that is not an image is a mistake, named. All files are read and hashed, one after
 * another; those that are wanted are decoded (io/images/imagefiles.h).
 *
 * No image may be in both folders, by its bytes, unless the file allows it: a test of what was
 * trained on is no test.
 */
#include "data/folder.h"
#include "data/folder_classes.h"
#include "data/readers.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const colours[] = {"grey", "colour", "stored", NULL};
static const int channels[] = {1, 3, 0};

static const struct field fields[] = {
    {"train_folder", FIELD_TEXT, offsetof(struct folder, train),
     .help = "folder of training images: below the data directory; from the experiment file on, "
             "where it "
             "begins with ./ or ../; or absolute"},
    {"test_folder", FIELD_TEXT, offsetof(struct folder, test), .default_value = "''",
     .help = "folder of test images; empty: they are drawn from the training folder"},
    {"colour", FIELD_CHOICE, offsetof(struct folder, colour), .default_value = "grey",
     .choices = colours,
     .help =
         "grey is ITU-R BT.601 luma of colour images; stored: as many channels as the files have, "
         "all of them equally many"},
    {"range", FIELD_TEXTS, offsetof(struct folder, range), .default_value = "[]", .unsaid = true,
     .help =
         "[black, white]: the part of the scale that the sensor uses, in the files' own numbers "
         "(0 to 255 for up to 8 bits, 0 to 65535 for 16; in TIFF 32 bits, signs and floats, too). "
         "Values outside become black or white and are counted. auto: 0 to the smallest of 1, 3, "
         "7, 15 … that no sample of the training images exceeds, and from the first of -1, -2, "
         "-4 … if there are samples below 0. Empty: the whole scale; floats as they are"},
    {"allow_test_in_training", FIELD_BOOLEAN, offsetof(struct folder, allow_test_in_training),
     .default_value = "false", .unsaid = true,
     .help = "whether both folders may contain the same image, under any name; scores then "
             "measure how well a network remembers"},
    {"classes", FIELD_TEXTS, offsetof(struct folder, classes), .default_value = "[]",
     .unsaid = true,
     .help = "folders: each sub-folder of the two folders is a class. Or a CSV file with the "
             "columns name (of the image's file) and class, found as the folders are; or two, for "
             "training and for test. Empty: no classes"},
    {0},
};

/* The two folders, where they lie and what they are called in the experiment. */
enum { TRAIN, TEST, POOLS };

static const char *const pool_fields[POOLS] = {"dataset.train_folder", "dataset.test_folder"};
static const char *const pool_names[POOLS] = {"training", "test"};

/* A fault goes with the others, or is the error. */
static enum status found_fault(struct diagnostics *faults, int pool, const struct error *fault,
                               struct error *error)
{
    if (!faults || fault->code == STATUS_MEMORY) {
        if (error)
            *error = *fault;
        return fault->code;
    }
    return diagnostics_add(faults, (struct yaml_mark){NULL, 0, 0}, pool_fields[pool], error, "%s",
                           fault->message);
}

bool data_range(const struct text_list *range, struct imagefile_scale *scale)
{
    double *const ends[] = {&scale->low, &scale->high};

    *scale = (struct imagefile_scale){0, 0};
    if (range->count == 0 || (range->count == 1 && strcmp(range->items[0], "auto") == 0))
        return true;
    for (size_t i = 0; i < range->count && i < 2; i++) {
        char *end;
        *ends[i] = strtod(range->items[i], &end);
        if (end == range->items[i] || *end)
            return false;
    }
    return range->count == 2 && isfinite(scale->low) && isfinite(scale->high) &&
           scale->high > scale->low;
}

static enum status check(const void *config, struct diagnostics *found, struct error *error)
{
    const struct folder *folder = config;
    const struct yaml_mark nowhere = {NULL, 0, 0};
    struct imagefile_scale scale;

    if (!folder->train[0])
        PASS(diagnostics_add(found, nowhere, "train_folder", error,
                             "empty; expected the folder of the training images"));
    if (!data_range(&folder->range, &scale))
        PASS(diagnostics_add(found, nowhere, "range", error,
                             "expected auto, or two numbers, the second larger, as [0, 4095]"));
    if (folder->classes.count > 2)
        PASS(diagnostics_add(found, nowhere, "classes", error,
                             "expected 'folders', a CSV file, or two of them"));
    return STATUS_OK;
}

/* Test images are drawn from the training folder. */
static bool is_undivided(const struct folder *folder)
{
    return !folder->test[0];
}

static bool by_folders(const struct folder *folder)
{
    return folder->classes.count == 1 && strcmp(folder->classes.items[0], "folders") == 0;
}

static bool by_table(const struct folder *folder)
{
    return folder->classes.count && !by_folders(folder);
}

static unsigned gives(const void *config)
{
    bool classes = ((const struct folder *)config)->classes.count > 0;

    return SERVES_IMAGES | (classes ? SERVES_SCORES : 0);
}

/* Read the classes of the files of both pools from the CSV files: of all that are listed, whether
 * they are wanted or not. */
static enum status read_tables(const struct folder *folder, const char *directory,
                               const struct imagefiles *const files[POOLS],
                               struct folder_labels labels[POOLS], struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    bool one = folder->classes.count == 1;
    struct imagefiles all[POOLS] = {*files[TRAIN], *files[TEST]}; /* views */

    for (int pool = 0; pool < POOLS; pool++)
        all[pool].count = labels[pool].count;
    for (int pool = 0; pool < POOLS; pool++) {
        if (all[pool].count == 0)
            continue;
        TRY(data_path(&path, directory, folder->beside, folder->classes.items[one ? 0 : pool],
                      error));
        TRY(folder_read_classes(&all[pool], one ? &all[!pool] : NULL, path.bytes, &labels[pool],
                                error));
    }
out:
    text_release(&path);
    return status;
}

static enum status list_pool(const struct folder *folder, int pool, const char *directory,
                             struct imagefiles *files, struct folder_labels *labels,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    const char *const names[POOLS] = {folder->train, folder->test};

    if (!names[pool][0] && pool == TRAIN)
        TRY(error_set(error, STATUS_CONFIG, "train_folder: empty; expected a folder"));
    if (!names[pool][0])
        goto out;
    TRY(data_path(&path, directory, folder->beside, names[pool], error));
    files->channels = channels[folder->colour];
    if (by_folders(folder))
        TRY(folder_list_classes(files, path.bytes, labels, error));
    else
        TRY(imagefiles_list(files, path.bytes, error));
    labels->count = files->count;
out:
    text_release(&path);
    return status;
}

/* Test images that are training images are a fault, unless allowed; so are images that are there
 * twice where test images are yet to be drawn, and else they are noted. */
static enum status tell_twins(const struct folder *folder, struct duplicates *twins, size_t tests,
                              size_t *shared, struct text *notes, struct diagnostics *faults,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct duplicate_pair pairs[DUPLICATES_SHOWN];
    struct text text = {0};
    struct error fault = {0};
    bool undivided = is_undivided(folder);
    size_t count = *shared = data_find_twins(twins, undivided, tests, &text);

    TRY(text_status(&text, error));
    if (count && !folder->allow_test_in_training) {
        status = error_set(&fault, STATUS_CONFIG,
                           "%.800s; take them out%s, or set "
                           "'dataset.allow_test_in_training: true'",
                           text.bytes, undivided ? "" : " of one folder");
        TRY(found_fault(faults, undivided ? TRAIN : TEST, &fault, error));
    } else if (count)
        text_append(notes, "%s\n", text.bytes);
    count = undivided ? 0 : duplicates_find(twins, false, pairs, DUPLICATES_SHOWN);
    if (!count)
        goto out;
    text_append(notes,
                "%zu training image%s a copy of another, and may fall into another split (manual, "
                "unlabelled, validation) than that one",
                count, count == 1 ? " is" : "s are");
    duplicates_show(pairs, count, notes);
    text_append(notes, "\n");
out:
    text_release(&text);
    return status;
}

static enum status compare_pools(const struct folder *folder,
                                 const struct imagefiles *const files[POOLS], bool by_contents,
                                 size_t *shared, struct text *notes, struct diagnostics *faults,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct duplicates twins = {0};
    struct arena arena = {0};

    for (int pool = 0; pool < POOLS; pool++)
        for (size_t i = 0; i < files[pool]->count; i++)
            TRY(data_add_twin(&twins, &files[pool]->items[i], 0, pool == TEST, by_contents, &arena,
                              error));
    TRY(tell_twins(folder, &twins, files[TEST]->count, shared, notes, faults, error));
out:
    duplicates_release(&twins);
    arena_release(&arena);
    return status;
}

static enum status note_left_out(const struct imagefiles *files, struct text *notes,
                                 struct error *error)
{
    if (files->left_out.length)
        text_append(notes, "%s: left out: %s\n", files->folder, files->left_out.bytes);
    return text_status(notes, error);
}

/* The first component of a path below the directory. */
static void name_absent(const struct folder *folder, const char *directory, char absent[64])
{
    struct text path = {0};
    size_t length = strcspn(folder->train, "/");

    if (length == 0 || length >= 64)
        return;
    text_append(&path, "%s/%.*s", directory, (int)length, folder->train);
    if (text_status(&path, NULL) == STATUS_OK && !data_is_there(path.bytes)) {
        memcpy(absent, folder->train, length);
        absent[length] = '\0';
    }
    text_release(&path);
}

static enum status list(const void *config, const char *directory, struct dataset_listing *listing,
                        struct diagnostics *faults, struct error *error)
{
    enum status status = STATUS_OK;
    const struct folder *folder = config;
    struct imagefiles files[POOLS] = {{.count = 0}};
    const struct imagefiles *const both[POOLS] = {&files[TRAIN], &files[TEST]};
    size_t *const counts[POOLS] = {&listing->train, &listing->test}, shared;
    struct folder_labels labels[POOLS] = {{.names = NULL}};
    struct error fault;
    bool all = true;

    name_absent(folder, directory, listing->absent);
    listing->undivided = is_undivided(folder);
    for (int pool = 0; pool < POOLS; pool++) {
        bool good =
            list_pool(folder, pool, directory, &files[pool], &labels[pool], &fault) == STATUS_OK;
        all = all && good;
        *counts[pool] = good ? files[pool].count : SIZE_MAX;
        if (!good)
            TRY(found_fault(faults, pool, &fault, error));
        TRY(note_left_out(&files[pool], &listing->notes, error));
    }
    if (all && by_table(folder) &&
        read_tables(folder, directory, both, labels, &fault) != STATUS_OK)
        TRY(found_fault(faults, TRAIN, &fault, error));
    TRY(compare_pools(folder, both, false, &shared, &listing->notes, faults, error));
out:
    folder_labels_release(&labels[TRAIN]);
    folder_labels_release(&labels[TEST]);
    imagefiles_release(&files[TRAIN]);
    imagefiles_release(&files[TEST]);
    return status;
}

struct folder_telling {
    struct diagnostics *faults;
    int pool;
};

static enum status tell(void *context, size_t index, const struct image *image,
                        const struct error *fault, struct error *error)
{
    const struct folder_telling *telling = context;

    (void)index, (void)image;
    return fault ? found_fault(telling->faults, telling->pool, fault, error) : STATUS_OK;
}

/* List a folder's files and look at each. */
static enum status read_pool(const struct folder *folder, int pool, size_t wanted,
                             const struct dataset_request *request, struct dataset_content *content,
                             struct folder_labels *labels, struct hash *hash, struct error *error)
{
    enum status status = STATUS_OK;
    struct imagefiles *files = pool == TRAIN ? &content->train.files : &content->test.files;
    struct folder_telling telling = {request->faults, pool};
    struct error fault;

    status = list_pool(folder, pool, request->directory, files, labels, &fault);
    if (status != STATUS_OK) {
        files->count = 0;
        TRY(found_fault(request->faults, pool, &fault, error));
        goto out;
    }
    TRY(pool_count(files->folder ? files->folder : "folder", pool_names[pool], wanted, files->count,
                   &files->count, error));
    if (!files->folder)
        goto out;
    TRY(note_left_out(files, &content->notes, error));
    TRY(hash_number(hash, files->count, error));
    TRY(imagefiles_look(files, files->count, hash, request->faults ? tell : NULL, &telling, error));
out:
    return status;
}

/* Classes and their names to the content, and to the digest. Where a pool was not read whole, its
 * faults have been told. */
static enum status find_classes(const struct folder *folder, const struct dataset_request *request,
                                struct dataset_content *content, struct folder_labels labels[POOLS],
                                struct hash *hash, struct error *error)
{
    enum status status = STATUS_OK;
    const struct imagefiles *const files[POOLS] = {&content->train.files, &content->test.files};
    struct error fault;
    bool of_test = false;

    if (!folder->classes.count || files[TRAIN]->count == 0)
        return STATUS_OK;
    if (by_table(folder))
        status = read_tables(folder, request->directory, files, labels, &fault);
    if (status == STATUS_OK)
        status = folder_number_classes(content, &labels[TRAIN], &labels[TEST], &of_test, &fault);
    if (status != STATUS_OK) {
        TRY(found_fault(request->faults, of_test ? TEST : TRAIN, &fault, error));
        goto out;
    }
    text_append(&content->notes, "classes:");
    for (int i = 0; i < content->count; i++) {
        text_append(&content->notes, "%s %d ", i ? "," : "", i);
        text_append_escaped(&content->notes, content->names[i]);
        TRY(hash_text(hash, content->names[i], error));
    }
    text_append(&content->notes, "\n");
    TRY(hash_bytes(hash, content->train.classes, files[TRAIN]->count, error));
    if (files[TEST]->count)
        TRY(hash_bytes(hash, content->test.classes, files[TEST]->count, error));
out:
    return status;
}

/* All images have as many channels as the first one. */
static enum status check_channels(const struct dataset_content *content, struct diagnostics *faults,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    const struct imagefiles *const files[POOLS] = {&content->train.files, &content->test.files};
    const struct imagefile *first = NULL;
    struct error fault;

    for (int pool = 0; pool < POOLS; pool++)
        for (size_t i = 0; i < files[pool]->count; i++) {
            const struct imagefile *item = &files[pool]->items[i];
            if (shape_plane(item->shape) == 0)
                continue;
            first = first ? first : item;
            if (item->shape.channels == first->shape.channels)
                continue;
            status =
                error_set(&fault, STATUS_DATA, "%.400s: %d channel%s; %.400s has %d", item->name,
                          item->shape.channels, item->shape.channels == 1 ? "" : "s", first->name,
                          first->shape.channels);
            TRY(found_fault(faults, pool, &fault, error));
        }
out:
    return status;
}

/* The scale that holds every sample of the training images. */
static enum status find_range(struct dataset_content *content,
                              const struct dataset_request *request, struct error *error)
{
    struct folder_telling telling = {request->faults, TRAIN};
    struct imagefiles_summary summary = {0};
    struct imagefile_scale scale;

    PASS(imagefiles_each(&content->train.files, request->threads, tell, &telling, &summary, error));
    scale = imagefile_scale_of(&summary);
    text_append(&content->notes, "'range: auto' is [%.0f, %.0f]\n", scale.low, scale.high);
    content->train.files.scale = content->test.files.scale = scale;
    return STATUS_OK;
}

static enum status load(const void *config, const struct dataset_request *request,
                        struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    const struct folder *folder = config;
    const struct imagefiles *const both[POOLS] = {&content->train.files, &content->test.files};
    struct folder_labels labels[POOLS] = {{.names = NULL}};
    struct imagefile_scale scale;
    struct hash hash = {0};

    memset(content, 0, sizeof *content);
    TRY(hash_begin(&hash, error));
    content->undivided = is_undivided(folder);
    TRY(read_pool(folder, TRAIN, content->undivided ? SIZE_MAX : request->train, request, content,
                  &labels[TRAIN], &hash, error));
    if (!content->undivided)
        TRY(read_pool(folder, TEST, request->test, request, content, &labels[TEST], &hash, error));
    TRY(find_classes(folder, request, content, labels, &hash, error));
    TRY(check_channels(content, request->faults, error));
    TRY(hash_end(&hash, content->sha256, error));
    content->may_share = folder->allow_test_in_training;
    TRY(compare_pools(folder, both, true, &content->shared, &content->notes, request->faults,
                      error));
    if (!data_range(&folder->range, &scale))
        TRY(error_set(error, STATUS_CONFIG, "range: expected auto, or two numbers as [0, 4095]"));
    content->train.files.scale = content->test.files.scale = scale;
    if (folder->range.count == 1)
        TRY(find_range(content, request, error));
    TRY(text_status(&content->notes, error));
out:
    hash_release(&hash);
    folder_labels_release(&labels[TRAIN]);
    folder_labels_release(&labels[TEST]);
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}

static void folders(const void *config, const char *directory, struct text *paths)
{
    const struct folder *folder = config;
    const char *const names[] = {folder->train, folder->test};
    struct text path = {0};

    for (size_t i = 0; i < 2; i++)
        if (names[i][0]) {
            data_add_path(paths, directory, folder->beside, names[i]);
            if (by_folders(folder) &&
                data_path(&path, directory, folder->beside, names[i], NULL) == STATUS_OK)
                folder_append_classes(path.bytes, paths);
        }
    for (size_t i = 0; i < folder->classes.count && by_table(folder); i++)
        data_add_path(paths, directory, folder->beside, folder->classes.items[i]);
    paths->failed = paths->failed || path.failed;
    text_release(&path);
}

static void settle(void *config, const char *folder)
{
    ((struct folder *)config)->beside = folder;
}

const struct dataset dataset_folder = {
    .descriptor =
        {
            .name = "folder",
            .summary = "a folder of PNG, JPEG, TIFF or PNM images",
            .fields = fields,
            .config_size = sizeof(struct folder),
            .version = 1,
        },
    .serves = SERVES_IMAGES | SERVES_SCORES,
    .gives = gives,
    .gives_by = {[CONTENT_SCORES] = {"classes", "'folders', where each has a sub-folder, or a CSV "
                                                "file with the columns name and class"}},
    .check = check,
    .list = list,
    .load = load,
    .folders = folders,
    .settle = settle,
};
