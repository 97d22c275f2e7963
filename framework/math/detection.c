#include "math/detection.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

struct scored {
    float score;
    bool wrong;
};

static int smaller_first(const void *a, const void *b)
{
    const struct scored *first = a, *second = b;
    return first->score < second->score ? -1 : first->score > second->score;
}

/* Mann and Whitney's statistic over the product of the counts; `items` are in order. */
static double area(const struct scored *items, size_t count)
{
    double above = 0, right = 0, wrong = 0;

    for (size_t i = 0; i < count;) {
        double equal_right = 0, equal_wrong = 0;
        float score = items[i].score;
        for (; i < count && items[i].score == score; i++) {
            equal_wrong += items[i].wrong;
            equal_right += !items[i].wrong;
        }
        above += equal_wrong * (right + equal_right / 2);
        right += equal_right;
        wrong += equal_wrong;
    }
    return above / (right * wrong); /* 0 / 0 is not a number, as it should be */
}

enum status detection_measure(const uint8_t *flags, const float *scores, const uint8_t *wrong,
                              size_t count, struct detection *detection, struct error *error)
{
    enum status status = STATUS_OK;
    double flagged = 0, both = 0;
    struct scored *items = NULL;

    *detection = (struct detection){.auroc = (double)NAN};
    TRY(memory_new(&items, count, sizeof *items, error));
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct scored){isnan(scores[i]) ? INFINITY : scores[i], wrong[i] != 0};
        detection->wrong += wrong[i] != 0;
        flagged += flags[i] != 0;
        both += flags[i] && wrong[i];
    }
    detection->precision = flagged > 0 ? both / flagged : (double)NAN;
    detection->recall = detection->wrong ? both / (double)detection->wrong : (double)NAN;
    if (count == 0)
        goto out;
    qsort(items, count, sizeof *items, smaller_first);
    if (items[0].score < items[count - 1].score)
        detection->auroc = area(items, count);
out:
    memory_free(items);
    return status;
}
