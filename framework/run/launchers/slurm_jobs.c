#include "run/launchers/slurm.h"

#include "io/durable.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_TASKS = 1000000 };

/* The file's lines: "plan DIGEST", "poll SECONDS", "array JOB FIRST COUNT", "merge JOB". */

static enum status add_array(struct slurm_jobs *jobs, struct slurm_job job, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(memory_reserve(&jobs->arrays, &jobs->capacity, jobs->count + 1, sizeof *jobs->arrays,
                       error));
    jobs->arrays[jobs->count++] = job;
    jobs->tasks += job.count;
out:
    return status;
}

static enum status take_line(struct slurm_jobs *jobs, const char *line, const char *path,
                             struct error *error)
{
    struct slurm_job job;

    if (sscanf(line, "array %" SCNd64 " %zu %zu", &job.id, &job.first, &job.count) == 3 &&
        job.id > 0 && job.first == jobs->tasks && job.count > 0 && job.count <= MOST_TASKS)
        return add_array(jobs, job, error);
    if (sscanf(line, "merge %" SCNd64, &jobs->merge) == 1 && jobs->merge > 0)
        return STATUS_OK;
    if (sscanf(line, "plan %64[0-9a-f]", jobs->plan) == 1 && strlen(jobs->plan) == HASH_TEXT - 1)
        return STATUS_OK;
    if (sscanf(line, "poll %lf", &jobs->poll) == 1 && jobs->poll > 0)
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: '%.80s' is not a line of this file", path, line);
}

enum status slurm_jobs_read(const char *folder, struct slurm_jobs *jobs, bool *there,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, content = {0};
    struct bytes file = {0};

    *jobs = (struct slurm_jobs){.poll = 10};
    *there = false;
    text_append(&path, "%s/jobs", folder);
    TRY(text_status(&path, error));
    if (access(path.bytes, F_OK) != 0)
        goto out;
    TRY(bytes_read(&file, path.bytes, 1 << 24, error));
    text_append_bytes(&content, (const char *)file.data, file.length);
    TRY(text_status(&content, error));
    char *rest = content.bytes;
    for (char *line; (line = strtok_r(rest, "\n", &rest));)
        TRY(take_line(jobs, line, path.bytes, error));
    *there = true;
out:
    bytes_release(&file);
    text_release(&content);
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
    TRY(durable_write(path.bytes, &span, 1, error));
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
    char *end;

    *id = strtoll(printed, &end, 10);
    return end != printed && *id > 0 && (*end == '\0' || *end == '\n' || *end == ';');
}

bool slurm_parse_array_size(const char *printed, int64_t *size)
{
    static const char name[] = "MaxArraySize";

    for (const char *line = printed; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, sizeof name - 1) == 0)
            return sscanf(line + sizeof name - 1, " = %" SCNd64, size) == 1;
        if (!*line)
            break;
    }
    return false;
}

/* "101_7", "102": which task it is, or the merging one. */
static bool find_task(const struct slurm_jobs *jobs, const char *name, size_t *task)
{
    char *end;
    int64_t id = strtoll(name, &end, 10);

    if (*end == '|' && id == jobs->merge && id > 0) {
        *task = SIZE_MAX;
        return true;
    }
    if (*end != '_')
        return false;
    unsigned long long index = strtoull(end + 1, &end, 10);
    for (size_t i = 0; *end == '|' && i < jobs->count; i++)
        if (jobs->arrays[i].id == id && index < jobs->arrays[i].count) {
            *task = jobs->arrays[i].first + (size_t)index;
            return true;
        }
    return false;
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
        line->state_length = (int)strcspn(line->state, " +|\n");
        line->detail = line->state + field + (line->state[field] == '|');
        line->detail_length = (int)strcspn(line->detail, "|\n");
        return true;
    }
    return false;
}
