#include "results/best.h"

#include "base/text.h"
#include "results/select.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct contest {
    const char **status, **labels; /* [trials]; labels NULL: one kind for all */
    double *sees_truth;            /* [trials] of the filter; NULL: there is no filter */
    double *scores;                /* [trials], larger is better; NULL: there are none */
};

/* A column of the validation images that has a finite value; else `contest->scores` stays NULL. */
static enum status read_scores(struct contest *contest, const struct results *results,
                               enum metric metric, const char *kind, struct arena *arena,
                               struct error *error)
{
    double *values;
    char column[120];
    bool any = false;

    snprintf(column, sizeof column, "network.validation.%s%s", kind, metric_names[metric]);
    if (contest->scores || !results_has(results, column))
        return STATUS_OK;
    PASS(results_numbers(results, column, arena, &values, error));
    for (size_t i = 0; i < results->trials; i++) {
        any = any || isfinite(values[i]);
        values[i] = metric_goodness(metric, values[i]);
    }
    contest->scores = any ? values : NULL;
    return STATUS_OK;
}

static enum status read_contest(struct contest *contest, const struct results *results,
                                const struct experiment *experiment, struct arena *arena,
                                struct error *error)
{
    enum metric metric = experiment_select_metric(experiment);
    bool agreement = experiment_select_agreement(experiment);

    PASS(results_texts(results, "status", arena, &contest->status, error));
    if (results_has(results, "train.labels"))
        PASS(results_texts(results, "train.labels", arena, &contest->labels, error));
    if (results_has(results, "filter.sees_truth"))
        PASS(results_numbers(results, "filter.sees_truth", arena, &contest->sees_truth, error));
    if (!agreement)
        PASS(read_scores(contest, results, metric, "", arena, error));
    return read_scores(contest, results, metric, "agreement.", arena, error);
}

/* A control, be it by its labels or by the filter that chose among them: nobody has such truth. */
static bool learnt_truth(const struct contest *contest, size_t trial)
{
    return (contest->labels && strcmp(contest->labels[trial], "truth") == 0) ||
           (contest->sees_truth && contest->sees_truth[trial] > 0);
}

/* Is a better than b? */
static bool better(const struct contest *contest, size_t a, size_t b)
{
    if (learnt_truth(contest, a) != learnt_truth(contest, b))
        return learnt_truth(contest, b);
    if (!contest->scores || !isfinite(contest->scores[a]))
        return false;
    return !isfinite(contest->scores[b]) || contest->scores[a] > contest->scores[b];
}

enum status best_trial(struct hdf5 *file, const struct experiment *experiment, size_t *trial,
                       bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct results results = {0};
    struct arena arena = {0};
    struct selection selection;
    struct contest contest = {0};

    *found = false;
    TRY(results_open(&results, file, error));
    TRY(selection_read(&selection, file, &arena, error));
    TRY(read_contest(&contest, &results, experiment, &arena, error));
    size_t count = selection.count ? selection.count : results.trials;
    for (size_t k = 0; k < count; k++) {
        size_t i = selection.count ? (size_t)selection.trials[k] : k;
        if (!results_is_done(contest.status[i]))
            continue;
        if (!*found || better(&contest, i, *trial))
            *trial = i;
        *found = true;
    }
out:
    arena_release(&arena);
    results_release(&results);
    return status;
}
