/* The section `figures` of a YAML file, for results that are there. */
#ifndef UNDERSTUDY_REPORT_FIGURES_FIGURE_LIST_H
#define UNDERSTUDY_REPORT_FIGURES_FIGURE_LIST_H

#include "io/schema/schema.h"

/* Of an experiment, or of a file that holds nothing else; other sections are passed over. Mistakes
 * go to `found`; all of it lives in `arena`. */
MUST_CHECK enum status figure_list_read(const char *path, struct arena *arena,
                                        struct component_list *figures, struct diagnostics *found,
                                        struct error *error);

#endif
