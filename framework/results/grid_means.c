#include "results/grid_means.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

/* Does a part of the plan that varies things name this column? Zipped axes may stand in a list. */
static bool names_column(const struct yaml_node *node, const char *column)
{
    if (!node)
        return false;
    if (node->kind == YAML_MAPPING)
        return yaml_get(node, column) != NULL;
    for (size_t i = 0; node->kind == YAML_SEQUENCE && i < node->count; i++)
        if (names_column(node->items[i], column))
            return true;
    return false;
}

static enum status plan_parse(const struct results *results, struct arena *arena,
                              struct yaml_node **root, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct hdf5_array text = {0};

    *root = NULL;
    TRY(hdf5_read(results->file, "/plan/resolved", arena, &text, error));
    if (text.type != HDF5_TEXT || text.rank != 0)
        TRY(error_set(error, STATUS_DATA, "/plan/resolved is not one text"));
    TRY(yaml_parse(arena, "/plan/resolved", text.values, strnlen(text.values, text.text_size), root,
                   &found, error));
    if (found.count)
        TRY(error_set(error, STATUS_DATA, "/plan/resolved: %s", found.items[0].message));
out:
    diagnostics_release(&found);
    return status;
}

static enum status axis_add(const struct results *results, const char *column, struct arena *arena,
                            struct points *points, struct error *error)
{
    struct axis_column axis = {.name = column};
    bool varies = false;

    PASS(results_texts(results, column, arena, &axis.texts, error));
    for (size_t i = 1; i < results->trials; i++)
        varies = varies || strcmp(axis.texts[i], axis.texts[0]) != 0;
    for (size_t i = 0; i < results->trials; i++) {
        struct yaml_node node = {.kind = YAML_SCALAR, .text = axis.texts[i]};
        double number;
        axis.text = axis.text || !yaml_real(&node, &number);
    }
    if (varies && strncmp(column, "dataset", 7) == 0 &&
        (column[7] == '\0' || strcmp(column, "dataset.name") == 0))
        points->dataset = NULL;
    /* one value for all: behind the axes that tell points apart */
    size_t place = points->axis_count + (varies ? 0 : points->fixed_count);
    memmove(&points->axes[place + 1], &points->axes[place],
            (points->axis_count + points->fixed_count - place) * sizeof axis);
    points->axes[place] = axis;
    points->axis_count += varies;
    points->fixed_count += !varies;
    return STATUS_OK;
}

static enum status axes_read(const struct results *results, struct arena *arena,
                             struct points *points, struct error *error)
{
    struct yaml_node *root;
    const struct yaml_node *budget, *name;

    PASS(plan_parse(results, arena, &root, error));
    budget = yaml_get(yaml_get(root, "search"), "budget");
    points->labels = yaml_get(root, "labels");
    name = yaml_get(yaml_get(root, "dataset"), "name");
    points->dataset = name && name->kind == YAML_SCALAR ? name->text : NULL;
    PASS(arena_new(arena, &points->axes, results->column_count, sizeof *points->axes, error));
    for (size_t c = 0; c < results->column_count; c++)
        if (names_column(yaml_get(root, "grid"), results->columns[c]) ||
            names_column(yaml_get(root, "zip"), results->columns[c]) ||
            names_column(yaml_get(yaml_get(root, "search"), "space"), results->columns[c]) ||
            (budget && strcmp(budget->text, results->columns[c]) == 0))
            PASS(axis_add(results, results->columns[c], arena, points, error));
    return STATUS_OK;
}

enum status points_read(const struct results *results, struct arena *arena, struct points *points,
                        struct error *error)
{
    const char **states;
    size_t n = results->trials;

    memset(points, 0, sizeof *points);
    points->trials = n;
    PASS(results_numbers(results, "replicate", arena, &points->replicate, error));
    PASS(results_texts(results, "status", arena, &states, error));
    PASS(arena_new(arena, &points->done, n, sizeof *points->done, error));
    PASS(arena_new(arena, &points->first, n + 1, sizeof *points->first, error));
    for (size_t i = 0; i < n; i++) {
        points->done[i] = results_is_done(states[i]);
        points->suspect += results_is_suspect(states[i]);
        points->failed += !points->done[i];
        points->unfinished += !states[i][0];
        /* replicates run fastest: a point begins where their number does not rise */
        if (i == 0 || !(points->replicate[i] > points->replicate[i - 1]))
            points->first[points->count++] = i;
        size_t length = i + 1 - points->first[points->count - 1];
        points->replicates = length > points->replicates ? length : points->replicates;
    }
    points->first[points->count] = n;
    return axes_read(results, arena, points, error);
}

