/* Which files belong together, and which images are for testing, as CSV files say. */
#include "data/recorded.h"

#include <stdlib.h>
#include <string.h>

/* Files by their names below their folder, sorted; images of two folders together. */
struct named {
    const char *name;
    uint32_t number;
};

struct name_index {
    struct named *items;
    size_t count;
};

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

static void sort(struct name_index *index)
{
    if (index->count)
        qsort(index->items, index->count, sizeof *index->items, by_name);
}

static enum status index_images(const struct recorded_set *set, struct name_index *index,
                                struct error *error)
{
    enum status status = memory_new(&index->items, set->count, sizeof *index->items, error);

    if (status != STATUS_OK)
        return status;
    index->count = set->count;
    for (size_t i = 0; i < set->count; i++)
        index->items[i] = (struct named){recorded_name(recorded_image(set, i)), (uint32_t)i};
    sort(index);
    return STATUS_OK;
}

static enum status index_files(const struct imagefiles *files, struct name_index *index,
                               struct error *error)
{
    enum status status = memory_new(&index->items, files->count, sizeof *index->items, error);

    if (status != STATUS_OK)
        return status;
    index->count = files->count;
    for (size_t i = 0; i < files->count; i++)
        index->items[i] = (struct named){recorded_name(&files->items[i]), (uint32_t)i};
    sort(index);
    return STATUS_OK;
}

/* UINT32_MAX: there is none of that name. */
static uint32_t find(const struct name_index *index, const char *name)
{
    const struct named wanted = {name, 0};
    const struct named *found =
        index->count ? bsearch(&wanted, index->items, index->count, sizeof wanted, by_name) : NULL;

    return found ? found->number : UINT32_MAX;
}

/* Columns that a table may have, the first of which it must. */
struct columns {
    const char **names; /* ended by NULL */
    size_t needed;
};

/* Only these columns. *good is false after a fault. */
static enum status check_columns(struct recorded_set *set, const char *field,
                                 const struct csv_table *csv, const struct columns *columns,
                                 bool *good, struct error *error)
{
    const char *const *known = columns->names;

    for (size_t c = 0; c < csv->columns; c++) {
        const char *near = NULL;
        bool is_known = false;
        for (size_t k = 0; known[k]; k++) {
            is_known = is_known || strcmp(known[k], csv->names[c]) == 0;
            text_nearest(csv->names[c], known[k], &near);
        }
        if (is_known)
            continue;
        *good = false;
        PASS(recorded_fault(set, field, error, "%s:1: unknown column '%.100s'%s%s%s", csv->file,
                            csv->names[c], near ? "; did you mean '" : "", near ? near : "",
                            near ? "'?" : ""));
    }
    for (size_t k = 0; k < columns->needed; k++) {
        if (csv_find(csv, known[k]) != SIZE_MAX)
            continue;
        *good = false;
        PASS(recorded_fault(set, field, error, "%s:1: no column '%s'", csv->file, known[k]));
    }
    return STATUS_OK;
}

/* *good: the text is a table of these columns. */
static enum status parse(struct recorded_set *set, const char *field, const char *name,
                         const struct bytes *bytes, const struct columns *columns,
                         struct csv_table *csv, bool *good, struct error *error)
{
    struct error fault;

    *good = csv_parse(csv, bytes_span(bytes, name), &fault) == STATUS_OK;
    return *good ? check_columns(set, field, csv, columns, good, error)
                 : recorded_tell(set, field, &fault, error);
}

/* ---- pairs */

struct pairs {
    struct recorded_set *set;
    struct csv_table csv;
    struct name_index images;
};

/* "TABLE:ROW: 'CELL' is …"; `field`: which has no such file; NULL: the row repeats another. */
static const char *first_column(const struct recorded_set *set)
{
    return set->more_count ? "input.1" : "input";
}

static enum status row_fault(struct pairs *table, size_t row, const char *cell, const char *field,
                             struct error *error)
{
    return recorded_fault(table->set, "dataset.match", error, "%s:%zu: '%.200s' %s%s%s",
                          table->csv.file, table->csv.lines[row], cell,
                          field ? "is no file of '" : "stands in a row before, too",
                          field ? field : "", field ? "'" : "");
}

/* The image that each row is about; UINT32_MAX after a fault. */
static enum status find_images(struct pairs *table, uint32_t *image, struct error *error)
{
    enum status status = STATUS_OK;
    struct recorded_set *set = table->set;
    size_t column = csv_find(&table->csv, first_column(set)), missing = set->count;
    bool *seen = NULL;

