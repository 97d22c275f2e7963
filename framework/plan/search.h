/*
 * The `search:` section: trials that are proposed in rounds, each from the results of the rounds
 * before it.
 *
 * A plan with a search is a grid of one group of axes, the searched paths, that grows: round 0 is
 * there when the plan is loaded, plan_extend() appends the next ones. Trials keep their numbers.
 * Before the first point the group has probes, which are never trials: corners of the space, so
 * that a value which does not fit is told before anything runs.
 */
#ifndef UNDERSTUDY_PLAN_SEARCH_H
#define UNDERSTUDY_PLAN_SEARCH_H

#include "interfaces/search.h"
#include "plan/plan.h"

enum { SEARCH_MOST_OBJECTIVES = 8 };

enum range_kind { RANGE_UNIFORM, RANGE_LOG_UNIFORM, RANGE_INTEGER, RANGE_CHOICE, RANGE_KINDS };

struct search_axis {
    struct yaml_node *key; /* where the file names the path */
    enum range_kind kind;
    struct yaml_node *bounds; /* [low, high], or the choices */
    double low, high;
};

struct search_objective {
    const char *column; /* of /trials */
    struct yaml_mark mark;
    bool maximise;
};

struct search {
    const struct search_method *method;
    const void *config;
    struct yaml_mark mark; /* of the section */
    struct random_key key;
    struct search_axis axes[SEARCH_MOST_RANGES];
    struct search_range ranges[SEARCH_MOST_RANGES];
    struct search_space space;
    const char *budget; /* path, the last axis; NULL: none */
    struct search_objective objectives[SEARCH_MOST_OBJECTIVES];
    size_t objective_count;
    struct yaml_node *values; /* path: [value of each probe and of each point of round 0] */
    size_t probes;
    struct search_point *points; /* [count]; those of the last round may be under way */
    double *results;             /* [count][objectives], as the method sees them */
    size_t count, capacity;
    size_t round; /* of the last points; `judged` of all points have results */
    size_t judged;
};

/* Points of all rounds together. */
size_t search_total(const struct search *search);
/* A point's objective as the trials' column tells it, the mean over replicates; NaN: it failed. */
double search_value(const struct search *search, size_t point, size_t objective);
/* Which points no other one dominates, of those with the largest budget. [count] */
void search_pareto(const struct search *search, bool *front);

/* The section with every default. */
void search_print(const struct search *search, struct text *text);

#endif
