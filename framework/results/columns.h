/* The table of trials: a row a trial, columns of one type each. Private to results/. */
#ifndef UNDERSTUDY_RESULTS_COLUMNS_H
#define UNDERSTUDY_RESULTS_COLUMNS_H

#include "cache/record.h"
#include "plan/plan.h"

struct table_cell {
    double real;
    int64_t integer;
    const char *text;
};

struct table_column {
    const char *name;
    enum record_type type;
    struct table_cell *cells; /* [rows] */
    size_t filled;            /* rows that have a value */
};

struct table {
    struct arena arena; /* names, cells, texts */
    size_t rows;
    struct table_column *columns;
    size_t column_count, column_capacity;
};

/* Trial, replicate and the grid's axes. An axis is a column of integers or reals where all its
 * values in the plan read as such, else of text. */
MUST_CHECK enum status table_begin(struct table *table, const struct plan *plan,
                                   struct error *error);
/* A record's values, into row `row`: those named "timing.…", without that, or all others. Integers
 * and reals under one name make a column of reals; numbers and texts under one name are
 * STATUS_DATA. */
MUST_CHECK enum status table_add(struct table *table, size_t row, const struct record *record,
                                 bool timing, struct error *error);
/* GROUP/COLUMN, and the group's attribute `columns`: their names in order, one a line; that of
 * /trials also says in `costs` what costs are of. */
MUST_CHECK enum status table_write(const struct table *table, struct hdf5 *file, const char *group,
                                   struct error *error);
void table_release(struct table *table);

#endif
