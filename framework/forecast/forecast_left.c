/* What is left of a plan, to hand it over to a cluster or to say how that would be shared out. */
#include "forecast/forecast.h"
#include "run/search_progress.h"

#include <math.h>

/* The search's next round; *left stays where a record turns out to be damaged, for that has to be
 * computed anew. */
static enum status go_on(struct plan *plan, const struct forecast_options *options, bool *more,
                         size_t *left, struct error *error)
{
    const struct jobs_options wanted = {.results = options->results, .data = options->data};
    struct error damage = {0};
    struct jobs jobs = {0};
    enum status status = STATUS_OK;

    *more = false;
    TRY(jobs_begin(&jobs, plan, &wanted, error));
    status = plan_extend(plan, search_recorded, &jobs, more, &damage);
    if (status == STATUS_DATA) {
        *left = *left ? *left : 1;
        status = STATUS_OK;
    } else if (status != STATUS_OK) {
        *error = damage;
    } else if (!*more) {
        *left = 0;
    }
out:
    jobs_release(&jobs);
    return status;
}

enum status forecast_left(struct plan *plan, const struct forecast_options *options, size_t *left,
                          double *core_seconds, struct error *error)
{
    struct forecast forecast = {0};
    enum status status = STATUS_OK;

    for (bool more = true; more;) {
        forecast_release(&forecast);
        TRY(forecast_make(&forecast, plan, options, error));
        if (forecast.unread) {
            *error = forecast.why;
            status = error->code;
            goto out;
        }
        *left = forecast.finished ? 0 : plan_final_count(plan) - forecast.done;
        size_t here = forecast.trials - forecast.done; /* rounds to come will be like this one */
        *core_seconds = here ? forecast.core_seconds * (double)*left / (double)here : (double)NAN;
        more = plan->search && !forecast.finished && forecast.done == forecast.trials;
        if (more)
            TRY(go_on(plan, options, &more, left, error));
    }
out:
    forecast_release(&forecast);
    return status;
}
