/*
 * What this processor can do, as far as the program computes differently where it can: the one
 * place that asks.
 *
 * UNDERSTUDY_MAX_ISA in the environment hides all instruction sets above the one it names, as on a
 * processor that has no more: "avx2", "avx512", "avx512_bf16", "amx". Engines hand it on to their
 * libraries (struct engine, environment).
 */
#ifndef UNDERSTUDY_BASE_PROCESSOR_H
#define UNDERSTUDY_BASE_PROCESSOR_H

#include "base/error.h"

#include <stdbool.h>

/* Each level has all below it. */
enum processor_isa {
    PROCESSOR_AVX2,        /* with fused multiply-add */
    PROCESSOR_AVX512,      /* F, BW, DQ, VL: Skylake-X and later */
    PROCESSOR_AVX512_BF16, /* sums of pairs of bfloat16 products */
    PROCESSOR_AMX,         /* products of tiles of bfloat16 values, summed in float32 */
    PROCESSOR_ISAS,
};

extern const char *const processor_isa_names[PROCESSOR_ISAS];

/* What UNDERSTUDY_MAX_ISA allows; PROCESSOR_AMX where it is not set. STATUS_CONFIG where it names
 * no instruction set. */
MUST_CHECK enum status processor_limit(enum processor_isa *limit, struct error *error);

/* Whether the processor has it and UNDERSTUDY_MAX_ISA allows it (a name that is none hides all).
 * For AMX the system has to let this process use tile registers, which it is asked for (Linux,
 * Documentation/x86/xstate.rst). */
bool processor_has(enum processor_isa isa);

#endif
