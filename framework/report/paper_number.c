/* One number of the paper: rows chosen, reduced over replicates, written as LaTeX. */
#include "report/paper_private.h"
#include "report/where.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const reductions[] = {"mean",       "interval", "low",  "high",
                                         "minimum",    "maximum",  "sum",  "count",
                                         "replicates", "p_value",  "time", NULL};

const struct field paper_number_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct paper_number, name),
     .help = "of the macro: letters, the first a capital"},
    {"each", FIELD_NODE, offsetof(struct paper_number, each), .fallback = "~",
     .help = "a list of mappings from parts of names to columns' values, as [{Small: "
             "{network.width: 4}, Large: {network.width: 16}}]: a number for every choice of one "
             "from each; the values join `where`, and `against` but for the columns that it names"},
    {"results", FIELD_TEXT, offsetof(struct paper_number, results),
     .help = "which of the results files"},
    {"column", FIELD_TEXT, offsetof(struct paper_number, column), .fallback = "",
     .help = "of the table, timing.… too; count, replicates and time need none"},
    {"minus", FIELD_TEXT, offsetof(struct paper_number, minus), .fallback = "",
     .help = "a column that is taken from it, trial by trial"},
    {"where", FIELD_NODE, offsetof(struct paper_number, where), .fallback = "~",
     .help = "which trials: a value, or a list of them, for each column that decides"},
    {"against", FIELD_NODE, offsetof(struct paper_number, against), .fallback = "~",
     .help = "trials whose value is taken from that of the others, replicate by replicate"},
    {"along", FIELD_TEXT, offsetof(struct paper_number, along), .fallback = "",
     .help = "a column: the number is where along it the trials of `where` come to the value of "
             "those of `against`, between two places on a scale of ratios"},
    {"saved", FIELD_BOOLEAN, offsetof(struct paper_number, saved), .fallback = "false",
     .help = "with along: less the place of the trials of `against`, as labels saved"},
    {"reduce", FIELD_CHOICE, offsetof(struct paper_number, reduce), .fallback = "mean",
     .choices = reductions,
     .help = "over the replicates; interval, low, high: 95 %; p_value: of Student's test that the "
             "mean is 0; time: seconds that workers took for all trials"},
    {"as", FIELD_CHOICE, offsetof(struct paper_number, form), .fallback = "number",
     .choices = paper_forms, .help = "unit that it is told in; points: a share times 100"},
    {"digits", FIELD_INTEGER, offsetof(struct paper_number, digits), .minimum = 0, .maximum = 12,
     .fallback = "1", .help = "after the point"},
    {"sign", FIELD_BOOLEAN, offsetof(struct paper_number, sign), .fallback = "false",
     .help = "a plus before what is above 0"},
    {0},
};

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

struct choice {
    struct paper_source *source;
    const char *path; /* "numbers[3]" */
    struct diagnostics *found;
    struct arena *arena;
};

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
    enum status status = STATUS_OK;
    const char *column;

    *found = false;
    for (size_t length = strlen(name); length-- > 0 && !*found;) {
        if (name[length] != '.')
            continue;
        TRY(arena_copy(choice->arena, name, length, &column, error));
        if (!results_has(results, column))
            continue;
        TRY(results_texts(results, column, choice->arena, cells, error));
        for (size_t i = 0; i < results->trials; i++) {
            const char *value;
            TRY(where_value((*cells)[i], name + length + 1, choice->arena, &value, error));
            (*cells)[i] = value ? value : "";
        }
        *found = true;
    }
out:
    return status;
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

    text_append(&path, "%s.%s.%s", choice->path, section, key->text);
    TRY(text_status(&path, error));
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

/* The finished trials that `where` names. */
static enum status choose_rows(struct choice *choice, const struct yaml_node *where,
                               const char *section, struct yaml_mark mark, bool **rows,
                               struct error *error)
{
    const struct points *points = &choice->source->points;
    enum status status = STATUS_OK;
    size_t before = choice->found->count, count = 0;

    TRY(arena_new(choice->arena, rows, points->trials, sizeof **rows, error));
    for (size_t i = 0; i < points->trials; i++)
        (*rows)[i] = points->done[i];
    if (where && where->kind != YAML_MAPPING)
        TRY(diagnostics_add(choice->found, where->mark, choice->path, error,
                            "%s is a mapping of columns to values, as {network.width: 4}",
                            section));
    else if (where)
        for (size_t i = 0; i < where->count; i++)
            TRY(keep_rows(choice, where->keys[i], where->items[i], section, *rows, error));
    for (size_t i = 0; i < points->trials; i++)
        count += (*rows)[i];
    if (count == 0 && choice->found->count == before)
        TRY(diagnostics_add(choice->found, where ? where->mark : mark, choice->path, error,
                            "no finished trial of %s is all that %s says", choice->source->name,
                            section));
out:
    return status;
}

/* A column that the number names under `key`; NULL and a mistake where there is none such. */
static enum status read_column(struct choice *choice, const struct paper_number *number,
                               const char *column, const char *key, double **values,
                               struct error *error)
{
    const struct yaml_node *at = yaml_get(number->node, key);
    struct error fault = {0};
    struct text path = {0};
    enum status status =
        results_numbers(&choice->source->results, column, choice->arena, values, &fault);

    if (status == STATUS_OK)
        return status;
    *values = NULL;
    if (status != STATUS_DATA)
        return error_set(error, status, "%s", fault.message);
    text_append(&path, "%s.%s", choice->path, key);
    TRY(text_status(&path, error));
    TRY(diagnostics_add(choice->found, at ? at->mark : number->node->mark, path.bytes, error,
                        "%s: %s", choice->source->name, fault.message));
out:
    text_release(&path);
    return status;
}

