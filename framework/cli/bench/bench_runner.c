/*
 * What the runner costs. A grid of trials that train a network of a dozen parameters on one image
 * of 11 x 11 pixels, once, is planned, run, merged and looked up by this very program, with the
 * real cache, workers and results file. The trials' own work is what they take when they are
 * computed one after the other with nothing around them; the rest is the runner's. Time of
 * processors is what counts where other programs run: that of a command with all its workers.
 */
#define _DEFAULT_SOURCE /* mkdtemp, nftw */
#define _XOPEN_SOURCE 700

#include "cli/bench/bench_runner.h"

#include "base/clock.h"
#include "base/command.h"
#include "interfaces/engine.h"
#include "math/statistics.h"
#include "results/csv.h"
#include "trial/compute.h"

#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_REPEATS = 1000, MOST_ALONE = 500, TRIALS_WITH_FIGURES = 9 };

static const char header[] =
    "measure,trials,repeats,seconds,cpu_seconds,memory_mib,limit_seconds,limit_mib\r\n";

struct bench_place { /* where all happens */
    const struct bench_runner *bench;
    char folder[PATH_ROOM], results[PATH_ROOM], plots[PATH_ROOM];
};

struct runner_row {
    const char *measure;
    int64_t trials, repeats;
    double limit_seconds, limit_mib; /* guaranteed limits; 0: none */
    struct command_cost cost;
};

/* Four digits say what there is to say; 0: nothing was measured or promised. */
static void measured(struct csv *csv, double value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.4g", value);
    csv_real(csv, value != 0 ? strtod(digits, NULL) : (double)NAN);
}

static enum status tell(const struct runner_row *row, struct error *error)
{
    struct text text = {0};
    struct csv csv = {.text = &text};

    csv_text(&csv, row->measure);
    csv_real(&csv, (double)row->trials);
    csv_real(&csv, (double)row->repeats);
    measured(&csv, row->cost.seconds);
    measured(&csv, row->cost.cpu_seconds);
    measured(&csv, row->cost.memory_mib);
    measured(&csv, row->limit_seconds);
    measured(&csv, row->limit_mib);
    csv_end_row(&csv);
    if (options_write(&text) != EXIT_DONE || fflush(stdout) != 0)
        return error_system(error, "the measurement cannot be written");
    return STATUS_OK;
}

/* ---- the experiments */

static void list_rates(struct text *yaml, const char *path, int64_t count)
{
    text_append(yaml, "  %s: [", path);
    for (int64_t i = 1; i <= count; i++)
        text_append(yaml, "%s%llde-6", i > 1 ? ", " : "", (long long)i);
    text_append(yaml, "]\n");
}

/* `trials` trials in two axes that are about equally long. */
static void grid(struct text *yaml, const char *name, int64_t trials)
{
    int64_t rows = (int64_t)sqrt((double)trials);

    while (trials % rows)
        rows--;
    text_append(
        yaml,
        "experiment: %s\ntask: denoise\n"
        "dataset: {name: digits, size: 11, manual: 1, unlabelled: 1, validation: 1, test: 1}\n"
        "pipeline: {stages: [gaussian: {sigma: 0.5}]}\n"
        "network: {family: dncnn, depth: 2, width: 1}\n"
        "train: {epochs: 1, batch: 1, shard: 1}\ngrid:\n",
        name);
    list_rates(yaml, "train.learning_rate", rows);
    list_rates(yaml, "train.weight_decay", trials / rows);
}

static enum status write_experiment(const struct bench_place *place, const char *name,
                                    int64_t trials, bool figures, char path[PATH_ROOM],
                                    struct error *error)
{
    enum status status = STATUS_OK;
    struct text yaml = {0};
    FILE *file = NULL;

    grid(&yaml, name, trials);
    if (figures)
        text_append(&yaml,
                    "hardware: [tpu_v1]\nfigures: [performance_vs_computation: {metric: ssim}, "
                    "curves, examples]\n");
    TRY(text_status(&yaml, error));
    file = fopen(path_print(path, "%s/%s.yaml", place->folder, name), "w");
    if (!file || fputs(yaml.bytes, file) < 0)
        TRY(error_system(error, "%s cannot be written", path));
out:
    if (file && fclose(file) != 0 && status == STATUS_OK)
        status = error_system(error, "%s cannot be written", path);
    text_release(&yaml);
    return status;
}

/* ---- commands */

static double middle(struct command_cost *costs, size_t count, size_t member)
{
    double values[MOST_REPEATS];

    for (size_t i = 0; i < count; i++)
        memcpy(&values[i], (const char *)&costs[i] + member, sizeof values[i]);
    return statistics_median(values, count);
}

