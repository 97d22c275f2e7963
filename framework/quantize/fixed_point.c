#include "quantize/fixed_point.h"

#include <math.h>

struct fixed_factor fixed_factor_of(double value)
{
    int shift;

    if (!(value < 0x1p30))
        return (struct fixed_factor){INT32_MAX, 30};
    int64_t mantissa = (int64_t)round(frexp(value, &shift) * 0x1p31);

    if (mantissa == (int64_t)1 << 31) {
        mantissa /= 2;
        shift++;
    }
    if (mantissa == 0 || shift < -31)
        return (struct fixed_factor){0, 0};
    return (struct fixed_factor){(int32_t)mantissa, shift};
}
