/* One number of the paper: rows chosen, reduced over replicates, written as LaTeX. */
#include "report/charts/latex.h"
#include "report/figures/curve_series.h"
#include "report/paper/paper_private.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const char *const reductions[] = {"mean",    "interval", "low",   "high",        "minimum",
                                         "maximum", "sum",      "count", "replicates",  "p_value",
                                         "value",   "time",     "tests", "significant", NULL};
static const char *const interpolations[] = {"unnamed", "linear", "ratios", NULL};

const struct field paper_number_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct paper_number, name),
     .help = "name of the macro: letters, the first a capital"},
    {"each", FIELD_NODE, offsetof(struct paper_number, each), .default_value = "~",
     .help = "a list of mappings from parts of names to columns' values, as [{Small: "
             "{network.width: 4}, Large: {network.width: 16}}]: a number for every choice of one "
             "from each; the values join `where`, and `against` but for the columns that it names"},
    {"results", FIELD_TEXT, offsetof(struct paper_number, results),
     .help = "name of the results file"},
    {"column", FIELD_TEXT, offsetof(struct paper_number, column), .default_value = "",
     .help = "column of the table, including timing.…; count, replicates and time need none"},
    {"minus", FIELD_TEXT, offsetof(struct paper_number, minus), .default_value = "",
     .help = "a column to subtract, trial by trial"},
    {"reach", FIELD_REAL, offsetof(struct paper_number, reach), .minimum = -1, .maximum = 1000,
     .default_value = "-1",
     .help =
         "the epoch after which the curve that column names, as validation.accuracy, is first at "
         "this score; below 0: column is one of the table"},
    {"where", FIELD_NODE, offsetof(struct paper_number, where), .default_value = "~",
     .help = "which trials: a mapping from columns to a value or a list of values; or `selected`: "
             "those of the right-sized network"},
    {"against", FIELD_NODE, offsetof(struct paper_number, against), .default_value = "~",
     .help = "trials whose value is subtracted, replicate by replicate"},
    {"along", FIELD_TEXT, offsetof(struct paper_number, along), .default_value = "",
     .help = "a column: the number is where along it the trials of `where` first come to the value "
             "of those of `against`; between two places that were tried, `interpolate` says where"},
    {"interpolate", FIELD_CHOICE, offsetof(struct paper_number, interpolate),
     .default_value = "unnamed", .choices = interpolations,
     .help = "with along, which has to name it: between two places, the value goes up evenly with "
             "the column (linear) or with its logarithm (ratios); where these differ, the number "
             "is the interpolation's rather than the results'"},
    {"target", FIELD_TEXT, offsetof(struct paper_number, target), .default_value = "",
     .help = "with along: the column whose value in the trials of `against` is to be come to, "
             "where it is not `column`"},
    {"saved", FIELD_BOOLEAN, offsetof(struct paper_number, saved), .default_value = "false",
     .help = "with along: subtract the place of the trials of `against`, as for labels saved"},
    {"reduce", FIELD_CHOICE, offsetof(struct paper_number, reduce), .default_value = "mean",
     .choices = reductions,
     .help = "over the replicates; interval, low, high: 95 %; p_value: of Student's test that the "
             "mean is 0; value: the text that stands there in all trials; time: seconds that "
             "workers took for all trials; tests, significant: how many p_values `family` has, and "
             "how many of them are below 0.05 after the correction"},
    {"family", FIELD_TEXT, offsetof(struct paper_number, family), .default_value = "",
     .help = "with p_value: a name; all p_values of one name are corrected together by Holm's "
             "method, which keeps the chance of any false finding among them at the level"},
    {"as", FIELD_CHOICE, offsetof(struct paper_number, form), .default_value = "number",
     .choices = paper_forms,
     .help =
         "unit that it is told in; points: a share times 100; words: from a million on as '5.87 "
         "million', below it without a fraction"},
    {"digits", FIELD_INTEGER, offsetof(struct paper_number, digits), .minimum = 0, .maximum = 12,
     .default_value = "1", .help = "digits after the point"},
    {"sign", FIELD_BOOLEAN, offsetof(struct paper_number, sign), .default_value = "false",
     .help = "write a plus sign before numbers above 0"},
    {0},
};

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
    TRY(text_print(&path, error, "%s.%s", choice->path, key));
    TRY(diagnostics_add(choice->found, at ? at->mark : number->node->mark, path.bytes, error,
                        "%s: %s", choice->source->name, fault.message));
out:
    text_release(&path);
    return status;
}

/* The epochs after which the trials' curves are first at the score that is asked for; NULL and a
 * mistake where there are no such curves. */
