/* What the runner tells, and what it decides about trials that failed. */
#include "results/results.h"
#include "run/runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* So often is a trial begun whose worker is killed: by a person, or where memory is short. */
enum { MOST_KILLS = 3 };

static double value_of(const struct record *record, const char *name)
{
    const struct record_value *value = record_value(record, name);
    return value ? value->real : NAN;
}

static double score_of(const struct record *record, const char *who, const char *metric)
{
    char name[64];
    snprintf(name, sizeof name, "%s.test.%s", who, metric);
    return value_of(record, name);
}

/* Remember the data read, for the provenance: once a data set. Generated ones have no digest. */
static void note_dataset(struct runner *runner, size_t trial, const struct record *record)
{
    char line[256];
    const char *digest = "";

    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, "dataset.sha256") == 0)
            digest = record->values[i].text;
    if (!digest[0])
        return;
    snprintf(line, sizeof line, "%s %s\n", job_dataset(&runner->jobs, trial), digest);
    if (!runner->datasets.bytes || !strstr(runner->datasets.bytes, line))
        text_append(&runner->datasets, "%s", line);
}

void runner_tell(struct runner *runner, size_t trial, struct run_event event)
{
    cache_use_touch(&runner->use);
    event.index = trial;
    event.done = runner->first + runner->done;
    event.total = runner->options.chunks ? runner->jobs.count : plan_final_count(runner->plan);
    event.share = 0;
    for (int i = 0; runner->slots && i < runner->options.workers; i++)
        event.share += runner->slots[i].busy ? runner->slots[i].share : 0;
    if (runner->options.event)
        runner->options.event(runner->options.context, runner->plan, &event);
}

bool runner_told(struct runner *runner, const char *note)
{
    if (runner->notes.bytes && strstr(runner->notes.bytes, note))
        return true;
    text_append(&runner->notes, "%s\n", note);
    return false;
}

/* By what trials are compared. Nearly always it is the same for all. */
static enum status metric_of(struct runner *runner, size_t index, const char **metric,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct plan *plan = runner->plan;
    struct arena arena = {0};
    struct trial trial;

    *metric = metric_names[experiment_metric(&plan->base)];
    if (plan_same(plan, "task") && plan_same(plan, "pipeline"))
        return STATUS_OK;
    TRY(plan_trial(plan, index, &arena, &trial, error));
    *metric = metric_names[experiment_metric(&trial.experiment)];
out:
    arena_release(&arena);
    return status;
}

/* With the trial's values, for the line that says how it came out. */
static enum status tell_finished(struct runner *runner, size_t index, const struct record *record,
                                 struct run_event event, struct error *error)
{
    char agreement[40];

    PASS(metric_of(runner, index, &event.metric, error));
    event.finished = true;
    event.seconds = runner->seconds[index];
    event.degraded = score_of(record, "degraded", event.metric);
    event.pipeline = score_of(record, "pipeline", event.metric);
    event.network = score_of(record, "network", event.metric);
    snprintf(agreement, sizeof agreement, "agreement.%s", event.metric);
    event.agreement = score_of(record, "network", agreement);
    const struct record_value *state = record_value(record, "status");
    event.suspect = state && results_is_suspect(state->text) ? state->text : NULL;
    const struct record_value *notes = record_value(record, "notes");
    event.notes = notes && !runner_told(runner, notes->text) ? notes->text : NULL;
    event.speed = value_of(record, "timing.training.images_per_second");
    runner->done++;
    runner_tell(runner, index, event);
    return STATUS_OK;
}

enum status runner_tell_done(struct runner *runner, size_t trial, bool cached, bool *found,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct run_event event = {.cached = cached};

    TRY(job_recall(&runner->jobs, trial, &record, found, error));
    if (*found) {
        job_set(&runner->jobs, trial, JOB_DONE);
        runner->summary->cached += cached;
        runner->summary->recalled[TRIAL_EVALUATE] += cached;
        runner->told[trial] = true;
        note_dataset(runner, trial, &record);
        TRY(tell_finished(runner, trial, &record, event, error));
    }
out:
    record_release(&record);
    return status;
}

enum status runner_fail(struct runner *runner, size_t trial, const struct error *failure,
                        bool from_outside, struct error *error)
{
    struct record none = {0};
    struct run_event event = {.again = failure};
    bool again = from_outside ? ++runner->kills[trial] < MOST_KILLS
                              : runner->tries[trial]++ < runner->plan->base.limits.retries;

    if (again) {
        job_set(&runner->jobs, trial, JOB_TODO);
        runner_tell(runner, trial, event);
        return STATUS_OK;
    }
    job_set(&runner->jobs, trial, JOB_FAILED);
    runner->summary->failed++;
    runner->failed_externally += failure->code != STATUS_DIVERGED;
    PASS(job_record_failure(&runner->jobs, trial, failure, error));
    event = (struct run_event){.failure = failure};
    return tell_finished(runner, trial, &none, event, error);
}
