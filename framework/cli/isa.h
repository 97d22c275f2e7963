/* The instruction set of the engines' kernels: settled before the program really starts. */
#ifndef UNDERSTUDY_CLI_ISA_H
#define UNDERSTUDY_CLI_ISA_H

/*
 * Take `--isa NAME` (avx2, avx512; without it the best that this processor has) and, where an
 * engine's library wants to be told through the environment, set that and start the program anew.
 * The option stays in argv: each verb that runs an engine lists it. Returns EXIT_DONE, or the
 * status to leave with.
 */
int isa_settle(int argc, char **argv);

#endif
