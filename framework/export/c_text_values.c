/* Pieces of exported C that take values one by one, or all at once; and what all have in common. */
#include "export/c_text.h"

const char c_text_sums[] =
    "/* What products are summed up in. Without double precision in hardware, float is faster\n"
    " * (-DUNDERSTUDY_SUM=float); results then differ in their last digits. */\n"
    "#ifndef UNDERSTUDY_SUM\n"
    "#define UNDERSTUDY_SUM double\n"
    "#endif\n"
    "typedef UNDERSTUDY_SUM sum_type;\n";

const char c_text_shape[] = "/* Values lie as [channel][row][column]. */\n"
                            "struct shape {\n"
                            "    int channels, height, width;\n"
                            "};\n";

const char c_text_exponential[] =
    "/* e^x within two units of the last place, between -87 and 88 (Cody, Waite 1980; the\n"
    " * polynomial is that of Cephes). Plain arithmetic: the same bits everywhere. */\n"
    "static float exponential(float x)\n"
    "{\n"
    "    const float shift = 12582912.0F; /* adding it rounds to a whole number */\n"
    "    float bounded = x < -87.0F ? -87.0F : x > 88.0F ? 88.0F : x;\n"
    "    float shifted = bounded * 1.44269504F + shift, n = shifted - shift;\n"
    "    float r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F;\n"
    "    float p = 1.9875691500e-4F, power;\n"
    "    uint32_t bits;\n"
    "\n"
    "    p = p * r + 1.3981999507e-3F;\n"
    "    p = p * r + 8.3334519073e-3F;\n"
    "    p = p * r + 4.1665795894e-2F;\n"
    "    p = p * r + 1.6666665459e-1F;\n"
    "    p = p * r + 5.0000001201e-1F;\n"
    "    p = p * (r * r) + r + 1.0F;\n"
    "    memcpy(&bits, &shifted, sizeof bits);\n"
    "    bits = (bits << 23) + UINT32_C(0x3f800000); /* 2^n */\n"
    "    memcpy(&power, &bits, sizeof power);\n"
    "    return p * power;\n"
    "}\n";

const char c_text_logistic[] = "static float logistic(float x)\n"
                               "{\n"
                               "    return 1.0F / (1.0F + exponential(-x));\n"
                               "}\n";

const char c_text_add[] = "static void add(const float *a, const float *b, int count, float *y)\n"
                          "{\n"
                          "    for (int i = 0; i < count; i++)\n"
                          "        y[i] = a[i] + b[i];\n"
                          "}\n";

const char c_text_batchnorm[] =
    "/* Each channel by its mean, slope and shift; y may be x. */\n"
    "static void batchnorm(const float *x, struct shape shape, const float *mean,\n"
    "                      const float *slope, const float *shift, float *y)\n"
    "{\n"
    "    int plane = shape.height * shape.width;\n"
    "\n"
    "    if (x != y)\n"
    "        memcpy(y, x, (size_t)(shape.channels * plane) * sizeof *y);\n"
    "    for (int c = 0; c < shape.channels; c++, y += plane)\n"
    "        for (int i = 0; i < plane; i++)\n"
    "            y[i] = (y[i] - mean[c]) * slope[c] + shift[c];\n"
    "}\n";

const char c_text_concat[] =
    "/* The channels of both, one behind the other. */\n"
    "static void concat(const float *a, int count_a, const float *b, int count_b, float *y)\n"
    "{\n"
    "    memcpy(y, a, (size_t)count_a * sizeof *y);\n"
    "    memcpy(y + count_a, b, (size_t)count_b * sizeof *y);\n"
    "}\n";

const char c_text_copy[] = "static void copy(const float *x, int count, float *y)\n"
                           "{\n"
                           "    memcpy(y, x, (size_t)count * sizeof *y);\n"
                           "}\n";

const char c_text_dense[] =
    "/* Outputs that are computed side by side. */\n"
    "enum { OUTPUTS = 4 };\n"
    "\n"
    "/* Each output a weighted sum of all inputs. */\n"
    "static void dense(const float *x, int inputs, const float *weights, const float *bias,\n"
    "                  int outputs, float *y)\n"
    "{\n"
    "    for (int o = 0, count; o < outputs; o += count, weights += count * inputs) {\n"
    "        sum_type sums[OUTPUTS] = {0, 0, 0, 0};\n"
    "        count = outputs - o < OUTPUTS ? 1 : OUTPUTS;\n"
    "        if (count == OUTPUTS)\n"
    "            for (int i = 0; i < inputs; i++)\n"
    "                for (int k = 0; k < OUTPUTS; k++)\n"
    "                    sums[k] += (sum_type)x[i] * (sum_type)weights[k * inputs + i];\n"
    "        else\n"
    "            for (int i = 0; i < inputs; i++)\n"
    "                sums[0] += (sum_type)x[i] * (sum_type)weights[i];\n"
    "        for (int k = 0; k < count; k++)\n"
    "            y[o + k] = (float)((sum_type)(bias ? bias[o + k] : 0.0F) + sums[k]);\n"
    "    }\n"
    "}\n";

