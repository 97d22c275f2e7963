#include "results/select.h"

#include "results/grid_means.h"
#include "results/score_choice.h"
#include "results/score_text.h"
#include "results/times.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where a selection is stored: by a cost that follows from the plan, and by one that is measured.
 */
static const char *const selections[] = {[false] = "/selection", [true] = "/timing/selection"};
enum { PATH = 64 };

struct candidates {
    struct points points;
    double *network, *pipeline, *cost; /* [trials] */
    double *score, *bar, *costs;       /* [points]: means; bar: the least that is good enough */
    double *pipelines;                 /* [points] */
    uint8_t *good;                     /* [points] */
    size_t chosen;                     /* points.count: none */
    bool int8;                         /* the scores are the quantised networks' */
    struct times times;                /* where the cost is measured */
};

/* The pipeline agrees with itself as well as can be. */
static enum status read_pipeline(struct candidates *candidates, const struct results *results,
                                 const struct experiment *experiment, struct arena *arena,
                                 struct error *error)
{
    enum metric metric = experiment_select_metric(experiment);
    char column[100];

    snprintf(column, sizeof column, "pipeline.validation.%s", metric_names[metric]);
    if (!experiment_select_agreement(experiment))
        return results_numbers(results, column, arena, &candidates->pipeline, error);
    PASS(arena_new(arena, &candidates->pipeline, results->trials, sizeof(double), error));
    for (size_t i = 0; i < results->trials; i++)
        candidates->pipeline[i] =
            metric_goodness(metric, 1) > 0 ? metric_most[metric] : metric_least[metric];
    return STATUS_OK;
}

static enum status read_scores(struct candidates *candidates, const struct results *results,
                               const struct experiment *experiment, struct arena *arena,
                               struct error *error)
{
    char name[100];

    snprintf(name, sizeof name, "validation.%s", experiment_select_metric_name(experiment));
    return score_read(results, (enum score_numbers)experiment->select.score,
                      experiment_select_machine(experiment), name, arena, &candidates->int8,
                      &candidates->network, error);
}

static enum status read_columns(struct candidates *candidates, const struct results *results,
                                const struct experiment *experiment, struct arena *arena,
                                struct error *error)
{
    const char *machine = experiment_select_machine(experiment);
    char column[300];

    PASS(points_read(results, arena, &candidates->points, error));
    PASS(read_scores(candidates, results, experiment, arena, error));
    PASS(read_pipeline(candidates, results, experiment, arena, error));
    if (experiment_select_timed(experiment))
        return times_read(results, &candidates->points, "network", arena, &candidates->times,
                          &candidates->cost, error);
    snprintf(column, sizeof column, "%s%.200s.%s", machine ? "hardware." : "",
             machine ? machine : "network", experiment_select_cost(experiment));
    return results_numbers(results, column, arena, &candidates->cost, error);
}

/* Did every replicate of the point come to an end? The upper bound, trained on the truth of all
 * images, is nothing that one could have. */
static bool is_candidate(const struct points *points, size_t point)
{
    for (size_t a = 0; a < points->axis_count; a++)
        if (strcmp(points->axes[a].name, "train.labels") == 0 &&
            strcmp(points->axes[a].texts[points->first[point]], "truth") == 0)
            return false;
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++)
        if (!points->done[i])
            return false;
    return true;
}

/* Has every replicate of the point a finite value? A mean of the others would be of other data. */
static bool all_finite(const struct points *points, const double *values, size_t point)
{
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static enum status means(struct candidates *candidates, struct arena *arena, struct error *error)
{
    const struct points *points = &candidates->points;
    const struct {
        const double *values;
        double **means;
    } rows[] = {{candidates->network, &candidates->score},
                {candidates->pipeline, &candidates->pipelines},
                {candidates->cost, &candidates->costs}};
    struct interval interval;

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        PASS(arena_new(arena, rows[r].means, points->count, sizeof(double), error));
        for (size_t p = 0; p < points->count; p++) {
            PASS(points_interval_at(points, rows[r].values, p, &interval, error));
            bool whole = is_candidate(points, p) && all_finite(points, rows[r].values, p);
            (*rows[r].means)[p] = whole ? interval.mean : (double)NAN;
        }
    }
    return STATUS_OK;
}

