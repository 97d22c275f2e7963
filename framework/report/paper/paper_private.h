/* What the files that read a paper's description share. */
#ifndef UNDERSTUDY_REPORT_PAPER_PAPER_PRIVATE_H
#define UNDERSTUDY_REPORT_PAPER_PAPER_PRIVATE_H

#include "report/paper/paper.h"

/* In the order of the words for them. */
enum reduction {
    MEAN,
    INTERVAL,
    LOW,
    HIGH,
    MINIMUM,
    MAXIMUM,
    SUM,
    COUNT,
    REPLICATES,
    P_VALUE,
    VALUE,
    TIME,
    TESTS,
    SIGNIFICANT
};

/* How `along` finds a place between two; in the order of the words for them. */
enum interpolation { UNNAMED, LINEAR, RATIOS };

/* A value for each replicate, NaN where it has none. `above`, `below`: one at least is further up,
 * or down, than was tried, and stands at the end of that. */
struct paper_means {
    double *values;
    size_t count;
    bool above, below;
};

struct reading {
    struct paper *paper;
    struct diagnostics *found;
    struct error *error;
};

/* A macro's name, or that of a file. */
bool paper_is_name(const char *name, bool macro);
/* The key's place, else the item's. */
struct yaml_mark paper_mark(const struct yaml_node *node, const char *key);
/* A mistake at "section[index]"; `message` has one %s, for `name`. */
MUST_CHECK enum status paper_mistake(struct reading *reading, struct yaml_mark mark,
                                     const char *section, size_t index, const char *message,
                                     const char *name);
/* Read what a section lists into a new array, to which *(T **)items then points. */
MUST_CHECK enum status paper_items(struct reading *reading, const struct yaml_node *list,
                                   const char *section, const struct field *fields, size_t size,
                                   void *items, size_t *count);
/* The paper's numbers, of which an item of the file may stand for many. */
MUST_CHECK enum status paper_each(struct reading *reading, const struct paper_number *items,
                                  size_t count);
/* Correct the p-values of each family by Holm's method, and say how many there are. The numbers
 * must be worked out; a family of which results are yet to come is yet to come. */
MUST_CHECK enum status paper_families(struct reading *reading);
MUST_CHECK enum status paper_read_tables(struct reading *reading, const struct yaml_node *list);

struct choice { /* of trials, for one number */
    struct paper_source *source;
    const char *path; /* "numbers[3]" */
    struct diagnostics *found;
    struct arena *arena;
    double p; /* of p_value */
};

/* The finished trials that `where` (or `against`: `section` says which) names: NULL: all of them;
 * "selected": those of the right-sized network. (*rows)[i]: trial i is one. Mistakes, none chosen
 * among them, go to choice->found; `mark` is the number's. */
MUST_CHECK enum status paper_choose(struct choice *choice, const struct yaml_node *where,
                                    const char *section, struct yaml_mark mark, bool **rows,
                                    struct error *error);

/* Work out the number's text; `path` is "numbers[3]". */
MUST_CHECK enum status paper_reduce(struct paper *paper, struct paper_number *number,
                                    const char *path, struct diagnostics *found,
                                    struct error *error);

/* Mean of the rows' values at one replicate; NaN where there is none. */
double paper_mean_at(const struct points *points, const double *values, const bool *rows,
                     double replicate);
/* What a number is made of: a value a trial. */
struct paper_columns {
    double *values; /* NULL: the trials are counted */
    double *along;  /* NULL: not asked for */
    double *target; /* with along: what the trials of `against` have */
};
/* Where along columns->along the values of rows[0] come to the mean target of rows[1], for each
 * replicate. */
MUST_CHECK enum status paper_along(const struct paper_number *number, const struct points *points,
                                   const struct paper_columns *columns, const bool *const rows[2],
                                   struct paper_means *means, struct error *error);
/* The means in the number's form; *wanting says what there is too little of. */
void paper_print_means(const struct paper_number *number, const struct paper_means *means,
                       const char **wanting, struct text *text);

extern const char *const paper_forms[]; /* what a number can be told in; ended by NULL */

/* "91.7", "+4.3\,\%", "$-$0.7": a value in the number's form. `suffix`: with the unit. */
void paper_format(const struct paper_number *number, double value, bool suffix, struct text *text);
/* "72.0 [67.0, 77.0]" and "0.004", or that it is below what the digits show. */
void paper_format_interval(const struct paper_number *number, const struct interval *interval,
                           struct text *text);
void paper_format_p(const struct paper_number *number, double p, struct text *text);

#endif
