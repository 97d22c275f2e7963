#include "results/table.h"

#include "results/csv.h"
#include "results/results.h"

#include <string.h>

/* A field without line breaks, so that a row is a line: "median: {radius: 1}; gaussian: …". */
static enum status add_cell(struct csv *csv, const char *field, struct text *line,
                            struct error *error)
{
    text_clear(line);
    while (*field) {
        size_t length = strcspn(field, "\n");
        text_append(line, "%s%.*s", line->length ? "; " : "", (int)length, field);
        field += length + (field[length] == '\n');
    }
    PASS(text_status(line, error));
    csv_text(csv, line->bytes ? line->bytes : "");
    return STATUS_OK;
}

enum status report_table(struct hdf5 *file, bool timing, const int64_t *rows, size_t row_count,
                         struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct csv csv = {text, false};
    struct text line = {0};
    const char ***cells = NULL;

    TRY(results_open(&results, file, error));
    size_t count = results.column_count + (timing ? results.time_count : 0);
    TRY(arena_new(&arena, &cells, count, sizeof *cells, error));
    for (size_t c = 0; c < count; c++) {
        const char *name =
            c < results.column_count ? results.columns[c] : results.times[c - results.column_count];
        TRY(results_texts(&results, name, &arena, &cells[c], error));
        csv_text(&csv, name);
    }
    csv_end_row(&csv);
    for (size_t k = 0; k < (rows ? row_count : results.trials); k++) {
        size_t i = rows ? (size_t)rows[k] : k;
        for (size_t c = 0; c < count; c++)
            TRY(add_cell(&csv, cells[c][i], &line, error));
        csv_end_row(&csv);
    }
    TRY(text_status(text, error));
out:
    text_release(&line);
    arena_release(&arena);
    results_release(&results);
    return status;
}