static enum status read_epochs(struct choice *choice, const struct paper_number *number,
                               double **epochs, struct error *error)
{
    enum status status = STATUS_OK;
    const struct paper_source *source = choice->source;
    size_t curved = 0;
    struct curve *curves;
    enum metric metric = METRIC_SSIM; /* what is no metric is to grow, too */
    struct text path = {0};

    TRY(curves_read(&source->results, &source->points, "/curves", number->column, choice->arena,
                    &curves, error));
    (void)metric_of_column(number->column, &metric);
    TRY(curves_reach(curves, source->points.trials, metric, number->reach, choice->arena, epochs,
                     error));
    for (size_t i = 0; i < source->points.trials; i++)
        curved += curves[i].count > 0;
    if (curved)
        goto out;
    *epochs = NULL;
    TRY(text_print(&path, error, "%s.column", choice->path));
    TRY(diagnostics_add(choice->found, paper_mark(number->node, "column"), path.bytes, error,
                        "%s: no trial has a curve '%s'; expected one of /curves, as "
                        "validation.accuracy",
                        source->name, number->column));
out:
    text_release(&path);
    return status;
}

/* The column's values less those of `minus`; NULL and a mistake where there is none such. */
static enum status read_values(struct choice *choice, const struct paper_number *number,
                               double **values, struct error *error)
{
    double *minus = NULL;

    if (number->reach >= 0)
        PASS(read_epochs(choice, number, values, error));
    else
        PASS(read_column(choice, number, number->column, "column", values, error));
    if (!*values || !number->minus[0])
        return STATUS_OK;
    PASS(read_column(choice, number, number->minus, "minus", &minus, error));
    for (size_t i = 0; minus && i < choice->source->results.trials; i++)
        (*values)[i] -= minus[i];
    return STATUS_OK;
}

