#include "results/guard_results.h"

#include "base/text.h"
#include "math/statistics.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *const guard_splits[] = {"validation", "test"};

#define OUTCOME(member) offsetof(struct guard_outcome, member)
#define POINT(member) offsetof(struct guard_point, member)

/* Numbers of an outcome: one for each replicate, or for each step of its curve. */
static const struct {
    const char *name;
    size_t offset;
    bool curve;
} columns[] = {
    {"score", OUTCOME(curve) + POINT(score), true},
    {"cost", OUTCOME(curve) + POINT(cost), true},
    {"share", OUTCOME(curve) + POINT(share), true},
    {"best_score", OUTCOME(best) + POINT(score), true},
    {"best_cost", OUTCOME(best) + POINT(cost), true},
    {"chosen_random", OUTCOME(chosen_random), false},
    {"chosen_score", OUTCOME(chosen) + POINT(score), false},
    {"chosen_cost", OUTCOME(chosen) + POINT(cost), false},
    {"chosen_share", OUTCOME(chosen) + POINT(share), false},
    {"small_score", OUTCOME(small_score), false},
    {"small_cost", OUTCOME(small_cost), false},
    {"other_score", OUTCOME(other_score), false},
    {"other_cost", OUTCOME(other_cost), false},
};

static double number_at(const struct guard_replicate *replicate, int split, size_t offset)
{
    double value;

    if (!replicate->done)
        return (double)NAN;
    memcpy(&value, (const char *)&replicate->splits[split] + offset, sizeof value);
    return value;
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

enum status guard_outcome_make(struct guard_outcome *outcome, const struct guard_images *images,
                               const struct guard_replicate *replicate, double sense, int runs,
                               struct error *error)
{
    for (size_t k = 0; k < GUARD_STEPS; k++)
        outcome->curve[k] = guard_at(images, replicate->thresholds[k]);
    outcome->chosen = guard_at(images, replicate->threshold);
    outcome->small_score = mean_of(images->small, images->count);
    outcome->small_cost = mean_of(images->small_cost, images->count) / runs;
    outcome->other_score = mean_of(images->other, images->count);
    outcome->other_cost = mean_of(images->other_cost, images->count);
    outcome->chosen_random = outcome->small_score +
                             outcome->chosen.share * (outcome->other_score - outcome->small_score);
    outcome->images = images->count;
    return guard_best(images, sense, runs, outcome->best, error);
}

size_t guard_results_best(const struct guard_results *results)
{
    size_t best = results->count;
    double most = 0;

    for (size_t r = 0; r < results->count; r++) {
        const struct guard_replicate *replicate = &results->replicates[r];
        double good =
            metric_goodness(results->metric, replicate->splits[GUARD_VALIDATION].small_score);
        if (!replicate->done || (best < results->count && !(good > most)))
            continue;
        best = r;
        most = good;
    }
    return best;
}

/* ---- the sentence */

static enum status interval_of(const struct guard_results *results, size_t offset,
                               struct interval *interval, struct error *error)
{
    double *values = NULL;

    PASS(memory_new(&values, results->count, sizeof *values, error));
    for (size_t r = 0; r < results->count; r++)
        values[r] = number_at(&results->replicates[r], GUARD_TEST, offset);
    *interval = statistics_interval(values, results->count, 0.95);
    memory_free(values);
    return STATUS_OK;
}

/* "83.12 (82.10 to 84.14)" */
static void print_interval(struct text *text, struct interval interval, double units,
                           const char *format)
{
    char number[40];
    const double values[] = {interval.mean, interval.low, interval.high};

    for (int i = 0; i < (interval.count > 1 ? 3 : 1); i++) {
        snprintf(number, sizeof number, strcmp(format, "count") == 0 ? "%.4g" : "%.2f",
                 units * values[i]);
        text_append(text, "%s%s", i == 0 ? "" : i == 1 ? " (" : " to ", number);
    }
    text_append(text, "%s", interval.count > 1 ? ")" : "");
}

static void print_threshold(struct text *text, double threshold)
{
    if (threshold == (double)INFINITY)
        text_append(text, "none is handed on");
    else if (threshold == -(double)INFINITY)
        text_append(text, "all are handed on");
    else
        text_append(text, "threshold %.4g", threshold);
}

struct guard_numbers {
    struct interval share, score, random, cost, small, other, other_cost;
};

static enum status read_numbers(const struct guard_results *results, struct guard_numbers *numbers,
                                struct error *error)
{
    PASS(interval_of(results, OUTCOME(chosen) + POINT(share), &numbers->share, error));
    PASS(interval_of(results, OUTCOME(chosen) + POINT(score), &numbers->score, error));
    PASS(interval_of(results, OUTCOME(chosen_random), &numbers->random, error));
    PASS(interval_of(results, OUTCOME(chosen) + POINT(cost), &numbers->cost, error));
    PASS(interval_of(results, OUTCOME(small_score), &numbers->small, error));
    PASS(interval_of(results, OUTCOME(other_score), &numbers->other, error));
    return interval_of(results, OUTCOME(other_cost), &numbers->other_cost, error);
}

static void explain_cost(const struct guard_results *results, const struct guard_numbers *numbers,
                         struct text *text)
{
    print_interval(text, interval_within(numbers->cost, 0, INFINITY), 1, "count");
    text_append(text, " multiply-adds per image, ");
    if (numbers->other_cost.mean > 0)
        text_append(text, "%.1f %% of those of %s",
                    100 * numbers->cost.mean / numbers->other_cost.mean,
                    results->guard->other_name);
    else
        text_append(text, "%s has none that are counted", results->guard->other_name);
}

static enum status explain(const struct guard_results *results, struct text *text,
                           struct error *error)
{
    const struct plan_guard *guard = results->guard;
    bool decibels = results->metric == METRIC_PSNR;
    const char *format = results->unit->units > 1 || decibels ? "points" : "count";
    double units = results->unit->units;
    struct guard_numbers numbers;

    text_append(text, "guard by %s: ", guard->by->descriptor.name);
    if (results->kept == results->count) {
        text_append(text, "no replicate has both %s and %s", guard->small_name, guard->other_name);
        return text_status(text, error);
    }
    PASS(read_numbers(results, &numbers, error));
    const struct guard_replicate *kept = &results->replicates[results->kept];
    text_append(text, "%s answers, %.1f %% of the test images are handed on to %s; %s%s ",
                guard->small_name, 100 * numbers.share.mean, guard->other_name,
                results->agreement ? "agreement " : "", metric_names[results->metric]);
    print_interval(
        text,
        interval_within(numbers.score, metric_least[results->metric], metric_most[results->metric]),
        units, format);
    text_append(text, "%s, with as many handed on at random ", decibels ? " dB" : "");
    print_interval(text, (struct interval){.mean = numbers.random.mean}, units, format);
    text_append(text, ", alone ");
    print_interval(text, (struct interval){.mean = numbers.small.mean}, units, format);
    text_append(text, " and ");
    print_interval(text, (struct interval){.mean = numbers.other.mean}, units, format);
    text_append(text, "; ");
    explain_cost(results, &numbers, text);
    text_append(text, "; ");
    print_threshold(text, kept->threshold);
    text_append(text, " (replicate %zu), chosen on %zu validation images", results->kept,
                kept->splits[GUARD_VALIDATION].images);
    if (numbers.score.count > 1)
        text_append(text, "; 95 %% intervals over %zu replicates, cut at the possible range",
                    (size_t)numbers.score.count);
    return text_status(text, error);
}

/* ---- writing */

/* One of `columns` of a split. */
static enum status write_column(struct hdf5 *file, const struct guard_results *results, int split,
                                size_t column, struct error *error)
{
    enum status status = STATUS_OK;
    size_t steps = columns[column].curve ? GUARD_STEPS : 1;
    double *values = NULL;
    char path[80];

    TRY(memory_new(&values, results->count * steps, sizeof *values, error));
    for (size_t r = 0; r < results->count; r++)
        for (size_t k = 0; k < steps; k++)
            values[r * steps + k] =
                number_at(&results->replicates[r], split,
                          columns[column].offset + k * sizeof(struct guard_point));
    snprintf(path, sizeof path, "/guard/%s/%s", guard_splits[split], columns[column].name);
    struct hdf5_array array = {.type = HDF5_FLOAT64,
                               .rank = columns[column].curve ? 2 : 1,
                               .dims = {results->count, steps},
                               .values = values};
    TRY(hdf5_write(file, path, &array, error));
out:
    memory_free(values);
    return status;
}

static enum status write_thresholds(struct hdf5 *file, const struct guard_results *results,
                                    struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = results->count;
    double *values = NULL; /* [replicates], then [replicates][GUARD_STEPS] */

    TRY(memory_new(&values, count * (1 + GUARD_STEPS), sizeof *values, error));
    for (size_t r = 0; r < count; r++) {
        const struct guard_replicate *replicate = &results->replicates[r];
        values[r] = replicate->done ? replicate->threshold : (double)NAN;
        for (size_t k = 0; k < GUARD_STEPS; k++)
            values[count + r * GUARD_STEPS + k] =
                replicate->done ? replicate->thresholds[k] : (double)NAN;
    }
    struct hdf5_array array = {.type = HDF5_FLOAT64, .rank = 1, .dims = {count}, .values = values};
    TRY(hdf5_write(file, "/guard/threshold", &array, error));
    array = (struct hdf5_array){
        .type = HDF5_FLOAT64, .rank = 2, .dims = {count, GUARD_STEPS}, .values = values + count};
    TRY(hdf5_write(file, "/guard/thresholds", &array, error));
out:
    memory_free(values);
    return status;
}

static enum status write_images(struct hdf5 *file, const struct guard_results *results, int split,
                                struct error *error)
{
    enum status status = STATUS_OK;
    int64_t *counts = NULL;
    char path[80];

    TRY(memory_new(&counts, results->count, sizeof *counts, error));
    for (size_t r = 0; r < results->count; r++)
        counts[r] = (int64_t)results->replicates[r].splits[split].images;
    snprintf(path, sizeof path, "/guard/%s/images", guard_splits[split]);
    struct hdf5_array array = {
        .type = HDF5_INT64, .rank = 1, .dims = {results->count}, .values = counts};
    TRY(hdf5_write(file, path, &array, error));
out:
    memory_free(counts);
    return status;
}

static enum status write_texts(struct hdf5 *file, const struct guard_results *results,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    TRY(explain(results, &text, error));
    TRY(hdf5_write_text(file, "/guard/about", text.bytes, error));
    TRY(hdf5_write_text(file, "/guard/by", results->guard->by->descriptor.name, error));
    TRY(hdf5_write_text(file, "/guard/small", results->guard->small_name, error));
    TRY(hdf5_write_text(file, "/guard/other", results->guard->other_name, error));
    TRY(text_print(&text, error, "%s%s", results->agreement ? "agreement." : "",
                   metric_names[results->metric]));
    TRY(hdf5_write_text(file, "/guard/metric", text.bytes, error));
out:
    text_release(&text);
    return status;
}

enum status guard_results_write(struct hdf5 *file, const struct guard_results *results,
                                struct error *error)
{
    int64_t trials[2] = {results->trials[0], results->trials[1]};
    int64_t kept = results->kept < results->count ? (int64_t)results->kept : -1;
    struct hdf5_array array = {.type = HDF5_INT64, .rank = 1, .dims = {2}, .values = trials};

    PASS(write_texts(file, results, error));
    PASS(hdf5_write(file, "/guard/trials", &array, error));
    array = (struct hdf5_array){.type = HDF5_INT64, .values = &kept};
    PASS(hdf5_write(file, "/guard/replicate", &array, error));
    PASS(write_thresholds(file, results, error));
    for (int s = 0; s < GUARD_SPLITS; s++) {
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            PASS(write_column(file, results, s, c, error));
        PASS(write_images(file, results, s, error));
    }
    return STATUS_OK;
}

static enum status visit_reals(const char *name, double *values, size_t count,
                               guard_numbers_visitor *visit, void *context, struct error *error)
{
    struct hdf5_array array = {
        .type = HDF5_FLOAT64, .rank = count > 1 ? 2 : 1, .dims = {1, count}, .values = values};

    return visit(context, name, &array, error);
}

static enum status visit_split(const struct guard_replicate *replicate, int split,
                               guard_numbers_visitor *visit, void *context, struct error *error)
{
    int64_t images = (int64_t)replicate->splits[split].images;
    struct hdf5_array array = {.type = HDF5_INT64, .rank = 1, .dims = {1}, .values = &images};
    double values[GUARD_STEPS];
    char name[60];

    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        size_t steps = columns[c].curve ? GUARD_STEPS : 1;
        for (size_t k = 0; k < steps; k++)
            values[k] =
                number_at(replicate, split, columns[c].offset + k * sizeof(struct guard_point));
        snprintf(name, sizeof name, "%s/%s", guard_splits[split], columns[c].name);
        PASS(visit_reals(name, values, steps, visit, context, error));
    }
    snprintf(name, sizeof name, "%s/images", guard_splits[split]);
    return visit(context, name, &array, error);
}

