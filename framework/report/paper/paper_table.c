/* Tables of the paper: LaTeX texts with numbers in them. */
#include "report/paper/paper_private.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const struct field paper_table_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct paper_table, name), .help = "OUT/tables/NAME.tex"},
    {"columns", FIELD_TEXT, offsetof(struct paper_table, columns),
     .help = "as LaTeX's tabular has them: lrr"},
    {"head", FIELD_TEXTS, offsetof(struct paper_table, head),
     .help = "a LaTeX text for each column"},
    {"rows", FIELD_NODE, offsetof(struct paper_table, rows),
     .help =
         "lists of LaTeX texts; ${Name} is a number. A row whose number is still to come is left "
         "out"},
    {0},
};

/* The number called so; NULL where there is none, *near what may be meant. */
static const struct paper_number *find_number(const struct paper *paper, const char *name,
                                              const char **near)
{
    for (size_t i = 0; i < paper->number_count; i++) {
        text_nearest(name, paper->numbers[i].name, near);
        if (strcmp(paper->numbers[i].name, name) == 0)
            return &paper->numbers[i];
    }
    return NULL;
}

/* A cell, its ${Name} replaced by the numbers; *whole is false where one is yet to come. */
static enum status expand(struct reading *reading, const struct yaml_node *cell, const char *path,
                          bool *whole, struct text *text)
{
    if (cell->kind != YAML_SCALAR)
        return diagnostics_add(reading->found, cell->mark, path, reading->error, "expected a text");
    for (const char *at = cell->text; *at;) {
        const char *end = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL, *near = NULL;
        char name[128];
        if (!end) {
            text_append_bytes(text, at++, 1);
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)(end - at - 2), at + 2);
        const struct paper_number *number = find_number(reading->paper, name, &near);
        if (!number)
            PASS(diagnostics_add(reading->found, cell->mark, path, reading->error,
                                 "there is no number '%.100s'%s%.100s%s", name,
                                 near ? "; did you mean '" : "", near ? near : "",
                                 near ? "'?" : ""));
        else if (!number->text)
            *whole = false;
        else
            text_append(text, "%s", number->text);
        at = end + 1;
    }
    return STATUS_OK;
}

/* One row of the table, unless a number of it is yet to come. */
static enum status expand_row(struct reading *reading, const struct paper_table *table,
                              const struct yaml_node *row, const char *path, size_t *rows,
                              struct text *text)
{
    enum status status = STATUS_OK;
    struct text line = {0};
    bool whole = true;

    if (row->kind != YAML_SEQUENCE || row->count != table->head.count) {
        TRY(diagnostics_add(reading->found, row->mark, path, reading->error,
                            "a row is a list of %zu texts, as many as `head` has",
                            table->head.count));
        goto out;
    }
    for (size_t i = 0; i < row->count; i++) {
        text_append(&line, "%s", i ? " & " : "");
        TRY(expand(reading, row->items[i], path, &whole, &line));
    }
    TRY(text_status(&line, reading->error));
    if (whole)
        text_append(text, "%s \\\\\n", line.bytes);
    *rows += whole;
out:
    text_release(&line);
    return status;
}

static enum status expand_table(struct reading *reading, struct paper_table *table, size_t index)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    size_t rows = 0;
    char path[64];

    text_append(&text, "\\begin{tabular}{%s}\n\\toprule\n", table->columns);
    for (size_t i = 0; i < table->head.count; i++)
        text_append(&text, "%s%s", i ? " & " : "", table->head.items[i]);
    text_append(&text, " \\\\\n\\midrule\n");
    for (size_t i = 0; i < table->rows->count; i++) {
        snprintf(path, sizeof path, "tables[%zu].rows[%zu]", index, i);
        TRY(expand_row(reading, table, table->rows->items[i], path, &rows, &text));
    }
    text_append(&text, "\\bottomrule\n\\end{tabular}\n");
    TRY(text_status(&text, reading->error));
    if (rows)
        TRY(arena_copy(&reading->paper->arena, text.bytes, text.length, &table->text,
                       reading->error));
out:
    text_release(&text);
    return status;
}

enum status paper_read_tables(struct reading *reading, const struct yaml_node *list)
{
    struct paper *paper = reading->paper;
    size_t before = reading->found->count;

    PASS(paper_items(reading, list, "tables", paper_table_fields, sizeof *paper->tables,
                     &paper->tables, &paper->table_count));
    if (reading->found->count != before)
        return STATUS_OK;
    for (size_t i = 0; i < paper->table_count; i++) {
        struct paper_table *table = &paper->tables[i];
        const struct yaml_node *node = list->items[i];
        if (!paper_is_name(table->name, false) || strcmp(table->name, "results") == 0)
            PASS(paper_mistake(reading, paper_mark(node, "name"), "tables", i,
                               "a table cannot be called '%.100s'", table->name));
        for (size_t k = 0; k < i; k++)
            if (strcmp(paper->tables[k].name, table->name) == 0)
                PASS(paper_mistake(reading, paper_mark(node, "name"), "tables", i,
                                   "a table '%.100s' already exists", table->name));
        if (!table->rows || table->rows->kind != YAML_SEQUENCE || !table->rows->count)
            PASS(paper_mistake(reading, paper_mark(node, "rows"), "tables", i, "%s",
                               "rows is a list of lists, of at least one"));
        else
            PASS(expand_table(reading, table, i));
    }
    return STATUS_OK;
}
