/* Drawing a results file, for the verbs `plot` and `run`. */
#ifndef UNDERSTUDY_CLI_PLOT_H
#define UNDERSTUDY_CLI_PLOT_H

#include "base/error.h"

/* Draw every figure of the results file at `path` into FOLDER/EXPERIMENT/ and print the paths
 * written. `home`: where the gnuplot templates' folder plots/ lies. */
MUST_CHECK enum status plot_results(const char *path, const char *home, const char *folder,
                                    struct error *error);

#endif
