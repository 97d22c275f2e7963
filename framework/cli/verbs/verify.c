/* `understudy verify NAME`: trials of a finished experiment, run again and compared. */
#include "cli/support/open_results.h"
#include "cli/support/options.h"
#include "cli/support/say.h"
#include "cli/verbs/paper.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "results/csv.h"
#include "results/diff.h"
#include "results/results.h"
#include "run/verify.h"
#include "run/verify_guard.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLE = 5 };

static const char *results = "results", *data, *threads, *sample, *seed;

static const struct option_row rows[] = {
    {"sample", 'n', "K", "number of trials to run again, chosen at random (5)", .value = &sample},
    {"seed", 0, "S", "seed of the random choice (default: a new one each time, which\nis printed)",
     .value = &seed},
    {"results", 'r', "FOLDER", "folder of NAME.h5 (results)", .value = &results},
    {"data", 'd', "FOLDER", "folder of the data sets ($UNDERSTUDY_DATA, or data/raw of the home)",
     .value = &data},
    {"threads", 't', "N", "threads for each trial (default: not the experiment's number)",
     .value = &threads},
    {0},
};

static const struct verb verb = {
    .usage = "verify [OPTION …] NAME|FILE.h5|FILE.yaml|paper",
    .about =
        "Run some trials of a finished experiment again, starting from the data set and with\n"
        "another number of threads, and compare every bit with the stored values, curves,\n"
        "activations, parameters and examples; of a guard, in the replicates of these trials, and\n"
        "in that whose networks it keeps, thresholds, scores and costs. The plan is taken from the "
        "results file, including\n"
        "overrides; that of FILE.yaml must be equal. Prints as CSV a row for each trial and each\n"
        "difference. `verify paper` compares every number and plotted value that `understudy\n"
        "paper` made with what the published trials and curves give now.\n"
        "Exit status 0: no difference; 1: a difference; 2: bad usage, or nothing to compare with.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

struct verification {
    const struct options *options;
    struct text path, folder;
    struct hdf5 file;
    struct plan plan;
    bool planned;
    struct verifier verifier;
    int threads, stored_threads;
    size_t sample;
    uint64_t seed;
    struct csv csv;
    struct text text;
    size_t same, different;
};

static bool read_numbers(struct verification *verification)
{
    long long value;

    verification->sample = SAMPLE;
    verification->seed = ((uint64_t)time(NULL) * 1000003 + (uint64_t)getpid()) % 1000000000;
    if (sample) {
        if (!options_whole("verify", "sample", sample, 1, PLAN_MAX_TRIALS, &value))
            return false;
        verification->sample = (size_t)value;
    }
    if (seed) {
        if (!options_whole("verify", "seed", seed, 0, 9007199254740992LL, &value))
            return false;
        verification->seed = (uint64_t)value;
    }
    if (threads) {
        if (!options_whole("verify", "threads", threads, 1, 1024, &value))
            return false;
        verification->threads = (int)value;
    }
    return true;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

/* The plan that the results file holds. */
static enum status load_stored(struct verification *verification, const char *resolved,
                               struct error *error)
{
    const struct options *options = verification->options;
    struct plan_options wanted = {.overrides = options->overrides,
                                  .override_count = options->override_count,
                                  .engine = options->engine,
                                  .home = options->home};
    struct diagnostics found = {0};
    struct text name = {0};
    enum status status = STATUS_OK;

    TRY(text_print(&name, error, "%s:/plan/resolved", verification->path.bytes));
    TRY(plan_load_resolved(&verification->plan, name.bytes, resolved, &wanted, &found, error));
    verification->planned = true;
    options_print_mistakes(&found);
    if (found.count)
        TRY(error_set(error, STATUS_CONFIG, "%s: its plan cannot be loaded by this program",
                      verification->path.bytes));
out:
    text_release(&name);
    diagnostics_release(&found);
    return status;
}

static enum status on_field(void *context, const char *path, const struct yaml_node *stored,
                            const struct yaml_node *now, struct error *error)
{
    struct text texts[2] = {{0}, {0}};
    enum status status = STATUS_OK;

    (void)context;
    text_append(&texts[0], "%s", stored ? "" : "(none)");
    text_append(&texts[1], "%s", now ? "" : "(none)");
    if (stored)
        yaml_print(stored, &texts[0]);
    if (now)
        yaml_print(now, &texts[1]);
    TRY(text_status(&texts[0], error));
    TRY(text_status(&texts[1], error));
    say_line(stderr, "%s: %s in the results, %s here", path, texts[0].bytes, texts[1].bytes);
    if (strcmp(path, "engine_isa") == 0)
        fputs("  (--isa avx2 or --isa avx512 fixes the instruction set)\n", stderr);
out:
    text_release(&texts[0]);
    text_release(&texts[1]);
    return status;
}

/* The plan of FILE.yaml must equal the stored one. */
static enum status check_plan(struct verification *verification, const char *resolved,
                              struct error *error)
{
    struct text now = {0};
    enum status status = STATUS_OK;

    TRY(plan_resolved(&verification->plan, &now, error));
    if (strcmp(now.bytes, resolved) == 0)
        goto out;
    TRY(report_diff_plans(resolved, now.bytes, on_field, NULL, error));
    TRY(error_set(error, STATUS_CONFIG, "%s has a different plan", verification->path.bytes));
out:
    text_release(&now);
    return status;
}

/* Open the results and load their plan. */
static enum status open_experiment(struct verification *verification, struct error *error)
{
    const char *operand = verification->options->operands[0], *resolved;
    bool yaml = ends_with(operand, ".yaml") || ends_with(operand, ".yml");
    struct arena arena = {0};
    enum status status = STATUS_OK;

    if (yaml && options_plan(verification->options, operand, &verification->plan) != EXIT_DONE)
        TRY(error_set(error, STATUS_CONFIG, "%s cannot be verified", operand));
    verification->planned = yaml;
    TRY(results_path(results, yaml ? verification->plan.base.name : operand, &verification->path,
                     error));
    TRY(results_file_open(&verification->file, verification->path.bytes, error));
    TRY(hdf5_read_text(&verification->file, "/plan/resolved", &arena, &resolved, error));
    if (!yaml)
        TRY(load_stored(verification, resolved, error));
    TRY(check_plan(verification, resolved, error));
out:
    arena_release(&arena);
    return status;
}

/* Another number of threads than the experiment had, all processors if that is another. */
static enum status settle_threads(struct verification *verification, struct error *error)
{
    struct arena arena = {0};
    struct hdf5_array array = {.values = NULL};
    int processors = parallel_processors();
    enum status status = STATUS_OK;

    if (hdf5_exists(&verification->file, "/timing/threads"))
        TRY(hdf5_read(&verification->file, "/timing/threads", &arena, &array, error));
    if (array.values && array.type == HDF5_INT64 && array.rank == 0)
        verification->stored_threads = (int)*(const int64_t *)array.values;
    if (!verification->threads)
        verification->threads = verification->stored_threads != processors ? processors
                                : processors > 1                           ? processors - 1
                                                                           : 2;
out:
    arena_release(&arena);
    return status;
}

/* `name` has a difference, or, without one, is the same. */
static void add_row(struct verification *verification, size_t trial, const char *name,
                    const struct verify_difference *difference)
{
    struct csv *csv = &verification->csv;
    char number[32];

    snprintf(number, sizeof number, "%zu", trial);
    csv_text(csv, number);
    snprintf(number, sizeof number, "%zu", trial % (size_t)verification->plan.base.replicates);
    csv_text(csv, number);
    csv_text(csv, difference ? "different" : "same");
    csv_text(csv, name);
    csv_text(csv, difference ? difference->at : "");
    csv_text(csv, difference ? difference->stored : "");
    csv_text(csv, difference ? difference->again : "");
    csv_end_row(csv);
}

static void on_difference(void *context, size_t trial, const struct verify_difference *difference)
{
    add_row(context, trial, difference->name, difference);
}

static void tell_differences(size_t differences, double begin)
{
    if (differences)
        fprintf(stderr, "%zu difference%s", differences, differences == 1 ? "" : "s");
    else
        fputs("the same bits", stderr);
    fprintf(stderr, ", %.1f s\n", clock_seconds() - begin);
}

static enum status verify_trials(struct verification *verification, const size_t *trials,
                                 size_t count, struct error *error)
{
    struct verify_options options = {data, verification->threads, on_difference, verification};

    for (size_t i = 0; i < count; i++) {
        size_t differences = 0;
        double begin = clock_seconds();
        PASS(verifier_trial(&verification->verifier, trials[i], &options, &differences, error));
        if (differences)
            verification->different++;
        else
            verification->same++;
        if (differences == 0)
            add_row(verification, trials[i], "", NULL);
        fprintf(stderr, "[%zu/%zu] trial %zu: ", i + 1, count, trials[i]);
        tell_differences(differences, begin);
    }
    return STATUS_OK;
}

static enum status verify_replicate(struct verification *verification, size_t replicate,
                                    const struct verify_options *options, struct error *error)
{
    size_t trial, differences = 0;
    double begin = clock_seconds();

    PASS(verifier_guard(&verification->verifier, replicate, options, &trial, &differences, error));
    if (!differences)
        add_row(verification, trial, "/guard", NULL);
    verification->different += differences > 0;
    verification->same += differences == 0;
    fprintf(stderr, "guard, replicate %zu: ", replicate);
    tell_differences(differences, begin);
    return STATUS_OK;
}

/* The guard in the replicates of those drawn trials that are its own, and in that whose networks it
 * keeps, as far as the file has one there. Of the `done` trials the first `count` are drawn. */
static enum status verify_guard(struct verification *verification, const size_t *trials,
                                size_t count, size_t done, struct error *error)
{
    struct verifier *verifier = &verification->verifier;
    struct verify_options options = {data, verification->threads, on_difference, verification};
    size_t kept;

    if (!verification->plan.guard || !hdf5_is_group(&verification->file, "/guard"))
        return STATUS_OK;
    PASS(verifier_guard_kept(verifier, &kept, error));
    for (size_t r = 0; r < (size_t)verification->plan.base.replicates; r++) {
        bool drawn = r == kept;
        for (size_t i = 0; i < count; i++)
            drawn = drawn || (verifier_guards(verifier, trials[i]) &&
                              trials[i] % (size_t)verification->plan.base.replicates == r);
        if (drawn && verifier_has_guard(verifier, r, trials, done))
            PASS(verify_replicate(verification, r, &options, error));
    }
    return STATUS_OK;
}

static enum status verify(struct verification *verification, struct error *error)
{
    size_t *trials = NULL, done = 0, count;

    PASS(open_experiment(verification, error));
    PASS(settle_threads(verification, error));
    PASS(verifier_begin(&verification->verifier, &verification->plan, &verification->file, error));
    PASS(verifier_done(&verification->verifier, &trials, &done, error));
    count = verification->sample < done ? verification->sample : done;
    PASS(verify_choose(trials, done, count, verification->seed, error));
    fprintf(stderr, "%zu of %zu finished trials, drawn by --seed %llu; on %d thread%s", count, done,
            (unsigned long long)verification->seed, verification->threads,
            verification->threads == 1 ? "" : "s");
    if (verification->stored_threads)
        fprintf(stderr, " (the results: %d)", verification->stored_threads);
    fputs("\n", stderr);
    if (count == 0)
        return error_set(error, STATUS_CONFIG, "%s has no finished trial",
                         verification->path.bytes);
    text_append(&verification->text, "trial,replicate,result,name,at,stored,again\r\n");
    PASS(verify_trials(verification, trials, count, error));
    PASS(verify_guard(verification, trials, count, done, error));
    PASS(text_status(&verification->text, error));
    fprintf(stderr, "%zu the same, %zu different\n", verification->same, verification->different);
    return STATUS_OK;
}

static void release(struct verification *verification)
{
    verifier_release(&verification->verifier);
    if (verification->planned)
        plan_release(&verification->plan);
    hdf5_abandon(&verification->file);
    text_release(&verification->text);
    text_release(&verification->folder);
    text_release(&verification->path);
}

int verb_verify(int argc, char **argv)
{
    struct options options;
    struct verification verification = {.options = &options};
    struct error error = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (strcmp(options.operands[0], "paper") == 0) {
        result = paper_check(&options);
        families_release();
        options_release(&options);
        return result;
    }
    verification.csv.text = &verification.text;
    if (!data)
        data = getenv("UNDERSTUDY_DATA");
    if (!data) {
        text_append(&verification.folder, "%s/data/raw", options.home);
        data = verification.folder.bytes;
    }
    result =
        read_numbers(&verification) ? options_families(&options, options.operands[0]) : EXIT_USAGE;
    if (result == EXIT_DONE && verify(&verification, &error) != STATUS_OK) {
        (void)options_fail(&error);
        result = EXIT_USAGE;
    } else if (result == EXIT_DONE) {
        result = options_write(&verification.text);
        result = result == EXIT_DONE && verification.different ? EXIT_FAILED : result;
    }
    release(&verification);
    families_release();
    options_release(&options);
    return result;
}
