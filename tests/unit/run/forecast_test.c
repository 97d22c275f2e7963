/* What running a plan would come to: what is cached, how long the rest takes, why it has to be
 * done. */
#include "forecast/forecast.h"

#include "io/files/bytes.h"
#include "run/run.h"
#include "tests/unit/plans.h"
#include "tests/unit/scratch.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const char grid[] = "replicates: 2\ntrain: {epochs: 2}\ngrid: {network.width: [4, 8]}\n";
static const char searching[] = "replicates: 2\n"
                                "search:\n"
                                "  method: tpe\n"
                                "  points: 6\n"
                                "  startup: 2\n"
                                "  batch: 2\n"
                                "  objectives: {network.validation.ssim: maximise}\n"
                                "  space: {train.learning_rate: {log_uniform: [1e-4, 1e-1]}}\n";

/* Two seconds on three threads. */
static enum status make_up(void *context, const struct trial *trial, struct record *record,
                           struct error *fault)
{
    const size_t *failing = context;
    enum status status = STATUS_OK;

    if (failing && trial->index == *failing)
        return error_set(fault, STATUS_DIVERGED, "made up");
    TRY(record_text(record, "status", "done", fault));
    TRY(record_real(record, "network.validation.ssim", 0.1 * (double)trial->index, fault));
    TRY(record_real(record, "timing.training.seconds", 2, fault));
    TRY(record_integer(record, "timing.training.threads", 3, fault));
out:
    return status;
}

static void shell(const char *format, const char *results)
{
    char command[2 * SCRATCH_PATH];

    snprintf(command, sizeof command, format, results);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

/* Run it, as `understudy run` would; `failing`: a trial that fails. */
static void run(const char *yaml, const char *results, size_t *failing)
{
    struct run_options options = {.data = "data/raw",
                                  .results = results,
                                  .workers = 1,
                                  .threads = 1,
                                  .checkpoint = -1,
                                  .compute = make_up,
                                  .context = failing};
    struct run_summary summary;
    struct store store;
    struct plan plan;
    char digest[HASH_TEXT];

    plans_load(&plan, yaml);
    OK(previous_plan_write(&plan, results, &error));
    OK(run_experiment(&plan, &options, &store, &summary, &error));
    OK(store_seal(&store, digest, &error));
    store_discard(&store);
    plan_release(&plan);
}

static void look(struct plan *plan, const char *results, struct plan *last,
                 struct forecast *forecast)
{
    const struct forecast_options options = {
        .results = results, .data = "data/raw", .last = last, .threads = 1};

    OK(forecast_make(forecast, plan, &options, &error));
}

static size_t left_of(struct plan *plan, const char *results, double *seconds)
{
    const struct forecast_options options = {.results = results, .data = "data/raw", .threads = 1};
    size_t left = SIZE_MAX;

    OK(forecast_left(plan, &options, &left, seconds, &error));
    return left;
}

static void test_nothing(void)
{
    const uint8_t all = 1 << TRIAL_TUNE | 1 << TRIAL_LABEL | 1 << TRIAL_TRAIN | 1 << TRIAL_EVALUATE;
    char results[SCRATCH_PATH];
    struct forecast forecast;
    struct plan plan;
    double seconds;

    plans_families();
    plans_load(&plan, grid);
    look(&plan, scratch_path(results, "nothing"), NULL, &forecast);
    CU_ASSERT_EQUAL(forecast.trials, 4);
    CU_ASSERT_EQUAL(forecast.done, 0);
    CU_ASSERT_FALSE(forecast.finished);
    CU_ASSERT_FALSE(forecast.unread);
    CU_ASSERT_TRUE(isnan(forecast.core_seconds));
    CU_ASSERT_EQUAL(forecast.stages[TRIAL_LABEL].entries,
                    2); /* widths share those of a replicate */
    CU_ASSERT_EQUAL(forecast.stages[TRIAL_FILTER].entries, 0);
    CU_ASSERT_EQUAL(forecast.stages[TRIAL_EVALUATE].entries, 4);
    CU_ASSERT_EQUAL(forecast.stages[TRIAL_EVALUATE].cached, 0);
    for (size_t i = 0; i < forecast.trials; i++)
        CU_ASSERT_EQUAL(forecast.missing[i], all);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 4);
    CU_ASSERT_TRUE(isnan(seconds));
    forecast_release(&forecast);
    plan_release(&plan);
    families_release();
}

