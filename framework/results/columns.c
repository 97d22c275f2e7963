#include "results/columns.h"

#include <math.h>
#include <string.h>

/* A new column; its cells hold what a row without a value shows. */
static enum status column_new(struct table *table, const char *name, enum record_type type,
                              struct table_column **column, struct error *error)
{
    struct table_column fresh = {.type = type};

    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return error_set(error, STATUS_DATA, "two columns are called '%s'", name);
    if (!name[0] || strchr(name, '/') || strchr(name, '\n'))
        return error_set(error, STATUS_DATA, "'%s' cannot be the name of a column", name);
    PASS(memory_reserve(&table->columns, &table->column_capacity, table->column_count + 1,
                        sizeof *table->columns, error));
    PASS(arena_copy(&table->arena, name, strlen(name), &fresh.name, error));
    PASS(arena_new(&table->arena, &fresh.cells, table->rows, sizeof *fresh.cells, error));
    for (size_t row = 0; row < table->rows; row++)
        fresh.cells[row] = (struct table_cell){.real = (double)NAN, .text = ""};
    *column = &table->columns[table->column_count++];
    **column = fresh;
    return STATUS_OK;
}

static enum record_type axis_type(const struct plan_axis *axis)
{
    enum record_type type = RECORD_INTEGER;
    int64_t integer;
    double real;

    for (size_t i = 0; i < axis->count; i++)
        if (!yaml_integer(axis->values[i], &integer)) {
            type = RECORD_REAL;
            if (!yaml_real(axis->values[i], &real))
                return RECORD_TEXT;
        }
    return type;
}

/* A value of an axis; plain text loses its quotes, lists and mappings stay YAML. */
static enum status axis_cell(struct table *table, const struct yaml_node *value,
                             enum record_type type, struct table_cell *cell, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    int64_t integer;

    if (type == RECORD_INTEGER) {
        yaml_integer(value, &cell->integer);
    } else if (type == RECORD_REAL) {
        if (!yaml_real(value, &cell->real) && yaml_integer(value, &integer))
            cell->real = (double)integer;
    } else if (value->kind == YAML_SCALAR) {
        TRY(arena_copy(&table->arena, value->text, strlen(value->text), &cell->text, error));
    } else {
        yaml_print(value, &text);
        TRY(text_keep(&text, &table->arena, &cell->text, error));
    }
out:
    text_release(&text);
    return status;
}

static enum status add_axis(struct table *table, const struct plan *plan, size_t axis,
                            struct error *error)
{
    const struct plan_axis *from = &plan->axes[axis];
    struct table_column *column;

    PASS(column_new(table, from->path, axis_type(from), &column, error));
    column->filled = table->rows;
    for (size_t row = 0; row < table->rows; row++)
        PASS(axis_cell(table, plan_value(plan, row, axis), column->type, &column->cells[row],
                       error));
    return STATUS_OK;
}

enum status table_begin(struct table *table, const struct plan *plan, struct error *error)
{
    struct table_column *column;

    memset(table, 0, sizeof *table);
    table->rows = plan->trial_count;
    PASS(column_new(table, "trial", RECORD_INTEGER, &column, error));
    column->filled = table->rows;
    for (size_t row = 0; row < table->rows; row++)
        column->cells[row].integer = (int64_t)row;
    PASS(column_new(table, "replicate", RECORD_INTEGER, &column, error));
    column->filled = table->rows;
    for (size_t row = 0; row < table->rows; row++)
        column->cells[row].integer = (int64_t)row % plan->base.replicates;
    for (size_t axis = 0; axis < plan->axis_count; axis++)
        PASS(add_axis(table, plan, axis, error));
    return STATUS_OK;
}

/* Records mostly hold the same names in the same order: `hint` is where the name should be. */
static struct table_column *column_find(struct table *table, const char *name, size_t hint)
{
    if (hint < table->column_count && strcmp(table->columns[hint].name, name) == 0)
        return &table->columns[hint];
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

enum status table_add(struct table *table, size_t row, const struct record *record, bool timing,
                      struct error *error)
{
    static const char prefix[] = "timing.";
    size_t hint = table->column_count;

