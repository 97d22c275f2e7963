/* What is left of a plan, to hand it over to a cluster or to say how that would be shared out. */
#include "forecast/forecast.h"
#include "run/search_progress.h"

#include <math.h>

/* The search's next round; *left stays where a record turns out to be damaged, for that has to be
 * computed anew. */
static enum status go_on(struct plan *plan, const struct outlook_options *options, bool *more,
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

enum status outlook_left(struct plan *plan, const struct outlook_options *options, size_t *left,
                         double *core_seconds, struct error *error)
{
    struct outlook outlook = {0};
    enum status status = STATUS_OK;

    for (bool more = true; more;) {
        outlook_release(&outlook);
        TRY(outlook_make(&outlook, plan, options, error));
        if (outlook.unread) {
            *error = outlook.why;
            status = error->code;
            goto out;
        }
        *left = outlook.finished ? 0 : plan_final_count(plan) - outlook.done;
        size_t here = outlook.trials - outlook.done; /* rounds to come will be like this one */
        *core_seconds = here ? outlook.core_seconds * (double)*left / (double)here : (double)NAN;
        more = plan->search && !outlook.finished && outlook.done == outlook.trials;
        if (more)
            TRY(go_on(plan, options, &more, left, error));
    }
out:
    outlook_release(&outlook);
    return status;
}
