/* What is left, and how a launcher would share it out. */
#include "cli/verbs/launch.h"

#include "forecast/forecast.h"

#include <unistd.h>

enum status launch_left_now(struct plan *plan, struct launch_request *request, struct error *error)
{
    struct plan last = {0};
    bool loaded;
    double seconds;
    enum status status = STATUS_OK;

    TRY(previous_plan_load(plan, request->results, request->home, &last, &loaded, error));
    const struct forecast_options wanted = {.results = request->results,
                                            .data = request->data,
                                            .last = loaded ? &last : NULL,
                                            .threads = 1};
    TRY(forecast_left(plan->search ? &request->search : plan, &wanted, &request->left, &seconds,
                      error));
    request->seconds = launch_seconds(plan, request->results, request->left, seconds);
out:
    plan_release(&last);
    return status;
}

/* Later rounds of a search are looked up in a separate plan, since the submitted plan must stay
 * as written. */
int launch_left(const struct options *options, struct plan *plan, struct launch_request *request)
{
    struct error error = {0};
    int result = EXIT_DONE;

    request->home = options->home;
    if (plan->search)
        result = options_plan(options, options->operands[0], &request->search);
    if (result == EXIT_DONE && launch_left_now(plan, request, &error) != STATUS_OK)
        result = options_fail(&error);
    return result;
}

void launch_release(struct launch_request *request)
{
    plan_release(&request->search);
}

/* "12 tasks of 3 to 4 trials, about 9.5 minutes each". */
static void print_tasks(const struct plan *plan, const struct launch_request *request,
                        const struct launch_shares *shares, struct text *text)
{
    size_t least = request->left / shares->tasks;
    size_t most = (request->left + shares->tasks - 1) / shares->tasks;

    text_append(text, "%zu task%s", shares->tasks, shares->tasks == 1 ? "" : "s");
    if (plan->search)
        text_append(text, " that share %zu trial%s", request->left, request->left == 1 ? "" : "s");
    else if (least < most)
        text_append(text, " of %zu to %zu trials", least, most);
    else
        text_append(text, " of %zu trial%s", most, most == 1 ? "" : "s");
    text_append(text, ", about %.3g minute%s each", shares->minutes,
                shares->minutes == 1 ? "" : "s");
    if (shares->assumed > 0)
        text_append(text, " (assuming %g s for each trial, since none has run)", shares->assumed);
}

static void print_arrays(const struct launch_shares *shares, struct text *text)
{
    size_t arrays = (shares->tasks + shares->array - 1) / shares->array;
    size_t last = shares->tasks - (arrays - 1) * shares->array;

    if (shares->array == 1 && shares->tasks > 1) {
        text_append(text, "; each a job of its own");
        return;
    }
    text_append(text, "; in %zu array%s", arrays, arrays == 1 ? "" : "s");
    if (arrays > 1 && last == shares->array)
        text_append(text, " of %zu", last);
    else if (arrays > 1)
        text_append(text, " of %zu, the last of %zu", shares->array, last);
}

static void print_shares(const struct launch_site *site, const struct plan *plan,
                         const struct launch_request *request, struct text *text)
{
    const struct launcher *launcher = launcher_of(site->system.kind);
    const struct launch launch = {.left = request->left, .seconds = request->seconds};
    struct launch_shares shares = {0};
    struct error error = {0};

    text_append(text, "launcher %s: ", site->name);
    if (!launcher->share) {
        text_append(text, "%s\n", launcher->descriptor.summary);
        return;
    }
    enum status asked =
        launcher->share(site->system.config, &launch, request->launcher != NULL, &shares, &error);
    print_tasks(plan, request, &shares, text);
    if (shares.array)
        print_arrays(&shares, text);
    else if (asked != STATUS_OK)
        text_append(text, "; array size unknown here: %s", error.message);
    text_append(text, "\n");
}

int launch_print_shares(const struct options *options, const struct plan *plan,
                        const struct launch_request *request, struct text *text)
{
    struct arena arena = {0};
    struct launch_site site;
    struct text usual = {0};
    int result = EXIT_DONE;

    text_append(&usual, "%s/experiments/launchers/slurm.yaml", options->home);
    bool there = usual.bytes && !usual.failed && access(usual.bytes, R_OK) == 0;
    if (request->launcher || there) {
        result =
            launch_find(options, request->launcher ? request->launcher : "slurm", &arena, &site);
        if (result == EXIT_DONE)
            print_shares(&site, plan, request, text);
    }
    text_release(&usual);
    arena_release(&arena);
    return result;
}

int launch_find(const struct options *options, const char *launcher, struct arena *arena,
                struct launch_site *site)
{
    enum status status = STATUS_OK;
    struct yaml_mark mark = {"--launcher", 0, 0};
    struct diagnostics found = {0};
    struct text_list folders;
    struct error error = {0};

    TRY(options_folders(options, SEARCH_LAUNCHERS, options->operands[0], arena, &folders, &error));
    TRY(launch_load(&folders, launcher, mark, arena, site, &found, &error));
    options_print_mistakes(&found);
out:;
    int result = found.count ? EXIT_USAGE : EXIT_DONE;
    diagnostics_release(&found);
    return status == STATUS_OK ? result : options_fail(&error);
}
