/* Tables and figures from a results file. */
#ifndef UNDERSTUDY_REPORT_FIGURES_FIGURES_H
#define UNDERSTUDY_REPORT_FIGURES_FIGURES_H

#include "interfaces/figure.h"
#include "report/charts/figure_cache.h"
#include "results/results.h"

/* Compute the series of every figure of the plan and write them under /figures/NAME, those that
 * draw times under /timing/figures/NAME (figures of one kind that stand twice get _2, _3 …). The
 * file is still being written. */
MUST_CHECK enum status report_compute(struct hdf5 *file, const struct component_list *figures,
                                      struct error *error);
/* The same of results that may lack what a figure needs: these figures are left out, and named. */
MUST_CHECK enum status report_compute_possible(struct hdf5 *file,
                                               const struct component_list *figures,
                                               struct text *left_out, struct error *error);

/* How figures are drawn. */
struct report_drawing {
    const char *home;      /* the gnuplot templates are in HOME/plots */
    const char *directory; /* of the pictures; made where missing */
    const struct figure_cache
        *drawn; /* those that are as they were drawn before stay; NULL: none does */
    void (*say)(void *context, const char *path); /* told each path; may be NULL */
    void *context;
};

/* Make the folder of the pictures, which may lie anywhere, but leads nowhere else by itself:
 * STATUS_IO where it is a link. */
MUST_CHECK enum status report_folder(const char *path, struct error *error);

/* Draw every figure stored in `file` as NAME.pdf, NAME.png and NAME.csv: all three of a figure or
 * none. STATUS_UNAVAILABLE when gnuplot is not installed. */
MUST_CHECK enum status report_draw(struct hdf5 *file, const struct report_drawing *drawing,
                                   struct error *error);

/* Draw these figures instead, computed from what the file stores: the results stay as they are.
 * STATUS_CONFIG or STATUS_DATA where one needs what is not there. */
MUST_CHECK enum status report_draw_listed(struct hdf5 *file, const struct component_list *figures,
                                          const struct report_drawing *drawing,
                                          struct error *error);

/* How the stored figure is drawn: what its kind says, and its settings, which live in `arena`. */
struct drawing;
MUST_CHECK enum status report_shape(const struct results *results, const char *group,
                                    struct arena *arena, struct drawing *drawing,
                                    struct error *error);

/* Draw the one figure that `group` ("/figures/NAME", "/timing/figures/NAME") holds, as BASE.pdf, …
 */
MUST_CHECK enum status report_draw_one(const struct results *results, const char *group,
                                       const char *home, const char *base, struct error *error);

/* Compute the figure that `group` holds once more, from the trials and curves, into the same group
 * of `again`. *computed is false, and nothing done, where it is drawn from images, which need not
 * be there. */
MUST_CHECK enum status report_compute_again(const struct results *results, const char *group,
                                            struct hdf5 *again, bool *computed,
                                            struct error *error);

#endif
