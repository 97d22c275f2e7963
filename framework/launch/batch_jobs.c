/* The file of what was handed in, and what a system's programs print about it. */
#include "io/files/atomic_file.h"
#include "launch/batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_TASKS = 1000000, MOST_POLL = 86400, MOST_CODE = 65535 };

/* The file's lines: "plan DIGEST", "poll SECONDS", "array JOB FIRST COUNT", "merge JOB". */

/* Digits without a sign, of at most `most`; goes behind them. */
static bool take_number(const char **at, uint64_t most, uint64_t *number)
{
    const char *digit = *at;

    for (*number = 0; *digit >= '0' && *digit <= '9'; digit++) {
        uint64_t value = (uint64_t)(*digit - '0');
        if (value > most || *number > (most - value) / 10)
            return false;
        *number = *number * 10 + value;
    }
    bool any = digit > *at;
    *at = digit;
    return any;
}

/* A job's number is a word that a file's line and a command can hold: no blanks, nothing that a
 * terminal obeys, no option. */
static bool is_id(const char *id, size_t length)
{
    bool good = length > 0 && length < BATCH_ID && id[0] != '-';

    for (size_t i = 0; i < length; i++)
        good = good && (unsigned char)id[i] > ' ' && id[i] != 127;
    return good && !(length == 1 && id[0] == '0');
}

static bool take_id(const char **at, char id[BATCH_ID])
{
    size_t length = strcspn(*at, " ");

    if (!is_id(*at, length))
        return false;
    memcpy(id, *at, length);
    id[length] = '\0';
    *at += length;
    return true;
}

static bool take_space(const char **at)
{
    return *(*at)++ == ' ';
}

static enum status add_array(struct batch_jobs *jobs, const struct batch_job *job,
                             struct error *error)
{
    PASS(memory_reserve(&jobs->arrays, &jobs->capacity, jobs->count + 1, sizeof *jobs->arrays,
                        error));
    jobs->arrays[jobs->count++] = *job;
    jobs->tasks += job->count;
    return STATUS_OK;
}

/* "JOB FIRST COUNT", of the tasks that follow those before. */
static bool read_array(const struct batch_jobs *jobs, const char *at, struct batch_job *job)
{
    uint64_t first, count;

    if (!take_id(&at, job->id) || !take_space(&at) || !take_number(&at, MOST_TASKS, &first) ||
        !take_space(&at) || !take_number(&at, MOST_TASKS - jobs->tasks, &count) || *at)
        return false;
    job->first = (size_t)first;
    job->count = (size_t)count;
    return first == jobs->tasks && count > 0;
}

static bool read_poll(const char *at, double *poll)
{
    char *end;

    *poll = strtod(at, &end);
    return end != at && !*end && *poll > 0 && *poll <= MOST_POLL;
}

static bool read_plan(const char *at, char plan[HASH_TEXT])
{
    if (strlen(at) != HASH_TEXT - 1 || strspn(at, "0123456789abcdef") != HASH_TEXT - 1)
        return false;
    memcpy(plan, at, HASH_TEXT);
    return true;
}

static bool begins(const char *line, const char *word, const char **rest)
{
    size_t length = strlen(word);

    *rest = line + length;
    return strncmp(line, word, length) == 0;
}

static enum status take_line(struct batch_jobs *jobs, const char *line, const char *path,
                             struct error *error)
{
    struct batch_job job;
    const char *rest;

    if (begins(line, "array ", &rest) && read_array(jobs, rest, &job))
        return add_array(jobs, &job, error);
    if ((begins(line, "merge ", &rest) && take_id(&rest, jobs->merge) && !*rest) ||
        (begins(line, "plan ", &rest) && read_plan(rest, jobs->plan)) ||
        (begins(line, "poll ", &rest) && read_poll(rest, &jobs->poll)))
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: '%.80s' is not a line of this file", path, line);
}

enum status batch_jobs_parse(struct span file, struct batch_jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text content = {0};

    *jobs = (struct batch_jobs){.poll = 10};
    if (file.length && memchr(file.data, 0, file.length))
        TRY(error_set(error, STATUS_DATA, "%s has bytes that are no text", file.name));
    text_append_bytes(&content, (const char *)file.data, file.length);
    TRY(text_status(&content, error));
    char *rest = content.bytes;
    for (char *line; rest && (line = strtok_r(rest, "\n", &rest));)
        TRY(take_line(jobs, line, file.name, error));
out:
    text_release(&content);
    return status;
}

enum status batch_jobs_read(const char *folder, struct batch_jobs *jobs, bool *there,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct bytes file = {0};

    *jobs = (struct batch_jobs){.poll = 10};
    *there = false;
    TRY(path_join(&path, folder, "jobs", error));
    if (access(path.bytes, F_OK) != 0)
        goto out;
    TRY(bytes_read(&file, path.bytes, 1 << 24, error));
    TRY(batch_jobs_parse(bytes_span(&file, path.bytes), jobs, error));
    *there = true;
out:
    bytes_release(&file);
    text_release(&path);
    return status;
}