static void choose(struct candidates *candidates, const struct experiment *experiment)
{
    double within = experiment->select.within / experiment_select_unit(experiment)->units,
           best = -INFINITY;
    double sense = metric_goodness(experiment_select_metric(experiment), 1);
    size_t count = candidates->points.count;
    const double *score = candidates->score, *costs = candidates->costs;

    candidates->chosen = count;
    for (size_t p = 0; p < count; p++)
        best = sense * score[p] > best ? sense * score[p] : best;
    for (size_t p = 0; p < count; p++) {
        size_t chosen = candidates->chosen;
        bool of_best = experiment->select.of == SELECT_BEST;
        double bar = (of_best ? best : sense * candidates->pipelines[p]) - within;
        candidates->bar[p] = sense * bar;
        candidates->good[p] = sense * score[p] >= bar && !isnan(costs[p]);
        if (!candidates->good[p])
            continue;
        if (chosen == count || costs[p] < costs[chosen] ||
            (costs[p] == costs[chosen] && sense * score[p] > sense * score[chosen]))
            candidates->chosen = p;
    }
}

static void print_score(struct text *text, const struct experiment *experiment, double value)
{
    enum metric metric = experiment_select_metric(experiment);

    if (experiment_select_agreement(experiment))
        text_append(text, "agreement ");
    if (metric != METRIC_PSNR)
        text_append(text, "%s ", metric_names[metric]);
    score_print(text, metric, value);
}

static void print_cost(struct text *text, const struct experiment *experiment, double value)
{
    static const char *const units[] = {[SELECT_ENERGY] = "J per image on ",
                                        [SELECT_LATENCY] = "s per image on ",
                                        [SELECT_DRAM] = "bytes of traffic per image on ",
                                        [SELECT_IDLE_ENERGY] = "J of idle power per image on ",
                                        [SELECT_MULTIPLY_ADDS] = "multiply-adds per image",
                                        [SELECT_PARAMETERS] = "parameters",
                                        [SELECT_PARAMETER_BYTES] = "bytes of parameters",
                                        [SELECT_PEAK_BYTES] = "bytes of activations",
                                        [SELECT_SECONDS] = "s per image"};
    const char *machine = experiment_select_machine(experiment);

    text_append(text, "%.4g %s%s", value, units[experiment->select.minimise],
                machine ? machine : "");
}

/* "right-sized network: network.width=8, …" */
static void explain(const struct candidates *candidates, const struct experiment *experiment,
                    struct text *text)
{
    const struct points *points = &candidates->points;
    const char *of = experiment->select.of == SELECT_BEST ? "best network" : "pipeline";
    size_t good = 0, whole = 0, unscored = 0, p = candidates->chosen;
    struct text place = {0};

    for (size_t i = 0; i < points->count; i++) {
        good += candidates->good[i];
        bool scored = !isnan(candidates->score[i]) && !isnan(candidates->bar[i]) &&
                      !isnan(candidates->costs[i]);
        whole += is_candidate(points, i) && scored;
        unscored += is_candidate(points, i) && !scored;
    }
    for (size_t i = 0; i < points->axis_count && p < points->count; i++)
        text_append(&place, "%s%s=%s", i ? " " : "", points->axes[i].name,
                    points->axes[i].texts[points->first[p]]);
    text_append(text, "right-sized network: ");
    if (p == points->count) {
        text_append(text, "none of %zu is within %g %s of the %s", whole, experiment->select.within,
                    experiment_select_unit(experiment)->unit, of);
    } else {
        text_append(text, "%s; ", place.length ? place.bytes : "the only one");
        print_cost(text, experiment, candidates->costs[p]);
        if (experiment_select_timed(experiment))
            text_append(text, ", measured%s: not reproducible", candidates->times.how);
        text_append(text, "; validation ");
        print_score(text, experiment, candidates->score[p]);
        text_append(text, ", at %s %.2f wanted",
                    metric_goodness(experiment_select_metric(experiment), 1) > 0 ? "least" : "most",
                    candidates->bar[p] * experiment_select_unit(experiment)->units);
        text_append(text, " (pipeline %.2f); cheapest of %zu that are good enough, of %zu",
                    candidates->pipelines[p] * experiment_select_unit(experiment)->units, good,
                    whole);
    }
    times_remark(&candidates->times, text);
    if (unscored)
        text_append(text, "; %zu left out: a replicate has no finite score or cost", unscored);
    text_append(text, "; by %s%s %lld validation images",
                candidates->int8 ? "int8 scores and " : "",
                experiment_select_agreement(experiment) ? "agreement with the pipeline on"
                                                        : "the ground truth of",
                (long long)experiment->dataset.validation);
    text->failed = text->failed || place.failed;
    text_release(&place);
}

