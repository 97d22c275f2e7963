/*
 * What batch systems' programs and tasks say, and the file of what was handed in: the first byte
 * names which of them the rest is. What is understood must be in range, and a file that is written
 * again must read as the same.
 */
#include "launch/slurm.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* Tasks without a gap, each found under the name that squeue gives it. */
static void check_jobs(const struct batch_jobs *jobs)
{
    size_t tasks = 0;

    for (size_t i = 0; i < jobs->count; i++) {
        expect(jobs->arrays[i].id[0] > ' ' && jobs->arrays[i].first == tasks);
        tasks += jobs->arrays[i].count;
    }
    expect(tasks == jobs->tasks && jobs->tasks <= 1000000 && jobs->poll > 0);
}

static void jobs_file(const char *text, size_t length)
{
    struct batch_jobs jobs;
    struct span file = {(const unsigned char *)text, length, "jobs"};

    if (batch_jobs_parse(file, &jobs, NULL) == STATUS_OK) {
        struct text list = {0};
        check_jobs(&jobs);
        batch_jobs_print(&jobs, &list);
        expect(!list.bytes || !strpbrk(list.bytes, " \n\x1b"));
        text_release(&list);
    }
    batch_jobs_release(&jobs);
}

static void within(const char *part, size_t length, const char *start, const char *end)
{
    expect(!part || (part >= start && part + length <= end && !memchr(part, '\n', length)));
}

static void queue(const struct batch_system *system, const char *text)
{
    struct batch_job arrays[] = {{"7", 0, 3}, {"8[]", 3, 1000}, {"7", 1003, 2}, {"f1", 1005, 1}};
    const struct batch_jobs jobs = {.arrays = arrays, .count = 4, .tasks = 1006, .merge = "9"};
    const char *end = text + strlen(text), *at = text, *before = at;
    struct batch_line line;

    for (; batch_parse_line(&at, system, &jobs, &line); before = at) {
        expect(at > before && at <= end);
        expect(line.task == SIZE_MAX || line.task < jobs.tasks);
        within(line.state, line.state_length, before, at);
        within(line.reason, line.reason_length, before, at);
    }
}

/* The patterns themselves, and what is printed. */
static void patterns(const char *text)
{
    const char *line = strchr(text, '\n');
    char pattern[64];
    const char *items[] = {pattern};
    const struct text_list list = {items, 1};
    struct pattern_match match;

    if (!line)
        return;
    snprintf(pattern, sizeof pattern, "%.*s", (int)(line - text), text);
    line++;
    if (pattern_match(&list, line, strlen(line) < 60 ? strlen(line) : 60, &match))
        for (int i = 0; i < PATTERN_PARTS; i++)
            within(match.parts[i].start, match.parts[i].length, line, line + strlen(line));
}

static void numbers(const char *text)
{
    char id[BATCH_ID];
    int64_t number = 0;
    int code = 0;

    expect(!batch_parse_submitted(&slurm_system, text, id) || (id[0] > ' ' && id[0] != '-'));
    expect(!slurm_parse_array_size(text, &number) || number >= 0);
    expect(!batch_parse_ended(text, &code) || (code >= 0 && code <= 65535));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    static const char *lines[] = {"{job}[{index}].* * * * {state} *",
                                  "{job} * * * {state} ... {index}",
                                  "{job} {index} {state} "
                                  "{reason}"};
    const struct batch_system other = {.lines = {lines, 3}, .first_index = 1};
    switch (data[0] % 3) {
    case 0: jobs_file(text, size - 1); break;
    case 1: queue(&slurm_system, text), queue(&other, text), patterns(text); break;
    case 2: numbers(text); break;
    }
    free(text);
    return 0;
}