bool points_same_line(const struct points *points, size_t a, size_t b)
{
    for (size_t i = 0; i < points->axis_count + points->fixed_count; i++)
        if (points->axes[i].line && strcmp(points->axes[i].texts[points->first[a]],
                                           points->axes[i].texts[points->first[b]]) != 0)
            return false;
    return true;
}

/* Mean of the chosen points' values at one replicate; NaN where there is none. */
static double replicate_mean(const struct points *points, const double *values, const bool *chosen,
                             double replicate)
{
    double sum = 0;
    size_t count = 0;

    for (size_t p = 0; p < points->count; p++)
        for (size_t i = points->first[p]; i < points->first[p + 1]; i++)
            if ((!chosen || chosen[p]) && points->done[i] && isfinite(values[i]) &&
                points->replicate[i] == replicate) {
                sum += values[i];
                count++;
            }
    return count ? sum / (double)count : NAN;
}

size_t points_unscored(const struct points *points, const double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < points->trials; i++)
        count += points->done[i] && !isfinite(values[i]) ? 1 : 0;
    return count;
}

void points_unscored_remark(size_t count, struct text *text)
{
    if (count)
        text_append(text, "; %zu trial%s without a finite score left out", count,
                    count == 1 ? "" : "s");
}

enum status points_interval(const struct points *points, const double *values, const bool *chosen,
                            struct interval *interval, struct error *error)
{
    enum status status = STATUS_OK;
    double *means = NULL;

    TRY(memory_new(&means, points->replicates, sizeof *means, error));
    for (size_t r = 0; r < points->replicates; r++)
        means[r] = replicate_mean(points, values, chosen, (double)r);
    *interval = statistics_interval(means, points->replicates, 0.95);
    if (interval->count == 0)
        interval->mean = NAN;
out:
    memory_free(means);
    return status;
}

enum status points_interval_at(const struct points *points, const double *values, size_t point,
                               struct interval *interval, struct error *error)
{
    enum status status = STATUS_OK;
    double *kept = NULL;
    size_t count = 0;

    TRY(memory_new(&kept, points->first[point + 1] - points->first[point], sizeof *kept, error));
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++)
        if (points->done[i])
            kept[count++] = values[i];
    *interval = statistics_interval(kept, count, 0.95);
    if (interval->count == 0)
        interval->mean = NAN;
out:
    memory_free(kept);
    return status;
}

/* The same value at every point, for each replicate on its own? */
static bool all_equal(const struct points *points, const double *values)
{
    for (size_t r = 0; r < points->replicates; r++) {
        double first = NAN;
        for (size_t i = 0; i < points->trials; i++) {
            if (!points->done[i] || !isfinite(values[i]) || points->replicate[i] != (double)r)
                continue;
            if (isnan(first))
                first = values[i];
            if (values[i] != first)
                return false;
        }
    }
    return true;
}

enum status points_agreement(const struct points *points, const double *values,
                             enum agreement *agreement, struct error *error)
{
    double low = -INFINITY, high = INFINITY; /* what all intervals have in common */