/* ROOT/NAME; root: that of `selections`. */
static const char *member(const char *root, const char *name, char path[PATH])
{
    snprintf(path, PATH, "%s/%s", root, name);
    return path;
}

static enum status write_selection(struct hdf5 *file, const struct candidates *candidates,
                                   const char *root, const char *about, struct arena *arena,
                                   struct error *error)
{
    const struct points *points = &candidates->points;
    size_t p = candidates->chosen;
    size_t count = p < points->count ? points->first[p + 1] - points->first[p] : 0;
    const struct {
        const char *name;
        double *values;
    } rows[] = {{"score", candidates->score},
                {"pipeline", candidates->pipelines},
                {"wanted", candidates->bar},
                {"cost", candidates->costs}};
    int64_t *trials;
    char path[PATH];

    PASS(hdf5_write_text(file, member(root, "about", path), about, error));
    PASS(arena_new(arena, &trials, count, sizeof *trials, error));
    for (size_t i = 0; i < count; i++)
        trials[i] = (int64_t)(points->first[p] + i);
    struct hdf5_array array = {.type = HDF5_INT64, .rank = 1, .dims = {count}, .values = trials};
    PASS(hdf5_write(file, member(root, "trials", path), &array, error));
    array.type = HDF5_FLOAT64;
    array.dims[0] = points->count;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        array.values = rows[r].values;
        PASS(hdf5_write(file, member(root, rows[r].name, path), &array, error));
    }
    array.type = HDF5_UINT8;
    array.values = candidates->good;
    return hdf5_write(file, member(root, "good_enough", path), &array, error);
}

enum status report_select(struct hdf5 *file, const struct experiment *experiment,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct candidates candidates = {0};
    struct text about = {0};

    if (experiment->select.minimise == SELECT_NOTHING)
        return STATUS_OK;
    TRY(results_open(&results, file, error));
    TRY(read_columns(&candidates, &results, experiment, &arena, error));
    TRY(means(&candidates, &arena, error));
    size_t count = candidates.points.count;
    TRY(arena_new(&arena, &candidates.bar, count, sizeof *candidates.bar, error));
    TRY(arena_new(&arena, &candidates.good, count, sizeof *candidates.good, error));
    choose(&candidates, experiment);
    explain(&candidates, experiment, &about);
    TRY(text_status(&about, error));
    TRY(write_selection(file, &candidates, selections[experiment_select_timed(experiment)],
                        about.bytes, &arena, error));
out:
    if (status != STATUS_OK)
        error_context(error, "select");
    text_release(&about);
    arena_release(&arena);
    results_release(&results);
    return status;
}

enum status selection_read(struct selection *selection, struct hdf5 *file, struct arena *arena,
                           struct error *error)
{
    static const int64_t none;
    struct hdf5_array about = {0}, trials = {0}, all = {0};
    char path[PATH];

    memset(selection, 0, sizeof *selection);
    selection->timed = hdf5_is_group(file, selections[true]);
    const char *root = selections[selection->timed];
    if (!hdf5_is_group(file, root))
        return STATUS_OK;
    PASS(hdf5_read(file, member(root, "about", path), arena, &about, error));
    PASS(hdf5_read(file, member(root, "trials", path), arena, &trials, error));
    PASS(hdf5_read(file, "/trials/trial", arena, &all, error));
    if (about.type != HDF5_TEXT || about.rank != 0 || trials.type != HDF5_INT64 || trials.rank != 1)
        return error_set(error, STATUS_DATA, "%s does not hold a text and trials", root);
    const int64_t *values = trials.values;
    for (size_t i = 0; i < trials.dims[0]; i++)
        if (values[i] < 0 || (uint64_t)values[i] >= all.dims[0] ||
            (i && values[i] <= values[i - 1]))
            return error_set(error, STATUS_DATA, "%s: there is no trial %lld",
                             member(root, "trials", path), (long long)values[i]);
    PASS(arena_copy(arena, about.values, strnlen(about.values, about.text_size), &selection->about,
                    error));
    selection->trials = values ? values : &none; /* none is not all */
    selection->count = trials.dims[0];
    return STATUS_OK;
}
