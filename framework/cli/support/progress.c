#include "cli/support/progress.h"
#include "cli/support/say.h"

#include "base/clock.h"
#include "results/score_text.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 30 };

struct progress progress_begin(FILE *stream)
{
    struct progress progress = {.stream = stream, .terminal = isatty(fileno(stream)) == 1};
    progress.begin = clock_seconds();
    return progress;
}

static void print_duration(FILE *stream, double seconds)
{
    if (seconds < 60)
        fprintf(stream, "%.0f s", seconds);
    else if (seconds < 3600)
        fprintf(stream, "%.0f min", seconds / 60);
    else
        fprintf(stream, "%.1f h", seconds / 3600);
}

static void clear_bar(const struct progress *progress)
{
    if (progress->terminal)
        fputs("\r\033[K", progress->stream);
}

static void draw_bar(struct progress *progress, const struct run_event *event)
{
    double time = clock_seconds();
    double current = event->share;
    double done = (double)event->done + current;

    if (event->begins) {
        progress->work = event->begins;
        progress->trial = event->index;
    }
    if (!progress->terminal || (!event->begins && time - progress->drawn < 0.1))
        return;
    progress->drawn = time;
    int filled = (int)(BAR * done / (double)event->total);
    clear_bar(progress);
    fputc('[', progress->stream);
    for (int i = 0; i < BAR; i++)
        fputc(i < filled ? '#' : '.', progress->stream);
    fprintf(progress->stream, "] %zu of %zu trials", event->done, event->total);
    if (progress->work)
        fprintf(progress->stream, ", trial %zu: %s", progress->trial, progress->work);
    double worked = (double)progress->computed + current;
    if (worked > 0.02) {
        double elapsed = time - progress->begin;
        fputs(", ", progress->stream);
        print_duration(progress->stream, elapsed / worked * ((double)event->total - done));
        fputs(" left", progress->stream);
    }
    fflush(progress->stream);
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
    clear_bar(progress);
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
        fprintf(progress->stream, "trial %zu: resumes from step %lld\n", event->index,
                (long long)event->resumed);
    fflush(progress->stream);
}

void progress_event(void *context, const struct plan *plan, const struct run_event *event)
{
    struct progress *progress = context;

    if (event->lost || event->resumed || event->damaged || event->again || event->note)
        print_note(progress, event);
    if (event->finished) {
        if (!event->cached)
            progress->computed++;
        if (event->index == progress->trial)
            progress->work = NULL;
        clear_bar(progress);
        print_trial(progress, plan, event);
        fflush(progress->stream);
    }
    if (event->done < event->total)
        draw_bar(progress, event);
}

void progress_end(struct progress *progress)
{
    clear_bar(progress);
    fflush(progress->stream);
}
