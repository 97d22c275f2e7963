/* Drawing a results file, for the verbs `plot` and `run`. */
#ifndef UNDERSTUDY_CLI_VERBS_PLOT_H
#define UNDERSTUDY_CLI_VERBS_PLOT_H

#include "base/error.h"

/* Draw every figure of the results file at `path` into FOLDER/EXPERIMENT/ and print their paths.
 * `home`: where the gnuplot templates' folder plots/ lies. `results`, of a run: the folder where it
 * is remembered what was drawn, and not drawn again; then that folder's path alone is printed. */
MUST_CHECK enum status plot_results(const char *path, const char *home, const char *folder,
                                    const char *results, struct error *error);

#endif
