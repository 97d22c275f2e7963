/* What libraries read from the environment as they are loaded: settled before the program really
 * starts. */
#ifndef UNDERSTUDY_CLI_STARTUP_H
#define UNDERSTUDY_CLI_STARTUP_H

/*
 * Take `--isa NAME` (avx2, avx512; without it the best that this processor has) and, where an
 * engine's library wants to be told through the environment, set that and start the program anew.
 * Threads that wait for others sleep instead of spinning (OMP_WAIT_POLICY, unless the user set it):
 * trials share processors with other programs.
 * The option stays in argv: each verb that runs an engine lists it. Returns EXIT_DONE, or the
 * status to leave with.
 */
int startup_settle(int argc, char **argv);

#endif