/* The number of values and what minimum, maximum and sum are of: the chosen trials, one by one. */
static double over_trials(enum reduction reduction, const struct points *points,
                          const double *values, const bool *rows)
{
    double result = reduction == SUM || reduction == COUNT ? 0 : NAN;

    for (size_t i = 0; i < points->trials; i++) {
        if (!rows[i] || (values && !isfinite(values[i])))
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

/* A mean, sum or test without some of the chosen trials would be of others than the number says.
 * Only what counts values may meet trials that have none. */
static bool all_finite(const struct points *points, const double *values, const bool *rows)
{
    for (size_t i = 0; values && rows && i < points->trials; i++)
        if (rows[i] && !isfinite(values[i]))
            return false;
    return true;
}

static bool is_whole(const struct points *points, const struct paper_columns *columns,
                     const bool *const rows[2])
{
    return all_finite(points, columns->values, rows[0]) &&
           all_finite(points, columns->along, rows[0]) &&
           all_finite(points, columns->target, rows[1]) &&
           (columns->along || all_finite(points, columns->values, rows[1]));
}

/* Means over the rows, replicate by replicate, less those of the rows that it is held against. */
static enum status reduce_rows(struct choice *choice, const struct paper_number *number,
                               const struct paper_columns *columns, const bool *const rows[2],
                               const char **wanting, struct text *text, struct error *error)
{
    const struct points *points = &choice->source->points;
    enum reduction reduction = (enum reduction)number->reduce;
    struct paper_means means = {NULL, points->replicates, false, false};

    if (reduction != COUNT && reduction != REPLICATES && !is_whole(points, columns, rows)) {
        *wanting = "some of the trials have no finite value there: choose the others by `where`";
        return STATUS_OK;
    }
    if (reduction == COUNT || reduction == SUM || reduction == MINIMUM || reduction == MAXIMUM) {
        double value = over_trials(reduction, points, columns->values, rows[0]);
        if (isnan(value))
            *wanting = "no finished trial has a value there";
        else
            paper_format(number, value, true, text);
        return STATUS_OK;
    }
    PASS(arena_new(choice->arena, &means.values, points->replicates, sizeof *means.values, error));
    for (size_t r = 0; r < points->replicates && !columns->along; r++) {
        means.values[r] = paper_mean_at(points, columns->values, rows[0], (double)r);
        if (rows[1])
            means.values[r] -= paper_mean_at(points, columns->values, rows[1], (double)r);
    }
    if (columns->along)
        PASS(paper_along(number, points, columns, rows, &means, error));
    if (reduction == P_VALUE)
        choice->p = statistics_t_test(means.values, means.count);
    paper_print_means(number, &means, wanting, text);
    return STATUS_OK;
}

/* The text that the column holds in all the rows. */
static enum status read_value(struct choice *choice, const struct paper_number *number,
                              struct text *text, const char **wanting, struct error *error)
{
    const struct results *results = &choice->source->results;
    size_t before = choice->found->count;
    const char **cells, *value = NULL;
    double *numbers;
    bool *rows;

    if (!results_has(results, number->column)) {
        PASS(read_column(choice, number, number->column, "column", &numbers, error));
        return STATUS_OK;
    }
    PASS(results_texts(results, number->column, choice->arena, &cells, error));
    PASS(paper_choose(choice, number->where, "where", number->node->mark, &rows, error));
    for (size_t i = 0; i < results->trials; i++) {
        if (!rows[i])
            continue;
        if (value && strcmp(value, cells[i]) != 0)
            *wanting = "the trials do not all have the same value there";
        value = cells[i];
    }
    if (choice->found->count == before && !*wanting)
        latex_append(text, value);
    return STATUS_OK;
}

/* What does not go together; NULL: all does. */
static const char *contradiction(const struct paper_number *number)
{
    enum reduction reduction = (enum reduction)number->reduce;
    bool singly = reduction == MINIMUM || reduction == MAXIMUM || reduction == SUM ||
                  reduction == COUNT || reduction == REPLICATES;
    bool counted = reduction == TESTS || reduction == SIGNIFICANT;

    if (counted && !number->family[0])
        return "tests and significant count the p_values of a `family`";
    if (counted && (number->where || number->against || number->column[0]))
        return "tests and significant apply to a family; they take no column and no trials";
    if (number->family[0] && !counted && reduction != P_VALUE)
        return "family needs p_value, tests or significant";
    if (reduction == TIME && (number->where || number->against || number->column[0]))
        return "time applies to the whole experiment; it takes no column and no trials";
    if (reduction == VALUE && (number->minus[0] || number->against || number->along[0]))
        return "value is text: nothing can be subtracted from it";
    if (number->reach >= 0 && (number->minus[0] || number->along[0] || !number->column[0]))
        return "reach needs the column of a curve and excludes minus and along";
    if (number->along[0] && !number->against)
        return "along needs `against`: the trials whose value is to be reached";
    if (number->along[0] && number->interpolate == UNNAMED)
        return "along needs `interpolate`: linear or ratios";
    if (!number->along[0] && number->interpolate != UNNAMED)
        return "interpolate needs along";
    if (number->saved && !number->along[0])
        return "saved needs along";
    if (number->target[0] && !number->along[0])
        return "target needs along";
    if (number->minus[0] && !number->column[0])
        return "minus needs a column to subtract from";
    return singly && number->against ? "against goes with mean, interval, low, high and p_value"
                                     : NULL;
}

static enum status reduce(struct choice *choice, const struct paper_number *number,
                          struct text *text, const char **wanting, struct error *error)
{
    enum reduction reduction = (enum reduction)number->reduce;
    bool *rows[2] = {NULL, NULL}, valued = reduction != COUNT && reduction != REPLICATES;
    size_t before = choice->found->count;
    struct paper_columns columns = {NULL, NULL, NULL};

    *wanting = contradiction(number);
    if (*wanting || reduction == TESTS || reduction == SIGNIFICANT)
        return STATUS_OK;
    if (reduction == TIME) {
        if (isnan(choice->source->work))
            *wanting = "the results do not record how long the trials took";
        else
            paper_format(number, choice->source->work, true, text);
        return STATUS_OK;
    }
    if (reduction == VALUE) {
        PASS(read_value(choice, number, text, wanting, error));
        return STATUS_OK;
    }
    if (valued || number->column[0])
        PASS(read_values(choice, number, &columns.values, error));
    else if (reduction == REPLICATES) /* every trial counts */
        PASS(arena_new(choice->arena, &columns.values, choice->source->results.trials,
                       sizeof *columns.values, error));
    if (number->along[0])
        PASS(read_column(choice, number, number->along, "along", &columns.along, error));
    columns.target = columns.values;
    if (number->target[0])
        PASS(read_column(choice, number, number->target, "target", &columns.target, error));
    PASS(paper_choose(choice, number->where, "where", number->node->mark, &rows[0], error));
    if (number->against)
        PASS(paper_choose(choice, number->against, "against", number->node->mark, &rows[1], error));
    if (choice->found->count != before)
        return STATUS_OK;
    for (size_t i = 0; number->reach >= 0 && i < choice->source->results.trials; i++)
        if (isnan(columns.values[i]) && (rows[0][i] || (rows[1] && rows[1][i]))) {
            *wanting = "not all of the trials reach that score";
            return STATUS_OK;
        }
    return reduce_rows(choice, number, &columns, (const bool *const *)rows, wanting, text, error);
}

enum status paper_reduce(struct paper *paper, struct paper_number *number, const char *path,
                         struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct choice choice = {number->source, path, found, &arena, NAN};
    struct text text = {0};
    const char *wanting = NULL;

    TRY(reduce(&choice, number, &text, &wanting, error));
    TRY(text_status(&text, error));
    if (wanting)
        TRY(diagnostics_add(found, number->node->mark, path, error, "%s: %s", number->source->name,
                            wanting));
    number->p = choice.p;
    TRY(arena_copy(&paper->arena, text.bytes ? text.bytes : "", text.length, &number->text, error));
out:
    text_release(&text);
    arena_release(&arena);
    return status;
}