const char c_text_gelu[] =
    "/* The normal distribution, from its density (Abramowitz, Stegun 1964, 26.2.17). */\n"
    "static float distribution(float x)\n"
    "{\n"
    "    float density = 0.398942280F * exponential(-0.5F * (x * x));\n"
    "    float t = 1.0F / (1.0F + 0.2316419F * fabsf(x)), tail = 1.330274429F;\n"
    "\n"
    "    tail = tail * t - 1.821255978F;\n"
    "    tail = tail * t + 1.781477937F;\n"
    "    tail = tail * t - 0.356563782F;\n"
    "    tail = tail * t + 0.319381530F;\n"
    "    tail *= t * density;\n"
    "    return x < 0.0F ? tail : 1.0F - tail;\n"
    "}\n"
    "\n"
    "static void gelu(const float *x, int count, float *y)\n"
    "{\n"
    "    for (int i = 0; i < count; i++)\n"
    "        y[i] = x[i] * distribution(x[i]);\n"
    "}\n";

const char c_text_global_avgpool[] =
    "/* The mean of each channel, summed up in eight parts. */\n"
    "static void global_avgpool(const float *x, struct shape in, float *y)\n"
    "{\n"
    "    int plane = in.height * in.width;\n"
    "\n"
    "    for (int c = 0; c < in.channels; c++, x += plane) {\n"
    "        sum_type s[8] = {0, 0, 0, 0, 0, 0, 0, 0};\n"
    "        for (int i = 0; i < plane; i++)\n"
    "            s[i % 8] += (sum_type)x[i];\n"
    "        y[c] = (float)((((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))) /\n"
    "                       (sum_type)plane);\n"
    "    }\n"
    "}\n";

const char c_text_leaky_relu[] =
    "static void leaky_relu(const float *x, int count, float slope, float *y)\n"
    "{\n"
    "    for (int i = 0; i < count; i++)\n"
    "        y[i] = x[i] < 0.0F ? x[i] * slope : x[i];\n"
    "}\n";

const char c_text_relu[] = "static void relu(const float *x, int count, float *y)\n"
                           "{\n"
                           "    if (x != y)\n"
                           "        memcpy(y, x, (size_t)count * sizeof *y);\n"
                           "    for (int i = 0; i < count; i++)\n"
                           "        y[i] = y[i] < 0.0F ? 0.0F : y[i];\n"
                           "}\n";

const char c_text_rescale[] =
    "/* Normalised numbers in their unit. */\n"
    "static void rescale(const float *x, struct shape shape, const float *scale,\n"
    "                    const float *offset, float *y)\n"
    "{\n"
    "    for (int c = 0; c < shape.channels; c++)\n"
    "        for (int i = 0; i < shape.height * shape.width; i++) {\n"
    "            *y++ = scale[c] * *x + offset[c];\n"
    "            x++;\n"
    "        }\n"
    "}\n";

const char c_text_scale[] = "static void scale(const float *x, int count, float factor, float *y)\n"
                            "{\n"
                            "    for (int i = 0; i < count; i++)\n"
                            "        y[i] = factor * x[i];\n"
                            "}\n";

const char c_text_sigmoid[] = "static void sigmoid(const float *x, int count, float *y)\n"
                              "{\n"
                              "    for (int i = 0; i < count; i++)\n"
                              "        y[i] = logistic(x[i]);\n"
                              "}\n";

const char c_text_silu[] = "static void silu(const float *x, int count, float *y)\n"
                           "{\n"
                           "    for (int i = 0; i < count; i++)\n"
                           "        y[i] = x[i] * logistic(x[i]);\n"
                           "}\n";

const char c_text_softmax[] =
    "/* Scores as probabilities: over the channels of each pixel. */\n"
    "static void softmax(const float *x, struct shape shape, float *y)\n"
    "{\n"
    "    int plane = shape.height * shape.width, count = shape.channels * plane;\n"
    "\n"
    "    for (int p = 0; p < plane; p++) {\n"
    "        float most = x[p], sum = 0.0F;\n"
    "        for (int i = p; i < count; i += plane)\n"
    "            if (x[i] > most)\n"
    "                most = x[i];\n"
    "        for (int i = p; i < count; i += plane) {\n"
    "            y[i] = exponential(x[i] - most);\n"
    "            sum += y[i];\n"
    "        }\n"
    "        sum = 1.0F / sum;\n"
    "        for (int i = p; i < count; i += plane)\n"
    "            y[i] *= sum;\n"
    "    }\n"
    "}\n";
