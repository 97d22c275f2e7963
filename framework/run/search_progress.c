#include "run/search_progress.h"

#include <math.h>

enum status search_recorded(void *context, size_t trial, const char *column, double *value,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct jobs *jobs = context;
    struct record record = {0};
    bool found = false;

    *value = (double)NAN;
    if (job_state(jobs, trial) == JOB_FAILED)
        goto out;
    TRY(job_recall(jobs, trial, &record, &found, error));
    if (!found)
        TRY(error_set(error, STATUS_DATA, "the record of trial %zu is missing or damaged", trial));
    const struct record_value *held = record_value(&record, column);
    if (held)
        *value = held->type == RECORD_INTEGER ? (double)held->integer : held->real;
out:
    record_release(&record);
    return status;
}
