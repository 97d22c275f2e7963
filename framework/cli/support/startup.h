/* What libraries read from the environment as they are loaded: settled before the program really
 * starts. */
#ifndef UNDERSTUDY_CLI_SUPPORT_STARTUP_H
#define UNDERSTUDY_CLI_SUPPORT_STARTUP_H

#include <stdbool.h>

/*
 * Take `--isa NAME` (avx2, avx512; without it the best that this processor has) and, where an
 * engine's library wants to be told through the environment, set that and start the program anew.
 * Threads that wait for others sleep instead of spinning (OMP_WAIT_POLICY, unless the user set it):
 * trials share processors with other programs. Where no engine runs (`engines_run` is false), the
 * option is looked at, and that is all: loading everything twice takes longer than what such verbs
 * do. The option stays in argv: each verb that runs an engine lists it. Returns EXIT_DONE, or the
 * status to leave with.
 */
int startup_settle(int argc, char **argv, bool engines_run);

#endif
