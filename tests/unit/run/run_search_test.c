/* A search as it runs: rounds of workers, with trials whose results are made up. */
#include "run/run.h"

#include "tests/unit/plans.h"
#include "tests/unit/scratch.h"

#include <math.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const char search[] = "replicates: 2\n"
                             "search:\n"
                             "  method: tpe\n"
                             "  points: 10\n"
                             "  startup: 4\n"
                             "  batch: 3\n"
                             "  objectives: {network.validation.ssim: maximise,\n"
                             "               network.parameters: minimise}\n"
                             "  space: {train.learning_rate: {log_uniform: [1e-4, 1e-1]},\n"
                             "          network.width: {integer: [2, 9]}}\n";

struct world {
    enum status fault; /* that trial 5 comes to */
};

static enum status make_up(void *context, const struct trial *trial, struct record *record,
                           struct error *fault)
{
    const struct world *world = context;
    double rate = trial->experiment.train.learning_rate;
    int64_t width = 0;
    enum status status = STATUS_OK;

    yaml_integer(trial->axis_values[1], &width);
    if (trial->index == 5 && world->fault != STATUS_OK)
        return error_set(fault, world->fault, "made up");
    TRY(record_text(record, "status", "done", fault));
    TRY(record_real(record, "network.validation.ssim",
                    -fabs(log10(rate) + 2) + 0.01 * (double)width - 0.001 * trial->replicate,
                    fault));
    TRY(record_integer(record, "network.parameters", 10 * width, fault));
out:
    return status;
}

struct outcome {
    enum status status;
    struct run_summary summary;
    char digest[HASH_TEXT];
    size_t trials;
};

static void run(const char *folder, int workers, enum status fault, struct outcome *outcome)
{
    struct world world = {fault};
    char path[SCRATCH_PATH];
    struct run_options options = {.data = "data/raw",
                                  .results = scratch_path(path, folder),
                                  .workers = workers,
                                  .threads = 1,
                                  .checkpoint = -1,
                                  .compute = make_up,
                                  .context = &world};
    struct plan plan;
    struct store store;

    memset(outcome, 0, sizeof *outcome);
    plans_families();
    plans_load(&plan, search);
    outcome->status = run_experiment(&plan, &options, &store, &outcome->summary, &error);
    CU_ASSERT_EQUAL_FATAL(outcome->status, STATUS_OK);
    if (outcome->summary.current) /* the file is there already, as it would be made */
        memcpy(outcome->digest, outcome->summary.digest, sizeof outcome->digest);
    else
        CU_ASSERT_EQUAL_FATAL(store_seal(&store, outcome->digest, &error), STATUS_OK);
    outcome->trials = plan.trial_count;
    store_discard(&store);
    plan_release(&plan);
    families_release();
}

static void read_column(const char *folder, const char *name, struct arena *arena,
                        struct hdf5_array *array)
{
    char path[SCRATCH_PATH], file_name[128];
    struct hdf5 file = {0};

    snprintf(file_name, sizeof file_name, "%s/test.h5", folder);
    OK(hdf5_open(&file, scratch_path(path, file_name), false, &error));
    OK(hdf5_read(&file, name, arena, array, &error));
    hdf5_abandon(&file);
}

/* Whatever the number of workers; and what is done is found again. */
static void test_workers(void)
{
    struct outcome one, four, again;

    run("one", 1, STATUS_OK, &one);
    run("four", 4, STATUS_OK, &four);
    run("four", 2, STATUS_OK, &again);
    CU_ASSERT_EQUAL(one.status, STATUS_OK);
    CU_ASSERT_EQUAL(one.trials, 20);
    CU_ASSERT_EQUAL(one.summary.trials, 20);
    CU_ASSERT_EQUAL(one.summary.cached, 0);
    CU_ASSERT_EQUAL(again.summary.cached, 20);
    CU_ASSERT_STRING_EQUAL(one.digest, four.digest);
    CU_ASSERT_STRING_EQUAL(one.digest, again.digest);
}

