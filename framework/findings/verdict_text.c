/* The verdict in lines: what it is about in the first column. */
#include "findings/verdict_facts.h"

#include "results/score_text.h"

#include <math.h>
#include <string.h>

enum { NAMED = 3 /* of the weakest images */, LABEL = 11 /* characters, at least */, LONGEST = 40 };

static void begin(struct text *text, const char *about)
{
    text_append(text, "  %-12s ", about);
}

static void say_network(const struct verdict *verdict, struct text *text)
{
    const struct points *points = &verdict->points;

    begin(text, "network");
    text_append(text, "trial %zu", verdict->trial);
    if (points->axis_count) {
        text_append(text, ", ");
        points_name(points, verdict->point, false, text);
    }
    text_append(text, "; best %s%s on validation images of %zu trial%s%s\n",
                verdict->by_agreement ? "agreement in " : "", metric_names[verdict->metric],
                points->trials - points->failed, points->trials - points->failed == 1 ? "" : "s",
                verdict->selected ? " of the selected point" : "");
}

/* "+1.11 points, 95 % interval +0.95 to +1.27", in the metric's own direction. */
static void say_difference(const struct verdict *verdict, const struct interval *difference,
                           struct text *text)
{
    double units = verdict->unit->units;

    text_append(text, "%+.4g %s", units * difference->mean, verdict->unit->unit);
    if (isfinite(difference->low))
        text_append(text, ", 95 %% interval %+.4g to %+.4g", units * difference->low,
                    units * difference->high);
    else if (isinf(difference->low))
        text_append(text, ", no interval from one image");
}

static void say_score(const struct verdict *verdict, struct text *text)
{
    const struct verdict_facts *facts = &verdict->facts;
    bool turned = metric_goodness(verdict->metric, 1) < 0;
    struct interval difference = {.mean = verdict->network - verdict->pipeline,
                                  .low = turned ? -facts->high : facts->low,
                                  .high = turned ? -facts->low : facts->high};

    if (!facts->judged || verdict->by_agreement)
        return;
    begin(text, "score");
    text_append(text, "%s%s ", verdict->int8 ? "int8 " : "", metric_names[verdict->metric]);
    score_print(text, verdict->metric, verdict->network);
    text_append(text, ", pipeline ");
    score_print(text, verdict->metric, verdict->pipeline);
    text_append(text, " (test images): ");
    say_difference(verdict, &difference, text);
    text_append(text, "%s\n",
                verdict->cut && isfinite(facts->low) ? ", cut at what it can be" : "");
}

/* What the judgement cannot be for want of: images that would make the interval narrow enough. */
static void say_too_few(const struct verdict *verdict, struct text *text)
{
    long long images = (long long)verdict->experiment->dataset.test;

    if (images > 0)
        text_append(text, ": %lld test image%s too few to tell", images,
                    images == 1 ? " is" : "s are");
    else
        text_append(text, ": too few test images to tell");
}

static void say_quality(const struct verdict *verdict, struct text *text)
{
    static const char *const words[] = {[VERDICT_WORSE] = "worse than the pipeline",
                                        [VERDICT_UNCLEAR] = "perhaps worse than the pipeline",
                                        [VERDICT_AS_GOOD] = "as good as the pipeline",
                                        [VERDICT_BETTER] = "better than the pipeline"};
    const struct verdict_facts *facts = &verdict->facts;
    enum verdict_quality quality = verdict_quality(facts);

    begin(text, "judgement");
    if (quality == VERDICT_UNKNOWN)
        text_append(text, "none: no test image has ground truth\n");
    else
        text_append(text, "%s%s (margin %g %s, select.within)", words[quality],
                    verdict->by_agreement ? " by agreement with it" : "",
                    verdict->experiment->select.within, verdict->unit->unit);
    if (quality == VERDICT_UNCLEAR)
        say_too_few(verdict, text);
    if (quality != VERDICT_UNKNOWN)
        text_append(text, "\n");
}

/* Does the interval reach from good enough to not good enough? */
static bool holds_margin(const struct verdict_facts *facts, const struct interval *interval,
                         enum metric metric)
{
    double a = metric_goodness(metric, interval->low), b = metric_goodness(metric, interval->high);

    return fmin(a, b) <= -facts->margin && fmax(a, b) > -facts->margin;
}

static void say_replicates(const struct verdict *verdict, struct text *text)
{
    const struct verdict_facts *facts = &verdict->facts;

    if (facts->replicates < 2)
        return;
    begin(text, "replicates");
    if (facts->judged)
        text_append(text, "%zu of %zu at least as good; mean difference ", facts->as_good,
                    facts->replicates);
    else
        text_append(text, "%zu", facts->replicates);
    if (facts->judged)
        say_difference(verdict, &verdict->over_replicates, text);
    if (facts->judged && holds_margin(facts, &verdict->over_replicates, verdict->metric))
        text_append(text, ": too few to tell what another training gives");
    text_append(text, "\n");
}

static void say_agreement(const struct verdict *verdict, struct text *text)
{
    if (isnan(verdict->agreement))
        return;
    begin(text, "agreement");
    text_append(text, "%s ", metric_names[verdict->agreement_metric]);
    score_print(text, verdict->agreement_metric, verdict->agreement);
    text_append(text, " with the pipeline's answers (test images)\n");
}

/* ": 0.25 times its time, 0.4 times its energy" */
static void say_ratio(double one, double other, const char *what, bool first, struct text *text)
{
    if (one / other > 0 && isfinite(one / other))
        text_append(text, "%s %.3g times its %s", first ? ":" : ",", one / other, what);
}

