/* What a figure over the points of the grid is made on: those that its `where` keeps, its series,
 * and its caption. */
#ifndef UNDERSTUDY_REPORT_FIGURES_FIGURE_SHEET_H
#define UNDERSTUDY_REPORT_FIGURES_FIGURE_SHEET_H

#include "report/charts/drawing.h"
#include "results/trial_filter.h"

struct figure_sheet { /* {0} to begin with */
    struct points points;
    struct chart chart; /* its arena is everything's */
    struct text caption;
};

MUST_CHECK enum status figure_sheet_begin(struct figure_sheet *sheet, const struct results *results,
                                          const struct text_list *where, struct error *error);
/* The caption says what `where` left out; all is written below `group`. */
MUST_CHECK enum status figure_sheet_end(struct figure_sheet *sheet, const struct text_list *where,
                                        struct hdf5 *file, const char *group, struct error *error);
void figure_sheet_release(struct figure_sheet *sheet);

#endif
