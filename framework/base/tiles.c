#define _DEFAULT_SOURCE /* syscall */
#include "base/tiles.h"

#if defined __x86_64__ && defined __linux__

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

bool tiles_there(void)
{
    enum { FEATURES = 7, AMX_BF16 = 22, AMX_TILE = 24 };
    enum { REQUEST = 0x1023, TILE_DATA = 18, ARCH_PRCTL = 158 };
    unsigned a = 0, b = 0, c = 0, d = 0;

    return __get_cpuid_count(FEATURES, 0, &a, &b, &c, &d) && d >> AMX_BF16 & 1 &&
           d >> AMX_TILE & 1 && syscall(ARCH_PRCTL, REQUEST, TILE_DATA) == 0;
}

#else

bool tiles_there(void)
{
    return false;
}

#endif