/* Run this program `repeats` times; the medians. Arguments end with NULL. */
static enum status time_command(const char *const *arguments, int64_t repeats,
                                struct command_cost *cost, struct error *error)
{
    enum status status = STATUS_OK;
    struct command_cost *costs = NULL;
    struct text messages = {0};
    int code;

    TRY(memory_new(&costs, (size_t)repeats, sizeof *costs, error));
    for (int64_t i = 0; i < repeats; i++) {
        text_clear(&messages);
        TRY(command_measure(arguments, NULL, &messages, &code, &costs[i], error));
        if (code != EXIT_DONE)
            TRY(error_set(error, STATUS_IO, "`understudy %s` failed: %s", arguments[1],
                          messages.bytes ? messages.bytes : ""));
    }
    cost->seconds = middle(costs, (size_t)repeats, offsetof(struct command_cost, seconds));
    cost->cpu_seconds = middle(costs, (size_t)repeats, offsetof(struct command_cost, cpu_seconds));
    cost->memory_mib = middle(costs, (size_t)repeats, offsetof(struct command_cost, memory_mib));
out:
    text_release(&messages);
    memory_free(costs);
    return status;
}

/* The program that runs now, under whatever name. */
static const char program[] = "/proc/self/exe";

/* `run` by one worker on one thread, so that times add up; measured and told. */
static enum status time_run(const struct bench_place *place, const char *path,
                            struct runner_row *row, struct error *error)
{
    const char *const arguments[] = {program,       "run",
                                     "--home",      place->bench->options->home,
                                     "--results",   place->results,
                                     "--plots",     place->plots,
                                     "--workers",   "1",
                                     "--threads",   "1",
                                     "--no-timing", path,
                                     NULL};
    enum status status = time_command(arguments, row->repeats, &row->cost, error);

    return status == STATUS_OK ? tell(row, error) : status;
}

static enum status time_plan(const struct bench_place *place, const char *path,
                             struct runner_row *row, struct error *error)
{
    const char *const arguments[] = {
        program,     "plan",         "--home", place->bench->options->home,
        "--results", place->results, path,     NULL};
    enum status status = time_command(arguments, row->repeats, &row->cost, error);

    return status == STATUS_OK ? tell(row, error) : status;
}

static enum status time_start_up(const struct bench_place *place, const char *path,
                                 struct error *error)
{
    const char *const help[] = {program, "--help", NULL};
    const char *const check[] = {program, "check", "--home", place->bench->options->home,
                                 path,    NULL};
    struct runner_row row = {
        .measure = "start_up_help", .repeats = place->bench->repeats, .limit_seconds = 0.01};

    PASS(time_command(help, row.repeats, &row.cost, error));
    PASS(tell(&row, error));
    row.measure = "start_up_check";
    row.trials = TRIALS_WITH_FIGURES;
    PASS(time_command(check, row.repeats, &row.cost, error));
    return tell(&row, error);
}

/* ---- the trials' own work */