/* All done; then the results file alone; then nothing of either. */
static void test_done(void)
{
    char results[SCRATCH_PATH];
    struct forecast forecast;
    struct plan plan;
    double seconds;

    plans_families();
    run(grid, scratch_path(results, "done"), NULL);
    plans_load(&plan, grid);
    look(&plan, results, NULL, &forecast);
    CU_ASSERT_EQUAL(forecast.done, 4);
    CU_ASSERT_EQUAL(forecast.stages[TRIAL_EVALUATE].cached, 4);
    for (size_t i = 0; i < forecast.trials; i++)
        CU_ASSERT_EQUAL(forecast.missing[i], 0);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 0);
    forecast_release(&forecast);
    shell("rm -r '%s/cache/evaluate'", results);
    look(&plan, results, NULL, &forecast);
    CU_ASSERT_TRUE(forecast.finished);
    CU_ASSERT_EQUAL(forecast.done, 0);
    CU_ASSERT_EQUAL(forecast.missing[3], 0);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 0);
    forecast_release(&forecast);
    shell("rm '%s/test.h5'", results);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 4);
    plan_release(&plan);
    families_release();
}

/* By the work that the trials are, from those that are done, or from the last plan's. */
static void test_times(void)
{
    char results[SCRATCH_PATH];
    struct forecast forecast;
    struct plan last, wider, longer;
    double done = 0, left = 0, work, seconds;

    plans_families();
    run(grid, scratch_path(results, "times"), NULL);
    plans_load(&last, grid);
    plans_load(&wider, "replicates: 2\ntrain: {epochs: 2}\ngrid: {network.width: [4, 16, 8]}\n");
    look(&wider, results, NULL, &forecast);
    CU_ASSERT_EQUAL(forecast.done, 4);
    CU_ASSERT_EQUAL(forecast.timed, 4);
    for (size_t i = 0; i < 6; i++) {
        OK(plan_work(&wider, i, 1U << TRIAL_TRAIN, &work, &error));
        *(forecast.missing[i] ? &left : &done) += work;
    }
    CU_ASSERT(left > done);
    CU_ASSERT_DOUBLE_EQUAL(forecast.core_seconds, 4 * 6 / done * left, 1e-9 * left / done);
    CU_ASSERT_EQUAL(left_of(&wider, results, &seconds), 2);
    CU_ASSERT_EQUAL(seconds, forecast.core_seconds);
    forecast_release(&forecast);
    plans_load(&longer, "replicates: 2\ntrain: {epochs: 10}\ngrid: {network.width: [4, 8]}\n");
    look(&longer, results, NULL, &forecast);
    CU_ASSERT_TRUE(isnan(forecast.core_seconds));
    forecast_release(&forecast);
    look(&longer, results, &last, &forecast);
    CU_ASSERT_EQUAL(forecast.done, 0);
    CU_ASSERT_EQUAL(forecast.timed, 4);
    CU_ASSERT_DOUBLE_EQUAL(forecast.core_seconds, 5 * 4 * 6, 1e-6);
    forecast_release(&forecast);
    plan_release(&longer);
    plan_release(&wider);
    plan_release(&last);
    families_release();
}

