#include "data/folder_classes.h"
#include "data/readers.h"

#include "io/files/csv_read.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the sub-folders that are not hidden, in byte order. Without a folder there are none.
 */
static enum status sub_folders(const char *folder, struct arena *arena, const char ***names,
                               size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    size_t capacity = 0;
    struct text path = {0};
    struct stat facts;
    const struct dirent *entry;
    DIR *directory = opendir(folder);

    *names = NULL;
    *count = 0;
    while (directory && (entry = readdir(directory))) {
        text_clear(&path);
        text_append(&path, "%s/%s", folder, entry->d_name);
        TRY(text_status(&path, error));
        if (entry->d_name[0] == '.' || stat(path.bytes, &facts) != 0 || !S_ISDIR(facts.st_mode))
            continue;
        TRY(memory_reserve(names, &capacity, *count + 1, sizeof **names, error));
        TRY(arena_copy(arena, entry->d_name, strlen(entry->d_name), &(*names)[*count], error));
        ++*count;
    }
    if (*count)
        qsort(*names, *count, sizeof **names, by_text);
out:
    if (directory)
        closedir(directory);
    text_release(&path);
    return status;
}

/* The images of one class, behind those of the others. */
static enum status list_class(struct imagefiles *files, const char *folder, const char *class,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, shown = {0};
    size_t before = files->count;

    text_append(&path, "%s/%s", folder, class);
    TRY(text_status(&path, error));
    TRY(imagefiles_list(files, path.bytes, error));
    text_append_escaped(&shown, path.bytes);
    TRY(text_status(&shown, error));
    if (files->count == before)
        TRY(error_set(error, STATUS_DATA, "%s: no images in the folder of this class",
                      shown.bytes));
out:
    text_release(&path);
    text_release(&shown);
    return status;
}

enum status folder_list_classes(struct imagefiles *files, const char *folder,
                                struct folder_labels *labels, struct error *error)
{
    enum status status = STATUS_OK;
    const char **classes = NULL, *name;
    struct text shown = {0};
    size_t count;

    text_append_escaped(&shown, folder);
    TRY(text_status(&shown, error));
    TRY(sub_folders(folder, &labels->arena, &classes, &count, error));
    if (count == 0 && !data_is_there(folder))
        TRY(imagefiles_list(files, folder, error)); /* says so */
    if (count == 0)
        TRY(error_set(error, STATUS_DATA, "%s: expected a folder with a sub-folder for each class",
                      shown.bytes));
    for (size_t i = 0; i < count; i++)
        TRY(list_class(files, folder, classes[i], error));
    TRY(arena_copy(&files->arena, shown.bytes, shown.length, &files->folder, error));
    TRY(arena_new(&labels->arena, &labels->names, files->count, sizeof *labels->names, error));
    for (size_t i = 0; i < files->count; i++) { /* FOLDER/CLASS/FILE */
        const char *class = files->items[i].path + strlen(folder) + 1;
        TRY(arena_copy(&labels->arena, class, strcspn(class, "/"), &name, error));
        labels->names[i] = name;
    }
out:
    memory_free(classes);
    text_release(&shown);
    return status;
}

static const char *base_name(const struct imagefile *item)
{
    return strrchr(item->path, '/') + 1;
}

