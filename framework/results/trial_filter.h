/*
 * `where:` of a figure: the trials that it is of, so that one experiment is drawn in several
 * figures.
 *
 *     figures:
 *       - curves: {where: [network.width=8, filter.method=random]}
 *
 * The axis is one of the grid, or a key of an axis whose values are mappings (filter: [random:
 * {fraction: 0.1}] has filter.method and filter.fraction).
 */
#ifndef UNDERSTUDY_RESULTS_TRIAL_FILTER_H
#define UNDERSTUDY_RESULTS_TRIAL_FILTER_H

#include "io/schema/schema.h"
#include "results/grid_means.h"

/* A row of a figure's field table, for the member `where` (struct text_list) of its settings. */
#define WHERE_FIELD(record)                                                                        \
    {                                                                                              \
        "where", FIELD_TEXTS, offsetof(record, where),                                             \
            .default_value = "[]", .unsaid = true,                                                 \
            .help = "only trials with these values, each as AXIS=VALUE"                            \
    }

/* What is wrong with how a rule is written, or NULL. */
const char *where_objection(const struct text_list *where);

/* Trials of other values count as not done, so that every mean passes them over. Axes that are held
 * at one value go behind the others (points->fixed_count): they are no part of any label.
 * STATUS_CONFIG: no such axis, or no trial has the value. */
MUST_CHECK enum status where_keep(struct points *points, const struct text_list *where,
                                  struct arena *arena, struct error *error);

/* What "{method: random, fraction: 0.1}" holds at a key, in `arena`; NULL: nothing. */
MUST_CHECK enum status where_value(const char *mapping, const char *key, struct arena *arena,
                                   const char **value, struct error *error);

/* For the caption: "; network.width=8", or the word that `labels:` has for the value. */
void where_remark(const struct points *points, const struct text_list *where, struct text *remark);

#endif
