/* The paper, for the verbs `paper` and `verify`. */
#ifndef UNDERSTUDY_CLI_VERBS_PAPER_H
#define UNDERSTUDY_CLI_VERBS_PAPER_H

#include "cli/support/options.h"

/* `understudy verify paper`: what lies in build/paper against what comes out of the results now.
 * Returns the exit status. */
int paper_check(const struct options *options);

#endif
