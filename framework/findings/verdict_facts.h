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
};

/* All of it lives in `arena`. */
MUST_CHECK enum status verdict_gather(struct verdict *verdict, const struct results *results,
                                      const struct experiment *experiment, size_t trial,
                                      struct arena *arena, struct error *error);
/* Is the network cheaper somewhere? */
enum verdict_cost verdict_compare(const struct price *prices, size_t count);

/* Lines for people: all but times that were measured; these. */
void verdict_lines(const struct verdict *verdict, struct text *text);
void verdict_measured(const struct verdict *verdict, struct text *text);

#endif
