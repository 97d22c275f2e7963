/* `understudy plan FILE`: the trials, which of them are done, what is left to do. */
#include "base/processor.h"
#include "cli/support/plan_text.h"
#include "cli/verbs/launch.h"
#include "io/files/bytes.h"

#include <math.h>
#include <stdlib.h>

static bool all, why;
static const char *results = "results", *data, *launcher;

static const struct option_row rows[] = {
    {"all", 'a', NULL, "list every trial and every combination left out, not only the\nfirst 20",
     .flag = &all},
    {"why", 'w', NULL,
     "for each step that has to be computed, show what has changed\nsince the experiment's last "
     "run",
     .flag = &why},
    {"results", 'r', "FOLDER", "folder of NAME.h5, cache/ and runs/ (results)", .value = &results},
    {"data", 'd', "FOLDER", "folder of the data sets ($UNDERSTUDY_DATA, or data/raw of the home)",
     .value = &data},
    {"launcher", 'l', "NAME",
     "show the tasks and job arrays of this launcher, such as slurm:\na file of "
     "experiments/launchers",
     .value = &launcher},
    {0},
};

static const struct verb verb = {
    .usage = "plan [OPTION …] FILE",
    .about =
        "Show what an experiment would run, without running it: its trials, each with its values\n"
        "on the grid and its replicate; the combinations left out, and by which rule; the stages\n"
        "of the pipeline that the network replaces; what is cached; about how long the rest "
        "takes;\n"
        "and the tasks that a cluster's launcher would make of it.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static void print_duration(double seconds, struct text *text)
{
    if (seconds < 60)
        text_append(text, "%.1f core-seconds", seconds);
    else if (seconds < 3600)
        text_append(text, "%.1f core-minutes", seconds / 60);
    else
        text_append(text, "%.1f core-hours", seconds / 3600);
}

static void print_outlook(const struct forecast *forecast, struct text *text)
{
    size_t left = forecast->finished ? 0 : forecast->trials - forecast->done;

    text_append(text, "\n%zu of %zu trial%s cached", forecast->done, forecast->trials,
                forecast->trials == 1 ? " is" : "s are");
    text_append(text, "; entries: ");
    for (enum trial_step s = TRIAL_TUNE; s < TRIAL_STEPS; s++)
        if (forecast->stages[s].entries)
            text_append(text, "%s %zu of %zu%s", trial_step_names[s], forecast->stages[s].cached,
                        forecast->stages[s].entries, s < TRIAL_EVALUATE ? ", " : "\n");
    if (forecast->finished)
        text_append(text, "the results file matches this plan: nothing is left to do\n");
    if (forecast->unread)
        text_append(text, "cannot tell what is cached for some data: %s\n", forecast->why.message);
    if (left && isnan(forecast->core_seconds)) {
        text_append(text, "time: unknown, since no such trial is done yet\n");
    } else if (left && forecast->core_seconds > 0) {
        text_append(text, "time: about ");
        print_duration(forecast->core_seconds, text);
        text_append(text, " of training, from %zu trial%s done\n", forecast->timed,
                    forecast->timed == 1 ? "" : "s");
    }
}

/* The note on slow precisions, then the SHA-256 of the resolved plan. */
static enum status print_hash(const struct plan *plan, struct text *text, struct error *error)
{
    struct text resolved = {0};
    char digest[HASH_TEXT];
    enum status status = STATUS_OK;

    TRY(plan_resolved(plan, &resolved, error));
    TRY(hash_of_texts(resolved.bytes, NULL, digest, error));
    plan_text_precision(resolved.bytes, processor_has(PROCESSOR_AMX), text);
    text_append(text, "plan %s\n", digest);
out:
    text_release(&resolved);
    return status;
}

static enum status read_first(const struct plan *plan, struct text *first, struct error *error)
{
    struct text path = {0};
    struct bytes bytes = {0};
    enum status status = STATUS_OK;

    if (previous_plan_find(plan, results, "first.txt", &path)) {
        TRY(bytes_read(&bytes, path.bytes, 1 << 20, error));
        text_append_bytes(first, (const char *)bytes.data, bytes.length);
    }
    TRY(text_status(first, error));
out:
    bytes_release(&bytes);
    text_release(&path);
    return status;
}

/* What has changed since the last run. */
static enum status print_why(struct plan *plan, struct plan *last, const struct forecast *forecast,
                             struct text *text, struct error *error)
{
    struct text first = {0};
    enum status status = STATUS_OK;

    if (forecast->done == forecast->trials || forecast->finished)
        goto out;
    if (!last) {
        text_append(text, "\nwhy: no run of this experiment is known\n");
        goto out;
    }
    TRY(read_first(plan, &first, error));
    text_append(text, "\nwhy, since the last run:\n");
    TRY(forecast_explain(forecast, plan, last, first.bytes, text, error));
out:
    text_release(&first);
    return status;
}

/* What `run --launcher` would submit. */
static int print_chunks(const struct options *options, struct plan *plan, const char *folder,
                        const struct forecast *forecast, struct text *text)
{
    struct launch_request request = {.launcher = launcher, .results = results, .data = folder};
    int result = EXIT_DONE;

    if (forecast->finished || (!plan->search && forecast->done == forecast->trials))
        return result;
    if (plan->search && !forecast->unread) {
        result = launch_left(options, plan, &request);
    } else {
        request.left = plan_final_count(plan) - forecast->done;
        request.seconds = launch_seconds(plan, results, request.left, forecast->core_seconds);
    }
    if (result == EXIT_DONE && request.left)
        result = launch_print_shares(options, plan, &request, text);
    else if (result == EXIT_DONE)
        text_append(text, "all rounds of the search are done\n");
    launch_release(&request);
    return result;
}

/* "3 trials (3 combinations, 1 of them by also, 1 replicate each)". */
static void print_trials(const struct plan *plan, struct text *text)
{
    size_t count = plan->trial_count, grid = plan->kept_count;

    while (plan->also_count && grid && plan->kept[grid - 1] >= plan->grid_count)
        grid--;
    text_append(text, "%s: %zu trial%s", plan->base.name, count, count == 1 ? "" : "s");
    if (plan->kept_count == count && !plan->axis_count)
        return;
    text_append(text, " (%zu combination%s", plan->kept_count, plan->kept_count == 1 ? "" : "s");
    if (grid < plan->kept_count)
        text_append(text, ", %zu of them by also", plan->kept_count - grid);
    text_append(text, ", %lld replicate%s each)", (long long)plan->base.replicates,
                plan->base.replicates == 1 ? "" : "s");
}

static enum status print_plan(struct plan *plan, const struct forecast *forecast, struct text *text,
                              struct error *error)
{
    print_trials(plan, text);
    if (plan_final_count(plan) > plan->trial_count)
        text_append(text, ", the first round of a search for %zu", plan_final_count(plan));
    text_append(text, "\n");
    PASS(plan_text_replaced(&plan->base, text, error));
    PASS(print_hash(plan, text, error));
    text_append(text, "\n");
    PASS(plan_text_trials(plan, forecast, all, text, error));
    plan_text_rules(plan, all, text);
    print_outlook(forecast, text);
    return text_status(text, error);
}

/* Reports mistakes. Returns EXIT_DONE, or the exit status. */
static int show(const struct options *options, struct plan *plan, struct text *text)
{
    struct forecast forecast = {0};
    struct plan last = {0};
    bool loaded;
    struct text folder = {0};
    struct error error = {0};
    const char *given = data ? data : getenv("UNDERSTUDY_DATA");
    int result = EXIT_DONE;
    enum status status = STATUS_OK;

    if (!given || !given[0])
        text_append(&folder, "%s/data/raw", options->home);
    else
        text_append(&folder, "%s", given);
    TRY(text_status(&folder, &error));
    TRY(previous_plan_load(plan, results, options->home, &last, &loaded, &error));
    const struct forecast_options wanted = {
        .results = results, .data = folder.bytes, .last = loaded ? &last : NULL, .threads = 1};
    TRY(forecast_make(&forecast, plan, &wanted, &error));
    TRY(print_plan(plan, &forecast, text, &error));
    result = print_chunks(options, plan, folder.bytes, &forecast, text);
    if (why && result == EXIT_DONE)
        TRY(print_why(plan, wanted.last, &forecast, text, &error));
    TRY(text_status(text, &error));
out:
    plan_release(&last);
    forecast_release(&forecast);
    text_release(&folder);
    return status == STATUS_OK ? result : options_fail(&error);
}

int verb_plan(int argc, char **argv)
{
    struct options options;
    struct plan plan = {0};
    struct text text = {0};
    bool remote;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = options_plan(&options, options.operands[0], &plan);
    if (result == EXIT_DONE && launcher) /* report its mistakes even if nothing is left to do */
        result = launch_is_remote(&options, launcher, &remote);
    if (result == EXIT_DONE) {
        result = show(&options, &plan, &text);
        if (result == EXIT_DONE)
            result = options_write(&text);
    }
    plan_release(&plan);
    text_release(&text);
    families_release();
    options_release(&options);
    return result;
}