/* A search's rounds are gone through as far as they are done. */
static void test_search(void)
{
    char results[SCRATCH_PATH];
    struct plan plan;
    size_t failing = 3;
    double seconds;

    plans_families();
    scratch_path(results, "search");
    plans_load(&plan, searching);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 12);
    run(searching, results, NULL);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 0);
    CU_ASSERT_EQUAL(plan.trial_count, 12);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 0); /* of a plan that has all rounds */
    plan_release(&plan);
    /* A record that is damaged counts as left. */
    shell("for f in '%s'/cache/evaluate/*/*.h5; do truncate -s 100 \"$f\"; break; done", results);
    plans_load(&plan, searching);
    CU_ASSERT(left_of(&plan, results, &seconds) >= 1);
    plan_release(&plan);
    /* So does a trial that failed; rounds after it are to come. */
    run(searching, scratch_path(results, "failing"), &failing);
    plans_load(&plan, searching);
    CU_ASSERT_EQUAL(left_of(&plan, results, &seconds), 12 - 3);
    CU_ASSERT_EQUAL(plan.trial_count, 4);
    CU_ASSERT(seconds > 0);
    plan_release(&plan);
    families_release();
}

/* Data that are not there: their trials are not known to be done, which what is left has to know.
 */
static void test_unread(void)
{
    char results[SCRATCH_PATH];
    struct forecast_options options = {.results = results, .data = "no/such/folder", .threads = 1};
    const char *const set[] = {"dataset.name=mnist"};
    char yaml[2048];
    struct forecast forecast;
    struct plan plan;
    size_t left;
    double seconds;

    plans_families();
    run(grid, scratch_path(results, "unread"), NULL);
    snprintf(yaml, sizeof yaml, "%s%s", plans_base, grid);
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, yaml, set, 1, true), 0);
    OK(forecast_make(&forecast, &plan, &options, &error));
    CU_ASSERT_TRUE(forecast.unread);
    CU_ASSERT_EQUAL(forecast.done, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(forecast.why.message, "no/such/folder"));
    CU_ASSERT_EQUAL(forecast_left(&plan, &options, &left, &seconds, &error), forecast.why.code);
    CU_ASSERT_STRING_EQUAL(error.message, forecast.why.message);
    forecast_release(&forecast);
    plan_release(&plan);
    families_release();
}

/* What has changed since the run of `grid`, as lines; `first` in the place of what was kept. */
static void why(const char *yaml, const char *results, const char *first, struct text *text)
{
    struct plan plan, last;
    struct forecast forecast;
    struct text path = {0};
    struct bytes kept = {0};
    bool loaded;

    text_clear(text);
    plans_load(&plan, yaml);
    OK(previous_plan_load(&plan, results, ".", &last, &loaded, &error));
    CU_ASSERT_TRUE_FATAL(loaded);
    CU_ASSERT_TRUE_FATAL(previous_plan_find(&plan, results, "first.txt", &path));
    OK(bytes_read(&kept, path.bytes, 1 << 20, &error));
    look(&plan, results, &last, &forecast);
    text_release(&path);
    text_append_bytes(&path, (const char *)kept.data, kept.length);
    OK(forecast_explain(&forecast, &plan, &last, first ? first : path.bytes, text, &error));
    text_append(text, "%s", "");
    forecast_release(&forecast);
    bytes_release(&kept);
    text_release(&path);
    plan_release(&last);
    plan_release(&plan);
}

/* Trials that are made up leave no entries of earlier stages. */
#define GONE(trials)                                                                               \
    "  tune: was not finished then, or was removed since (" trials " trials)\n"                    \
    "  label: was not finished then, or was removed since (" trials " trials)\n"

