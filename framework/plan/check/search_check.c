/* Are a search's objectives columns that the results will have? */
#include "plan/grid/point_costs.h"
#include "plan/search_steps.h"
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

struct objectives {
    const struct search_objective *objective;
    bool known;
    const char *best; /* the nearest, in `nearest` */
    char nearest[128];
};

static void offer(struct objectives *objectives, const char *name)
{
    const char *best = objectives->best;

    objectives->known = objectives->known || strcmp(objectives->objective->column, name) == 0;
    text_nearest(objectives->objective->column, name, &best);
    if (best == name) {
        snprintf(objectives->nearest, sizeof objectives->nearest, "%s", name);
        objectives->best = objectives->nearest;
    }
}

static void offer_scores(struct objectives *objectives, const struct experiment *experiment)
{
    static const char *const who[] = {"network", "pipeline"}, *const splits[] = {"train",
                                                                                 "validation"};
    const struct task *task = experiment_task(experiment);
    char name[96];

    for (size_t s = 0; s < sizeof splits / sizeof *splits; s++)
        for (size_t m = 0; m < task->agreement_count; m++) {
            snprintf(name, sizeof name, "network.%s.agreement.%s", splits[s],
                     metric_names[task->agreement[m].metric]);
            offer(objectives, name);
        }
    for (int i = 0; i < 4; i++)
        for (int m = 0; metric_names[m]; m++) {
            if (!task_has_metric(task, (enum metric)m))
                continue;
            snprintf(name, sizeof name, "%s.%s.%s", who[i / 2], splits[i % 2], metric_names[m]);
            offer(objectives, name);
        }
}

static void offer_costs(struct objectives *objectives, const struct plan *plan)
{
    char name[128];

    for (int own = 0; own < OWN_COSTS; own++)
        offer(objectives, own_costs[own]);
    for (size_t h = 0; h < plan->base.hardware.count; h++)
        for (const struct cost_column *column = cost_columns; column->name; column++) {
            if (!cost_column_has(column, (const void *)plan->machines[h].model.kind))
                continue;
            snprintf(name, sizeof name, "hardware.%.64s.%s", plan->base.hardware.items[h],
                     column->name);
            offer(objectives, name);
        }
}

enum status search_check(struct plan *plan, struct diagnostics *found, struct error *error)
{
    const struct search *search = plan->search;
    char where[PLAN_MAX_PATH + 60];

    for (size_t i = 0; search && i < search->objective_count; i++) {
        struct objectives objectives = {.objective = &search->objectives[i]};
        const char *column = objectives.objective->column;
        snprintf(where, sizeof where, "search.objectives.%.200s", column);
        offer_scores(&objectives, &plan->base);
        offer_costs(&objectives, plan);
        if (strncmp(column, "timing.", strlen("timing.")) == 0)
            PASS(diagnostics_add(found, objectives.objective->mark, where, error,
                                 "what is measured differs from run to run, and so would what the "
                                 "search proposes next"));
        else if (!objectives.known)
            PASS(diagnostics_add(
                found, objectives.objective->mark, where, error,
                "not a column of this experiment's results that a search can use%s%s%s",
                objectives.best ? "; did you mean '" : "", objectives.best ? objectives.best : "",
                objectives.best ? "'?" : ""));
        else if (strstr(column, ".validation.") && plan->base.dataset.validation == 0)
            PASS(diagnostics_add(found, objectives.objective->mark, where, error,
                                 "the validation split is empty; give 'dataset.validation'"));
    }
    return STATUS_OK;
}