/* Files lie in the byte order of their names. */
static size_t find_file(const struct imagefiles *files, const char *name)
{
    size_t low = 0, high = files ? files->count : 0;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(base_name(&files->items[middle]), name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

/* One row: the class of a file. lines[i] is where file i was met before. */
static enum status read_row(const struct csv_table *csv, size_t row, const size_t columns[2],
                            const struct imagefiles *files, const struct imagefiles *others,
                            struct folder_labels *labels, size_t *lines, struct error *error)
{
    enum status status = STATUS_OK;
    const char *name = csv_cell(csv, row, columns[0]), *class = csv_cell(csv, row, columns[1]);
    size_t file = find_file(files, name), other = find_file(others, name);
    struct text shown = {0};

    text_append_escaped(&shown, name);
    TRY(text_status(&shown, error));
    if (!class[0])
        TRY(csv_fault(csv, row, error, "'%.200s' has no class", shown.bytes));
    if (file != SIZE_MAX && other != SIZE_MAX)
        TRY(csv_fault(csv, row, error,
                      "'%.200s' lies in both folders; give each its own file, as 'classes: "
                      "[train.csv, test.csv]'",
                      shown.bytes));
    if (file == SIZE_MAX && other == SIZE_MAX)
        TRY(csv_fault(csv, row, error, "there is no image '%.200s' in %.200s", shown.bytes,
                      files->folder));
    if (file == SIZE_MAX)
        goto out;
    if (lines[file])
        TRY(csv_fault(csv, row, error, "'%.200s' again; its class was told in line %zu",
                      shown.bytes, lines[file]));
    lines[file] = csv->lines[row];
    TRY(arena_copy(&labels->arena, class, strlen(class), &labels->names[file], error));
out:
    text_release(&shown);
    return status;
}

enum status folder_read_classes(const struct imagefiles *files, const struct imagefiles *others,
                                const char *csv, struct folder_labels *labels, struct error *error)
{
    enum status status = STATUS_OK;
    struct csv_table table = {0};
    struct text shown = {0};
    size_t columns[2], *lines = NULL;

    text_append_escaped(&shown, csv);
    TRY(text_status(&shown, error));
    TRY(csv_load(&table, csv, shown.bytes, error));
    TRY(csv_column(&table, "name", &columns[0], error));
    TRY(csv_column(&table, "class", &columns[1], error));
    TRY(memory_new(&lines, files->count, sizeof *lines, error));
    TRY(arena_new(&labels->arena, &labels->names, files->count, sizeof *labels->names, error));
    for (size_t row = 0; row < table.rows; row++)
        TRY(read_row(&table, row, columns, files, others, labels, lines, error));
    for (size_t i = 0; i < files->count; i++)
        if (!lines[i])
            TRY(error_set(error, STATUS_DATA, "%s: no row tells the class of '%.300s'", table.file,
                          files->items[i].name));
out:
    memory_free(lines);
    csv_release(&table);
    text_release(&shown);
    return status;
}

/* The different names, in byte order, in the content's arena. */
static enum status find_names(struct dataset_content *content, const struct folder_labels *train,
                              struct error *error)
{
    enum status status = STATUS_OK;
    const size_t count = train->count;
    const char **sorted = NULL;
    size_t different = 0;

    TRY(memory_new(&sorted, count, sizeof *sorted, error));
    memcpy(sorted, train->names, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_text);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)
            sorted[different++] = sorted[i];
    if (different < 2 || different > FOLDER_CLASSES)
        TRY(error_set(error, STATUS_DATA, "%s: %zu class%s; expected 2 to %d",
                      content->train.files.folder, different, different == 1 ? "" : "es",
                      FOLDER_CLASSES));
    TRY(arena_new(&content->arena, &content->names, different, sizeof *sorted, error));
    for (size_t i = 0; i < different; i++)
        TRY(arena_copy(&content->arena, sorted[i], strlen(sorted[i]), &content->names[i], error));
    content->count = (int)different;
out:
    memory_free(sorted);
    return status;
}

static enum status number(struct dataset_content *content, struct dataset_pool *pool,
                          const struct folder_labels *labels, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(memory_new(&pool->classes, pool->files.count, sizeof *pool->classes, error));
    for (size_t i = 0; i < pool->files.count; i++) {
        const char **found = bsearch(&labels->names[i], content->names, (size_t)content->count,
                                     sizeof *content->names, by_text);
        if (!found) {
            struct text shown = {0};
            text_append_escaped(&shown, labels->names[i]);
            status = error_set(error, STATUS_DATA, "%s: its class '%.200s' has no training image",
                               pool->files.items[i].name, shown.bytes ? shown.bytes : "");
            text_release(&shown);
            goto out;
        }
        pool->classes[i] = (uint8_t)(found - content->names);
    }
out:
    return status;
}

enum status folder_number_classes(struct dataset_content *content,
                                  const struct folder_labels *train,
                                  const struct folder_labels *test, bool *of_test,
                                  struct error *error)
{
    *of_test = false;
    if (content->train.files.count == 0)
        return STATUS_OK;
    PASS(find_names(content, train, error));
    PASS(number(content, &content->train, train, error));
    *of_test = true;
    return number(content, &content->test, test, error);
}

void folder_append_classes(const char *folder, struct text *paths)
{
    struct arena arena = {0};
    const char **names = NULL;
    size_t count;
    enum status status = sub_folders(folder, &arena, &names, &count, NULL);

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct text path = {0};
        text_append(&path, "%s/%s", folder, names[i]);
        if (text_status(&path, NULL) == STATUS_OK)
            text_append_bytes(paths, path.bytes, path.length + 1);
        paths->failed = paths->failed || path.failed;
        text_release(&path);
    }
    paths->failed = paths->failed || status != STATUS_OK;
    memory_free(names);
    arena_release(&arena);
}

void folder_labels_release(struct folder_labels *labels)
{
    arena_release(&labels->arena);
    memset(labels, 0, sizeof *labels);
}
