#include "report/csv.h"
#include "report/report.h"

enum status report_table(struct hdf5 *file, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct csv csv = {text, false};
    const char ***cells = NULL;

    TRY(results_open(&results, file, error));
    TRY(arena_new(&arena, &cells, results.column_count, sizeof *cells, error));
    for (size_t c = 0; c < results.column_count; c++) {
        TRY(results_texts(&results, results.columns[c], &arena, &cells[c], error));
        csv_text(&csv, results.columns[c]);
    }
    csv_end_row(&csv);
    for (size_t i = 0; i < results.trials; i++) {
        for (size_t c = 0; c < results.column_count; c++)
            csv_text(&csv, cells[c][i]);
        csv_end_row(&csv);
    }
    TRY(text_status(text, error));
out:
    arena_release(&arena);
    results_release(&results);
    return status;
}