    for (size_t p = 0; p < points->count; p++) {
        struct interval at;
        PASS(points_interval_at(points, values, p, &at, error));
        if (isnan(at.mean))
            continue;
        /* one value has no interval: it is its own */
        double from = at.count > 1 ? at.low : at.mean, to = at.count > 1 ? at.high : at.mean;
        low = from > low ? from : low;
        high = to < high ? to : high;
    }
    *agreement = all_equal(points, values) ? POINTS_EQUAL
                 : low <= high             ? POINTS_AGREE
                                           : POINTS_DIFFER;
    return STATUS_OK;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* "{method: random, fraction: 0.05}" as "random 0.05": what is chosen, without keys and brackets.
 */
static void append_values(struct text *text, const char *value)
{
    for (const char *at = value; *at;) {
        size_t word = strcspn(at, " ,:{}[]");
        if (word && at[word] != ':')
            text_append_bytes(text, at, word);
        at += word;
        if (*at == ',')
            text_append_bytes(text, " ", 1);
        at += strspn(at, " ,:{}[]");
    }
}

/* `label`: what the axis is called; NULL: the last part of its name. */
static void append_place(struct text *text, const char *name, const char *label, const char *value)
{
    static const char *const sources[][2] = {
        {"pipeline", "pipeline's labels"},
        {"manual", "manual labels alone"},
        {"truth", "true labels"},
    };
    for (size_t i = 0;
         strcmp(name, "train.labels") == 0 && !label && i < sizeof sources / sizeof *sources; i++)
        if (strcmp(value, sources[i][0]) == 0) {
            text_append(text, "%s", sources[i][1]);
            return;
        }
    if ((strcmp(name, "network.family") == 0 || strcmp(name, "filter.method") == 0) && !label)
        text_append(text, "%s", value);
    else {
        text_append(text, "%s ", label ? label : last_part(name));
        if ((*value == '{' || *value == '[') && strcmp(value, "{}") != 0)
            append_values(text, value);
        else
            text_append(text, "%s", value);
    }
}

const char *points_axis_label(const struct points *points, const char *axis)
{
    const struct yaml_node *label = yaml_get(points->labels, axis);

    if (label && label->kind == YAML_MAPPING)
        label = yaml_get(label, "name");
    return label && label->kind == YAML_SCALAR ? label->text : NULL;
}

const char *points_value_label(const struct points *points, const char *axis, const char *value)
{
    const struct yaml_node *words = yaml_get(yaml_get(points->labels, axis), "values");
    const struct yaml_node written = {.kind = YAML_SCALAR, .text = value};
    double number, wanted;

    for (size_t i = 0; words && words->kind == YAML_MAPPING && i < words->count; i++)
        if (words->items[i]->kind == YAML_SCALAR &&
            (strcmp(words->keys[i]->text, value) == 0 ||
             (yaml_real(&written, &wanted) && yaml_real(words->keys[i], &number) &&
              number == wanted)))
            return words->items[i]->text;
    return NULL;
}

void points_place(const struct points *points, size_t point, size_t axis, struct text *text)
{
    const struct axis_column *column = &points->axes[axis];
    const char *value = column->texts[points->first[point]];
    const char *label = points_axis_label(points, column->name);
    const char *word = points_value_label(points, column->name, value);

    if (word) {
        text_append(text, "%s", word);
        return;
    }
    append_place(text, column->name, label, value);
}

void points_label(const struct points *points, size_t point, bool line, struct text *text)
{
    bool first = true;
    for (size_t i = 0; i < points->axis_count; i++) {
        if (points->axes[i].line != line)
            continue;
        text_append(text, "%s", first ? "" : ", ");
        points_place(points, point, i, text);
        first = false;
    }
}

void points_label_trial(const struct points *points, size_t trial, struct text *text)
{
    size_t point = 0, axis = 0;

    while (points->first[point + 1] <= trial)
        point++;
    while (axis < points->axis_count && points->axes[axis].line)
        axis++;
    text_append(text, "trial %zu%s", trial, axis < points->axis_count ? ": " : "");
    points_label(points, point, false, text);
}

void points_name(const struct points *points, size_t point, bool line, struct text *text)
{
    bool first = true;
    for (size_t i = 0; i < points->axis_count; i++) {
        if (points->axes[i].line != line)
            continue;
        text_append(text, "%s%s=%s", first ? "" : " ", points->axes[i].name,
                    points->axes[i].texts[points->first[point]]);
        first = false;
    }
}

void points_caption(const struct points *points, bool intervals, struct text *text)
{
    if (points->replicates > 1)
        text_append(text, "mean %s %zu replicates", intervals ? "and 95 % interval," : "of",
                    points->replicates);
    else
        text_append(text, "1 replicate");
    if (points->unfinished)
        text_append(text, "; %zu of %zu trials are not done yet and left out", points->unfinished,
                    points->trials);
    if (points->failed > points->unfinished)
        text_append(text, "; %zu of %zu trials failed and %s left out",
                    points->failed - points->unfinished, points->trials,
                    points->failed - points->unfinished == 1 ? "is" : "are");
    if (points->suspect)
        text_append(text, "; %zu %s suspect and count%s", points->suspect,
                    points->suspect == 1 ? "is" : "are", points->suspect == 1 ? "s" : "");
}
