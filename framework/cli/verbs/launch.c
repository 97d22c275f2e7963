#include "cli/verbs/launch.h"
#include "cli/support/say.h"
#include "cli/verbs/budget_tell.h"

#include <string.h>
#include <unistd.h>

int launch_is_remote(const struct options *options, const char *launcher, bool *remote)
{
    struct arena arena = {0};
    struct launch_site site;
    int result = launch_find(options, launcher, &arena, &site);

    if (result == EXIT_DONE)
        *remote = launcher_of(site.system.kind)->submit != NULL;
    arena_release(&arena);
    return result;
}

int launch_meets(const struct plan *plan, const char *expected)
{
    struct error error = {0};

    return launch_expect(plan, expected, &error) == STATUS_OK ? EXIT_DONE : options_fail(&error);
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
    PASS(
        memory_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error));
    PASS(arena_copy(list->arena, text, strlen(text), &list->items[list->count], error));
    list->count++;
    return STATUS_OK;
}

/* An option and its value; nothing where that is NULL. */
static enum status add_option(struct arguments *list, const char *name, const char *value,
                              struct error *error)
{
    if (!value)
        return STATUS_OK;
    PASS(add(list, name, error));
    return add(list, value, error);
}

/* The absolute path, as the user wrote it: links stay, since another machine may resolve them
 * differently. */
static enum status absolute(const struct arguments *list, const char *path, const char **result,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    if (path[0] != '/')
        text_append(&text, "%s/", list->directory);
    text_append(&text, "%s", path);
    TRY(text_keep(&text, list->arena, result, error));
out:
    text_release(&text);
    return status;
}

static enum status add_path(struct arguments *list, const char *name, const char *path,
                            struct error *error)
{
    const char *whole;

    PASS(absolute(list, path, &whole, error));
    return add_option(list, name, whole, error);
}

static enum status list_options(const struct options *options, const struct launch_request *request,
                                struct arguments *list, struct error *error)
{
    for (size_t i = 0; i < options->override_count; i++)
        PASS(add_option(list, "--set", options->overrides[i], error));
    PASS(add_option(list, "--engine", options->engine, error));
    PASS(add_option(list, "--isa", options->isa, error));
    PASS(add_path(list, "--home", options->home, error));
    PASS(add_path(list, "--data", request->data, error));
    PASS(add_path(list, "--results", request->results, error));
    return add_option(list, "--checkpoint", request->checkpoint, error);
}

static enum status list_merge(const struct launch_request *request, struct arguments *list,
                              struct error *error)
{
    PASS(add_path(list, "--plots", request->plots, error));
    if (request->no_plots)
        PASS(add(list, "--no-plots", error));
    if (request->no_timing)
        PASS(add(list, "--no-timing", error));
    return STATUS_OK;
}

static enum status find_program(char program[PATH_ROOM], struct error *error)
{
    ssize_t length = readlink("/proc/self/exe", program, PATH_ROOM - 1);

    if (length < 0)
        return error_system(error, "cannot find this program's own file");
    program[length] = '\0';
    return STATUS_OK;
}

/* Everything that is submitted, with paths that are valid on other machines. */
static enum status describe(const struct options *options, const struct plan *plan,
                            const struct launch_request *request, struct arguments *shared,
                            struct arguments *merge, char program[PATH_ROOM], struct launch *launch,
                            struct error *error)
{
    PASS(find_program(program, error));
    PASS(list_options(options, request, shared, error));
    PASS(list_merge(request, merge, error));
    PASS(absolute(shared, options->operands[0], &launch->file, error));
    launch->name = plan->base.name;
    launch->directory = shared->directory;
    launch->program = program;
    launch->options = (struct text_list){shared->items, shared->count};
    launch->merge = (struct text_list){merge->items, merge->count};
    launch->trials = plan_final_count(plan);
    launch->rounds = plan->search != NULL;
    launch->left = request->left;
    launch->seconds = request->seconds;
    return STATUS_OK;
}

/* Print the jobs and the commands that show and cancel them. */
static void print_jobs(const struct plan *plan, const struct launch_told *told, bool before)
{
    const char *name = plan->base.name;

    say_data(told->jobs.bytes ? told->jobs.bytes : "", told->jobs.length);
    fflush(stdout);
    fprintf(stderr, "%s: submitted%s; the last job will write the results file\n", name,
            before ? " already" : "");
    fprintf(stderr, "  show progress with `understudy status %s`", name);
    if (!before)
        fprintf(stderr, " or `%s`, stop with `%s`", told->show.bytes, told->cancel.bytes);
    fputs("\n", stderr);
}

static enum status submit(const struct options *options, const struct plan *plan,
                          const struct launch_request *request, const struct launch_site *site,
                          struct arena *arena, struct error *error)
{
    enum status status = STATUS_OK;
    char directory[PATH_ROOM], program[PATH_ROOM];
    struct arguments shared = {.arena = arena, .directory = directory};
    struct arguments merge = shared;
    struct launch launch = {0};
    struct launch_told told = {0};
    const char *results;
    bool before;

    if (!getcwd(directory, sizeof directory))
        TRY(error_system(error, "cannot determine the working directory"));
    TRY(describe(options, plan, request, &shared, &merge, program, &launch, error));
    TRY(absolute(&shared, request->results, &results, error));
    TRY(launch_submit(site, plan, results, &launch, &before, &told, error));
    print_jobs(plan, &told, before);
out:
    memory_free(shared.items);
    memory_free(merge.items);
    text_release(&told.jobs);
    text_release(&told.show);
    text_release(&told.cancel);
    return status;
}

int launch_run(const struct options *options, struct plan *plan, struct launch_request *request)
{
    struct arena arena = {0};
    struct launch_site site;
    struct error error = {0};
    int result = launch_find(options, request->launcher, &arena, &site);

    if (result == EXIT_DONE && budget_is_spent(plan, request->results, request->left))
        result = EXIT_FAILED;
    if (result == EXIT_DONE && submit(options, plan, request, &site, &arena, &error) != STATUS_OK)
        result = options_fail(&error);
    if (result == EXIT_DONE && request->wait)
        result = launch_wait(launcher_of(site.system.kind), plan, request);
    arena_release(&arena);
    return result;
}
