/* `understudy work FILE`: trials without the results file, for workers on other machines. */
#include "cli/support/progress.h"
#include "cli/verbs/running.h"

#include <stdlib.h>

static const char *chunk;

static const struct option_row rows[] = {
    {"chunk", 'c', "I/N", "run only part I (from 1) of N roughly equal parts of the trials",
     .value = &chunk},
    RUNNING_ROWS,
    {0},
};

static const struct verb verb = {
    .usage = "work [OPTION …] FILE",
    .about =
        "Run trials of an experiment that are not done and that no other worker has claimed. This\n"
        "writes no results file: afterwards, `understudy run` with the same options does.\n"
        "Any number of workers may run at once, on all machines that share the results folder.\n"
        "SIGTERM stops a worker; a training leaves a checkpoint from which any worker resumes.\n"
        "Exit status: 0 all done, 1 some failed, 130 stopped.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

static bool read_chunk(size_t *part, size_t *parts)
{
    char *end, *last;

    *part = *parts = 0;
    if (!chunk)
        return true;
    long i = strtol(chunk, &end, 10);
    long n = *end == '/' && end != chunk ? strtol(end + 1, &last, 10) : 0;
    if (n < 1 || *last || last == end + 1 || n > PLAN_MAX_TRIALS || i < 1 || i > n) {
        fprintf(stderr,
                "understudy work: --chunk: '%s'; expected I/N, such as 1/4 to 4/4 for four parts\n",
                chunk);
        return false;
    }
    *part = (size_t)i;
    *parts = (size_t)n;
    return true;
}

static int work(struct plan *plan, struct run_options *run)
{
    struct progress progress = progress_begin(stderr);
    struct run_summary summary;
    struct error error = {0};

    run->event = progress_event;
    run->context = &progress;
    progress_show(&progress);
    enum status status = run_trials(plan, run, &summary, &error);
    progress_end();
    if (status == STATUS_OK)
        running_summary(&summary, plan);
    summary.left = 0; /* in good order: the run that merges says so */
    return running_result(status, &summary, &error);
}

int verb_work(int argc, char **argv)
{
    struct options options;
    struct run_options run;
    struct text data = {0};
    struct plan plan = {0};
    size_t part, parts;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = read_chunk(&part, &parts) ? running_begin(&options, &plan, &run, &data, argv[0])
                                       : EXIT_USAGE;
    if (result == EXIT_DONE) {
        run.chunk = part;
        run.chunks = parts;
        result = work(&plan, &run);
    }
    running_end(&options, &plan, &data);
    return result;
}