static void test_columns(void)
{
    static const int64_t rounds[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
    struct arena arena = {0};
    struct hdf5_array points, round, pareto, values, scores;
    struct outcome outcome;

    run("columns", 2, STATUS_OK, &outcome);
    read_column("columns", "/search/point", &arena, &points);
    read_column("columns", "/search/round", &arena, &round);
    read_column("columns", "/search/pareto", &arena, &pareto);
    read_column("columns", "/search/values", &arena, &values);
    read_column("columns", "/trials/network.validation.ssim", &arena, &scores);
    CU_ASSERT_EQUAL_FATAL(values.rank, 2);
    CU_ASSERT_EQUAL_FATAL(values.dims[0], 20);
    CU_ASSERT_EQUAL_FATAL(values.dims[1], 2);
    const double *means = values.values, *score = scores.values;
    const int64_t *front = pareto.values;
    for (size_t i = 0; i < 20; i++) {
        size_t point = i / 2;
        bool dominated = false;
        CU_ASSERT_EQUAL(((const int64_t *)points.values)[i], (int64_t)point);
        CU_ASSERT_EQUAL(((const int64_t *)round.values)[i], rounds[point]);
        CU_ASSERT_EQUAL(means[2 * i], (score[2 * point] + score[2 * point + 1]) / 2);
        for (size_t j = 0; j < 20; j++)
            dominated = dominated ||
                        (means[2 * j] >= means[2 * i] && means[2 * j + 1] <= means[2 * i + 1] &&
                         (means[2 * j] > means[2 * i] || means[2 * j + 1] < means[2 * i + 1]));
        CU_ASSERT_EQUAL(front[i], !dominated);
    }
    arena_release(&arena);
}

/* A training that diverges is an outcome: the search goes on, and its point is never the best. */
static void test_diverged(void)
{
    struct arena arena = {0};
    struct hdf5_array pareto, values;
    struct outcome once, twice;

    run("diverged1", 1, STATUS_DIVERGED, &once);
    run("diverged2", 3, STATUS_DIVERGED, &twice);
    CU_ASSERT_EQUAL(once.trials, 20);
    CU_ASSERT_EQUAL(once.summary.failed, 1);
    CU_ASSERT_FALSE(once.summary.held);
    CU_ASSERT_STRING_EQUAL(once.digest, twice.digest);
    read_column("diverged1", "/search/pareto", &arena, &pareto);
    read_column("diverged1", "/search/values", &arena, &values);
    CU_ASSERT_EQUAL(((const int64_t *)pareto.values)[4], 0);
    CU_ASSERT(isnan(((const double *)values.values)[2 * 4]));
    CU_ASSERT_FALSE(isnan(((const double *)values.values)[2 * 6]));
    arena_release(&arena);
}

/* No memory is an accident: the search waits for the trial, and comes to what it would have. */
static void test_held(void)
{
    struct outcome calm, held, on;

    run("calm", 1, STATUS_OK, &calm);
    run("held", 2, STATUS_MEMORY, &held);
    CU_ASSERT_EQUAL(held.status, STATUS_OK);
    CU_ASSERT_EQUAL(held.trials, 8);
    CU_ASSERT_EQUAL(held.summary.failed, 1);
    CU_ASSERT(held.summary.held);
    run("held", 2, STATUS_OK, &on);
    CU_ASSERT_FALSE(on.summary.held);
    CU_ASSERT_EQUAL(on.summary.cached, 7);
    CU_ASSERT_EQUAL(on.trials, 20);
    CU_ASSERT_STRING_EQUAL(on.digest, calm.digest);
}

void run_search_suite(void);
void run_search_suite(void)
{
    CU_pSuite suite = CU_add_suite("run_search", NULL, NULL);
    CU_add_test(suite, "the same file for any number of workers", test_workers);
    CU_add_test(suite, "what was searched is in the results", test_columns);
    CU_add_test(suite, "a diverged trial is an outcome", test_diverged);
    CU_add_test(suite, "an accident holds the search", test_held);
}
