/* All that the verdict is made of, taken from the columns of a results file. Private to results/.
 */
#ifndef UNDERSTUDY_FINDINGS_VERDICT_FACTS_H
#define UNDERSTUDY_FINDINGS_VERDICT_FACTS_H

#include "findings/verdict_rule.h"
#include "results/grid_means.h"

struct price { /* of network and pipeline on one image; NaN: not known */
    const char *machine;
    double network_s, pipeline_s, network_j, pipeline_j;
};

struct weakest_image {
    int64_t number;
    const char *name; /* NULL: it has none */
    double network, pipeline;
};

struct guarded {                       /* a small network with a guard, as it goes out */
    const char *by, *small, *other;    /* NULL: there is none */
    struct interval score, difference; /* over replicates, on the test images; as it stands */
    double share;                      /* of the images that are handed on */
    double multiply_adds, pipeline_multiply_adds; /* NaN: not known */
    struct price *prices; /* [machines] of both together, beside the pipeline's */
    struct price measured;
};

struct verdict {
    const struct experiment *experiment;
    const struct results *results;
    struct points points;
    size_t trial, point;
    bool selected, int8, by_agreement;
    bool suspect;       /* the chosen trial */
    enum metric metric; /* of scores and differences */
    const struct task_metric *unit;
    double network, pipeline, agreement; /* on the test images */
    enum metric agreement_metric;
    struct interval over_replicates; /* of differences */
    struct verdict_facts facts;      /* `cost`: of modelled machines */
    double manual;                   /* labels by hand */
    struct price *prices;            /* [machines] of the experiment */
    size_t price_count;
    struct price measured;
    enum metric weakest_metric;
    struct weakest_image *weakest;
    size_t weakest_count;
    struct guarded guarded;
    bool cut; /* the interval of the difference, at what it can be */
};

/* All of it lives in `arena`. */
MUST_CHECK enum status verdict_gather(struct verdict *verdict, const struct results *results,
                                      const struct experiment *experiment, size_t trial,
                                      struct arena *arena, struct error *error);
/* The columns that all of it is made of: NaN where the results have none. */
MUST_CHECK enum status verdict_number(const struct verdict *verdict, const char *column,
                                      size_t trial, double *value, struct error *error);
/* WHO.SPLIT.METRIC of a trial, with `end` behind it; the best that can be. */
MUST_CHECK enum status verdict_score(const struct verdict *verdict, const char *who,
                                     const char *split, enum metric metric, const char *end,
                                     size_t trial, double *value, struct error *error);
double verdict_perfect(enum metric metric);
/* Network and pipeline of a trial on a machine, and as measured here. */
MUST_CHECK enum status verdict_price(const struct verdict *verdict, size_t trial,
                                     struct price *price, struct error *error);
MUST_CHECK enum status verdict_measured_price(const struct verdict *verdict, size_t trial,
                                              struct price *price, struct error *error);
/* What the pipeline scores on the test images: by agreement, it is perfect. */
MUST_CHECK enum status verdict_pipeline_score(const struct verdict *verdict, size_t trial,
                                              double *score, struct error *error);
/* The guard, where the results have one; and what its action hangs on. */
MUST_CHECK enum status verdict_read_guard(struct verdict *verdict, struct arena *arena,
                                          struct error *error);
/* What settings could become, for the actions that ask for more. */
MUST_CHECK enum status verdict_read_changes(struct verdict *verdict, struct error *error);
/* Is the network cheaper somewhere? */
enum verdict_cost verdict_compare(const struct price *prices, size_t count);

/* Lines for people: all but times that were measured; these. */
void verdict_lines(const struct verdict *verdict, struct text *text);
void verdict_measured(const struct verdict *verdict, struct text *text);
/* All lines, one below the other: what they are about takes as much room as its longest word. */
MUST_CHECK enum status verdict_align(struct text *text, struct error *error);

#endif
