#include "quantize/quantization.h"

#include <float.h>
#include <math.h>

struct quantization quantization_of(struct value_range range)
{
    double low = range.low < 0 ? (double)range.low : 0;
    double high = range.high > 0 ? (double)range.high : 0;
    float scale = (float)((high - low) / 255);

    if (!(scale >= FLT_MIN))
        return (struct quantization){1, 0};
    double zero = round(QUANTIZED_LOW - low / (double)scale);
    zero = zero > QUANTIZED_HIGH ? QUANTIZED_HIGH : zero;
    return (struct quantization){scale, (int32_t)zero};
}

void quantize_values(struct quantization how, const float *values, size_t count, int8_t *integers)
{
    for (size_t i = 0; i < count; i++) {
        float value = roundf(values[i] / how.scale) + (float)how.zero;
        value = value > QUANTIZED_LOW ? value : QUANTIZED_LOW;
        integers[i] = (int8_t)(value < QUANTIZED_HIGH ? value : QUANTIZED_HIGH);
    }
}

void dequantize_values(struct quantization how, const int8_t *integers, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = how.scale * (float)(integers[i] - how.zero);
}
