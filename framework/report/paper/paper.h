/*
 * The paper's numbers, tables and figures, from stored results alone. A file says which number is
 * what (report/paper/paper_read.c has its fields, `understudy paper --describe` tells them):
 *
 *     results: [cifar10_90]            # FOLDER/cifar10_90.h5, of experiments/cifar10_90.yaml
 *     later: [talk_denoise_mnist]      # not published yet: what needs it is left out, and told
 *     numbers:
 *       - {name: FastScore, results: cifar10_90, column: network.test.accuracy, as: percent}
 *       - {name: Score, results: widths, column: network.test.accuracy, as: percent,
 *          each: [{Small: {network.width: 4}, Large: {network.width: 16}}]}  # ScoreSmall, …
 *     tables:
 *       - {name: fast, columns: lr, head: [Network, Score], rows: [[airbench, "${FastScore}"]]}
 *     figures:
 *       - {name: fast, results: cifar10_90, figure: score_vs_minutes}
 *
 * From it come OUT/numbers.tex (a macro a number), OUT/tables/NAME.tex, OUT/tables/results.tex (the
 * digest and the time of every results file), OUT/figures/NAME.pdf with the CSV that is drawn and
 * NAME.source, which says from what. \When{results:NAME}{…} of numbers.tex shows text only where
 * the results are there; so do \When{table:NAME} and \When{figure:NAME}, and \Unless.
 */
#ifndef UNDERSTUDY_REPORT_PAPER_PAPER_H
#define UNDERSTUDY_REPORT_PAPER_PAPER_H

#include "plan/plan.h"
#include "results/grid_means.h"

struct paper_source { /* a results file */
    const char *name, *path, *digest;
    bool later, there;
    struct yaml_mark mark;
    struct hdf5 file;
    struct results results;
    struct points points;
    double work;     /* seconds that workers took for all trials; NaN: not stored */
    double training; /* of it for trainings, added up over interruptions; NaN: not stored */
};

struct paper_number {
    const char *name, *results, *column, *minus, *along, *target, *family;
    const struct yaml_node *each, *where, *against;
    int64_t reduce, form, digits, interpolate;
    double reach; /* below 0: not asked for */
    bool sign, saved;
    const struct yaml_node *node; /* the item of the file, which may stand for many numbers */
    size_t place;                 /* among the items */
    struct paper_source *source;
    double p;         /* of p_value, as it is before any correction */
    const char *text; /* as LaTeX; NULL: its results are yet to come */
};

struct paper_table {
    const char *name, *columns;
    struct text_list head;
    const struct yaml_node *rows;
    const char *text; /* NULL: each row needs results that are yet to come */
};

struct paper_figure {
    const char *name, *results, *figure;
    const struct yaml_node *node;
    struct paper_source *source;
    const char *group; /* in the results file; NULL: these are yet to come */
};

struct paper {
    struct arena arena;
    const char *path;
    struct paper_source *sources;
    size_t source_count;
    struct paper_number *numbers;
    size_t number_count;
    struct paper_table *tables;
    size_t table_count;
    struct paper_figure *figures;
    size_t figure_count;
};

extern const struct field paper_number_fields[], paper_table_fields[], paper_figure_fields[];

/*
 * Read the file, open the results in `folder`, work out every number and table. Mistakes go to
 * `found`, with the place in the file: the paper may be used only if there are none. The status
 * tells of the system alone. Release it in any case.
 */
MUST_CHECK enum status paper_load(struct paper *paper, const char *path, const char *folder,
                                  struct diagnostics *found, struct error *error);
void paper_release(struct paper *paper);

/* Results that are of another plan than EXPERIMENTS/NAME.yaml are mistakes, each field named; so
 * are those that hold images or parameters, and those that were altered since they were published.
 * The families must be loaded. */
MUST_CHECK enum status paper_stale(const struct paper *paper, const char *experiments,
                                   const struct plan_options *options, struct diagnostics *found,
                                   struct error *error);

/* numbers.tex and tables/results.tex; append. */
void paper_numbers_text(const struct paper *paper, struct text *text);
void paper_results_text(const struct paper *paper, struct text *text);
/* What takes a text of the paper, of the kind "number" or "table", for the file `name`. */
typedef enum status paper_take(void *context, const char *kind, const char *name, const char *text,
                               struct error *error);
/* Give all of them: numbers.tex, tables/results.tex, tables/NAME.tex. */
MUST_CHECK enum status paper_texts(const struct paper *paper, paper_take *take, void *context,
                                   struct error *error);

/* Write all of it below `folder`; `home` holds plots/. */
MUST_CHECK enum status paper_write(const struct paper *paper, const char *home, const char *folder,
                                   struct error *error);

/* One row of CSV, "what,name,at,stored,derived", for each difference between what lies in `folder`,
 * or under the results' /figures, and what comes out of the trials and curves now. */
MUST_CHECK enum status paper_verify(const struct paper *paper, const char *folder, struct text *csv,
                                    size_t *differences, size_t *compared, struct error *error);

#endif
