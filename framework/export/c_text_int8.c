/* Pieces of exported C that compute with 8-bit integers, value by value or all at once;
 * quantize/quantized.h specifies what they compute. */
#include "export/c_text.h"

const char c_text_fixed[] =
    "/* x * mantissa * 2^(shift - 31) as an integer: rounded twice, by 2^31 and by 2^-shift. */\n"
    "static int32_t fixed_multiply(int32_t x, int32_t mantissa, int shift)\n"
    "{\n"
    "    int64_t value = shift > 0 ? (int64_t)x * ((int64_t)1 << shift) : x;\n"
    "    int64_t half = shift < 0 ? (int64_t)1 << (-shift - 1) : 0;\n"
    "    int right = shift < 0 ? -shift : 0;\n"
    "\n"
    "    value = value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value;\n"
    "    value *= mantissa;\n"
    "    value += value >= 0 ? (int64_t)1 << 30 : 1 - ((int64_t)1 << 30);\n"
    "    value /= (int64_t)1 << 31;\n"
    "    return (int32_t)(value < 0 ? -((half - value) >> right) : (half + value) >> right);\n"
    "}\n";

const char c_text_level[] = "/* The integer for `value` steps from zero, at least `low`. */\n"
                            "static int8_t level(int32_t value, int zero, int low)\n"
                            "{\n"
                            "    int64_t sum = (int64_t)value + zero;\n"
                            "\n"
                            "    return (int8_t)(sum < low ? low : sum > 127 ? 127 : sum);\n"
                            "}\n";

const char c_text_channels[] =
    "/* The zero points of what goes in and comes out, and the least that comes out. */\n"
    "struct levels {\n"
    "    int in, out, low;\n"
    "};\n"
    "\n"
    "/* Weights, and for each channel that comes out a bias and a factor for its sums. */\n"
    "struct channels {\n"
    "    const int8_t *weights;\n"
    "    const int32_t *biases, *mantissas;\n"
    "    const int8_t *shifts;\n"
    "};\n"
    "\n"
    "static int8_t channel_level(const struct channels *channels, int channel, int32_t sum,\n"
    "                            struct levels levels)\n"
    "{\n"
    "    int32_t value = fixed_multiply(sum + channels->biases[channel],\n"
    "                                   channels->mantissas[channel], channels->shifts[channel]);\n"
    "\n"
    "    return level(value, levels.out, levels.low);\n"
    "}\n";

const char c_text_quantize[] =
    "/* Real numbers as integers: zero + x / scale, rounded to the nearest, halves away from "
    "zero;\n"
    " * what is not a number becomes -128. */\n"
    "static void quantize(const float *x, int count, float scale, int zero, int8_t *y)\n"
    "{\n"
    "    for (int i = 0; i < count; i++) {\n"
    "        float steps = x[i] / scale, rest;\n"
    "        int whole;\n"
    "        steps = steps > -256.0F ? steps : -256.0F;\n"
    "        steps = steps < 256.0F ? steps : 256.0F;\n"
    "        whole = (int)steps;\n"
    "        rest = steps - (float)whole;\n"
    "        whole += zero + (rest >= 0.5F) - (rest <= -0.5F);\n"
    "        y[i] = (int8_t)(whole < -128 ? -128 : whole > 127 ? 127 : whole);\n"
    "    }\n"
    "}\n";

const char c_text_dequantize[] =
    "/* The real numbers that integers stand for. */\n"
    "static void dequantize(const int8_t *x, int count, float scale, int zero, float *y)\n"
    "{\n"
    "    for (int i = 0; i < count; i++)\n"
    "        y[i] = scale * (float)(x[i] - zero);\n"
    "}\n";

const char c_text_add_int8[] =
    "/* Both come to a common scale, with 20 bits behind the point, and the sum to its own. */\n"
    "static void add_int8(const int8_t *a, int zero_a, const int8_t *b, int zero_b, int count,\n"
    "                     const int32_t *mantissas, const int8_t *shifts, int zero, int low,\n"
    "                     int8_t *y)\n"
    "{\n"
    "    for (int i = 0; i < count; i++) {\n"
    "        int32_t sum = fixed_multiply((a[i] - zero_a) * (INT32_C(1) << 20), mantissas[0],\n"
    "                                     shifts[0]) +\n"
    "                      fixed_multiply((b[i] - zero_b) * (INT32_C(1) << 20), mantissas[1],\n"
    "                                     shifts[1]);\n"
    "        y[i] = level(fixed_multiply(sum, mantissas[2], shifts[2]), zero, low);\n"
    "    }\n"
    "}\n";

const char c_text_concat_int8[] =
    "/* The channels of both, one behind the other, in the same scale. */\n"
    "static void concat_int8(const int8_t *a, int count_a, int zero_a, const int8_t *b,\n"
    "                        int count_b, int zero_b, const int32_t *mantissas,\n"
    "                        const int8_t *shifts, int zero, int8_t *y)\n"
    "{\n"
    "    for (int i = 0; i < count_a; i++)\n"
    "        *y++ = level(fixed_multiply(a[i] - zero_a, mantissas[0], shifts[0]), zero, -128);\n"
    "    for (int i = 0; i < count_b; i++)\n"
    "        *y++ = level(fixed_multiply(b[i] - zero_b, mantissas[1], shifts[1]), zero, -128);\n"
    "}\n";

const char c_text_copy_int8[] = "static void copy_int8(const int8_t *x, int count, int8_t *y)\n"
                                "{\n"
                                "    memcpy(y, x, (size_t)count * sizeof *y);\n"
                                "}\n";

const char c_text_dense_int8[] =
    "/* Each output a weighted sum of all inputs. */\n"
    "static void dense_int8(const int8_t *x, int inputs, struct channels channels, int outputs,\n"
    "                       struct levels levels, int8_t *y)\n"
    "{\n"
    "    const int8_t *weight = channels.weights;\n"
    "\n"
    "    for (int o = 0; o < outputs; o++) {\n"
    "        int32_t sum = 0;\n"
    "        for (int i = 0; i < inputs; i++)\n"
    "            sum += (x[i] - levels.in) * *weight++;\n"
    "        y[o] = channel_level(&channels, o, sum, levels);\n"
    "    }\n"
    "}\n";

const char c_text_global_avgpool_int8[] =
    "/* The mean of each channel. */\n"
    "static void global_avgpool_int8(const int8_t *x, struct shape in, int zero_in,\n"
    "                                int32_t mantissa, int shift, int zero, int8_t *y)\n"
    "{\n"
    "    int plane = in.height * in.width;\n"
    "\n"
    "    for (int c = 0; c < in.channels; c++, x += plane) {\n"
    "        int32_t sum = 0;\n"
    "        for (int i = 0; i < plane; i++)\n"
    "            sum += x[i] - zero_in;\n"
    "        y[c] = level(fixed_multiply(sum, mantissa, shift), zero, -128);\n"
    "    }\n"
    "}\n";

const char c_text_table_int8[] =
    "/* A function of one value, by its results for all 256 of them. */\n"
    "static void table_int8(const int8_t *x, int count, const int8_t *table, int8_t *y)\n"
    "{\n"
    "    for (int i = 0; i < count; i++)\n"
    "        y[i] = table[x[i] + 128];\n"
    "}\n";
