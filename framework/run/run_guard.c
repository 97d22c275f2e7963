#include "run/run_guard.h"

#include "guard/guarded_answer.h"
#include "run/run_network.h"
#include "trial/compute.h"

/* The two trials of one replicate, as the plan has them. */
struct guarded_pair {
    struct arena arena;
    struct trial small, other;
};

enum status run_guard_choose(const struct plan_guard *guard, enum metric metric,
                             const struct guard_images *validation, const struct guard_images *test,
                             struct guard_replicate *replicate, struct error *error)
{
    int runs = guarded_runs(guard->by);
    double sense = metric_goodness(metric, 1);
    struct guard_outcome *outcomes = replicate->splits;

    PASS(guard_choose(validation, sense, guard->within, &replicate->threshold, error));
    PASS(guard_thresholds(validation, replicate->thresholds, error));
    PASS(
        guard_outcome_make(&outcomes[GUARD_VALIDATION], validation, replicate, sense, runs, error));
    PASS(guard_outcome_make(&outcomes[GUARD_TEST], test, replicate, sense, runs, error));
    replicate->done = true;
    return STATUS_OK;
}

/* One replicate in which both trials are done. */
static enum status compute_replicate(struct runner *runner, struct guard_results *results,
                                     size_t index, struct error *error)
{
    enum status status = STATUS_OK;
    struct plan *plan = runner->plan;
    const struct plan_guard *guard = results->guard;
    struct step_cache steps = {0};
    struct compute compute = run_compute(runner, &steps);
    struct guard_images validation = {0}, test = {0};
    struct guarded_pair pair = {0};
    struct guard_request request = {
        .by = guard->by, .small = &pair.small, .other = guard->pipeline ? NULL : &pair.other};

    TRY(plan_trial(plan, plan_guard_trial(plan, guard->small, index), &pair.arena, &pair.small,
                   error));
    TRY(plan_trial(plan, plan_guard_trial(plan, guard->other, index), &pair.arena, &pair.other,
                   error));
    TRY(compute_guard(&compute, &request, &validation, &test, &results->agreement, error));
    TRY(run_guard_choose(guard, results->metric, &validation, &test, &results->replicates[index],
                         error));
out:
    if (status != STATUS_OK)
        error_context(error, "guard, replicate %zu", index);
    guard_images_release(&validation);
    guard_images_release(&test);
    compute_release(&compute);
    arena_release(&pair.arena);
    return status;
}

static bool is_done(const struct runner *runner, size_t place, size_t replicate)
{
    return job_state(&runner->jobs, plan_guard_trial(runner->plan, place, replicate)) == JOB_DONE;
}

/* The networks that go out. */
static enum status keep_networks(struct runner *runner, struct store *store,
                                 struct guard_results *results, struct error *error)
{
    const struct plan_guard *guard = results->guard;
    size_t small = plan_guard_trial(runner->plan, guard->small, results->kept);
    size_t other = plan_guard_trial(runner->plan, guard->other, results->kept);

    results->trials[0] = (int64_t)small;
    results->trials[1] = guard->pipeline ? -1 : (int64_t)other;
    PASS(run_keep_network(runner, store, small, error));
    return guard->pipeline ? STATUS_OK : run_keep_network(runner, store, other, error);
}

enum status run_store_guard(struct runner *runner, struct store *store, struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *base = &runner->plan->base;
    struct guard_results results = {.guard = runner->plan->guard,
                                    .metric = experiment_select_metric(base),
                                    .unit = experiment_select_unit(base),
                                    .count = (size_t)base->replicates,
                                    .trials = {-1, -1}};

    if (!results.guard)
        goto out;
    TRY(memory_new(&results.replicates, results.count, sizeof *results.replicates, error));
    for (size_t r = 0; r < results.count; r++)
        if (is_done(runner, results.guard->small, r) && is_done(runner, results.guard->other, r))
            TRY(compute_replicate(runner, &results, r, error));
    results.kept = guard_results_best(&results);
    if (results.kept < results.count)
        TRY(keep_networks(runner, store, &results, error));
    TRY(guard_results_write(&store->file, &results, error));
out:
    memory_free(results.replicates);
    return status;
}
