/* One figure of the paper: drawn, and checked. */
#ifndef UNDERSTUDY_REPORT_PAPER_PAPER_FIGURE_H
#define UNDERSTUDY_REPORT_PAPER_PAPER_FIGURE_H

#include "report/paper/paper.h"

/* FOLDER/figures/NAME.pdf, .png, .csv, and .source: the results' digest, the figure's group in
 * them, the SHA-256 of the PDF and of the CSV. */
MUST_CHECK enum status paper_figure_draw(const struct paper_figure *figure, const char *home,
                                         const char *folder, struct error *error);

/* What `.source` should say of the files as they are now; append. STATUS_IO where one of them is
 * missing. */
MUST_CHECK enum status paper_figure_source(const struct paper_figure *figure, const char *folder,
                                           struct text *text, struct error *error);

#endif
