#include "results/score_choice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Does the machine compute with one byte a value? Unknown, and so false, without `quantize`. */
static enum status one_byte(const struct results *results, const char *machine, bool *is,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    char column[300];
    double *sizes;

    *is = false;
    snprintf(column, sizeof column, "hardware.%.200s.bytes_per_value", machine);
    if (!results_has(results, column))
        goto out;
    TRY(results_numbers(results, column, &arena, &sizes, error));
    for (size_t i = 0; i < results->trials; i++)
        *is = *is || sizes[i] == 1;
out:
    arena_release(&arena);
    return status;
}

static enum status no_scores(const struct results *results, struct arena *arena, double **values,
                             struct error *error)
{
    PASS(arena_new(arena, values, results->trials, sizeof **values, error));
    for (size_t i = 0; i < results->trials; i++)
        (*values)[i] = (double)NAN;
    return STATUS_OK;
}

enum status score_read(const struct results *results, enum score_numbers numbers,
                       const char *machine, const char *name, struct arena *arena, bool *int8,
                       double **values, struct error *error)
{
    char column[160];

    snprintf(column, sizeof column, "network.int8.%s", name);
    bool has = results_has(results, column);
    *int8 = numbers == SCORE_INT8;
    if (numbers == SCORE_AUTO && machine && machine[0] && has)
        PASS(one_byte(results, machine, int8, error));
    if (*int8 && !has)
        return no_scores(results, arena, values, error);
    if (!*int8)
        snprintf(column, sizeof column, "network.%s", name);
    return results_numbers(results, column, arena, values, error);
}
