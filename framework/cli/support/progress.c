#include "cli/support/progress.h"
#include "cli/support/console.h"
#include "cli/support/say.h"

#include "base/clock.h"
#include "results/score_text.h"

#include <math.h>
#include <string.h>

enum { WIDE = 96, BAR_FROM = 76, RUN_FROM = 56, BAR = 30, SMALL_BAR = 12 };

/* Of the whole run, from the trials that were computed. */
static double seconds_left(const struct progress *progress)
{
    double worked = (double)progress->computed + progress->share;
    double elapsed = clock_seconds() - progress->begin;

    if (worked <= 0.02)
        return -1;
    return elapsed / worked * ((double)progress->total - (double)progress->done - progress->share);
}

/* What does not fit is left out from the outside in: the bar, then the run's time left. */
static void compose(void *context, size_t columns, struct text *line)
{
    const struct progress *progress = context;
    double done = (double)progress->done + progress->share, left = seconds_left(progress);
    bool counted = progress->step && progress->work.total;

    if (progress->total == 0 || progress->done == progress->total)
        return;
    if (columns >= BAR_FROM || !counted)
        console_bar(done / (double)progress->total, columns >= WIDE ? BAR : SMALL_BAR, line);
    if (columns >= RUN_FROM || !counted)
        text_append(line, "%zu of %zu trials", progress->done, progress->total);
    if (left >= 0 && (columns >= WIDE || !counted)) {
        text_append(line, ", ");
        console_duration(left, line);
        text_append(line, " left");
    }
    if (!progress->step)
        return;
    if (columns >= WIDE)
        text_append(line, "; trial %zu: ", progress->trial);
    else
        text_append(line, "%s", line->length ? "; " : "");
    if (counted)
        console_work(&progress->work, line);
    else
        text_append(line, "%s", progress->work.step[0] ? progress->work.step : progress->step);
}

struct progress progress_begin(FILE *stream)
{
    struct progress progress = {.stream = stream};

    progress.begin = clock_seconds();
    return progress;
}

void progress_show(struct progress *progress)
{
    console_say(compose, progress);
}

/* The step that began last is the one that is shown, whatever others are at. */
static void take(struct progress *progress, const struct run_event *event)
{
    console_lock();
    progress->done = event->done;
    progress->total = event->total;
    progress->share = event->share;
    if (event->begins) {
        progress->step = event->begins;
        progress->trial = event->index;
        progress->work = (struct work){0};
    }
    if (event->work && progress->step && event->index == progress->trial)
        progress->work = *event->work;
    if (event->finished) {
        progress->computed += !event->cached;
        if (event->index == progress->trial)
            progress->step = NULL;
    }
    console_unlock();
}

/* In the verdict's units. */
static void append_score(const struct run_event *event, double score, struct text *line)
{
    int metric = 0;

    while (strcmp(metric_names[metric], event->metric) != 0)
        metric++;
    score_print(line, (enum metric)metric, score);
}

static void print_trial(const struct progress *progress, const struct plan *plan,
                        const struct run_event *event)
{
    struct text line = {0}; /* written at once: the stream is not buffered */

    text_append(&line, "[%zu/%zu] trial %zu", event->done, event->total, event->index);
    for (size_t a = 0; a < plan->axis_count; a++) {
        text_append(&line, " %s=", plan->axes[a].path);
        yaml_print(plan_value(plan, event->index, a), &line);
    }
    text_append(&line, " replicate=%u: ", (unsigned)(event->index % (size_t)plan->base.replicates));
    if (event->failure) {
        text_append(&line, "failed: %s", event->failure->message);
    } else if (isnan(event->network)) {
        text_append(&line, "agreement with the pipeline: %s ", event->metric);
        append_score(event, event->agreement, &line);
    } else {
        text_append(&line, "%s ", event->metric);
        append_score(event, event->network, &line);
        text_append(&line, " (pipeline ");
        append_score(event, event->pipeline, &line);
        if (!isnan(event->degraded)) {
            text_append(&line, ", input ");
            append_score(event, event->degraded, &line);
        }
        text_append(&line, ")");
    }
    if (event->cached)
        text_append(&line, ", done before");
    else
        text_append(&line, ", %.1f s", event->seconds);
    if (!event->cached && !isnan(event->speed))
        text_append(&line, ", %.*f images/s", event->speed < 10, event->speed);
    if (event->suspect)
        text_append(&line, "; %s", event->suspect);
    text_append(&line, "\n");
    if (event->notes)
        text_append(&line, "trial %zu: note: %s\n", event->index, event->notes);
    if (text_status(&line, NULL) == STATUS_OK)
        say_lines(progress->stream, line.bytes, line.length);
    text_release(&line);
}

/* Messages on a trial that is not done: where a training resumes, damaged entries, retries. */
static void print_note(const struct progress *progress, const struct run_event *event)
{
    if (event->note)
        say_line(progress->stream, "note: %s", event->note);
    else if (event->damaged)
        say_line(progress->stream, "ignored damaged cache entry: %s", event->damaged->message);
    else if (event->lost)
        say_line(progress->stream, "damaged checkpoint, training restarted: %s",
                 event->lost->message);
    else if (event->again)
        say_line(progress->stream, "trial %zu: %s; retrying", event->index, event->again->message);
    else
        say_line(progress->stream, "trial %zu: resumes from step %lld", event->index,
                 (long long)event->resumed);
}

void progress_event(void *context, const struct plan *plan, const struct run_event *event)
{
    struct progress *progress = context;

    take(progress, event);
    if (event->lost || event->resumed || event->damaged || event->again || event->note)
        print_note(progress, event);
    if (event->finished)
        print_trial(progress, plan, event);
}

void progress_end(void)
{
    console_say(NULL, NULL);
}
