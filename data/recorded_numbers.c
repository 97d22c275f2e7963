/* Numbers of images, in the columns of a CSV. */
#include "data/recorded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status recorded_number_column(const struct recorded_set *set,
                                   const struct recorded_answers *answers, size_t number,
                                   struct arena *arena, const char **name, struct error *error)
{
    return arena_print(arena, name, error, "%s.%s", answers->column,
                       set->settings->numbers.items[number]);
}

/* Which column has number `number` of `answers`; SIZE_MAX: none has. */
static enum status find_column(const struct recorded_set *set, const struct csv_table *csv,
                               const struct recorded_answers *answers, size_t number,
                               size_t *column, struct error *error)
{
    struct arena arena = {0};
    const char *name;
    enum status status = recorded_number_column(set, answers, number, &arena, &name, error);

    if (status == STATUS_OK)
        *column = csv_find(csv, name);
    if (status == STATUS_OK && *column == SIZE_MAX && set->settings->numbers.count == 1)
        *column = csv_find(csv, answers->column);
    arena_release(&arena);
    return status;
}

/* A number as people write it: no text, no hexadecimal digits, and finite as a float. */
static bool read_number(const char *text, float *number)
{
    char *end;

    if (!text[0] || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    *number = (float)strtod(text, &end);
    return !*end && isfinite(*number);
}

/* The numbers of one row, all of them or none. */
static enum status read_row(struct recorded_set *set, const struct csv_table *csv, size_t row,
                            const size_t *columns, float *numbers, struct error *error)
{
    size_t count = set->settings->numbers.count, empty = 0, first = 0;

    for (size_t k = 0; k < count; k++) {
        const char *cell = csv_cell(csv, row, columns[k]);
        numbers[k] = NAN;
        if (!cell[0] && !empty++)
            first = k;
        if (cell[0] && !read_number(cell, &numbers[k]))
            PASS(recorded_fault(set, "dataset.match", error,
                                "%s:%zu: column '%.100s' is '%.100s'; expected a finite number, or "
                                "nothing where it is not known",
                                csv->file, csv->lines[row], csv->names[columns[k]], cell));
    }
    if (empty && empty < count)
        PASS(recorded_fault(set, "dataset.match", error,
                            "%s:%zu: column '%.100s' is empty and others are not; expected all of "
                            "an image's numbers, or none",
                            csv->file, csv->lines[row], csv->names[columns[first]]));
    return STATUS_OK;
}

static enum status match_kind(struct recorded_set *set, const struct csv_table *csv,
                              struct recorded_answers *answers, const uint32_t *image,
                              struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = set->settings->numbers.count, missing = 0, first = 0;
    size_t *columns = NULL;

    TRY(memory_new(&columns, count, sizeof *columns, error));
    for (size_t k = 0; k < count; k++) {
        TRY(find_column(set, csv, answers, k, &columns[k], error));
        if (columns[k] == SIZE_MAX && !missing++)
            first = k;
    }
    if (missing && missing < count)
        TRY(recorded_fault(set, "dataset.match", error, "%s:1: no column '%s.%s'", csv->file,
                           answers->column, set->settings->numbers.items[first]));
    if (missing)
        goto out;
    answers->given = true;
    TRY(memory_new(&answers->numbers, set->count, count * sizeof *answers->numbers, error));
    for (size_t i = 0; i < set->count * count; i++)
        answers->numbers[i] = NAN;
    for (size_t row = 0; row < csv->rows; row++)
        if (image[row] != UINT32_MAX)
            TRY(read_row(set, csv, row, columns, &answers->numbers[image[row] * count], error));
out:
    memory_free(columns);
    return status;
}

enum status recorded_match_numbers(struct recorded_set *set, const struct csv_table *csv,
                                   const uint32_t *image, struct error *error)
{
    const char *name = set->settings->numbers.items[0];
    size_t before = set->faults->count;

    PASS(match_kind(set, csv, &set->labels, image, error));
    PASS(match_kind(set, csv, &set->truth, image, error));
    if (set->labels.given || set->truth.given || set->faults->count > before)
        return STATUS_OK;
    return recorded_fault(set, "dataset.match", error, "%s:1: no column 'truth.%s' or 'label.%s'",
                          csv->file, name, name);
}