/* The column's values less those of `minus`; NULL and a mistake where there is none such. */
static enum status read_values(struct choice *choice, const struct paper_number *number,
                               double **values, struct error *error)
{
    enum status status = STATUS_OK;
    double *minus = NULL;

    TRY(read_column(choice, number, number->column, "column", values, error));
    if (!*values || !number->minus[0])
        goto out;
    TRY(read_column(choice, number, number->minus, "minus", &minus, error));
    for (size_t i = 0; minus && i < choice->source->results.trials; i++)
        (*values)[i] -= minus[i];
out:
    return status;
}

/* The number of values and what minimum, maximum and sum are of: the chosen trials, one by one. */
static double over_trials(enum reduction reduction, const struct points *points,
                          const double *values, const bool *rows)
{
    double result = reduction == SUM || reduction == COUNT ? 0 : NAN;

    for (size_t i = 0; i < points->trials; i++) {
        if (!rows[i] || (values && isnan(values[i])))
            continue;
        if (reduction == COUNT)
            result += 1;
        else if (reduction == SUM)
            result += values[i];
        else if (isnan(result) || (reduction == MINIMUM) == (values[i] < result))
            result = values[i];
    }
    return result;
}

/* Means over the rows, replicate by replicate, less those of the rows that it is held against. */
static enum status reduce_rows(struct choice *choice, const struct paper_number *number,
                               const double *values, const double *along, const bool *const rows[2],
                               const char **wanting, struct text *text, struct error *error)
{
    const struct points *points = &choice->source->points;
    enum reduction reduction = (enum reduction)number->reduce;
    enum status status = STATUS_OK;
    struct paper_means means = {NULL, points->replicates, false, false};

    if (reduction == COUNT || reduction == SUM || reduction == MINIMUM || reduction == MAXIMUM) {
        double value = over_trials(reduction, points, values, rows[0]);
        if (isnan(value))
            *wanting = "no finished trial has a value there";
        else
            paper_format(number, value, true, text);
        goto out;
    }
    TRY(arena_new(choice->arena, &means.values, points->replicates, sizeof *means.values, error));
    for (size_t r = 0; r < points->replicates && !along; r++) {
        means.values[r] = paper_mean_at(points, values, rows[0], (double)r);
        if (rows[1])
            means.values[r] -= paper_mean_at(points, values, rows[1], (double)r);
    }
    if (along)
        TRY(paper_along(number, points, values, along, rows, &means, error));
    paper_print_means(number, &means, wanting, text);
out:
    return status;
}

/* What does not go together; NULL: all does. */
static const char *contradiction(const struct paper_number *number)
{
    enum reduction reduction = (enum reduction)number->reduce;
    bool singly = reduction == MINIMUM || reduction == MAXIMUM || reduction == SUM ||
                  reduction == COUNT || reduction == REPLICATES;

    if (reduction == TIME && (number->where || number->against || number->column[0]))
        return "time is the whole experiment's: it has no column and no trials to choose";
    if (number->along[0] && !number->against)
        return "along needs `against`: the trials whose value is to be reached";
    if (number->saved && !number->along[0])
        return "saved goes with along";
    if (number->minus[0] && !number->column[0])
        return "there is no column that minus is taken from";
    return singly && number->against ? "against goes with mean, interval, low, high and p_value"
                                     : NULL;
}

static enum status reduce(struct choice *choice, const struct paper_number *number,
                          struct text *text, const char **wanting, struct error *error)
{
    enum status status = STATUS_OK;
    enum reduction reduction = (enum reduction)number->reduce;
    bool *rows[2] = {NULL, NULL}, valued = reduction != COUNT && reduction != REPLICATES;
    size_t before = choice->found->count;
    double *values = NULL, *along = NULL;

    *wanting = contradiction(number);
    if (*wanting)
        goto out;
    if (reduction == TIME) {
        if (isnan(choice->source->work))
            *wanting = "the results do not say how long they took";
        else
            paper_format(number, choice->source->work, true, text);
        goto out;
    }
    if (valued || number->column[0])
        TRY(read_values(choice, number, &values, error));
    else if (reduction == REPLICATES) /* every trial counts */
        TRY(arena_new(choice->arena, &values, choice->source->results.trials, sizeof *values,
                      error));
    if (number->along[0])
        TRY(read_column(choice, number, number->along, "along", &along, error));
    TRY(choose_rows(choice, number->where, "where", number->node->mark, &rows[0], error));
    if (number->against)
        TRY(choose_rows(choice, number->against, "against", number->node->mark, &rows[1], error));
    if (choice->found->count != before)
        goto out;
    TRY(reduce_rows(choice, number, values, along, (const bool *const *)rows, wanting, text,
                    error));
out:
    return status;
}

enum status paper_reduce(struct paper *paper, struct paper_number *number, const char *path,
                         struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct choice choice = {number->source, path, found, &arena};
    struct text text = {0};
    const char *wanting = NULL;

    TRY(reduce(&choice, number, &text, &wanting, error));
    TRY(text_status(&text, error));
    if (wanting)
        TRY(diagnostics_add(found, number->node->mark, path, error, "%s: %s", number->source->name,
                            wanting));
    TRY(arena_copy(&paper->arena, text.bytes ? text.bytes : "", text.length, &number->text, error));
out:
    text_release(&text);
    arena_release(&arena);
    return status;
}