static double processor_seconds(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Trials one after the other, in this process, with no cache; the first, which also makes data and
 * labels for all, is not counted. */
static enum status compute_alone(struct plan *plan, size_t count, struct command_cost *cost,
                                 struct error *error)
{
    struct dataset_cache data = {0};
    struct compute compute = {
        .plan = plan, .options = {.data = "", .threads = 1}, .data = &data, .splits_of = SIZE_MAX};
    const struct trial_options hooks = {0};
    enum status status = STATUS_OK;
    double begin = 0, cpu = 0;

    for (size_t i = 0; i <= count; i++) {
        struct arena arena = {0};
        struct record record = {0};
        struct trial trial;
        status = plan_trial(plan, i % plan->trial_count, &arena, &trial, error);
        if (status == STATUS_OK)
            status = compute_trial(&compute, &trial, &hooks, &record, error);
        record_release(&record);
        compute_done(&compute, i % plan->trial_count, &arena);
        TRY(status);
        if (i == 0) {
            begin = clock_seconds();
            cpu = processor_seconds();
        }
    }
    cost->seconds = (clock_seconds() - begin) / (double)count;
    cost->cpu_seconds = (processor_seconds() - cpu) / (double)count;
out:
    compute_release(&compute);
    dataset_cache_release(&data);
    return status;
}

/* Of one trial; *told if options_plan() has reported mistakes. */
static enum status time_work(const struct bench_place *place, const char *path, int64_t trials,
                             struct command_cost *cost, struct error *error)
{
    enum status status = STATUS_OK;
    struct plan plan = {0};
    const struct engine *engine;
    size_t count = trials < MOST_ALONE ? (size_t)trials : MOST_ALONE;
    struct runner_row row = {
        .measure = "work_of_a_trial", .trials = trials, .repeats = (int64_t)count};

    if (options_plan(place->bench->options, path, &plan) != EXIT_DONE)
        TRY(error_set(error, STATUS_CONFIG, "the experiment cannot be loaded"));
    engine = engine_of(plan.base.train.engine.kind);
    TRY(engine->start(error));
    TRY(compute_alone(&plan, count, &row.cost, error));
    TRY(tell(&row, error));
    *cost = row.cost;
out:
    plan_release(&plan);
    return status;
}

/* ---- all of it */

/* A grid: planned, run, merged anew, and run once more with all done. */
static enum status time_grid(const struct bench_place *place, int64_t trials, struct error *error)
{
    bool promised = trials <= 10000; /* that is how large a grid the limits are about */
    struct runner_row row = {.measure = "plan", .trials = trials, .repeats = 1};
    struct runner_row overhead = {
        .measure = "overhead_of_a_trial", .trials = trials, .repeats = 1, .limit_seconds = 0.002};
    struct command_cost work;
    char name[64], path[PATH_ROOM], results[PATH_ROOM];

    snprintf(name, sizeof name, "grid_%lld", (long long)trials);
    fprintf(stderr, "a grid of %lld trials\n", (long long)trials);
    PASS(write_experiment(place, name, trials, false, path, error));
    PASS(time_plan(place, path, &row, error));
    PASS(time_work(place, path, trials, &work, error));
    row.measure = "run";
    PASS(time_run(place, path, &row, error));
    overhead.cost.seconds = row.cost.seconds / (double)trials - work.seconds;
    overhead.cost.cpu_seconds = row.cost.cpu_seconds / (double)trials - work.cpu_seconds;
    PASS(tell(&overhead, error));
    if (unlink(path_print(results, "%s/%s.h5", place->results, name)) != 0)
        return error_system(error, "%s cannot be removed", results);
    row.measure = "merge";
    row.limit_seconds = promised ? 10 : 0;
    PASS(time_run(place, path, &row, error));
    row.measure = "cached";
    row.limit_seconds = promised ? 1 : 0;
    row.repeats = 3;
    return time_run(place, path, &row, error);
}

/* An experiment with figures, once it is done. */
static enum status time_finished(const struct bench_place *place, struct error *error)
{
    int64_t repeats = place->bench->repeats;
    struct runner_row row = {
        .measure = "run_with_figures", .trials = TRIALS_WITH_FIGURES, .repeats = 1};
    char path[PATH_ROOM];

    fputs("an experiment with figures\n", stderr);
    PASS(write_experiment(place, "figures", TRIALS_WITH_FIGURES, true, path, error));
    PASS(time_run(place, path, &row, error));
    row.measure = "finished_with_figures";
    row.repeats = repeats < 10 ? repeats : 10;
    row.limit_seconds = 1;
    return time_run(place, path, &row, error);
}

static enum status measure(const struct bench_place *place, struct error *error)
{
    const struct bench_runner *bench = place->bench;
    struct runner_row row = {.measure = "plan",
                             .trials = bench->planned,
                             .repeats = 1,
                             .limit_seconds = 1,
                             .limit_mib = 300};
    char path[PATH_ROOM];

    /* What is small comes first: a command starts with this process's memory (fork). */
    PASS(write_experiment(place, "start_up", TRIALS_WITH_FIGURES, true, path, error));
    fputs("start-up\n", stderr);
    PASS(time_start_up(place, path, error));
    fputs("a large plan\n", stderr);
    PASS(write_experiment(place, "plan", bench->planned, false, path, error));
    PASS(time_plan(place, path, &row, error));
    PASS(time_finished(place, error));
    for (size_t i = 0; i < bench->size_count; i++)
        PASS(time_grid(place, bench->trials[i], error));
    return STATUS_OK;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

int bench_runner(const struct bench_runner *bench)
{
    enum status status = STATUS_OK;
    struct error error = {0};
    struct bench_place place = {.bench = bench};

    path_print(place.folder, "%s/understudy-bench-XXXXXX", bench->scratch);
    if (!mkdtemp(place.folder)) {
        if (error_system(&error, "no folder can be made in %.200s", bench->scratch) != STATUS_OK)
            return options_fail(&error);
    }
    fprintf(stderr, "in %s, which is removed at the end\n", place.folder);
    path_print(place.results, "%s/results", place.folder);
    path_print(place.plots, "%s/plots", place.folder);
    fputs(header, stdout);
    status = measure(&place, &error);
    if (nftw(place.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && status == STATUS_OK)
        status = error_system(&error, "%s cannot be removed", place.folder);
    return status == STATUS_OK ? EXIT_DONE : options_fail(&error);
}