/* "1.2e-05 s, 0.004 J an image; pipeline 3e-06 s: 4 times its time" */
static void say_price(const struct price *price, struct text *text)
{
    text_append(text, "%.3g s", price->network_s);
    if (!isnan(price->network_j))
        text_append(text, ", %.3g J", price->network_j);
    text_append(text, " an image; pipeline ");
    if (isnan(price->pipeline_s))
        text_append(text, "not known");
    else
        text_append(text, "%.3g s", price->pipeline_s);
    if (!isnan(price->pipeline_j))
        text_append(text, ", %.3g J", price->pipeline_j);
    say_ratio(price->network_s, price->pipeline_s, "time", true, text);
    say_ratio(price->network_j, price->pipeline_j, "energy", isnan(price->pipeline_s), text);
}

static void say_suspects(const struct verdict *verdict, struct text *text)
{
    if (!verdict->points.suspect)
        return;
    begin(text, "suspect");
    text_append(text, "%zu of %zu trials, which count; their status says why%s\n",
                verdict->points.suspect, verdict->points.trials,
                verdict->suspect ? "; this network is one of them" : "");
}

static void say_labels(const struct verdict *verdict, struct text *text)
{
    const struct dataset_section *dataset = &verdict->experiment->dataset;

    begin(text, "labels");
    text_append(text, "%.0f by hand", verdict->manual);
    if (verdict->facts.judged && !verdict->by_agreement)
        text_append(text, "; the network was chosen by the truth of %lld validation image%s",
                    (long long)dataset->validation, dataset->validation == 1 ? "" : "s");
    text_append(text, "\n");
}

static void say_weakest(const struct verdict *verdict, struct text *text)
{
    size_t count = verdict->weakest_count < NAMED ? verdict->weakest_count : NAMED;

    if (!count)
        return;
    begin(text, "weakest");
    text_append(text, "test image%s", count > 1 ? "s" : "");
    for (size_t i = 0; i < count; i++) {
        const struct weakest_image *image = &verdict->weakest[i];
        text_append(text, "%s ", i ? "," : "");
        if (image->name)
            text_append(text, "%s", image->name);
        else
            text_append(text, "%lld", (long long)image->number);
        text_append(text, " (");
        score_print(text, verdict->weakest_metric, image->network);
        if (!isnan(image->pipeline)) {
            text_append(text, ", pipeline ");
            score_print(text, verdict->weakest_metric, image->pipeline);
        }
        text_append(text, ")");
    }
    text_append(text, "\n");
}

/* The small network with its guard, as an answer beside the network alone. */
static void say_guarded(const struct verdict *verdict, struct text *text)
{
    const struct guarded *guarded = &verdict->guarded;

    if (!guarded->by)
        return;
    begin(text, "guarded");
    text_append(text, "%s, %s hands %.3g %% on to %s: %s ", guarded->small, guarded->by,
                100 * guarded->share, guarded->other, metric_names[verdict->metric]);
    score_print(text, verdict->metric, guarded->score.mean);
    if (isfinite(guarded->difference.mean)) {
        text_append(text, ", ");
        say_difference(verdict, &guarded->difference, text);
    }
    text_append(text, "; %.4g multiply-adds an image", guarded->multiply_adds);
    if (guarded->pipeline_multiply_adds > 0)
        text_append(text, ", pipeline %.4g", guarded->pipeline_multiply_adds);
    for (size_t i = 0; i < verdict->price_count; i++) {
        const struct price *price = &guarded->prices[i];
        if (isnan(price->network_s))
            continue;
        text_append(text, "; %s ", price->machine);
        say_price(price, text);
    }
    text_append(text, "\n");
}

void verdict_lines(const struct verdict *verdict, struct text *text)
{
    say_network(verdict, text);
    say_score(verdict, text);
    say_agreement(verdict, text);
    say_quality(verdict, text);
    say_replicates(verdict, text);
    say_suspects(verdict, text);
    say_labels(verdict, text);
    say_weakest(verdict, text);
    for (size_t i = 0; i < verdict->price_count; i++) {
        begin(text, verdict->prices[i].machine);
        say_price(&verdict->prices[i], text);
        text_append(text, "\n");
    }
    say_guarded(verdict, text);
}

void verdict_measured(const struct verdict *verdict, struct text *text)
{
    if (isnan(verdict->measured.network_s))
        return;
    begin(text, "measured");
    say_price(&verdict->measured, text);
    text_append(text, " (one thread)");
    if (!isnan(verdict->guarded.measured.network_s) && verdict->guarded.by) {
        text_append(text, "; guarded ");
        say_price(&verdict->guarded.measured, text);
    }
    text_append(text, "\n");
}

static const char *next_line(const char *line)
{
    const char *end = line + strcspn(line, "\n");
    return *end ? end + 1 : end;
}

/* The first word of a line behind its indent, and what follows it. */
static const char *label_of(const char *line, size_t *length, const char **rest)
{
    const char *label = line + strspn(line, " ");

    *length = strcspn(label, " \n");
    *rest = label + *length + strspn(label + *length, " ");
    return label;
}

enum status verdict_align(struct text *text, struct error *error)
{
    struct text aligned = {0};
    const char *rest;
    size_t widest = LABEL, length;

    if (!text->length)
        return STATUS_OK;
    for (const char *line = text->bytes; *line; line = next_line(line)) {
        label_of(line, &length, &rest);
        widest = length > widest && length <= LONGEST ? length : widest;
    }
    for (const char *line = text->bytes; *line; line = next_line(line)) {
        const char *label = label_of(line, &length, &rest);
        text_append(&aligned, "  %-*.*s  %.*s", (int)widest, (int)length, label,
                    (int)(next_line(rest) - rest), rest);
    }
    text_release(text);
    *text = aligned;
    return text_status(text, error);
}
