/* Results files by the names of their experiments. */
#ifndef UNDERSTUDY_CLI_SUPPORT_RESULTS_PATH_H
#define UNDERSTUDY_CLI_SUPPORT_RESULTS_PATH_H

#include "cli/support/options.h"

/* The results file that an operand means: a file, or FOLDER/NAME.h5. */
MUST_CHECK enum status results_path(const char *folder, const char *operand, struct text *path,
                                    struct error *error);

#endif