enum status batch_jobs_write(const char *folder, const struct batch_jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, content = {0};

    text_append(&path, "%s/jobs", folder);
    text_append(&content, "plan %s\npoll %g\n", jobs->plan, jobs->poll);
    for (size_t i = 0; i < jobs->count; i++)
        text_append(&content, "array %s %zu %zu\n", jobs->arrays[i].id, jobs->arrays[i].first,
                    jobs->arrays[i].count);
    if (jobs->merge[0])
        text_append(&content, "merge %s\n", jobs->merge);
    TRY(text_status(&path, error));
    TRY(text_status(&content, error));
    struct span span = {(const unsigned char *)content.bytes, content.length, ""};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&content);
    text_release(&path);
    return status;
}

void batch_jobs_release(struct batch_jobs *jobs)
{
    memory_free(jobs->arrays);
    *jobs = (struct batch_jobs){0};
}

enum status batch_jobs_add(struct batch_jobs *jobs, const char *id, size_t count,
                           struct error *error)
{
    struct batch_job job = {.first = jobs->tasks, .count = count};

    snprintf(job.id, sizeof job.id, "%s", id);
    return add_array(jobs, &job, error);
}

enum status batch_jobs_list(const struct batch_jobs *jobs, struct arena *arena,
                            struct text_list *list, struct error *error)
{
    list->count = 0;
    PASS(arena_new(arena, &list->items, jobs->count + 1, sizeof *list->items, error));
    for (size_t i = 0; i < jobs->count; i++)
        list->items[list->count++] = jobs->arrays[i].id;
    if (jobs->merge[0])
        list->items[list->count++] = jobs->merge;
    return STATUS_OK;
}

void batch_jobs_print(const struct batch_jobs *jobs, struct text *text)
{
    for (size_t i = 0; i < jobs->count; i++)
        text_append(text, "%s%s", i ? "," : "", jobs->arrays[i].id);
    if (jobs->merge[0])
        text_append(text, "%s%s", jobs->count ? "," : "", jobs->merge);
}

/* The job's number, by whichever name the pattern calls it. */
static const char *found_id(const struct pattern_match *match, size_t *length)
{
    int part = match->parts[PATTERN_NUMBER].start ? PATTERN_NUMBER : PATTERN_JOB;

    *length = match->parts[part].length;
    return match->parts[part].start;
}

bool batch_parse_submitted(const struct batch_system *system, const char *printed,
                           char id[BATCH_ID])
{
    struct pattern_match match;

    for (const char *line = printed; *line; line += *line == '\n') {
        size_t length = strcspn(line, "\n"), word;
        bool found = pattern_match(&system->submitted, line, length, &match);
        const char *start = found ? found_id(&match, &word) : NULL;
        if (start && is_id(start, word)) {
            memcpy(id, start, word);
            id[word] = '\0';
            return true;
        }
        line += length;
    }
    return false;
}

bool batch_parse_ended(const char *text, int *code)
{
    uint64_t number;

    if (!take_number(&text, MOST_CODE, &number) || (*text && *text != ' ' && *text != '\n'))
        return false;
    *code = (int)number;
    return true;
}

/* Are they the same job? A '[' in a number, as "1234[]", and what follows names the array that it
 * is. */
static bool is_job(const char *id, const char *start, size_t length)
{
    return strcspn(id, "[") == length && memcmp(id, start, length) == 0;
}

/* Which task the line is of. */
static bool find_task(const struct batch_system *system, const struct batch_jobs *jobs,
                      const struct pattern_match *match, size_t *task)
{
    const char *at = match->parts[PATTERN_INDEX].start;
    size_t length;
    const char *start = found_id(match, &length);
    uint64_t index = 0;

    if (!start)
        return false;
    if (is_job(jobs->merge, start, length)) {
        *task = SIZE_MAX;
        return true;
    }
    bool indexed = at && take_number(&at, MOST_TASKS, &index);
    for (size_t i = 0; i < jobs->count; i++) {
        const struct batch_job *job = &jobs->arrays[i];
        bool single = job->count == 1 && !system->arrays_of_one;
        uint64_t first = single ? index : (uint64_t)system->first_index;
        if (is_job(job->id, start, length) && (indexed || single) && index >= first &&
            index - first < job->count) {
            *task = job->first + (size_t)(index - first);
            return true;
        }
    }
    return false;
}

bool batch_parse_line(const char **printed, const struct batch_system *system,
                      const struct batch_jobs *jobs, struct batch_line *line)
{
    struct pattern_match match;

    while (**printed) {
        const char *at = *printed;
        size_t length = strcspn(at, "\n");
        *printed = at + length + (at[length] == '\n');
        if (!pattern_match(&system->lines, at, length, &match) ||
            !find_task(system, jobs, &match, &line->task))
            continue;
        line->state = match.parts[PATTERN_STATE].start;
        line->reason = match.parts[PATTERN_REASON].start;
        line->reason_length = match.parts[PATTERN_REASON].length;
        size_t word = 0;
        while (word < match.parts[PATTERN_STATE].length && line->state[word] != ' ')
            word++;
        line->state_length = word;
        return true;
    }
    return false;
}