    for (size_t i = 0; i < record->value_count; i++) {
        const struct record_value *value = &record->values[i];
        const char *name = value->name;
        if ((strncmp(name, prefix, sizeof prefix - 1) == 0) != timing)
            continue;
        name += timing ? sizeof prefix - 1 : 0;
        struct table_column *column = column_find(table, name, hint);
        if (!column)
            PASS(column_new(table, name, value->type, &column, error));
        if ((column->type == RECORD_TEXT) != (value->type == RECORD_TEXT))
            return error_set(error, STATUS_DATA,
                             "column '%s' is text in one trial and a number in another", name);
        if (value->type == RECORD_REAL)
            column->type = RECORD_REAL;
        struct table_cell *cell = &column->cells[row];
        column->filled++;
        cell->integer = value->integer;
        cell->real = value->type == RECORD_INTEGER ? (double)value->integer : value->real;
        if (isnan(cell->real))
            cell->real = (double)NAN;
        PASS(arena_copy(&table->arena, value->text, strlen(value->text), &cell->text, error));
        hint = (size_t)(column - table->columns) + 1;
    }
    return STATUS_OK;
}

static enum status write_column(const struct table *table, const struct table_column *column,
                                struct hdf5 *file, const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text path = {0};
    struct hdf5_array array = {.rank = 1, .dims = {table->rows}};
    const char **texts;
    double *reals;
    int64_t *integers;

    TRY(path_join(&path, group, column->name, error));
    TRY(arena_new(&arena, &texts, table->rows, sizeof *texts, error));
    TRY(arena_new(&arena, &reals, table->rows, sizeof *reals, error));
    TRY(arena_new(&arena, &integers, table->rows, sizeof *integers, error));
    for (size_t row = 0; row < table->rows; row++) {
        texts[row] = column->cells[row].text;
        reals[row] = column->cells[row].real;
        integers[row] = column->cells[row].integer;
    }
    if (column->type == RECORD_TEXT) {
        TRY(hdf5_write_texts(file, path.bytes, texts, table->rows, error));
        goto out;
    }
    /* A whole number cannot say that it is missing; NaN can. */
    bool real = column->type == RECORD_REAL || column->filled < table->rows;
    array.type = real ? HDF5_FLOAT64 : HDF5_INT64;
    array.values = real ? (void *)reals : (void *)integers;
    TRY(hdf5_write(file, path.bytes, &array, error));
out:
    text_release(&path);
    arena_release(&arena);
    return status;
}

/* What the file itself says of its columns of costs. */
static const char costs[] =
    "network.multiply_adds and other operations, network.peak_activation_bytes, pipeline.… the "
    "same, hardware.MACHINE.…: means over the test images, each at its own size; where sizes "
    "differ, test.sizes counts them, and .sd, "
    ".min, .max of a cost are its standard deviation and extremes over these images";

/* … and of the network against the pipeline. */
static const char agreement[] =
    "network.SPLIT.agreement.…: the network's answers against the pipeline's; "
    "network.test.METRIC.minus_pipeline: mean over the test images of the network's score less the "
    "pipeline's, against ground truth; .low, .high: its 95 % interval, paired by image: what "
    "varies is which images are tested, not the training (METRIC accuracy: Tango's interval, else "
    "Student's); network.test.noninferior: 1 where .low is above minus the margin of 'select'";

/* … and of the network in integers, where there is one. */
static const char int8[] =
    "network.int8.SPLIT.…: the trained network in 8-bit integers, scored as network.SPLIT.… is; "
    "network.int8.bytes: its weights, biases, factors and tables; "
    "hardware.MACHINE.bytes_per_value: "
    "1 where the machine's costs are those of 8-bit integers";

static bool has_int8(const struct table *table)
{
    bool has = false;

    for (size_t i = 0; i < table->column_count; i++)
        has = has || strncmp(table->columns[i].name, "network.int8.", 13) == 0;
    return has;
}

enum status table_write(const struct table *table, struct hdf5 *file, const char *group,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct text names = {0};

    TRY(hdf5_group(file, group, error));
    for (size_t i = 0; i < table->column_count; i++) {
        text_append(&names, "%s%s", i ? "\n" : "", table->columns[i].name);
        TRY(write_column(table, &table->columns[i], file, group, error));
    }
    TRY(text_status(&names, error));
    TRY(hdf5_attribute_text(file, group, "columns", names.bytes ? names.bytes : "", error));
    if (strcmp(group, "/trials") == 0)
        TRY(hdf5_attribute_text(file, group, "costs", costs, error));
    if (strcmp(group, "/trials") == 0)
        TRY(hdf5_attribute_text(file, group, "agreement", agreement, error));
    if (strcmp(group, "/trials") == 0 && has_int8(table))
        TRY(hdf5_attribute_text(file, group, "int8", int8, error));
out:
    text_release(&names);
    return status;
}

void table_release(struct table *table)
{
    memory_free(table->columns);
    arena_release(&table->arena);
    memset(table, 0, sizeof *table);
}
