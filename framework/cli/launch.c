#include "cli/launch.h"

#include "base/clock.h"
#include "base/folder.h"
#include "base/interrupt.h"
#include "io/bytes.h"
#include "run/jobs.h"
#include "run/launch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATH = 4096, PATIENCE = 6 };

static enum status load(const struct options *options, const char *launcher, struct arena *arena,
                        struct launch_site *site, struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct yaml_mark mark = {"--launcher", 0, 0};
    struct text directory = {0};

    text_append(&directory, "%s/experiments/launchers", options->home);
    TRY(text_status(&directory, error));
    TRY(launch_load(directory.bytes, launcher, mark, arena, site, found, error));
    options_print_mistakes(found);
out:
    text_release(&directory);
    return status;
}

int launch_is_remote(const struct options *options, const char *launcher, bool *remote)
{
    struct arena arena = {0};
    struct launch_site site;
    struct diagnostics found = {0};
    struct error error = {0};
    int result = EXIT_DONE;

    if (load(options, launcher, &arena, &site, &found, &error) != STATUS_OK)
        result = options_fail(&error);
    else if (found.count)
        result = EXIT_USAGE;
    else
        *remote = ((const struct launcher *)site.system.kind)->submit != NULL;
    diagnostics_release(&found);
    arena_release(&arena);
    return result;
}

int launch_meets(const struct plan *plan, const char *expected)
{
    struct error error = {0};

    return launch_expect(plan, expected, &error) == STATUS_OK ? EXIT_DONE : options_fail(&error);
}

int launch_left(struct plan *plan, struct launch_request *request)
{
    struct jobs jobs = {0};
    const struct jobs_options wanted = {.results = request->results, .data = request->data};
    struct error error = {0};

    if (jobs_begin(&jobs, plan, &wanted, &error) != STATUS_OK)
        return options_fail(&error);
    request->left = 0;
    for (size_t i = 0; i < plan->trial_count; i++)
        request->left += !job_recorded(&jobs, i);
    jobs_release(&jobs);
    if (!request->left)
        fprintf(stderr, "%s: every trial is done; the results file is written here\n",
                plan->base.name);
    return EXIT_DONE;
}

/* A list of arguments that grows. */
struct arguments {
    struct arena *arena;
    const char **items;
    size_t count, capacity;
    const char *directory; /* where relative paths start */
};

static enum status add(struct arguments *list, const char *text, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error));
    TRY(arena_copy(list->arena, text, strlen(text), &list->items[list->count], error));
    list->count++;
out:
    return status;
}

/* An option and its value; nothing where that is NULL. */
static enum status add_option(struct arguments *list, const char *name, const char *value,
                              struct error *error)
{
    enum status status = STATUS_OK;

    if (!value)
        return STATUS_OK;
    TRY(add(list, name, error));
    TRY(add(list, value, error));
out:
    return status;
}

/* The path from the root, in the words of the user: links stay, which another machine may resolve
 * otherwise. */
static enum status absolute(const struct arguments *list, const char *path, const char **result,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    if (path[0] != '/')
        text_append(&text, "%s/", list->directory);
    text_append(&text, "%s", path);
    TRY(text_status(&text, error));
    TRY(arena_copy(list->arena, text.bytes, text.length, result, error));
out:
    text_release(&text);
    return status;
}

static enum status add_path(struct arguments *list, const char *name, const char *path,
                            struct error *error)
{
    enum status status = STATUS_OK;
    const char *whole;

    TRY(absolute(list, path, &whole, error));
    TRY(add_option(list, name, whole, error));
out:
    return status;
}

static enum status list_options(const struct options *options, const struct launch_request *request,
                                struct arguments *list, struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < options->override_count; i++)
        TRY(add_option(list, "--set", options->overrides[i], error));
    TRY(add_option(list, "--engine", options->engine, error));
    TRY(add_option(list, "--isa", options->isa, error));
    TRY(add_path(list, "--home", options->home, error));
    TRY(add_path(list, "--data", request->data, error));
    TRY(add_path(list, "--results", request->results, error));
    TRY(add_option(list, "--checkpoint", request->checkpoint, error));
out:
    return status;
}

static enum status list_merge(const struct launch_request *request, struct arguments *list,
                              struct error *error)
{
    enum status status = STATUS_OK;

    TRY(add_path(list, "--plots", request->plots, error));
    if (request->no_plots)
        TRY(add(list, "--no-plots", error));
    if (request->no_timing)
        TRY(add(list, "--no-timing", error));
out:
    return status;
}

static enum status find_program(char program[PATH], struct error *error)
{
    ssize_t length = readlink("/proc/self/exe", program, PATH - 1);

    if (length < 0)
        return error_system(error, "cannot find this program's own file");
    program[length] = '\0';
    return STATUS_OK;
}

/* Everything that is handed over, in words that hold elsewhere, too. */
static enum status describe(const struct options *options, const struct plan *plan,
                            const struct launch_request *request, struct arguments *shared,
                            struct arguments *merge, char program[PATH], struct launch *launch,
                            struct error *error)
{
    enum status status = STATUS_OK;

    TRY(find_program(program, error));
    TRY(list_options(options, request, shared, error));
    TRY(list_merge(request, merge, error));
    TRY(absolute(shared, options->operands[0], &launch->file, error));
    launch->name = plan->base.name;
    launch->directory = shared->directory;
    launch->program = program;
    launch->options = (struct text_list){shared->items, shared->count};
    launch->merge = (struct text_list){merge->items, merge->count};
    launch->trials = plan->trial_count;
    launch->left = request->left;
    launch->seconds = NAN;
out:
    return status;
}

