#include "launch/slurm.h"

#include "io/files/atomic_file.h"

#include <inttypes.h>
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

static bool take_job(const char **at, int64_t *id)
{
    uint64_t number;

    if (!take_number(at, INT64_MAX, &number) || number == 0)
        return false;
    *id = (int64_t)number;
    return true;
}

static bool take_space(const char **at)
{
    return *(*at)++ == ' ';
}

static enum status add_array(struct slurm_jobs *jobs, struct slurm_job job, struct error *error)
{
    PASS(memory_reserve(&jobs->arrays, &jobs->capacity, jobs->count + 1, sizeof *jobs->arrays,
                        error));
    jobs->arrays[jobs->count++] = job;
    jobs->tasks += job.count;
    return STATUS_OK;
}

/* "JOB FIRST COUNT", of the tasks that follow those before. */
static bool read_array(const struct slurm_jobs *jobs, const char *at, struct slurm_job *job)
{
    uint64_t first, count;

    if (!take_job(&at, &job->id) || !take_space(&at) || !take_number(&at, MOST_TASKS, &first) ||
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

static enum status take_line(struct slurm_jobs *jobs, const char *line, const char *path,
                             struct error *error)
{
    struct slurm_job job;
    const char *rest;

    if (begins(line, "array ", &rest) && read_array(jobs, rest, &job))
        return add_array(jobs, job, error);
    if ((begins(line, "merge ", &rest) && take_job(&rest, &jobs->merge) && !*rest) ||
        (begins(line, "plan ", &rest) && read_plan(rest, jobs->plan)) ||
        (begins(line, "poll ", &rest) && read_poll(rest, &jobs->poll)))
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: '%.80s' is not a line of this file", path, line);
}

enum status slurm_jobs_parse(struct span file, struct slurm_jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text content = {0};

    *jobs = (struct slurm_jobs){.poll = 10};
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

enum status slurm_jobs_read(const char *folder, struct slurm_jobs *jobs, bool *there,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct bytes file = {0};

    *jobs = (struct slurm_jobs){.poll = 10};
    *there = false;
    TRY(path_join(&path, folder, "jobs", error));
    if (access(path.bytes, F_OK) != 0)
        goto out;
    TRY(bytes_read(&file, path.bytes, 1 << 24, error));
    TRY(slurm_jobs_parse(bytes_span(&file, path.bytes), jobs, error));
    *there = true;
out:
    bytes_release(&file);
    text_release(&path);
    return status;
}

enum status slurm_jobs_write(const char *folder, const struct slurm_jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, content = {0};

    text_append(&path, "%s/jobs", folder);
    text_append(&content, "plan %s\npoll %g\n", jobs->plan, jobs->poll);
    for (size_t i = 0; i < jobs->count; i++)
        text_append(&content, "array %" PRId64 " %zu %zu\n", jobs->arrays[i].id,
                    jobs->arrays[i].first, jobs->arrays[i].count);
    if (jobs->merge)
        text_append(&content, "merge %" PRId64 "\n", jobs->merge);
    TRY(text_status(&path, error));
    TRY(text_status(&content, error));
    struct span span = {(const unsigned char *)content.bytes, content.length, ""};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&content);
    text_release(&path);
    return status;
}

void slurm_jobs_release(struct slurm_jobs *jobs)
{
    memory_free(jobs->arrays);
    *jobs = (struct slurm_jobs){0};
}

enum status slurm_jobs_add(struct slurm_jobs *jobs, int64_t id, size_t count, struct error *error)
{
    return add_array(jobs, (struct slurm_job){id, jobs->tasks, count}, error);
}

void slurm_jobs_list(const struct slurm_jobs *jobs, struct text *text)
{
    const char *comma = "";

    for (size_t i = 0; i < jobs->count; i++, comma = ",")
        text_append(text, "%s%" PRId64, comma, jobs->arrays[i].id);
    if (jobs->merge)
        text_append(text, "%s%" PRId64, comma, jobs->merge);
}

/* "123", "123;cluster": digits, then nothing or what is not part of the number. */
bool slurm_parse_job(const char *printed, int64_t *id)
{
    return take_job(&printed, id) && (*printed == '\0' || *printed == '\n' || *printed == ';');
}

bool slurm_parse_array_size(const char *printed, int64_t *size)
{
    static const char name[] = "MaxArraySize";
    uint64_t number;

    for (const char *line = printed; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, sizeof name - 1) == 0) {
            line += sizeof name - 1;
            line += strspn(line, " \t");
            if (*line++ != '=')
                return false;
            line += strspn(line, " \t");
            bool is = take_number(&line, INT64_MAX, &number);
            *size = (int64_t)number;
            return is;
        }
        if (!*line)
            break;
    }
    return false;
}

bool slurm_parse_ended(const char *text, int *code)
{
    uint64_t number;

    if (!take_number(&text, MOST_CODE, &number) || (*text && *text != ' ' && *text != '\n'))
        return false;
    *code = (int)number;
    return true;
}

/* "101_7", "102": which task it is, or the merging one. */
static bool find_task(const struct slurm_jobs *jobs, const char *name, size_t *task)
{
    uint64_t index;
    int64_t id;

    if (!take_job(&name, &id))
        return false;
    if (*name == '|' && id == jobs->merge) {
        *task = SIZE_MAX;
        return true;
    }
    if (*name++ != '_' || !take_number(&name, MOST_TASKS, &index) || *name != '|')
        return false;
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->arrays[i].id == id && index < jobs->arrays[i].count) {
            *task = jobs->arrays[i].first + (size_t)index;
            return true;
        }
    return false;
}

/* A state is a word of capital letters; anything else would be printed as it came. */
static int state_length(const char *state)
{
    return (int)strspn(state, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
}

bool slurm_parse_line(const char **printed, const struct slurm_jobs *jobs, struct slurm_line *line)
{
    while (**printed) {
        const char *at = *printed;
        size_t length = strcspn(at, "\n"), name = strcspn(at, "|\n");
        *printed = at + length + (at[length] == '\n');
        if (at[name] != '|' || !find_task(jobs, at, &line->task))
            continue;
        line->state = at + name + 1;
        size_t field = strcspn(line->state, "|\n");
        line->state_length = state_length(line->state);
        line->detail = line->state + field + (line->state[field] == '|');
        line->detail_length = (int)strcspn(line->detail, "|\n");
        return true;
    }
    return false;
}