static void test_why(void)
{
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {"replicates: 2\ntrain: {epochs: 3}\ngrid: {network.width: [4, 8]}\n",
         GONE("4") "  train: train.epochs 2 -> 3 (4 trials)\n  evaluate: follows from train (4 "
                   "trials)\n"},
        {"replicates: 2\ntrain: {epochs: 2}\ngrid: {network.width: [4, 9]}\n",
         GONE("2") "  train: network.width 8 -> 9 (2 trials)\n  evaluate: follows from train (2 "
                   "trials)\n"},
        {"replicates: 3\ntrain: {epochs: 2}\ngrid: {network.width: [4, 8]}\n",
         "  data: replicate 1 -> 2 (2 trials)\n  tune: follows from data (2 trials)\n"
         "  label: follows from data (2 trials)\n  train: follows from data (2 trials)\n"
         "  evaluate: follows from data (2 trials)\n"},
    };
    char results[SCRATCH_PATH];
    struct text text = {0};

    plans_families();
    run(grid, scratch_path(results, "why"), NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        why(cases[i].yaml, results, NULL, &text);
        CU_ASSERT_STRING_EQUAL(text.bytes, cases[i].expected);
    }
    text_release(&text);
    families_release();
}

/* What is kept is not written again where it is the same, and none that cannot be read is a plan.
 */
static void test_last_plan(void)
{
    char results[SCRATCH_PATH];
    struct text path = {0};
    struct stat before, after;
    struct plan plan, last = {0};
    bool loaded = true;

    plans_families();
    scratch_path(results, "last");
    plans_load(&plan, grid);
    OK(previous_plan_load(&plan, results, ".", &last, &loaded, &error));
    CU_ASSERT_FALSE(loaded);
    OK(previous_plan_write(&plan, results, &error));
    CU_ASSERT_TRUE_FATAL(previous_plan_find(&plan, results, "source.yaml", &path));
    CU_ASSERT_EQUAL(stat(path.bytes, &before), 0);
    OK(previous_plan_write(&plan, results, &error));
    CU_ASSERT_EQUAL(stat(path.bytes, &after), 0);
    CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
    OK(previous_plan_load(&plan, results, ".", &last, &loaded, &error));
    CU_ASSERT_TRUE_FATAL(loaded);
    CU_ASSERT_EQUAL(last.trial_count, 4);
    CU_ASSERT_EQUAL(last.base.train.epochs, 2);
    plan_release(&last);
    shell("echo 'epochs: [' >'%s/runs/test/plan/source.yaml'", results);
    last = (struct plan){0};
    OK(previous_plan_load(&plan, results, ".", &last, &loaded, &error));
    CU_ASSERT_FALSE(loaded);
    plan_release(&last);
    plan_release(&plan);
    text_release(&path);
    families_release();
}

static void test_memory(void)
{
    char results[SCRATCH_PATH];
    const struct forecast_options options = {.results = results, .data = "data/raw", .threads = 1};
    size_t n = 1;

    plans_families();
    run(searching, scratch_path(results, "memory"), NULL);
    for (; n < 100000; n++) {
        struct plan plan;
        size_t left;
        double seconds;
        plans_load(&plan, searching);
        size_t before = memory_count();
        memory_fail_at(n);
        enum status status = forecast_left(&plan, &options, &left, &seconds, &error);
        bool reached = memory_count() - before >= n;
        memory_fail_at(0);
        plan_release(&plan);
        if (!reached) {
            CU_ASSERT_EQUAL(status, STATUS_OK);
            break;
        }
        CU_ASSERT(status == STATUS_MEMORY || status == STATUS_OK); /* names are told without, too */
        if (n > 40)
            n += n / 8; /* every one of thousands would take minutes */
    }
    CU_ASSERT(n > 40);
    families_release();
}

void forecast_suite(void);
void forecast_suite(void)
{
    CU_pSuite suite = CU_add_suite("forecast", NULL, NULL);
    CU_add_test(suite, "nothing is there", test_nothing);
    CU_add_test(suite, "all is there, or its results file", test_done);
    CU_add_test(suite, "the rest takes as long as its work", test_times);
    CU_add_test(suite, "rounds of a search", test_search);
    CU_add_test(suite, "data that cannot be read", test_unread);
    CU_add_test(suite, "why stages have to be computed", test_why);
    CU_add_test(suite, "the plan of the last run", test_last_plan);
    CU_add_test(suite, "allocations may fail", test_memory);
}
