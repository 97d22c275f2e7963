/*
 * Why stages have to be computed: against the plan of the last run, the trial of which that shares
 * most stages with a new one tells what is different. What its stages' texts were then, against
 * what this program makes of them now, tells what of the program or the machine is.
 */
#include "forecast/forecast.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_REASONS = 200, MOST_CANDIDATES = 4096, MOST_COMPARED = 64, MOST_ASKED = 1000 };

struct keyed_trial {
    const char *key;
    size_t trial;
};

/* Trials of the last plan, sorted by a step's key. */
struct order {
    char (*keys)[TRIAL_STEPS][HASH_TEXT]; /* [trials] */
    struct keyed_trial *sorted[TRIAL_STEPS];
    size_t count;
};

struct step_reason {
    enum trial_step step;
    const char *text;
    size_t trials;
};

/* What was found out of a step's key. */
struct asker {
    const struct forecast *forecast;
    struct plan *plan, *last;
    struct arena arena;
    struct order order;
    struct step_reason reasons[MOST_REASONS];
    size_t count;
    bool more;
    const char *changed[TRIAL_STEPS]; /* of program and machine; NULL: nothing */
    struct {
        size_t like;           /* the last plan's trial that is nearest */
        enum trial_step first; /* the step in which they part */
    } before;                  /* of the trial that is looked at */
};

static int by_key(const void *a, const void *b)
{
    const struct keyed_trial *left = a, *right = b;
    int order = strcmp(left->key, right->key);

    return order ? order : (left->trial > right->trial) - (left->trial < right->trial);
}

static enum status order_make(struct asker *asker, struct error *error)
{
    struct order *order = &asker->order;

    order->count = asker->last->trial_count;
    PASS(arena_new(&asker->arena, &order->keys, order->count, sizeof *order->keys, error));
    for (size_t i = 0; i < order->count; i++)
        PASS(plan_keys(asker->last, i, order->keys[i], error));
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        PASS(arena_new(&asker->arena, &order->sorted[s], order->count, sizeof *order->sorted[s],
                       error));
        for (size_t i = 0; i < order->count; i++)
            order->sorted[s][i] = (struct keyed_trial){order->keys[i][s], i};
        qsort(order->sorted[s], order->count, sizeof *order->sorted[s], by_key);
    }
    return STATUS_OK;
}

