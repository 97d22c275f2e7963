#define _DEFAULT_SOURCE /* syscall */
#include "base/processor.h"

#include <stdlib.h>
#include <string.h>

const char *const processor_isa_names[PROCESSOR_ISAS] = {
    [PROCESSOR_AVX2] = "avx2",
    [PROCESSOR_AVX512] = "avx512",
    [PROCESSOR_AVX512_BF16] = "avx512_bf16",
    [PROCESSOR_AMX] = "amx",
};

enum status processor_limit(enum processor_isa *limit, struct error *error)
{
    const char *name = getenv("UNDERSTUDY_MAX_ISA");

    *limit = PROCESSOR_AMX;
    if (!name || !name[0])
        return STATUS_OK;
    for (int i = 0; i < PROCESSOR_ISAS; i++)
        if (strcmp(name, processor_isa_names[i]) == 0) {
            *limit = (enum processor_isa)i;
            return STATUS_OK;
        }
    return error_set(error, STATUS_CONFIG,
                     "UNDERSTUDY_MAX_ISA: '%s' is not an instruction set; expected avx2, avx512, "
                     "avx512_bf16 or amx",
                     name);
}

#if defined __x86_64__

#include <cpuid.h>

#if defined __linux__
#include <sys/syscall.h>
#include <unistd.h>

static bool tiles_allowed(void)
{
    enum { REQUEST = 0x1023, TILE_DATA = 18, ARCH_PRCTL = 158 };
    return syscall(ARCH_PRCTL, REQUEST, TILE_DATA) == 0;
}
#else
static bool tiles_allowed(void)
{
    return false;
}
#endif

static bool has_tiles(void)
{
    enum { FEATURES = 7, AMX_BF16 = 22, AMX_TILE = 24 };
    unsigned a = 0, b = 0, c = 0, d = 0;

    return __get_cpuid_count(FEATURES, 0, &a, &b, &c, &d) && d >> AMX_BF16 & 1 &&
           d >> AMX_TILE & 1 && tiles_allowed();
}

static bool built_with(enum processor_isa isa)
{
    switch (isa) {
    case PROCESSOR_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case PROCESSOR_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    case PROCESSOR_AVX512_BF16: return __builtin_cpu_supports("avx512bf16");
    case PROCESSOR_AMX: return has_tiles();
    case PROCESSOR_ISAS: break;
    }
    return false;
}

#else

static bool built_with(enum processor_isa isa)
{
    (void)isa;
    return false;
}

#endif

bool processor_has(enum processor_isa isa)
{
    enum processor_isa limit;
    struct error ignored;

    if (processor_limit(&limit, &ignored) != STATUS_OK || isa > limit)
        return false;
    for (int below = PROCESSOR_AVX2; below < (int)isa; below++)
        if (!built_with((enum processor_isa)below))
            return false;
    return built_with(isa);
}
