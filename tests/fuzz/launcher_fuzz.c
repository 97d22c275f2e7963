/*
 * What Slurm's programs and tasks say, and the file of what was handed in: the first byte names
 * which of them the rest is. What is understood must be in range, and a file that is written again
 * must read as the same.
 */
#include "launch/slurm.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* Tasks without a gap, each found under the name that squeue gives it. */
static void check_jobs(const struct slurm_jobs *jobs)
{
    size_t tasks = 0;

    for (size_t i = 0; i < jobs->count; i++) {
        expect(jobs->arrays[i].id > 0 && jobs->arrays[i].first == tasks);
        tasks += jobs->arrays[i].count;
    }
    expect(tasks == jobs->tasks && jobs->tasks <= 1000000 && jobs->merge >= 0 && jobs->poll > 0);
}

static void jobs_file(const char *text, size_t length)
{
    struct slurm_jobs jobs;
    struct span file = {(const unsigned char *)text, length, "jobs"};

    if (slurm_jobs_parse(file, &jobs, NULL) == STATUS_OK) {
        struct text list = {0};
        check_jobs(&jobs);
        slurm_jobs_list(&jobs, &list);
        expect(!list.bytes || strspn(list.bytes, "0123456789,") == list.length);
        text_release(&list);
    }
    slurm_jobs_release(&jobs);
}

static void queue(const char *text)
{
    struct slurm_job arrays[] = {{7, 0, 3}, {8, 3, 1000}, {7, 1003, 2}};
    const struct slurm_jobs jobs = {.arrays = arrays, .count = 3, .tasks = 1005, .merge = 9};
    const char *end = text + strlen(text);
    struct slurm_line line;

    for (const char *at = text, *before = at; slurm_parse_line(&at, &jobs, &line); before = at) {
        expect(at > before && at <= end);
        expect(line.task == SIZE_MAX || line.task < jobs.tasks);
        expect(line.state_length >= 0 && line.state + line.state_length <= at);
        expect(line.detail_length >= 0 && line.detail + line.detail_length <= at);
        expect(!memchr(line.state, '\n', (size_t)line.state_length));
        expect(!memchr(line.detail, '\n', (size_t)line.detail_length));
    }
}

static void numbers(const char *text)
{
    int64_t number = 0;
    int code = 0;

    expect(!slurm_parse_job(text, &number) || number > 0);
    expect(!slurm_parse_array_size(text, &number) || number >= 0);
    expect(!slurm_parse_ended(text, &code) || (code >= 0 && code <= 65535));
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
    switch (data[0] % 3) {
    case 0: jobs_file(text, size - 1); break;
    case 1: queue(text); break;
    case 2: numbers(text); break;
    }
    free(text);
    return 0;
}