/* The first of the sorted trials whose key of the step is not below `key`. */
static size_t lower(const struct order *order, enum trial_step step, const char *key)
{
    size_t low = 0, high = order->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(order->sorted[step][middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has(const struct order *order, enum trial_step step, const char *key)
{
    size_t at = lower(order, step, key);

    return at < order->count && strcmp(order->sorted[step][at].key, key) == 0;
}

static enum status stage_text(struct plan *plan, size_t index, enum trial_step step,
                              struct text *text, struct error *error)
{
    struct arena arena = {0};
    struct trial trial;
    enum status status = STATUS_OK;

    text_clear(text);
    TRY(plan_trial(plan, index, &arena, &trial, error));
    TRY(plan_step_text(plan, &trial, step, text, error));
out:
    arena_release(&arena);
    return status;
}

/* On how many axes the trials have different values, or one has the axis alone. */
static size_t axes_apart(const struct asker *asker, size_t index, size_t candidate)
{
    const struct plan *plan = asker->plan, *last = asker->last;
    size_t apart =
        index % (size_t)plan->base.replicates != candidate % (size_t)last->base.replicates;

    for (size_t a = 0; a < plan->axis_count; a++) {
        const struct yaml_node *now = plan_value(plan, index, a), *then = NULL;
        for (size_t b = 0; b < last->axis_count; b++)
            if (strcmp(last->axes[b].path, plan->axes[a].path) == 0)
                then = plan_value(last, candidate, b);
        apart += !then || then->kind != YAML_SCALAR || now->kind != YAML_SCALAR ||
                 strcmp(then->text, now->text) != 0;
    }
    return apart;
}

/* The trial of the last plan that is like this one up to `first`, there differs in the fewest
 * fields, and of those stands nearest on the axes; the last one of several. */
static enum status find_nearest(struct asker *asker, size_t index, enum trial_step first,
                                const char *input, size_t *nearest, struct error *error)
{
    const struct order *order = &asker->order;
    struct text own = {0}, other = {0}, difference = {0};
    size_t fewest = SIZE_MAX, closest = SIZE_MAX, count = SIZE_MAX, tried = 0,
           begin = first ? lower(order, first - 1, input) : 0;
    const char *last_key = "";
    enum status status = STATUS_OK;

    *nearest = order->count ? order->sorted[first ? first - 1 : 0][begin].trial : 0;
    TRY(stage_text(asker->plan, index, first, &own, error));
    for (size_t k = begin; k < order->count && k - begin < MOST_CANDIDATES; k++) {
        size_t candidate = order->sorted[first ? first - 1 : 0][k].trial;
        if (first && strcmp(order->keys[candidate][first - 1], input) != 0)
            break;
        if (strcmp(order->keys[candidate][first], last_key) != 0) {
            if (tried++ == MOST_COMPARED)
                break;
            last_key = order->keys[candidate][first];
            TRY(stage_text(asker->last, candidate, first, &other, error));
            text_clear(&difference);
            TRY(plan_difference(other.bytes, own.bytes, &difference, &count, error));
        }
        size_t apart = axes_apart(asker, index, candidate);
        bool nearer = apart < closest || (apart == closest && candidate > *nearest);
        if (count < fewest || (count == fewest && nearer)) {
            fewest = count;
            closest = apart;
            *nearest = candidate;
        }
    }
out:
    text_release(&own);
    text_release(&other);
    text_release(&difference);
    return status;
}

static enum status add_reason(struct asker *asker, enum trial_step step, const char *text,
                              struct error *error)
{
    struct step_reason *reason;

    for (size_t r = 0; r < asker->count; r++)
        if (asker->reasons[r].step == step && strcmp(asker->reasons[r].text, text) == 0) {
            asker->reasons[r].trials++;
            return STATUS_OK;
        }
    if (asker->count == MOST_REASONS) {
        asker->more = true;
        return STATUS_OK;
    }
    reason = &asker->reasons[asker->count];
    PASS(arena_copy(&asker->arena, text, strlen(text), &reason->text, error));
    reason->step = step;
    reason->trials = 1;
    asker->count++;
    return STATUS_OK;
}

/* What made step `step` of the trial another one than that of the trial `like`. */
static enum status explain_stage(struct asker *asker, size_t index, size_t like,
                                 enum trial_step step, enum trial_step first, struct error *error)
{
    struct text own = {0}, other = {0}, text = {0};
    size_t count;
    enum status status = STATUS_OK;

    TRY(stage_text(asker->last, like, step, &other, error));
    TRY(stage_text(asker->plan, index, step, &own, error));
    TRY(plan_difference(other.bytes, own.bytes, &text, &count, error));
    if (count == 0)
        text_append(&text, "follows from %s", trial_step_names[first]);
    TRY(text_status(&text, error));
    TRY(add_reason(asker, step, text.bytes, error));
out:
    text_release(&own);
    text_release(&other);
    text_release(&text);
    return status;
}

/* The first step of the trial that the last plan did not have. */
static enum status locate(struct asker *asker, size_t index, const char (*keys)[HASH_TEXT],
                          struct error *error)
{
    enum trial_step first = 0;

    while (first < TRIAL_STEPS && has(&asker->order, first, keys[first]))
        first++;
    asker->before.first = first;
    asker->before.like = 0;
    if (first < TRIAL_STEPS)
        PASS(find_nearest(asker, index, first, first ? keys[first - 1] : NULL, &asker->before.like,
                          error));
    return STATUS_OK;
}

static enum status explain(struct asker *asker, size_t index, struct error *error)
{
    static const char again[] = "was not finished then, or was removed since";
    uint8_t missing = asker->forecast->missing[index];
    char keys[TRIAL_STEPS][HASH_TEXT];
    enum trial_step upstream = TRIAL_STEPS;

    PASS(plan_keys(asker->plan, index, keys, error));
    PASS(locate(asker, index, (const char(*)[HASH_TEXT])keys, error));
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++)
        if (asker->changed[s] && upstream == TRIAL_STEPS)
            upstream = s;
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        /* What keeps nothing is named, too, where it is what changed. */
        if (!(missing >> s & 1) && s != asker->before.first && s != upstream)
            continue;
        if (s >= asker->before.first)
            PASS(explain_stage(asker, index, asker->before.like, s, asker->before.first, error));
        else if (upstream > s)
            PASS(add_reason(asker, s, again, error));
        else if (asker->changed[s])
            PASS(add_reason(asker, s, asker->changed[s], error));
        else
            PASS(add_reason(asker, s, "follows from a change in an earlier step", error));
    }
    return STATUS_OK;
}

/* Do they begin with the same "stage: NAME"? A program that is older had fewer steps. */
static bool is_same_stage(const char *a, const char *b)
{
    size_t length = strcspn(a, "\n");

    return strncmp(a, b, length + 1) == 0;
}

/* What this program makes of the last plan's first trial, against what was made of it then. */
static enum status compare_program(struct asker *asker, const char *then, struct error *error)
{
    struct text now = {0}, text = {0};
    enum status status = STATUS_OK;

    for (enum trial_step s = 0; s < TRIAL_STEPS && then && *then; s++) {
        const char *end = strstr(then + 1, "\nstage: "), *old;
        size_t length = end ? (size_t)(end - then) + 1 : strlen(then), count;
        TRY(arena_copy(&asker->arena, then, length, &old, error));
        TRY(stage_text(asker->last, 0, s, &now, error));
        if (!is_same_stage(old, now.bytes))
            continue;
        text_clear(&text);
        TRY(plan_difference(old, now.bytes, &text, &count, error));
        if (count)
            TRY(arena_copy(&asker->arena, text.bytes, text.length, &asker->changed[s], error));
        then += length;
    }
out:
    text_release(&now);
    text_release(&text);
    return status;
}

static int reason_order(const void *a, const void *b)
{
    const struct step_reason *left = a, *right = b;

    if (left->step != right->step)
        return left->step < right->step ? -1 : 1;
    if (left->trials != right->trials)
        return left->trials > right->trials ? -1 : 1;
    return strcmp(left->text, right->text);
}

enum status forecast_explain(const struct forecast *forecast, struct plan *plan, struct plan *last,
                             const char *first, struct text *text, struct error *error)
{
    struct asker *asker = NULL;
    enum status status = STATUS_OK;

    TRY(memory_new(&asker, 1, sizeof *asker, error));
    asker->forecast = forecast;
    asker->plan = plan;
    asker->last = last;
    TRY(order_make(asker, error));
    TRY(compare_program(asker, first, error));
    for (size_t i = 0, asked = 0; i < forecast->trials && !asker->more; i++) {
        if (!forecast->missing[i])
            continue;
        asker->more = asked++ == MOST_ASKED;
        if (!asker->more)
            TRY(explain(asker, i, error));
    }
    if (asker->count)
        qsort(asker->reasons, asker->count, sizeof *asker->reasons, reason_order);
    for (size_t r = 0; r < asker->count; r++)
        text_append(text, "  %s: %s (%zu trial%s)\n", trial_step_names[asker->reasons[r].step],
                    asker->reasons[r].text, asker->reasons[r].trials,
                    asker->reasons[r].trials == 1 ? "" : "s");
    if (asker->more)
        text_append(text, "  … and more\n");
    TRY(text_status(text, error));
out:
    if (asker)
        arena_release(&asker->arena);
    memory_free(asker);
    return status;
}