enum status guard_replicate_each(const struct guard_replicate *replicate,
                                 guard_numbers_visitor *visit, void *context, struct error *error)
{
    double threshold = replicate->threshold, thresholds[GUARD_STEPS];

    memcpy(thresholds, replicate->thresholds, sizeof thresholds);
    PASS(visit_reals("threshold", &threshold, 1, visit, context, error));
    PASS(visit_reals("thresholds", thresholds, GUARD_STEPS, visit, context, error));
    for (int s = 0; s < GUARD_SPLITS; s++)
        PASS(visit_split(replicate, s, visit, context, error));
    return STATUS_OK;
}

/* ---- reading */

enum status guard_results_numbers(struct hdf5 *file, const char *name, struct arena *arena,
                                  size_t *replicates, size_t *steps, const double **values,
                                  struct error *error)
{
    struct hdf5_array array = {0};
    char path[80];

    snprintf(path, sizeof path, "/guard/%.60s", name);
    PASS(hdf5_read(file, path, arena, &array, error));
    if (array.type != HDF5_FLOAT64 || array.rank < 1 || array.rank > 2 || array.dims[0] < 1 ||
        (array.rank == 2 && array.dims[1] < 1))
        return error_set(error, STATUS_DATA, "%s does not hold numbers of replicates", path);
    *replicates = array.dims[0];
    *steps = array.rank == 2 ? array.dims[1] : 1;
    *values = array.values;
    return STATUS_OK;
}

