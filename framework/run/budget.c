#include "run/budget.h"

#include "run/run_log.h"

#include <string.h>

static void add_hours(void *context, const struct run_log_entry *entry)
{
    double *hours = context;

    if (strcmp(entry->what, "begin") != 0)
        *hours += entry->seconds * entry->threads / 3600;
}

static double used(const char *folder)
{
    double hours = 0;

    run_log_read(folder, add_hours, &hours);
    return hours;
}

bool budget_spent(const struct limits_section *limits, const char *folder)
{
    return limits->core_hours > 0 && used(folder) >= limits->core_hours;
}

void budget_text(const struct plan *plan, const char *results, size_t left, struct text *text)
{
    char folder[PATH_ROOM];
    double hours = used(path_print(folder, "%s/runs/%s", results, plan->base.name));
    size_t trials = plan_final_count(plan);

    text_append(
        text,
        "budget used up: %.3g of %.3g core hours; %zu of %zu trials left. Finished trials "
        "are kept; to go on, raise limits.core_hours, as with --set limits.core_hours=%.3g, "
        "and run the same command",
        hours, plan->base.limits.core_hours, left, trials,
        2 * (hours > plan->base.limits.core_hours ? hours : plan->base.limits.core_hours));
}