    TRY(memory_new(&seen, set->count, sizeof *seen, error));
    for (size_t row = 0; row < table->csv.rows; row++) {
        const char *cell = csv_cell(&table->csv, row, column);
        image[row] = find(&table->images, cell);
        if (image[row] == UINT32_MAX)
            TRY(row_fault(table, row, cell, "dataset.inputs", error));
        else if (seen[image[row]])
            TRY(row_fault(table, row, cell, NULL, error));
        else
            seen[image[row]] = true;
    }
    for (size_t i = set->count; i-- > 0;)
        missing = seen[i] ? missing : i;
    if (missing < set->count)
        TRY(recorded_fault(set, "dataset.match", error, "%s: no row for input %s", table->csv.file,
                           recorded_image(set, missing)->name));
out:
    memory_free(seen);
    return status;
}

/* What messages call the folder that an answer, or a further input, is looked for in. */
static const char *no_file_of(const struct recorded_set *set,
                              const struct recorded_answers *answers)
{
    return answers == &set->labels || answers == &set->truth ? answers->field
                                                             : answers->files.folder;
}

static enum status match_files(struct pairs *table, struct recorded_answers *answers, size_t column,
                               const uint32_t *image, struct error *error)
{
    enum status status = STATUS_OK;
    const struct recorded_set *set = table->set;
    struct name_index index = {0};
    bool *used = NULL;

    TRY(index_files(&answers->files, &index, error));
    TRY(memory_new(&used, answers->files.count, sizeof *used, error));
    for (size_t row = 0; row < table->csv.rows; row++) {
        const char *cell = csv_cell(&table->csv, row, column);
        uint32_t file = find(&index, cell);
        if (!cell[0] || image[row] == UINT32_MAX)
            continue;
        if (file == UINT32_MAX)
            TRY(row_fault(table, row, cell, no_file_of(set, answers), error));
        else if (used[file])
            TRY(row_fault(table, row, cell, NULL, error));
        else
            answers->of[image[row]] = file;
        if (file != UINT32_MAX)
            used[file] = true;
    }
out:
    memory_free(used);
    memory_free(index.items);
    return status;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static size_t without_repeats(const char **texts, size_t count)
{
    size_t kept = 0;

    if (count)
        qsort(texts, count, sizeof *texts, by_text);
    for (size_t i = 0; i < count; i++)
        if (!kept || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return kept;
}

/* Every class that a column names, in byte order. */
static enum status name_classes(struct pairs *table, const size_t columns[2], struct error *error)
{
    enum status status = STATUS_OK;
    struct recorded_set *set = table->set;
    const char **names = NULL;
    size_t count = 0;

    TRY(memory_new(&names, 2 * table->csv.rows, sizeof *names, error));
    for (size_t k = 0; k < 2; k++)
        for (size_t row = 0; columns[k] != SIZE_MAX && row < table->csv.rows; row++)
            if (csv_cell(&table->csv, row, columns[k])[0])
                names[count++] = csv_cell(&table->csv, row, columns[k]);
    count = without_repeats(names, count);
    if (count > DATASET_NO_CLASS)
        TRY(recorded_fault(set, "dataset.match", error, "%s: %zu classes; at most %d are possible",
                           table->csv.file, count, DATASET_NO_CLASS));
    if (count > DATASET_NO_CLASS)
        goto out;
    TRY(arena_new(&set->arena, &set->class_names, count, sizeof *set->class_names, error));
    for (size_t i = 0; i < count; i++)
        TRY(arena_copy(&set->arena, names[i], strlen(names[i]), &set->class_names[i], error));
    set->class_count = count;
out:
    memory_free(names);
    return status;
}

static enum status match_classes(struct pairs *table, struct recorded_answers *answers,
                                 size_t column, const uint32_t *image, struct error *error)
{
    const struct recorded_set *set = table->set;

    answers->given = true;
    PASS(memory_new(&answers->classes, set->count, 1, error));
    memset(answers->classes, DATASET_NO_CLASS, set->count);
    for (size_t row = 0; row < table->csv.rows; row++) {
        const char *cell = csv_cell(&table->csv, row, column);
        if (!cell[0] || image[row] == UINT32_MAX)
            continue;
        for (size_t c = 0; c < set->class_count; c++)
            if (strcmp(set->class_names[c], cell) == 0)
                answers->classes[image[row]] = (uint8_t)c;
    }
    return STATUS_OK;
}

/* A column names files where there is a folder of them, else it has classes or numbers. */
static enum status match_columns(struct pairs *table, const uint32_t *image, struct error *error)
{
    struct recorded_set *set = table->set;
    struct recorded_answers *const both[] = {&set->labels, &set->truth};
    size_t columns[2], classes[2];

    for (size_t k = 0; k < 2; k++) {
        columns[k] = csv_find(&table->csv, both[k]->column);
        classes[k] = both[k]->given ? SIZE_MAX : columns[k];
        if (both[k]->given && columns[k] == SIZE_MAX)
            PASS(recorded_fault(set, "dataset.match", error,
                                "%s:1: no column '%s', which tells what '%s' has for an input",
                                table->csv.file, both[k]->column, both[k]->field));
    }
    for (size_t k = 0; k < set->more_count; k++)
        PASS(match_files(table, &set->more[k], csv_find(&table->csv, set->more[k].column), image,
                         error));
    if (recorded_content(set->settings) == CONTENT_NUMBERS)
        return recorded_match_numbers(set, &table->csv, image, error);
    PASS(name_classes(table, classes, error));
    for (size_t k = 0; k < 2; k++) {
        if (classes[k] != SIZE_MAX)
            PASS(match_classes(table, both[k], classes[k], image, error));
        else if (columns[k] != SIZE_MAX)
            PASS(match_files(table, both[k], columns[k], image, error));
    }
    return STATUS_OK;
}

/* The columns that a table of pairs can have: all inputs, and what else is known of them. */
static enum status pair_columns(struct recorded_set *set, struct columns *columns,
                                struct error *error)
{
    const struct recorded_answers *const both[] = {&set->labels, &set->truth};
    const size_t numbers =
        recorded_content(set->settings) == CONTENT_NUMBERS ? set->settings->numbers.count : 0;
    size_t count = 0;

    PASS(arena_new(&set->arena, &columns->names, 1 + set->more_count + 2 * (1 + numbers) + 1,
                   sizeof *columns->names, error));
    columns->names[count++] = first_column(set);
    for (size_t k = 0; k < set->more_count; k++)
        columns->names[count++] = set->more[k].column;
    columns->needed = count;
    for (size_t k = 0; k < 2; k++) {
        if (numbers < 2)
            columns->names[count++] = both[k]->column;
        for (size_t n = 0; n < numbers; n++)
            PASS(recorded_number_column(set, both[k], n, &set->arena, &columns->names[count++],
                                        error));
    }
    return STATUS_OK;
}

enum status recorded_match_table(struct recorded_set *set, struct error *error)
{
    enum status status = STATUS_OK;
    struct columns columns;
    struct pairs table = {.set = set};
    uint32_t *image = NULL;
    bool good;

    TRY(pair_columns(set, &columns, error));
    TRY(parse(set, "dataset.match", set->settings->match, &set->table, &columns, &table.csv, &good,
              error));
    if (!good)
        goto out;
    TRY(index_images(set, &table.images, error));
    TRY(memory_new(&image, table.csv.rows, sizeof *image, error));
    TRY(find_images(&table, image, error));
    TRY(match_columns(&table, image, error));
out:
    memory_free(image);
    memory_free(table.images.items);
    csv_release(&table.csv);
    return status;
}

/* ---- test images */

enum status recorded_match_list(struct recorded_set *set, struct error *error)
{
    const char *names[] = {"input", NULL};
    const struct columns columns = {names, 1};
    enum status status = STATUS_OK;
    struct name_index images = {0};
    struct csv_table csv = {0};
    bool good;

    TRY(parse(set, "dataset.test", set->settings->test_list, &set->list, &columns, &csv, &good,
              error));
    if (!good)
        goto out;
    TRY(index_images(set, &images, error));
    for (size_t row = 0; row < csv.rows; row++) {
        const char *cell = csv_cell(&csv, row, csv_find(&csv, "input"));
        uint32_t image = find(&images, cell);
        if (image == UINT32_MAX || set->test[image])
            TRY(recorded_fault(set, "dataset.test", error, "%s:%zu: '%.200s' %s", csv.file,
                               csv.lines[row], cell,
                               image == UINT32_MAX ? "is no file of 'dataset.inputs'"
                                                   : "stands in a row before, too"));
        else
            set->test[image] = true;
    }
out:
    memory_free(images.items);
    csv_release(&csv);
    return status;
}