static void print_state(const struct launch_state *state, bool terminal)
{
    fprintf(stderr, "%s%zu task%s: %zu done, %zu failed, %zu running, %zu waiting%s",
            terminal ? "\r\033[K" : "", state->tasks, state->tasks == 1 ? "" : "s", state->done,
            state->failed, state->running, state->waiting, terminal ? "" : "\n");
    fflush(stderr);
}

static bool same_state(const struct launch_state *a, const struct launch_state *b)
{
    return a->done == b->done && a->failed == b->failed && a->running == b->running &&
           a->waiting == b->waiting && a->lost == b->lost;
}

/* Sleep; a request to stop ends it. */
static void pause_for(double seconds)
{
    double end = clock_seconds() + seconds;
    struct timespec step = {0, 100000000};

    while (!interrupt_requested() && clock_seconds() < end)
        nanosleep(&step, NULL);
}

/* Until nothing is left in the queue, and the merging job's word has come: over a network, a file
 * may be seen a moment later. */
static enum status wait_for(const struct launcher *launcher, const char *folder,
                            struct launch_state *state, struct error *error)
{
    enum status status = STATUS_OK;
    struct launch_state last = {.tasks = SIZE_MAX};
    bool terminal = isatty(STDERR_FILENO) == 1;

    for (int late = 0; late < PATIENCE;) {
        TRY(interrupt_check(error));
        TRY(launcher->look(folder, state, NULL, error));
        if (!same_state(state, &last))
            print_state(state, terminal);
        last = *state;
        if (state->over && state->merged >= 0)
            break;
        late += state->over;
        pause_for(state->poll);
    }
    if (terminal)
        fputs("\r\033[K", stderr);
out:
    return status;
}

/* What the merging job printed. */
static enum status print_merged(const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct bytes file = {0};

    text_append(&path, "%s/merged", folder);
    TRY(text_status(&path, error));
    TRY(bytes_read(&file, path.bytes, 1 << 20, error));
    fwrite(file.data, 1, file.length, stdout);
    fflush(stdout);
out:
    bytes_release(&file);
    text_release(&path);
    return status;
}

static int wait_to_end(const struct launcher *launcher, const struct plan *plan,
                       const char *results)
{
    struct text folder = {0}, told = {0};
    struct launch_state state = {.merged = -1};
    struct error error = {0};
    int result = EXIT_FAILED;
    enum status status = STATUS_OK;

    launch_folder(results, plan->base.name, launcher->descriptor.name, &folder);
    TRY(text_status(&folder, &error));
    TRY(wait_for(launcher, folder.bytes, &state, &error));
    if (state.failed || state.lost || state.merged != EXIT_DONE) {
        TRY(launcher->look(folder.bytes, &state, &told, &error));
        fputs(told.bytes ? told.bytes : "", stderr);
    }
    if (state.merged >= 0) {
        TRY(print_merged(folder.bytes, &error));
        result = state.merged;
    }
out:
    if (status == STATUS_INTERRUPTED) {
        fputs("\nunderstudy: the jobs go on; the same command waits again, `understudy status` "
              "looks\n",
              stderr);
        result = EXIT_INTERRUPTED;
    } else if (status != STATUS_OK) {
        result = options_fail(&error);
    }
    text_release(&told);
    text_release(&folder);
    return result;
}

/* The jobs' numbers and how to look. */
static void print_jobs(const struct plan *plan, const char *told, bool before)
{
    if (before)
        fprintf(stderr, "%s: handed over already\n", plan->base.name);
    fputs(told, stdout);
    fflush(stdout);
    fprintf(stderr,
            "%s: `understudy status` tells how far it is; the last job writes the results "
            "file\n",
            plan->base.name);
}

static enum status submit(const struct options *options, const struct plan *plan,
                          const struct launch_request *request, const struct launch_site *site,
                          struct arena *arena, struct error *error)
{
    enum status status = STATUS_OK;
    char directory[PATH], program[PATH];
    struct arguments shared = {.arena = arena, .directory = directory};
    struct arguments merge = shared;
    struct launch launch = {0};
    struct text told = {0};
    const char *results;
    bool before;

    if (!getcwd(directory, sizeof directory))
        TRY(error_system(error, "cannot tell where this is"));
    TRY(describe(options, plan, request, &shared, &merge, program, &launch, error));
    TRY(absolute(&shared, request->results, &results, error));
    TRY(launch_submit(site, plan, results, &launch, &before, &told, error));
    print_jobs(plan, told.bytes ? told.bytes : "", before);
out:
    memory_free(shared.items);
    memory_free(merge.items);
    text_release(&told);
    return status;
}

int launch_run(const struct options *options, const struct plan *plan,
               const struct launch_request *request)
{
    struct arena arena = {0};
    struct launch_site site;
    struct diagnostics found = {0};
    struct error error = {0};
    int result = EXIT_USAGE;
    enum status status = STATUS_OK;

    TRY(load(options, request->launcher, &arena, &site, &found, &error));
    if (found.count)
        goto out;
    TRY(submit(options, plan, request, &site, &arena, &error));
    result = EXIT_DONE;
    if (request->wait)
        result = wait_to_end((const struct launcher *)site.system.kind, plan, request->results);
out:
    if (status != STATUS_OK)
        result = options_fail(&error);
    diagnostics_release(&found);
    arena_release(&arena);
    return result;
}