static enum status read_integers(struct hdf5 *file, const char *path, size_t count,
                                 struct arena *arena, const int64_t **values, struct error *error)
{
    struct hdf5_array array = {0};

    PASS(hdf5_read(file, path, arena, &array, error));
    if (array.type != HDF5_INT64 || array.rank > 1 || (array.rank ? array.dims[0] : 1) != count)
        return error_set(error, STATUS_DATA, "%s does not hold %zu whole number%s", path, count,
                         count == 1 ? "" : "s");
    *values = array.values;
    return STATUS_OK;
}

enum status guard_results_read(struct guard_stored *stored, struct hdf5 *file, struct arena *arena,
                               struct error *error)
{
    const int64_t *trials, *kept;
    const double *thresholds;
    size_t replicates, steps;

    *stored = (struct guard_stored){.trials = {-1, -1}};
    if (!hdf5_is_group(file, "/guard"))
        return STATUS_OK;
    PASS(hdf5_read_text(file, "/guard/about", arena, &stored->about, error));
    PASS(hdf5_read_text(file, "/guard/by", arena, &stored->by, error));
    PASS(read_integers(file, "/guard/trials", 2, arena, &trials, error));
    PASS(read_integers(file, "/guard/replicate", 1, arena, &kept, error));
    PASS(guard_results_numbers(file, "threshold", arena, &replicates, &steps, &thresholds, error));
    if (kept[0] < 0)
        return STATUS_OK;
    if ((uint64_t)kept[0] >= replicates)
        return error_set(error, STATUS_DATA, "/guard/replicate: there is no replicate %lld",
                         (long long)kept[0]);
    stored->threshold = thresholds[(size_t)kept[0]];
    stored->trials[0] = trials[0];
    stored->trials[1] = trials[1];
    return STATUS_OK;
}
