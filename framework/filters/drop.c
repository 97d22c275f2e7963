#include "filters/drop.h"

#include "base/memory.h"
#include "filters/regions.h"

#include <math.h>
#include <stdlib.h>

struct suspect {
    float score;
    size_t index;
};

size_t filter_units(const struct filter_input *input)
{
    return input->regions ? input->regions->count : input->labels->count;
}

size_t drop_count(double fraction, size_t items)
{
    return (size_t)floor(fraction * (double)items + 0.5);
}

static int compare_suspects(const void *a, const void *b)
{
    const struct suspect *first = a, *second = b;

    if (first->score != second->score)
        return first->score > second->score ? -1 : 1;
    return first->index < second->index ? -1 : 1;
}

enum status drop_flagged(double fraction, size_t items, const uint8_t *flags,
                         enum filter_reason reason, struct filter_result *result,
                         struct error *error)
{
    if (fraction != (double)SHARE_AUTO)
        return drop_largest(fraction, items, reason, result, error);
    for (size_t i = 0; i < items; i++)
        if (flags[i])
            result->reason[i] = (uint8_t)reason;
    return STATUS_OK;
}

enum status drop_largest(double fraction, size_t items, enum filter_reason reason,
                         struct filter_result *result, struct error *error)
{
    enum status status = STATUS_OK;
    struct suspect *suspects = NULL;

    TRY(memory_new(&suspects, items, sizeof *suspects, error));
    for (size_t i = 0; i < items; i++) {
        suspects[i].score = isnan(result->score[i]) ? INFINITY : result->score[i];
        suspects[i].index = i;
    }
    if (items)
        qsort(suspects, items, sizeof *suspects, compare_suspects);
    for (size_t i = 0; i < drop_count(fraction, items); i++)
        result->reason[suspects[i].index] = (uint8_t)reason;
out:
    memory_free(suspects);
    return status;
}
