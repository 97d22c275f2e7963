#include "results/search_results.h"

#include "plan/search.h"

#include <math.h>

static enum status write_texts(struct hdf5 *file, const struct search *search, struct error *error)
{
    const char *columns[SEARCH_MOST_OBJECTIVES], *directions[SEARCH_MOST_OBJECTIVES];

    for (size_t i = 0; i < search->objective_count; i++) {
        columns[i] = search->objectives[i].column;
        directions[i] = search->objectives[i].maximise ? "maximise" : "minimise";
    }
    PASS(hdf5_write_text(file, "/search/method", search->method->descriptor.name, error));
    PASS(hdf5_write_texts(file, "/search/objectives", columns, search->objective_count, error));
    return hdf5_write_texts(file, "/search/directions", directions, search->objective_count, error);
}

enum status search_store(struct hdf5 *file, const struct plan *plan, struct error *error)
{
    static const char *const names[] = {"/search/point", "/search/round", "/search/rung",
                                        "/search/pareto"};
    const struct search *search = plan->search;
    size_t trials = plan->trial_count, replicates = (size_t)plan->base.replicates;
    int64_t *columns = NULL;
    double *values = NULL;
    bool *front = NULL;
    enum status status = STATUS_OK;

    if (!search)
        return STATUS_OK;
    size_t width = search->objective_count;
    TRY(memory_new(&columns, 4 * trials, sizeof *columns, error));
    TRY(memory_new(&values, trials * width, sizeof *values, error));
    TRY(memory_new(&front, search->count, 1, error));
    search_pareto(search, front);
    for (size_t i = 0; i < trials; i++) {
        size_t point = i / replicates;
        columns[i] = (int64_t)point;
        columns[trials + i] = (int64_t)search->points[point].round;
        columns[2 * trials + i] = (int64_t)search->points[point].rung;
        columns[3 * trials + i] = front[point];
        for (size_t m = 0; m < width; m++)
            values[i * width + m] = search_value(search, point, m);
    }
    for (size_t c = 0; c < 4; c++) {
        struct hdf5_array array = {
            .type = HDF5_INT64, .rank = 1, .dims = {trials}, .values = columns + c * trials};
        TRY(hdf5_write(file, names[c], &array, error));
    }
    struct hdf5_array array = {
        .type = HDF5_FLOAT64, .rank = 2, .dims = {trials, width}, .values = values};
    TRY(hdf5_write(file, "/search/values", &array, error));
    TRY(write_texts(file, search, error));
out:
    memory_free(front);
    memory_free(values);
    memory_free(columns);
    return status;
}
