/* `understudy plan FILE`: the trials, and what the network takes over. */
#include "cli/options.h"

#include <string.h>

enum { SHOWN = 20 };

static bool all;

static const struct option_row rows[] = {
    {"all", 'a', NULL, "list every trial, not the first 20 alone", .flag = &all},
    {0},
};

static const struct verb verb = {
    .usage = "plan [OPTION …] FILE",
    .about = "The trials of an experiment, without running them: the grid's values and the\n"
             "replicate of each, and which stages of the pipeline the network takes over.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = 1,
};

/* "median, gaussian". */
static void print_stages(const struct component_list *stages, size_t first, size_t last,
                         struct text *text)
{
    for (size_t i = first; i < last; i++)
        text_append(text, "%s%s", i > first ? ", " : "", stages->items[i].kind->name);
}

static enum status print_replaced(const struct experiment *experiment, struct text *text,
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

static void print_row(const struct plan *plan, size_t index, const int *widths, struct text *cell,
                      struct text *text)
{
    text_append(text, "%5zu", index);
    for (size_t a = 0; a < plan->axis_count; a++) {
        text_clear(cell);
        yaml_print(plan_value(plan, index, a), cell);
        text_append(text, "  %*s", widths[a], cell->bytes ? cell->bytes : "");
    }
    text_append(text, "  %9zu\n", index % (size_t)plan->base.replicates);
}

static enum status print_trials(const struct plan *plan, size_t count, struct text *text,
                                struct error *error)
{
    struct text cell = {0};
    int *widths = NULL;
    enum status status = STATUS_OK;

    TRY(memory_new(&widths, plan->axis_count, sizeof *widths, error));
    text_append(text, "trial");
    for (size_t a = 0; a < plan->axis_count; a++) {
        widths[a] = column_width(&plan->axes[a], &cell);
        text_append(text, "  %*s", widths[a], plan->axes[a].path);
    }
    text_append(text, "  replicate\n");
    for (size_t i = 0; i < count; i++)
        print_row(plan, i, widths, &cell, text);
    TRY(text_status(&cell, error));
    if (count < plan->trial_count)
        text_append(text, "    … %zu more; --all lists them\n", plan->trial_count - count);
out:
    memory_free(widths);
    text_release(&cell);
    return status;
}

static enum status print_plan(const struct plan *plan, struct text *text, struct error *error)
{
    size_t count = plan->trial_count;
    enum status status = STATUS_OK;

    text_append(text, "%s: %zu trial%s", plan->base.name, count, count == 1 ? "" : "s");
    if (plan->kept_count != count || plan->axis_count)
        text_append(text, " (%zu combination%s, %lld replicate%s each)", plan->kept_count,
                    plan->kept_count == 1 ? "" : "s", (long long)plan->base.replicates,
                    plan->base.replicates == 1 ? "" : "s");
    if (plan_final_count(plan) > count)
        text_append(text, ", the first round of a search for %zu", plan_final_count(plan));
    text_append(text, "\n");
    TRY(print_replaced(&plan->base, text, error));
    text_append(text, "\n");
    TRY(print_trials(plan, all || count <= SHOWN ? count : SHOWN, text, error));
out:
    return status;
}

int verb_plan(int argc, char **argv)
{
    struct options options;
    struct plan plan = {0};
    struct text text = {0};
    struct error error = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = options_families(&options);
    if (result == EXIT_DONE)
        result = options_plan(&options, options.operands[0], &plan);
    if (result == EXIT_DONE) {
        if (print_plan(&plan, &text, &error) == STATUS_OK)
            result = options_write(&text);
        else
            result = options_fail(&error);
        plan_release(&plan);
    }
    text_release(&text);
    families_release();
    options_release(&options);
    return result;
}
