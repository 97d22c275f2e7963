#include "run/partial.h"

#include "cache/cache.h"
#include "results/results_write.h"
#include "run/trial_list.h"

#include <math.h>

struct records { /* of the trials on the list */
    struct trial_list list;
    struct cache cache;
};

static enum status records_open(struct records *records, const char *results, const char *name,
                                struct error *error)
{
    PASS(trial_list_read(&records->list, results, name, error));
    return cache_open(&records->cache, results, error);
}

static void records_release(struct records *records)
{
    cache_close(&records->cache);
    trial_list_release(&records->list);
}

/* Of a trial that is done, or failed. */
static enum status recall(struct records *records, size_t trial, struct record *record, bool *found,
                          struct error *error)
{
    char key[HASH_TEXT];

    *found = false;
    if (trial >= records->list.count)
        return STATUS_OK;
    trial_list_key(&records->list, trial, key);
    PASS(cache_get_values(&records->cache, TRIAL_EVALUATE, key, record, found, error));
    return *found ? STATUS_OK : cache_get_failure(&records->cache, key, record, found, error);
}

enum status partial_count(struct partial *partial, const char *results, const char *name,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct records records = {0};
    struct record record = {0};
    char key[HASH_TEXT];
    bool found;

    *partial = (struct partial){0};
    TRY(records_open(&records, results, name, error));
    partial->trials = records.list.count;
    for (size_t i = 0; i < partial->trials; i++) {
        if (cache_has(&records.cache, TRIAL_EVALUATE, trial_list_key(&records.list, i, key))) {
            partial->done++;
            continue;
        }
        TRY(cache_get_failure(&records.cache, key, &record, &found, error));
        partial->failed += found;
        record_release(&record);
    }
out:
    record_release(&record);
    records_release(&records);
    return status;
}

static enum status open_record(void *context, size_t trial, struct record *record,
                               struct hdf5 *file, bool *found, struct error *error)
{
    *file = (struct hdf5){0};
    return recall(context, trial, record, found, error);
}

/* What a search's next round hangs on. */
static enum status recorded(void *context, size_t trial, const char *column, double *value,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    const struct record_value *held;
    bool found;

    *value = (double)NAN;
    TRY(recall(context, trial, &record, &found, error));
    held = found ? record_value(&record, column) : NULL;
    if (held)
        *value = held->type == RECORD_INTEGER ? (double)held->integer : held->real;
out:
    record_release(&record);
    return status;
}

enum status partial_results(struct hdf5 *file, struct plan *plan, const char *results,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct records records = {0};
    struct store_source source = {.open = open_record, .context = &records};
    struct text resolved = {0};
    bool more = true;

    TRY(records_open(&records, results, plan->base.name, error));
    while (more && plan->trial_count < records.list.count)
        TRY(plan_extend(plan, recorded, &records, &more, error));
    TRY(plan_resolved(plan, &resolved, error));
    TRY(store_preview(file, plan, resolved.bytes, &source, error));
out:
    text_release(&resolved);
    records_release(&records);
    return status;
}
