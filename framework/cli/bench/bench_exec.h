/* `understudy bench exec`: a round trip to a program of the user's own. Private to
 * framework/cli/bench/. */
#ifndef UNDERSTUDY_CLI_BENCH_BENCH_EXEC_H
#define UNDERSTUDY_CLI_BENCH_BENCH_EXEC_H

#include "base/error.h"

#include <stddef.h>

/* Ask `cat` for images of 321 x 481 in several settings; a line of CSV each to stdout: the median
 * over `repeats`, in seconds an image. No answer is kept. */
MUST_CHECK enum status bench_exec(size_t repeats, struct error *error);

#endif
