/* The trials that a number of the paper is of. */
#include "report/paper/paper_private.h"
#include "results/select.h"
#include "results/trial_filter.h"

#include <string.h>

/* Does the cell hold what is asked for? Numbers may be spelt in another way. */
static bool cell_is(const char *cell, const struct yaml_node *wanted)
{
    struct yaml_node node = {.kind = YAML_SCALAR, .text = cell};
    double a, b;

    return wanted->kind == YAML_SCALAR &&
           (strcmp(cell, wanted->text) == 0 ||
            (yaml_real(&node, &a) && yaml_real(wanted, &b) && a == b));
}

static bool cell_matches(const char *cell, const struct yaml_node *wanted)
{
    if (wanted->kind != YAML_SEQUENCE)
        return cell_is(cell, wanted);
    for (size_t i = 0; i < wanted->count; i++)
        if (cell_is(cell, wanted->items[i]))
            return true;
    return false;
}

/* The values that stand in a column, each once, the first few. */
static void list_values(const char *const *cells, size_t count, struct text *text)
{
    size_t shown = 0;

    for (size_t i = 0; i < count && shown < 8; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(cells[k], cells[i]) == 0;
        if (!seen)
            text_append(text, "%s%s", shown++ ? ", " : "", cells[i]);
    }
}

/* Where there is no column filter.method, what the mappings of column filter hold at `method`. */
static enum status read_key(struct choice *choice, const char *name, const char ***cells,
                            bool *found, struct error *error)
{
    const struct results *results = &choice->source->results;
    const char *column;

    *found = false;
    for (size_t length = strlen(name); length-- > 0 && !*found;) {
        if (name[length] != '.')
            continue;
        PASS(arena_copy(choice->arena, name, length, &column, error));
        if (!results_has(results, column))
            continue;
        PASS(results_texts(results, column, choice->arena, cells, error));
        for (size_t i = 0; i < results->trials; i++) {
            const char *value;
            PASS(where_value((*cells)[i], name + length + 1, choice->arena, &value, error));
            (*cells)[i] = value ? value : "";
        }
        *found = true;
    }
    return STATUS_OK;
}

/* Leave those of the rows for which the column holds what is wanted. */
static enum status keep_rows(struct choice *choice, const struct yaml_node *key,
                             const struct yaml_node *wanted, const char *section, bool *rows,
                             struct error *error)
{
    const struct results *results = &choice->source->results;
    enum status status = STATUS_OK;
    struct error fault = {0};
    struct text path = {0}, values = {0};
    const char **cells = NULL;
    bool any = false;

    TRY(text_print(&path, error, "%s.%s.%s", choice->path, section, key->text));
    if (!results_has(results, key->text))
        TRY(read_key(choice, key->text, &cells, &any, error));
    status = any ? STATUS_OK : results_texts(results, key->text, choice->arena, &cells, &fault);
    any = false;
    if (status == STATUS_DATA) {
        status = diagnostics_add(choice->found, key->mark, path.bytes, error, "%s", fault.message);
        goto out;
    }
    if (status != STATUS_OK)
        TRY(error_set(error, status, "%s", fault.message));
    for (size_t i = 0; i < results->trials; i++) {
        bool matches = cell_matches(cells[i], wanted);
        any = any || matches;
        rows[i] = rows[i] && matches;
    }
    if (any)
        goto out;
    list_values(cells, results->trials, &values);
    TRY(text_status(&values, error));
    TRY(diagnostics_add(choice->found, wanted->mark, path.bytes, error,
                        "no trial of %s has this value; there are: %.400s", choice->source->name,
                        values.bytes ? values.bytes : "none"));
out:
    text_release(&path);
    text_release(&values);
    return status;
}

/* Leave the trials of the right-sized network. */
static enum status keep_selected(struct choice *choice, const struct yaml_node *where, bool *rows,
                                 struct error *error)
{
    struct selection selection = {0};
    size_t trials = choice->source->points.trials;
    bool *selected;

    PASS(selection_read(&selection, &choice->source->file, choice->arena, error));
    if (!selection.about || selection.count == 0)
        PASS(diagnostics_add(choice->found, where->mark, choice->path, error,
                             selection.about ? "no network of %s is good enough to be selected"
                                             : "%s selects nothing: its experiment has no `select`",
                             choice->source->name));
    PASS(arena_new(choice->arena, &selected, trials, sizeof *selected, error));
    for (size_t i = 0; i < selection.count; i++)
        selected[selection.trials[i]] = true;
    for (size_t i = 0; i < trials; i++)
        rows[i] = rows[i] && selected[i];
    return STATUS_OK;
}

enum status paper_choose(struct choice *choice, const struct yaml_node *where, const char *section,
                         struct yaml_mark mark, bool **rows, struct error *error)
{
    const struct points *points = &choice->source->points;
    size_t before = choice->found->count, count = 0;

    PASS(arena_new(choice->arena, rows, points->trials, sizeof **rows, error));
    for (size_t i = 0; i < points->trials; i++)
        (*rows)[i] = points->done[i];
    if (where && where->kind == YAML_SCALAR && strcmp(where->text, "selected") == 0)
        PASS(keep_selected(choice, where, *rows, error));
    else if (where && where->kind != YAML_MAPPING)
        PASS(diagnostics_add(choice->found, where->mark, choice->path, error,
                             "%s is a mapping of columns to values, as {network.width: 4}, or "
                             "`selected`",
                             section));
    else if (where)
        for (size_t i = 0; i < where->count; i++)
            PASS(keep_rows(choice, where->keys[i], where->items[i], section, *rows, error));
    for (size_t i = 0; i < points->trials; i++)
        count += (*rows)[i];
    if (count == 0 && choice->found->count == before)
        PASS(diagnostics_add(choice->found, where ? where->mark : mark, choice->path, error,
                             "no finished trial of %s matches %s", choice->source->name, section));
    return STATUS_OK;
}
