#include "cli/support/plan_text.h"

#include "interfaces/engine.h"

#include <string.h>

enum { SHOWN = 20 };

/* "median, gaussian". */
static void print_stages(const struct component_list *stages, size_t first, size_t last,
                         struct text *text)
{
    for (size_t i = first; i < last; i++)
        text_append(text, "%s%s", i > first ? ", " : "", stages->items[i].kind->name);
}

enum status plan_text_replaced(const struct experiment *experiment, struct text *text,
                               struct error *error)
{
    const struct component_list *stages = &experiment->pipeline.stages;
    struct diagnostics none = {0};
    size_t first, last;
    enum status status = STATUS_OK;

    TRY(experiment_replaced(experiment, &first, &last, &none, error));
    text_append(text, "network '%s' takes over ", experiment->network.kind->name);
    if (first == 0 && last == stages->count)
        text_append(text, "the whole pipeline: ");
    print_stages(stages, first, last, text);
    if (first > 0) {
        text_append(text, "; before it stays ");
        print_stages(stages, 0, first, text);
    }
    if (last < stages->count) {
        text_append(text, "; after it stays ");
        print_stages(stages, last, stages->count, text);
    }
    text_append(text, "\n");
out:
    diagnostics_release(&none);
    return status;
}

void plan_text_precision(const char *resolved, bool tiles, struct text *text)
{
    for (int p = 0; precision_names[p]; p++) {
        const char *slower = precision_slower((enum precision)p, tiles);
        if (slower && strstr(resolved, precision_names[p]))
            text_append(text, "%s\n", slower);
    }
}

/* The widest entry of an axis's column. */
static int column_width(const struct plan_axis *axis, struct text *cell)
{
    size_t width = strlen(axis->path);

    for (size_t i = 0; i < axis->count; i++) {
        text_clear(cell);
        yaml_print(axis->values[i], cell);
        width = cell->length > width ? cell->length : width;
    }
    return (int)width;
}

/* What has to be done for a trial. */
static void print_state(const struct forecast *forecast, size_t index, struct text *text)
{
    uint8_t missing = forecast->missing[index];
    bool first = true;

    if (!missing)
        text_append(text, forecast->finished ? "  done" : "  cached");
    for (enum trial_step s = 0; missing && s < TRIAL_STEPS; s++)
        if (missing >> s & 1) {
            text_append(text, "%s%s", first ? "  " : ", ", trial_step_names[s]);
            first = false;
        }
    text_append(text, "\n");
}

static void print_row(const struct plan *plan, const struct forecast *forecast, size_t index,
                      const int *widths, struct text *cell, struct text *text)
{
    text_append(text, "%5zu", index);
    for (size_t a = 0; a < plan->axis_count; a++) {
        text_clear(cell);
        yaml_print(plan_value(plan, index, a), cell);
        text_append(text, "  %*s", widths[a], cell->bytes ? cell->bytes : "");
    }
    text_append(text, "  %9zu", index % (size_t)plan->base.replicates);
    print_state(forecast, index, text);
}

enum status plan_text_trials(const struct plan *plan, const struct forecast *forecast, bool all,
                             struct text *text, struct error *error)
{
    size_t count = all || plan->trial_count <= SHOWN ? plan->trial_count : SHOWN;
    struct text cell = {0};
    int *widths = NULL;
    enum status status = STATUS_OK;

    TRY(memory_new(&widths, plan->axis_count, sizeof *widths, error));
    text_append(text, "trial");
    for (size_t a = 0; a < plan->axis_count; a++) {
        widths[a] = column_width(&plan->axes[a], &cell);
        text_append(text, "  %*s", widths[a], plan->axes[a].path);
    }
    text_append(text, "  replicate  to do\n");
    for (size_t i = 0; i < count; i++)
        print_row(plan, forecast, i, widths, &cell, text);
    TRY(text_status(&cell, error));
    if (count < plan->trial_count)
        text_append(text, "    … %zu more; --all lists them\n", plan->trial_count - count);
out:
    memory_free(widths);
    text_release(&cell);
    return status;
}

/* The values that a grid point has. */
static void print_point(const struct plan *plan, size_t point, struct text *text)
{
    for (size_t a = 0; a < plan->axis_count; a++) {
        text_append(text, "%s%s=", a ? " " : "", plan->axes[a].path);
        yaml_print(plan_point_value(plan, point, a), text);
    }
}

/* The rules, with their lines and what they leave out. */
void plan_text_rules(const struct plan *plan, bool all, struct text *text)
{
    size_t shown = 0, dropped = 0;

    for (size_t r = 0; r < plan->rule_count; r++) {
        const struct plan_rule *rule = &plan->rules[r];
        dropped += rule->dropped;
        text_append(text, "%s", r ? "" : "\n");
        if (rule->mark.line)
            text_append(text, "%s:%d:%d: ", rule->mark.file, rule->mark.line, rule->mark.column);
        else
            text_append(text, "%s: ", rule->mark.file);
        text_append(text, "%s leaves out %zu combination%s: %s\n", rule->section, rule->dropped,
                    rule->dropped == 1 ? "" : "s", rule->text);
    }
    for (size_t p = 0; dropped && p < plan->point_count && (all || shown < SHOWN); p++) {
        if (!plan->verdicts[p])
            continue;
        text_append(text, "    ");
        print_point(plan, p, text);
        text_append(text, "  by %s in line %d\n", plan->rules[plan->verdicts[p] - 1].section,
                    plan->rules[plan->verdicts[p] - 1].mark.line);
        shown++;
    }
    if (shown < dropped)
        text_append(text, "    … %zu more; --all lists them\n", dropped - shown);
}
