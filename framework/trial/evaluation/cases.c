#include "trial/evaluation/cases.h"

#include "trial/evaluation/evaluation.h"

/* What keeping it takes: the input, and where answers are images these and the truth. */
static size_t bytes_of(const struct splits *splits, const struct image_set *outputs, size_t place)
{
    const struct split *test = &splits->items[SPLIT_TEST];
    size_t values = shape_size(test->input.shapes[place]) +
                    2 * shape_size(test->pipeline_out.shapes[place]) +
                    shape_size(outputs->shapes[place]);

    return values * sizeof(float);
}

static bool holds(const struct ranking *ranking, size_t place)
{
    for (size_t k = 0; k < ranking->count; k++)
        if (ranking->images[k].place == place)
            return true;
    return false;
}

/* The next image of `from` that neither has: into `to`, if there is room. */
static void take(const struct splits *splits, const struct image_set *outputs,
                 const struct ranking *from, size_t next, const struct ranking *other,
                 struct ranking *to, size_t *bytes, int64_t *left_out)
{
    if (next >= from->count || holds(other, from->images[next].place))
        return;
    size_t own = bytes_of(splits, outputs, from->images[next].place);
    if (*bytes + own > CASES_BYTES) {
        ++*left_out;
        return;
    }
    *bytes += own;
    to->images[to->count++] = from->images[next];
}

enum status cases_record(struct record *record, const struct splits *splits,
                         const struct image_set *outputs, const struct rankings *rankings,
                         size_t most, struct error *error)
{
    struct ranking worst = {0}, best = {0};
    uint32_t places[RANKING_MOST];
    int64_t left_out = 0, count;
    size_t bytes = 0;

    for (size_t k = 0; k < most; k++) {
        take(splits, outputs, &rankings->behind, k, &best, &worst, &bytes, &left_out);
        take(splits, outputs, &rankings->ahead, k, &worst, &best, &bytes, &left_out);
    }
    count = (int64_t)worst.count;
    for (size_t k = 0; k < best.count; k++)
        worst.images[worst.count++] = best.images[k];
    for (size_t k = 0; k < worst.count; k++)
        places[k] = (uint32_t)worst.images[k].place;
    if (!worst.count && !left_out)
        return STATUS_OK;
    PASS(record_put_row(record, "cases/left_out", HDF5_INT64, &left_out, 1, error));
    if (!worst.count)
        return STATUS_OK;
    PASS(record_put_row(record, "cases/worst", HDF5_INT64, &count, 1, error));
    PASS(ranking_record(record, "cases/scores", splits, &worst,
                        !truth_is_absent(&splits->truth[SPLIT_TEST]), error));
    return evaluation_keep(record, "cases", splits, outputs, places, worst.count, error);
}
